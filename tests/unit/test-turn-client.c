/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TURN client in virtual time: allocation and its errors, refresh, deletion,
 * permissions, channels, data, and connections. */
#include "config.h"

#include "turn-bench.h"

/* --- allocation --- */

/* covers TURN-8656-5-a, TURN-8656-7.1-a */
static void
test_allocate (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .software = "icecold" };
  TurnEvent event;
  guint8 transport;
  StunAddress wanted = bench_address ("192.0.2.1", 50000);

  bench_start (&bench, &config);
  bench_expect (&bench, STUN_METHOD_ALLOCATE);
  g_assert_false (stun_view_has (&bench.view, STUN_ATTR_USERNAME));
  g_assert_cmpint (
      stun_attr_read_u8 (&bench.view, STUN_ATTR_REQUESTED_TRANSPORT, &transport), ==,
      STUN_RULE_KEPT);
  g_assert_cmpuint (transport, ==, STUN_PROTOCOL_UDP);
  g_assert_cmpint (stun_fingerprint_verify (&bench.view), ==, STUN_RULE_KEPT);
  bench_challenge (&bench, 401, "n1");
  bench_expect (&bench, STUN_METHOD_ALLOCATE);
  g_assert_true (stun_view_has (&bench.view, STUN_ATTR_USERNAME));
  g_assert_true (bench.view.integrity != 0);
  bench_grant (&bench, 600);
  bench_expect_event (&bench, TURN_EVENT_ALLOCATED, &event);
  g_assert_cmpuint (event.allocated.n_relayed, ==, 1);
  g_assert_true (stun_address_equal (&event.allocated.relayed[0], &wanted));
  g_assert_cmpuint (stun_address_get_port (&event.allocated.mapped), ==, 4444);
}

/* covers TURN-8656-7.4-j: the failure has a name and a time */
static void
test_silent_server (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .timing = stun_timing_halved (500000, 3) };
  const gint64 start = BENCH_SECOND;

  bench_start (&bench, &config);
  for (guint i = 0; i < 3; i++)
    {
      bench_expect (&bench, STUN_METHOD_ALLOCATE);
      bench_wait (&bench);
    }
  g_assert_cmpint (bench.now - start, ==, 2 * BENCH_SECOND);
  bench_expect_failure (&bench, TURN_FAULT_TIMEOUT);
  g_assert_cmpint (turn_client_get_deadline (bench.client), ==, TURN_NEVER);
}

/* covers TURN-8656-7.4-b */
static void
test_wrong_password_is_told_once (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { 0 };

  bench_authenticate (&bench, &config);
  bench_challenge (&bench, 401, "n1");
  bench_expect_failure (&bench, TURN_FAULT_UNAUTHORIZED);
  bench_expect_silence (&bench);
}

/* covers TURN-8656-7.4-e */
static void
test_stale_nonce_is_not_an_error (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { 0 };
  TurnEvent event;
  StunBytes nonce;

  bench_authenticate (&bench, &config);
  bench_challenge (&bench, 438, "n2");
  bench_expect (&bench, STUN_METHOD_ALLOCATE);
  stun_attr_read_bytes (&bench.view, STUN_ATTR_NONCE, &nonce);
  g_assert_cmpmem (nonce.data, nonce.len, "n2", 2);
  g_assert_false (turn_client_poll_event (bench.client, &event));
}

static void
test_endless_challenges_end (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { 0 };
  guint rounds = 0;

  bench_authenticate (&bench, &config);
  do
    {
      g_autofree gchar *nonce = g_strdup_printf ("n%u", ++rounds + 1);

      g_assert_cmpuint (rounds, <, 20);
      bench_challenge (&bench, 438, nonce);
    }
  while (bench_poll (&bench)
         && stun_view_parse (&bench.view, bench.request, bench.request_size, 0)
                == STUN_RULE_KEPT);
  bench_expect_event (&bench, TURN_EVENT_FAILED, &(TurnEvent) { 0 });
}

typedef struct
{
  guint code;
  TurnFault fault;
  guint backoff; /* seconds */
} ErrorRow;

/* covers TURN-8656-7.4-c, TURN-8656-7.4-f, TURN-8656-7.4-h, TURN-8656-7.4-d,
 * RES-5928-3-f */
