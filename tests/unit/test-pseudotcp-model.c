/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the model of the path makes of a link of 100 Mbit/s that keeps up to 50 ms
 * waiting: packets that it has to drop, and time for which it has nothing to carry. */
#include "config.h"

#include "pseudotcp-end.h"

#define MB 1000000
#define MS 1000
#define LINK_RATE 12500000 /* bytes per second */

typedef struct
{
  PtcpLink link;
  PtcpOurEnd ends[2];
  gint64 idle_from, idle; /* when counting starts, and what was counted */
} Path;

static void
path_init (Path *path, gint64 rtt)
{
  const PtcpPath shape = { .delay = rtt / 2, .rate = LINK_RATE, .queue = LINK_RATE / 20 };
  PtcpConfig config;

  ptcp_config_init (&config, 7);
  ptcp_link_init (&path->link, &shape, 11);
  for (guint i = 0; i < 2; i++)
    ptcp_our_end_init (&path->ends[i], &config, &path->link, i);
  ptcp_connection_connect (path->ends[0].connection, path->link.now);
}

static gint64
transfer (Path *path, guint64 bytes)
{
  gint64 took = ptcp_link_transfer (&path->link, 0, bytes, 60 * G_USEC_PER_SEC);

  g_assert_cmpint (took, >, 0);
  return took;
}

static void
path_clear (Path *path)
{
  ptcp_our_end_clear (&path->ends[0]);
  ptcp_our_end_clear (&path->ends[1]);
  ptcp_link_clear (&path->link);
}

/* It went on for three round trips after the queue was full: 842 segments were lost. */
static void
test_a_start_does_not_flood_the_queue (void)
{
  Path path;

  path_init (&path, 50 * MS);
  transfer (&path, 10 * MB);
  g_assert_cmpuint (path.link.n_lost[0], <=, 100);
  path_clear (&path);
}

/* A queue that is short beside the round trip overflows before anybody hears of it, but
 * not for longer than that: 1,704 segments were lost. */
static void
test_a_start_that_floods_the_queue_ends_at_once (void)
{
  Path path;

  path_init (&path, 100 * MS);
  transfer (&path, 10 * MB);
  g_assert_cmpuint (path.link.n_lost[0], <=, 700);
  path_clear (&path);
}

/* Half of the packets are late, which is no queue. */
static void
test_jitter_does_not_end_a_start (void)
{
  Path path;

  path_init (&path, 50 * MS);
  path.link.paths[0].reorder = path.link.paths[1].reorder = 0.5;
  path.link.paths[0].reorder_delay = path.link.paths[1].reorder_delay = 15 * MS;
  g_assert_cmpint (transfer (&path, 20 * MB), <=, 2600 * MS);
  path_clear (&path);
}

static gboolean
count_idle (PtcpLink *link, guint side, const guint8 *data, gsize len)
{
  Path *path = link->filter_data;

  if (side == 0 && link->now >= path->idle_from)
    path->idle += MAX (0, link->now - link->busy_until[0]);
  return TRUE;
}

/* The rate is measured in payload and was spent on headers too: 1.8 % of the link. */
static void
test_a_full_link_is_never_idle (void)
{
  Path path;

  path_init (&path, 1 * MS);
  path.link.filter = count_idle;
  path.link.filter_data = &path;
  path.idle_from = path.link.now + 100 * MS;
  path.idle = 0;
  transfer (&path, 10 * MB);
  g_assert_cmpint (path.idle, <=, 1 * MS);
  path_clear (&path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pseudotcp/model/start", test_a_start_does_not_flood_the_queue);
  g_test_add_func ("/pseudotcp/model/flood",
                   test_a_start_that_floods_the_queue_ends_at_once);
  g_test_add_func ("/pseudotcp/model/jitter", test_jitter_does_not_end_a_start);
  g_test_add_func ("/pseudotcp/model/idle", test_a_full_link_is_never_idle);
  return g_test_run ();
}
