/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two hosts without a NAT: exact times where nothing is lost, agreement where much is. */
#include "config.h"

#include "sim-scenario.h"

static const IceNominationMode modes[] = { ICE_NOMINATION_REGULAR,
                                           ICE_NOMINATION_AGGRESSIVE };
static const gint64 pacings[] = { 5 * SIM_MS, 20 * SIM_MS, 50 * SIM_MS, 500 * SIM_MS };
static const gint64 round_trips[] = { 400, 40 * SIM_MS, 200 * SIM_MS };

static gint64
selected_at (SimPeer *peer)
{
  return sim_peer_get_nth_component (peer, 0)->last_selected_at;
}

static gint64
ready_at (SimPeer *peer)
{
  return sim_peer_get_nth_component (peer, 0)->ready_at;
}

static void
prepare (SimScenario *s, gint64 round_trip, IceNominationMode mode, gint64 ta)
{
  IceConfig left = sim_config (TRUE, mode), right = sim_config (FALSE, mode);

  left.ta = right.ta = ta;
  sim_scenario_init (s, 1, round_trip);
  sim_scenario_add_peers (s, &left, &right);
}

/* --- Exact times --- */

/* covers ICE-8445-6.1.4.2-a: the first check waits for no tick. Regular nomination takes
 * two round trips and aggressive one, whatever Ta is. */
