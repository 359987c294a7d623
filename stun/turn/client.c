/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Brings allocation, permissions, channels and connections together with the requests
 * that serve them, and decides which of them an answer concerns. What each does with it
 * stands in their files. RFC 8656 5 (437 to anything means the allocation is gone), 10.3,
 * 11.4, 12.3, 12.6. */
#include "config.h"

#include "turn/client.h"

#include <string.h>

#include "turn/allocation.h"
#include "turn/channels.h"
#include "turn/connections.h"
#include "turn/pending.h"
#include "turn/permissions.h"
#include "turn/requests.h"

/* What ChannelData and DATA can say, less the padding. */
#define MAX_DATA 65507

struct _TurnClient
{
  const TurnEnv *env;
  StunTiming timing;
  TurnRequests *requests;
  TurnAllocation allocation;
  TurnPermissions permissions;
  TurnChannels channels;
  TurnConnections connections;
  TurnPending pending;
  gboolean release_wanted; /* while the allocation is only asked for */
  GQueue ready;            /* of GBytes: datagrams whose permission came */
  GBytes *current;         /* polled last */
  GQueue events;           /* of TurnEvent */
};

static void
write_attributes (gpointer data, const TurnTopic *topic, StunWriter *writer)
{
  TurnClient *self = data;
  const StunAddress *peer = NULL;

  switch (topic->method)
    {
    case STUN_METHOD_ALLOCATE:
      turn_allocation_write_allocate (&self->allocation, writer);
      return;
    case STUN_METHOD_REFRESH:
      turn_allocation_write_refresh (&self->allocation, writer);
      return;
    case STUN_METHOD_CHANNEL_BIND:
      stun_attr_write_u16_rffu (writer, STUN_ATTR_CHANNEL_NUMBER,
                                TURN_CHANNEL_MIN + topic->subject);
      peer = &self->channels.rows[topic->subject].peer;
      break;
    case STUN_METHOD_CREATE_PERMISSION:
      peer = &self->permissions.rows[topic->subject].peer;
      break;
    case STUN_METHOD_CONNECT:
      peer = &self->connections.rows[topic->subject].peer;
      break;
    default:
      g_assert_not_reached ();
    }
  stun_attr_write_xor_address (writer, STUN_ATTR_XOR_PEER_ADDRESS, peer);
}

TurnClient *
turn_client_new (const TurnConfig *config, const TurnEnv *env)
{
  TurnClient *self = g_new0 (TurnClient, 1);

  self->env = env;
  self->timing = config->timing;
  self->requests = turn_requests_new (config, env, write_attributes, self);
  turn_allocation_init (&self->allocation, config);
  self->permissions.lifetime = config->permission_lifetime != 0
                                   ? config->permission_lifetime
                                   : TURN_PERMISSION_LIFETIME;
  self->channels.lifetime =
      config->channel_lifetime != 0 ? config->channel_lifetime : TURN_CHANNEL_LIFETIME;
  g_queue_init (&self->pending.items);
  g_queue_init (&self->ready);
  g_queue_init (&self->events);
  return self;
}

void
turn_client_free (TurnClient *self)
{
  if (self == NULL)
    return;
  turn_requests_free (self->requests);
  turn_pending_clear (&self->pending);
  g_queue_clear_full (&self->ready, (GDestroyNotify)g_bytes_unref);
  g_queue_clear_full (&self->events, g_free);
  g_clear_pointer (&self->current, g_bytes_unref);
  g_free (self);
}

static void
push_event (TurnClient *self, const TurnEvent *event)
{
  if (g_queue_get_length (&self->events) < TURN_MAX_EVENTS)
    g_queue_push_tail (&self->events, g_memdup2 (event, sizeof *event));
}

static gboolean
ask (TurnClient *self, guint16 method, guint32 subject, gint64 now)
{
  const TurnTopic topic = { method, subject };
  const StunTiming *timing = method == STUN_METHOD_ALLOCATE ? &self->timing : NULL;

  return turn_requests_start (self->requests, &topic, timing, now);
}

/* --- the end --- */

