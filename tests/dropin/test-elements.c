/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nicesrc and nicesink over two agents of ours. The same program runs with Debian's
 * plugin and, where NICE_PLUGIN names its file, with ours, which is held to more. */
#include <gst/gst.h>

#include "agents.h"

#include <string.h>

#define SIZE 1200
#define HEADER 12 /* of them in a memory of its own */
#define N_BUFFERS 10000
#define WINDOW 32 /* buffers on their way that fit the socket, so that none is lost */
#define LIST 16
#define LARGE (1024 * 1024) /* more than a reliable agent holds */

static gboolean is_ours;

/* --- Elements in pipelines --- */

typedef struct
{
  GstElement *pipeline;
  GstElement *nice; /* nicesrc or nicesink */
  GstElement *end;  /* the other one */
  GPtrArray *lists; /* that appsrc was given */
} Line;

static Line *
line_new (const gchar *description, NiceAgent *agent, guint stream, guint component)
{
  g_autoptr (GError) error = NULL;
  Line *self = g_new0 (Line, 1);

  self->lists = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_list_unref);
  self->pipeline = gst_parse_launch (description, &error);
  g_assert_no_error (error);
  self->nice = gst_bin_get_by_name (GST_BIN (self->pipeline), "nice");
  self->end = gst_bin_get_by_name (GST_BIN (self->pipeline), "end");
  if (agent != NULL)
    g_object_set (self->nice, "agent", agent, NULL);
  g_object_set (self->nice, "stream", stream, "component", component, NULL);
  return self;
}

static Line *
line_from (const Peer *peer)
{
  return line_new (
      "nicesrc name=nice ! fakesink name=end signal-handoffs=true sync=false "
      "async=false",
      peer->agent, peer->stream, 1);
}

static Line *
line_to (const Peer *peer)
{
  return line_new ("appsrc name=end ! nicesink name=nice sync=false async=false",
                   peer->agent, peer->stream, 1);
}

static void
line_free (Line *self)
{
  g_assert_cmpint (gst_element_set_state (self->pipeline, GST_STATE_NULL), ==,
                   GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (self->nice);
  gst_object_unref (self->end);
  gst_object_unref (self->pipeline);
  g_ptr_array_unref (self->lists);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Line, line_free)

static void
line_play (Line *self)
{
  g_assert_cmpint (gst_element_set_state (self->pipeline, GST_STATE_PLAYING), !=,
                   GST_STATE_CHANGE_FAILURE);
}

/* The next message of these types; meanwhile main loops run. */
static GstMessage *
line_await (Line *self, GstMessageType types)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, types)) == NULL)
    g_main_context_iteration (NULL, FALSE);
  return message;
}

static void
line_assert_says (Line *self, GstMessageType type, GQuark domain, gint code,
                  const gchar *text)
{
  g_autoptr (GstMessage) message = line_await (self, type | GST_MESSAGE_EOS);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, type);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, text));
}

/* --- What is sent --- */

static void
fill (guint8 *data, gsize size, guint64 at)
{
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8)((at + i) * 2654435761u >> 16);
}

static void
append (GstBuffer *buffer, const guint8 *data, gsize size)
{
  guint8 *copy = g_memdup2 (data, size);

  gst_buffer_append_memory (
      buffer, gst_memory_new_wrapped (0, copy, size, 0, size, copy, g_free));
}

/* Bytes of the stream from at on, in two memories. */
static GstBuffer *
make_buffer (guint64 at, gsize size)
{
  GstBuffer *buffer = gst_buffer_new ();
  g_autofree guint8 *data = g_malloc (size);

  fill (data, size, at);
  append (buffer, data, HEADER);
  append (buffer, data + HEADER, size - HEADER);
  return buffer;
}

static void
push (Line *to, GstBuffer *buffer)
{
  GstFlowReturn result;

  g_signal_emit_by_name (to->end, "push-buffer", buffer, &result);
  gst_buffer_unref (buffer);
  g_assert_cmpint (result, ==, GST_FLOW_OK);
}

/* A list that its giver lets go of at once may end while appsrc, which copies it, still
 * reads it. */
