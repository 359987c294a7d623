/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public candidate: copies, and what programs do to it. */
#include "config.h"

#include "agent/candidate-core.h"

#include <string.h>

static NiceCandidate *
make (const gchar *ip, guint port)
{
  NiceCandidate *candidate = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);

  g_assert_true (nice_address_set_from_string (&candidate->addr, ip));
  nice_address_set_port (&candidate->addr, port);
  return candidate;
}

static void
test_copy_has_all_and_shares_nothing (void)
{
  g_autoptr (NiceCandidate) candidate = make ("192.0.2.1", 4000);
  g_autoptr (NiceCandidate) copy = NULL;

  candidate->priority = 7;
  candidate->username = g_strdup ("user");
  candidate->password = g_strdup ("secret");
  g_strlcpy (candidate->foundation, "f1", sizeof candidate->foundation);
  copy = nice_candidate_copy (candidate);
  g_assert_true (nice_candidate_same (candidate, copy));
  g_assert_true (copy->username != candidate->username);
  copy->addr.s.ip4.sin_port = 0;
  g_assert_cmpuint (nice_address_get_port (&candidate->addr), ==, 4000);
}

/* libnice reads beyond a candidate that was not made by it. */
static void
test_candidate_on_the_stack_can_be_copied (void)
{
  NiceCandidate mine;
  g_autoptr (NiceCandidate) made = make ("192.0.2.1", 4000);
  g_autoptr (NiceCandidate) copy = NULL;
  NiceAddress server;

  memcpy (&mine, made, sizeof mine); /* padding and all */
  copy = nice_candidate_copy (&mine);
  g_assert_true (nice_candidate_equal_target (&mine, copy));
  mine.type = NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
  g_assert_false (nice_candidate_stun_server_address (&mine, &server));
}

static void
test_server_survives_copies (void)
{
  IceCandidate value = { .type = ICE_CANDIDATE_RELAYED };
  g_autoptr (NiceCandidate) candidate = NULL;
  g_autoptr (NiceCandidate) copy = NULL;
  NiceAddress server;

  nice_address_set_from_string (&value.addr, "192.0.2.1");
  nice_address_init (&value.base_addr);
  nice_address_set_from_string (&value.server, "192.0.2.9");
  nice_address_set_port (&value.server, 3478);
  candidate = nice_candidate_from_ice (&value);
  copy = nice_candidate_copy (candidate);
  nice_candidate_relay_address (copy, &server);
  g_assert_true (nice_address_equal (&server, &value.server));
  g_assert_false (nice_candidate_stun_server_address (copy, &server));
}

static void
test_foundation_without_terminator_is_cut (void)
{
  g_autoptr (NiceCandidate) candidate = make ("192.0.2.1", 4000);
  IceCandidate value;

  memset (candidate->foundation, 'x', sizeof candidate->foundation);
  value = nice_candidate_to_ice (candidate);
  g_assert_cmpuint (strlen (value.foundation), ==, ICE_FOUNDATION_SIZE - 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/candidate/copy-has-all-and-shares-nothing",
                   test_copy_has_all_and_shares_nothing);
  g_test_add_func ("/candidate/one-on-the-stack-can-be-copied",
                   test_candidate_on_the_stack_can_be_copied);
  g_test_add_func ("/candidate/server-survives-copies", test_server_survives_copies);
  g_test_add_func ("/candidate/foundation-without-terminator-is-cut",
                   test_foundation_without_terminator_is_cut);
  return g_test_run ();
}
