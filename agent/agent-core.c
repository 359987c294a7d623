/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The type NiceAgent: how one comes to life and goes, and the way of every other file of
 * the shell into the engine. It decides nothing about ICE (RFC 8445): arguments are
 * checked where a function is, everything else is the engine's. */
#include "config.h"

#include "agent-core.h"
#include "debug-core.h"
#include "ice/trace.h"
#include "stun/debug.h"

#include <libintl.h>
#include <string.h>

G_STATIC_ASSERT ((int)NICE_COMPONENT_STATE_DISCONNECTED
                 == (int)ICE_COMPONENT_DISCONNECTED);
G_STATIC_ASSERT ((int)NICE_COMPONENT_STATE_GATHERING == (int)ICE_COMPONENT_GATHERING);
G_STATIC_ASSERT ((int)NICE_COMPONENT_STATE_CONNECTING == (int)ICE_COMPONENT_CONNECTING);
G_STATIC_ASSERT ((int)NICE_COMPONENT_STATE_CONNECTED == (int)ICE_COMPONENT_CONNECTED);
G_STATIC_ASSERT ((int)NICE_COMPONENT_STATE_READY == (int)ICE_COMPONENT_READY);
G_STATIC_ASSERT ((int)NICE_COMPONENT_STATE_FAILED == (int)ICE_COMPONENT_FAILED);
G_STATIC_ASSERT ((int)NICE_NOMINATION_MODE_REGULAR == (int)ICE_NOMINATION_REGULAR);
G_STATIC_ASSERT ((int)NICE_NOMINATION_MODE_AGGRESSIVE == (int)ICE_NOMINATION_AGGRESSIVE);
G_STATIC_ASSERT ((int)NICE_COMPATIBILITY_RFC5245 == (int)ICE_DIALECT_RFC5245);
G_STATIC_ASSERT ((int)NICE_COMPATIBILITY_GOOGLE == (int)ICE_DIALECT_GOOGLE);
G_STATIC_ASSERT ((int)NICE_COMPATIBILITY_MSN == (int)ICE_DIALECT_MSN);
G_STATIC_ASSERT ((int)NICE_COMPATIBILITY_WLM2009 == (int)ICE_DIALECT_WLM2009);
G_STATIC_ASSERT ((int)NICE_COMPATIBILITY_OC2007 == (int)ICE_DIALECT_OC2007);
G_STATIC_ASSERT ((int)NICE_COMPATIBILITY_OC2007R2 == (int)ICE_DIALECT_OC2007R2);

G_DEFINE_TYPE (NiceAgent, nice_agent, G_TYPE_OBJECT)

static void
shell_event (gpointer data, const IceEvent *event)
{
  nice_agent_queue_event (data, event);
}

static void
shell_emit (gpointer data)
{
  nice_agent_emit (data);
}

static void
shell_parted (gpointer data)
{
  nice_agent_finish_closing (data);
}

static void
shell_writable (gpointer data, guint stream_id, guint component_id)
{
  NiceAgent *self = data;
  g_autoptr (NiceReliable) reliable =
      nice_agent_dup_reliable (self, stream_id, component_id);

  if (reliable != NULL)
    {
      nice_reliable_handle_room (reliable);
      return;
    }
  nice_agent_queue_writable (self, stream_id, component_id);
  nice_agent_emit (self);
}

static void
shell_network_changed (gpointer data)
{
  nice_agent_gather_again (data);
}

static void
shell_trace (gpointer data, gint64 now, const gchar *line)
{
  if (g_str_has_prefix (line, ICE_TRACE_MESSAGE))
    stun_debug ("Agent %p: %s", data, line);
  else if (nice_debug_is_enabled ())
    g_debug ("Agent %p: %s", data, line);
}

/* The second one for agents that are made while debugging output is on. */
static const NiceDriverShell shell = {
  shell_event, shell_emit, NULL, shell_parted, shell_writable, shell_network_changed
};
static const NiceDriverShell talking_shell = { shell_event,    shell_emit,
                                               shell_trace,    shell_parted,
                                               shell_writable, shell_network_changed };

