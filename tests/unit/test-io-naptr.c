/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of DNS servers with NAPTR records: whole, cut at every byte, and changed in
 * every byte. */
#include "config.h"

#include "io/naptr.h"

#include <string.h>

/* a.test NAPTR 10 20 "s" "RELAY:turn.udp" "" _turn._udp.a.test, then an A record. */
static const guint8 answer[] = {
  0x12, 0x34, 0x81, 0x80, 0,   1,   0,   2,    0,   0,    0,   0, /* header: 1 question, 2
                                                                     answers */
  1,    'a',  4,    't',  'e', 's', 't', 0,    0,   35,   0,   1, /* question */
  0xc0, 12,   0,    35,   0,   1,   0,   0,    0,   60,   0,   35, /* the name again,
                                                                      NAPTR, IN, 60 s,
                                                                      size */
  0,    10,   0,    20,   1,   's', 14,  'R',  'E', 'L',  'A', 'Y', ':',
  't',  'u',  'r',  'n',  '.', 'u', 'd', 'p',  0,   5,    '_', 't', 'u',
  'r',  'n',  4,    '_',  'u', 'd', 'p', 0xc0, 12,  0xc0, 12,  0,   1,
  0,    1,    0,    0,    0,   60,  0,   4,    192, 0,    2,   1,
};

/* covers RES-5928-3-e */
static void
test_record (void)
{
  guint8 whole[sizeof answer];
  TurnNaptrRecord records[TURN_MAX_RECORDS];

  memcpy (whole, answer, sizeof answer);
  g_assert_cmpuint (nice_naptr_parse (whole, sizeof whole, records), ==, 1);
  g_assert_cmpuint (records[0].order, ==, 10);
  g_assert_cmpuint (records[0].preference, ==, 20);
  g_assert_cmpstr (records[0].flags, ==, "s");
  g_assert_cmpstr (records[0].service, ==, "RELAY:turn.udp");
  g_assert_cmpstr (records[0].replacement, ==, "_turn._udp.a.test");
}

static void
test_cut_at_every_byte (void)
{
  TurnNaptrRecord records[TURN_MAX_RECORDS];

  for (gsize size = 0; size < sizeof answer; size++)
    {
      g_autofree guint8 *part = g_memdup2 (answer, size);

      g_assert_cmpuint (nice_naptr_parse (part, size, records), <=, 1);
    }
}

static void
test_every_byte_changed (void)
{
  static const guint8 values[] = { 0, 1, 0x3f, 0x40, 0xc0, 0xff };
  TurnNaptrRecord records[TURN_MAX_RECORDS];
  guint8 copy[sizeof answer];

  for (gsize at = 0; at < sizeof answer; at++)
    for (guint i = 0; i < G_N_ELEMENTS (values); i++)
      {
        memcpy (copy, answer, sizeof answer);
        copy[at] = values[i];
        g_assert_cmpuint (nice_naptr_parse (copy, sizeof copy, records), <=, 2);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/naptr/record", test_record);
  g_test_add_func ("/io/naptr/cut", test_cut_at_every_byte);
  g_test_add_func ("/io/naptr/changed", test_every_byte_changed);
  return g_test_run ();
}
