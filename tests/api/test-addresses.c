/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which addresses are gathered on, and what they are shown as. */
#include "agents.h"

#include <nice/interfaces.h>

static guint
count_candidates (NiceAgent *agent, NiceCandidateType type, const gchar *ip)
{
  GSList *candidates = nice_agent_get_local_candidates (agent, 1, 1);
  guint n = 0;

  for (GSList *item = candidates; item != NULL; item = item->next)
    {
      const NiceCandidate *candidate = item->data;
      g_autofree gchar *text = nice_address_dup_string (&candidate->addr);

      n += candidate->type == type && g_strcmp0 (text, ip) == 0;
    }
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  return n;
}

/* --- The filter --- */

typedef struct
{
  GHashTable *asked; /* address: interface */
  gboolean answer, is_over;
} Filter;

static gboolean
on_address (NiceAgent *agent, const gchar *interface_name, const NiceAddress *address,
            gpointer data)
{
  Filter *self = data;

  g_assert_cmpuint (nice_address_get_port (address), ==, 0);
  g_assert_cmpint (nice_agent_get_component_state (agent, 1, 1), >=, 0); /* no lock */
  g_hash_table_insert (self->asked, nice_address_dup_string (address),
                       g_strdup (interface_name));
  return self->answer;
}

static void
on_over (gpointer data)
{
  ((Filter *)data)->is_over = TRUE;
}

static NiceAgent *
filtered_agent (Filter *filter)
{
  NiceAgent *agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);

  filter->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_object_set (agent, "upnp", FALSE, NULL);
  nice_agent_add_stream (agent, 1);
  nice_agent_set_address_filter (agent, on_address, filter, on_over);
  return agent;
}

static void
drop (NiceAgent *agent, Filter *filter)
{
  g_object_unref (agent);
  g_assert_true (filter->is_over);
  g_hash_table_unref (filter->asked);
}

static void
test_every_address_is_asked_about (void)
{
  Filter filter = { .answer = TRUE };
  NiceAgent *agent = filtered_agent (&filter);
  GList *ips = nice_interfaces_get_local_ips (FALSE);

  g_assert_cmpint (nice_agent_gather_candidates (agent, 1), ==, ips != NULL);
  for (GList *item = ips; item != NULL; item = item->next)
    {
      g_auto (GStrv) parts = g_strsplit (item->data, "%", 2);
      const gchar *name = g_hash_table_lookup (filter.asked, parts[0]);

      g_assert_nonnull (name);
      g_assert_cmpstr (name, !=, "");
      g_assert_cmpuint (count_candidates (agent, NICE_CANDIDATE_TYPE_HOST, parts[0]), >,
                        0);
    }
  g_list_free_full (ips, g_free);
  drop (agent, &filter);
}

static void
test_nothing_is_left (void)
{
  Filter filter = { .answer = FALSE };
  NiceAgent *agent = filtered_agent (&filter);

  g_assert_false (nice_agent_gather_candidates (agent, 1));
  drop (agent, &filter);
}

static void
test_addresses_by_hand_are_not_asked_about (void)
{
  Filter filter = { .answer = FALSE };
  NiceAgent *agent = filtered_agent (&filter);
  NiceAddress address;

  g_assert_true (nice_address_set_from_string (&address, "127.0.0.1"));
  nice_agent_add_local_address (agent, &address);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  g_assert_cmpuint (g_hash_table_size (filter.asked), ==, 0);
  drop (agent, &filter);
}

static void
test_a_filter_is_replaced (void)
{
  Filter filter = { .answer = FALSE }, second = { .answer = FALSE };
  NiceAgent *agent = filtered_agent (&filter);

  nice_agent_set_address_filter (agent, on_address, &second, on_over);
  g_assert_true (filter.is_over);
  nice_agent_set_address_filter (agent, NULL, NULL, NULL);
  g_assert_true (second.is_over);
  drop (agent, &filter);
}

/* --- One to one --- */

static void
map (Peer *peer, const gchar *mapping, gboolean only)
{
  const gchar *const mappings[] = { mapping, NULL };

  g_object_set (peer->agent, "mapped-addresses", mappings, "mapped-addresses-only", only,
                NULL);
}

static void
test_a_mapped_address_is_added (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  map (pair->left, "203.0.113.7", FALSE);
  pair_connect (pair);
  g_assert_cmpuint (
      count_candidates (pair->left->agent, NICE_CANDIDATE_TYPE_HOST, "127.0.0.1"), ==, 1);
  g_assert_cmpuint (count_candidates (pair->left->agent,
                                      NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE,
                                      "203.0.113.7"),
                    ==, 1);
}

/* The peer is not told the address, and connects all the same. */
static void
test_a_mapped_address_is_shown_alone (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *sdp = NULL;

  map (pair->left, "203.0.113.7/127.0.0.1", TRUE);
  pair_connect (pair); /* which learns what the NAT that is not there would hide */
  sdp = nice_agent_generate_local_sdp (pair->left->agent);
  g_assert_nonnull (g_strstr_len (sdp, -1, "203.0.113.7"));
  g_assert_null (g_strstr_len (sdp, -1, "typ srflx"));
  g_assert_cmpuint (
      count_candidates (pair->left->agent, NICE_CANDIDATE_TYPE_HOST, "127.0.0.1"), ==, 0);
}

static void
test_a_mapping_of_another_address (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  map (peer, "203.0.113.7/10.1.2.3", TRUE);
  peer_gather (peer);
  g_assert_cmpuint (count_candidates (peer->agent, NICE_CANDIDATE_TYPE_HOST, "127.0.0.1"),
                    ==, 1);
}

/* A restart gathers on what is new: what is shown differs from what is there. */
static void
test_a_restart_finds_nothing_new (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  guint n;

  map (peer, "203.0.113.7", TRUE);
  peer_gather (peer);
  n = peer_count (peer, "new-candidate-full");
  g_assert_true (nice_agent_restart (peer->agent));
  run_pending ();
  g_assert_cmpuint (peer_count (peer, "new-candidate-full"), ==, n);
}

static void
test_what_is_no_address_is_left_out (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  const gchar *const wrong[] = { "example.org", "203.0.113.7/::1", "", NULL };

  for (guint i = 0; i < g_strv_length ((gchar **)wrong); i++)
    {
      g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "*neither an address*");
      map (peer, wrong[i], FALSE);
      g_test_assert_expected_messages ();
    }
}

gint
main (gint argc, gchar **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/addresses/filter", test_every_address_is_asked_about);
  g_test_add_func ("/addresses/filter-all", test_nothing_is_left);
  g_test_add_func ("/addresses/by-hand", test_addresses_by_hand_are_not_asked_about);
  g_test_add_func ("/addresses/replaced", test_a_filter_is_replaced);
  g_test_add_func ("/addresses/mapped", test_a_mapped_address_is_added);
  g_test_add_func ("/addresses/mapped-only", test_a_mapped_address_is_shown_alone);
  g_test_add_func ("/addresses/mapped-other", test_a_mapping_of_another_address);
  g_test_add_func ("/addresses/mapped-restart", test_a_restart_finds_nothing_new);
  g_test_add_func ("/addresses/mapped-wrong", test_what_is_no_address_is_left_out);
  return g_test_run ();
}
