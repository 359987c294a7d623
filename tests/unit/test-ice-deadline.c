/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each timer that the prose of deadline.c names, under its name, to the microsecond. */
#include "config.h"

#include "ice-hand.h"
#include "ice/deadline.h"

#define PRIORITY (126u << 24)
/* No round number, so that nothing is right by accident. */
#define T (7 * MS + 3)
#define TA (20 * MS)

static NiceAddress
peer (guint i)
{
  return ice_hand_address (2 + i, 2000);
}

static IceCandidate
make_candidate (guint stream_id, guint i, IceCandidateType type, IceTransport transport)
{
  IceCandidate candidate = {
    .type = type, .transport = transport, .priority = PRIORITY - i, .addr = peer (i)
  };

  nice_address_init (&candidate.base_addr);
  nice_address_init (&candidate.server);
  g_snprintf (candidate.foundation, ICE_FOUNDATION_SIZE, "%u.%u", stream_id, i);
  return candidate;
}

static void
signal_as (IceHand *hand, guint stream_id, guint i, IceCandidateType type,
           IceTransport transport)
{
  IceCandidate candidate = make_candidate (stream_id, i, type, transport);

  ice_engine_add_remote_candidates (hand->engine, stream_id, 1, &candidate, 1, hand->now);
  ice_hand_drain (hand);
}

/* Host candidates of the peer, the best first, all at T. */
static void
begin (IceHand *hand, const IceConfig *config, guint n_candidates)
{
  ice_hand_init (hand, config, 1, 1);
  ice_hand_run_until (hand, T);
  for (guint i = 0; i < n_candidates; i++)
    signal_as (hand, 1, i, ICE_CANDIDATE_HOST, ICE_TRANSPORT_UDP);
}

static IceHandMessage *
take_sent (IceHand *hand, gint64 when, NiceAddress to)
{
  IceHandMessage *message;

  ice_hand_run_until (hand, MAX (hand->now, when));
  message = ice_hand_take_request (hand);
  g_assert_cmpint (message->when, ==, when);
  g_assert_true (nice_address_equal (&message->to, &to));
  return message;
}

static void
assert_sent (IceHand *hand, gint64 when, NiceAddress to)
{
  g_free (take_sent (hand, when, to));
}

static void
assert_nothing_sent_until (IceHand *hand, gint64 until)
{
  ice_hand_run_until (hand, until);
  g_assert_null (ice_hand_take (hand, STUN_CLASS_REQUEST));
}

static gboolean
nominates (const IceHandMessage *message)
{
  return stun_view_has (&message->view, STUN_ATTR_USE_CANDIDATE);
}

static void
assert_nominates (IceHand *hand, gint64 when, NiceAddress to)
{
  g_autofree IceHandMessage *message = take_sent (hand, when, to);

  g_assert_true (nominates (message));
}

static void
accept_at (IceHand *hand, IceHandMessage *taken, gint64 when)
{
  g_autofree IceHandMessage *request = taken;

  ice_hand_run_until (hand, when);
  ice_hand_accept (hand, request);
}

static void
check_from (IceHand *hand, guint i)
{
  ice_hand_check (hand, &(IceHandCheck) { .from = peer (i), .priority = 1 });
}

static IcePairState
get_state (IceHand *hand, guint i)
{
  return ice_hand_get_pair (hand, 1, 1, peer (i)).state;
}

static gboolean
has_ended (const IceHand *hand, const gchar *state)
{
  g_autofree gchar *line = g_strdup_printf ("1.1 %s\n", state);

  return g_str_has_suffix (hand->states->str, line);
}

/* The component fails then, not a microsecond before. */
static void
assert_fails_at (IceHand *hand, gint64 when)
{
  ice_hand_run_until (hand, when - 1);
  g_assert_false (has_ended (hand, "failed"));
  ice_hand_run_until (hand, when);
  g_assert_true (has_ended (hand, "failed"));
}

/* Ready at T. */
static void
connect_with (IceHand *hand, const IceConfig *config)
{
  begin (hand, config, 1);
  accept_at (hand, take_sent (hand, T, peer (0)), T);
  accept_at (hand, take_sent (hand, T, peer (0)), T);
  g_assert_true (has_ended (hand, "ready"));
}

/* --- PACE --- */

