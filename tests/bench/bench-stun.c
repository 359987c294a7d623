/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the public STUN functions cost: a check built with integrity and fingerprint, one
 * validated, a media packet told apart. The program links to libnice.so.10 and prints one
 * line a figure, so that one binary measures ours and the system's by LD_LIBRARY_PATH;
 * with a name and a count as arguments it only runs that work, for counting instructions.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stun/stunagent.h"
#include "stun/usages/ice.h"

#define ROUNDS 7
#define CALLS 50000

static uint8_t user[] = "8hhY:W3pG", password[] = "asd88fgpdd777uzjYhagZg";
static StunDefaultValidaterData users[] = {
  { user, sizeof user - 1, password, sizeof password - 1 }, { NULL, 0, NULL, 0 }
};
static StunAgent sender, receiver;
static uint8_t check[STUN_MAX_MESSAGE_SIZE_IPV6], media[1200] = { 0x80, 96 };
static size_t check_len;

static size_t
build_check (StunMessage *msg, uint8_t *buffer)
{
  return stun_usage_ice_conncheck_create (
      &sender, msg, buffer, STUN_MAX_MESSAGE_SIZE_IPV6, user, sizeof user - 1, password,
      sizeof password - 1, true, true, 0x6e0001ff, 42, NULL,
      STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
}

static int
run_build (void)
{
  uint8_t buffer[STUN_MAX_MESSAGE_SIZE_IPV6];
  StunMessage msg;
  StunTransactionId id;
  size_t len = build_check (&msg, buffer);

  stun_message_id (&msg, id);
  return len > 0 && stun_agent_forget_transaction (&sender, id);
}

static int
run_validate (void)
{
  StunMessage msg;

  return stun_agent_validate (&receiver, &msg, check, check_len,
                              stun_agent_default_validater, users)
         == STUN_VALIDATION_SUCCESS;
}

static int
run_demux (void)
{
  return stun_message_validate_buffer_length (media, sizeof media, true)
         == STUN_MESSAGE_BUFFER_INVALID;
}

static const struct
{
  const char *name;
  int (*run) (void);
} works[] = { { "build", run_build },
              { "validate", run_validate },
              { "demux", run_demux } };

static double
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now); /* others run too */
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static int
compare (const void *a, const void *b)
{
  double difference = *(const double *)a - *(const double *)b;

  return difference < 0 ? -1 : difference > 0;
}

static double
measure (int (*run) (void))
{
  double figures[ROUNDS];

  for (int i = 0; i < ROUNDS; i++)
    {
      double start = now_ns ();

      for (int call = 0; call < CALLS; call++)
        {
          if (!run ())
            abort ();
        }
      figures[i] = (now_ns () - start) / CALLS;
    }
  qsort (figures, ROUNDS, sizeof figures[0], compare);
  return figures[ROUNDS / 2];
}

int
main (int argc, char **argv)
{
  int calls = argc < 3 ? 0 : atoi (argv[2]);
  StunMessage msg;
  const StunAgentUsageFlags flags =
      STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT;

  stun_agent_init (&sender, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389, flags);
  stun_agent_init (&receiver, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                   flags);
  check_len = build_check (&msg, check);
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++)
    {
      if (argc < 3)
        printf ("%s %.1f ns\n", works[i].name, measure (works[i].run));
      else if (strcmp (argv[1], works[i].name) == 0)
        for (int call = 0; call < calls; call++)
          works[i].run ();
    }
  return 0;
}