static void
push_list (Line *to, guint64 at, guint n)
{
  GstBufferList *list = gst_buffer_list_new ();
  GstFlowReturn result;

  g_ptr_array_add (to->lists, list);
  for (guint i = 0; i < n; i++)
    gst_buffer_list_add (list, make_buffer (at + i * SIZE, SIZE));
  g_signal_emit_by_name (to->end, "push-buffer-list", list, &result);
  g_assert_cmpint (result, ==, GST_FLOW_OK);
}

/* Behind what was pushed. */
static void
end (Line *to)
{
  GstFlowReturn result;

  g_signal_emit_by_name (to->end, "end-of-stream", &result);
  g_assert_cmpint (result, ==, GST_FLOW_OK);
}

/* --- What is received --- */

typedef struct
{
  gint n, n_bytes; /* atomic */
  guint64 at;      /* of the streaming thread, as all below */
  GstClockTime first, last;
  gboolean is_spoiled, is_cut, is_unstamped;
} Heard;

/* In the thread of the receiving element. */
static void
on_buffer (GstElement *sink, GstBuffer *buffer, GstPad *pad, Heard *self)
{
  g_autofree guint8 *expected = NULL;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  expected = g_malloc (map.size);
  fill (expected, map.size, self->at);
  self->is_spoiled |= memcmp (map.data, expected, map.size) != 0;
  self->is_cut |= map.size != SIZE;
  self->at += map.size;
  self->is_unstamped |= !GST_BUFFER_PTS_IS_VALID (buffer)
                        || GST_BUFFER_DTS (buffer) != GST_BUFFER_PTS (buffer)
                        || GST_BUFFER_PTS (buffer) < self->last;
  self->last = GST_BUFFER_PTS (buffer);
  if (self->n == 0)
    self->first = self->last;
  g_atomic_int_inc (&self->n);
  g_atomic_int_add (&self->n_bytes, (gint)map.size);
  gst_buffer_unmap (buffer, &map);
  g_main_context_wakeup (NULL);
}

static void
hear (Line *from, Heard *heard)
{
  g_signal_connect (from->end, "handoff", G_CALLBACK (on_buffer), heard);
  line_play (from);
}

/* A line to the left agent's peer, and one from it. */
typedef struct
{
  Pair *pair;
  Line *from, *to;
  Heard heard; /* what comes out of from, from call_start() on */
} Call;

static Call *
call_new (NiceAgentOption options)
{
  Call *self = g_new0 (Call, 1);

  self->pair = pair_new (options, 1);
  pair_connect (self->pair);
  self->from = line_from (self->pair->right);
  self->to = line_to (self->pair->left);
  return self;
}

static void
call_free (Call *self)
{
  line_free (self->to);
  line_free (self->from);
  pair_free (self->pair);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static void
call_start (Call *self)
{
  hear (self->from, &self->heard);
  line_play (self->to);
}

static guint
call_count (Call *self)
{
  return (guint)g_atomic_int_get (&self->heard.n);
}

static guint
call_count_bytes (Call *self)
{
  return (guint)g_atomic_int_get (&self->heard.n_bytes);
}

/* --- What they are --- */

static void
assert_property (GstElement *element, const gchar *name, GType type)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (element), name);
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_nonnull (pspec);
  g_assert_cmpstr (g_type_name (pspec->value_type), ==, g_type_name (type));
  g_assert_cmpint (pspec->flags & (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY), ==,
                   G_PARAM_READWRITE);
  g_value_init (&value, type);
  g_object_get_property (G_OBJECT (element), name, &value);
  g_assert_true (g_param_value_defaults (pspec, &value));
  if (type == G_TYPE_UINT)
    {
      g_assert_cmpuint (G_PARAM_SPEC_UINT (pspec)->minimum, ==, 0);
      g_assert_cmpuint (G_PARAM_SPEC_UINT (pspec)->maximum, ==, G_MAXUINT);
      g_assert_cmpuint (g_value_get_uint (&value), ==, 0);
    }
}

