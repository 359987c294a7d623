/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was found out of a NAT, as people and programs read it; and what ICE can do there,
 * which is what the simulator's theory says. */
#include "config.h"

#include "nat-report.h"

#include "sim-nat-theory.h"

#include <string.h>

static StunAddress
address (const gchar *text)
{
  const NiceAddress parsed = sim_address (text);
  StunAddress copy;

  memcpy (&copy, &parsed, sizeof copy);
  return copy;
}

/* A NAT that is port-restricted, as most at home are. */
static NatReport
home (void)
{
  return (NatReport) { .outcome = NAT_OUTCOME_TOLD,
                       .server = address ("192.0.2.1:3478"),
                       .other = address ("192.0.2.2:3479"),
                       .local = address ("10.0.0.2:5000"),
                       .mapped = address ("198.51.100.1:5000"),
                       .is_translated = TRUE,
                       .mapping = NAT_ENDPOINT_INDEPENDENT,
                       .filtering = NAT_ADDRESS_AND_PORT_DEPENDENT,
                       .hairpins = NAT_NO,
                       .preserves_ports = NAT_YES };
}

static NatReport
report_of_kind (SimNatKind kind)
{
  NatReport report = home ();
  SimNatConfig nat;

  report.is_translated = sim_nat_kind_get_config (kind, &nat);
  report.mapping = NAT_ENDPOINT_INDEPENDENT + nat.mapping;
  report.filtering = NAT_ENDPOINT_INDEPENDENT + nat.filtering;
  if (kind == SIM_FIREWALLED)
    report.filtering = NAT_ADDRESS_AND_PORT_DEPENDENT;
  return report;
}

static void
test_paths_are_those_of_theory (void)
{
  const SimNatSetting setting = { .server = 30 * SIM_MS, .peer = 40 * SIM_MS };

  for (SimNatKind kind = 0; kind < SIM_N_NAT_KINDS; kind++)
    {
      const NatReport report = report_of_kind (kind);

      g_assert_cmpint (nat_report_get_kind (&report), ==, kind);
      g_assert_true (nat_report_knows_paths (&report));
      for (SimNatKind peer = 0; peer < SIM_N_NAT_KINDS; peer++)
        g_assert_cmpint (nat_report_is_direct (&report, peer), ==,
                         sim_nat_theory (kind, peer, &setting).path != SIM_PATH_NONE);
    }
}

/* What people get to see, to the letter. */
static void
test_a_nat_in_words (void)
{
  NatReport report = home ();
  g_autofree char *text = NULL;

  report.lifetime = NAT_LIFETIME_FOUND;
  report.lifetime_min_us = 30 * G_USEC_PER_SEC;
  report.lifetime_max_us = 31500000;
  text = nat_report_format (&report);
  g_assert_cmpstr (
      text, ==,
      "server       192.0.2.1:3478\n"
      "             and 192.0.2.2:3479\n"
      "local        10.0.0.2:5000\n"
      "mapped       198.51.100.1:5000\n"
      "NAT          yes\n"
      "mapping      endpoint-independent: one public port towards everybody\n"
      "filtering    address and port-dependent: who was sent to gets in, from that port "
      "only\n"
      "hairpinning  no: two hosts behind it do not reach each other at its public "
      "address\n"
      "ports        preserved: the public one is the local one\n"
      "lifetime     between 30.0 and 31.5 s without a packet\n"
      "\n"
      "In “icecold nat-matrix” this is 5, port-restricted cone.\n"
      "ICE connects it to peers that are\n"
      "1 open, a public address  directly\n"
      "2 firewall, answers only  directly\n"
      "3 full cone               directly\n"
      "4 restricted cone         directly\n"
      "5 port-restricted cone    directly\n"
      "6 address-symmetric       through a TURN server only\n"
      "7 symmetric               through a TURN server only\n");
}

static void
test_no_nat_in_words (void)
{
  NatReport report = report_of_kind (SIM_OPEN);
  g_autofree char *text = NULL;

  report.mapped = report.local;
  report.lifetime = NAT_LIFETIME_NO_BINDING;
  text = nat_report_format (&report);
  g_assert_nonnull (strstr (text, "NAT          no\nfiltering    endpoint-independent"));
  g_assert_null (strstr (text, "hairpinning"));
  g_assert_null (strstr (text, "ports"));
  g_assert_nonnull (strstr (text, "this is 1, open"));
  g_assert_null (strstr (text, "TURN"));
}