static void
end (TurnClient *self, const TurnEvent *event)
{
  if (self->allocation.state == TURN_ALLOCATION_OVER)
    return;
  turn_allocation_set_state (&self->allocation, TURN_ALLOCATION_OVER);
  turn_requests_drop_all (self->requests);
  turn_pending_clear (&self->pending);
  push_event (self, event);
}

/* What a server wrote reaches logs and messages: nothing but printable ASCII. coturn
 * counts the padding of a reason among its bytes. */
static void
copy_text (gchar *to, gsize size, StunBytes from)
{
  gsize n = MIN (from.len, size - 1);

  while (n > 0 && from.data[n - 1] == '\0')
    n--;
  for (gsize i = 0; i < n; i++)
    to[i] = g_ascii_isprint (from.data[i]) ? (gchar)from.data[i] : '?';
  to[n] = '\0';
}

static void
fail (TurnClient *self, TurnFault fault, const TurnOutcome *outcome)
{
  TurnEvent event = { .type = TURN_EVENT_FAILED };
  StunErrorValue error;
  StunBytes domain;

  event.failed.fault = fault;
  if (outcome != NULL && outcome->view.data != NULL)
    {
      const StunView *view = &outcome->view;

      event.failed.code = outcome->code;
      if (stun_attr_read_error (view, &error) == STUN_RULE_KEPT)
        copy_text (event.failed.reason, sizeof event.failed.reason, error.reason);
      stun_attr_read_address (view, STUN_ATTR_ALTERNATE_SERVER, &event.failed.alternate);
      if (stun_attr_read_text (view, STUN_ATTR_ALTERNATE_DOMAIN, &domain)
          == STUN_RULE_KEPT)
        copy_text (event.failed.alternate_domain, sizeof event.failed.alternate_domain,
                   domain);
    }
  end (self, &event);
}

static void
finish_release (TurnClient *self)
{
  end (self, &(TurnEvent) { .type = TURN_EVENT_RELEASED });
}

void
turn_client_release (TurnClient *self, gint64 now)
{
  switch (self->allocation.state)
    {
    case TURN_ALLOCATION_HELD:
      turn_requests_drop_all (self->requests);
      turn_pending_clear (&self->pending);
      turn_allocation_set_state (&self->allocation, TURN_ALLOCATION_RELEASING);
      ask (self, STUN_METHOD_REFRESH, 0, now);
      return;
    case TURN_ALLOCATION_ASKED:
      self->release_wanted = TRUE;
      return;
    case TURN_ALLOCATION_IDLE:
      finish_release (self);
      return;
    case TURN_ALLOCATION_RELEASING:
    case TURN_ALLOCATION_OVER:
    case TURN_ALLOCATION_N_STATES:
      return;
    }
}

void
turn_client_start (TurnClient *self, gint64 now)
{
  turn_allocation_set_state (&self->allocation, TURN_ALLOCATION_ASKED);
  ask (self, STUN_METHOD_ALLOCATE, 0, now);
}

/* --- answers --- */

static void
handle_allocated (TurnClient *self, const TurnOutcome *outcome, gint64 now)
{
  TurnEvent event;
  TurnFault fault = outcome->fault;

  if (fault == TURN_FAULT_NONE)
    {
      if (turn_allocation_handle_success (&self->allocation, &outcome->view, now, &event,
                                          &fault)
          == TURN_ALLOCATION_DONE)
        {
          if (self->release_wanted)
            turn_client_release (self, now);
          else
            push_event (self, &event);
          return;
        }
      /* The last words tell the server to drop it; nobody waits for the answer. */
      turn_client_release (self, now);
    }
  else if (self->release_wanted)
    {
      finish_release (self);
      return;
    }
  else if (outcome->code != 0
           && turn_allocation_handle_error (&self->allocation, &outcome->view,
                                            outcome->code)
                  == TURN_ALLOCATION_AGAIN)
    {
      ask (self, STUN_METHOD_ALLOCATE, 0, now);
      return;
    }
  fail (self, fault, outcome);
}

static void
handle_refreshed (TurnClient *self, const TurnOutcome *outcome, gint64 now)
{
  if (self->allocation.state == TURN_ALLOCATION_RELEASING)
    finish_release (self); /* RFC 8656 8.3: an error means that it is gone already */
  else if (outcome->fault == TURN_FAULT_NONE)
    turn_allocation_handle_refreshed (&self->allocation, &outcome->view, now);
  else
    turn_allocation_handle_silence (&self->allocation, now);
}

