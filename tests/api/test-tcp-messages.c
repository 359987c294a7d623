/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages over ICE-TCP. Facts of the contract 1.3, 1.8. RFC 6544; RFC 4571. */
#include "agents.h"

#include <string.h>

#define LARGEST 0xf800 /* what one frame of libnice carries */

static Pair *
tcp_pair (void)
{
  Pair *pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  g_object_set (pair->left->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  g_object_set (pair->right->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  pair_connect (pair);
  return pair;
}

/* contract 1.8-c 1.9-j */
static void
test_active_goes_to_passive (void)
{
  g_autoptr (Pair) pair = tcp_pair ();
  NiceCandidate *local = NULL, *remote = NULL;

  for (guint i = 0; i < 2; i++)
    {
      const Peer *peer = i == 0 ? pair->left : pair->right;

      g_assert_true (
          nice_agent_get_selected_pair (peer->agent, peer->stream, 1, &local, &remote));
      if (local->transport == NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE)
        g_assert_cmpint (remote->transport, ==, NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE);
      else
        {
          g_assert_cmpint (local->transport, ==, NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE);
          g_assert_cmpint (remote->transport, ==, NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE);
        }
    }
}

static void
send_all (const Peer *peer, const gchar *data, guint len)
{
  gint n;

  while ((n = nice_agent_send (peer->agent, peer->stream, 1, len, data)) < 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (n, ==, (gint)len);
}

/* contract 1.3-l 1.8-c: each as it was sent, though TCP knows no messages */
static void
test_messages_arrive_whole (void)
{
  static const guint sizes[] = { 1, 2, 1200, 1201, 9000, 1, LARGEST, LARGEST - 1, 3 };
  g_autoptr (Pair) pair = tcp_pair ();
  g_autofree gchar *data = g_malloc (LARGEST);
  gsize at = 0;

  for (gsize i = 0; i < LARGEST; i++)
    data[i] = (gchar)(i * 7 + i / 251);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    send_all (pair->left, data, sizes[i]);
  wait_until (pair->right->n_messages[1] == G_N_ELEMENTS (sizes));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); at += sizes[i++])
    g_assert_cmpmem (pair->right->received[1]->str + at, sizes[i], data, sizes[i]);
  g_assert_cmpuint (pair->right->received[1]->len, ==, at);
}

/* contract 1.3-l: in one call, some of several buffers */
static void
test_messages_of_one_call_arrive_whole (void)
{
  g_autoptr (Pair) pair = tcp_pair ();
  GOutputVector parts[] = { { "one", 3 }, { " and", 4 }, { " two", 4 } };
  NiceOutputMessage messages[] = { { parts, 3 }, { parts, 1 }, { parts + 1, 2 } };

  g_assert_cmpint (nice_agent_send_messages_nonblocking (pair->right->agent, 1, 1,
                                                         messages, 3, NULL, NULL),
                   ==, 3);
  wait_until (pair->left->n_messages[1] == 3);
  g_assert_cmpstr (pair->left->received[1]->str, ==, "one and twoone and two");
}

#define ADD(name, function) g_test_add_func ("/tcp-messages/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("active-goes-to-passive", test_active_goes_to_passive);
  ADD ("messages-arrive-whole", test_messages_arrive_whole);
  ADD ("messages-of-one-call-arrive-whole", test_messages_of_one_call_arrive_whole);
  return g_test_run ();
}
