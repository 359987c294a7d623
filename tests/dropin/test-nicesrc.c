/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debian's nicesrc and nicesink over two agents of ours: every buffer comes out at the
 * other end, in order and as it was. */
#include <gst/gst.h>

#include "agents.h"

#define N_BUFFERS 50 /* fit the socket, so that none is lost */

typedef struct
{
  guint n;
  gboolean spoiled;
} Heard;

/* In the thread of the receiving element. */
static void
on_buffer (GstElement *sink, GstBuffer *buffer, GstPad *pad, Heard *heard)
{
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  if (map.size != 1200)
    heard->spoiled = TRUE;
  for (gsize i = 1; i < map.size; i++) /* fakesrc's pattern counts up */
    if (map.data[i] != (guint8)(map.data[0] + i))
      heard->spoiled = TRUE;
  gst_buffer_unmap (buffer, &map);
  g_atomic_int_inc (&heard->n);
  g_main_context_wakeup (NULL);
}

static GstElement *
start (const gchar *description, const gchar *name, const Peer *peer)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error);
  g_autoptr (GstElement) element = NULL;

  g_assert_no_error (error);
  element = gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_object_set (element, "agent", peer->agent, "stream", peer->stream, "component", 1,
                NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  return pipeline;
}

static void
stop (GstElement *pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static void
test_buffers_come_through (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  Heard heard = { 0 };
  GstElement *from, *to;
  g_autoptr (GstElement) sink = NULL;

  pair_connect (pair);
  to = start ("nicesrc name=nice ! fakesink name=sink signal-handoffs=true sync=false",
              "nice", pair->right);
  sink = gst_bin_get_by_name (GST_BIN (to), "sink");
  g_signal_connect (sink, "handoff", G_CALLBACK (on_buffer), &heard);
  from = start ("fakesrc num-buffers=50 sizetype=fixed sizemax=1200 filltype=pattern "
                "! nicesink name=nice sync=false async=false",
                "nice", pair->left);
  wait_until (g_atomic_int_get (&heard.n) >= N_BUFFERS);
  stop (from);
  stop (to);
  g_assert_false (heard.spoiled);
}

int
main (int argc, char **argv)
{
  g_autoptr (GstElementFactory) factory = NULL;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  factory = gst_element_factory_find ("nicesrc");
  if (factory == NULL)
    {
      g_print ("1..0 # SKIP no nicesrc here\n");
      return 0;
    }
  g_test_add_func ("/nicesrc/buffers-come-through", test_buffers_come_through);
  return g_test_run ();
}
