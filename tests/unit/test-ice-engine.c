/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two engines find each other on an ideal wire, at exact times. */
#include "config.h"

#include "ice-wire.h"
#include "stun/attributes.h"
#include "stun/fingerprint.h"
#include "stun/integrity.h"

#define R (100 * MS)

/* covers ICE-8445-6.1.4.2-a, ICE-8445-7.2.5.3.4-a, ICE-8445-8.1.1-a */
static void
test_regular_takes_two_round_trips_whatever_ta_is (void)
{
  static const gint64 tas[] = { 5 * MS, 20 * MS, 50 * MS, 500 * MS };

  for (guint i = 0; i < G_N_ELEMENTS (tas); i++)
    {
      IceConfig a, b;
      IceWire wire;

      ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
      a.ta = b.ta = tas[i];
      ice_wire_init (&wire, &a, &b, R / 2);
      ice_wire_connect (&wire, 1);
      ice_wire_run_until (&wire, SECOND);

      g_assert_cmpint (wire.ends[0].first_sent, ==, 0);
      g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 ready"), ==, 2 * R);
      g_assert_cmpint (ice_wire_when (&wire, "b state 1.1 ready"), ==, 2 * R - R / 2);
      ice_wire_clear (&wire);
    }
}

static void
test_aggressive_takes_one_round_trip_whatever_ta_is (void)
{
  static const gint64 tas[] = { 5 * MS, 20 * MS, 50 * MS, 500 * MS };

  for (guint i = 0; i < G_N_ELEMENTS (tas); i++)
    {
      IceConfig a, b;
      IceWire wire;

      ice_wire_make_configs (&a, &b, ICE_NOMINATION_AGGRESSIVE);
      a.ta = b.ta = tas[i];
      ice_wire_init (&wire, &a, &b, R / 2);
      ice_wire_connect (&wire, 1);
      ice_wire_run_until (&wire, SECOND);

      g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 ready"), ==, R);
      g_assert_cmpint (ice_wire_when (&wire, "b state 1.1 ready"), ==, R);
      ice_wire_clear (&wire);
    }
}

/* What applications of libnice see, in their order. */
static void
test_events_come_in_the_order_users_know (void)
{
  IceConfig a, b;
  IceWire wire;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_AGGRESSIVE);
  ice_wire_init (&wire, &a, &b, 0);
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, SECOND);

  g_assert_cmpstr (wire.log->str, ==,
                   "a +0 state 1.1 gathering\n"
                   "a +0 candidate 1.1 1\n"
                   "a +0 gathered 1\n"
                   "b +0 state 1.1 gathering\n"
                   "b +0 candidate 1.1 1\n"
                   "b +0 gathered 1\n"
                   "b +0 state 1.1 connecting\n"
                   "a +0 state 1.1 connecting\n"
                   "a +0 binding 1\n"
                   "b +0 binding 1\n"
                   "b +0 selected 1.1 10.0.0.2:1001 10.0.0.1:1001\n"
                   "b +0 state 1.1 connected\n"
                   "b +0 state 1.1 ready\n"
                   "a +0 selected 1.1 10.0.0.1:1001 10.0.0.2:1001\n"
                   "a +0 state 1.1 connected\n"
                   "a +0 state 1.1 ready\n");
  ice_wire_clear (&wire);
}

/* covers ICE-8445-5.1.2.1-a, ICE-8445-5.1.1.3-a */
static void
test_first_host_candidate_has_the_known_priority (void)
{
  IceConfig a, b;
  IceWire wire;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_AGGRESSIVE);
  ice_wire_init (&wire, &a, &b, 0);
  ice_wire_gather (&wire, ice_wire_add_stream (&wire, 2));
  g_assert_cmpuint (wire.ends[0].candidates->len, ==, 2);
  g_assert_cmpuint (g_array_index (wire.ends[0].candidates, IceCandidate, 0).priority, ==,
                    2015363327);
  g_assert_cmpuint (g_array_index (wire.ends[0].candidates, IceCandidate, 1).priority, ==,
                    2015363326);
  g_assert_cmpstr (g_array_index (wire.ends[0].candidates, IceCandidate, 1).foundation,
                   ==, "1");
  ice_wire_clear (&wire);
}

