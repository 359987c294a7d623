/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Agents over ICE-TCP: what is taken when the peer is slow, and what becomes of messages
 * that are longer than a frame. Facts of the contract 1.3, 1.4, 1.8; RFC 6544. */
#include "agents.h"
#include "process.h"

#include <string.h>

#define MB (1024 * 1024)

static Pair *
connected_pair (NiceAgentOption options)
{
  Pair *pair = pair_new (options, 1);

  g_object_set (pair->left->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  g_object_set (pair->right->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  pair_connect (pair);
  return pair;
}

static guint
count_told (const Pair *pair)
{
  return peer_count (pair->left, "reliable-transport-writable");
}

static void
fill_message (guint8 *bytes, gsize size, guint number)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8)(number * 31 + i + (i >> 8));
}

/* --- Bounded, and told of room --- */

typedef struct
{
  guint n, size;
} Counter;

static void
on_numbered (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
             gpointer data)
{
  Counter *counter = data;
  guint number;

  g_assert_cmpuint (len, ==, counter->size);
  memcpy (&number, buf, sizeof number);
  g_assert_cmpuint (number, ==, counter->n);
  counter->n++;
}

/* Sends numbered messages from *next on until one is refused or there are no more. */
static void
send_numbered (const Pair *pair, guint *next, guint n_all, guint size)
{
  g_autofree guint8 *bytes = g_malloc0 (size);

  for (; *next < n_all; (*next)++)
    {
      memcpy (bytes, next, sizeof *next);
      if (nice_agent_send (pair->left->agent, 1, 1, size, (gchar *)bytes) < 0)
        return;
    }
}

/* contract 1.4-q. Of messages that were taken none is lost, however late they are read;
 * of those that were not, the sender hears when to try again. */
static void
test_whoever_is_refused_is_told_of_room (gconstpointer coalescing)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_NONE);
  const guint size = 4000, n_all = 16 * MB / size;
  Counter counter = { 0, size };
  guint next = 0, n_told;

  g_object_set (pair->left->agent, "send-coalescing-time", GPOINTER_TO_INT (coalescing),
                NULL);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  send_numbered (pair, &next, n_all, size);
  run_pending ();
  send_numbered (pair, &next, n_all, size);
  g_assert_cmpuint (next, <, n_all); /* nobody reads */

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, on_numbered, &counter);
  while (next < n_all)
    {
      n_told = count_told (pair);
      send_numbered (pair, &next, n_all, size);
      if (next < n_all)
        wait_until (count_told (pair) > n_told);
    }
  wait_until (counter.n == n_all);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
}

/* --- Long messages --- */

/* contract 1.3-q. Those that are taken arrive whole, those that are not, not at all. */
static void
test_long_messages_are_sent_whole_or_not_at_all (void)
{
  enum
  {
    N = 64,
    SIZE = 300000
  };
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_RELIABLE);
  g_autofree guint8 *bytes = g_malloc (N * SIZE);
  GOutputVector vectors[N];
  NiceOutputMessage messages[N];
  gsize total;
  gint sent;

  for (guint i = 0; i < N; i++)
    {
      fill_message (bytes + i * SIZE, SIZE, i);
      vectors[i] = (GOutputVector) { bytes + i * SIZE, SIZE };
      messages[i] = (NiceOutputMessage) { &vectors[i], 1 };
    }
  wait_until (count_told (pair) > 0);
  sent = nice_agent_send_messages_nonblocking (pair->left->agent, 1, 1, messages, N, NULL,
                                               NULL);
  g_assert_cmpint (sent, >=, 1);
  total = (gsize)sent * SIZE;
  wait_until (pair->right->received[1]->len >= total);
  run_pending ();
  g_assert_cmpmem (pair->right->received[1]->str, pair->right->received[1]->len, bytes,
                   total);
}

/* --- Bytes --- */

/* contract 1.8-f. Whether or not a frame's end is where a reader stops: what it leaves is
 * the next one's. */