static void
send_pending (TurnClient *self, const StunAddress *host, gint64 now)
{
  StunAddress peer = *host;
  GBytes *data;

  while ((data = turn_pending_take (&self->pending, &peer)) != NULL)
    {
      gsize size;
      const guint8 *bytes = g_bytes_get_data (data, &size);
      TurnWrap wrap;

      if (turn_client_wrap (self, &peer, size, now, &wrap) == TURN_SEND_GO)
        {
          GByteArray *message = g_byte_array_sized_new (size + sizeof wrap.head + 4);
          static const guint8 zeros[3];

          g_byte_array_append (message, wrap.head, wrap.head_len);
          g_byte_array_append (message, bytes, size);
          g_byte_array_append (message, zeros, wrap.tail_len);
          g_queue_push_tail (&self->ready, g_byte_array_free_to_bytes (message));
        }
      g_bytes_unref (data);
    }
}

static void
drop_pending (TurnClient *self, const StunAddress *host)
{
  StunAddress peer = *host;
  GBytes *data;

  while ((data = turn_pending_take (&self->pending, &peer)) != NULL)
    g_bytes_unref (data);
}

static void
tell_peer_error (TurnClient *self, const StunAddress *peer, guint code)
{
  TurnEvent event = { .type = TURN_EVENT_PEER_ERROR };

  event.peer.address = *peer;
  event.peer.code = code;
  push_event (self, &event);
}

static void
handle_permission (TurnClient *self, const TurnOutcome *outcome, gint64 now)
{
  const StunAddress peer = self->permissions.rows[outcome->topic.subject].peer;

  if (outcome->fault == TURN_FAULT_NONE)
    {
      turn_permissions_grant (&self->permissions, &peer, now);
      send_pending (self, &peer, now);
      return;
    }
  turn_permissions_fail (&self->permissions, &peer, outcome->code != 0, now);
  drop_pending (self, &peer);
  tell_peer_error (self, &peer, outcome->code);
}

static void
handle_channel (TurnClient *self, const TurnOutcome *outcome, gint64 now)
{
  const guint row = outcome->topic.subject;
  const StunAddress peer = self->channels.rows[row].peer;

  if (outcome->fault == TURN_FAULT_NONE)
    {
      turn_channels_handle_bound (&self->channels, row, now);
      turn_permissions_grant (&self->permissions, &peer, now); /* RFC 8656 12 */
      send_pending (self, &peer, now);
    }
  else if (outcome->code == STUN_CODE_BAD_REQUEST)
    {
      /* RFC 8656 12.3: the two of us disagree on what is bound; start over. */
      turn_client_release (self, now);
      fail (self, TURN_FAULT_LOST, outcome);
    }
  else
    {
      turn_channels_handle_failure (&self->channels, row, now);
      if (outcome->code == STUN_CODE_FORBIDDEN)
        tell_peer_error (self, &peer, outcome->code);
    }
}

static void
handle_connection (TurnClient *self, const TurnOutcome *outcome, gint64 now)
{
  const guint row = outcome->topic.subject;
  TurnEvent event = { .type = TURN_EVENT_CONNECTION };

  event.connection.peer = self->connections.rows[row].peer;
  if (outcome->fault == TURN_FAULT_NONE
      && stun_attr_read_u32 (&outcome->view, STUN_ATTR_CONNECTION_ID,
                             &event.connection.id)
             == STUN_RULE_KEPT)
    {
      turn_connections_handle_connected (&self->connections, row);
      push_event (self, &event);
      return;
    }
  turn_connections_handle_failure (&self->connections, row, now);
  tell_peer_error (self, &event.connection.peer, outcome->code);
}

