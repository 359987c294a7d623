/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sending and receiving datagrams: return values, errors, pausing, waiting. Facts of the
 * contract 1.2, 1.3. */
#include "agents.h"

#include <string.h>

static Pair *
connected_pair (void)
{
  Pair *pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  pair_connect (pair);
  return pair;
}

static gint
send_text (Peer *peer, guint stream, guint component, const gchar *text, GError **error)
{
  GOutputVector vector = { text, strlen (text) };
  NiceOutputMessage message = { &vector, 1 };

  return nice_agent_send_messages_nonblocking (peer->agent, stream, component, &message,
                                               1, NULL, error);
}

/* --- Sending --- */

/* contract 1.3-a 1.3-e */
static void
test_nothing_can_be_sent_before_a_pair_is_selected (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (nice_agent_send (peer->agent, 1, 1, 1, "x"), ==, -1);
  g_assert_cmpint (send_text (peer, 1, 1, "x", &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* covers ICE-8445-12.1-a: the first pair is valid a round trip before it is nominated */
static void
test_data_may_go_before_nomination (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_REGULAR_NOMINATION, 1);

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (pair->left->agent),
                                    "data-before-nomination")
      == NULL)
    {
      g_test_skip ("icecold's");
      return;
    }
  g_object_set (pair->left->agent, "data-before-nomination", TRUE, NULL);
  peer_gather (pair->left);
  peer_gather (pair->right);
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_tell_candidates (pair->left, pair->right);
  wait_until (nice_agent_send (pair->left->agent, 1, 1, 5, "early") == 5);
  g_assert_cmpint (pair->left->state[1], ==, NICE_COMPONENT_STATE_CONNECTING);
  g_assert_cmpuint (peer_count (pair->left, "new-selected-pair"), ==, 0);
  wait_until (pair->right->n_messages[1] == 1);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY));
  g_assert_cmpuint (peer_count (pair->left, "new-selected-pair"), ==, 1);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 4, "late"), ==, 4);
  wait_until (pair->right->n_messages[1] == 2);
  g_assert_cmpstr (pair->right->received[1]->str, ==, "earlylate");
}

/* contract 1.3-f */
static void
test_sending_to_the_unknown_is_a_broken_pipe (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (nice_agent_send (peer->agent, 1, 2, 1, "x"), ==, -1);
  g_assert_cmpint (send_text (peer, 3, 1, "x", &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

/* contract 1.3-d */
static void
test_messages_of_several_buffers (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GError) error = NULL;
  GOutputVector three[] = { { "one", 3 }, { "", 0 }, { "two", 3 } };
  GOutputVector ended[] = { { "three", 5 }, { "four", 4 }, { NULL, 0 } };
  NiceOutputMessage messages[] = { { three, 3 }, { ended, -1 } };

  g_assert_cmpint (nice_agent_send_messages_nonblocking (pair->left->agent, 1, 1,
                                                         messages, 2, NULL, &error),
                   ==, 2);
  g_assert_no_error (error);
  wait_until (pair->right->n_messages[1] == 2);
  g_assert_cmpstr (pair->right->received[1]->str, ==, "onetwothreefour");
}

/* contract 1.3-g */
static void
test_cancelled_before_it_began (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GOutputVector vector = { "x", 1 };
  NiceOutputMessage message = { &vector, 1 };

  g_cancellable_cancel (cancellable);
  g_assert_cmpint (nice_agent_send_messages_nonblocking (
                       pair->left->agent, 1, 1, &message, 1, cancellable, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* contract 1.3-e */
static void
test_no_messages_would_block (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (nice_agent_send_messages_nonblocking (pair->left->agent, 1, 1, NULL, 0,
                                                         NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* contract 1.2-f 1.3-b: an empty datagram goes out and -1 comes back; empty ones are not
 * delivered. */
static void
test_empty_datagram (void)
{
  g_autoptr (Pair) pair = connected_pair ();

  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 0, ""), ==, -1);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 1, "x"), ==, 1);
  wait_until (pair->right->n_messages[1] > 0);
  g_assert_cmpstr (pair->right->received[1]->str, ==, "x");
  g_assert_cmpuint (pair->right->n_messages[1], ==, 1);
}

/* contract 1.3-m 1.3-n */
static void
test_sockets_are_lent (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  GPtrArray *sockets = nice_agent_get_sockets (pair->left->agent, 1, 1);
  GSocket *selected = nice_agent_get_selected_socket (pair->left->agent, 1, 1);

  g_assert_cmpuint (sockets->len, ==, 1);
  g_assert_true (G_IS_SOCKET (selected));
  g_assert_true (g_ptr_array_index (sockets, 0) == selected);
  g_assert_null (nice_agent_get_sockets (pair->left->agent, 1, 2));
  g_assert_null (nice_agent_get_selected_socket (pair->left->agent, 1, 2));
  g_ptr_array_unref (sockets);
  g_object_unref (selected);
}

/* covers ICE-8445-7.2.3-a: contract 1.3-o */
static void
test_tos_reaches_the_socket (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GSocket) socket = NULL;
  gint tos = 0;

#ifdef ON_UDP_MUX
  g_test_skip ("a socket of many has no class of its own: each datagram says it");
  return;
#endif
  nice_agent_set_stream_tos (pair->left->agent, 1, 46 << 2);
  socket = nice_agent_get_selected_socket (pair->left->agent, 1, 1);
  g_assert_true (g_socket_get_option (socket, IPPROTO_IP, IP_TOS, &tos, NULL));
  g_assert_cmpint (tos, ==, 46 << 2);
}

/* --- Callbacks --- */

static void
count (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
       gpointer n)
{
  (*(guint *)n)++;
}

static void
add (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
     gpointer text)
{
  g_string_append_len (text, buf, len);
}

/* contract 1.2-c: libnice wakes up for ever, or calls NULL */
static void
test_messages_wait_while_nobody_is_attached (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (Pair) pair = connected_pair ();

  g_assert_true (nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL));
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "one"), ==, 3);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 3, "two"), ==, 3);
  for (guint i = 0; i < 20; i++) /* libnice would have something to do for ever */
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (pair->right->n_messages[1], ==, 0);
  g_assert_true (nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, add, text));
  wait_until (text->len == 6);
  g_assert_cmpstr (text->str, ==, "onetwo");
}