/* covers ICE-8445-7.3-b: a check that comes before the answer. */
static void
test_early_check_is_answered_and_followed_up (void)
{
  IceConfig a, b;
  IceWire wire;
  const gchar *ufrag, *pwd;
  guint id;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  ice_wire_init (&wire, &a, &b, R / 2);
  id = ice_wire_add_stream (&wire, 1);
  ice_wire_gather (&wire, id);
  /* a knows all of b; b knows nothing of a for a second. */
  ice_engine_get_local_credentials (wire.ends[1].engine, id, &ufrag, &pwd);
  ice_engine_set_remote_credentials (wire.ends[0].engine, id, ufrag, pwd, 0);
  ice_engine_add_remote_candidates (
      wire.ends[0].engine, id, 1,
      &g_array_index (wire.ends[1].candidates, IceCandidate, 0), 1, 0);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "b binding 1"), ==, R / 2);
  g_assert_cmpint (ice_wire_when (&wire, "b remote 1.1 remote1"), ==, -1);

  ice_engine_get_local_credentials (wire.ends[0].engine, id, &ufrag, &pwd);
  ice_engine_set_remote_credentials (wire.ends[1].engine, id, ufrag, pwd, wire.now);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, 2 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "b remote 1.1 remote1"), ==, SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "b state 1.1 ready"), ==, SECOND + R);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 ready"), ==, 2 * R);
  ice_wire_clear (&wire);
}

/* covers ICE-8445-7.3.1.1-a, ICE-8445-7.3.1.1-b, ICE-8445-7.2.5.1-a */
static void
test_role_conflicts_end_with_one_of_each (void)
{
  for (guint mode = 0; mode < 2; mode++)
    for (guint both = 0; both < 2; both++)
      {
        IceConfig a, b;
        IceWire wire;

        ice_wire_make_configs (&a, &b, mode);
        a.controlling = b.controlling = both;
        ice_wire_init (&wire, &a, &b, R / 2);
        ice_wire_connect (&wire, 2);
        ice_wire_run_until (&wire, 2 * SECOND);
        g_assert_cmpint (ice_engine_is_controlling (wire.ends[0].engine), !=,
                         ice_engine_is_controlling (wire.ends[1].engine));
        for (guint i = 0; i < 4; i++)
          g_assert_cmpint (ice_wire_get_state (&wire, i & 1, 1, 1 + i / 2), ==,
                           ICE_COMPONENT_READY);
        ice_wire_clear (&wire);
      }
}

/* covers ICE-8445-6.1.2.6-c, ICE-8445-6.1.4.2-b: Ta sets the pace and nothing else. */
static void
test_many_components_are_done_in_the_pace_of_ta (void)
{
  IceConfig a, b;
  IceWire wire;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  ice_wire_init (&wire, &a, &b, MS);
  for (guint i = 0; i < 8; i++)
    ice_wire_connect (&wire, 2);
  ice_wire_run_until (&wire, SECOND);
  for (guint i = 0; i < 16; i++)
    {
      g_autofree gchar *line =
          g_strdup_printf ("a state %u.%u ready", 1 + i / 2, 1 + i % 2);

      g_assert_cmpint (ice_wire_when (&wire, line), >=, 0);
      g_assert_cmpint (ice_wire_when (&wire, line), <=, 15 * 20 * MS + 4 * MS);
    }
  ice_wire_clear (&wire);
}

static gboolean
drop_first_of_b (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  return from->host == 2 && now == 0;
}

/* The first check dies in a filter; the peer's own check is answered by another at once.
 */
static void
test_swallowed_first_check_costs_no_retransmission (void)
{
  IceConfig a, b;
  IceWire wire;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_AGGRESSIVE);
  ice_wire_init (&wire, &a, &b, R / 2);
  wire.filter = drop_first_of_b;
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "b state 1.1 ready"), ==, R / 2 + R);
  ice_wire_clear (&wire);
}

/* covers ICE-8445-7.3-a, ICE-8445-7.3-c, ICE-8445-19.2-a: answered as it deserves, and
 * nothing moves. */
