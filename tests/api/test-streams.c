/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams, their names and their credentials. Facts of the contract 1.6,
 * 1.15. */
#include "agents.h"

#include <string.h>

static NiceAgent *
agent_new (void)
{
  NiceAgent *agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);

  g_object_set (agent, "upnp", FALSE, NULL);
  return agent;
}

/* contract 1.6-a 1.6-c */
static void
test_ids_ascend_and_are_never_used_again (void)
{
  g_autoptr (GObject) object = G_OBJECT (agent_new ());
  NiceAgent *agent = NICE_AGENT (object);

  g_assert_cmpuint (nice_agent_add_stream (agent, 1), ==, 1);
  g_assert_cmpuint (nice_agent_add_stream (agent, 2), ==, 2);
  nice_agent_remove_stream (agent, 2);
  nice_agent_remove_stream (agent, 2); /* unknown: nothing happens */
  g_assert_cmpuint (nice_agent_add_stream (agent, 1), ==, 3);
}

/* contract 1.5-f */
static void
test_state_of_the_unknown_is_failed (void)
{
  g_autoptr (GObject) object = G_OBJECT (agent_new ());
  NiceAgent *agent = NICE_AGENT (object);

  nice_agent_add_stream (agent, 1);
  g_assert_cmpint (nice_agent_get_component_state (agent, 1, 1), ==,
                   NICE_COMPONENT_STATE_DISCONNECTED);
  g_assert_cmpint (nice_agent_get_component_state (agent, 1, 2), ==,
                   NICE_COMPONENT_STATE_FAILED);
  g_assert_cmpint (nice_agent_get_component_state (agent, 2, 1), ==,
                   NICE_COMPONENT_STATE_FAILED);
}

static void
assert_ice_chars (const gchar *text, gsize length)
{
  g_assert_cmpuint (strlen (text), ==, length);
  g_assert_cmpuint (strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789+/"),
                    ==, length);
}

/* contract 1.6-d: they come from the system's generator; here only that they
 * differ */
static void
test_credentials_are_made_with_the_stream (void)
{
  g_autoptr (GObject) object = G_OBJECT (agent_new ());
  NiceAgent *agent = NICE_AGENT (object);
  g_autofree gchar *ufrag = NULL, *pwd = NULL, *other_ufrag = NULL, *other_pwd = NULL;

  nice_agent_add_stream (agent, 1);
  nice_agent_add_stream (agent, 1);
  g_assert_true (nice_agent_get_local_credentials (agent, 1, &ufrag, &pwd));
  g_assert_true (nice_agent_get_local_credentials (agent, 2, &other_ufrag, &other_pwd));
  assert_ice_chars (ufrag, 4);
  assert_ice_chars (pwd, 22);
  g_assert_cmpstr (ufrag, !=, other_ufrag);
  g_assert_cmpstr (pwd, !=, other_pwd);
}

/* contract 1.6-e */
static void
test_credentials_can_be_set (void)
{
  g_autoptr (GObject) object = G_OBJECT (agent_new ());
  NiceAgent *agent = NICE_AGENT (object);
  g_autofree gchar *ufrag = NULL, *pwd = NULL, *no_ufrag = NULL, *no_pwd = NULL;

  nice_agent_add_stream (agent, 1);
  g_assert_true (nice_agent_set_local_credentials (agent, 1, "unicorns", "awesome"));
  g_assert_true (nice_agent_get_local_credentials (agent, 1, &ufrag, &pwd));
  g_assert_cmpstr (ufrag, ==, "unicorns");
  g_assert_cmpstr (pwd, ==, "awesome");
  g_assert_false (nice_agent_set_local_credentials (agent, 2, "unicorns", "awesome"));
  g_assert_false (nice_agent_set_remote_credentials (agent, 2, "unicorns", "awesome"));
  g_assert_true (nice_agent_set_remote_credentials (agent, 1, "", ""));
  g_assert_true (nice_agent_set_local_credentials (agent, 1, "", ""));
  g_assert_true (nice_agent_get_local_credentials (agent, 1, &no_ufrag, &no_pwd));
  g_assert_cmpstr (no_ufrag, ==, "");
  g_assert_cmpstr (no_pwd, ==, "");
}

/* contract 1.6-k */
static void
test_credentials_of_nobody (void)
{
  g_autoptr (NiceAgent) agent = agent_new ();
  gchar *ufrag = NULL, *pwd = NULL;

  nice_agent_add_stream (agent, 1);
  g_assert_false (nice_agent_get_local_credentials (agent, 1, NULL, &pwd));
  g_assert_false (nice_agent_get_local_credentials (agent, 1, &ufrag, NULL));
  g_assert_null (ufrag);
  g_assert_null (pwd);
}

