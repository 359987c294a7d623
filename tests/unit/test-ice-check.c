/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that the engine sends, and what it makes of each kind of answer (RFC 8445 7.1,
 * 7.2). The peer is played by hand. */
#include "config.h"

#include "ice-hand.h"
#include "stun/fingerprint.h"
#include "stun/integrity.h"

static void
assert_text (const StunView *view, guint16 type, const gchar *text)
{
  StunBytes value;

  g_assert_cmpint (stun_attr_read_text (view, type, &value), ==, STUN_RULE_KEPT);
  g_assert_cmpmem (value.data, value.len, text, strlen (text));
}

static void
assert_signed (const StunView *view, const gchar *pwd)
{
  StunHmac key = { 0 };

  stun_hmac_init (&key, STUN_HMAC_SHA1, pwd, strlen (pwd));
  g_assert_cmpint (stun_integrity_verify (view, &key), ==, STUN_RULE_KEPT);
  stun_hmac_clear (&key);
  g_assert_cmpint (stun_fingerprint_verify (view), ==, STUN_RULE_KEPT);
}

static guint64
read_tie_breaker (const StunView *view, guint16 type)
{
  guint64 value = 0;

  g_assert_cmpint (stun_attr_read_u64 (view, type, &value), ==, STUN_RULE_KEPT);
  return value;
}

/* covers ICE-8445-7.1.1-a, ICE-8445-7.1.3-a, ICE-8445-7.2.2-a, ICE-8445-7.2.4-a,
 * ICE-8445-7.2.4-b: of both roles; USE-CANDIDATE only to nominate. */
static void
test_check_carries_what_it_has_to (void)
{
  for (guint controlling = 0; controlling < 2; controlling++)
    {
      NiceAddress to = ice_hand_address (2, 2000);
      g_autofree IceHandMessage *check = NULL, *next = NULL;
      g_autofree gchar *username = NULL;
      const gchar *ufrag, *pwd;
      guint32 priority;
      IceConfig config;
      IceHand hand;

      ice_hand_make_config (&config);
      config.controlling = controlling;
      ice_hand_begin (&hand, &config, &to);
      check = ice_hand_take_request (&hand);
      ice_engine_get_local_credentials (hand.engine, 1, &ufrag, &pwd);
      username = g_strconcat (HAND_UFRAG ":", ufrag, NULL);
      g_assert_cmpuint (check->base, ==, 1);
      g_assert_true (nice_address_equal (&check->to, &to));
      assert_text (&check->view, STUN_ATTR_USERNAME, username);
      assert_signed (&check->view, HAND_PWD);
      g_assert_cmpint (stun_attr_read_u32 (&check->view, STUN_ATTR_PRIORITY, &priority),
                       ==, STUN_RULE_KEPT);
      g_assert_cmpuint (priority >> 24, ==, 110);
      g_assert_cmpint (stun_view_has (&check->view, STUN_ATTR_ICE_CONTROLLING), ==,
                       controlling);
      g_assert_cmpint (stun_view_has (&check->view, STUN_ATTR_ICE_CONTROLLED), ==,
                       !controlling);
      g_assert_false (stun_view_has (&check->view, STUN_ATTR_USE_CANDIDATE));

      ice_hand_accept (&hand, check);
      next = ice_hand_take (&hand, STUN_CLASS_REQUEST);
      g_assert_cmpint (next != NULL, ==, controlling);
      if (next != NULL)
        g_assert_true (stun_view_has (&next->view, STUN_ATTR_USE_CANDIDATE));
      ice_hand_clear (&hand);
    }
}

