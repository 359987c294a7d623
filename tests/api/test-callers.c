/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What callers do rarely, and what no caller should: that is refused by a message that
 * names it, and changes nothing. */
#include "agents.h"

/* In the dialects whose candidates have names and passwords, those of the peer's checks
 * are the ones it was told: candidates are not told again after a restart. */
static void
test_names_of_candidates_outlive_restarts (gconstpointer compatibility)
{
  g_autoptr (NiceAgent) agent =
      nice_agent_new (NULL, (NiceCompatibility)GPOINTER_TO_UINT (compatibility));
  NiceAddress loopback;
  NiceCandidate *before;

  nice_address_init (&loopback);
  g_assert_true (nice_address_set_from_string (&loopback, "127.0.0.1"));
  nice_agent_add_local_address (agent, &loopback);
  nice_agent_add_stream (agent, 1);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  before = nice_agent_get_default_local_candidate (agent, 1, 1);
  g_assert_nonnull (before->username);
  for (guint i = 0; i < 3; i++)
    {
      NiceCandidate *after;
      g_autofree gchar *ufrag = NULL, *pwd = NULL;

      g_assert_true (nice_agent_restart (agent));
      after = nice_agent_get_default_local_candidate (agent, 1, 1);
      g_assert_cmpstr (after->username, ==, before->username);
      g_assert_cmpstr (after->password, ==, before->password);
      g_assert_true (nice_agent_get_local_credentials (agent, 1, &ufrag, &pwd));
      g_assert_cmpstr (ufrag, ==, before->username);
      nice_candidate_free (after);
    }
  nice_candidate_free (before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/callers/names-of-candidates-outlive-restarts/google",
                        GUINT_TO_POINTER (NICE_COMPATIBILITY_GOOGLE),
                        test_names_of_candidates_outlive_restarts);
  g_test_add_data_func ("/callers/names-of-candidates-outlive-restarts/msn",
                        GUINT_TO_POINTER (NICE_COMPATIBILITY_MSN),
                        test_names_of_candidates_outlive_restarts);
  return g_test_run ();
}
