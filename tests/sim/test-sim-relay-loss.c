/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Relays that go in the middle of a call without a word: the server starts anew with no
 * memory, or is cut off. Nothing tells but silence. How long media is away, and what is
 * said in the end. */
#include "config.h"

#include "sim-scenario.h"
#include "sim-turn-server.h"

#define R (40 * SIM_MS)
#define MEDIA (20 * SIM_MS)
#define RELAY "192.0.2.20"
#define OTHER_RELAY "192.0.2.30"

typedef struct
{
  SimScenario s;
  SimTurnServer *server, *other; /* other: NULL where there is one */
} Scene;

/* What the ends of a call with two relays are. */
typedef struct
{
  const gchar *name;
  IceNominationMode nomination;
  gboolean consent, right_controls;
  gboolean is_late; /* the other relay: nothing was ever checked through it */
  gint64 media;     /* interval; 0: nobody speaks */
  gint64 most;      /* how long it may take to be at the other relay */
} TwoRelays;

static SimComponent *
component (SimPeer *peer)
{
  return sim_peer_get_nth_component (peer, 0);
}

/* A host that may only be seen at its relay, and one that anybody can reach. */
static void
add_peers (Scene *self, const TwoRelays *how)
{
  IceConfig left = sim_config (!how->right_controls, how->nomination);
  IceConfig right = sim_config (how->right_controls, how->nomination);

  left.force_relay = TRUE;
  left.consent = right.consent = how->consent;
  sim_scenario_init (&self->s, 1, R);
  sim_scenario_add_peers (&self->s, &left, &right);
  self->server = sim_turn_server_new (self->s.world, RELAY ":3478", NULL, NULL);
  sim_peer_add_server (self->s.left, ICE_SERVER_TURN_UDP, RELAY, 3478);
}

static void
speak (Scene *self, gint64 left, gint64 right)
{
  sim_scenario_start (&self->s, NULL);
  g_assert_true (sim_call_run_until_ready (self->s.call, 10 * SIM_SECOND));
  sim_peer_start_media (self->s.left, left);
  sim_peer_start_media (self->s.right, right);
  sim_world_run_for (self->s.world, 20 * SIM_SECOND);
}

static void
begin (Scene *self, gboolean consent, gint64 interval)
{
  const TwoRelays how = { .nomination = ICE_NOMINATION_REGULAR, .consent = consent };

  add_peers (self, &how);
  speak (self, MEDIA, interval);
}

static void
cut_off (SimTurnServer *server)
{
  sim_interface_cut (sim_host_get_interface (sim_turn_server_get_host (server), 0));
}

/* No ICMP, no answer to data: media is back after a second, with or without consent. */
static void
test_server_that_starts_anew (gconstpointer consent)
{
  Scene scene = { 0 };

  begin (&scene, consent != NULL, MEDIA);
  sim_turn_server_restart (scene.server);
  sim_world_run_for (scene.s.world, 600 * SIM_SECOND);
  g_test_message ("media was away for %.3f s and %.3f s",
                  (gdouble)component (scene.s.left)->longest_silence / SIM_SECOND,
                  (gdouble)component (scene.s.right)->longest_silence / SIM_SECOND);
  g_assert_cmpint (component (scene.s.left)->longest_silence, <=, 1500 * SIM_MS);
  g_assert_cmpint (component (scene.s.right)->longest_silence, <=, 1500 * SIM_MS);
  g_assert_cmpuint (component (scene.s.right)->n_selections, ==, 2);
  sim_assert_ready (scene.s.call);
  sim_assert_agreement (scene.s.call);
  sim_scenario_clear (&scene.s);
}

/* A speaker that pauses is not a lost server: that is asked now and then, not more. */
static void
test_pauses_cost_few_questions (void)
{
  Scene scene = { 0 };
  guint n;

  begin (&scene, FALSE, 2 * SIM_SECOND);
  n = sim_turn_server_get_stats (scene.server)->n_refreshes;
  sim_world_run_for (scene.s.world, 120 * SIM_SECOND);
  n = sim_turn_server_get_stats (scene.server)->n_refreshes - n;
  g_assert_cmpuint (n, >=, 9);
  g_assert_cmpuint (n, <=, 12);
  g_assert_cmpuint (component (scene.s.left)->n_selections, ==, 1);
  sim_scenario_clear (&scene.s);
}

/* Nobody answers any more. With consent both ends say so after its thirty seconds. */
static void
test_server_that_is_cut_off (void)
{
  Scene scene = { 0 };
  gint64 cut;

  begin (&scene, TRUE, MEDIA);
  cut = sim_world_get_now (scene.s.world);
  cut_off (scene.server);
  sim_world_run_for (scene.s.world, 60 * SIM_SECOND);
  sim_assert_failed (scene.s.left, ICE_REASON_CONSENT_LOST);
  sim_assert_failed (scene.s.right, ICE_REASON_CONSENT_LOST);
  g_assert_cmpint (component (scene.s.left)->failed_at - cut, <=, 30 * SIM_SECOND);
  g_assert_cmpint (component (scene.s.right)->failed_at - cut, <=, 30 * SIM_SECOND);
  sim_scenario_clear (&scene.s);
}

