/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consent freshness (RFC 7675): who may still be sent to, and for how long. That no media
 * leaves without consent is also watched by every SimPeer at every datagram. */
#include "config.h"

#include "sim-scenario.h"
#include "sim-stun.h"

#include <string.h>

#define R (40 * SIM_MS)
#define MEDIA (20 * SIM_MS)

static void
begin_call (SimScenario *s, guint64 seed)
{
  IceConfig left = sim_config (TRUE, ICE_NOMINATION_REGULAR);
  IceConfig right = sim_config (FALSE, ICE_NOMINATION_REGULAR);

  left.consent = right.consent = TRUE;
  sim_scenario_init (s, seed, R);
  sim_scenario_add_peers (s, &left, &right);
  sim_scenario_start (s, NULL);
  g_assert_true (sim_call_run_until_ready (s->call, 10 * SIM_SECOND));
  sim_peer_start_media (s->left, MEDIA);
  sim_peer_start_media (s->right, MEDIA);
}

static SimComponent *
component (SimPeer *peer)
{
  return sim_peer_get_nth_component (peer, 0);
}

/* contract 1.13-d. covers CONS-7675-5.1-c */
static void
test_data_stops_after_thirty_seconds_of_silence (void)
{
  for (guint64 seed = 1; seed <= 50; seed++)
    {
      gint64 last, stopped;
      SimScenario s;

      begin_call (&s, seed);
      sim_world_run_for (s.world, 20 * SIM_SECOND);
      sim_interface_cut (sim_host_get_interface (s.left_host, 0));
      sim_world_run_for (s.world, SIM_SECOND);
      last = sim_peer_get_last_answer (s.left, 1, 1);
      sim_world_run_for (s.world, 60 * SIM_SECOND);
      stopped = component (s.left)->last_sent_at;
      g_assert_cmpint (stopped - last, >=, 29 * SIM_SECOND);
      g_assert_cmpint (stopped - last, <=, 30 * SIM_SECOND);
      sim_assert_failed (s.left, ICE_REASON_CONSENT_LOST);
      sim_assert_failed (s.right, ICE_REASON_CONSENT_LOST);

      /* What comes later restores nothing; a restart does. */
      sim_interface_mend (sim_host_get_interface (s.left_host, 0));
      sim_world_run_for (s.world, 30 * SIM_SECOND);
      g_assert_cmpint (component (s.left)->last_sent_at, ==, stopped);
      sim_call_restart (s.call, s.left);
      sim_world_run_for (s.world, SIM_SECOND);
      sim_assert_ready (s.call);
      sim_assert_agreement (s.call);
      sim_scenario_clear (&s);
    }
}

/* Checks come every four to six seconds, so between two answers lie the outage, up to six
 * seconds before it and up to six after: 10 s are always survived, 20 s nearly always (32
 * s at the worst, and consent ends at 30). */
static void
test_outages_are_survived (void)
{
  static const gint64 outages[] = { 10 * SIM_SECOND, 20 * SIM_SECOND };
  static const guint at_least[] = { 60, 54 };

  for (guint i = 0; i < G_N_ELEMENTS (outages); i++)
    {
      guint n_survivors = 0;

      for (guint64 seed = 1; seed <= 60; seed++)
        {
          SimScenario s;

          begin_call (&s, seed);
          sim_world_run_for (s.world, 20 * SIM_SECOND);
          sim_interface_cut (sim_host_get_interface (s.right_host, 0));
          sim_world_run_for (s.world, outages[i]);
          sim_interface_mend (sim_host_get_interface (s.right_host, 0));
          sim_world_run_for (s.world, 60 * SIM_SECOND);
          if (sim_call_is_ready (s.call))
            {
              n_survivors++;
              g_assert_cmpint (component (s.left)->longest_silence, <=,
                               outages[i] + 2 * R);
              g_assert_cmpint (component (s.right)->longest_silence, <=,
                               outages[i] + 2 * R);
              sim_assert_agreement (s.call);
            }
          sim_scenario_clear (&s);
        }
      g_test_message ("%" G_GINT64_FORMAT " s: %u of 60 survive", outages[i] / SIM_SECOND,
                      n_survivors);
      g_assert_cmpuint (n_survivors, >=, at_least[i]);
    }
}

static guint
count_survivors (gdouble loss, guint64 n_seeds)
{
  guint n = 0;

  for (guint64 seed = 1; seed <= n_seeds; seed++)
    {
      SimLinkConfig lossy = { .delay = R / 4, .loss = loss };
      SimScenario s;

      begin_call (&s, seed);
      sim_peer_start_media (s.left, SIM_SECOND);
      sim_peer_start_media (s.right, SIM_SECOND);
      sim_interface_set_link (sim_host_get_interface (s.left_host, 0), &lossy);
      sim_world_run_for (s.world, 600 * SIM_SECOND);
      n += sim_call_is_ready (s.call);
      sim_scenario_clear (&s);
    }
  return n;
}