static void
test_first_check_goes_at_once_and_keeps_the_next_away (void)
{
  IceHand hand;

  begin (&hand, NULL, 3);
  assert_sent (&hand, T, peer (0));
  g_assert_cmpint (ice_engine_get_deadline (hand.engine), ==, T + TA);
  assert_sent (&hand, T + TA, peer (1));
  assert_sent (&hand, T + 2 * TA, peer (2));
  /* nothing more to send */
  g_assert_cmpint (ice_engine_get_deadline (hand.engine), ==, T + 500 * MS);
  ice_hand_clear (&hand);
}

static void
test_all_streams_share_the_pace (void)
{
  NiceAddress address = ice_hand_local (3);
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  ice_engine_add_stream (hand.engine, 1, 0);
  ice_engine_gather (hand.engine, 2, &address, 1, 0);
  ice_engine_set_remote_credentials (hand.engine, 2, HAND_UFRAG, HAND_PWD, 0);
  ice_hand_drain (&hand);
  ice_hand_run_until (&hand, T);
  signal_as (&hand, 1, 0, ICE_CANDIDATE_HOST, ICE_TRANSPORT_UDP);
  signal_as (&hand, 2, 1, ICE_CANDIDATE_HOST, ICE_TRANSPORT_UDP);
  signal_as (&hand, 1, 2, ICE_CANDIDATE_HOST, ICE_TRANSPORT_UDP);
  assert_sent (&hand, T, peer (0));
  assert_sent (&hand, T + TA, peer (1));
  assert_sent (&hand, T + 2 * TA, peer (2));
  ice_hand_clear (&hand);
}

static void
test_triggered_checks_neither_wait_nor_delay (void)
{
  IceHand hand;

  begin (&hand, NULL, 3);
  assert_sent (&hand, T, peer (0));
  ice_hand_run_until (&hand, T + MS);
  check_from (&hand, 2); /* not sent to yet: at once */
  assert_sent (&hand, T + MS, peer (2));
  check_from (&hand, 0); /* just sent to: in its turn, which is the next */
  assert_sent (&hand, T + TA, peer (0));
  assert_sent (&hand, T + 2 * TA, peer (1));
  ice_hand_run_until (&hand, T + 3 * TA);
  check_from (&hand, 1); /* sent to Ta ago: at once */
  assert_sent (&hand, T + 3 * TA, peer (1));
  ice_hand_clear (&hand);
}

static void
test_nominating_check_goes_at_once (void)
{
  IceHand hand;

  begin (&hand, NULL, 2);
  accept_at (&hand, take_sent (&hand, T, peer (0)), T + MS);
  assert_nominates (&hand, T + MS, peer (0));
  ice_hand_clear (&hand);
}

/* --- PROCESS --- */

static void
test_slots_of_the_process_go_to_the_urgent_first (void)
{
  gint64 slot = T + 3 * MS;
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.process_pacing = TRUE;
  ice_hand_init (&hand, &config, 1, 1);
  hand.next_slot = &slot;
  ice_hand_run_until (&hand, T);
  signal_as (&hand, 1, 0, ICE_CANDIDATE_HOST, ICE_TRANSPORT_UDP);
  signal_as (&hand, 1, 1, ICE_CANDIDATE_HOST, ICE_TRANSPORT_UDP);
  ice_hand_run_until (&hand, T + MS);
  check_from (&hand, 1);
  assert_sent (&hand, T + 3 * MS, peer (1));
  assert_sent (&hand, T + 8 * MS, peer (0));
  ice_hand_clear (&hand);
}

/* --- REQUEST --- */

static void
test_check_goes_three_times_in_two_seconds (void)
{
  IceHand hand;

  begin (&hand, NULL, 1);
  assert_sent (&hand, T, peer (0));
  assert_sent (&hand, T + 500 * MS, peer (0));
  assert_sent (&hand, T + 1500 * MS, peer (0));
  assert_nothing_sent_until (&hand, T + 2000 * MS - 1);
  g_assert_cmpint (get_state (&hand, 0), ==, ICE_PAIR_IN_PROGRESS);
  ice_hand_run_until (&hand, T + 2000 * MS);
  g_assert_cmpint (get_state (&hand, 0), ==, ICE_PAIR_FAILED);
  ice_hand_clear (&hand);
}

