/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reliable mode over a link in memory, ours or the system's libnice at both ends: time as
 * the link has it (virtual, exact), and processor time a megabyte, sender and receiver
 * together.
 *
 * Usage: bench-pseudotcp ours|libnice MBIT-A-SECOND MILLISECONDS LOSS-PERCENT [MEGABYTES]
 *   No limit to the rate if it is 0; the milliseconds are those of a round trip. Prints
 *   MB/s, then "cpu" and milliseconds a MB; nothing if it does not finish. */
#include "config.h"

#include "pseudotcp-end.h"
#include "pseudotcp-peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MB 1000000
#define MS 1000
#define PATIENCE (600 * G_USEC_PER_SEC)

typedef struct
{
  gdouble rate; /* megabytes a second of virtual time, 0: did not finish */
  gdouble cpu;  /* milliseconds a megabyte */
} Figures;

typedef struct
{
  guint64 rate; /* bytes a second, 0: no limit */
  gint64 rtt;   /* us */
  gdouble loss;
} Row;

static gdouble
cpu_ms (void)
{
  struct timespec spent;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &spent);
  return (gdouble)spent.tv_sec * 1e3 + (gdouble)spent.tv_nsec / 1e6;
}

static void
init_link (PtcpLink *link, const Row *row)
{
  const PtcpPath path = {
    .delay = row->rtt / 2, .loss = row->loss, .rate = row->rate, .queue = row->rate / 20
  };

  ptcp_link_init (link, &path, 11);
}

static Figures
measure (PtcpLink *link, guint64 bytes)
{
  gdouble before = cpu_ms ();
  gint64 took = ptcp_link_transfer (link, 0, bytes, PATIENCE);
  gdouble spent = cpu_ms () - before;
  Figures figures = { 0, spent / ((gdouble)bytes / MB) };

  if (took > 0)
    figures.rate = (gdouble)bytes / (gdouble)took;
  return figures;
}

static Figures
measure_ours (const Row *row, guint64 bytes)
{
  PtcpConfig config;
  PtcpOurEnd ends[2];
  PtcpLink link;
  Figures figures;

  ptcp_config_init (&config, 7);
  init_link (&link, row);
  ptcp_our_end_init (&ends[0], &config, &link, 0);
  ptcp_our_end_init (&ends[1], &config, &link, 1);
  ptcp_connection_connect (ends[0].connection, link.now);
  figures = measure (&link, bytes);
  ptcp_our_end_clear (&ends[0]);
  ptcp_our_end_clear (&ends[1]);
  ptcp_link_clear (&link);
  return figures;
}

static Figures
measure_theirs (const Row *row, guint64 bytes)
{
  PtcpPeerEnd ends[2];
  PtcpLink link;
  Figures figures;

  init_link (&link, row);
  ptcp_peer_end_init (&ends[0], 7, TRUE, &link, 0);
  ptcp_peer_end_init (&ends[1], 7, TRUE, &link, 1);
  ptcp_peer_connect (&ends[0]);
  figures = measure (&link, bytes);
  ptcp_peer_end_clear (&ends[0]);
  ptcp_peer_end_clear (&ends[1]);
  ptcp_link_clear (&link);
  return figures;
}

int
main (int argc, char **argv)
{
  const guint64 bytes = (guint64)(MB * (argc > 5 ? atof (argv[5]) : 20));
  Figures figures;
  Row row;

  if (argc < 5)
    return 2;
  row = (Row) { (guint64)(atof (argv[2]) * 1e6 / 8), (gint64)(atof (argv[3]) * MS),
                atof (argv[4]) / 100 };
  if (strcmp (argv[1], "ours") == 0)
    figures = measure_ours (&row, bytes);
  else if (ptcp_peer_load ())
    figures = measure_theirs (&row, bytes);
  else
    return 77;
  if (figures.rate > 0)
    printf ("%.3f\ncpu %.3f\n", figures.rate, figures.cpu);
  return 0;
}