/* 10 % in each direction never ends a call of ten minutes. At 30 % half of the round
 * trips fail: a window of six checks goes by in silence once in 57 times, so calls do
 * end, but most last much longer than that. */
static void
test_loss_does_not_end_calls (void)
{
  g_assert_cmpuint (count_survivors (0.1, 40), ==, 40);
  g_assert_cmpuint (count_survivors (0.16, 20), >=, 18);
}

/* covers CONS-7675-5.1-a, CONS-7675-5.1-b */
typedef struct
{
  guint n, n_nominating, n_repeated;
  gint64 last, shortest, longest;
  guint8 last_id[SIM_STUN_ID];
} Intervals;

static void
measure (gpointer data, SimPeer *peer, const IceTransmit *transmit)
{
  Intervals *self = data;
  gint64 now = sim_world_get_now (sim_peer_get_world (peer));

  if (!sim_stun_is_message (transmit->data, transmit->size)
      || sim_stun_get_class (transmit->data) != SIM_STUN_REQUEST)
    return;
  if (self->n++ > 0)
    {
      self->shortest = MIN (self->shortest, now - self->last);
      self->longest = MAX (self->longest, now - self->last);
      self->n_repeated +=
          memcmp (self->last_id, sim_stun_get_id (transmit->data), SIM_STUN_ID) == 0;
    }
  memcpy (self->last_id, sim_stun_get_id (transmit->data), SIM_STUN_ID);
  self->last = now;
  self->n_nominating +=
      sim_stun_find (transmit->data, transmit->size, SIM_STUN_USE_CANDIDATE, NULL)
      != NULL;
}

/* contract 1.13-c. Lite services drop a call whose checks cease to nominate. */
static void
test_checks_come_every_four_to_six_seconds (void)
{
  Intervals left = { .shortest = SIM_NEVER }, right = { .shortest = SIM_NEVER };
  SimScenario s;

  begin_call (&s, 1);
  sim_world_run_for (s.world, 10 * SIM_SECOND);
  sim_peer_set_tap (s.left, measure, &left);
  sim_peer_set_tap (s.right, measure, &right);
  sim_world_run_for (s.world, 600 * SIM_SECOND);
  g_assert_cmpint (left.shortest, >=, 4 * SIM_SECOND);
  g_assert_cmpint (left.longest, <=, 6 * SIM_SECOND);
  g_assert_cmpint (left.longest - left.shortest, >, SIM_SECOND);
  g_assert_cmpuint (left.n, >=, 110);
  g_assert_cmpuint (left.n, <=, 130);
  g_assert_cmpuint (left.n_repeated, ==, 0);
  g_assert_cmpint (right.shortest, >=, 4 * SIM_SECOND);
  g_assert_cmpint (right.longest, <=, 6 * SIM_SECOND);
  g_assert_cmpuint (left.n_nominating, ==, left.n);
  g_assert_cmpuint (right.n_nominating, ==, 0);
  sim_scenario_clear (&s);
}

/* covers CONS-7675-5.2-a */
static void
test_revocation_ends_the_call_of_the_other_side (void)
{
  SimScenario s;
  gint64 revoked;

  begin_call (&s, 1);
  sim_world_run_for (s.world, 10 * SIM_SECOND);
  revoked = sim_world_get_now (s.world);
  g_assert_true (ice_engine_revoke_consent (sim_peer_get_engine (s.left), 1, 1, revoked));
  sim_peer_drain (s.left);
  sim_world_run_for (s.world, 10 * SIM_SECOND);
  sim_assert_failed (s.right, ICE_REASON_CONSENT_REVOKED);
  g_assert_cmpint (component (s.right)->failed_at - revoked, <=, 6 * SIM_SECOND + R);
  g_assert_cmpint (component (s.right)->last_sent_at, <=, component (s.right)->failed_at);
  sim_scenario_clear (&s);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/consent/silence",
                   test_data_stops_after_thirty_seconds_of_silence);
  g_test_add_func ("/sim/consent/outages", test_outages_are_survived);
  g_test_add_func ("/sim/consent/loss", test_loss_does_not_end_calls);
  g_test_add_func ("/sim/consent/intervals", test_checks_come_every_four_to_six_seconds);
  g_test_add_func ("/sim/consent/revocation",
                   test_revocation_ends_the_call_of_the_other_side);
  return g_test_run ();
}
