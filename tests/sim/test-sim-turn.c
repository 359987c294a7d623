/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TURN client against a server on the wire, with hours of allocations in virtual
 * time: what expires is renewed before it does, and what servers do is survived. */
#include "config.h"

#include "sim-relay.h"
#include "sim-scenario.h"

#define SERVER "192.0.2.20:3478"
#define S (20 * SIM_MS) /* round trip to the server */

typedef struct
{
  SimWorld *world;
  SimTurnServer *server;
  SimHost *client_host, *peer_host;
  SimSocket *via, *peer;
  SimRelay *relay;
  IceReason error;
  gboolean is_ready, is_lost;
  gint64 ready_at, lost_at;
  NiceAddress relayed, peer_saw;
  guint n_at_peer, n_at_client;
  gint64 last_at_client, longest_silence;
} Bench;

static void
on_ready (gpointer owner, SimRelay *relay, IceReason error, const NiceAddress *relayed,
          const NiceAddress *mapped)
{
  Bench *self = owner;

  self->is_ready = error == ICE_REASON_NONE;
  self->error = error;
  self->ready_at = sim_world_get_now (self->world);
  if (self->is_ready)
    self->relayed = *relayed;
}

static void
on_receive (gpointer owner, SimRelay *relay, const NiceAddress *from, const guint8 *data,
            gsize size)
{
  Bench *self = owner;
  gint64 now = sim_world_get_now (self->world);

  if (self->n_at_client++ > 0)
    self->longest_silence = MAX (self->longest_silence, now - self->last_at_client);
  self->last_at_client = now;
}

static void
on_lost (gpointer owner, SimRelay *relay)
{
  Bench *self = owner;

  self->is_lost = TRUE;
  self->lost_at = sim_world_get_now (self->world);
}

static void
receive_via (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  Bench *self = owner;

  if (self->relay != NULL)
    sim_relay_handle (self->relay, socket, packet);
}

/* The peer answers everything, so that both directions are seen. */
static void
receive_at_peer (gpointer owner, SimSocket *socket, const SimPacket *packet)
{
  Bench *self = owner;

  self->n_at_peer++;
  self->peer_saw = packet->from;
  sim_socket_send (socket, &packet->from, packet->data, packet->size);
}

static void
open_bench (Bench *self, const SimTurnServerConfig *config, gboolean is_reliable)
{
  static const SimSocketFuncs via_funcs = { .receive = receive_via };
  static const SimSocketFuncs peer_funcs = { .receive = receive_at_peer };
  static const SimRelayFuncs relay_funcs = { on_ready, on_receive, on_lost };
  NiceAddress local = sim_address ("198.51.100.1"), peer = sim_address ("203.0.113.1:9");
  SimRelayOptions options = { .local = local,
                              .server = sim_address (SERVER),
                              .family = AF_INET,
                              .handshakes = is_reliable ? 2 : 0 };

  *self = (Bench) { .world = sim_world_new (1) };
  self->server = sim_turn_server_new (self->world, SERVER, NULL, config);
  self->client_host = sim_host_open (self->world, "client", "198.51.100.1", S / 2);
  self->peer_host = sim_host_open (self->world, "peer", "203.0.113.1", 0);
  self->via = sim_socket_new (self->client_host, SIM_UDP, &local, &via_funcs, self);
  self->peer = sim_socket_new (self->peer_host, SIM_UDP, &peer, &peer_funcs, self);
  options.host = self->client_host;
  options.via = is_reliable ? NULL : self->via;
  self->relay = sim_relay_new (&options, &relay_funcs, self);
}

/* The deletion is sent and not waited for: a stale nonce leaves the rest to expiry. */
static void
close_bench (Bench *self)
{
  gboolean is_stale = sim_turn_server_get_stats (self->server)->n_stale > 0;

  g_clear_pointer (&self->relay, sim_relay_free);
  sim_world_run_for (self->world, SIM_SECOND);
  if (!is_stale)
    g_assert_cmpuint (sim_turn_server_get_stats (self->server)->n_allocations, ==, 0);
  sim_socket_free (self->via);
  sim_socket_free (self->peer);
  sim_world_free (self->world);
}