static void
test_errors_by_name (void)
{
  static const ErrorRow rows[] = {
    { 400, TURN_FAULT_BAD_REQUEST, 0 }, { 403, TURN_FAULT_FORBIDDEN, 0 },
    { 420, TURN_FAULT_BAD_REQUEST, 0 }, { 437, TURN_FAULT_MISMATCH, 120 },
    { 440, TURN_FAULT_FAMILY, 0 },      { 441, TURN_FAULT_UNAUTHORIZED, 0 },
    { 442, TURN_FAULT_TRANSPORT, 0 },   { 443, TURN_FAULT_FAMILY, 0 },
    { 446, TURN_FAULT_CONNECTED, 0 },   { 447, TURN_FAULT_UNREACHABLE, 10 },
    { 486, TURN_FAULT_QUOTA, 60 },      { 500, TURN_FAULT_SERVER, 0 },
    { 508, TURN_FAULT_CAPACITY, 60 },   { 599, TURN_FAULT_SERVER, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Bench) bench = { 0 };
      TurnConfig config = { 0 };

      bench_authenticate (&bench, &config);
      bench_refuse (&bench, rows[i].code);
      bench_expect_failure (&bench, rows[i].fault);
      bench_expect_silence (&bench);
      g_assert_cmpint (turn_fault_get_backoff (rows[i].fault), ==,
                       rows[i].backoff * BENCH_SECOND);
    }
}

/* covers TURN-8656-7.4-a */
static void
test_redirected (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { 0 };
  TurnEvent event;
  const StunAddress other = bench_address ("192.0.2.77", 3479);

  bench_authenticate (&bench, &config);
  bench_reply (&bench, STUN_CLASS_ERROR);
  stun_attr_write_error (&bench.writer, 300, NULL);
  stun_attr_write_address (&bench.writer, STUN_ATTR_ALTERNATE_SERVER, &other);
  stun_attr_write_string (&bench.writer, STUN_ATTR_ALTERNATE_DOMAIN, "b.example.org");
  bench_finish (&bench);
  bench_expect_event (&bench, TURN_EVENT_FAILED, &event);
  g_assert_cmpint (event.failed.fault, ==, TURN_FAULT_REDIRECTED);
  g_assert_true (stun_address_equal (&event.failed.alternate, &other));
  g_assert_cmpstr (event.failed.alternate_domain, ==, "b.example.org");
}

/* What the server writes is not printed as it is. */
static void
test_reason_is_made_printable (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { 0 };
  TurnEvent event;

  bench_authenticate (&bench, &config);
  bench_reply (&bench, STUN_CLASS_ERROR);
  stun_attr_write_error (&bench.writer, 403, "no\033[2J%s");
  bench_finish (&bench);
  bench_expect_event (&bench, TURN_EVENT_FAILED, &event);
  g_assert_cmpstr (event.failed.reason, ==, "no?[2J%s");
}

static void
test_forged_answers_do_not_count (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .timing = stun_timing_halved (500000, 1) };
  TurnEvent event;

  bench_authenticate (&bench, &config);
  bench_reply (&bench, STUN_CLASS_ERROR);
  stun_attr_write_error (&bench.writer, 403, NULL);
  bench_finish_unsigned (&bench);
  g_assert_false (turn_client_poll_event (bench.client, &event));
  bench_wait (&bench);
  bench_expect_failure (&bench, TURN_FAULT_FORGED);
}

/* covers TURN-8656-7.1-e */
static void
test_server_cannot_dont_fragment (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .dont_fragment = TRUE };
  static const guint16 unknown[] = { STUN_ATTR_DONT_FRAGMENT };

  bench_authenticate (&bench, &config);
  g_assert_true (stun_view_has (&bench.view, STUN_ATTR_DONT_FRAGMENT));
  bench_reply (&bench, STUN_CLASS_ERROR);
  stun_attr_write_error (&bench.writer, 420, NULL);
  stun_attr_write_unknown (&bench.writer, unknown, 1);
  bench_finish (&bench);
  bench_expect (&bench, STUN_METHOD_ALLOCATE);
  g_assert_false (stun_view_has (&bench.view, STUN_ATTR_DONT_FRAGMENT));
}

/* covers TURN-8656-18.7-a, TURN-8656-7.4-h */
static void
test_even_port_and_reservation (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .even_port = TRUE, .reserve = TRUE };
  guint8 value;

  bench_authenticate (&bench, &config);
  g_assert_cmpint (stun_attr_read_u8 (&bench.view, STUN_ATTR_EVEN_PORT, &value), ==,
                   STUN_RULE_KEPT);
  g_assert_cmphex (value, ==, 0x80);
  bench_refuse (&bench, 508);
  bench_expect (&bench, STUN_METHOD_ALLOCATE);
  g_assert_false (stun_view_has (&bench.view, STUN_ATTR_EVEN_PORT));
}