/* covers ICE-8445-7.2.2-a, ICE-8445-7.2.4-a */
static void
test_answer_is_signed_and_names_nobody (void)
{
  IceHandCheck check = { .from = ice_hand_address (2, 2000), .priority = 1 };
  g_autofree IceHandMessage *answer = NULL;
  const gchar *ufrag, *pwd;
  StunAddress mapped;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  ice_hand_check (&hand, &check);
  answer = ice_hand_take (&hand, STUN_CLASS_SUCCESS);
  g_assert_nonnull (answer);
  ice_engine_get_local_credentials (hand.engine, 1, &ufrag, &pwd);
  assert_signed (&answer->view, pwd);
  g_assert_false (stun_view_has (&answer->view, STUN_ATTR_USERNAME));
  g_assert_cmpint (
      stun_attr_read_xor_address (&answer->view, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped),
      ==, STUN_RULE_KEPT);
  g_assert_true (nice_address_equal ((NiceAddress *)&mapped, &check.from));
  ice_hand_clear (&hand);
}

/* covers ICE-8445-16.1-a: one for all components, another only after a 487. */
static void
test_tie_breaker_changes_only_on_a_487 (void)
{
  NiceAddress to[] = { ice_hand_address (2, 2000), ice_hand_address (2, 2001) };
  g_autofree IceHandMessage *first = NULL, *second = NULL, *third = NULL;
  IceHandAnswer conflict = { .code = 487 };
  guint64 old;
  IceHand hand;

  ice_hand_init (&hand, NULL, 2, 1);
  ice_hand_signal (&hand, 1, &to[0], HAND_PRIORITY, "1");
  ice_hand_signal (&hand, 2, &to[1], HAND_PRIORITY, "2");
  ice_hand_run_until (&hand, 20 * MS);
  first = ice_hand_take_request (&hand);
  second = ice_hand_take_request (&hand);
  old = read_tie_breaker (&first->view, STUN_ATTR_ICE_CONTROLLING);
  g_assert_cmpuint (read_tie_breaker (&second->view, STUN_ATTR_ICE_CONTROLLING), ==, old);
  ice_hand_answer (&hand, first, &conflict);
  third = ice_hand_take_request (&hand);
  g_assert_cmpuint (read_tie_breaker (&third->view, STUN_ATTR_ICE_CONTROLLED), !=, old);
  ice_hand_clear (&hand);
}

/* covers ICE-8445-7.2.5.1-b */
static void
test_late_487_does_not_flip_the_role_back (void)
{
  NiceAddress to = ice_hand_address (2, 2000);
  IceHandCheck larger = {
    .from = to, .role = ICE_HAND_CONTROLLING, .tie_breaker = G_MAXUINT64, .priority = 1
  };
  IceHandAnswer conflict = { .code = 487 };
  g_autofree IceHandMessage *before = NULL;
  IceHand hand;

  ice_hand_begin (&hand, NULL, &to);
  before = ice_hand_take_request (&hand);
  g_assert_true (ice_engine_is_controlling (hand.engine));
  ice_hand_check (&hand, &larger);
  g_assert_cmpuint (ice_hand_take_answer (&hand), ==, 0);
  g_assert_false (ice_engine_is_controlling (hand.engine));
  ice_hand_answer (&hand, before, &conflict);
  g_assert_false (ice_engine_is_controlling (hand.engine));
  ice_hand_clear (&hand);
}

/* --- answers that fail the pair, or do nothing --- */

static IcePairState
state_after (const IceHandAnswer *answer)
{
  NiceAddress to = ice_hand_address (2, 2000);
  g_autofree IceHandMessage *check = NULL;
  IcePairState state;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 2);
  ice_hand_signal (&hand, 1, &to, HAND_PRIORITY, "1");
  check = ice_hand_take_request (&hand);
  ice_hand_answer (&hand, check, answer);
  state = ice_hand_get_pair (&hand, 1, check->base, to).state;
  ice_hand_clear (&hand);
  return state;
}

/* covers ICE-8445-7.2.5.2.1-a */
static void
test_answer_on_another_path_fails_the_pair (void)
{
  IceHandAnswer right = { .mapped = ice_hand_local (2) };
  IceHandAnswer from_elsewhere = right, on_another_base = right;

  from_elsewhere.from = ice_hand_address (3, 2000);
  on_another_base.base = 1;
  g_assert_cmpint (state_after (&right), ==, ICE_PAIR_SUCCEEDED);
  g_assert_cmpint (state_after (&from_elsewhere), ==, ICE_PAIR_FAILED);
  g_assert_cmpint (state_after (&on_another_base), ==, ICE_PAIR_FAILED);
}