static void
send_for (Bench *self, gint64 duration, gint64 interval)
{
  gint64 end = sim_world_get_now (self->world) + duration;

  while (sim_world_get_now (self->world) < end)
    {
      sim_relay_send (self->relay, sim_socket_get_local (self->peer),
                      (const guint8 *)"abcde", 5);
      sim_world_run_for (self->world, interval);
    }
}

/* A challenge and a request: two round trips; over TLS two more before them. */
static void
test_exact_times (void)
{
  for (guint reliable = 0; reliable < 2; reliable++)
    {
      Bench b;

      open_bench (&b, NULL, reliable);
      sim_world_run_for (b.world, SIM_SECOND);
      g_assert_true (b.is_ready);
      g_assert_cmpint (b.ready_at, ==, reliable ? 4 * S : 2 * S);
      /* The first datagram waits for its permission. */
      send_for (&b, SIM_SECOND, SIM_SECOND);
      g_assert_cmpuint (b.n_at_peer, ==, 1);
      g_assert_true (sim_address_equal (&b.peer_saw, &b.relayed));
      g_assert_cmpint (b.last_at_client, ==, SIM_SECOND + 2 * S);
      close_bench (&b);
    }
}

/* contract 1.13-g. Permissions were dropped each 240 s and media waited. Two hours
 * with stale nonces and short lifetimes, in both forms of data, without a pause. covers
 * TURN-8656-5-e as the client has to bear it */
static void
test_hours_without_a_pause (void)
{
  static const SimTurnServerConfig configs[] = { { 0 },
                                                 { .nonce_lifetime = 70 * SIM_SECOND },
                                                 { .lifetime = 90 } };

  for (guint i = 0; i < G_N_ELEMENTS (configs); i++)
    for (guint channel = 0; channel < 2; channel++)
      {
        const SimTurnStats *stats;
        Bench b;

        open_bench (&b, &configs[i], FALSE);
        sim_world_run_for (b.world, SIM_SECOND);
        if (channel)
          sim_relay_bind_channel (b.relay, sim_socket_get_local (b.peer));
        sim_world_run_for (b.world, SIM_SECOND);
        send_for (&b, 7200 * SIM_SECOND, SIM_SECOND);
        stats = sim_turn_server_get_stats (b.server);
        g_assert_false (b.is_lost);
        g_assert_cmpuint (b.n_at_client, ==, 7200);
        g_assert_cmpint (b.longest_silence, <=, SIM_SECOND + S);
        g_assert_cmpuint (stats->n_unpermitted, ==, 0);
        g_assert_cmpuint (stats->n_allocations, ==, 1);
        g_assert_cmpuint (stats->n_refreshes, >=, 12);
        if (channel)
          g_assert_cmpuint (stats->n_channel_data, ==, 14400);
        else
          g_assert_cmpuint (stats->n_indications, ==, 14400);
        if (configs[i].nonce_lifetime != 0)
          g_assert_cmpuint (stats->n_stale, >=, 10);
        close_bench (&b);
      }
}

/* covers TURN-8656-7.4-b to TURN-8656-7.4-h as far as an allocation's outcome goes */
static void
test_refusals_are_told_at_once (void)
{
  static const guint codes[] = { 403, 437, 442, 486, 508 };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      SimTurnServerConfig config = { .allocate_error = codes[i] };
      Bench b;

      open_bench (&b, &config, FALSE);
      sim_world_run_for (b.world, 60 * SIM_SECOND);
      g_test_message ("%u: reason %d after %.3f s", codes[i], b.error,
                      (gdouble)b.ready_at / SIM_SECOND);
      g_assert_false (b.is_ready);
      g_assert_cmpint (b.error, !=, ICE_REASON_NONE);
      close_bench (&b);
    }
}

static void
test_silence_ends (void)
{
  SimTurnServerConfig config = { .is_silent = TRUE };
  Bench b;

  open_bench (&b, &config, FALSE);
  sim_world_run_for (b.world, 60 * SIM_SECOND);
  g_assert_cmpint (b.error, ==, ICE_REASON_TIMEOUT);
  g_assert_cmpint (b.ready_at, <=, 39500 * SIM_MS); /* RFC 8489 6.2.1 */
  close_bench (&b);
}

