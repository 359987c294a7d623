/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries a TurnClient: one input, then outputs and events until they are empty, then the
 * deadline. Knows no candidate and no engine. */
#include "config.h"

#include "sim-relay.h"

#include "turn/client.h"

#include <string.h>

#define HELLO_WAIT SIM_SECOND
#define MAX_HELLOS 8

struct _SimRelay
{
  SimRelayOptions options;
  SimRelayFuncs funcs;
  gpointer owner;
  SimWorld *world;
  SimRandom random;
  TurnEnv env;
  TurnClient *client;
  SimSocket *own;
  guint hellos_left, n_hellos;
  gboolean is_ready, is_over;
  SimTimer *timer;
};

static void drain (SimRelay *self);

static gint64
now_of (const SimRelay *self)
{
  return sim_world_get_now (self->world);
}

static void
send_to_server (SimRelay *self, const guint8 *data, gsize size)
{
  sim_socket_send (self->own != NULL ? self->own : self->options.via,
                   &self->options.server, data, size);
}

/* --- The drain --- */

static IceReason
reason_of (TurnFault fault)
{
  switch (fault)
    {
    case TURN_FAULT_TIMEOUT:
      return ICE_REASON_TIMEOUT;
    case TURN_FAULT_UNAUTHORIZED:
      return ICE_REASON_UNAUTHORIZED;
    case TURN_FAULT_QUOTA:
    case TURN_FAULT_CAPACITY:
      return ICE_REASON_NO_RESOURCES;
    default:
      return ICE_REASON_PROTOCOL;
    }
}

static void
handle_event (SimRelay *self, const TurnEvent *event)
{
  gboolean was_ready = self->is_ready;

  if (event->type == TURN_EVENT_ALLOCATED)
    {
      self->is_ready = TRUE;
      self->funcs.ready (self->owner, self, ICE_REASON_NONE,
                         (const NiceAddress *)&event->allocated.relayed[0],
                         (const NiceAddress *)&event->allocated.mapped);
    }
  else if (event->type == TURN_EVENT_FAILED)
    {
      self->is_ready = FALSE;
      self->is_over = TRUE;
      if (was_ready)
        self->funcs.lost (self->owner, self);
      else
        self->funcs.ready (self->owner, self, reason_of (event->failed.fault), NULL,
                           NULL);
    }
}

static void
stop_timer (SimRelay *self)
{
  if (self->timer != NULL)
    sim_clock_cancel (sim_world_get_clock (self->world), self->timer);
  self->timer = NULL;
}

static void
on_deadline (gpointer data)
{
  SimRelay *self = data;

  self->timer = NULL;
  turn_client_handle_timeout (self->client, now_of (self));
  drain (self);
}

/* The owner may free self at an event, so that is the last thing done. */
static void
drain (SimRelay *self)
{
  StunBytes output;
  TurnEvent event;
  gint64 deadline;

  while (turn_client_poll_output (self->client, &output))
    send_to_server (self, output.data, output.len);
  stop_timer (self);
  deadline = turn_client_get_deadline (self->client);
  if (deadline != TURN_NEVER)
    self->timer = sim_clock_at (sim_world_get_clock (self->world), deadline, on_deadline,
                                self, NULL);
  if (turn_client_poll_event (self->client, &event))
    handle_event (self, &event);
}

/* --- Connections --- */

static void
say_hello (gpointer data)
{
  static const guint8 hello = 0x16; /* TLS (RFC 7983) */
  SimRelay *self = data;

  self->timer = NULL;
  if (self->n_hellos++ == MAX_HELLOS)
    {
      self->is_over = TRUE;
      self->funcs.ready (self->owner, self, ICE_REASON_TIMEOUT, NULL, NULL);
      return;
    }
  send_to_server (self, &hello, 1);
  self->timer = sim_clock_at (sim_world_get_clock (self->world),
                              now_of (self) + HELLO_WAIT, say_hello, self, NULL);
}

static void
handle_hello (SimRelay *self)
{
  if (self->hellos_left == 0)
    return;
  stop_timer (self);
  self->n_hellos = 0;
  if (--self->hellos_left > 0)
    say_hello (self);
  else
    {
      turn_client_start (self->client, now_of (self));
      drain (self);
    }
}

/* --- Data --- */

