/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The type NiceUdpMux: a name, properties and counts for sockets that agents share. It
 * decides nothing about who gets which datagram. */
#include "config.h"

#include "udpmux.h"

#include "agent-core.h"

struct _NiceUdpMux
{
  GObject parent_instance;

  GMainContext *context;
  guint port;
  gboolean is_sharded;
  NiceMux *mux;
};

enum
{
  PROP_MAIN_CONTEXT = 1,
  PROP_PORT,
  PROP_SHARDED,
  PROP_N_SESSIONS,
  PROP_N_SOCKETS,
  PROP_RECEIVED,
  PROP_DROPPED,
  PROP_UNROUTABLE,
  N_PROPS
};

G_DEFINE_TYPE (NiceUdpMux, nice_udp_mux, G_TYPE_OBJECT)

NiceMux *
nice_udp_mux_get_mux (NiceUdpMux *self)
{
  return self->mux;
}

/* --- Properties --- */

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  NiceUdpMux *self = NICE_UDP_MUX (object);

  switch (id)
    {
    case PROP_MAIN_CONTEXT:
      if (g_value_get_pointer (value) != NULL)
        self->context = g_main_context_ref (g_value_get_pointer (value));
      break;
    case PROP_PORT:
      self->port = g_value_get_uint (value);
      break;
    case PROP_SHARDED:
      self->is_sharded = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
get_count (NiceUdpMux *self, guint id, GValue *value)
{
  NiceMuxCounts counts;

  nice_mux_get_counts (self->mux, &counts);
  switch (id)
    {
    case PROP_N_SESSIONS:
      g_value_set_uint (value, counts.n_sessions);
      break;
    case PROP_N_SOCKETS:
      g_value_set_uint (value, counts.n_sockets);
      break;
    case PROP_RECEIVED:
      g_value_set_uint64 (value, counts.received);
      break;
    case PROP_DROPPED:
      g_value_set_uint64 (value, counts.dropped);
      break;
    default:
      g_value_set_uint64 (value, counts.unroutable);
    }
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  NiceUdpMux *self = NICE_UDP_MUX (object);

  switch (id)
    {
    case PROP_MAIN_CONTEXT:
      g_value_set_pointer (value, self->context);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->port);
      break;
    case PROP_SHARDED:
      g_value_set_boolean (value, self->is_sharded);
      break;
    default:
      get_count (self, id, value);
    }
}

static void
install_settings (GObjectClass *klass)
{
  const GParamFlags flags =
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * NiceUdpMux:main-context:
   *
   * The `GMainContext` that the sockets are read in; %NULL is the default one. With
   * [property@Nice.UdpMux:sharded] only those that [method@Nice.UdpMux.open] opens.
   *
   * Since: icecold 1.0
   */
  g_object_class_install_property (
      klass, PROP_MAIN_CONTEXT,
      g_param_spec_pointer ("main-context", NULL, "Where sockets are read", flags));
  /**
   * NiceUdpMux:port:
   *
   * The port of all sockets, 0 for any free one, which then differs from address to
   * address. Second components have the next one, and so on.
   *
   * Since: icecold 1.0
   */
  g_object_class_install_property (
      klass, PROP_PORT,
      g_param_spec_uint ("port", NULL, "Port of the sockets", 0, 65535, 0, flags));
  /**
   * NiceUdpMux:sharded:
   *
   * Whether each main context that agents live in has a socket of its own at the same
   * port (`SO_REUSEPORT`), so that several threads receive. All these contexts have to be
   * iterated.
   *
   * Since: icecold 1.0
   */
  g_object_class_install_property (
      klass, PROP_SHARDED,
      g_param_spec_boolean ("sharded", NULL, "Whether each context has a socket", FALSE,
                            flags));
}

