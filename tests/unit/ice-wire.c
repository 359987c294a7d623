/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two engines on an ideal wire in virtual time. */
#include "config.h"

#include "ice-wire.h"

#include "stun/attributes.h"

/* Far more than any input leads to. */
#define MAX_POLLED 20000

typedef struct
{
  gint64 arrival;
  IceWireEnd *to;
  IceBaseId base;
  NiceAddress from;
  gsize size;
  guint8 data[];
} Packet;

static const gchar *const states[] = { "disconnected", "gathering", "connecting",
                                       "connected",    "ready",     "failed" };

static void
make_random (gpointer data, guint8 *dest, gsize len)
{
  IceWireEnd *end = data;

  for (gsize i = 0; i < len; i++)
    {
      end->random = end->random * G_GUINT64_CONSTANT (6364136223846793005) + 1442695041;
      dest[i] = end->random >> 56;
    }
}

static void
trace (gpointer data, gint64 now, const gchar *line)
{
  IceWireEnd *end = data;

  if (g_getenv ("ICE_WIRE_TRACE") != NULL)
    g_printerr ("%s %" G_GINT64_FORMAT " %s\n", end->name, now, line);
}

static void
init_end (IceWire *wire, guint i, const IceConfig *config)
{
  static const gchar *const names[] = { "a", "b" };
  IceWireEnd *self = &wire->ends[i];
  IceEnv env = { .random = make_random, .trace = trace, .data = self };

  self->wire = wire;
  self->name = names[i];
  self->host = i + 1;
  self->random = 1000 + i;
  self->first_sent = -1;
  self->candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  self->bases = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->links = g_hash_table_new (NULL, NULL);
  self->engine = ice_engine_new (config, &env, wire->now);
}

NiceAddress
ice_wire_make_address (const gchar *host, guint port)
{
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, host));
  nice_address_set_port (&address, port);
  return address;
}

void
ice_wire_make_configs (IceConfig *a, IceConfig *b, IceNominationMode mode)
{
  ice_config_init (a);
  a->nomination = mode;
  a->ice_tcp = FALSE;
  *b = *a;
  b->controlling = FALSE;
}

void
ice_wire_init (IceWire *self, const IceConfig *a, const IceConfig *b, gint64 delay)
{
  memset (self, 0, sizeof *self);
  self->delay = delay;
  self->n_addresses = 1;
  self->log = g_string_new (NULL);
  init_end (self, 0, a);
  init_end (self, 1, b);
}

void
ice_wire_init_served (IceWire *self, const IceConfig *config, IceWireFilter serve,
                      IceWireNeed need)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  if (config != NULL)
    a = *config;
  ice_wire_init (self, &a, &b, MS);
  self->filter = serve;
  self->filter_data = self;
  self->need = need;
  ice_wire_add_stream (self, 1);
}

void
ice_wire_answer_binding (IceWireEnd *from, const IceTransmit *request)
{
  guint8 buffer[200];
  StunView view;
  StunWriter writer;
  NiceAddress mapped, server = request->to;

  g_assert_cmpint (
      stun_view_parse (&view, request->data, request->size, STUN_WIRE_NORMAL), ==,
      STUN_RULE_KEPT);
  nice_address_init (&mapped);
  nice_address_set_ipv4 (&mapped, 0xc0000201);
  nice_address_set_port (&mapped, 2000 + request->base);
  stun_writer_init_reply (&writer, buffer, sizeof buffer, STUN_CLASS_SUCCESS, &view);
  stun_attr_write_xor_address (&writer, STUN_ATTR_XOR_MAPPED_ADDRESS,
                               (const StunAddress *)&mapped);
  ice_engine_handle_packet (from->engine, request->base, &server, buffer,
                            stun_writer_end (&writer), from->wire->now);
}

void
ice_wire_clear (IceWire *self)
{
  g_queue_clear_full (&self->packets, g_free);
  for (guint i = 0; i < 2; i++)
    {
      ice_engine_free (self->ends[i].engine);
      g_array_unref (self->ends[i].candidates);
      g_hash_table_unref (self->ends[i].bases);
      g_hash_table_unref (self->ends[i].links);
    }
  g_string_free (self->log, TRUE);
}

