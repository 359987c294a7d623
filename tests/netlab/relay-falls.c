/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call through one of two relays. Prints which, keeps talking, and ends when the call
 * goes through the other one; fails where that takes more words than five seconds have.
 * Usage: relay-falls LOCAL-ADDRESS URI URI */
#include "config.h"

#include <stdio.h>

#include "agents.h"

/* A word each 20 ms. Counted in words, as the machine may leave the program no time to
 * say any, and then there is nothing to hear. */
#define WORD_MS 20
#define MAX_SILENT (5 * 1000 / WORD_MS)

typedef struct
{
  Pair *pair;
  guint n_heard;
  guint n_silent, longest; /* words since one was heard */
} Call;

static void
add_relay (Peer *peer, const gchar *uri)
{
  g_autoptr (GError) error = NULL;

  nice_agent_add_server (peer->agent, peer->stream, 1, uri, "ann", "secret", &error);
  g_assert_no_error (error);
}

static void
add_address (Peer *peer, const gchar *text)
{
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, text));
  nice_agent_add_local_address (peer->agent, &address);
}

/* Of the selected pair. */
static void
get_relay (const Peer *peer, gchar *text)
{
  NiceCandidate *local, *remote;

  g_assert_true (
      nice_agent_get_selected_pair (peer->agent, peer->stream, 1, &local, &remote));
  g_assert_cmpint (local->type, ==, NICE_CANDIDATE_TYPE_RELAYED);
  nice_address_to_string (&local->addr, text);
}

static gboolean
talk (gpointer data)
{
  Call *self = data;
  Peer *right = self->pair->right;

  nice_agent_send (self->pair->left->agent, self->pair->left->stream, 1, 4, "left");
  nice_agent_send (right->agent, right->stream, 1, 5, "right");
  if (right->n_messages[1] > self->n_heard)
    {
      self->n_heard = right->n_messages[1];
      self->n_silent = 0;
    }
  else
    self->n_silent++;
  self->longest = MAX (self->longest, self->n_silent);
  g_assert_cmpuint (self->longest, <, MAX_SILENT);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  gchar first[INET6_ADDRSTRLEN], now[INET6_ADDRSTRLEN];
  Call call = { .pair = pair };
  guint source;

  g_assert_cmpint (argc, ==, 4);
  add_address (pair->left, argv[1]);
  add_address (pair->right, argv[1]);
  g_object_set (pair->left->agent, "force-relay", TRUE, NULL);
  add_relay (pair->left, argv[2]);
  add_relay (pair->left, argv[3]);
  pair_connect (pair);
  get_relay (pair->left, first);
  source = g_timeout_add (WORD_MS, talk, &call);
  wait_until (call.n_heard > 0);
  printf ("%s\n", first);
  fflush (stdout);
  g_strlcpy (now, first, sizeof now);
  do
    {
      g_main_context_iteration (NULL, TRUE);
      if (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY))
        get_relay (pair->left, now);
    }
  while (g_str_equal (first, now));
  call.n_heard = pair->right->n_messages[1];
  wait_until (pair->right->n_messages[1] > call.n_heard);
  g_source_remove (source);
  printf ("silent for %u words of %u ms\n", call.longest, WORD_MS);
  return 0;
}