static void
handle_outcome (TurnClient *self, const TurnOutcome *outcome, gint64 now)
{
  const guint16 method = outcome->topic.method;

  if (outcome->code == STUN_CODE_ALLOCATION_MISMATCH && method != STUN_METHOD_ALLOCATE
      && self->allocation.state == TURN_ALLOCATION_HELD)
    fail (self, TURN_FAULT_LOST, outcome); /* RFC 8656 5 */
  else if (method == STUN_METHOD_ALLOCATE)
    handle_allocated (self, outcome, now);
  else if (method == STUN_METHOD_REFRESH)
    handle_refreshed (self, outcome, now);
  else if (method == STUN_METHOD_CREATE_PERMISSION)
    handle_permission (self, outcome, now);
  else if (method == STUN_METHOD_CHANNEL_BIND)
    handle_channel (self, outcome, now);
  else
    handle_connection (self, outcome, now);
}

/* --- input --- */

static TurnInput
handle_channel_data (TurnClient *self, TurnDelivery *delivery, guint16 number, gint64 now)
{
  const StunAddress *peer = turn_channels_get_peer (&self->channels, number, now);

  if (self->allocation.state != TURN_ALLOCATION_HELD || peer == NULL)
    return TURN_INPUT_TAKEN; /* RFC 8656 12.6 */
  delivery->peer = *peer;
  /* A channel that is bound or being bound carries its permission with it. */
  turn_permissions_is_active (&self->permissions, peer, now);
  return TURN_INPUT_DATA;
}

static TurnInput
handle_data_indication (TurnClient *self, const StunView *view, gint64 now,
                        TurnDelivery *delivery)
{
  TurnEvent event = { .type = TURN_EVENT_PEER_ERROR };
  TurnDataIndication indication;
  gsize skip;

  if (turn_frame_read_data (view, &indication) != STUN_RULE_KEPT
      || !turn_permissions_is_active (&self->permissions, &indication.peer, now))
    return TURN_INPUT_TAKEN;
  if (indication.has_icmp)
    {
      event.peer.address = indication.peer;
      event.peer.is_icmp = TRUE;
      event.peer.icmp_type = indication.icmp.type;
      event.peer.icmp_code = indication.icmp.code;
      event.peer.mtu = indication.icmp.data;
      push_event (self, &event);
      return TURN_INPUT_TAKEN;
    }
  skip = indication.data.data - view->data;
  delivery->run.skip += skip;
  delivery->run.size = delivery->run.stride = delivery->run.skip + indication.data.len;
  delivery->peer = indication.peer;
  return TURN_INPUT_DATA;
}

/* RFC 6062 4.4: a peer connected to the relayed address. */
static void
handle_attempt (TurnClient *self, const StunView *view, gint64 now)
{
  TurnEvent event = { .type = TURN_EVENT_CONNECTION };

  event.connection.is_incoming = TRUE;
  if (stun_attr_read_u32 (view, STUN_ATTR_CONNECTION_ID, &event.connection.id)
          == STUN_RULE_KEPT
      && stun_attr_read_xor_address (view, STUN_ATTR_XOR_PEER_ADDRESS,
                                     &event.connection.peer)
             == STUN_RULE_KEPT
      && turn_permissions_is_active (&self->permissions, &event.connection.peer, now))
    push_event (self, &event);
}

static TurnInput
handle_indication (TurnClient *self, const StunView *view, gint64 now,
                   TurnDelivery *delivery)
{
  if (self->allocation.state != TURN_ALLOCATION_HELD)
    return TURN_INPUT_TAKEN;
  if (view->method == STUN_METHOD_DATA)
    return handle_data_indication (self, view, now, delivery);
  if (view->method == STUN_METHOD_CONNECTION_ATTEMPT && self->allocation.connections)
    handle_attempt (self, view, now);
  return TURN_INPUT_TAKEN;
}

static TurnInput
handle_message (TurnClient *self, gint64 now, TurnDelivery *delivery)
{
  const TurnRun *run = &delivery->run;
  TurnOutcome outcome;
  StunView view;

  if (run->size < run->skip
      || stun_view_parse (&view, run->data + run->skip, run->size - run->skip,
                          STUN_WIRE_NORMAL)
             != STUN_RULE_KEPT)
    return TURN_INPUT_TAKEN;
  if (view.method == STUN_METHOD_BINDING)
    return TURN_INPUT_OTHER;
  if (view.klass == STUN_CLASS_INDICATION)
    return handle_indication (self, &view, now, delivery);
  if (view.klass != STUN_CLASS_REQUEST
      && turn_requests_handle_response (self->requests, &view, now, &outcome))
    handle_outcome (self, &outcome, now);
  return TURN_INPUT_TAKEN;
}