static void
log_line (IceWireEnd *end, const gchar *format, ...)
{
  va_list args;

  g_string_append_printf (end->wire->log, "%s +%" G_GINT64_FORMAT " ", end->name,
                          end->wire->now);
  va_start (args, format);
  g_string_append_vprintf (end->wire->log, format, args);
  va_end (args);
  g_string_append_c (end->wire->log, '\n');
}

static gboolean
find_base (gpointer key, gpointer value, gpointer data)
{
  return nice_address_equal (value, data);
}

/* The base at that address; 0: none. */
static IceBaseId
get_base_at (IceWireEnd *end, NiceAddress *address)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, end->bases);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (find_base (key, value, address))
      return GPOINTER_TO_UINT (key);
  return 0;
}

static void
add_base (IceWireEnd *end, IceBaseId id, const NiceAddress *local)
{
  g_hash_table_insert (end->bases, GUINT_TO_POINTER (id),
                       g_memdup2 (local, sizeof *local));
}

/* Connections are there at once. */
static gboolean
connect_tcp (IceWireEnd *end, const IceBaseRequest *request, const NiceAddress *local)
{
  IceWireEnd *other = &end->wire->ends[end == &end->wire->ends[0]];
  NiceAddress remote = request->remote;
  IceBaseId listener = get_base_at (other, &remote), accepted = 0;

  if (listener != 0)
    accepted = ice_engine_handle_accept (other->engine, listener, local, end->wire->now);
  if (accepted == 0)
    return FALSE;
  add_base (end, request->id, local);
  add_base (other, accepted, &remote);
  g_hash_table_insert (end->links, GUINT_TO_POINTER (request->id),
                       GUINT_TO_POINTER (accepted));
  g_hash_table_insert (other->links, GUINT_TO_POINTER (accepted),
                       GUINT_TO_POINTER (request->id));
  return TRUE;
}

static void
answer_need (IceWireEnd *end, const IceBaseRequest *request)
{
  IceBaseResult result = { .error = ICE_REASON_NONE, .local = request->local };

  if (end->wire->need != NULL && end->wire->need (end, request))
    return;
  nice_address_init (&result.mapped);
  nice_address_set_port (&result.local, 1000 + request->id);
  if (request->kind == ICE_BASE_UDP || request->kind == ICE_BASE_TCP_LISTEN)
    add_base (end, request->id, &result.local);
  else if (!connect_tcp (end, request, &result.local))
    result.error = ICE_REASON_REFUSED;
  ice_engine_handle_base (end->engine, request->id, &result, end->wire->now);
}

static void
log_selected (IceWireEnd *end, const IceEvent *event)
{
  gchar local[NICE_ADDRESS_STRING_LEN], remote[NICE_ADDRESS_STRING_LEN];

  nice_address_to_string (&event->selected.local.addr, local);
  nice_address_to_string (&event->selected.remote.addr, remote);
  log_line (end, "selected %u.%u %s:%u %s:%u", event->stream_id, event->component_id,
            local, nice_address_get_port (&event->selected.local.addr), remote,
            nice_address_get_port (&event->selected.remote.addr));
}

/* For longer than the engine does: the other end may be told of it later. */
static void
keep_candidate (IceWireEnd *end, const IceCandidate *candidate)
{
  IceCandidate copy = *candidate;

  copy.username = g_intern_string (copy.username);
  copy.password = g_intern_string (copy.password);
  g_array_append_val (end->candidates, copy);
}