static void
assert_is (const gchar *name, const gchar *type, const gchar *parent, const gchar *pad,
           const gchar *class)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_element_factory_make (name, NULL));
  GstElementFactory *factory = gst_element_get_factory (element);
  g_autoptr (GstPlugin) plugin =
      gst_plugin_feature_get_plugin (GST_PLUGIN_FEATURE (factory));
  g_autofree gchar *file = g_path_get_basename (gst_plugin_get_filename (plugin));
  GstPadTemplate *template =
      gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (element), pad);
  g_autofree GParamSpec **properties = NULL;
  guint n, n_own = 0;

  g_assert_cmpstr (gst_plugin_get_name (plugin), ==, "nice");
  g_assert_cmpstr (file, ==, "libgstnice.so");
  g_assert_cmpstr (G_OBJECT_TYPE_NAME (element), ==, type);
  g_assert_cmpstr (g_type_name (g_type_parent (G_OBJECT_TYPE (element))), ==, parent);
  g_assert_cmpuint (gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (factory)), ==,
                    GST_RANK_NONE);
  g_assert_cmpstr (gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_KLASS),
                   ==, class);
  g_assert_nonnull (template);
  g_assert_cmpint (template->presence, ==, GST_PAD_ALWAYS);
  g_assert_true (gst_caps_is_any (template->caps));
  g_assert_cmpuint (element->numpads, ==, 1);

  properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);
  for (guint i = 0; i < n; i++)
    n_own += properties[i]->owner_type == G_OBJECT_TYPE (element);
  g_assert_cmpuint (n_own, ==, 3);
  assert_property (element, "agent", NICE_TYPE_AGENT);
  assert_property (element, "stream", G_TYPE_UINT);
  assert_property (element, "component", G_TYPE_UINT);
}

static void
test_facts (void)
{
  assert_is ("nicesrc", "GstNiceSrc", "GstPushSrc", "src", "Source");
  assert_is ("nicesink", "GstNiceSink", "GstBaseSink", "sink", "Sink");
}

static void
test_the_first_agent_stays (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Line) from = line_from (pair->left);
  g_autoptr (NiceAgent) agent = NULL;

  g_object_set (from->nice, "agent", pair->right->agent, NULL);
  g_object_get (from->nice, "agent", &agent, NULL);
  g_assert_true (agent == pair->left->agent);
}

static void
test_source_is_live_in_time (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Line) from = line_from (peer);
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  gboolean does_stamp, is_live;
  GstClockTime least;

  g_assert_cmpint (gst_element_set_state (from->pipeline, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_NO_PREROLL);
  g_object_get (from->nice, "do-timestamp", &does_stamp, NULL);
  g_assert_true (does_stamp);
  g_assert_true (gst_element_query (from->nice, query));
  gst_query_parse_latency (query, &is_live, &least, NULL);
  g_assert_true (is_live);
  g_assert_cmpuint (least, ==, 0);
}

/* --- Data --- */

static void
test_datagrams (void)
{
  g_autoptr (Call) call = call_new (NICE_AGENT_OPTION_NONE);
  guint n = 0;

  call_start (call);
  while (n < N_BUFFERS)
    {
      if (n / LIST % 2 == 0)
        push_list (call->to, (guint64)n * SIZE, LIST);
      else
        for (guint i = 0; i < LIST; i++)
          push (call->to, make_buffer ((guint64)(n + i) * SIZE, SIZE));
      n += LIST;
      wait_until (call_count (call) + WINDOW >= n + LIST);
    }
  wait_until (call_count (call) == n);
  g_assert_false (call->heard.is_spoiled);
  g_assert_false (call->heard.is_cut);
  g_assert_false (call->heard.is_unstamped);
}

static void
on_nothing (NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
            gpointer data)
{
  g_assert_not_reached ();
}

/* However long downstream takes; libnice's source stamps each when its turn comes. */
static void
test_what_arrives_together_has_one_time (void)
{
  g_autoptr (Call) call = call_new (NICE_AGENT_OPTION_NONE);
  g_autoptr (GMainContext) idle = g_main_context_new ();
  const Peer *right = call->pair->right;

  /* Nobody reads there, so that all of it is in the socket. */
  nice_agent_attach_recv (right->agent, right->stream, 1, idle, on_nothing, NULL);
  line_play (call->to);
  push_list (call->to, 0, LIST);
  end (call->to);
  gst_message_unref (line_await (call->to, GST_MESSAGE_EOS));
  hear (call->from, &call->heard);
  wait_until (call_count (call) == LIST);
  g_assert_false (call->heard.is_spoiled);
  g_assert_false (call->heard.is_unstamped);
  g_assert_cmpuint (call->heard.first, ==, call->heard.last);
}

