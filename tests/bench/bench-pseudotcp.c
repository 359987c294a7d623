/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reliable mode over a link in memory, ours beside the system's libnice in the same run:
 * time as the link has it (virtual, exact), and processor time a megabyte, sender and
 * receiver together. */
#include "config.h"

#include "pseudotcp-end.h"
#include "pseudotcp-peer.h"

#include <stdio.h>
#include <time.h>

#define MB 1000000
#define MS 1000
#define LINK_RATE 12500000 /* bytes per second, 100 Mbit/s */
#define PATIENCE (600 * G_USEC_PER_SEC)

typedef struct
{
  gdouble rate; /* megabytes a second of virtual time, 0: did not finish */
  gdouble cpu;  /* milliseconds a megabyte */
} Figures;

typedef struct
{
  const char *name;
  guint rtt_ms;
  gdouble loss;
  gboolean unlimited;
} Row;

static const Row rows[] = {
  { "no limit, no loss", 1, 0, TRUE },      { "1 ms, no loss", 1, 0, FALSE },
  { "50 ms, no loss", 50, 0, FALSE },       { "200 ms, no loss", 200, 0, FALSE },
  { "1 ms, 1 % loss", 1, 0.01, FALSE },     { "50 ms, 1 % loss", 50, 0.01, FALSE },
  { "200 ms, 1 % loss", 200, 0.01, FALSE }, { "1 ms, 5 % loss", 1, 0.05, FALSE },
  { "50 ms, 5 % loss", 50, 0.05, FALSE },   { "200 ms, 5 % loss", 200, 0.05, FALSE },
};

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
  PtcpPath path = { .delay = row->rtt_ms * MS / 2, .loss = row->loss };

  if (!row->unlimited)
    {
      path.rate = LINK_RATE;
      path.queue = LINK_RATE / 20;
    }
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
  gboolean have_peer = ptcp_peer_load ();
  guint64 bytes = 20 * (guint64)MB;

  printf ("%-20s %14s %14s %8s %12s %12s\n", "path", "ours MB/s", "libnice MB/s", "times",
          "ours ms/MB", "libnice ms/MB");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Figures ours = measure_ours (&rows[i], bytes);

      printf ("%-20s %14.2f", rows[i].name, ours.rate);
      if (have_peer)
        {
          Figures theirs = measure_theirs (&rows[i], bytes);

          if (theirs.rate > 0)
            printf (" %14.2f %8.1f", theirs.rate, ours.rate / theirs.rate);
          else
            printf (" %14s %8s", "unfinished", "-");
          printf (" %12.2f %12.2f", ours.cpu, theirs.cpu);
        }
      printf ("\n");
      fflush (stdout);
    }
  return 0;
}