IceEngine *
nice_agent_enter (NiceAgent *self, gint64 *now)
{
  g_object_ref (self);
  return nice_driver_enter (self->driver, now);
}

void
nice_agent_leave (NiceAgent *self)
{
  nice_driver_leave (self->driver);
  g_object_unref (self);
}

/* Bindings refuse errors that are no UTF-8, and nobody reads longer ones. */
#define MAX_QUOTED 200

gchar *
nice_agent_quote (const gchar *text)
{
  const gsize size = strnlen (text, MAX_QUOTED);
  g_autofree gchar *valid = g_utf8_make_valid (text, (gssize)size);

  return g_strconcat (valid, text[size] != '\0' ? "…" : "", NULL);
}

/* The protocol of reliable agents sends in batches by itself. */
static void
nice_agent_set_coalescing (NiceAgent *self)
{
  nice_driver_set_coalescing (
      self->driver, self->settings.reliable ? 0 : self->settings.send_coalescing_time);
}

void
nice_agent_update_config (NiceAgent *self, IceEngine *engine, gint64 now)
{
  IceConfig config;
  NiceRoads roads;

  nice_agent_fill_config (self, &config);
  ice_engine_set_config (engine, &config, now);
  nice_agent_fill_roads (self, &roads);
  nice_driver_set_roads (self->driver, &roads);
  nice_agent_set_coalescing (self);
}

/* --- Life --- */

static void
nice_agent_init (NiceAgent *self)
{
  nice_agent_settings_init (&self->settings);
  nice_agent_signals_init (&self->signals);
}

static void
free_streams (IceList *streams)
{
  for (guint i = 0; i < streams->len; i++)
    nice_agent_stream_free (ice_list_get (streams, i));
  ice_list_clear (streams);
}

static void
nice_agent_constructed (GObject *object)
{
  NiceAgent *self = NICE_AGENT (object);
  IceConfig config;
  NiceRoads roads;

  G_OBJECT_CLASS (nice_agent_parent_class)->constructed (object);
  nice_agent_fill_config (self, &config);
  self->driver =
      nice_driver_new (object, nice_debug_may_talk () ? &talking_shell : &shell,
                       self->settings.main_context, &config);
  nice_agent_fill_roads (self, &roads);
  nice_driver_set_roads (self->driver, &roads);
  nice_agent_set_coalescing (self);
  if (self->settings.recv_tos)
    nice_driver_want_tos (self->driver);
  if (self->settings.udp_mux != NULL)
    nice_driver_set_mux (self->driver, nice_udp_mux_get_mux (self->settings.udp_mux));
}

static void
nice_agent_dispose (GObject *object)
{
  nice_driver_disown (NICE_AGENT (object)->driver);
  G_OBJECT_CLASS (nice_agent_parent_class)->dispose (object);
}

static void
nice_agent_finalize (GObject *object)
{
  NiceAgent *self = NICE_AGENT (object);

  g_clear_pointer (&self->driver, nice_driver_free);
  free_streams (&self->streams);
  free_streams (&self->leaving);
  g_clear_pointer (&self->local_addresses, g_array_unref);
  g_clear_pointer (&self->mdns, nice_mdns_free);
  nice_agent_filter_unref (self->filter);
#ifdef HAVE_GUPNP_IGD
  g_clear_pointer (&self->upnp, nice_upnp_release);
#endif
  nice_agent_signals_clear (&self->signals);
  g_free (self->software);
  nice_agent_settings_clear (&self->settings);
  G_OBJECT_CLASS (nice_agent_parent_class)->finalize (object);
}