static void
test_bytes (void)
{
  g_autoptr (Call) call = call_new (NICE_AGENT_OPTION_RELIABLE);
  guint n = 0;

  call_start (call);
  while (n < N_BUFFERS)
    {
      push_list (call->to, (guint64)n * SIZE, LIST);
      n += LIST;
      push (call->to, make_buffer ((guint64)n * SIZE, SIZE));
      n++;
    }
  wait_until (call_count_bytes (call) == n * SIZE);
  g_assert_false (call->heard.is_spoiled);
}

/* libnice's sink waits for ever for room for all of it. */
static void
test_a_buffer_larger_than_the_window (void)
{
  g_autoptr (Call) call = call_new (NICE_AGENT_OPTION_RELIABLE);

  call_start (call);
  push (call->to, make_buffer (0, LARGE));
  wait_until (call_count_bytes (call) == LARGE);
  g_assert_false (call->heard.is_spoiled);
}

/* A pause in the middle of what a reliable agent has no room for costs no byte; with
 * libnice's sink it does. */
static void
test_bytes_survive_pauses (void)
{
  g_autoptr (Call) call = call_new (NICE_AGENT_OPTION_RELIABLE);

  call_start (call);
  for (guint i = 0; i < 10; i++)
    {
      for (guint j = 0; j < 100; j++)
        push (call->to, make_buffer ((guint64)(i * 100 + j) * SIZE, SIZE));
      gst_element_set_state (call->from->pipeline, GST_STATE_PAUSED);
      gst_element_set_state (call->to->pipeline, GST_STATE_PAUSED);
      run_pending ();
      line_play (call->to);
      line_play (call->from);
      wait_until (call_count_bytes (call) > i * 100 * SIZE);
    }
  wait_until (call_count_bytes (call) == 1000 * SIZE);
  g_assert_false (call->heard.is_spoiled);
}

static void
test_a_paused_source_loses_nothing (void)
{
  g_autoptr (Call) call = call_new (NICE_AGENT_OPTION_NONE);

  call_start (call);
  push (call->to, make_buffer (0, SIZE));
  wait_until (call_count (call) == 1);
  gst_element_set_state (call->from->pipeline, GST_STATE_PAUSED);
  push_list (call->to, SIZE, LIST);
  end (call->to);
  gst_message_unref (line_await (call->to, GST_MESSAGE_EOS));
  run_pending ();
  g_assert_cmpuint (call_count (call), ==, 1);
  line_play (call->from);
  wait_until (call_count (call) == 1 + LIST);
  g_assert_false (call->heard.is_spoiled);
}

/* libnice's source answers no checks until it plays. */
static void
test_a_paused_source_answers_checks (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Line) from = line_from (pair->right);

  gst_element_set_state (from->pipeline, GST_STATE_PAUSED);
  pair_connect (pair);
  line_play (from);
  gst_element_set_state (from->pipeline, GST_STATE_PAUSED);
  nice_agent_restart (pair->left->agent);
  nice_agent_restart (pair->right->agent);
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_tell_candidates (pair->left, pair->right);
  peer_tell_candidates (pair->right, pair->left);
  wait_until (!peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
  wait_until (peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
}

/* --- Ends --- */

static void
test_end_of_stream (void)
{
  g_autoptr (Call) call = call_new (NICE_AGENT_OPTION_NONE);

  g_object_set (call->from->nice, "num-buffers", 2, NULL);
  call_start (call);
  push_list (call->to, 0, 3);
  gst_message_unref (line_await (call->from, GST_MESSAGE_EOS));
  g_assert_cmpuint (call_count (call), ==, 2);
}

static void
test_an_idle_source_is_told_the_end (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Line) from = line_from (peer);

  line_play (from);
  g_assert_true (gst_element_send_event (from->nice, gst_event_new_eos ()));
  gst_message_unref (line_await (from, GST_MESSAGE_EOS));
}