/* Of what is not known nothing is concluded. */
static void
test_doubts_in_words (void)
{
  static const struct
  {
    NatDoubt doubt;
    const char *words;
  } rows[] = {
    { NAT_DOUBT_REFUSED, "filtering    unknown: the server answers CHANGE-REQUEST with "
                         "error 420\n" },
    { NAT_DOUBT_UNCHANGED, "filtering    unknown: the server does not heed "
                           "CHANGE-REQUEST\n" },
    { NAT_DOUBT_UNREACHABLE, "filtering    unknown: the server does not answer at its "
                             "other address\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      NatReport report = home ();
      g_autofree char *text = NULL;

      report.filtering = NAT_UNKNOWN;
      report.doubt = rows[i].doubt;
      report.code = 420;
      report.hairpins = NAT_MAYBE;
      text = nat_report_format (&report);
      g_assert_nonnull (strstr (text, rows[i].words));
      g_assert_nonnull (strstr (text, "hairpinning  unknown"));
      g_assert_null (strstr (text, "ICE connects"));
      g_assert_cmpint (nat_report_get_kind (&report), ==, SIM_N_NAT_KINDS);
    }
}

static void
test_kinds_without_a_name (void)
{
  NatReport report = home ();
  g_autofree char *text = NULL;

  report.mapping = NAT_ADDRESS_AND_PORT_DEPENDENT;
  report.filtering = NAT_ENDPOINT_INDEPENDENT;
  text = nat_report_format (&report);
  g_assert_nonnull (strstr (text, "no row for this kind"));
  g_assert_true (nat_report_is_direct (&report, SIM_OPEN));
  g_assert_true (nat_report_is_direct (&report, SIM_RESTRICTED_CONE));
  g_assert_false (nat_report_is_direct (&report, SIM_PORT_RESTRICTED_CONE));
}

static void
check_failure (const NatReport *report, const char *sentence, gboolean has_rows)
{
  g_autofree char *failure = nat_report_get_failure (report);
  g_autofree char *text = nat_report_format (report);

  g_assert_nonnull (strstr (failure, sentence));
  g_assert_cmpint (*text != '\0', ==, has_rows);
  g_assert_null (strstr (text, "filtering"));
}

static void
test_failures_are_one_sentence (void)
{
  NatReport report = home ();

  g_assert_null (nat_report_get_failure (&report));
  report.outcome = NAT_OUTCOME_SILENT;
  check_failure (&report, "no answer", FALSE);
  report.outcome = NAT_OUTCOME_REFUSED;
  report.code = 401;
  check_failure (&report, "error 401", FALSE);
  report.outcome = NAT_OUTCOME_UNSUPPORTED;
  check_failure (&report, "no second address", TRUE);
}

static void
test_a_nat_for_programs (void)
{
  NatReport report = home ();
  g_autoptr (GVariant) found = NULL, wanted = NULL;

  report.hairpins = NAT_MAYBE;
  report.lifetime = NAT_LIFETIME_LONGER;
  report.lifetime_min_us = 600 * G_USEC_PER_SEC;
  found = g_variant_ref_sink (nat_report_to_variant (&report));
  wanted = g_variant_ref_sink (g_variant_new_parsed (
      "{'server': <'192.0.2.1:3478'>, 'local': <'10.0.0.2:5000'>,"
      " 'mapped': <'198.51.100.1:5000'>, 'nat': <true>, 'rewritten': <false>,"
      " 'otherServer': <'192.0.2.2:3479'>, 'mapping': <'endpoint-independent'>,"
      " 'filtering': <'address-and-port-dependent'>, 'portsPreserved': <true>,"
      " 'lifetimeMin': <600.0>, 'kind': <'port-restricted'>,"
      " 'paths': <{'open': <'direct'>, 'firewall': <'direct'>, 'full cone': <'direct'>,"
      "  'restricted': <'direct'>, 'port-restricted': <'direct'>,"
      "  'address-symmetric': <'relayed'>, 'symmetric': <'relayed'>}>}"));
  g_assert_cmpvariant (found, wanted);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat-report/theory", test_paths_are_those_of_theory);
  g_test_add_func ("/nat-report/nat", test_a_nat_in_words);
  g_test_add_func ("/nat-report/no-nat", test_no_nat_in_words);
  g_test_add_func ("/nat-report/doubts", test_doubts_in_words);
  g_test_add_func ("/nat-report/no-name", test_kinds_without_a_name);
  g_test_add_func ("/nat-report/failures", test_failures_are_one_sentence);
  g_test_add_func ("/nat-report/programs", test_a_nat_for_programs);
  return g_test_run ();
}