static void
handle_event (IceWireEnd *end, const IceEvent *event)
{
  switch (event->type)
    {
    case ICE_EVENT_NEED_BASE:
      answer_need (end, &event->need_base);
      break;
    case ICE_EVENT_DROP_BASE:
      log_line (end, "drop %u", event->base);
      g_hash_table_remove (end->bases, GUINT_TO_POINTER (event->base));
      break;
    case ICE_EVENT_NEED_ADDRESSES:
      log_line (end, "resolve %u", event->server);
      break;
    case ICE_EVENT_DOUBT:
      log_line (end, "doubt %u", event->base);
      break;
    case ICE_EVENT_NEED_PERMISSION:
      log_line (end, "permission %u", event->path.base);
      break;
    case ICE_EVENT_LOCAL_CANDIDATE:
      keep_candidate (end, &event->candidate);
      log_line (end, "candidate %u.%u %s", event->stream_id, event->component_id,
                event->candidate.foundation);
      break;
    case ICE_EVENT_REMOTE_CANDIDATE:
      log_line (end, "remote %u.%u %s", event->stream_id, event->component_id,
                event->candidate.foundation);
      break;
    case ICE_EVENT_GATHERING_DONE:
      log_line (end, "gathered %u", event->stream_id);
      break;
    case ICE_EVENT_INITIAL_BINDING:
      log_line (end, "binding %u", event->stream_id);
      break;
    case ICE_EVENT_DATA_PATH:
      log_line (end, "data %u.%u %u", event->stream_id, event->component_id,
                event->path.base);
      break;
    case ICE_EVENT_SELECTED_PAIR:
      log_selected (end, event);
      break;
    case ICE_EVENT_COMPONENT_STATE:
      log_line (end, "state %u.%u %s", event->stream_id, event->component_id,
                states[event->state.state]);
      if (event->state.state == ICE_COMPONENT_FAILED)
        log_line (end, "reason %u.%u %u", event->stream_id, event->component_id,
                  event->state.reason);
      break;
    case ICE_EVENT_CONSENT:
      log_line (end, "consent %u.%u %d", event->stream_id, event->component_id,
                event->consent);
      break;
    default: /* paths that are valid: nobody looks at them here */
      break;
    }
}

static void
deliver (IceWireEnd *to, IceBaseId base, const NiceAddress *from,
         const IceTransmit *message)
{
  Packet *packet = g_malloc (sizeof *packet + message->size);

  *packet = (Packet) { .arrival = to->wire->now + to->wire->delay,
                       .to = to,
                       .base = base,
                       .from = *from,
                       .size = message->size };
  memcpy (packet->data, message->data, message->size);
  g_queue_push_tail (&to->wire->packets, packet);
}

static void
transmit (IceWireEnd *end, const IceTransmit *message)
{
  IceWire *wire = end->wire;
  NiceAddress to = message->to;
  gpointer key = GUINT_TO_POINTER (message->base);
  const NiceAddress *from = g_hash_table_lookup (end->bases, key);
  IceBaseId linked = GPOINTER_TO_UINT (g_hash_table_lookup (end->links, key));

  g_assert_nonnull (from);
  end->n_sent++;
  if (end->first_sent < 0)
    end->first_sent = wire->now;
  if (wire->filter != NULL && wire->filter (end, message, wire->now, wire->filter_data))
    return;
  for (guint i = 0; i < 2; i++)
    {
      IceWireEnd *other = &wire->ends[i];
      IceBaseId base = linked != 0 ? linked : get_base_at (other, &to);

      if (base != 0 && (linked == 0 || other != end))
        deliver (other, base, from, message);
    }
}

/* Polls come to an end. */
void
ice_wire_drain (IceWire *self)
{
  guint n_polled = 0;

  for (guint i = 0; i < 2; i++)
    {
      IceWireEnd *end = &self->ends[i];
      IceTransmit message;
      IceEvent event;
      gboolean more;

      do
        {
          more = FALSE;
          while (ice_engine_poll_transmit (end->engine, &message))
            {
              g_assert_cmpuint (n_polled++, <, MAX_POLLED);
              transmit (end, &message);
            }
          while (ice_engine_poll_event (end->engine, &event))
            {
              g_assert_cmpuint (n_polled++, <, MAX_POLLED);
              handle_event (end, &event);
              more = TRUE;
            }
        }
      while (more);
    }
}

static gint64
next_time (IceWire *self)
{
  const Packet *first = g_queue_peek_head (&self->packets);
  gint64 next = first != NULL ? first->arrival : ICE_NEVER;

  for (guint i = 0; i < 2; i++)
    next = MIN (next, ice_engine_get_deadline (self->ends[i].engine));
  return next;
}