/* Datagrams that nobody can get yet are dropped; bytes wait, until the element stops. */
static void
test_sink_without_a_pair (gconstpointer data)
{
  const NiceAgentOption options = (NiceAgentOption)GPOINTER_TO_INT (data);
  g_autoptr (Peer) peer = peer_new (options, 1);
  g_autoptr (Line) to = line_to (peer);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (to->nice, "sink");

  line_play (to);
  push (to, make_buffer (0, SIZE));
  end (to);
  if (options == NICE_AGENT_OPTION_NONE)
    gst_message_unref (line_await (to, GST_MESSAGE_EOS));
  else
    g_assert_true (gst_pad_send_event (pad, gst_event_new_flush_start ()));
}

static void
on_gone (gpointer n_gone, GObject *object)
{
  g_atomic_int_inc ((gint *)n_gone);
}

/* Nobody keeps anything of a line that was stopped, whatever waits in it. */
static void
test_come_and_go (gconstpointer data)
{
  g_autoptr (Pair) pair = pair_new ((NiceAgentOption)GPOINTER_TO_INT (data), 1);
  NiceAgent *agent = pair->right->agent;
  gint n_gone = 0;
  guint n_refs;

  pair_connect (pair);
  n_refs = G_OBJECT (agent)->ref_count;
  for (guint i = 0; i < 100; i++)
    {
      Line *from = line_from (pair->right);
      Line *to = line_to (pair->left);

      g_object_weak_ref (G_OBJECT (from->nice), on_gone, &n_gone);
      g_object_weak_ref (G_OBJECT (to->nice), on_gone, &n_gone);
      line_play (from);
      line_play (to);
      push_list (to, 0, LIST);
      if (i % 2 == 0)
        run_pending ();
      line_free (i % 4 < 2 ? from : to);
      line_free (i % 4 < 2 ? to : from);
    }
  while (g_atomic_int_get (&n_gone) < 200
         || (guint)g_atomic_int_get (&G_OBJECT (agent)->ref_count) != n_refs)
    g_main_context_iteration (NULL, FALSE);
}

/* --- Mistakes --- */

static void
test_nothing_set (gconstpointer description)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  static const gchar *const missing[] = { "“agent”", "“stream”", "“component”" };

  for (guint i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      g_autoptr (Line) line = line_new (description, i > 0 ? peer->agent : NULL,
                                        i != 1 ? peer->stream : 0, i != 2 ? 1 : 0);

      g_assert_cmpint (gst_element_set_state (line->pipeline, GST_STATE_PLAYING), ==,
                       GST_STATE_CHANGE_FAILURE);
      if (is_ours)
        line_assert_says (line, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                          GST_RESOURCE_ERROR_SETTINGS, missing[i]);
    }
}

static void
expect_a_warning_of_the_library (void)
{
  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "Could not find component*");
}

static void
test_source_of_no_component (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Line) line =
      line_new ("nicesrc name=nice ! fakesink name=end", peer->agent, peer->stream, 2);

  expect_a_warning_of_the_library ();
  expect_a_warning_of_the_library ();
  line_play (line);
  line_assert_says (line, GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                    GST_RESOURCE_ERROR_NOT_FOUND, "component 2 in stream 1");
  gst_element_set_state (line->pipeline, GST_STATE_NULL);
  g_test_assert_expected_messages ();
}

/* Said once, whatever goes on to be dropped. */
static void
test_datagrams_to_a_removed_stream (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  g_autoptr (Line) to = line_to (pair->left);
  g_autoptr (GstMessage) rest = NULL;

  nice_agent_remove_stream (pair->left->agent, pair->left->stream);
  line_play (to);
  push_list (to, 0, LIST);
  line_assert_says (to, GST_MESSAGE_WARNING, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_WRITE,
                    "Component 1 of stream 1");
  end (to);
  rest = line_await (to, GST_MESSAGE_EOS | GST_MESSAGE_WARNING);
  g_assert_cmpint (GST_MESSAGE_TYPE (rest), ==, GST_MESSAGE_EOS);
}