/* covers ICE-8445-14.3-a: 40 checks in a pace of 20 ms take 800 ms */
static void
test_many_checks_go_again_later (void)
{
  const gint64 times[] = { T, T + 800 * MS, T + 2400 * MS };
  IceCandidate candidates[40];
  IceHandMessage *check;
  guint n = 0;
  IceHand hand;

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    candidates[i] = make_candidate (1, i, ICE_CANDIDATE_HOST, ICE_TRANSPORT_UDP);
  ice_hand_init (&hand, NULL, 1, 1);
  ice_hand_run_until (&hand, T);
  ice_engine_add_remote_candidates (hand.engine, 1, 1, candidates,
                                    G_N_ELEMENTS (candidates), T);
  ice_hand_drain (&hand);
  ice_hand_run_until (&hand, T + 3200 * MS - 1);
  while ((check = ice_hand_take (&hand, STUN_CLASS_REQUEST)) != NULL)
    {
      if (nice_address_equal (&check->to, &candidates[0].addr))
        g_assert_cmpint (check->when, ==, times[n++]);
      g_free (check);
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (times));
  g_assert_cmpint (get_state (&hand, 0), ==, ICE_PAIR_IN_PROGRESS);
  ice_hand_run_until (&hand, T + 3200 * MS);
  g_assert_cmpint (get_state (&hand, 0), ==, ICE_PAIR_FAILED);
  ice_hand_clear (&hand);
}

/* Over TCP, to a passive candidate of the peer: the connection asked for at T. */
static IceBaseId
begin_connecting (IceHand *hand, IceConfig *config)
{
  IceBaseResult result = { .error = ICE_REASON_UNREACHABLE, .local = ice_hand_local (1) };
  const IceBaseRequest *need;

  config->ice_tcp = TRUE;
  ice_hand_init (hand, config, 1, 1);
  need = &g_array_index (hand->needs, IceBaseRequest, 0); /* there is no listener */
  ice_engine_handle_base (hand->engine, need->id, &result, 0);
  ice_hand_drain (hand);
  ice_hand_run_until (hand, T);
  signal_as (hand, 1, 0, ICE_CANDIDATE_HOST, ICE_TRANSPORT_TCP_PASSIVE);
  need = &g_array_index (hand->needs, IceBaseRequest, 1);
  g_assert_cmpint (need->kind, ==, ICE_BASE_TCP_CONNECT);
  return need->id;
}

static void
test_connection_is_asked_once (void)
{
  IceBaseResult result = { .local = ice_hand_local (1) };
  IceConfig config;
  IceHand hand;
  IceBaseId id;

  ice_hand_make_config (&config);
  config.reliable_timeout = 1234 * MS;
  id = begin_connecting (&hand, &config);
  ice_engine_handle_base (hand.engine, id, &result, hand.now);
  ice_hand_drain (&hand);
  assert_sent (&hand, T, peer (0));
  assert_nothing_sent_until (&hand, T + 1234 * MS - 1);
  g_assert_cmpint (ice_engine_get_deadline (hand.engine), ==, T + 1234 * MS);
  ice_hand_clear (&hand);
}

/* A triggered check takes the place of the one under way. */
static void
test_cancelled_check_is_not_sent_again (void)
{
  for (guint late = 0; late < 2; late++)
    {
      g_autofree IceHandMessage *first = NULL;
      IceHand hand;

      begin (&hand, NULL, 1);
      first = take_sent (&hand, T, peer (0));
      ice_hand_run_until (&hand, T + 30 * MS);
      check_from (&hand, 0);
      assert_sent (&hand, T + 30 * MS, peer (0));
      assert_sent (&hand, T + 530 * MS, peer (0));
      assert_sent (&hand, T + 1530 * MS, peer (0));
      ice_hand_run_until (&hand, T + 2000 * MS - 1 + late);
      ice_hand_accept (&hand, first); /* until it would have failed */
      g_assert_cmpint (get_state (&hand, 0), ==,
                       late ? ICE_PAIR_IN_PROGRESS : ICE_PAIR_SUCCEEDED);
      ice_hand_clear (&hand);
    }
}

