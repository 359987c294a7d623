/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our pseudo-TCP against that of the system's libnice, in one process and virtual time:
 * either side opens, sends and closes, with and without FIN, with and without loss. */
#include "config.h"

#include "pseudotcp-end.h"
#include "pseudotcp-peer.h"

#include <errno.h>
#include <string.h>

#define MS 1000
#define S G_USEC_PER_SEC
#define SKIPPED 77

typedef struct
{
  PtcpLink link;
  PtcpOurEnd ours;    /* end 0 */
  PtcpPeerEnd theirs; /* end 1 */
} Pair;

typedef struct
{
  const char *name;
  gboolean we_open, our_fin, their_fin;
  gdouble loss, reorder;
} Row;

static const Row rows[] = {
  { "we-open", TRUE, TRUE, TRUE, 0, 0 },
  { "they-open", FALSE, TRUE, TRUE, 0, 0 },
  { "we-open/1%", TRUE, TRUE, TRUE, 0.01, 0 },
  { "they-open/1%", FALSE, TRUE, TRUE, 0.01, 0 },
  { "we-open/5%", TRUE, TRUE, TRUE, 0.05, 0 },
  { "they-open/5%", FALSE, TRUE, TRUE, 0.05, 0 },
  { "reordered", TRUE, TRUE, TRUE, 0, 0.05 },
  { "they-without-fin", TRUE, TRUE, FALSE, 0, 0 },
  { "they-open-without-fin", FALSE, TRUE, FALSE, 0, 0 },
  { "we-without-fin", TRUE, FALSE, TRUE, 0, 0 },
  { "they-open-we-without-fin", FALSE, FALSE, TRUE, 0, 0 },
  { "none-has-fin", TRUE, FALSE, FALSE, 0.01, 0 },
};

static void
pair_open (Pair *pair, const Row *row)
{
  PtcpPath path = { .delay = 10 * MS,
                    .rate = 12500000,
                    .loss = row->loss,
                    .reorder = row->reorder,
                    .reorder_delay = 5 * MS };
  PtcpConfig config;

  ptcp_config_init (&config, 7);
  config.fin_ack = row->our_fin;
  ptcp_link_init (&pair->link, &path, 5);
  ptcp_our_end_init (&pair->ours, &config, &pair->link, 0);
  ptcp_peer_end_init (&pair->theirs, 7, row->their_fin, &pair->link, 1);
  if (row->we_open)
    ptcp_connection_connect (pair->ours.connection, pair->link.now);
  else
    ptcp_peer_connect (&pair->theirs);
  ptcp_link_run (&pair->link, 5 * S);
  g_assert_cmpuint (pair->ours.n_opened, ==, 1);
  g_assert_cmpuint (pair->theirs.n_opened, ==, 1);
}

static void
pair_clear (Pair *pair)
{
  ptcp_our_end_clear (&pair->ours);
  ptcp_peer_end_clear (&pair->theirs);
  ptcp_link_clear (&pair->link);
}

/* libnice takes the option from a peer that offers it, whatever its own setting. */
static gboolean
has_fin (const Row *row)
{
  return row->our_fin && (row->their_fin || row->we_open);
}

static gssize
hear (Pair *pair, guint side)
{
  PtcpEnd *end = &pair->link.ends[side];
  guint8 bytes[1000];

  return end->recv (end->self, bytes, sizeof bytes, pair->link.now);
}

static void
test_data_both_ways (gconstpointer data)
{
  const Row *row = data;
  Pair pair;

  pair_open (&pair, row);
  for (guint from = 0; from < 2; from++)
    {
      gint64 took = ptcp_link_transfer (&pair.link, from, 3000000, 600 * S);

      g_assert_cmpint (took, >, 0);
      g_test_message ("%s: %s in %.2f s", row->name, from == 0 ? "we sent" : "they sent",
                      (gdouble)took / S);
    }
  pair_clear (&pair);
}

/* What is under way when one side closes arrives; both see the end. */
static void
test_we_close_first (gconstpointer data)
{
  const Row *row = data;
  guint8 bytes[30000] = { 0 };
  gssize n, got = 0;
  Pair pair;

  pair_open (&pair, row);
  g_assert_cmpint (
      ptcp_connection_send (pair.ours.connection, bytes, sizeof bytes, pair.link.now), ==,
      sizeof bytes);
  ptcp_connection_close (pair.ours.connection, pair.link.now);
  ptcp_link_run (&pair.link, 30 * S);
  while ((n = hear (&pair, 1)) > 0)
    got += n;
  g_assert_cmpint (got, ==, sizeof bytes);
  if (!has_fin (row))
    pair.link.ends[1].send (&pair.theirs, bytes, 1, pair.link.now);
  else
    {
      g_assert_cmpint (n, ==, 0);
      g_assert_cmpuint (ptcp_peer_get_state (&pair.theirs), ==, PTCP_CLOSE_WAIT);
      ptcp_peer_close (&pair.theirs, FALSE);
    }
  ptcp_link_run (&pair.link, 30 * S);
  g_assert_cmpint (ptcp_connection_get_state (pair.ours.connection), ==, PTCP_CLOSED);
  g_assert_cmpuint (pair.ours.n_closed, ==, 0);
  if (has_fin (row))
    g_assert_cmpuint (pair.theirs.n_closed, ==, 0);
  if (has_fin (row) || row->loss == 0) /* a reset is sent once a packet */
    g_assert_cmpuint (ptcp_peer_get_state (&pair.theirs), ==, PTCP_CLOSED);
  pair_clear (&pair);
}