/* covers TURN-8656-7.1-b */
static void
test_what_excludes_what (void)
{
  static const guint8 token[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .even_port = TRUE, .reservation = token };

  bench_start (&bench, &config);
  bench_expect (&bench, STUN_METHOD_ALLOCATE);
  g_assert_true (stun_view_has (&bench.view, STUN_ATTR_RESERVATION_TOKEN));
  g_assert_false (stun_view_has (&bench.view, STUN_ATTR_EVEN_PORT));
}

/* covers TURN-8656-7.3-d, TURN-8656-18.12-a, TURN-8656-8.1-b */
static void
test_both_families (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .family = TURN_FAMILY_BOTH };
  const StunAddress four = bench_address ("192.0.2.1", 50000);
  const StunAddress six = bench_address ("2001:db8::1", 50002);
  TurnEvent event;

  bench_authenticate (&bench, &config);
  g_assert_true (stun_view_has (&bench.view, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY));
  bench_reply (&bench, STUN_CLASS_SUCCESS);
  stun_attr_write_xor_address (&bench.writer, STUN_ATTR_XOR_RELAYED_ADDRESS, &four);
  stun_attr_write_xor_address (&bench.writer, STUN_ATTR_XOR_RELAYED_ADDRESS, &six);
  stun_attr_write_u32 (&bench.writer, STUN_ATTR_LIFETIME, 600);
  bench_finish (&bench);
  bench_expect_event (&bench, TURN_EVENT_ALLOCATED, &event);
  g_assert_cmpuint (event.allocated.n_relayed, ==, 2);
  g_assert_true (stun_address_equal (&event.allocated.relayed[1], &six));
  /* Without a family both are refreshed, and deleted, together. */
  for (guint i = 0; i < 2; i++)
    {
      if (i == 0)
        bench_wait (&bench);
      else
        turn_client_release (bench.client, bench.now);
      bench_expect (&bench, STUN_METHOD_REFRESH);
      g_assert_false (stun_view_has (&bench.view, STUN_ATTR_REQUESTED_ADDRESS_FAMILY));
      bench_accept (&bench);
    }
}

/* covers TURN-8656-7.3-c */
static void
test_one_family_of_two (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .family = TURN_FAMILY_BOTH };
  const StunAddress four = bench_address ("192.0.2.1", 50000);
  TurnEvent event;

  bench_authenticate (&bench, &config);
  bench_reply (&bench, STUN_CLASS_SUCCESS);
  stun_attr_write_xor_address (&bench.writer, STUN_ATTR_XOR_RELAYED_ADDRESS, &four);
  stun_attr_write_address_error (&bench.writer, STUN_FAMILY_IPV6, 440);
  bench_finish (&bench);
  bench_expect_event (&bench, TURN_EVENT_ALLOCATED, &event);
  g_assert_cmpuint (event.allocated.n_relayed, ==, 1);
  g_assert_cmpuint (event.allocated.refused_code, ==, 440);
}