/* libnice's sink goes on to wait. */
static void
test_stream_goes_while_bytes_wait (void)
{
  g_autoptr (Peer) peer = peer_new (NICE_AGENT_OPTION_RELIABLE, 1);
  g_autoptr (Line) to = line_to (peer);

  line_play (to);
  push (to, make_buffer (0, SIZE));
  nice_agent_remove_stream (peer->agent, peer->stream);
  line_assert_says (to, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_WRITE,
                    "Component 1 of stream 1");
}

/* What is too large for a datagram costs itself only. */
static void
test_one_datagram_too_large (void)
{
  g_autoptr (Call) call = call_new (NICE_AGENT_OPTION_NONE);
  g_autoptr (GstBufferList) list = gst_buffer_list_new ();
  GstFlowReturn result;

  call_start (call);
  gst_buffer_list_add (list, make_buffer (0, SIZE));
  gst_buffer_list_add (list, make_buffer (0, 70000));
  gst_buffer_list_add (list, make_buffer (SIZE, SIZE));
  g_signal_emit_by_name (call->to->end, "push-buffer-list", list, &result);
  wait_until (call_count (call) == 2);
  g_assert_false (call->heard.is_spoiled);
}

static void
add_cases_of_ours (void)
{
  g_test_add_func ("/elements/paused/checks", test_a_paused_source_answers_checks);
  g_test_add_func ("/elements/datagrams/together",
                   test_what_arrives_together_has_one_time);
  g_test_add_func ("/elements/bytes/larger-than-the-window",
                   test_a_buffer_larger_than_the_window);
  g_test_add_func ("/elements/bytes/pauses", test_bytes_survive_pauses);
  g_test_add_func ("/elements/mistakes/no-component", test_source_of_no_component);
  g_test_add_func ("/elements/mistakes/stream-removed",
                   test_datagrams_to_a_removed_stream);
  g_test_add_func ("/elements/mistakes/stream-removed-while-bytes-wait",
                   test_stream_goes_while_bytes_wait);
  g_test_add_func ("/elements/mistakes/one-too-large", test_one_datagram_too_large);
}

int
main (int argc, char **argv)
{
  const gchar *ours = g_getenv ("NICE_PLUGIN");
  g_autoptr (GstPlugin) plugin = NULL;
  g_autoptr (GstElementFactory) factory = NULL;
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  is_ours = ours != NULL;
  if (is_ours)
    plugin = gst_plugin_load_file (ours, &error);
  g_assert_no_error (error);
  factory = gst_element_factory_find ("nicesrc");
  if (factory == NULL)
    {
      g_print ("1..0 # SKIP no nicesrc here\n");
      return 0;
    }
  g_test_add_func ("/elements/facts", test_facts);
  g_test_add_func ("/elements/first-agent-stays", test_the_first_agent_stays);
  g_test_add_func ("/elements/live", test_source_is_live_in_time);
  g_test_add_func ("/elements/datagrams", test_datagrams);
  g_test_add_func ("/elements/datagrams/paused", test_a_paused_source_loses_nothing);
  g_test_add_func ("/elements/bytes", test_bytes);
  g_test_add_func ("/elements/end", test_end_of_stream);
  g_test_add_func ("/elements/end/idle", test_an_idle_source_is_told_the_end);
  g_test_add_data_func ("/elements/no-pair/datagrams",
                        GINT_TO_POINTER (NICE_AGENT_OPTION_NONE),
                        test_sink_without_a_pair);
  g_test_add_data_func ("/elements/no-pair/bytes",
                        GINT_TO_POINTER (NICE_AGENT_OPTION_RELIABLE),
                        test_sink_without_a_pair);
  g_test_add_data_func ("/elements/come-and-go/datagrams",
                        GINT_TO_POINTER (NICE_AGENT_OPTION_NONE), test_come_and_go);
  g_test_add_data_func ("/elements/come-and-go/bytes",
                        GINT_TO_POINTER (NICE_AGENT_OPTION_RELIABLE), test_come_and_go);
  g_test_add_data_func ("/elements/mistakes/source",
                        "nicesrc name=nice ! fakesink name=end", test_nothing_set);
  g_test_add_data_func ("/elements/mistakes/sink", "appsrc name=end ! nicesink name=nice",
                        test_nothing_set);
  if (is_ours)
    add_cases_of_ours ();
  return g_test_run ();
}
