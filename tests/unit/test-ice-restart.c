/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Restarts, lost paths, selection by hand. */
#include "config.h"

#include "ice-wire.h"

#define R (40 * MS)

static void
setup (IceWire *wire, IceNominationMode mode, guint n_addresses)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, mode);
  ice_wire_init (wire, &a, &b, R / 2);
  wire->n_addresses = n_addresses;
  ice_wire_connect (wire, 1);
  ice_wire_run_until (wire, 3 * SECOND);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (ice_wire_get_state (wire, i, 1, 1), ==, ICE_COMPONENT_READY);
}

/* covers ICE-8445-9-a, ICE-8445-12.1-b */
static void
test_old_pair_stays_until_the_new_one_is_selected (void)
{
  IceWire wire;
  IceCandidate local, remote;
  g_autofree gchar *old = NULL;
  const gchar *ufrag, *pwd;

  setup (&wire, ICE_NOMINATION_REGULAR, 1);
  ice_engine_get_local_credentials (wire.ends[0].engine, 1, &ufrag, &pwd);
  old = g_strconcat (ufrag, pwd, NULL);
  for (guint i = 0; i < 2; i++)
    g_assert_true (ice_engine_restart_stream (wire.ends[i].engine, 1, wire.now));
  ice_wire_drain (&wire);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_GATHERING);
  ice_engine_get_local_credentials (wire.ends[0].engine, 1, &ufrag, &pwd);
  g_assert_false (g_str_has_prefix (old, ufrag) || g_str_has_suffix (old, pwd));
  g_assert_true (
      ice_engine_get_selected_pair (wire.ends[0].engine, 1, 1, &local, &remote));
  ice_wire_run_until (&wire, 10 * SECOND);
  g_assert_true (
      ice_engine_get_selected_pair (wire.ends[0].engine, 1, 1, &local, &remote));

  ice_wire_swap_credentials (&wire, 1);
  ice_wire_swap_candidates (&wire, 1);
  ice_wire_run_until (&wire, 20 * SECOND);
  g_assert_cmpuint (ice_wire_count (&wire, "a state 1.1 ready"), ==, 2);
  g_assert_cmpuint (ice_wire_count (&wire, "b state 1.1 ready"), ==, 2);
  ice_wire_clear (&wire);
}

/* covers ICE-8445-9-c: the peer does not know of the restart yet */
static void
test_checks_with_old_credentials_do_not_touch_the_new_session (void)
{
  IceWire wire;
  g_autoptr (GArray) remotes = g_array_new (FALSE, FALSE, sizeof (IceCandidate));

  setup (&wire, ICE_NOMINATION_REGULAR, 1);
  ice_engine_restart_stream (wire.ends[0].engine, 1, wire.now);
  ice_engine_restart_stream (wire.ends[1].engine, 1, wire.now);
  ice_wire_drain (&wire);
  ice_wire_swap_credentials (&wire, 1);
  ice_engine_restart_stream (wire.ends[0].engine, 1, wire.now);
  ice_wire_drain (&wire);
  g_string_truncate (wire.log, 0);
  ice_engine_add_remote_candidates (
      wire.ends[1].engine, 1, 1,
      &g_array_index (wire.ends[0].candidates, IceCandidate, 0), 1, wire.now);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, 8 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a binding 1"), ==, -1);
  ice_engine_get_remote_candidates (wire.ends[0].engine, 1, 1, remotes);
  g_assert_cmpuint (remotes->len, ==, 0);
  ice_wire_clear (&wire);
}

static void
test_another_path_takes_over_when_the_socket_is_lost (void)
{
  IceWire wire;
  IceCandidate local, remote;
  IceBaseId lost;

  setup (&wire, ICE_NOMINATION_AGGRESSIVE, 2);
  g_assert_true (
      ice_engine_get_selected_pair (wire.ends[0].engine, 1, 1, &local, &remote));
  lost = local.base;
  ice_wire_lose_base (&wire, 0, lost);
  ice_wire_run_until (&wire, 4 * SECOND);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  g_assert_true (
      ice_engine_get_selected_pair (wire.ends[0].engine, 1, 1, &local, &remote));
  g_assert_cmpuint (local.base, !=, lost);
  ice_wire_clear (&wire);
}

static void
test_last_socket_lost_fails_with_the_reason (void)
{
  IceWire wire;
  IceCandidate local, remote;

  setup (&wire, ICE_NOMINATION_REGULAR, 1);
  ice_engine_get_selected_pair (wire.ends[0].engine, 1, 1, &local, &remote);
  ice_wire_lose_base (&wire, 0, local.base);
  g_assert_cmpint (ice_wire_when (&wire, "a reason 1.1 7"), ==, 3 * SECOND);
  g_assert_false (
      ice_engine_get_selected_pair (wire.ends[0].engine, 1, 1, &local, &remote));
  ice_wire_clear (&wire);
}

static void
test_pair_selected_by_hand_comes_after_its_states (void)
{
  IceConfig a, b;
  IceWire wire;
  guint id;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  ice_wire_init (&wire, &a, &b, R / 2);
  id = ice_wire_add_stream (&wire, 1);
  ice_wire_gather (&wire, id);
  g_string_truncate (wire.log, 0);
  g_assert_true (ice_engine_select_remote (
      wire.ends[0].engine, id, 1,
      &g_array_index (wire.ends[1].candidates, IceCandidate, 0), 0));
  ice_wire_drain (&wire);
  g_assert_cmpstr (wire.log->str, ==,
                   "a +0 remote 1.1 1\n"
                   "a +0 state 1.1 connecting\n"
                   "a +0 state 1.1 connected\n"
                   "a +0 state 1.1 ready\n"
                   "a +0 selected 1.1 10.0.0.1:1001 10.0.0.2:1001\n");
  g_assert_false (ice_engine_select_pair (wire.ends[0].engine, id, 1, "9", "1", 0));
  g_assert_true (ice_engine_select_pair (wire.ends[0].engine, id, 1, "1", "1", 0));
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, 100 * SECOND);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/restart/old-pair-stays",
                   test_old_pair_stays_until_the_new_one_is_selected);
  g_test_add_func ("/ice/restart/old-credentials",
                   test_checks_with_old_credentials_do_not_touch_the_new_session);
  g_test_add_func ("/ice/loss/another-path",
                   test_another_path_takes_over_when_the_socket_is_lost);
  g_test_add_func ("/ice/loss/last-path", test_last_socket_lost_fails_with_the_reason);
  g_test_add_func ("/ice/select/by-hand",
                   test_pair_selected_by_hand_comes_after_its_states);
  return g_test_run ();
}
