/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the statistics of an agent to the table that people see, to the letter. */
#include "config.h"

#include "pairs.h"
#include "table.h"

#include <string.h>

#define HEADING "R readable, W writable, N nominated, S selected; checks sent/received\n"

static GVariant *
canned_stats (void)
{
  return g_variant_parse (
      G_VARIANT_TYPE_VARDICT,
      "{'C1': <{'type': <'local-candidate'>, 'address': <'192.0.2.1'>,"
      "  'port': <uint32 5000>, 'protocol': <'udp'>, 'candidateType': <'host'>}>,"
      " 'C2': <{'type': <'remote-candidate'>, 'address': <'2001:db8::1'>,"
      "  'port': <uint32 443>, 'protocol': <'tcp'>, 'candidateType': <'srflx'>}>,"
      " 'P1': <{'type': <'candidate-pair'>, 'localCandidateId': <'C1'>,"
      "  'remoteCandidateId': <'C2'>, 'state': <'waiting'>, 'priority': <uint64 7>}>,"
      " 'P2': <{'type': <'candidate-pair'>, 'localCandidateId': <'C1'>,"
      "  'remoteCandidateId': <'C9'>, 'state': <'succeeded'>, 'priority': <uint64 9>,"
      "  'requestsSent': <uint64 2>, 'requestsReceived': <uint64 1>,"
      "  'readable': <true>, 'writable': <true>, 'nominated': <true>,"
      "  'selected': <true>}>,"
      " 'T1': <{'type': <'transport'>}>, 'X': <'of a later version'>}",
      NULL, NULL, NULL);
}

static void
test_statistics_become_a_table (void)
{
  g_autoptr (GVariant) stats = g_variant_ref_sink (canned_stats ());
  g_autoptr (GPtrArray) rows = pairs_from_stats (stats);
  g_autofree char *table = table_format (rows, 0, FALSE);

  g_assert_cmpstr (
      table, ==,
      HEADING "R W N S  state      local           type  remote             type       "
              "sent/received  priority\n"
              "R W N S  succeeded  192.0.2.1:5000  host  ?                  ?          "
              "2/1            9\n"
              "- - - -  waiting    192.0.2.1:5000  host  [2001:db8::1]:443  srflx/tcp  "
              "0/0            7\n");
}

static void
test_small_terminal_gets_the_best_rows (void)
{
  g_autoptr (GVariant) stats = g_variant_ref_sink (canned_stats ());
  g_autoptr (GPtrArray) rows = pairs_from_stats (stats);
  g_autofree char *table = table_format (rows, 1, FALSE);

  g_assert_nonnull (strstr (table, "succeeded"));
  g_assert_null (strstr (table, "waiting"));
  g_assert_true (g_str_has_suffix (table, "… and 1 pair more\n"));
}

static void
test_colour_only_when_asked (void)
{
  g_autoptr (GVariant) stats = g_variant_ref_sink (canned_stats ());
  g_autoptr (GPtrArray) rows = pairs_from_stats (stats);
  g_autofree char *plain = table_format (rows, 0, FALSE);
  g_autofree char *coloured = table_format (rows, 0, TRUE);

  g_assert_null (strchr (plain, '\033'));
  g_assert_nonnull (strstr (coloured, "\033[1;32mR W N S"));
}

static void
test_no_pairs_yet (void)
{
  g_autoptr (GVariant) stats =
      g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  g_autoptr (GPtrArray) rows = pairs_from_stats (stats);

  g_assert_cmpuint (rows->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/table/format", test_statistics_become_a_table);
  g_test_add_func ("/tools/table/rows", test_small_terminal_gets_the_best_rows);
  g_test_add_func ("/tools/table/colour", test_colour_only_when_asked);
  g_test_add_func ("/tools/table/empty", test_no_pairs_yet);
  return g_test_run ();
}