/* Where the peer was heard, only loss can be the reason. */
static void
test_check_begins_anew_for_as_long_as_there_is_patience (void)
{
  gint64 began = T + 30 * MS, last = 0;
  IceHandMessage *check;
  IceHand hand;

  begin (&hand, NULL, 1);
  assert_sent (&hand, T, peer (0));
  ice_hand_run_until (&hand, began);
  check_from (&hand, 0);
  ice_hand_run_until (&hand, 60 * SECOND);
  for (guint i = 0; (check = ice_hand_take (&hand, STUN_CLASS_REQUEST)) != NULL; i++)
    {
      const gint64 offsets[] = { 0, 500 * MS, 1500 * MS };

      last = check->when;
      g_assert_cmpint (last, ==, began + i / 3 * 2 * SECOND + offsets[i % 3]);
      g_free (check);
    }
  g_assert_cmpint (last, >, ICE_PAC - 2 * SECOND);
  g_assert_cmpint (last, <, ICE_PAC + 2 * SECOND);
  ice_hand_clear (&hand);
}

/* --- CONNECT --- */

/* A firewall that swallows what opens a connection keeps the system busy for two minutes,
 * and no component may wait for that (RFC 8863 4). */
static void
test_connection_is_given_up_after_10_seconds (void)
{
  IceConfig config;
  IceHand hand;
  IceBaseId id;

  ice_hand_make_config (&config);
  id = begin_connecting (&hand, &config);
  ice_hand_run_until (&hand, T + 10 * SECOND - 1);
  g_assert_cmpuint (hand.dropped->len, ==, 0);
  ice_hand_run_until (&hand, T + 10 * SECOND);
  g_assert_cmpuint (hand.dropped->len, ==, 1);
  g_assert_cmpuint (g_array_index (hand.dropped, IceBaseId, 0), ==, id);
  assert_fails_at (&hand, T + 10 * SECOND + config.idle_timeout);
  ice_hand_clear (&hand);
}

/* --- PATIENCE --- */

static void
test_best_pair_is_nominated_at_once (void)
{
  IceHand hand;

  begin (&hand, NULL, 2);
  accept_at (&hand, take_sent (&hand, T, peer (0)), T + 5 * MS + 1);
  assert_nominates (&hand, T + 5 * MS + 1, peer (0));
  ice_hand_clear (&hand);
}

static void
test_better_pair_has_10_or_30_ms (void)
{
  const IceCandidateType types[] = { ICE_CANDIDATE_HOST, ICE_CANDIDATE_RELAYED };
  const gint64 patience[] = { 10 * MS, 30 * MS };

  for (guint i = 0; i < 2; i++)
    {
      gint64 valid = T + TA + 5 * MS;
      IceHand hand;

      begin (&hand, NULL, 1);
      assert_sent (&hand, T, peer (0));
      signal_as (&hand, 1, 1, types[i], ICE_TRANSPORT_UDP);
      accept_at (&hand, take_sent (&hand, T + TA, peer (1)), valid);
      assert_nothing_sent_until (&hand, valid + patience[i] - 1);
      assert_nominates (&hand, valid + patience[i], peer (1));
      ice_hand_clear (&hand);
    }
}

/* The direct path was heard: as long as the relay took to answer it may take too. */
static void
test_heard_direct_path_has_the_time_of_the_relay (void)
{
  gint64 valid = T + TA + 100 * MS, heard = valid + 20 * MS;
  IceHand hand;

  begin (&hand, NULL, 1);
  assert_sent (&hand, T, peer (0));
  signal_as (&hand, 1, 1, ICE_CANDIDATE_RELAYED, ICE_TRANSPORT_UDP);
  accept_at (&hand, take_sent (&hand, T + TA, peer (1)), valid);
  ice_hand_run_until (&hand, heard);
  check_from (&hand, 0);
  assert_sent (&hand, heard, peer (0));
  assert_nothing_sent_until (&hand, heard + 100 * MS - 1);
  assert_nominates (&hand, heard + 100 * MS, peer (1));
  ice_hand_clear (&hand);
}

/* --- VERDICT --- */

static void
test_both_done_fail_after_the_idle_time (void)
{
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.idle_timeout = 3210 * MS;
  begin (&hand, &config, 1);
  assert_fails_at (&hand, T + 2000 * MS + 3210 * MS);
  ice_hand_clear (&hand);
}

static void
test_end_of_candidates_is_a_sign_of_life (void)
{
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.trickle = TRUE;
  begin (&hand, &config, 1);
  ice_hand_run_until (&hand, 10 * SECOND + 1);
  ice_engine_end_of_remote_candidates (hand.engine, 1, hand.now);
  assert_fails_at (&hand, 15 * SECOND + 1);
  ice_hand_clear (&hand);
}