static void
test_they_close_first (gconstpointer data)
{
  const Row *row = data;
  Pair pair;
  guint state;

  if (!has_fin (row))
    return; /* they end without a word */

  pair_open (&pair, row);
  g_assert_cmpint (
      pair.link.ends[1].send (&pair.theirs, (const guint8 *)"bye", 3, pair.link.now), ==,
      3);
  ptcp_peer_close (&pair.theirs, FALSE);
  ptcp_link_run (&pair.link, 30 * S);
  g_assert_cmpint (ptcp_connection_get_state (pair.ours.connection), ==, PTCP_CLOSE_WAIT);
  g_assert_cmpint (hear (&pair, 0), ==, 3);
  g_assert_cmpint (hear (&pair, 0), ==, 0);
  ptcp_connection_close (pair.ours.connection, pair.link.now);
  ptcp_link_run (&pair.link, 30 * S);
  g_assert_cmpint (ptcp_connection_get_state (pair.ours.connection), ==, PTCP_CLOSED);
  state = ptcp_peer_get_state (&pair.theirs);
  g_assert_true (state == PTCP_CLOSED || state == PTCP_TIME_WAIT);
  g_assert_cmpuint (pair.ours.n_closed + pair.theirs.n_closed, ==, 0);
  pair_clear (&pair);
}

static void
test_both_close_at_once (gconstpointer data)
{
  const Row *row = data;
  Pair pair;
  guint state;

  if (!has_fin (row))
    return;

  pair_open (&pair, row);
  ptcp_connection_close (pair.ours.connection, pair.link.now);
  ptcp_peer_shutdown_write (&pair.theirs);
  ptcp_link_run (&pair.link, 60 * S);
  g_assert_cmpint (ptcp_connection_get_state (pair.ours.connection), ==, PTCP_CLOSED);
  state = ptcp_peer_get_state (&pair.theirs);
  g_assert_true (state == PTCP_CLOSED || state == PTCP_TIME_WAIT);
  pair_clear (&pair);
}

static void
test_aborts_are_understood (gconstpointer data)
{
  const Row *row = data;
  Pair pair;

  if (row->loss > 0)
    return; /* a reset is sent once */

  pair_open (&pair, row);
  ptcp_connection_abort (pair.ours.connection, pair.link.now);
  ptcp_link_run (&pair.link, S);
  g_assert_cmpuint (ptcp_peer_get_state (&pair.theirs), ==, PTCP_CLOSED);
  g_assert_cmpuint (pair.theirs.error, ==, ECONNRESET);
  pair_clear (&pair);

  if (!has_fin (row))
    return; /* they abort without a word, too */
  pair_open (&pair, row);
  ptcp_peer_close (&pair.theirs, TRUE);
  ptcp_link_run (&pair.link, S);
  g_assert_cmpint (ptcp_connection_get_state (pair.ours.connection), ==, PTCP_CLOSED);
  g_assert_cmpint (pair.ours.error, ==, ECONNRESET);
  pair_clear (&pair);
}

static void
test_both_open_at_once (void)
{
  const PtcpPath path = { .delay = 10 * MS };
  PtcpConfig config;
  Pair pair;

  ptcp_config_init (&config, 7);
  ptcp_link_init (&pair.link, &path, 5);
  ptcp_our_end_init (&pair.ours, &config, &pair.link, 0);
  ptcp_peer_end_init (&pair.theirs, 7, TRUE, &pair.link, 1);
  ptcp_connection_connect (pair.ours.connection, pair.link.now);
  ptcp_peer_connect (&pair.theirs);
  ptcp_link_run (&pair.link, S);
  g_assert_cmpuint (pair.ours.n_opened, ==, 1);
  g_assert_cmpuint (pair.theirs.n_opened, ==, 1);
  g_assert_cmpint (ptcp_link_transfer (&pair.link, 0, 100000, 10 * S), >, 0);
  g_assert_cmpint (ptcp_link_transfer (&pair.link, 1, 100000, 10 * S), >, 0);
  pair_clear (&pair);
}

static void
test_their_closed_window_opens_again (void)
{
  Pair pair;
  guint8 bytes[80000] = { 0 };
  gssize n, got = 0;

  pair_open (&pair, &rows[0]);
  ptcp_connection_send (pair.ours.connection, bytes, sizeof bytes, pair.link.now);
  ptcp_link_run (&pair.link, 100 * S);
  for (guint i = 0; i < 20; i++)
    {
      while ((n = hear (&pair, 1)) > 0)
        got += n;
      ptcp_link_run (&pair.link, S);
    }
  g_assert_cmpint (got, ==, sizeof bytes);
  pair_clear (&pair);
}

static void
add (const char *what, const Row *row, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf ("/pseudotcp/peer/%s/%s", what, row->name);

  g_test_add_data_func (path, row, function);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!ptcp_peer_load ())
    return SKIPPED;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      add ("data", &rows[i], test_data_both_ways);
      add ("we-close", &rows[i], test_we_close_first);
      add ("they-close", &rows[i], test_they_close_first);
      add ("both-close", &rows[i], test_both_close_at_once);
      add ("abort", &rows[i], test_aborts_are_understood);
    }
  g_test_add_func ("/pseudotcp/peer/both-open", test_both_open_at_once);
  g_test_add_func ("/pseudotcp/peer/window", test_their_closed_window_opens_again);
  return g_test_run ();
}