static void
install_counts (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * NiceUdpMux:n-sessions:
   *
   * How many sessions there are: one for each component and address.
   *
   * Since: icecold 1.0
   */
  g_object_class_install_property (
      klass, PROP_N_SESSIONS,
      g_param_spec_uint ("n-sessions", NULL, "Sessions", 0, G_MAXUINT, 0, flags));
  /**
   * NiceUdpMux:n-sockets:
   *
   * How many sockets are open.
   *
   * Since: icecold 1.0
   */
  g_object_class_install_property (
      klass, PROP_N_SOCKETS,
      g_param_spec_uint ("n-sockets", NULL, "Sockets", 0, G_MAXUINT, 0, flags));
  /**
   * NiceUdpMux:received:
   *
   * How many datagrams found their session.
   *
   * Since: icecold 1.0
   */
  g_object_class_install_property (
      klass, PROP_RECEIVED,
      g_param_spec_uint64 ("received", NULL, "Received", 0, G_MAXUINT64, 0, flags));
  /**
   * NiceUdpMux:dropped:
   *
   * How many datagrams were some session's that did not get them: because it had no room
   * left, or because two sessions have a peer of the same address, whose data cannot be
   * told apart.
   *
   * Since: icecold 1.0
   */
  g_object_class_install_property (
      klass, PROP_DROPPED,
      g_param_spec_uint64 ("dropped", NULL, "Dropped", 0, G_MAXUINT64, 0, flags));
  /**
   * NiceUdpMux:unroutable:
   *
   * How many datagrams were nobody's.
   *
   * Since: icecold 1.0
   */
  g_object_class_install_property (
      klass, PROP_UNROUTABLE,
      g_param_spec_uint64 ("unroutable", NULL, "Nobody's", 0, G_MAXUINT64, 0, flags));
}

/* --- Life --- */

static void
nice_udp_mux_init (NiceUdpMux *self)
{
}

static void
constructed (GObject *object)
{
  NiceUdpMux *self = NICE_UDP_MUX (object);

  G_OBJECT_CLASS (nice_udp_mux_parent_class)->constructed (object);
  self->mux = nice_mux_new (self->context, self->port, self->is_sharded);
}

static void
finalize (GObject *object)
{
  NiceUdpMux *self = NICE_UDP_MUX (object);

  nice_mux_unref (self->mux);
  g_clear_pointer (&self->context, g_main_context_unref);
  G_OBJECT_CLASS (nice_udp_mux_parent_class)->finalize (object);
}

static void
nice_udp_mux_class_init (NiceUdpMuxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = constructed;
  object_class->finalize = finalize;
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  install_settings (object_class);
  install_counts (object_class);
}

/**
 * nice_udp_mux_new:
 * @context: (nullable): the main context that the sockets are read in; %NULL for the
 *   default one
 * @port: the port of all sockets, up to 65535; 0 for any free one
 *
 * Makes a mux. Its sockets are opened when the first agent gathers candidates on their
 * address, and closed with the last session there.
 *
 * Returns: (transfer full): the mux
 *
 * Since: icecold 1.0
 */
NiceUdpMux *
nice_udp_mux_new (GMainContext *context, guint port)
{
  g_return_val_if_fail (port <= G_MAXUINT16, NULL);

  return g_object_new (NICE_TYPE_UDP_MUX, "main-context", context, "port", port, NULL);
}

/**
 * nice_udp_mux_open:
 * @mux: a mux
 * @address: an address of this host, whose port is ignored, and is set to that of the
 *   socket
 * @error: (nullable): where to put the reason of a failure
 *
 * Opens the socket at @address now, and keeps it open as long as @mux lives. Meant for
 * servers that want to know early whether their port is free: otherwise an agent that
 * cannot have the socket has no host candidate there.
 *
 * Fails with %G_IO_ERROR_ADDRESS_IN_USE when another socket has the port, and with what
 * the system says otherwise.
 *
 * Returns: %TRUE if the socket is open
 *
 * Since: icecold 1.0
 */
gboolean
nice_udp_mux_open (NiceUdpMux *mux, NiceAddress *address, GError **error)
{
  g_return_val_if_fail (NICE_IS_UDP_MUX (mux), FALSE);
  g_return_val_if_fail (address != NULL && nice_address_is_valid (address), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return nice_mux_open (mux->mux, address, error);
}

/**
 * nice_agent_get_udp_mux_counts:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @received: (out) (optional): set to how many datagrams the component got from
 *   [property@Nice.Agent:udp-mux], STUN included
 * @dropped: (out) (optional): set to how many were its own and it did not get, as
 *   [property@Nice.UdpMux:dropped]
 *
 * Counts what a component's share of the mux is.
 *
 * Returns: %TRUE if set; %FALSE if the component has no candidate on a mux
 *
 * Since: icecold 1.0
 */
gboolean
nice_agent_get_udp_mux_counts (NiceAgent *agent, guint stream_id, guint component_id,
                               guint64 *received, guint64 *dropped)
{
  NiceMuxCounts counts;

  nice_check_component (agent, stream_id, component_id, FALSE);

  if (!nice_driver_get_mux_counts (agent->driver, stream_id, component_id, &counts))
    return FALSE;
  if (received != NULL)
    *received = counts.received;
  if (dropped != NULL)
    *dropped = counts.dropped;
  return TRUE;
}