/* contract 1.6-k 1.15-a */
static void
test_credentials_of_the_unknown (void)
{
  g_autoptr (NiceAgent) agent = agent_new ();
  gchar *ufrag = NULL, *pwd = NULL;

  g_assert_false (nice_agent_get_local_credentials (agent, 1, &ufrag, &pwd));
  g_assert_null (ufrag);
}

/* contract 1.6-f */
static void
test_credentials_are_cut (void)
{
  g_autoptr (NiceAgent) agent = agent_new ();
  g_autofree gchar *text = g_strnfill (300, 'a');
  g_autofree gchar *ufrag = NULL, *pwd = NULL;

  nice_agent_add_stream (agent, 1);
  g_assert_true (nice_agent_set_local_credentials (agent, 1, text, text));
  g_assert_true (nice_agent_get_local_credentials (agent, 1, &ufrag, &pwd));
  g_assert_cmpuint (strlen (ufrag), ==, 256);
  g_assert_cmpuint (strlen (pwd), ==, 256);
}

/* contract 1.6-b */
static void
test_streams_have_components (void)
{
  g_autoptr (NiceAgent) agent = agent_new ();

  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*n_components*");
  g_assert_cmpuint (nice_agent_add_stream (agent, 0), ==, 0);
  g_test_assert_expected_messages ();
}

/* contract 1.6-h */
static void
test_names_of_nobody (void)
{
  g_autoptr (NiceAgent) agent = agent_new ();

  nice_agent_add_stream (agent, 1);
  g_assert_null (nice_agent_get_stream_name (agent, 2));
  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*name*");
  g_assert_false (nice_agent_set_stream_name (agent, 1, NULL));
  g_test_assert_expected_messages ();
}

/* contract 1.6-h */
static void
test_names_are_unique (void)
{
  g_autoptr (GObject) object = G_OBJECT (agent_new ());
  NiceAgent *agent = NICE_AGENT (object);

  nice_agent_add_stream (agent, 1);
  nice_agent_add_stream (agent, 1);
  g_assert_null (nice_agent_get_stream_name (agent, 1));
  g_assert_true (nice_agent_set_stream_name (agent, 1, "audio"));
  g_assert_false (nice_agent_set_stream_name (agent, 2, "audio"));
  g_assert_true (nice_agent_set_stream_name (agent, 1, "audio"));
  g_assert_true (nice_agent_set_stream_name (agent, 2, "video"));
  g_assert_cmpstr (nice_agent_get_stream_name (agent, 1), ==, "audio");
  g_assert_false (nice_agent_set_stream_name (agent, 3, "text"));
}

/* contract 1.6-i */
static void
test_odd_names_are_set_all_the_same (void)
{
  g_autoptr (GObject) object = G_OBJECT (agent_new ());
  NiceAgent *agent = NICE_AGENT (object);

  nice_agent_add_stream (agent, 1);
  g_test_expect_message ("libnice", G_LOG_LEVEL_CRITICAL, "*invalid SDP*");
  g_assert_true (nice_agent_set_stream_name (agent, 1, "smell"));
  g_test_assert_expected_messages ();
  g_assert_cmpstr (nice_agent_get_stream_name (agent, 1), ==, "smell");
}

static void
on_removed (NiceAgent *agent, const guint *ids, gint *n)
{
  g_assert_cmpuint (ids[0], ==, 1);
  g_assert_cmpuint (ids[1], ==, 0);
  g_assert_cmpint (nice_agent_get_component_state (agent, 1, 1), ==,
                   NICE_COMPONENT_STATE_FAILED);
  (*n)++;
}

/* contract 1.15-a 1.4-j */
static void
test_streams_removed_before_the_call_returns (void)
{
  g_autoptr (GObject) object = G_OBJECT (agent_new ());
  NiceAgent *agent = NICE_AGENT (object);
  gint n = 0;

  g_signal_connect (agent, "streams-removed", G_CALLBACK (on_removed), &n);
  nice_agent_add_stream (agent, 1);
  nice_agent_remove_stream (agent, 1);
  g_assert_cmpint (n, ==, 1);
}

