/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data before nomination (RFC 8445 12.1). */
#include "config.h"

#include "ice-wire.h"
#include "stun/attributes.h"

#define R (40 * MS)

/* The nomination never arrives, and of a's second base nothing until then. */
static gboolean
lose (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  const gint64 *until = data;
  StunView view;

  g_assert_cmpint (
      stun_view_parse (&view, transmit->data, transmit->size, STUN_WIRE_NORMAL), ==,
      STUN_RULE_KEPT);
  return stun_view_has (&view, STUN_ATTR_USE_CANDIDATE)
         || (from->host == 1 && transmit->base == 2 && now < *until);
}

static void
setup (IceWire *wire, gboolean data, gboolean consent)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.data_before_nomination = b.data_before_nomination = data;
  a.consent = b.consent = consent;
  ice_wire_init (wire, &a, &b, R / 2);
}

/* Both ends have a valid pair, and no nomination comes. */
static void
wait_for_nothing (IceWire *wire, gboolean consent)
{
  gint64 until = 0;

  setup (wire, TRUE, consent);
  wire->filter = lose;
  wire->filter_data = &until;
  ice_wire_connect (wire, 1);
  ice_wire_run_until (wire, 60 * SECOND);
}

/* covers ICE-8445-12.1-a */
static void
test_data_need_not_wait_for_the_nomination (void)
{
  IceWire wire;

  setup (&wire, TRUE, TRUE);
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, 60 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a data 1.1 1"), ==, R);
  g_assert_cmpint (ice_wire_when (&wire, "b data 1.1 1"), ==, R);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 connected"), ==, 2 * R);
  g_assert_cmpint (ice_wire_when (&wire, "b state 1.1 connected"), ==, R + R / 2);
  /* The selected pair is where it goes from then on. */
  g_assert_cmpuint (ice_wire_count (&wire, "a data 1.1 1"), ==, 1);
  g_assert_null (strstr (wire.log->str, "data 1.1 0"));
  g_assert_null (strstr (wire.log->str, "consent 1.1 0"));
  ice_wire_clear (&wire);
}

static void
test_nothing_is_told_unless_asked_for (void)
{
  IceWire wire;

  setup (&wire, FALSE, FALSE);
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 ready"), ==, 2 * R);
  g_assert_null (strstr (wire.log->str, " data "));
  ice_wire_clear (&wire);
}

static void
test_what_is_selected_at_once_needs_nothing_before (void)
{
  IceConfig a, b;
  IceWire wire;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_AGGRESSIVE);
  a.data_before_nomination = TRUE;
  ice_wire_init (&wire, &a, &b, R / 2);
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 ready"), ==, R);
  g_assert_null (strstr (wire.log->str, "a data "));
  ice_wire_clear (&wire);
}

/* From one base, then from the better one, then back, then from none. */
static void
test_the_path_follows_the_best_valid_pair (void)
{
  gint64 until = 300 * MS;
  IceWire wire;

  setup (&wire, TRUE, FALSE);
  wire.n_addresses = 2;
  wire.filter = lose;
  wire.filter_data = &until;
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, until);
  g_assert_cmpuint (ice_wire_count (&wire, "a data 1.1 1"), ==, 1);
  g_assert_cmpuint (ice_wire_count (&wire, "a data 1.1 2"), ==, 0);
  ice_wire_run_until (&wire, 2 * SECOND);
  g_assert_cmpuint (ice_wire_count (&wire, "a data 1.1 2"), ==, 1);
  ice_engine_handle_base_error (wire.ends[0].engine, 2, NULL, ICE_REASON_UNREACHABLE,
                                wire.now);
  ice_wire_drain (&wire);
  g_assert_cmpuint (ice_wire_count (&wire, "a data 1.1 1"), ==, 2);
  ice_engine_handle_base_error (wire.ends[0].engine, 1, NULL, ICE_REASON_UNREACHABLE,
                                wire.now);
  ice_wire_drain (&wire);
  g_assert_cmpuint (ice_wire_count (&wire, "a data 1.1 0"), ==, 1);
  g_assert_null (strstr (wire.log->str, "selected"));
  ice_wire_clear (&wire);
}

/* covers CONS-7675-5.1-g: the check was consent to data, and nothing asked again. The
 * component waits on for its nomination. */
static void
test_consent_before_nomination_lasts_30_seconds (void)
{
  IceWire wire;

  wait_for_nothing (&wire, TRUE);
  /* Its second check, which a's triggered, is answered half a round trip later. */
  g_assert_cmpint (ice_wire_when (&wire, "b data 1.1 0"), ==, R + R / 2 + 30 * SECOND);
  g_assert_cmpuint (ice_wire_count (&wire, "b data 1.1 0"), ==, 1);
  g_assert_cmpint (ice_wire_when (&wire, "b state 1.1 failed"), >, 31 * SECOND);
  g_assert_null (strstr (wire.log->str, "consent"));
  ice_wire_clear (&wire);
}

static void
test_failed_component_carries_nothing (void)
{
  IceWire wire;

  wait_for_nothing (&wire, FALSE);
  g_assert_cmpint (ice_wire_when (&wire, "b state 1.1 failed"), >, 0);
  g_assert_cmpint (ice_wire_when (&wire, "b data 1.1 0"), ==,
                   ice_wire_when (&wire, "b state 1.1 failed"));
  ice_wire_clear (&wire);
}

/* Nothing was selected that could carry data through it. */
static void
test_restart_before_the_nomination (void)
{
  IceWire wire;

  setup (&wire, TRUE, FALSE);
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, R);
  ice_engine_restart_stream (wire.ends[0].engine, 1, wire.now);
  ice_wire_drain (&wire);
  g_assert_cmpint (ice_wire_when (&wire, "a data 1.1 0"), ==, R);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/data-path/early", test_data_need_not_wait_for_the_nomination);
  g_test_add_func ("/ice/data-path/off", test_nothing_is_told_unless_asked_for);
  g_test_add_func ("/ice/data-path/aggressive",
                   test_what_is_selected_at_once_needs_nothing_before);
  g_test_add_func ("/ice/data-path/best", test_the_path_follows_the_best_valid_pair);
  g_test_add_func ("/ice/data-path/consent",
                   test_consent_before_nomination_lasts_30_seconds);
  g_test_add_func ("/ice/data-path/failed", test_failed_component_carries_nothing);
  g_test_add_func ("/ice/data-path/restart", test_restart_before_the_nomination);
  return g_test_run ();
}