static void
test_peer_that_trickles_has_39_and_a_half_seconds (void)
{
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.trickle = TRUE;
  begin (&hand, &config, 1);
  assert_fails_at (&hand, 39500 * MS); /* the credentials were known at 0 */
  ice_hand_clear (&hand);
}

/* Signalled when all is over but PAC; never answered. */
static void
test_name_is_waited_for_30_seconds (void)
{
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.trickle = TRUE;
  begin (&hand, &config, 1);
  ice_hand_run_until (&hand, 20 * SECOND);
  g_assert_true (ice_hand_signal_name (&hand, 1, "peer.local", 2000));
  ice_engine_end_of_remote_candidates (hand.engine, 1, hand.now);
  assert_fails_at (&hand, 50 * SECOND);
  ice_hand_clear (&hand);
}

/* --- KEEPALIVE --- */

static void
assert_indication_at (IceHand *hand, gint64 when)
{
  g_autofree IceHandMessage *indication = NULL;

  ice_hand_run_until (hand, when - 1);
  g_assert_null (ice_hand_take (hand, STUN_CLASS_INDICATION));
  ice_hand_run_until (hand, when);
  indication = ice_hand_take (hand, STUN_CLASS_INDICATION);
  g_assert_nonnull (indication);
}

static void
send_media_at (IceHand *hand, gint64 when)
{
  ice_hand_run_until (hand, when);
  ice_engine_note_traffic (hand->engine, 1, 1, TRUE, FALSE, when);
}

static void
test_indication_goes_each_25_seconds (void)
{
  IceHand hand;

  connect_with (&hand, NULL);
  assert_indication_at (&hand, T + 25 * SECOND);
  assert_indication_at (&hand, T + 50 * SECOND);
  ice_hand_clear (&hand);
}

static void
test_media_of_the_last_5_seconds_is_enough (void)
{
  IceHand hand;

  connect_with (&hand, NULL);
  send_media_at (&hand, T + 20 * SECOND);
  assert_indication_at (&hand, T + 25 * SECOND);
  send_media_at (&hand, T + 45 * SECOND + 1);
  assert_indication_at (&hand, T + 75 * SECOND); /* 30 s less a microsecond of silence */
  ice_hand_clear (&hand);
}

static void
test_consent_checks_go_when_the_dice_say (void)
{
  const guint8 throws[] = { 0x01, 0x80, 0xff };

  for (guint i = 0; i < G_N_ELEMENTS (throws); i++)
    {
      gint64 interval = ice_deadline_get_consent_interval (throws[i] * 0x01010101u);
      IceConfig config;
      IceHand hand;

      ice_hand_make_config (&config);
      config.consent = i == 0;
      config.keepalive_check = i > 0;
      ice_hand_init (&hand, &config, 1, 1);
      hand.dice = throws[i];
      ice_hand_run_until (&hand, T);
      signal_as (&hand, 1, 0, ICE_CANDIDATE_HOST, ICE_TRANSPORT_UDP);
      accept_at (&hand, take_sent (&hand, T, peer (0)), T);
      accept_at (&hand, take_sent (&hand, T, peer (0)), T);
      assert_sent (&hand, T + interval, peer (0));
      assert_sent (&hand, T + 2 * interval, peer (0));
      ice_hand_clear (&hand);
    }
  g_assert_cmpint (ice_deadline_get_consent_interval (0), ==, 4 * SECOND);
  g_assert_cmpint (ice_deadline_get_consent_interval (G_MAXUINT32), ==, 6 * SECOND - 1);
}

/* --- CONSENT --- */

static void
test_pair_is_given_up_30_or_50_seconds_after_its_last_answer (void)
{
  for (guint consent = 0; consent < 2; consent++)
    {
      gint64 answered;
      IceConfig config;
      IceHand hand;

      ice_hand_make_config (&config);
      config.consent = consent;
      config.keepalive_check = !consent;
      connect_with (&hand, &config);
      ice_hand_run_until (&hand, 6 * SECOND + T);
      answered = hand.now;
      accept_at (&hand, ice_hand_take_request (&hand), answered);
      assert_fails_at (&hand, answered + (consent ? 30 : 50) * SECOND);
      g_assert_cmpint (ice_engine_get_deadline (hand.engine), ==, ICE_NEVER);
      ice_hand_clear (&hand);
    }
}

/* --- SILENCE --- */