/* covers TURN-8656-5-c: the server forgets everything; the client hears of it with its
 * next request, and says so instead of sending into the void for ever. */
static void
test_a_restarted_server_is_noticed (void)
{
  gint64 restarted;
  Bench b;

  open_bench (&b, NULL, FALSE);
  sim_world_run_for (b.world, SIM_SECOND);
  send_for (&b, 10 * SIM_SECOND, SIM_SECOND);
  restarted = sim_world_get_now (b.world);
  sim_turn_server_restart (b.server);
  send_for (&b, 600 * SIM_SECOND, SIM_SECOND);
  g_assert_true (b.is_lost);
  g_assert_cmpint (b.lost_at - restarted, <=, 300 * SIM_SECOND);
  close_bench (&b);
}

/* A peer that is forbidden costs its own datagrams and nothing else. */
static void
test_a_forbidden_peer (void)
{
  SimTurnServerConfig config = { .forbids_peers = TRUE };
  Bench b;

  open_bench (&b, &config, FALSE);
  sim_world_run_for (b.world, SIM_SECOND);
  send_for (&b, 100 * SIM_SECOND, SIM_SECOND);
  g_assert_true (b.is_ready);
  g_assert_false (b.is_lost);
  g_assert_cmpuint (b.n_at_peer, ==, 0);
  g_assert_cmpuint (sim_turn_server_get_stats (b.server)->n_permission_requests, <=, 3);
  close_bench (&b);
}

/* covers TURN-8656-11.3-a, as the test server has to: strangers do not get in. */
static void
test_strangers_are_kept_out (void)
{
  static const SimSocketFuncs funcs = { .receive = receive_at_peer };
  NiceAddress local = sim_address ("203.0.113.66:9");
  SimSocket *stranger;
  SimHost *host;
  Bench b;

  open_bench (&b, NULL, FALSE);
  host = sim_host_open (b.world, "stranger", "203.0.113.66", 0);
  stranger = sim_socket_new (host, SIM_UDP, &local, &funcs, &b);
  sim_world_run_for (b.world, SIM_SECOND);
  send_for (&b, SIM_SECOND, SIM_SECOND);
  g_assert_cmpuint (b.n_at_client, ==, 1);
  sim_socket_send (stranger, &b.relayed, (const guint8 *)"x", 1);
  sim_world_run_for (b.world, SIM_SECOND);
  g_assert_cmpuint (b.n_at_client, ==, 1);
  g_assert_cmpuint (sim_turn_server_get_stats (b.server)->n_unpermitted, ==, 1);
  sim_socket_free (stranger);
  close_bench (&b);
}

/* Loss in both directions for an hour: never lost, and allocated in the end. */
static void
test_loss (void)
{
  for (guint64 seed = 1; seed <= 20; seed++)
    {
      SimLinkConfig lossy = { .delay = S / 2, .loss = 0.2 };
      Bench b;

      open_bench (&b, NULL, FALSE);
      sim_world_run_for (b.world, seed * SIM_MS);
      sim_interface_set_link (sim_host_get_interface (b.client_host, 0), &lossy);
      sim_world_run_for (b.world, 40 * SIM_SECOND);
      g_assert_true (b.is_ready);
      send_for (&b, 3600 * SIM_SECOND, 10 * SIM_SECOND);
      g_assert_false (b.is_lost);
      g_assert_cmpuint (b.n_at_client, >=, 180);
      sim_interface_set_link (sim_host_get_interface (b.client_host, 0),
                              &(SimLinkConfig) { 0 });
      close_bench (&b);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/turn/exact-times", test_exact_times);
  g_test_add_func ("/sim/turn/hours", test_hours_without_a_pause);
  g_test_add_func ("/sim/turn/refusals", test_refusals_are_told_at_once);
  g_test_add_func ("/sim/turn/silence", test_silence_ends);
  g_test_add_func ("/sim/turn/restart", test_a_restarted_server_is_noticed);
  g_test_add_func ("/sim/turn/forbidden-peer", test_a_forbidden_peer);
  g_test_add_func ("/sim/turn/strangers", test_strangers_are_kept_out);
  g_test_add_func ("/sim/turn/loss", test_loss);
  return g_test_run ();
}