static void
test_readers_need_not_know_of_frames (gconstpointer options)
{
  g_autoptr (Pair) pair = connected_pair (GPOINTER_TO_UINT (options));
  g_autoptr (GError) error = NULL;
  gchar bytes[9];
  GInputVector vector = { bytes, sizeof bytes };
  NiceInputMessage message = { &vector, 1, NULL, 0 };

  wait_until (count_told (pair) > 0);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 6, "frames"), ==, 6);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 6, "do not"), ==, 6);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 6, "matter"), ==, 6);
  for (guint i = 0; i < 18; i += 9)
    {
      g_assert_cmpint (
          nice_agent_recv_messages (pair->right->agent, 1, 1, &message, 1, NULL, &error),
          ==, 1);
      g_assert_no_error (error);
      g_assert_cmpmem (bytes, message.length, &"framesdo notmatter"[i], 9);
    }
}

/* The peer hangs up: what it sent before is read first, then the end; as over UDP. */
static void
test_the_end_of_a_connection_is_the_end_of_the_bytes (void)
{
  g_autoptr (Pair) pair = connected_pair (NICE_AGENT_OPTION_RELIABLE);
  g_autoptr (GError) error = NULL;
  guint8 bytes[16];
  GOutputVector vector = { "x", 1 };
  NiceOutputMessage message = { &vector, 1 };

  wait_until (count_told (pair) > 0);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 4, "last"), ==, 4);
  nice_agent_remove_stream (pair->left->agent, 1);
  wait_until (peer_is_in (pair->right, NICE_COMPONENT_STATE_FAILED));
  g_assert_cmpint (nice_agent_recv (pair->right->agent, 1, 1, bytes, 16, NULL, &error),
                   ==, 4);
  g_assert_cmpint (nice_agent_recv (pair->right->agent, 1, 1, bytes, 16, NULL, &error),
                   ==, 0);
  g_assert_no_error (error);
  g_assert_cmpint (nice_agent_send_messages_nonblocking (pair->right->agent, 1, 1,
                                                         &message, 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void
end_connection (const Peer *peer)
{
  g_autoptr (GPtrArray) sockets = nice_agent_get_sockets (peer->agent, 1, 1);
  guint n = 0;

  for (guint i = 0; i < sockets->len; i++)
    {
      GSocket *socket = g_ptr_array_index (sockets, i);

      if (g_socket_is_connected (socket))
        n += g_socket_shutdown (socket, TRUE, TRUE, NULL);
    }
  g_assert_cmpuint (n, ==, 1);
}

/* covers ITCP-6544-11.1-a: a middlebox that ends it; messages go on over the next one */
static void
test_an_ended_connection_is_made_anew (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  for (guint i = 0; i < 2; i++)
    g_object_set ((i == 0 ? pair->left : pair->right)->agent, "ice-tcp", TRUE, "ice-udp",
                  FALSE, NULL);
  pair_connect (pair);
  end_connection (pair->left);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY)
              && peer_count (pair->left, "connecting") == 2
              && peer_count (pair->right, "connecting") == 2);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 5, "hello"), ==, 5);
  g_assert_cmpint (nice_agent_send (pair->right->agent, 1, 1, 5, "hello"), ==, 5);
  wait_until (pair->left->n_messages[1] == 1 && pair->right->n_messages[1] == 1);
}

/* --- Both connect --- */

/* covers ITCP-6544-6.2-a, ITCP-6544-7.2-a. Each knows nothing of the other but the
 * candidate that both connect from and to. */
static void
test_both_connect_at_once (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  NiceCandidate *local, *remote;

  for (guint i = 0; i < 2; i++)
    {
      Peer *peer = i == 0 ? pair->left : pair->right;

      g_object_set (peer->agent, "ice-tcp", TRUE, "ice-udp", FALSE,
                    "tcp-simultaneous-open", TRUE, NULL);
      peer_gather (peer);
    }
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_tell_candidates_of (pair->left, pair->right, NICE_CANDIDATE_TRANSPORT_TCP_SO);
  peer_tell_candidates_of (pair->right, pair->left, NICE_CANDIDATE_TRANSPORT_TCP_SO);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
  g_assert_true (
      nice_agent_get_selected_pair (pair->right->agent, 1, 1, &local, &remote));
  g_assert_cmpint (local->transport, ==, NICE_CANDIDATE_TRANSPORT_TCP_SO);
  g_assert_cmpint (remote->transport, ==, NICE_CANDIDATE_TRANSPORT_TCP_SO);
  nice_agent_send (pair->left->agent, 1, 1, 5, "hello");
  nice_agent_send (pair->right->agent, 1, 1, 5, "hello");
  wait_until (pair->left->n_messages[1] == 1 && pair->right->n_messages[1] == 1);
}

