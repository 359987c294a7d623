/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a packet through a relay must not cost, once its channel is bound: no allocation,
 * and over UDP no lock. Bytes of a connection have one writer and one reader at a time:
 * a call takes three locks there, and each reading two. */
#include "config.h"

#include "relays.h"

#include "count-bench.h"
#include "still-clock.h"

#define N_ROUNDS 100
#define MAX_MESSAGES 64
#define PAYLOAD 100
#define FRAME (PAYLOAD + 4) /* ChannelData over TCP */

typedef struct
{
  NiceRelayType type;
  guint n;         /* messages in a call */
  guint max_locks; /* a call, with as many readings as there are messages at most */
} Case;

static guint n_received;

static void
receive (NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
         gpointer user_data)
{
  n_received++;
}

static void
send_round (Peer *from, guint n)
{
  static const gchar payload[PAYLOAD] = { (gchar)0x80 };
  GOutputVector vector = { payload, sizeof payload };
  NiceOutputMessage messages[MAX_MESSAGES];

  for (guint i = 0; i < MAX_MESSAGES; i++)
    messages[i] = (NiceOutputMessage) { &vector, 1 };
  n_received = 0;
  g_assert_cmpint (nice_agent_send_messages_nonblocking (from->agent, from->stream, 1,
                                                         messages, n, NULL, NULL),
                   ==, n);
}

static void
run_round (Peer *from, guint n)
{
  send_round (from, n);
  wait_until (n_received == n);
}

/* Has all of them wait in the socket before anybody reads: what keeps the frames of one
 * reading has the size then that it needs at most. Over UDP it has it from the start. */
static void
run_round_in_one_reading (Peer *from, Peer *to, guint n)
{
  GPtrArray *sockets = nice_agent_get_sockets (to->agent, to->stream, 1);

  send_round (from, n);
  for (guint i = 0; i < sockets->len; i++)
    {
      GSocket *socket = g_ptr_array_index (sockets, i);

      while (g_socket_get_socket_type (socket) == G_SOCKET_TYPE_STREAM
             && g_socket_get_available_bytes (socket) < (gssize)n * FRAME)
        g_thread_yield ();
    }
  g_ptr_array_unref (sockets);
  wait_until (n_received == n);
}

static gint
get_locks (void)
{
  return __atomic_load_n (&n_locks, __ATOMIC_RELAXED);
}

/* Channels are bound while data goes in indications already. */
static void
run_until_steady (const Case *c, Peer *from)
{
  gint before;

  do
    {
      before = get_locks ();
      run_round (from, c->n);
    }
  while (get_locks () - before > (gint)c->max_locks);
}

static void
test_steady_state (gconstpointer data)
{
  const Case *c = data;
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  gint allocations, locks;

  if (!CAN_COUNT)
    {
      g_test_skip ("a sanitizer has its own malloc");
      return;
    }
  if (!coturn_start (&coturn, NULL))
    return;
  g_object_set (pair->left->agent, "force-relay", TRUE, NULL);
  g_object_set (pair->right->agent, "force-relay", TRUE, NULL);
  peer_use_relay (pair->left, &coturn, c->type);
  peer_use_relay (pair->right, &coturn, c->type);
  pair_connect (pair);
  nice_agent_attach_recv (pair->right->agent, pair->right->stream, 1, NULL, receive,
                          NULL);
  run_until_steady (c, pair->left);
  run_round_in_one_reading (pair->left, pair->right, c->n);
  stopped_at = g_get_monotonic_time ();
  for (guint i = 0; i < 10; i++)
    run_round (pair->left, c->n);

  locks = get_locks ();
  allocations = __atomic_load_n (&n_allocations, __ATOMIC_RELAXED);
  for (guint i = 0; i < N_ROUNDS; i++)
    run_round (pair->left, c->n);
  allocations = __atomic_load_n (&n_allocations, __ATOMIC_RELAXED) - allocations;
  locks = get_locks () - locks;
  stopped_at = 0;
  g_test_message ("%.2f locks a round", (gdouble)locks / N_ROUNDS);
  g_assert_cmpint (allocations, ==, 0);
  g_assert_cmpint (locks, <=, (gint)c->max_locks * N_ROUNDS);
}

int
main (int argc, char **argv)
{
  static const Case udp_1 = { NICE_RELAY_TYPE_TURN_UDP, 1, 0 };
  static const Case udp_64 = { NICE_RELAY_TYPE_TURN_UDP, 64, 0 };
  static const Case tcp_1 = { NICE_RELAY_TYPE_TURN_TCP, 1, 3 + 2 };
  static const Case tcp_64 = { NICE_RELAY_TYPE_TURN_TCP, 64, 3 + 2 * 64 };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/relay-cost/udp/1", &udp_1, test_steady_state);
  g_test_add_data_func ("/relay-cost/udp/64", &udp_64, test_steady_state);
  g_test_add_data_func ("/relay-cost/tcp/1", &tcp_1, test_steady_state);
  g_test_add_data_func ("/relay-cost/tcp/64", &tcp_64, test_steady_state);
  return g_test_run ();
}