static void
nice_agent_class_init (NiceAgentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = nice_agent_constructed;
  object_class->dispose = nice_agent_dispose;
  object_class->finalize = nice_agent_finalize;
  nice_agent_install_properties (object_class);
  nice_agent_install_signals (object_class);
  nice_debug_init ();
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

/**
 * nice_agent_new:
 * @ctx: (nullable): the main context of timers and of sockets that nobody reads in
 *   another one; %NULL for the default one
 * @compat: the dialect of ICE
 *
 * Makes an agent with the default options.
 *
 * Returns: (transfer full): the agent
 */
NiceAgent *
nice_agent_new (GMainContext *ctx, NiceCompatibility compat)
{
  return nice_agent_new_full (ctx, compat, NICE_AGENT_OPTION_NONE);
}

/**
 * nice_agent_new_reliable:
 * @ctx: (nullable): the main context, as for [ctor@Nice.Agent.new]
 * @compat: the dialect of ICE
 *
 * Makes an agent whose components are reliable byte streams: over UDP with the protocol
 * of [class@Nice.PseudoTcpSocket], over TCP as they are.
 *
 * Returns: (transfer full): the agent
 *
 * Since: 0.0.11
 */
NiceAgent *
nice_agent_new_reliable (GMainContext *ctx, NiceCompatibility compat)
{
  return nice_agent_new_full (ctx, compat, NICE_AGENT_OPTION_RELIABLE);
}

/**
 * nice_agent_new_full:
 * @ctx: (nullable): the main context, as for [ctor@Nice.Agent.new]
 * @compat: the dialect of ICE
 * @flags: options; each sets the property of the same meaning
 *
 * Makes an agent.
 *
 * Returns: (transfer full): the agent
 *
 * Since: 0.1.15
 */
NiceAgent *
nice_agent_new_full (GMainContext *ctx, NiceCompatibility compat, NiceAgentOption flags)
{
  return g_object_new (
      NICE_TYPE_AGENT, "main-context", ctx, "compatibility", (guint)compat, "reliable",
      (flags & NICE_AGENT_OPTION_RELIABLE) != 0, "nomination-mode",
      (flags & NICE_AGENT_OPTION_REGULAR_NOMINATION) != 0
          ? NICE_NOMINATION_MODE_REGULAR
          : NICE_NOMINATION_MODE_AGGRESSIVE,
      "full-mode", (flags & NICE_AGENT_OPTION_LITE_MODE) == 0, "ice-trickle",
      (flags & NICE_AGENT_OPTION_ICE_TRICKLE) != 0, "support-renomination",
      (flags & NICE_AGENT_OPTION_SUPPORT_RENOMINATION) != 0, "consent-freshness",
      (flags & NICE_AGENT_OPTION_CONSENT_FRESHNESS) != 0, "bytestream-tcp",
      (flags & NICE_AGENT_OPTION_BYTESTREAM_TCP) != 0, "close-forced",
      (flags & NICE_AGENT_OPTION_CLOSE_FORCED) != 0, "recv-tos",
      (flags & NICE_AGENT_OPTION_RECV_TOS) != 0, NULL);
}

/**
 * nice_agent_set_software:
 * @agent: an agent
 * @software: (nullable): name and version of the program; %NULL for none
 *
 * Sets what the SOFTWARE attribute of STUN messages says: @software, a slash and the name
 * and version of this library, cut at 127 bytes (RFC 8489 section 14.14). Without,
 * messages do not carry the attribute. @software is copied.
 *
 * Since: 0.0.10
 */
void
nice_agent_set_software (NiceAgent *agent, const gchar *software)
{
  gint64 now;
  IceEngine *engine;

  g_return_if_fail (NICE_IS_AGENT (agent));

  engine = nice_agent_enter (agent, &now);
  g_free (agent->software);
  agent->software =
      software != NULL ? g_strdup_printf ("%s/%s", software, PACKAGE_STRING) : NULL;
  nice_agent_update_config (agent, engine, now);
  nice_agent_leave (agent);
}

/**
 * nice_component_state_to_string:
 * @state: a state
 *
 * Names a state, for people.
 *
 * Returns: (transfer none): the name of @state, for people: `disconnected`, `gathering`,
 *   `connecting`, `connected`, `ready` or `failed`
 *
 * Since: 0.1.6
 */
const gchar *
nice_component_state_to_string (NiceComponentState state)
{
  static const gchar *const names[] = { "disconnected", "gathering", "connecting",
                                        "connected",    "ready",     "failed" };

  if ((guint)state < G_N_ELEMENTS (names))
    return names[state];
  return "invalid";
}