/* covers TURN-8656-7.3-a */
static void
test_unusable_family_is_deleted (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { .family = TURN_FAMILY_IPV6 };
  guint32 lifetime;

  bench_authenticate (&bench, &config);
  bench_grant (&bench, 600);
  bench_expect_failure (&bench, TURN_FAULT_FAMILY);
  bench_expect (&bench, STUN_METHOD_REFRESH);
  g_assert_cmpint (stun_attr_read_u32 (&bench.view, STUN_ATTR_LIFETIME, &lifetime), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpuint (lifetime, ==, 0);
}

/* --- refresh and deletion --- */

/* covers TURN-8656-8-a, TURN-8656-7.3-b, TURN-8656-8.3-a */
static void
test_refreshed_a_minute_ahead (void)
{
  g_auto (Bench) bench = { 0 };

  bench_allocate (&bench, 600);
  g_assert_cmpint (bench_wait (&bench), ==, 540 * BENCH_SECOND);
  bench_expect (&bench, STUN_METHOD_REFRESH);
  bench_reply (&bench, STUN_CLASS_SUCCESS);
  stun_attr_write_u32 (&bench.writer, STUN_ATTR_LIFETIME, 100);
  bench_finish (&bench);
  g_assert_cmpint (bench_wait (&bench), ==, 50 * BENCH_SECOND);
  bench_expect (&bench, STUN_METHOD_REFRESH);
}

/* Before its time, but not again soon; and the next one is in its time. */
static void
test_probe (void)
{
  g_auto (Bench) bench = { 0 };

  bench_allocate (&bench, 600);
  for (guint i = 0; i < 2; i++)
    {
      turn_client_probe (bench.client, bench.now);
      turn_client_handle_timeout (bench.client, bench.now);
      bench_expect (&bench, STUN_METHOD_REFRESH);
      turn_client_probe (bench.client, bench.now); /* one is under way */
      bench_reply (&bench, STUN_CLASS_SUCCESS);
      stun_attr_write_u32 (&bench.writer, STUN_ATTR_LIFETIME, 600);
      bench_finish (&bench);
      bench.now += TURN_PROBE_REST - 1;
      turn_client_probe (bench.client, bench.now);
      turn_client_handle_timeout (bench.client, bench.now);
      bench_expect_silence (&bench);
      bench.now++;
    }
}

/* covers TURN-8656-8.3-a */
static void
test_allocation_is_gone (void)
{
  g_auto (Bench) bench = { 0 };

  bench_allocate (&bench, 600);
  bench_wait (&bench);
  bench_expect (&bench, STUN_METHOD_REFRESH);
  bench_refuse (&bench, 437);
  bench_expect_failure (&bench, TURN_FAULT_LOST);
}

static void
test_server_dies (void)
{
  g_auto (Bench) bench = { 0 };
  TurnEvent event;
  guint n_sent = 0;

  bench_allocate (&bench, 600);
  while (!turn_client_poll_event (bench.client, &event))
    {
      bench_wait (&bench);
      n_sent += bench_poll (&bench);
    }
  g_assert_cmpint (event.type, ==, TURN_EVENT_FAILED);
  g_assert_cmpint (event.failed.fault, ==, TURN_FAULT_LOST);
  g_assert_cmpint (bench.now, ==, 601 * BENCH_SECOND);
  g_assert_cmpuint (n_sent, <, 20);
}

/* covers TURN-8656-8.1-a, TURN-8656-8.3-a */
static void
test_release (void)
{
  g_auto (Bench) bench = { 0 };
  TurnEvent event;
  guint32 lifetime;

  bench_allocate (&bench, 600);
  turn_client_release (bench.client, bench.now);
  bench_expect (&bench, STUN_METHOD_REFRESH);
  stun_attr_read_u32 (&bench.view, STUN_ATTR_LIFETIME, &lifetime);
  g_assert_cmpuint (lifetime, ==, 0);
  bench_challenge (&bench, 438, "n2");
  bench_expect (&bench, STUN_METHOD_REFRESH);
  bench_refuse (&bench, 437);
  bench_expect_event (&bench, TURN_EVENT_RELEASED, &event);
  g_assert_cmpint (turn_client_get_deadline (bench.client), ==, TURN_NEVER);
}

static void
test_release_before_the_answer (void)
{
  g_auto (Bench) bench = { 0 };
  TurnConfig config = { 0 };
  TurnEvent event;

  bench_authenticate (&bench, &config);
  turn_client_release (bench.client, bench.now);
  bench_grant (&bench, 600);
  bench_expect (&bench, STUN_METHOD_REFRESH);
  bench_accept (&bench);
  bench_expect_event (&bench, TURN_EVENT_RELEASED, &event);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turn-client/allocate", test_allocate);
  g_test_add_func ("/turn-client/silent-server", test_silent_server);
  g_test_add_func ("/turn-client/wrong-password-is-told-once",
                   test_wrong_password_is_told_once);
  g_test_add_func ("/turn-client/stale-nonce-is-not-an-error",
                   test_stale_nonce_is_not_an_error);
  g_test_add_func ("/turn-client/endless-challenges-end", test_endless_challenges_end);
  g_test_add_func ("/turn-client/errors-by-name", test_errors_by_name);
  g_test_add_func ("/turn-client/redirected", test_redirected);
  g_test_add_func ("/turn-client/reason-is-made-printable",
                   test_reason_is_made_printable);
  g_test_add_func ("/turn-client/forged-answers-do-not-count",
                   test_forged_answers_do_not_count);
  g_test_add_func ("/turn-client/server-cannot-dont-fragment",
                   test_server_cannot_dont_fragment);
  g_test_add_func ("/turn-client/even-port-and-reservation",
                   test_even_port_and_reservation);
  g_test_add_func ("/turn-client/what-excludes-what", test_what_excludes_what);
  g_test_add_func ("/turn-client/both-families", test_both_families);
  g_test_add_func ("/turn-client/one-family-of-two", test_one_family_of_two);
  g_test_add_func ("/turn-client/unusable-family-is-deleted",
                   test_unusable_family_is_deleted);
  g_test_add_func ("/turn-client/refreshed-a-minute-ahead",
                   test_refreshed_a_minute_ahead);
  g_test_add_func ("/turn-client/probe", test_probe);
  g_test_add_func ("/turn-client/allocation-is-gone", test_allocation_is_gone);
  g_test_add_func ("/turn-client/server-dies", test_server_dies);
  g_test_add_func ("/turn-client/release", test_release);
  g_test_add_func ("/turn-client/release-before-the-answer",
                   test_release_before_the_answer);
  return g_test_run ();
}