/* contract 1.2-c */
static void
test_a_call_gets_what_waited (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  gchar buffer[16];

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  nice_agent_send (pair->left->agent, 1, 1, 6, "waited");
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (nice_agent_recv (pair->right->agent, 1, 1, (guint8 *)buffer,
                                    sizeof buffer, NULL, NULL),
                   ==, 6);
  g_assert_cmpmem (buffer, 6, "waited", 6);
}

/* contract 1.2-b */
static void
test_attaching_to_the_unknown (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "*Could not find component*");
  g_assert_false (nice_agent_attach_recv (peer->agent, 1, 2, NULL, count, NULL));
  g_test_assert_expected_messages ();
}

static void
count_ex (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
          NiceMessageExtraData *exdata, gpointer n)
{
  g_assert_null (exdata);
  (*(guint *)n)++;
}

static void
on_notify (gpointer n)
{
  *(guint *)n += 100;
}

/* contract 1.2-g */
static void
test_notify_runs_when_another_is_attached (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  guint n = 0;

  nice_agent_attach_recv_ex (pair->right->agent, 1, 1, NULL, count_ex, &n, on_notify);
  nice_agent_send (pair->left->agent, 1, 1, 1, "x");
  wait_until (n == 1);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, count, &n);
  wait_until (n == 101);
  nice_agent_attach_recv_ex (pair->right->agent, 1, 1, NULL, count_ex, &n, on_notify);
  nice_agent_remove_stream (pair->right->agent, 1);
  wait_until (n == 201);
}

static void
keep (NiceAgent *agent, guint stream_id, guint component_id, GBytes *bytes, gpointer data)
{
  *(GBytes **)data = g_bytes_ref (bytes);
}

static void
test_bytes_may_be_kept (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GBytes) bytes = NULL;
  guint n = 0;

  g_assert_true (
      nice_agent_attach_recv_bytes (pair->right->agent, 1, 1, NULL, keep, &bytes, NULL));
  nice_agent_send (pair->left->agent, 1, 1, 4, "kept");
  wait_until (bytes != NULL);
  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, count, &n);
  nice_agent_send (pair->left->agent, 1, 1, 4, "more");
  wait_until (n == 1);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "kept", 4);
}

/* contract 1.2-q: a source that was never checked */
static void
test_strangers_are_not_heard (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GSocket) stranger = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocket) socket = nice_agent_get_selected_socket (pair->right->agent, 1, 1);
  g_autoptr (GSocketAddress) to = g_socket_get_local_address (socket, NULL);

  g_assert_cmpint (g_socket_send_to (stranger, to, "stranger", 8, NULL, NULL), ==, 8);
  nice_agent_send (pair->left->agent, 1, 1, 6, "friend");
  wait_until (pair->right->n_messages[1] > 0);
  g_assert_cmpstr (pair->right->received[1]->str, ==, "friend");
}

/* --- Calls that wait --- */