/* covers ICE-8445-7.2.5.2.4-a, ICE-8445-19.2-a */
static void
test_error_counts_only_when_signed (void)
{
  static const guint codes[] = { 400, 401, 403, 420, 500 };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      IceHandAnswer error = { .code = codes[i] };

      g_assert_cmpint (state_after (&error), ==, ICE_PAIR_FAILED);
      error.forged = TRUE;
      g_assert_cmpint (state_after (&error), ==, ICE_PAIR_IN_PROGRESS);
    }
}

/* covers ICE-8445-7.2.5.2-a */
static void
test_failure_is_that_pair_s_alone (void)
{
  NiceAddress to[3];
  g_autofree IceHandMessage *check = NULL;
  IceHandAnswer error = { .code = 400 };
  guint n_failed = 0;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  for (guint i = 0; i < G_N_ELEMENTS (to); i++)
    {
      to[i] = ice_hand_address (2, 2000 + i);
      ice_hand_signal (&hand, 1, &to[i], HAND_PRIORITY - i, "same");
    }
  check = ice_hand_take_request (&hand);
  ice_hand_answer (&hand, check, &error);
  for (guint i = 0; i < G_N_ELEMENTS (to); i++)
    n_failed += ice_hand_get_pair (&hand, 1, 1, to[i]).state == ICE_PAIR_FAILED;
  g_assert_cmpuint (n_failed, ==, 1);
  ice_hand_clear (&hand);
}

/* covers ICE-8445-7.2.5.2.2-a: the pair fails, the agent goes on */
static void
test_hard_error_fails_one_pair (void)
{
  NiceAddress dead = ice_hand_address (2, 2000), alive = ice_hand_address (3, 2000);
  g_autofree IceHandMessage *first = NULL, *second = NULL;
  IceHand hand;

  ice_hand_begin (&hand, NULL, &dead);
  ice_hand_signal (&hand, 1, &alive, HAND_PRIORITY - 1, "2");
  first = ice_hand_take_request (&hand);
  ice_engine_handle_base_error (hand.engine, 1, &first->to, ICE_REASON_UNREACHABLE, 0);
  ice_hand_drain (&hand);
  g_assert_cmpint (ice_hand_get_pair (&hand, 1, 1, dead).state, ==, ICE_PAIR_FAILED);
  ice_hand_run_until (&hand, 20 * MS);
  second = ice_hand_take_request (&hand);
  g_assert_true (nice_address_equal (&second->to, &alive));
  ice_hand_accept (&hand, second);
  g_assert_cmpint (ice_hand_get_pair (&hand, 1, 1, alive).state, ==, ICE_PAIR_SUCCEEDED);
  ice_hand_clear (&hand);
}

/* --- valid pairs --- */

static const IcePairInfo *
find_valid (GArray *pairs)
{
  const IcePairInfo *valid = NULL;

  for (guint i = 0; i < pairs->len; i++)
    if (g_array_index (pairs, IcePairInfo, i).valid)
      {
        g_assert_null (valid);
        valid = &g_array_index (pairs, IcePairInfo, i);
      }
  g_assert_nonnull (valid);
  return valid;
}

/* covers ICE-8445-7.2.5.3.1-a, ICE-8445-7.2.5.3.2-a, TRI-8838-10-b: what the peer saw is
 * a candidate of ours, which makes one pair and no more. */