static gboolean
handle_run (SimRelay *self, const SimPacket *packet)
{
  g_autofree guint8 *copy = g_memdup2 (packet->data, packet->size);
  TurnRun run = { copy, (guint32)packet->size, (guint32)packet->size, 0 };
  TurnDelivery delivery;
  TurnInput input = turn_client_handle_run (self->client, &run, now_of (self), &delivery);

  if (input == TURN_INPUT_OTHER)
    return FALSE;
  if (input == TURN_INPUT_DATA)
    self->funcs.receive (self->owner, self, (const NiceAddress *)&delivery.peer,
                         delivery.run.data + delivery.run.skip,
                         delivery.run.size - delivery.run.skip);
  else
    drain (self);
  return TRUE;
}

gboolean
sim_relay_handle (SimRelay *self, SimSocket *socket, const SimPacket *packet)
{
  if ((socket != self->own && socket != self->options.via) || self->is_over
      || !sim_address_equal (&packet->from, &self->options.server))
    return FALSE;
  if (packet->size == 1)
    {
      handle_hello (self);
      return TRUE;
    }
  return handle_run (self, packet);
}

static void
receive_on_own (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  sim_relay_handle (owner, socket, packet);
}

static void
refuse_own (gpointer owner, SimSocket *socket, const NiceAddress *to)
{
  SimRelay *self = owner;

  if (self->is_ready || self->is_over)
    return;
  stop_timer (self);
  self->is_over = TRUE;
  self->funcs.ready (self->owner, self, ICE_REASON_REFUSED, NULL, NULL);
}

void
sim_relay_send (SimRelay *self, const NiceAddress *to, const guint8 *data, gsize size)
{
  const StunAddress *peer = (const StunAddress *)to;
  g_autofree guint8 *frame = NULL;
  TurnWrap wrap;

  if (!self->is_ready)
    return;
  switch (turn_client_wrap (self->client, peer, size, now_of (self), &wrap))
    {
    case TURN_SEND_GO:
      frame = g_malloc0 (wrap.head_len + size + wrap.tail_len);
      memcpy (frame, wrap.head, wrap.head_len);
      memcpy (frame + wrap.head_len, data, size);
      send_to_server (self, frame, wrap.head_len + size + wrap.tail_len);
      break;
    case TURN_SEND_KEEP:
      turn_client_keep (self->client, peer, data, size);
      break;
    case TURN_SEND_DROP:
      break;
    }
  drain (self);
}

void
sim_relay_allow (SimRelay *self, const NiceAddress *peer)
{
  if (!self->is_ready)
    return;
  turn_client_allow (self->client, (const StunAddress *)peer, now_of (self));
  drain (self);
}

void
sim_relay_probe (SimRelay *self)
{
  if (!self->is_ready)
    return;
  turn_client_probe (self->client, now_of (self));
  drain (self);
}

void
sim_relay_bind_channel (SimRelay *self, const NiceAddress *to)
{
  if (!self->is_ready)
    return;
  turn_client_bind_channel (self->client, (const StunAddress *)to, now_of (self));
  drain (self);
}

/* --- Life --- */

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  sim_random_fill (data, dest, len);
}

SimRelay *
sim_relay_new (const SimRelayOptions *options, const SimRelayFuncs *funcs, gpointer owner)
{
  static const SimSocketFuncs own_funcs = { receive_on_own, refuse_own, NULL };
  SimRelay *self = g_new0 (SimRelay, 1);
  TurnConfig config = { .username = "user",
                        .password = "password",
                        .reliable = options->via == NULL,
                        .family = options->family == AF_INET6 ? TURN_FAMILY_IPV6
                                                              : TURN_FAMILY_DEFAULT };

  self->options = *options;
  self->funcs = *funcs;
  self->owner = owner;
  self->world = sim_host_get_world (options->host);
  self->random = sim_random_fork (sim_world_get_random (self->world));
  self->env = (TurnEnv) { fill_random, &self->random };
  self->client = turn_client_new (&config, &self->env);
  self->hellos_left = options->handshakes;
  if (options->via == NULL)
    self->own =
        sim_socket_new (options->host, SIM_TCP, &options->local, &own_funcs, self);
  if (self->hellos_left > 0)
    say_hello (self);
  else
    {
      turn_client_start (self->client, now_of (self));
      drain (self);
    }
  return self;
}

void
sim_relay_free (SimRelay *self)
{
  StunBytes output;

  stop_timer (self);
  if (self->is_ready)
    {
      turn_client_release (self->client, now_of (self));
      while (turn_client_poll_output (self->client, &output))
        send_to_server (self, output.data, output.len);
    }
  turn_client_free (self->client);
  g_clear_pointer (&self->own, sim_socket_free);
  g_free (self);
}
