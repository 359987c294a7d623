/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host with two interfaces loses the address that the call is on, and is told so by its
 * system; the other one works. For how long is there no media? */
#include "config.h"

#include "sim-scenario.h"

#define R (40 * SIM_MS)
#define MEDIA (20 * SIM_MS)

/* The second address, and one datagram on its way. */
#define MOVE (2 * R + 2 * MEDIA)

/* Of a peer that controls and is not told: 100 and 200 ms for answers that do not come.
 */
#define DOUBT (300 * SIM_MS)

typedef struct
{
  IceNominationMode nomination;
  gboolean left_controls, renomination, consent;
} How;

static SimComponent *
component (SimPeer *peer)
{
  return sim_peer_get_nth_component (peer, 0);
}

static void
begin (SimScenario *s, const How *how)
{
  IceConfig left = sim_config (how->left_controls, how->nomination);
  IceConfig right = sim_config (!how->left_controls, how->nomination);

  left.consent = right.consent = how->consent;
  left.renomination = right.renomination = how->renomination;
  sim_scenario_init (s, 1, R);
  sim_host_add_interface (s->left_host, sim_world_get_internet (s->world), "198.51.100.2",
                          &(SimLinkConfig) { .delay = R / 4 });
  sim_scenario_add_peers (s, &left, &right);
  sim_scenario_start (s, NULL);
  g_assert_true (sim_call_run_until_ready (s->call, 10 * SIM_SECOND));
  sim_peer_start_media (s->left, MEDIA);
  sim_peer_start_media (s->right, MEDIA);
  sim_world_run_for (s->world, 10 * SIM_SECOND);
}

static void
set_there (SimScenario *s, SimInterface *interface, gboolean is_there)
{
  if (is_there)
    sim_interface_mend (interface);
  else
    sim_interface_cut (interface);
  ice_engine_handle_address (sim_peer_get_engine (s->left),
                             sim_interface_get_address (interface), is_there,
                             sim_world_get_now (s->world));
  sim_peer_drain (s->left);
}

static void
assert_silence (SimScenario *s, gint64 most)
{
  g_test_message ("silent for %.0f and %.0f ms",
                  (gdouble)component (s->left)->longest_silence / SIM_MS,
                  (gdouble)component (s->right)->longest_silence / SIM_MS);
  g_assert_cmpint (component (s->left)->longest_silence, <=, most);
  g_assert_cmpint (component (s->right)->longest_silence, <=, most);
}

static void
test_the_call_moves (const How *how)
{
  SimInterface *first, *used;
  SimScenario s;

  begin (&s, how);
  first = sim_peer_get_selected_interface (s.left);
  set_there (&s, first, FALSE);
  sim_world_run_for (s.world, 5 * SIM_SECOND);
  g_assert_true (sim_peer_get_selected_interface (s.left) != first);
  sim_assert_ready (s.call);
  sim_assert_agreement (s.call);
  assert_silence (&s, how->left_controls ? MOVE : MOVE + DOUBT);

  /* Back, which is used where more than one pair may be nominated, and once more. */
  set_there (&s, first, TRUE);
  sim_world_run_for (s.world, 10 * SIM_SECOND);
  sim_assert_agreement (s.call);
  if (how->renomination)
    g_assert_true (sim_peer_get_selected_interface (s.left) == first);
  used = sim_peer_get_selected_interface (s.left);
  set_there (&s, used, FALSE);
  sim_world_run_for (s.world, 5 * SIM_SECOND);
  sim_assert_ready (s.call);
  g_assert_true (sim_peer_get_selected_interface (s.left) != used);
  sim_assert_agreement (s.call);
  assert_silence (&s, how->left_controls ? MOVE : MOVE + DOUBT);
  sim_scenario_clear (&s);
}

static void
test_a_lost_address (void)
{
  for (guint i = 0; i < 16; i++)
    {
      const How how = { .nomination =
                            i & 1 ? ICE_NOMINATION_AGGRESSIVE : ICE_NOMINATION_REGULAR,
                        .left_controls = (i & 2) != 0,
                        .renomination = (i & 4) != 0,
                        .consent = (i & 8) != 0 };

      if (how.renomination && how.nomination == ICE_NOMINATION_AGGRESSIVE)
        continue;
      g_test_message ("case %u", i);
      test_the_call_moves (&how);
    }
}

/* For less time than consent lasts. */
static void
test_both_are_gone_for_a_while (void)
{
  for (guint i = 0; i < 4; i++)
    {
      const How how = { .left_controls = (i & 1) != 0, .consent = (i & 2) != 0 };
      SimScenario s;

      begin (&s, &how);
      set_there (&s, sim_host_get_interface (s.left_host, 0), FALSE);
      set_there (&s, sim_host_get_interface (s.left_host, 1), FALSE);
      sim_world_run_for (s.world, 12 * SIM_SECOND);
      sim_assert_ready (s.call);
      set_there (&s, sim_host_get_interface (s.left_host, 1), TRUE);
      set_there (&s, sim_host_get_interface (s.left_host, 0), TRUE);
      sim_world_run_for (s.world, 3 * SIM_SECOND);
      sim_assert_ready (s.call);
      sim_assert_agreement (s.call);
      assert_silence (&s, 12 * SIM_SECOND + MOVE);
      sim_scenario_clear (&s);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/roam/lost-address", test_a_lost_address);
  g_test_add_func ("/sim/roam/gone-for-a-while", test_both_are_gone_for_a_while);
  return g_test_run ();
}