static void
test_unknown_mapped_address_makes_a_candidate_and_its_pair (void)
{
  NiceAddress to = ice_hand_address (2, 2000), other = ice_hand_address (3, 2000);
  IceHandAnswer answer = { .mapped = ice_hand_address (99, 99) };
  g_autofree IceHandMessage *check = NULL;
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  const IcePairInfo *valid;
  IceConfig config;
  guint32 priority;
  IceHand hand;

  ice_hand_make_config (&config);
  config.controlling = FALSE;
  ice_hand_begin (&hand, &config, &to);
  check = ice_hand_take_request (&hand);
  stun_attr_read_u32 (&check->view, STUN_ATTR_PRIORITY, &priority);
  ice_hand_answer (&hand, check, &answer);
  ice_engine_get_pairs (hand.engine, 1, 1, pairs);
  g_assert_cmpuint (pairs->len, ==, 2);
  valid = find_valid (pairs);
  g_assert_cmpint (valid->state, ==, ICE_PAIR_SUCCEEDED);
  g_assert_false (valid->nominated);
  g_assert_true (nice_address_equal (&valid->local.addr, &answer.mapped));
  g_assert_true (nice_address_equal (&valid->remote.addr, &to));
  g_assert_cmpint (valid->local.type, ==, ICE_CANDIDATE_PEER_REFLEXIVE);
  g_assert_cmpuint (valid->local.base, ==, 1);
  g_assert_cmpuint (valid->local.priority, ==, priority);
  g_assert_cmpstr (valid->local.foundation, !=,
                   g_array_index (hand.candidates, IceCandidate, 0).foundation);
  /* controlled: G is the peer's */
  g_assert_cmpuint (valid->priority, ==,
                    ((guint64)priority << 32) + 2 * (guint64)HAND_PRIORITY + 1);
  ice_hand_signal (&hand, 1, &other, HAND_PRIORITY - 1, "2");
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 3);
  ice_hand_clear (&hand);
}

/* What a check made valid is then selected by hand, and so made valid by itself; the pair
 * that was checked looked back at it when both had gone with their socket. */
static void
test_pair_is_made_valid_twice (void)
{
  NiceAddress to = ice_hand_address (2, 2000);
  IceHandAnswer answer = { .mapped = ice_hand_address (99, 99) };
  g_autofree IceHandMessage *check = NULL;
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  IceHand hand;

  ice_hand_begin (&hand, NULL, &to);
  check = ice_hand_take_request (&hand);
  ice_hand_answer (&hand, check, &answer);
  ice_engine_get_pairs (hand.engine, 1, 1, pairs);
  g_assert_true (ice_engine_select_pair (
      hand.engine, 1, 1, find_valid (pairs)->local.foundation, "1", hand.now));
  ice_engine_handle_base_error (hand.engine, 1, NULL, ICE_REASON_UNREACHABLE, hand.now);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 0);
  ice_hand_clear (&hand);
}

/* --- pace --- */

/* covers ICE-8445-6.1.4.2-c: awake for nothing never, and for something at once */
static void
test_idle_timer_wakes_for_work (void)
{
  NiceAddress first = ice_hand_address (2, 2000), second = ice_hand_address (3, 2000);
  IceHandCheck check = { .from = ice_hand_address (4, 2000),
                         .role = ICE_HAND_CONTROLLING,
                         .priority = 1 };
  g_autofree IceHandMessage *a = NULL, *b = NULL, *c = NULL;
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.controlling = FALSE;
  ice_hand_begin (&hand, &config, &first);
  a = ice_hand_take_request (&hand);
  ice_hand_accept (&hand, a);
  ice_hand_run_until (&hand, SECOND);
  g_assert_cmpint (ice_engine_get_deadline (hand.engine), >, 5 * SECOND);
  ice_hand_signal (&hand, 1, &second, HAND_PRIORITY - 1, "2");
  b = ice_hand_take_request (&hand);
  g_assert_cmpint (b->when, ==, SECOND);
  ice_hand_accept (&hand, b);
  ice_hand_run_until (&hand, 2 * SECOND);
  ice_hand_check (&hand, &check);
  c = ice_hand_take_request (&hand);
  g_assert_cmpint (c->when, ==, 2 * SECOND);
  g_assert_true (nice_address_equal (&c->to, &check.from));
  ice_hand_clear (&hand);
}