static void
assert_gone (NiceAgent *agent)
{
  NiceCandidate *local, *remote;

  g_assert_cmpint (nice_agent_get_component_state (agent, 1, 1), ==,
                   NICE_COMPONENT_STATE_FAILED);
  g_assert_null (nice_agent_get_local_candidates (agent, 1, 1));
  g_assert_null (nice_agent_get_remote_candidates (agent, 1, 1));
  g_assert_null (nice_agent_get_default_local_candidate (agent, 1, 1));
  g_assert_null (nice_agent_get_sockets (agent, 1, 1));
  g_assert_false (nice_agent_set_local_credentials (agent, 1, "abcd", "0123456789"));
  g_assert_false (nice_agent_set_remote_credentials (agent, 1, "abcd", "0123456789"));
  g_assert_false (nice_agent_get_selected_pair (agent, 1, 1, &local, &remote));
  g_assert_false (nice_agent_set_selected_pair (agent, 1, 1, "1", "1"));
  g_assert_false (nice_agent_forget_relays (agent, 1, 1));
  g_assert_false (nice_agent_gather_candidates (agent, 1));
  g_assert_false (nice_agent_peer_candidate_gathering_done (agent, 1));
  g_assert_null (nice_agent_generate_local_stream_sdp (agent, 1, TRUE));
  g_assert_cmpint (nice_agent_send (agent, 1, 1, 1, "x"), ==, -1);
  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "*Could not find*");
  g_assert_false (nice_agent_restart_stream (agent, 1));
  g_test_assert_expected_messages ();
}

/* contract 1.15-a: reliable streams go on with what they were given, unseen */
static void
test_removed_streams_are_not_found (gconstpointer options)
{
  g_autoptr (Pair) pair = pair_new (GPOINTER_TO_UINT (options), 1);
  g_autofree gchar *data = g_malloc0 (50000);

  pair_connect (pair);
  nice_agent_send (pair->left->agent, 1, 1, 50000, data);
  nice_agent_remove_stream (pair->left->agent, 1);
  assert_gone (pair->left->agent);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer heard_in)
{
  g_assert_true (NICE_IS_AGENT (source));
  *(GMainContext **)heard_in = g_source_get_context (g_main_current_source ());
}

/* contract 1.15-c 1.15-f */
static void
test_close_keeps_the_agent_until_it_is_done (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GMainContext *heard_in = NULL;
  Peer *peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  peer_gather (peer);
  g_object_add_weak_pointer (G_OBJECT (peer->agent), (gpointer *)&peer->agent);
  g_main_context_push_thread_default (context);
  nice_agent_close_async (peer->agent, on_closed, &heard_in);
  g_main_context_pop_thread_default (context);
  g_object_unref (peer->agent);
  g_assert_nonnull (peer->agent);
  while (heard_in == NULL || peer->agent != NULL)
    {
      run_pending ();
      g_main_context_iteration (context, FALSE);
    }
  g_assert_true (heard_in == context);
  peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/streams/ids-ascend-and-are-never-used-again",
                   test_ids_ascend_and_are_never_used_again);
  g_test_add_func ("/streams/state-of-the-unknown-is-failed",
                   test_state_of_the_unknown_is_failed);
  g_test_add_func ("/streams/credentials-are-made-with-the-stream",
                   test_credentials_are_made_with_the_stream);
  g_test_add_func ("/streams/credentials-can-be-set", test_credentials_can_be_set);
  g_test_add_func ("/streams/credentials-of-nobody", test_credentials_of_nobody);
  g_test_add_func ("/streams/credentials-of-the-unknown",
                   test_credentials_of_the_unknown);
  g_test_add_func ("/streams/credentials-are-cut", test_credentials_are_cut);
  g_test_add_func ("/streams/streams-have-components", test_streams_have_components);
  g_test_add_func ("/streams/names-of-nobody", test_names_of_nobody);
  g_test_add_func ("/streams/names-are-unique", test_names_are_unique);
  g_test_add_func ("/streams/odd-names-are-set-all-the-same",
                   test_odd_names_are_set_all_the_same);
  g_test_add_func ("/streams/streams-removed-before-the-call-returns",
                   test_streams_removed_before_the_call_returns);
  g_test_add_data_func ("/streams/removed-ones-are-not-found/datagrams",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_NONE),
                        test_removed_streams_are_not_found);
  g_test_add_data_func ("/streams/removed-ones-are-not-found/reliable",
                        GUINT_TO_POINTER (NICE_AGENT_OPTION_RELIABLE),
                        test_removed_streams_are_not_found);
  g_test_add_func ("/streams/close-keeps-the-agent-until-it-is-done",
                   test_close_keeps_the_agent_until_it_is_done);
  return g_test_run ();
}
