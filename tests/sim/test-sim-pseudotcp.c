/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole transfers over links that delay, lose, double and reorder, in virtual time. The
 * link carries 100 Mbit/s and queues as much as fits into 50 ms. */
#include "config.h"

#include "pseudotcp-end.h"

#define MB 1000000
#define MS 1000
#define LINK_RATE 12500000 /* bytes per second */

typedef struct
{
  const char *name;
  gdouble loss, duplicate, reorder;
  guint rtt_ms;
  PtcpCongestionKind congestion;
  gboolean plain; /* without selective acknowledgements */
  guint megabytes;
  guint percent; /* of the link, at least */
} Row;

static const Row rows[] = {
  { "clean/1ms", 0, 0, 0, 1, PTCP_CONGESTION_MODEL, FALSE, 100, 90 },
  { "clean/50ms", 0, 0, 0, 50, PTCP_CONGESTION_MODEL, FALSE, 100, 85 },
  { "clean/200ms", 0, 0, 0, 200, PTCP_CONGESTION_MODEL, FALSE, 100, 70 },
  { "1%/1ms", 0.01, 0, 0, 1, PTCP_CONGESTION_MODEL, FALSE, 100, 85 },
  { "1%/50ms", 0.01, 0, 0, 50, PTCP_CONGESTION_MODEL, FALSE, 100, 80 },
  { "1%/200ms", 0.01, 0, 0, 200, PTCP_CONGESTION_MODEL, FALSE, 100, 60 },
  { "5%/1ms", 0.05, 0, 0, 1, PTCP_CONGESTION_MODEL, FALSE, 100, 80 },
  { "5%/50ms", 0.05, 0, 0, 50, PTCP_CONGESTION_MODEL, FALSE, 100, 75 },
  { "5%/200ms", 0.05, 0, 0, 200, PTCP_CONGESTION_MODEL, FALSE, 100, 45 },
  { "reordered", 0, 0, 0.02, 50, PTCP_CONGESTION_MODEL, FALSE, 50, 75 },
  { "doubled", 0.01, 0.05, 0, 50, PTCP_CONGESTION_MODEL, FALSE, 50, 70 },
  { "all-of-it", 0.02, 0.02, 0.02, 50, PTCP_CONGESTION_MODEL, FALSE, 50, 65 },
  { "cubic/clean", 0, 0, 0, 50, PTCP_CONGESTION_CUBIC, FALSE, 50, 85 },
  { "cubic/1%/1ms", 0.01, 0, 0, 1, PTCP_CONGESTION_CUBIC, FALSE, 50, 70 },
  { "plain/clean", 0, 0, 0, 1, PTCP_CONGESTION_CUBIC, TRUE, 50, 90 },
  { "plain/1%/1ms", 0.01, 0, 0, 1, PTCP_CONGESTION_CUBIC, TRUE, 20, 70 },
  { "plain/5%/1ms", 0.05, 0.02, 0.01, 1, PTCP_CONGESTION_CUBIC, TRUE, 10, 5 },
  { "plain/all-of-it", 0.02, 0.02, 0.02, 50, PTCP_CONGESTION_CUBIC, TRUE, 2, 0 },
};

static void
test_transfer (gconstpointer data)
{
  const Row *row = data;
  PtcpPath path = { .delay = row->rtt_ms * MS / 2,
                    .rate = LINK_RATE,
                    .queue = LINK_RATE / 20,
                    .loss = row->loss,
                    .duplicate = row->duplicate,
                    .reorder = row->reorder,
                    .reorder_delay = row->rtt_ms * MS / 10 };
  guint64 total = (guint64)row->megabytes * MB;
  PtcpConfig config;
  PtcpOurEnd ends[2];
  PtcpLink link;
  gint64 took;
  guint percent;

  ptcp_config_init (&config, 7);
  config.congestion = row->congestion;
  config.sack = !row->plain;
  ptcp_link_init (&link, &path, 20 + row->megabytes);
  ptcp_our_end_init (&ends[0], &config, &link, 0);
  ptcp_our_end_init (&ends[1], &config, &link, 1);
  ptcp_connection_connect (ends[0].connection, link.now);

  took = ptcp_link_transfer (&link, 0, total, 600 * G_USEC_PER_SEC);
  g_assert_cmpint (took, >, 0);
  percent = (guint)(total * 100 * G_USEC_PER_SEC / LINK_RATE / (guint64)took);
  g_test_message ("%s: %.2f s, %u %% of the link, %.3f bytes sent a byte", row->name,
                  (gdouble)took / G_USEC_PER_SEC, percent,
                  (gdouble)link.bytes_sent[0] / (gdouble)total);
  g_assert_cmpuint (percent, >=, row->percent);

  ptcp_connection_close (ends[0].connection, link.now);
  ptcp_link_run (&link, 2 * G_USEC_PER_SEC);
  ptcp_connection_close (ends[1].connection, link.now);
  ptcp_link_run (&link, 60 * G_USEC_PER_SEC);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (ptcp_connection_get_state (ends[i].connection), ==, PTCP_CLOSED);
      g_assert_cmpuint (ends[i].n_closed, ==, 0);
      ptcp_our_end_clear (&ends[i]);
    }
  ptcp_link_clear (&link);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/pseudotcp/transfer/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_transfer);
    }
  return g_test_run ();
}