void
ice_wire_run_until (IceWire *self, gint64 time)
{
  gint64 next;

  while ((next = next_time (self)) <= time)
    {
      Packet *packet;

      g_assert_cmpint (next, >=, self->now);
      self->now = next;
      while ((packet = g_queue_peek_head (&self->packets)) != NULL
             && packet->arrival == next)
        {
          g_queue_pop_head (&self->packets);
          ice_engine_handle_packet (packet->to->engine, packet->base, &packet->from,
                                    packet->data, packet->size, next);
          ice_wire_drain (self);
          g_free (packet);
        }
      for (guint i = 0; i < 2; i++)
        if (ice_engine_get_deadline (self->ends[i].engine) <= next)
          ice_engine_handle_timeout (self->ends[i].engine, next);
      ice_wire_drain (self);
      for (guint i = 0; i < 2; i++)
        g_assert_cmpint (ice_engine_get_deadline (self->ends[i].engine), >, next);
    }
  self->now = time;
}

guint
ice_wire_add_stream (IceWire *self, guint n_components)
{
  guint id = ice_engine_add_stream (self->ends[0].engine, n_components, self->now);

  g_assert_cmpuint (ice_engine_add_stream (self->ends[1].engine, n_components, self->now),
                    ==, id);
  return id;
}

void
ice_wire_gather (IceWire *self, guint stream_id)
{
  for (guint i = 0; i < 2; i++)
    {
      NiceAddress addresses[8];

      for (guint j = 0; j < self->n_addresses; j++)
        {
          nice_address_init (&addresses[j]);
          nice_address_set_ipv4 (&addresses[j],
                                 0x0a000000 + (j << 8) + self->ends[i].host);
        }
      g_assert_true (ice_engine_gather (self->ends[i].engine, stream_id, addresses,
                                        self->n_addresses, self->now));
      ice_wire_drain (self);
    }
}

void
ice_wire_swap_credentials (IceWire *self, guint stream_id)
{
  for (guint i = 0; i < 2; i++)
    {
      const gchar *ufrag, *pwd;

      g_assert_true (ice_engine_get_local_credentials (self->ends[i].engine, stream_id,
                                                       &ufrag, &pwd));
      g_assert_true (ice_engine_set_remote_credentials (
          self->ends[1 - i].engine, stream_id, ufrag, pwd, self->now));
      ice_wire_drain (self);
    }
}

void
ice_wire_swap_candidates (IceWire *self, guint stream_id)
{
  for (guint i = 0; i < 2; i++)
    for (guint j = 0; j < self->ends[i].candidates->len; j++)
      {
        const IceCandidate *candidate =
            &g_array_index (self->ends[i].candidates, IceCandidate, j);

        if (candidate->stream_id != stream_id)
          continue;
        ice_engine_add_remote_candidates (self->ends[1 - i].engine, stream_id,
                                          candidate->component_id, candidate, 1,
                                          self->now);
        ice_wire_drain (self);
      }
}

guint
ice_wire_connect (IceWire *self, guint n_components)
{
  guint id = ice_wire_add_stream (self, n_components);

  ice_wire_gather (self, id);
  ice_wire_swap_credentials (self, id);
  ice_wire_swap_candidates (self, id);
  return id;
}

IceComponentState
ice_wire_get_state (IceWire *self, guint end, guint stream_id, guint component_id)
{
  return ice_engine_get_component_state (self->ends[end].engine, stream_id, component_id);
}

void
ice_wire_lose_base (IceWire *self, guint end, IceBaseId base)
{
  g_hash_table_remove (self->ends[end].bases, GUINT_TO_POINTER (base));
  ice_engine_handle_base_error (self->ends[end].engine, base, NULL,
                                ICE_REASON_UNREACHABLE, self->now);
  ice_wire_drain (self);
}

guint
ice_wire_count (const IceWire *self, const gchar *line)
{
  g_auto (GStrv) lines = g_strsplit (self->log->str, "\n", -1);
  guint n = 0;

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    if (lines[i][0] == line[0] && g_str_has_suffix (lines[i], line + 1))
      n++;
  return n;
}

gint64
ice_wire_when (const IceWire *self, const gchar *line)
{
  g_auto (GStrv) lines = g_strsplit (self->log->str, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      gchar *rest;
      gint64 time = g_ascii_strtoll (lines[i] + 2, &rest, 10);

      if (lines[i][0] == line[0] && strcmp (rest, line + 1) == 0)
        return time;
    }
  return -1;
}
