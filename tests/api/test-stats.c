/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics: what W3C webrtc-stats promises of each member. */
#include "agents.h"
#include "names.h"
#include "stranger.h"

#include <string.h>

/* The one of that type; NULL: there is none. */
static GVariant *
find (GVariant *stats, const gchar *type)
{
  GVariantIter iter;
  GVariant *found = NULL, *value;

  g_variant_iter_init (&iter, stats);
  while (found == NULL && g_variant_iter_next (&iter, "{&sv}", NULL, &value))
    {
      const gchar *its = NULL;

      if (g_variant_lookup (value, "type", "&s", &its) && g_str_equal (its, type))
        found = g_variant_ref (value);
      g_variant_unref (value);
    }
  return found;
}

static guint64
get (GVariant *dictionary, const gchar *key)
{
  guint64 number = G_MAXUINT64;

  g_assert_true (g_variant_lookup (dictionary, key, "t", &number));
  return number;
}

static gchar *
get_text (GVariant *dictionary, const gchar *key)
{
  gchar *text = NULL;

  g_variant_lookup (dictionary, key, "s", &text);
  return text;
}

static gdouble
get_time (GVariant *dictionary, const gchar *key)
{
  gdouble time = 0;

  g_assert_true (g_variant_lookup (dictionary, key, "d", &time));
  return time;
}

static void
check_traffic (GVariant *dictionary, guint sent, guint received)
{
  g_assert_cmpuint (get (dictionary, "packetsSent"), ==, sent);
  g_assert_cmpuint (get (dictionary, "bytesSent"), ==, 5 * sent);
  g_assert_cmpuint (get (dictionary, "packetsReceived"), ==, received);
  g_assert_cmpuint (get (dictionary, "bytesReceived"), ==, 5 * received);
}

static void
test_data_is_counted_by_pair_and_transport (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GVariant) left = NULL, right = NULL;
  const gdouble began = g_get_real_time () / 1e3;
  static const gchar *const types[] = { "candidate-pair", "transport" };

  pair_connect (pair);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 5, "hello"), ==, 5);
  wait_until (pair->right->n_messages[1] == 3);
  left = nice_agent_get_stats (pair->left->agent);
  right = nice_agent_get_stats (pair->right->agent);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GVariant) mine = find (left, types[i]);
      g_autoptr (GVariant) theirs = find (right, types[i]);

      check_traffic (mine, 3, 0);
      check_traffic (theirs, 0, 3);
      g_assert_cmpfloat (get_time (mine, "timestamp"), >=, began);
    }
}

static void
test_times_are_those_of_the_wall (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_CONSENT_FRESHNESS, 1);
  g_autoptr (GVariant) stats = NULL, row = NULL;
  const gdouble began = g_get_real_time () / 1e3;

  pair_connect (pair);
  g_assert_cmpint (nice_agent_send (pair->left->agent, 1, 1, 5, "hello"), ==, 5);
  stats = nice_agent_get_stats (pair->left->agent);
  row = find (stats, "candidate-pair");
  g_assert_cmpfloat (get_time (row, "lastPacketSentTimestamp"), >=, began - 1);
  g_assert_cmpfloat (get_time (row, "lastPacketSentTimestamp"), <=,
                     get_time (row, "timestamp"));
  g_assert_cmpfloat (get_time (row, "consentExpiredTimestamp"), >=, began + 20000);
  g_assert_false (g_variant_lookup (row, "lastPacketReceivedTimestamp", "d", NULL));
}

static void
test_every_row_has_its_identifier (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 2);
  g_autoptr (GVariant) stats = NULL;
  GVariantIter iter;
  const gchar *key;
  GVariant *row;

  pair_connect (pair);
  stats = nice_agent_get_stats (pair->left->agent);
  g_variant_iter_init (&iter, stats);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &row))
    {
      g_autofree gchar *id = get_text (row, "id");

      g_assert_cmpstr (id, ==, key);
      g_assert_cmpfloat (get_time (row, "timestamp"), >, 0);
      g_variant_unref (row);
    }
}

/* It says why, too. */
static void
test_the_reason_of_a_failure (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_ICE_TRICKLE, 1);
  g_autoptr (GVariant) stats = NULL, row = NULL;
  g_autofree gchar *error = NULL, *ufrag = NULL, *mine = NULL, *pwd = NULL;

  g_object_set (peer->agent, "idle-timeout", 50, NULL);
  peer_gather (peer);
  g_assert_true (nice_agent_set_remote_credentials (peer->agent, 1, "abcd",
                                                    "0123456789012345678901"));
  g_assert_true (nice_agent_peer_candidate_gathering_done (peer->agent, 1));
  wait_until (peer->state[1] == NICE_COMPONENT_STATE_FAILED);
  stats = nice_agent_get_stats (peer->agent);
  row = find (stats, "transport");
  error = get_text (row, "error");
  g_assert_cmpstr (error, ==, "no-remote-candidates");
  ufrag = get_text (row, "iceLocalUsernameFragment");
  g_assert_true (nice_agent_get_local_credentials (peer->agent, 1, &mine, &pwd));
  g_assert_cmpstr (ufrag, ==, mine);
}