static void
assert_exact_times (gint64 round_trip, gint64 ta, IceNominationMode mode)
{
  gboolean is_regular = mode == ICE_NOMINATION_REGULAR;
  SimScenario s;

  prepare (&s, round_trip, mode, ta);
  sim_scenario_start (&s, NULL);
  g_assert_true (sim_call_run_until_ready (s.call, 10 * SIM_SECOND));
  g_assert_cmpint (sim_peer_get_first_transmit (s.left), ==, 0);
  g_assert_cmpint (sim_peer_get_first_transmit (s.right), ==, 0);
  g_assert_cmpint (selected_at (s.left), ==, is_regular ? 2 * round_trip : round_trip);
  g_assert_cmpint (selected_at (s.right), ==,
                   is_regular ? round_trip + round_trip / 2 : round_trip);
  g_assert_cmpint (ready_at (s.left), ==, selected_at (s.left));
  g_assert_cmpint (ready_at (s.right), ==, selected_at (s.right));
  sim_assert_selected (s.left, ICE_CANDIDATE_HOST, ICE_CANDIDATE_HOST);
  sim_assert_selected (s.right, ICE_CANDIDATE_HOST, ICE_CANDIDATE_HOST);
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

static void
test_exact_times (void)
{
  for (guint r = 0; r < G_N_ELEMENTS (round_trips); r++)
    for (guint t = 0; t < G_N_ELEMENTS (pacings); t++)
      for (guint m = 0; m < G_N_ELEMENTS (modes); m++)
        {
          g_test_message ("R %" G_GINT64_FORMAT " us, Ta %" G_GINT64_FORMAT " us, %s",
                          round_trips[r], pacings[t], m == 0 ? "regular" : "aggressive");
          assert_exact_times (round_trips[r], pacings[t], modes[m]);
        }
}

/* The offer takes d to arrive and the answer d more; the answerer's first check comes R/2
 * after the offer. Whatever comes first, the caller checks as soon as it can, and a check
 * that came before the answer is not lost.
 * covers ICE-8445-7.3-b */
static void
test_offer_and_answer (void)
{
  static const gint64 delays[] = { 10 * SIM_MS, 20 * SIM_MS, 300 * SIM_MS };
  gint64 R = 40 * SIM_MS;

  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    for (guint m = 0; m < G_N_ELEMENTS (modes); m++)
      {
        SimCallConfig signalling = { .delay = delays[i], .is_offer = TRUE };
        gint64 answered = 2 * delays[i];
        SimScenario s;

        prepare (&s, R, modes[m], 20 * SIM_MS);
        sim_scenario_start (&s, &signalling);
        g_assert_true (sim_call_run_until_ready (s.call, 10 * SIM_SECOND));
        g_assert_cmpint (sim_peer_get_first_transmit (s.right), ==, delays[i]);
        g_assert_cmpint (sim_peer_get_first_transmit (s.left), >=,
                         MIN (answered, delays[i] + R / 2));
        g_assert_cmpint (selected_at (s.left), ==, answered + (m == 0 ? 2 * R : R));
        sim_assert_agreement (s.call);
        sim_scenario_clear (&s);
      }
}

/* Two streams of two components: the first check goes at once, the others at Ta, and
 * everything is over in the pace of Ta.
 * covers ICE-8445-6.1.2.6-c, ICE-8445-7.2.5.3.3-a */
static void
test_streams_and_components_follow_ta (void)
{
  SimCallConfig signalling = { .n_streams = 2, .n_components = 2 };
  gint64 R = 40 * SIM_MS, ta = 20 * SIM_MS;

  for (guint m = 0; m < G_N_ELEMENTS (modes); m++)
    {
      SimScenario s;

      prepare (&s, R, modes[m], ta);
      sim_scenario_start (&s, &signalling);
      g_assert_true (sim_call_run_until_ready (s.call, 10 * SIM_SECOND));
      /* One foundation: the other three are frozen until the first success at R, and
       * then checked at Ta; each may need two checks of its own. */
      g_assert_cmpint (sim_world_get_now (s.world), <=,
                       R + 3 * ta + (m == 0 ? 2 * R + 4 * ta : R));
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* Time may start anywhere: near the end of what an integer holds, nothing overflows. */
static void
test_late_clocks (void)
{
  gint64 start = G_MAXINT64 / 2;

  for (guint m = 0; m < G_N_ELEMENTS (modes); m++)
    {
      SimScenario s;

      sim_scenario_init (&s, 1, 40 * SIM_MS);
      sim_world_run_until (s.world, start);
      sim_scenario_add_peers (&s, &(IceConfig[]) { sim_config (TRUE, modes[m]) }[0],
                              &(IceConfig[]) { sim_config (FALSE, modes[m]) }[0]);
      sim_scenario_start (&s, NULL);
      g_assert_true (sim_call_run_until_ready (s.call, 10 * SIM_SECOND));
      g_assert_cmpint (ready_at (s.left) - start, ==, (m == 0 ? 80 : 40) * SIM_MS);
      sim_scenario_clear (&s);
    }
}

/* --- Loss --- */

typedef struct
{
  IceNominationMode mode;
  gboolean left_controls, right_controls;
} Roles;

/* Both ends may believe to control, or neither: the tie-breaker settles it.
 * covers ICE-8445-7.3.1.1-a, ICE-8445-7.3.1.1-b, ICE-8445-7.2.5.1-a */
static void
run_lossy_seed (guint64 seed, const Roles *roles)
{
  IceConfig left = sim_config (roles->left_controls, roles->mode);
  IceConfig right = sim_config (roles->right_controls, roles->mode);
  SimLinkConfig lossy = { .delay = 10 * SIM_MS };
  SimScenario s;

  sim_scenario_init (&s, seed, 40 * SIM_MS);
  /* 0 to 30 %, on one of the two links of the path, so that it is the path's loss. */
  lossy.loss = 0.3 * sim_random_unit (sim_world_get_random (s.world));
  sim_interface_set_link (sim_host_get_interface (s.left_host, 0), &lossy);
  sim_scenario_add_peers (&s, &left, &right);
  sim_scenario_start (
      &s, &(SimCallConfig) { .delay = sim_random_between (sim_world_get_random (s.world),
                                                          0, 100 * SIM_MS) });
  sim_call_run_until_ready (s.call, 60 * SIM_SECOND);
  sim_assert_ready (s.call);
  g_assert_true (sim_call_has_right_roles (s.call));
  sim_assert_agreement (s.call);
  sim_scenario_clear (&s);
}

static void
test_loss (gconstpointer data)
{
  for (guint64 i = 0; i < sim_seeds_get_count (1000); i++)
    run_lossy_seed (sim_seeds_get (i), data);
}

int
main (int argc, char **argv)
{
  static const Roles roles[] = { { ICE_NOMINATION_REGULAR, TRUE, FALSE },
                                 { ICE_NOMINATION_REGULAR, FALSE, TRUE },
                                 { ICE_NOMINATION_REGULAR, TRUE, TRUE },
                                 { ICE_NOMINATION_REGULAR, FALSE, FALSE },
                                 { ICE_NOMINATION_AGGRESSIVE, TRUE, FALSE },
                                 { ICE_NOMINATION_AGGRESSIVE, FALSE, TRUE },
                                 { ICE_NOMINATION_AGGRESSIVE, TRUE, TRUE },
                                 { ICE_NOMINATION_AGGRESSIVE, FALSE, FALSE } };

  sim_seeds_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/connect/exact-times", test_exact_times);
  g_test_add_func ("/sim/connect/offer-answer", test_offer_and_answer);
  g_test_add_func ("/sim/connect/streams", test_streams_and_components_follow_ta);
  g_test_add_func ("/sim/connect/late-clocks", test_late_clocks);
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_autofree gchar *path = g_strdup_printf (
          "/sim/connect/loss/%s/%s-%s", roles[i].mode == 0 ? "regular" : "aggressive",
          roles[i].left_controls ? "controlling" : "controlled",
          roles[i].right_controls ? "controlling" : "controlled");

      g_test_add_data_func (path, &roles[i], test_loss);
    }
  return g_test_run ();
}