/* contract 1.2-h 1.2-j 1.2-m 1.2-t */
static void
test_waiting_for_a_message (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GError) error = NULL;
  guint8 buffer[16];

  g_assert_cmpint (nice_agent_recv_nonblocking (pair->right->agent, 1, 1, buffer,
                                                sizeof buffer, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  nice_agent_send (pair->left->agent, 1, 1, 5, "first");
  nice_agent_send (pair->left->agent, 1, 1, 6, "second");
  g_assert_cmpint (
      nice_agent_recv (pair->right->agent, 1, 1, buffer, sizeof buffer, NULL, &error), ==,
      5);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, 5, "first", 5);
  g_assert_cmpint (nice_agent_recv (pair->right->agent, 1, 1, buffer, 3, NULL, &error),
                   ==, 3);
  g_assert_cmpmem (buffer, 3, "sec", 3);
  g_assert_cmpint (nice_agent_recv_nonblocking (pair->right->agent, 1, 1, buffer,
                                                sizeof buffer, NULL, &error),
                   ==, -1); /* what was cut off does not come later */
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* contract 1.2-k 1.2-u */
static void
test_waiting_for_several_messages (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  gchar text[2][4] = { "", "" };
  GInputVector vectors[2][2] = { { { text[0], 2 }, { text[0] + 2, 2 } },
                                 { { text[1], 4 }, { NULL, 0 } } };
  NiceAddress from;
  NiceInputMessage messages[2] = { { vectors[0], 2, &from, 0 },
                                   { vectors[1], -1, NULL, 0 } };
  NiceCandidate *local, *remote;

  nice_agent_send (pair->left->agent, 1, 1, 3, "abc");
  nice_agent_send (pair->left->agent, 1, 1, 2, "de");
  g_assert_cmpint (
      nice_agent_recv_messages (pair->right->agent, 1, 1, messages, 2, NULL, NULL), ==,
      2);
  g_assert_cmpuint (messages[0].length, ==, 3);
  g_assert_cmpuint (messages[1].length, ==, 2);
  g_assert_cmpmem (text[0], 3, "abc", 3);
  g_assert_cmpmem (text[1], 2, "de", 2);
  nice_agent_get_selected_pair (pair->right->agent, 1, 1, &local, &remote);
  g_assert_true (nice_address_equal (&from, &remote->addr));
}

static gpointer
receive_two (gpointer agent)
{
  gchar text[2][4];
  GInputVector vectors[] = { { text[0], 4 }, { text[1], 4 } };
  NiceInputMessage messages[] = { { &vectors[0], 1, NULL, 0 },
                                  { &vectors[1], 1, NULL, 0 } };

  g_assert_cmpint (nice_agent_recv_messages (agent, 1, 1, messages, 2, NULL, NULL), ==,
                   2);
  g_assert_cmpmem (text[0], messages[0].length, "one", 3);
  g_assert_cmpmem (text[1], messages[1].length, "two", 3);
  return NULL;
}

/* contract 1.2-k: the second one is sent when the first has long been there */
static void
test_one_message_is_not_all (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  GThread *thread;

  nice_agent_attach_recv (pair->right->agent, 1, 1, NULL, NULL, NULL);
  nice_agent_send (pair->left->agent, 1, 1, 3, "one");
  thread = g_thread_new ("receive", receive_two, pair->right->agent);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  nice_agent_send (pair->left->agent, 1, 1, 3, "two");
  g_thread_join (thread);
}

static gpointer
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* contract 1.2-o */
static void
test_the_wait_can_be_cancelled (void)
{
  g_autoptr (Pair) pair = connected_pair ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;
  guint8 byte;

  thread = g_thread_new ("cancel", cancel, cancellable);
  g_assert_cmpint (
      nice_agent_recv (pair->right->agent, 1, 1, &byte, 1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

/* contract 1.2-i 1.2-o */
static void
test_receiving_from_the_unknown_is_a_broken_pipe (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GError) error = NULL;
  guint8 byte;

  g_assert_cmpint (nice_agent_recv (peer->agent, 1, 2, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_cmpint (nice_agent_recv_messages (peer->agent, 1, 1, NULL, 0, NULL, NULL), ==,
                   0);
}

#define ADD(name, function) g_test_add_func ("/data/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("nothing-can-be-sent-before-a-pair-is-selected",
       test_nothing_can_be_sent_before_a_pair_is_selected);
  ADD ("before-nomination", test_data_may_go_before_nomination);
  ADD ("sending-to-the-unknown-is-a-broken-pipe",
       test_sending_to_the_unknown_is_a_broken_pipe);
  ADD ("messages-of-several-buffers", test_messages_of_several_buffers);
  ADD ("cancelled-before-it-began", test_cancelled_before_it_began);
  ADD ("no-messages-would-block", test_no_messages_would_block);
  ADD ("empty-datagram", test_empty_datagram);
  ADD ("sockets-are-lent", test_sockets_are_lent);
  ADD ("tos-reaches-the-socket", test_tos_reaches_the_socket);
  ADD ("messages-wait-while-nobody-is-attached",
       test_messages_wait_while_nobody_is_attached);
  ADD ("a-call-gets-what-waited", test_a_call_gets_what_waited);
  ADD ("attaching-to-the-unknown", test_attaching_to_the_unknown);
  ADD ("notify-runs-when-another-is-attached", test_notify_runs_when_another_is_attached);
  ADD ("bytes-may-be-kept", test_bytes_may_be_kept);
  ADD ("strangers-are-not-heard", test_strangers_are_not_heard);
  ADD ("waiting-for-a-message", test_waiting_for_a_message);
  ADD ("waiting-for-several-messages", test_waiting_for_several_messages);
  ADD ("one-message-is-not-all", test_one_message_is_not_all);
  ADD ("the-wait-can-be-cancelled", test_the_wait_can_be_cancelled);
  ADD ("receiving-from-the-unknown-is-a-broken-pipe",
       test_receiving_from_the_unknown_is_a_broken_pipe);
  return g_test_run ();
}