/* covers ICE-8445-14.2-a: as told, here the 50 ms that are the RFC's own default */
static void
test_ta_keeps_first_checks_apart (void)
{
  NiceAddress to[3];
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.ta = 50 * MS;
  ice_hand_init (&hand, &config, 1, 1);
  for (guint i = 0; i < G_N_ELEMENTS (to); i++)
    {
      g_autofree gchar *foundation = g_strdup_printf ("%u", i);

      to[i] = ice_hand_address (2 + i, 2000);
      ice_hand_signal (&hand, 1, &to[i], HAND_PRIORITY - i, foundation);
    }
  ice_hand_run_until (&hand, 400 * MS);
  for (guint i = 0; i < G_N_ELEMENTS (to); i++)
    {
      g_autofree IceHandMessage *check = ice_hand_take_request (&hand);

      g_assert_cmpint (check->when, ==, (gint64)i * 50 * MS);
      g_assert_true (nice_address_equal (&check->to, &to[i]));
    }
  ice_hand_clear (&hand);
}

/* covers ICE-8445-14.2-b: those that share the slots of the process, triggered checks
 * and nominations too */
static void
test_agents_of_a_process_take_turns (void)
{
  gint64 next_slot = 0, last = -1;
  IceHand hands[4];
  IceConfig config;
  guint n_nominations = 0;

  ice_hand_make_config (&config);
  config.process_pacing = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (hands); i++)
    {
      IceHandCheck check = { .from = ice_hand_address (3, 2000), .priority = 1 };
      NiceAddress to = ice_hand_address (2, 2000);

      ice_hand_init (&hands[i], &config, 1, 1);
      hands[i].next_slot = &next_slot;
      ice_hand_signal (&hands[i], 1, &to, HAND_PRIORITY, "1");
      ice_hand_check (&hands[i], &check);
    }
  for (gint64 now = 0; now < 200 * MS; now += MS)
    for (guint i = 0; i < G_N_ELEMENTS (hands); i++)
      {
        IceHandMessage *check;

        ice_hand_run_until (&hands[i], now);
        while ((check = ice_hand_take (&hands[i], STUN_CLASS_REQUEST)) != NULL)
          {
            g_assert_true (last < 0 || check->when - last >= 5 * MS);
            last = check->when;
            n_nominations += stun_view_has (&check->view, STUN_ATTR_USE_CANDIDATE);
            ice_hand_accept (&hands[i], check);
            g_free (check);
          }
      }
  g_assert_cmpuint (n_nominations, ==, G_N_ELEMENTS (hands));
  for (guint i = 0; i < G_N_ELEMENTS (hands); i++)
    {
      g_assert_true (g_str_has_suffix (hands[i].states->str, "1.1 ready\n"));
      ice_hand_clear (&hands[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/check/attributes", test_check_carries_what_it_has_to);
  g_test_add_func ("/ice/check/answer", test_answer_is_signed_and_names_nobody);
  g_test_add_func ("/ice/check/tie-breaker", test_tie_breaker_changes_only_on_a_487);
  g_test_add_func ("/ice/check/late-487", test_late_487_does_not_flip_the_role_back);
  g_test_add_func ("/ice/check/another-path", test_answer_on_another_path_fails_the_pair);
  g_test_add_func ("/ice/check/errors", test_error_counts_only_when_signed);
  g_test_add_func ("/ice/check/one-failure", test_failure_is_that_pair_s_alone);
  g_test_add_func ("/ice/check/hard-error", test_hard_error_fails_one_pair);
  g_test_add_func ("/ice/check/mapped-address",
                   test_unknown_mapped_address_makes_a_candidate_and_its_pair);
  g_test_add_func ("/ice/check/made-valid-twice", test_pair_is_made_valid_twice);
  g_test_add_func ("/ice/check/idle", test_idle_timer_wakes_for_work);
  g_test_add_func ("/ice/check/process", test_agents_of_a_process_take_turns);
  g_test_add_func ("/ice/check/ta", test_ta_keeps_first_checks_apart);
  return g_test_run ();
}