/* Without consent the end of the allocation is what ends the wait. */
static void
test_server_that_is_cut_off_without_consent (void)
{
  Scene scene = { 0 };
  gint64 cut;

  begin (&scene, FALSE, MEDIA);
  cut = sim_world_get_now (scene.s.world);
  cut_off (scene.server);
  sim_world_run_for (scene.s.world, 700 * SIM_SECOND);
  g_assert_cmpint (sim_peer_get_state (scene.s.left), ==, ICE_COMPONENT_FAILED);
  g_test_message ("failed after %.3f s",
                  (gdouble)(component (scene.s.left)->failed_at - cut) / SIM_SECOND);
  g_assert_cmpint (component (scene.s.left)->failed_at - cut, <=, 600 * SIM_SECOND);
  sim_scenario_clear (&scene.s);
}

/* Where the call goes through. */
static const gchar *
get_relay (SimPeer *peer, gchar *text)
{
  const IceCandidateType relayed = ICE_CANDIDATE_RELAYED;
  IceCandidate local, remote;

  g_assert_true (sim_peer_get_selected (peer, 1, 1, &local, &remote));
  nice_address_to_string (local.type == relayed ? &local.addr : &remote.addr, text);
  return text;
}

static void
add_other_relay (Scene *self)
{
  self->other = sim_turn_server_new (self->s.world, OTHER_RELAY ":3478", NULL, NULL);
  sim_peer_add_server (self->s.left, ICE_SERVER_TURN_UDP, OTHER_RELAY, 3478);
}

/* The used one of two relays is cut off without a word, the other one is still there. */
static void
test_other_relay_takes_over (gconstpointer data)
{
  const TwoRelays *how = data;
  Scene scene = { 0 };
  gchar first[NICE_ADDRESS_STRING_LEN], now[NICE_ADDRESS_STRING_LEN];
  gint64 cut;

  add_peers (&scene, how);
  if (!how->is_late)
    add_other_relay (&scene);
  speak (&scene, how->media, how->media);
  if (how->is_late)
    add_other_relay (&scene);
  sim_world_run_for (scene.s.world, SIM_SECOND);
  get_relay (scene.s.left, first);
  cut = sim_world_get_now (scene.s.world);
  cut_off (g_str_equal (first, RELAY) ? scene.server : scene.other);
  sim_world_run_for (scene.s.world, how->most);
  g_assert_cmpstr (get_relay (scene.s.left, now), !=, first);
  g_assert_cmpstr (get_relay (scene.s.right, now), !=, first);
  g_test_message (
      "at the other relay after %.3f s and %.3f s",
      (gdouble)(component (scene.s.left)->last_selected_at - cut) / SIM_SECOND,
      (gdouble)(component (scene.s.right)->last_selected_at - cut) / SIM_SECOND);
  sim_world_run_for (scene.s.world, 60 * SIM_SECOND);
  sim_assert_ready (scene.s.call);
  sim_assert_agreement (scene.s.call);
  sim_scenario_clear (&scene.s);
}

/* Who is idle notices when consent ends (RFC 7675 5.1). */
static const TwoRelays two_relays[] = {
  { "regular", ICE_NOMINATION_REGULAR, TRUE, FALSE, FALSE, MEDIA, 4 * SIM_SECOND },
  { "regular-right", ICE_NOMINATION_REGULAR, TRUE, TRUE, FALSE, MEDIA, 4 * SIM_SECOND },
  { "regular-without-consent", ICE_NOMINATION_REGULAR, FALSE, FALSE, FALSE, MEDIA,
    4 * SIM_SECOND },
  { "regular-late", ICE_NOMINATION_REGULAR, TRUE, FALSE, TRUE, MEDIA, 4 * SIM_SECOND },
  { "regular-idle", ICE_NOMINATION_REGULAR, TRUE, FALSE, FALSE, 0, 31 * SIM_SECOND },
  { "aggressive", ICE_NOMINATION_AGGRESSIVE, TRUE, FALSE, FALSE, MEDIA, 4 * SIM_SECOND },
  { "aggressive-right", ICE_NOMINATION_AGGRESSIVE, TRUE, TRUE, FALSE, MEDIA,
    4 * SIM_SECOND },
  { "aggressive-late", ICE_NOMINATION_AGGRESSIVE, TRUE, FALSE, TRUE, MEDIA,
    4 * SIM_SECOND },
  { "aggressive-idle", ICE_NOMINATION_AGGRESSIVE, TRUE, FALSE, FALSE, 0,
    31 * SIM_SECOND },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sim/relay-loss/starts-anew/consent", GUINT_TO_POINTER (1),
                        test_server_that_starts_anew);
  g_test_add_data_func ("/sim/relay-loss/starts-anew/none", NULL,
                        test_server_that_starts_anew);
  g_test_add_func ("/sim/relay-loss/pauses", test_pauses_cost_few_questions);
  g_test_add_func ("/sim/relay-loss/cut-off/consent", test_server_that_is_cut_off);
  g_test_add_func ("/sim/relay-loss/cut-off/none",
                   test_server_that_is_cut_off_without_consent);
  for (guint i = 0; i < G_N_ELEMENTS (two_relays); i++)
    {
      g_autofree gchar *path =
          g_strdup_printf ("/sim/relay-loss/two/%s", two_relays[i].name);

      g_test_add_data_func (path, &two_relays[i], test_other_relay_takes_over);
    }
  return g_test_run ();
}