/* --- Strangers --- */

static GSocketAddress *
get_passive_address (const Peer *peer)
{
  GSList *candidates = nice_agent_get_local_candidates (peer->agent, 1, 1);
  GSocketAddress *address = NULL;

  for (GSList *l = candidates; l != NULL; l = l->next)
    {
      const NiceCandidate *candidate = l->data;

      if (candidate->transport == NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE)
        address = g_inet_socket_address_new_from_string (
            "127.0.0.1", nice_address_get_port (&candidate->addr));
    }
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  g_assert_nonnull (address);
  return address;
}

/* A connection that is over costs nothing any more: else who connects often enough has
 * all descriptors of the process. */
static void
test_strangers_come_and_go (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GSocketAddress) address = NULL;
  guint before;

  g_object_set (peer->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  peer_gather (peer);
  address = get_passive_address (peer);
  before = process_count_descriptors ();
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (GSocket) socket = g_socket_new (
          G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

      g_assert_true (g_socket_connect (socket, address, NULL, NULL));
      wait_until (process_count_descriptors () == before + 2); /* both ends */
      g_socket_close (socket, NULL);
      wait_until (process_count_descriptors () == before);
    }
}

/* Those who say nothing do not keep the peer out. */
static void
test_strangers_stay (void)
{
  enum
  {
    N = 40
  };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GSocketAddress) address = NULL;
  GSocket *sockets[N];
  guint before;

  g_object_set (pair->left->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  g_object_set (pair->right->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  peer_gather (pair->left);
  peer_gather (pair->right);
  address = get_passive_address (pair->right);
  before = process_count_descriptors ();
  for (guint i = 0; i < N; i++)
    {
      sockets[i] = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL);
      g_assert_true (g_socket_connect (sockets[i], address, NULL, NULL));
      run_pending ();
    }
  g_assert_cmpuint (process_count_descriptors (), <,
                    before + 2 * N); /* not all are kept */

  peer_tell_credentials (pair->left, pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_tell_candidates_of (pair->right, pair->left, NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE);
  peer_tell_candidates_of (pair->left, pair->right, NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
  for (guint i = 0; i < N; i++)
    g_object_unref (sockets[i]);
}

#define ADD(name, function) g_test_add_func ("/tcp/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/tcp/whoever-is-refused-is-told-of-room", GINT_TO_POINTER (0),
                        test_whoever_is_refused_is_told_of_room);
  g_test_add_data_func ("/tcp/whoever-is-refused-is-told-of-room/coalescing",
                        GINT_TO_POINTER (200), test_whoever_is_refused_is_told_of_room);
  ADD ("long-messages-are-sent-whole-or-not-at-all",
       test_long_messages_are_sent_whole_or_not_at_all);
  g_test_add_data_func ("/tcp/readers-need-not-know-of-frames",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_RELIABLE),
                        test_readers_need_not_know_of_frames);
  g_test_add_data_func (
      "/tcp/readers-need-not-know-of-frames/bytestream",
      GUINT_TO_POINTER (NICE_AGENT_OPTION_RELIABLE | NICE_AGENT_OPTION_BYTESTREAM_TCP),
      test_readers_need_not_know_of_frames);
  ADD ("the-end-of-a-connection-is-the-end-of-the-bytes",
       test_the_end_of_a_connection_is_the_end_of_the_bytes);
  ADD ("an-ended-connection-is-made-anew", test_an_ended_connection_is_made_anew);
  ADD ("both-connect-at-once", test_both_connect_at_once);
  ADD ("strangers-come-and-go", test_strangers_come_and_go);
  ADD ("strangers-stay", test_strangers_stay);
  return g_test_run ();
}