TurnInput
turn_client_handle_run (TurnClient *self, TurnRun *run, gint64 now,
                        TurnDelivery *delivery)
{
  guint16 number;

  if (turn_frame_take_channel (run, &delivery->run, &number))
    return handle_channel_data (self, delivery, number, now);
  if (!turn_frame_take_one (run, &delivery->run))
    return TURN_INPUT_NONE;
  return handle_message (self, now, delivery);
}

gboolean
turn_client_unwrap_bound (TurnClient *self, TurnRun *run, gint64 now,
                          TurnDelivery *delivery)
{
  const StunAddress *peer;
  guint16 number;

  if (self->allocation.state != TURN_ALLOCATION_HELD
      || !turn_frame_take_channel (run, &delivery->run, &number))
    return FALSE;
  peer = turn_channels_get_peer (&self->channels, number, now);
  if (peer == NULL || !turn_permissions_note_use (&self->permissions, peer, now))
    return FALSE;
  delivery->peer = *peer;
  return TRUE;
}

/* --- time --- */

gint64
turn_client_get_deadline (const TurnClient *self)
{
  gint64 deadline = turn_requests_get_deadline (self->requests);

  if (self->allocation.state != TURN_ALLOCATION_HELD)
    return deadline;
  deadline = MIN (deadline, self->allocation.expires);
  deadline = MIN (deadline, self->allocation.refresh_at);
  deadline = MIN (deadline, turn_permissions_get_deadline (&self->permissions));
  return MIN (deadline, turn_channels_get_deadline (&self->channels));
}

void
turn_client_handle_timeout (TurnClient *self, gint64 now)
{
  TurnAllocation *allocation = &self->allocation;
  TurnOutcome outcome;
  guint row;

  while (turn_requests_handle_timeout (self->requests, now, &outcome))
    handle_outcome (self, &outcome, now);
  if (allocation->state != TURN_ALLOCATION_HELD)
    return;
  if (allocation->expires <= now)
    {
      fail (self, TURN_FAULT_LOST, NULL);
      return;
    }
  if (allocation->refresh_at <= now)
    {
      allocation->refresh_at = TURN_NEVER;
      ask (self, STUN_METHOD_REFRESH, 0, now);
    }
  while (turn_permissions_take_due (&self->permissions, now, &row))
    ask (self, STUN_METHOD_CREATE_PERMISSION, row, now);
  while (turn_channels_take_due (&self->channels, now, &row))
    ask (self, STUN_METHOD_CHANNEL_BIND, row, now);
}

void
turn_client_probe (TurnClient *self, gint64 now)
{
  TurnAllocation *allocation = &self->allocation;

  if (allocation->state != TURN_ALLOCATION_HELD || allocation->refresh_at == TURN_NEVER
      || now < allocation->probed_at + TURN_PROBE_REST)
    return;
  allocation->probed_at = now;
  allocation->refresh_at = now;
}

/* --- output --- */

gboolean
turn_client_poll_output (TurnClient *self, StunBytes *data)
{
  g_clear_pointer (&self->current, g_bytes_unref);
  self->current = turn_requests_take_output (self->requests);
  if (self->current == NULL)
    self->current = g_queue_pop_head (&self->ready);
  if (self->current == NULL)
    return FALSE;
  data->data = g_bytes_get_data (self->current, &data->len);
  return TRUE;
}

gboolean
turn_client_poll_event (TurnClient *self, TurnEvent *event)
{
  g_autofree TurnEvent *next = g_queue_pop_head (&self->events);

  if (next == NULL)
    return FALSE;
  *event = *next;
  return TRUE;
}

/* One form for each address, before anything is compared: IPv4 in IPv6 is IPv4. */
static StunAddress
get_canonical (const StunAddress *peer)
{
  StunAddress canonical = { 0 };

  if (peer->s.addr.sa_family != AF_INET6
      || !IN6_IS_ADDR_V4MAPPED (&peer->s.ip6.sin6_addr))
    return *peer;
  canonical.s.ip4.sin_family = AF_INET;
  canonical.s.ip4.sin_port = peer->s.ip6.sin6_port;
  memcpy (&canonical.s.ip4.sin_addr, &peer->s.ip6.sin6_addr.s6_addr[12], 4);
  return canonical;
}