static void
test_a_server_whose_name_is_unknown (void)
{
  g_autoptr (Names) names = names_new (); /* the system's may ask servers, at length */
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (GVariant) stats = NULL, row = NULL;
  g_autofree gchar *error = NULL, *url = NULL;

  g_object_set (peer->agent, "stun-server", "no-such-name.invalid", NULL);
  g_assert_true (nice_agent_gather_candidates (peer->agent, 1));
  wait_until (peer->gathered);
  g_assert_cmpstr (names_get_log (names), !=, "");
  stats = nice_agent_get_stats (peer->agent);
  row = find (stats, "ice-server");
  url = get_text (row, "url");
  error = get_text (row, "error");
  g_assert_cmpstr (url, ==, "stun:no-such-name.invalid:3478");
  g_assert_cmpstr (error, ==, "name-not-found");
}

/* The foundation of a candidate is the peer's, who may write anything. */
static void
test_bytes_that_are_no_text (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autofree gchar *json = NULL;
  NiceCandidate *candidate = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);
  GSList list = { candidate, NULL };

  strcpy (candidate->foundation, "\xff\"x");
  candidate->priority = 1;
  g_assert_true (nice_address_set_from_string (&candidate->addr, "127.0.0.1"));
  nice_address_set_port (&candidate->addr, 9);
  g_assert_cmpint (nice_agent_set_remote_candidates (peer->agent, 1, 1, &list), ==, 1);
  json = nice_agent_get_stats_json (peer->agent);
  g_assert_true (g_utf8_validate (json, -1, NULL));
  g_assert_nonnull (strstr (json, "\\\"x\""));
  nice_candidate_free (candidate);
}

/* Everything that a program can read of an agent, as text. */
static gchar *
print_all (NiceAgent *agent)
{
  GString *all = g_string_new (NULL);
  g_autofree gchar *json = nice_agent_get_stats_json (agent);
  g_autofree GParamSpec **specs = NULL;
  guint n;

  g_string_append (all, json);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (agent), &n);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree gchar *text = NULL;

      if ((specs[i]->flags & G_PARAM_READABLE) == 0)
        continue;
      g_value_init (&value, specs[i]->value_type);
      g_object_get_property (G_OBJECT (agent), specs[i]->name, &value);
      text = g_strdup_value_contents (&value);
      g_string_append_printf (all, "%s=%s\n", specs[i]->name, text);
    }
  return g_string_free (all, FALSE);
}

static void
assert_nowhere (const gchar *all, const guint8 *id)
{
  g_autofree gchar *base64 = g_base64_encode (id, 12);
  GString *hex = g_string_new (NULL);

  for (guint i = 0; i < 12; i++)
    g_string_append_printf (hex, "%02x", id[i]);
  g_assert_null (strstr (all, base64));
  g_assert_null (strstr (all, hex->str));
  g_string_ascii_up (hex);
  g_assert_null (strstr (all, hex->str));
  g_string_free (hex, TRUE);
}

/* covers CONS-7675-5.1-f: two agents that were made and set alike, and both transactions
 * of each */
static void
test_transactions_have_no_name_for_programs (void)
{
  GHashTable *words = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Peer) peer = peer_new (
          NICE_AGENT_OPTION_REGULAR_NOMINATION | NICE_AGENT_OPTION_CONSENT_FRESHNESS, 1);
      g_autoptr (Stranger) stranger = stranger_new ();

      g_object_set (peer->agent, "controlling-mode", TRUE, NULL);
      g_assert_true (
          nice_agent_set_local_credentials (peer->agent, 1, "same", "the same password"));
      peer_gather (peer);
      stranger_meet (stranger, peer->agent, 1, 2000000000u);
      for (guint n = 0; n < 2;)
        {
          Heard *check = stranger_wait_for_new (stranger, &n);
          g_autofree gchar *all = print_all (peer->agent);

          assert_nowhere (all, check->data + 8);
          for (guint at = 8; at < 20; at += 4)
            {
              guint32 word;

              memcpy (&word, check->data + at, sizeof word);
              g_assert_true (g_hash_table_add (words, GUINT_TO_POINTER (word)));
            }
          stranger_answer (stranger, check);
        }
    }
  g_hash_table_unref (words);
}

gint
main (gint argc, gchar **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stats/traffic", test_data_is_counted_by_pair_and_transport);
  g_test_add_func ("/stats/times", test_times_are_those_of_the_wall);
  g_test_add_func ("/stats/identifiers", test_every_row_has_its_identifier);
  g_test_add_func ("/stats/reason", test_the_reason_of_a_failure);
  g_test_add_func ("/stats/unknown-server", test_a_server_whose_name_is_unknown);
  g_test_add_func ("/stats/no-text", test_bytes_that_are_no_text);
  g_test_add_func ("/stats/transactions", test_transactions_have_no_name_for_programs);
  return g_test_run ();
}