static void
test_silence_is_looked_for_every_750_ms (void)
{
  IceHand hand;

  connect_with (&hand, NULL);
  ice_hand_run_until (&hand, SECOND);
  ice_engine_note_traffic (hand.engine, 1, 1, FALSE, TRUE, hand.now);
  g_assert_cmpint (ice_engine_get_deadline (hand.engine), ==, 1750 * MS);
  ice_hand_run_until (&hand, 1600 * MS);
  ice_engine_note_traffic (hand.engine, 1, 1, FALSE, TRUE, hand.now);
  assert_sent (&hand, 2500 * MS, peer (0)); /* nothing since 1600 */
  assert_sent (&hand, 3250 * MS, peer (0));
  assert_sent (&hand, 4000 * MS, peer (0));
  assert_nothing_sent_until (&hand, 20 * SECOND);
  ice_hand_clear (&hand);
}

/* --- BINDING, REFRESH, ATTEMPT, GATHERING --- */

static const NiceAddress *
server_address (guint i)
{
  static NiceAddress addresses[2];

  addresses[i] = ice_hand_address (9 + i, 3478);
  return &addresses[i];
}

/* At T; it has two addresses. */
static guint
add_server (IceHand *hand, IceServerKind kind)
{
  IceServer server = { .kind = kind, .host = "stun.example", .port = 3478 };
  guint id;

  ice_hand_run_until (hand, T);
  id = ice_engine_add_server (hand->engine, 1, 0, &server, hand->now);
  ice_hand_drain (hand);
  return id;
}

static void
resolve (IceHand *hand, guint server, IceServerKind kind, guint n)
{
  IceTarget targets[2];

  for (guint i = 0; i < n; i++)
    targets[i] = (IceTarget) { kind, *server_address (i) };
  ice_engine_handle_addresses (hand->engine, server, targets, n, TRUE, hand->now);
  ice_hand_drain (hand);
}

static void
begin_with_server (IceHand *hand, const IceConfig *config, IceServerKind kind, guint n)
{
  ice_hand_init (hand, config, 1, 1);
  resolve (hand, add_server (hand, kind), kind, n);
}

static void
test_server_is_asked_three_times (void)
{
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.initial_timeout = 321 * MS;
  begin_with_server (&hand, &config, ICE_SERVER_STUN_UDP, 1);
  assert_sent (&hand, T, *server_address (0));
  assert_sent (&hand, T + 321 * MS, *server_address (0));
  assert_sent (&hand, T + 3 * 321 * MS, *server_address (0));
  assert_nothing_sent_until (&hand, 5 * SECOND);
  g_assert_cmpint (hand.gathered_at, ==, T + 4 * 321 * MS);
  ice_hand_clear (&hand);
}

static void
test_mapping_is_refreshed_25_seconds_after_each_answer (void)
{
  IceHand hand;

  begin_with_server (&hand, NULL, ICE_SERVER_STUN_UDP, 1);
  ice_engine_restart_stream (hand.engine, 1, T); /* or it fails without candidates */
  accept_at (&hand, take_sent (&hand, T, *server_address (0)), T + MS);
  accept_at (&hand, take_sent (&hand, T + MS + 25 * SECOND, *server_address (0)),
             T + 3 * MS + 25 * SECOND);
  assert_nothing_sent_until (&hand, T + 3 * MS + 50 * SECOND - 1);
  assert_sent (&hand, T + 3 * MS + 50 * SECOND, *server_address (0));
  ice_hand_clear (&hand);
}

static void
answer_relay (IceHand *hand, IceReason error)
{
  const IceBaseRequest *need =
      &g_array_index (hand->needs, IceBaseRequest, hand->needs->len - 1);
  IceBaseResult result = { .error = error, .local = ice_hand_address (9, 50000) };

  nice_address_init (&result.mapped);
  nice_address_init (&result.alternate);
  ice_engine_handle_base (hand->engine, need->id, &result, hand->now);
  ice_hand_drain (hand);
}