static TurnSendVerdict
use_permission (TurnClient *self, const StunAddress *peer, gint64 now)
{
  guint row;

  if (self->allocation.state != TURN_ALLOCATION_HELD || !stun_address_is_ip (peer))
    return TURN_SEND_DROP;
  switch (turn_permissions_use (&self->permissions, peer, now, &row))
    {
    case TURN_PERMISSION_GO:
      return TURN_SEND_GO;
    case TURN_PERMISSION_KEEP:
      return TURN_SEND_KEEP;
    case TURN_PERMISSION_DROP:
      return TURN_SEND_DROP;
    case TURN_PERMISSION_ASK:
      break;
    }
  if (ask (self, STUN_METHOD_CREATE_PERMISSION, row, now))
    return TURN_SEND_KEEP;
  turn_permissions_fail (&self->permissions, peer, FALSE, now);
  return TURN_SEND_DROP;
}

gboolean
turn_client_wrap_bound (TurnClient *self, const StunAddress *to, gsize size, gint64 now,
                        TurnWrap *wrap)
{
  const StunAddress peer = get_canonical (to);
  const guint16 number = turn_channels_get_number (&self->channels, &peer, now);

  if (number == 0 || size > MAX_DATA || self->allocation.state != TURN_ALLOCATION_HELD
      || !turn_permissions_note_use (&self->permissions, &peer, now))
    return FALSE;
  turn_frame_push_channel (wrap->head, number, size);
  wrap->head_len = TURN_CHANNEL_HEADER;
  wrap->tail_len = 0;
  return TRUE;
}

TurnSendVerdict
turn_client_wrap (TurnClient *self, const StunAddress *to, gsize size, gint64 now,
                  TurnWrap *wrap)
{
  TurnSend send = { .peer = get_canonical (to),
                    .dont_fragment = self->allocation.dont_fragment };
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  TurnSendVerdict verdict;

  if (turn_client_wrap_bound (self, to, size, now, wrap))
    return TURN_SEND_GO;
  verdict = size > MAX_DATA ? TURN_SEND_DROP : use_permission (self, &send.peer, now);
  if (verdict != TURN_SEND_GO)
    return verdict;
  self->env->random (self->env->data, id, sizeof id);
  send.id = id;
  wrap->head_len = turn_frame_write_send (wrap->head, &send, size);
  wrap->tail_len = stun_padded (size) - size;
  return TURN_SEND_GO;
}

void
turn_client_keep (TurnClient *self, const StunAddress *peer, const void *data, gsize size)
{
  const StunAddress canonical = get_canonical (peer);

  turn_pending_add (&self->pending, &canonical, data, size);
}

void
turn_client_allow (TurnClient *self, const StunAddress *peer, gint64 now)
{
  const StunAddress canonical = get_canonical (peer);

  use_permission (self, &canonical, now);
}

void
turn_client_bind_channel (TurnClient *self, const StunAddress *peer, gint64 now)
{
  const StunAddress canonical = get_canonical (peer);
  guint row;

  if (self->allocation.state != TURN_ALLOCATION_HELD || self->allocation.connections
      || !stun_address_is_ip (&canonical)
      || !turn_channels_bind (&self->channels, &canonical, now, &row))
    return;
  if (!ask (self, STUN_METHOD_CHANNEL_BIND, row, now))
    turn_channels_handle_failure (&self->channels, row, now);
}

gboolean
turn_client_connect (TurnClient *self, const StunAddress *peer, gint64 now)
{
  const StunAddress canonical = get_canonical (peer);
  guint row;

  if (self->allocation.state != TURN_ALLOCATION_HELD || !self->allocation.connections
      || !turn_connections_open (&self->connections, &canonical, now, &row))
    return FALSE;
  if (ask (self, STUN_METHOD_CONNECT, row, now))
    return TRUE;
  turn_connections_handle_failure (&self->connections, row, now);
  return FALSE;
}

TurnBind *
turn_client_make_bind (const TurnClient *self, guint32 id)
{
  return turn_bind_new (self->requests, self->env, id);
}