static void
test_forged_checks_get_errors_and_move_nothing (void)
{
  IceConfig a, b;
  IceWire wire;
  guint8 buffer[100];
  StunWriter writer;
  StunView view;
  StunErrorValue error;
  IceTransmit answer;
  NiceAddress from;
  static const guint8 id[STUN_TRANSACTION_ID_SIZE] = "twelve bytes";
  static const struct
  {
    gboolean username, fingerprint, taken;
    guint code;
  } cases[] = { { FALSE, TRUE, TRUE, 400 },
                { TRUE, TRUE, TRUE, 401 },
                { TRUE, FALSE, FALSE, 0 } };

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  ice_wire_init (&wire, &a, &b, 0);
  ice_wire_gather (&wire, ice_wire_add_stream (&wire, 1));
  nice_address_init (&from);
  nice_address_set_ipv4 (&from, 0x0a000009);
  nice_address_set_port (&from, 9);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (StunHmac) key = { 0 };

      stun_hmac_init (&key, STUN_HMAC_SHA1, "wrong", 5);
      stun_writer_init (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST,
                        STUN_METHOD_BINDING, id);
      if (cases[i].username)
        {
          stun_attr_write_string (&writer, STUN_ATTR_USERNAME, "nobody:me");
          stun_integrity_write (&writer, &key);
        }
      if (cases[i].fingerprint)
        stun_fingerprint_write (&writer);
      g_assert_cmpint (ice_engine_handle_packet (wire.ends[0].engine, 1, &from, buffer,
                                                 stun_writer_end (&writer), 0),
                       ==, cases[i].taken);
      g_assert_cmpint (ice_engine_poll_transmit (wire.ends[0].engine, &answer), ==,
                       cases[i].taken);
      if (!cases[i].taken)
        continue;
      g_assert_cmpint (
          stun_view_parse (&view, answer.data, answer.size, STUN_WIRE_NORMAL), ==,
          STUN_RULE_KEPT);
      g_assert_cmpint (stun_attr_read_error (&view, &error), ==, STUN_RULE_KEPT);
      g_assert_cmpuint (error.code, ==, cases[i].code);
      g_assert_cmpuint (view.integrity, ==, 0);
      g_assert_cmpuint (view.fingerprint, !=, 0);
    }
  g_assert_cmpint (ice_wire_when (&wire, "a binding 1"), ==, -1);
  ice_wire_clear (&wire);
}

static gboolean
drop_all (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  return TRUE;
}

/* covers PAC-8863-4-b */
static void
test_nothing_possible_fails_when_checks_are_over (void)
{
  IceConfig a, b;
  IceWire wire;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_AGGRESSIVE);
  ice_wire_init (&wire, &a, &b, R / 2);
  wire.filter = drop_all;
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, 60 * SECOND);
  /* 0, 500, 1500; over at 2000; the idle time-out of 5 s. */
  g_assert_cmpuint (wire.ends[0].n_sent, ==, 3);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 failed"), ==, 7 * SECOND);
  g_assert_cmpint (ice_engine_get_deadline (wire.ends[0].engine), ==, ICE_NEVER);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/engine/regular-takes-two-round-trips",
                   test_regular_takes_two_round_trips_whatever_ta_is);
  g_test_add_func ("/ice/engine/aggressive-takes-one-round-trip",
                   test_aggressive_takes_one_round_trip_whatever_ta_is);
  g_test_add_func ("/ice/engine/order-of-events",
                   test_events_come_in_the_order_users_know);
  g_test_add_func ("/ice/engine/known-priority",
                   test_first_host_candidate_has_the_known_priority);
  g_test_add_func ("/ice/engine/early-check",
                   test_early_check_is_answered_and_followed_up);
  g_test_add_func ("/ice/engine/role-conflicts",
                   test_role_conflicts_end_with_one_of_each);
  g_test_add_func ("/ice/engine/pace-of-ta",
                   test_many_components_are_done_in_the_pace_of_ta);
  g_test_add_func ("/ice/engine/swallowed-first-check",
                   test_swallowed_first_check_costs_no_retransmission);
  g_test_add_func ("/ice/engine/forged-checks",
                   test_forged_checks_get_errors_and_move_nothing);
  g_test_add_func ("/ice/engine/nothing-possible",
                   test_nothing_possible_fails_when_checks_are_over);
  return g_test_run ();
}