static void
test_lost_allocation_is_asked_for_after_1_2_4_8_16_seconds (void)
{
  gint64 when = SECOND;
  IceHand hand;

  begin_with_server (&hand, NULL, ICE_SERVER_TURN_UDP, 1);
  answer_relay (&hand, ICE_REASON_NONE);
  ice_hand_run_until (&hand, when);
  answer_relay (&hand, ICE_REASON_BASE_LOST);
  g_assert_cmpuint (hand.needs->len, ==, 2); /* at once */
  for (guint i = 0; i < 5; i++)
    {
      ice_hand_run_until (&hand, when + 33 * MS);
      answer_relay (&hand, ICE_REASON_UNREACHABLE);
      when = hand.now + (SECOND << i);
      ice_hand_run_until (&hand, when - 1);
      g_assert_cmpuint (hand.needs->len, ==, 2 + i);
      ice_hand_run_until (&hand, when);
      g_assert_cmpuint (hand.needs->len, ==, 3 + i);
    }
  answer_relay (&hand, ICE_REASON_UNREACHABLE); /* it is given up */
  ice_hand_run_until (&hand, 1000 * SECOND);
  g_assert_cmpuint (hand.needs->len, ==, 7);
  ice_hand_clear (&hand);
}

static void
test_next_target_is_tried_after_250_ms (void)
{
  IceHand hand;

  begin_with_server (&hand, NULL, ICE_SERVER_STUN_UDP, 2);
  assert_sent (&hand, T, *server_address (0));
  assert_sent (&hand, T + 250 * MS, *server_address (1));
  ice_hand_clear (&hand);
}

/* A name that nobody answers, known from the start or added later. */
static void
test_gathering_takes_5_seconds_at_most (void)
{
  NiceAddress address = ice_hand_local (1);
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  g_assert_cmpint (hand.gathered_at, ==, 0);
  add_server (&hand, ICE_SERVER_STUN_UDP);
  ice_hand_run_until (&hand, 100 * SECOND);
  g_assert_cmpint (hand.gathered_at, ==, T + 5 * SECOND);
  nice_address_set_ipv4 (&address, 0x0a000701);
  ice_engine_gather (hand.engine, 1, &address, 1, hand.now);
  ice_hand_drain (&hand);
  ice_hand_run_until (&hand, 200 * SECOND);
  g_assert_cmpint (hand.gathered_at, ==, 105 * SECOND);
  ice_hand_clear (&hand);
}

#define ADD(path, test) g_test_add_func ("/ice/deadline/" path, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("pace/at-once", test_first_check_goes_at_once_and_keeps_the_next_away);
  ADD ("pace/streams", test_all_streams_share_the_pace);
  ADD ("pace/triggered", test_triggered_checks_neither_wait_nor_delay);
  ADD ("pace/nomination", test_nominating_check_goes_at_once);
  ADD ("process/urgent-first", test_slots_of_the_process_go_to_the_urgent_first);
  ADD ("request/three-times", test_check_goes_three_times_in_two_seconds);
  ADD ("request/many", test_many_checks_go_again_later);
  ADD ("request/connection", test_connection_is_asked_once);
  ADD ("request/cancelled", test_cancelled_check_is_not_sent_again);
  ADD ("request/anew", test_check_begins_anew_for_as_long_as_there_is_patience);
  ADD ("connect/given-up", test_connection_is_given_up_after_10_seconds);
  ADD ("patience/best", test_best_pair_is_nominated_at_once);
  ADD ("patience/better-hope", test_better_pair_has_10_or_30_ms);
  ADD ("patience/heard", test_heard_direct_path_has_the_time_of_the_relay);
  ADD ("verdict/idle", test_both_done_fail_after_the_idle_time);
  ADD ("verdict/end", test_end_of_candidates_is_a_sign_of_life);
  ADD ("verdict/trickle", test_peer_that_trickles_has_39_and_a_half_seconds);
  ADD ("verdict/name", test_name_is_waited_for_30_seconds);
  ADD ("keepalive/indication", test_indication_goes_each_25_seconds);
  ADD ("keepalive/media", test_media_of_the_last_5_seconds_is_enough);
  ADD ("keepalive/checks", test_consent_checks_go_when_the_dice_say);
  ADD ("consent/expiry", test_pair_is_given_up_30_or_50_seconds_after_its_last_answer);
  ADD ("silence/questions", test_silence_is_looked_for_every_750_ms);
  ADD ("binding/three-times", test_server_is_asked_three_times);
  ADD ("refresh/mapping", test_mapping_is_refreshed_25_seconds_after_each_answer);
  ADD ("refresh/allocation", test_lost_allocation_is_asked_for_after_1_2_4_8_16_seconds);
  ADD ("attempt/next", test_next_target_is_tried_after_250_ms);
  ADD ("gathering/limit", test_gathering_takes_5_seconds_at_most);
  return g_test_run ();
}
