/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of states, timers, credentials and roles, each by itself. */
#include "config.h"

#include "ice/component.h"
#include "ice/credentials.h"
#include "ice/deadline.h"
#include "ice/pair.h"
#include "ice/role.h"
#include "ice/session.h"

/* From rows, to columns; F W I S X for the pair's states in their order. */
static void
test_pair_states_follow_the_table (void)
{
  static const gchar *const allowed[] = { "-W-SX", "F-ISX", "-W-SX", "-W--X", "-W-S-" };

  for (guint from = 0; from < 5; from++)
    for (guint to = 0; to < 5; to++)
      g_assert_cmpint (ice_pair_state_may_change (from, to), ==,
                       allowed[from][to] != '-');
}

/* What users of libnice observe; Gathering and Failed may follow anything. */
static void
test_component_states_follow_the_table (void)
{
  static const gchar *const allowed[] = { "-gc--f", "--c--f", "-g-C-f",
                                          "-gc-rf", "-g-C-f", "-gc---" };

  for (guint from = 0; from < 6; from++)
    for (guint to = 0; to < 6; to++)
      g_assert_cmpint (ice_component_state_may_change (from, to), ==,
                       allowed[from][to] != '-');
}

/* covers CONS-7675-5.1-a */
static void
test_consent_interval_is_4_to_6_seconds (void)
{
  g_assert_cmpint (ice_deadline_get_consent_interval (0), ==, 4 * ICE_SECOND);
  g_assert_cmpint (ice_deadline_get_consent_interval (1u << 31), ==, 5 * ICE_SECOND);
  g_assert_cmpint (ice_deadline_get_consent_interval (G_MAXUINT32), <, 6 * ICE_SECOND);
}

static void
test_timers_come_due_in_order_and_once (void)
{
  IceHeap timers = { 0 };
  IceTimer a, b;

  ice_timer_init (&a, ICE_TIMER_VERDICT, &a);
  ice_timer_init (&b, ICE_TIMER_CONSENT, &b);
  g_assert_cmpint (ice_timers_get_deadline (&timers), ==, ICE_NEVER);
  ice_timer_start (&a, &timers, 20);
  ice_timer_start (&b, &timers, 10);
  g_assert_cmpint (ice_timers_get_deadline (&timers), ==, 10);
  ice_timer_start (&b, &timers, 30);
  g_assert_null (ice_timers_pop_due (&timers, 19));
  g_assert_true (ice_timers_pop_due (&timers, 30) == &a);
  ice_timer_stop (&b, &timers);
  ice_timer_stop (&b, &timers);
  g_assert_null (ice_timers_pop_due (&timers, 100));
  ice_list_clear (&timers);
}

static void
count_up (gpointer data, guint8 *dest, gsize len)
{
  guint8 *next = data;

  for (gsize i = 0; i < len; i++)
    dest[i] = (*next)++;
}

/* covers ICE-8445-5.3-a: the alphabet has 64 characters and each is as likely */
static void
test_credentials_are_ice_chars_without_bias (void)
{
  guint8 next = 0;
  IceEnv env = { .random = count_up, .data = &next };
  guint seen[128] = { 0 };
  IceSession session;
  IceConfig config;

  ice_config_init (&config);
  ice_session_init (&session, &config, &env, 0);
  next = 0;
  for (guint i = 0; i < 128; i++)
    {
      IceCredentials credentials = { 0 };

      ice_credentials_generate (&credentials, &session);
      g_assert_cmpuint (strlen (credentials.ufrag), ==, 4);
      g_assert_cmpuint (strlen (credentials.pwd), ==, 22);
      for (guint j = 0; j < 4; j++)
        seen[(guint8)credentials.ufrag[j]]++;
      for (guint j = 0; j < 22; j++)
        seen[(guint8)credentials.pwd[j]]++;
      ice_credentials_clear (&credentials);
    }
  /* 128 x 26 bytes count through all 256 values 13 times. */
  for (guint c = 0; c < 128; c++)
    g_assert_cmpuint (seen[c], ==, g_ascii_isalnum (c) || c == '+' || c == '/' ? 52 : 0);
  ice_session_clear (&session);
}

/* covers ICE-8445-7.3.1.1-a, ICE-8445-7.3.1.1-b: equality is tested for both */
static void
test_larger_tie_breaker_controls (void)
{
  IceSession session = { .tie_breaker = 5 };

  session.controlling = TRUE;
  g_assert_cmpint (ice_role_judge (&session, FALSE, 9), ==, ICE_ROLE_FINE);
  g_assert_cmpint (ice_role_judge (&session, TRUE, 4), ==, ICE_ROLE_REFUSE);
  g_assert_cmpint (ice_role_judge (&session, TRUE, 5), ==, ICE_ROLE_REFUSE);
  g_assert_cmpint (ice_role_judge (&session, TRUE, 6), ==, ICE_ROLE_SWITCH);
  session.controlling = FALSE;
  g_assert_cmpint (ice_role_judge (&session, TRUE, 9), ==, ICE_ROLE_FINE);
  g_assert_cmpint (ice_role_judge (&session, FALSE, 4), ==, ICE_ROLE_SWITCH);
  g_assert_cmpint (ice_role_judge (&session, FALSE, 5), ==, ICE_ROLE_SWITCH);
  g_assert_cmpint (ice_role_judge (&session, FALSE, 6), ==, ICE_ROLE_REFUSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/states/pair", test_pair_states_follow_the_table);
  g_test_add_func ("/ice/states/component", test_component_states_follow_the_table);
  g_test_add_func ("/ice/states/consent-interval",
                   test_consent_interval_is_4_to_6_seconds);
  g_test_add_func ("/ice/states/timers", test_timers_come_due_in_order_and_once);
  g_test_add_func ("/ice/states/credentials",
                   test_credentials_are_ice_chars_without_bias);
  g_test_add_func ("/ice/states/tie-breaker", test_larger_tie_breaker_controls);
  return g_test_run ();
}
