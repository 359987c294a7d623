/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debian's webrtcbin, twice in one process, on whatever libnice.so.10 the loader finds:
 * sound one way and a data channel both ways, over ICE, DTLS and SCTP. */
#include <gst/gst.h>

typedef struct
{
  GMainLoop *loop;
  GstElement *offerer, *answerer;
  GObject *channel;
  gboolean heard, told;
} Call;

static void
end_if_done (Call *call)
{
  if (call->heard && call->told)
    g_main_loop_quit (call->loop);
}

/* --- What arrives --- */

static void
on_buffer (GstElement *sink, GstBuffer *buffer, GstPad *pad, Call *call)
{
  g_atomic_int_set (&call->heard, TRUE);
  g_main_context_invoke (NULL, (GSourceFunc)(GCallback)end_if_done, call);
}

static void
on_pad (GstElement *bin, GstPad *pad, Call *call)
{
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) to = NULL;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  sink = gst_object_ref_sink (gst_element_factory_make ("fakesink", NULL));
  g_object_set (sink, "signal-handoffs", TRUE, "sync", FALSE, "async", FALSE, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_buffer), call);
  gst_bin_add (GST_BIN (GST_ELEMENT_PARENT (bin)), gst_object_ref (sink));
  gst_element_sync_state_with_parent (sink);
  to = gst_element_get_static_pad (sink, "sink");
  g_assert_cmpint (gst_pad_link (pad, to), ==, GST_PAD_LINK_OK);
}

static void
on_answer_text (GObject *channel, const gchar *text, Call *call)
{
  g_assert_cmpstr (text, ==, "echo: hello");
  call->told = TRUE;
  g_main_context_invoke (NULL, (GSourceFunc)(GCallback)end_if_done, call);
}

static void
on_offer_text (GObject *channel, const gchar *text, Call *call)
{
  g_autofree gchar *answer = g_strdup_printf ("echo: %s", text);

  g_signal_emit_by_name (channel, "send-string", answer);
}

static void
on_open (GObject *channel, Call *call)
{
  g_signal_emit_by_name (channel, "send-string", "hello");
}

static void
on_channel (GstElement *bin, GObject *channel, Call *call)
{
  g_signal_connect (channel, "on-message-string", G_CALLBACK (on_offer_text), call);
}

/* --- Signalling --- */

static void
on_candidate (GstElement *bin, guint line, const gchar *candidate, Call *call)
{
  GstElement *other = bin == call->offerer ? call->answerer : call->offerer;

  g_signal_emit_by_name (other, "add-ice-candidate", line, candidate);
}

/* Passes on the GstWebRTCSessionDescription of a promise, whose type is not looked into.
 */
static void
describe (GstPromise *promise, const gchar *name, GstElement *from, GstElement *to)
{
  const GValue *value;

  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
  value = gst_structure_get_value (gst_promise_get_reply (promise), name);
  g_assert_nonnull (value);
  g_signal_emit_by_name (from, "set-local-description", g_value_get_boxed (value), NULL);
  g_signal_emit_by_name (to, "set-remote-description", g_value_get_boxed (value), NULL);
  gst_promise_unref (promise);
}

static void
on_answer (GstPromise *promise, gpointer data)
{
  Call *call = data;

  describe (promise, "answer", call->answerer, call->offerer);
}

static void
on_offer (GstPromise *promise, gpointer data)
{
  Call *call = data;

  describe (promise, "offer", call->offerer, call->answerer);
  g_signal_emit_by_name (call->answerer, "create-answer", NULL,
                         gst_promise_new_with_change_func (on_answer, call, NULL));
}

static void
on_negotiation (GstElement *bin, Call *call)
{
  if (call->channel != NULL)
    return;
  g_signal_emit_by_name (bin, "create-data-channel", "chat", NULL, &call->channel);
  g_assert_nonnull (call->channel);
  g_signal_connect (call->channel, "on-open", G_CALLBACK (on_open), call);
  g_signal_connect (call->channel, "on-message-string", G_CALLBACK (on_answer_text),
                    call);
  g_signal_emit_by_name (bin, "create-offer", NULL,
                         gst_promise_new_with_change_func (on_offer, call, NULL));
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    {
      g_autoptr (GError) error = NULL;

      gst_message_parse_error (message, &error, NULL);
      g_error ("%s: %s", GST_OBJECT_NAME (message->src), error->message);
    }
  return G_SOURCE_CONTINUE;
}

static void
test_sound_and_a_data_channel (void)
{
  g_autoptr (GError) error = NULL;
  Call call = { .loop = g_main_loop_new (NULL, FALSE) };
  g_autoptr (GstElement) pipeline = gst_parse_launch (
      "webrtcbin name=offerer bundle-policy=max-bundle "
      "webrtcbin name=answerer bundle-policy=max-bundle "
      "audiotestsrc is-live=true ! opusenc ! rtpopuspay ! "
      "application/x-rtp,media=audio,encoding-name=OPUS,payload=96 ! offerer.",
      &error);
  g_autoptr (GstBus) bus = NULL;

  g_assert_no_error (error);
  call.offerer = gst_bin_get_by_name (GST_BIN (pipeline), "offerer");
  call.answerer = gst_bin_get_by_name (GST_BIN (pipeline), "answerer");
  g_signal_connect (call.offerer, "on-negotiation-needed", G_CALLBACK (on_negotiation),
                    &call);
  g_signal_connect (call.offerer, "on-ice-candidate", G_CALLBACK (on_candidate), &call);
  g_signal_connect (call.answerer, "on-ice-candidate", G_CALLBACK (on_candidate), &call);
  g_signal_connect (call.answerer, "on-data-channel", G_CALLBACK (on_channel), &call);
  g_signal_connect (call.answerer, "pad-added", G_CALLBACK (on_pad), &call);
  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, on_message, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_main_loop_run (call.loop);

  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  g_object_unref (call.channel);
  gst_object_unref (call.offerer);
  gst_object_unref (call.answerer);
  g_main_loop_unref (call.loop);
}

/* The elements that take part; not every system that has GStreamer has them all. */
static gboolean
has_elements (void)
{
  static const gchar *const names[] = { "webrtcbin", "nicesrc", "dtlsenc",   "sctpenc",
                                        "srtpenc",   "opusenc", "rtpopuspay" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GstElementFactory) factory = gst_element_factory_find (names[i]);

      if (factory == NULL)
        return FALSE;
    }
  return TRUE;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  /* UPnP is on by default, and GUPnP serves at a port that it picks at random: if
   * some program has this one it warns, and does without on that network. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_log_set_fatal_mask ("libnice",
                        G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  if (!has_elements ())
    {
      g_print ("1..0 # SKIP no webrtcbin here\n");
      return 0;
    }
  g_test_add_func ("/webrtcbin/sound-and-a-data-channel", test_sound_and_a_data_channel);
  return g_test_run ();
}
