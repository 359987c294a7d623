/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that wait for bytes, made in what the agent itself calls: a thread that waits for
 * what only it can bring must not wait for itself. Each moment there is, in a main loop
 * and inside of another such call. */
#include "agents.h"

#include <string.h>

#define WORD 5 /* bytes of what the peer says */

typedef struct
{
  const gchar *name;
  NiceAgentOption options;
  gboolean tcp;
} Kind;

static const Kind kinds[] = {
  { "reliable", NICE_AGENT_OPTION_RELIABLE, FALSE },
  { "reliable-tcp", NICE_AGENT_OPTION_RELIABLE, TRUE },
  { "datagrams", NICE_AGENT_OPTION_NONE, FALSE },
  { "tcp", NICE_AGENT_OPTION_NONE, TRUE },
};

/* A state stands for component-state-changed to it. */
static const gchar *const moments[] = { "ready", "new-selected-pair-full",
                                        "reliable-transport-writable", "data",
                                        "readable" };

typedef enum
{
  WAY_RECV,
  WAY_STREAM,
  N_WAYS
} Way;

static const gchar *const way_names[N_WAYS] = { "recv", "stream" };

typedef struct
{
  const Kind *kind;
  const gchar *moment;
  Way way;
  gboolean in_a_call; /* else in a main loop */
  NiceAgent *agent;
  guint n_waits;
  gboolean is_served, is_gathered;
} Case;

/* --- The peer, in a thread of its own --- */

typedef struct
{
  NiceAgent *agent;
  GMainContext *context;
  GThread *thread;
  gint is_over; /* atomic */
  gboolean has_greeted;
} Answerer;

static void
on_answerer_writable (NiceAgent *agent, guint stream, guint component, Answerer *self)
{
  if (!self->has_greeted)
    nice_agent_send (agent, stream, component, WORD, "first");
  self->has_greeted = TRUE;
}

static void
on_answerer_data (NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
                  gpointer user_data)
{
  nice_agent_send (agent, stream, component, WORD, "again");
}

static gpointer
answer (gpointer data)
{
  Answerer *self = data;

  while (!g_atomic_int_get (&self->is_over))
    g_main_context_iteration (self->context, TRUE);
  return NULL;
}

static NiceAgent *
agent_new (const Kind *kind, GMainContext *context, gboolean controls)
{
  NiceAgent *agent =
      nice_agent_new_full (context, NICE_COMPATIBILITY_RFC5245, kind->options);
  NiceAddress address;

  g_object_set (agent, "upnp", FALSE, "ice-tcp", kind->tcp, "ice-udp", !kind->tcp,
                "controlling-mode", controls, NULL);
  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, "127.0.0.1"));
  nice_agent_add_local_address (agent, &address);
  nice_agent_add_stream (agent, 1);
  return agent;
}

static Answerer *
answerer_new (const Kind *kind)
{
  Answerer *self = g_new0 (Answerer, 1);

  self->context = g_main_context_new ();
  self->agent = agent_new (kind, self->context, FALSE);
  g_signal_connect (self->agent, "reliable-transport-writable",
                    G_CALLBACK (on_answerer_writable), self);
  nice_agent_attach_recv (self->agent, 1, 1, self->context, on_answerer_data, self);
  g_assert_true (nice_agent_gather_candidates (self->agent, 1));
  self->thread = g_thread_new ("answer", answer, self);
  return self;
}

static void
answerer_free (Answerer *self)
{
  g_atomic_int_set (&self->is_over, TRUE);
  g_main_context_wakeup (self->context);
  g_thread_join (self->thread);
  g_object_unref (self->agent);
  g_main_context_unref (self->context);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answerer, answerer_free)

/* --- Waiting --- */

static gssize
receive (Case *self, Way way, gchar *word, GError **error)
{
  g_autoptr (GIOStream) stream = NULL;

  if (way == WAY_RECV)
    return nice_agent_recv (self->agent, 1, 1, (guint8 *)word, WORD, NULL, error);
  stream = nice_agent_get_io_stream (self->agent, 1, 1);
  return g_input_stream_read (g_io_stream_get_input_stream (stream), word, WORD, NULL,
                              error);
}

static void
wait_for_word (Case *self, Way way)
{
  g_autoptr (GError) error = NULL;
  gchar word[WORD];
  gssize n;

  n = receive (self, way, word, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, WORD);
  g_assert_true (memcmp (word, "first", WORD) == 0 || memcmp (word, "again", WORD) == 0);
}

static void
come (Case *self)
{
  if (self->n_waits++ > 0)
    return;
  nice_agent_send (self->agent, 1, 1, 1, "x"); /* the path may not be there yet */
  wait_for_word (self, self->way);
  self->is_served = TRUE;
  g_assert_cmpint (nice_agent_send (self->agent, 1, 1, 1, "x"), ==, 1);
}

/* --- Moments --- */

static gboolean
is_at (const Case *self, const gchar *moment)
{
  return strcmp (self->moment, moment) == 0;
}

static void
on_state (NiceAgent *agent, guint stream_id, guint component_id, guint state, Case *self)
{
  if (is_at (self, nice_component_state_to_string (state)))
    come (self);
}

static void
on_gathered (NiceAgent *agent, guint stream_id, Case *self)
{
  self->is_gathered = TRUE;
}

/* What was lent stays as it is until the function returns. */
static void
on_data (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
         gpointer data)
{
  g_autofree gchar *before = g_memdup2 (buf, len);
  Case *self = data;

  if (is_at (self, "data"))
    come (self);
  g_assert_cmpmem (before, len, buf, len);
}

static gboolean
on_readable (GObject *input, gpointer data)
{
  come (data);
  return G_SOURCE_REMOVE;
}

static void
watch_input (Case *self)
{
  g_autoptr (GIOStream) stream = nice_agent_get_io_stream (self->agent, 1, 1);
  g_autoptr (GSource) source = g_pollable_input_stream_create_source (
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream)), NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (source, NULL);
}

static void
listen_for_moment (Case *self)
{
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (on_state), self);
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  if (g_signal_lookup (self->moment, NICE_TYPE_AGENT) != 0)
    g_signal_connect_swapped (self->agent, self->moment, G_CALLBACK (come), self);
  if (is_at (self, "readable"))
    watch_input (self);
  else
    nice_agent_attach_recv (self->agent, 1, 1, NULL, on_data, self);
}

static void
run_case (gconstpointer data)
{
  Case *self = (Case *)data;
  g_autoptr (Answerer) answerer = answerer_new (self->kind);
  g_autoptr (NiceAgent) agent = agent_new (self->kind, NULL, TRUE);

  self->agent = agent;
  listen_for_moment (self);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  wait_until (self->is_gathered);
  agent_tell (answerer->agent, 1, agent, 1);
  agent_tell (agent, 1, answerer->agent, 1);
  if (self->in_a_call)
    wait_for_word (self, WAY_RECV); /* a GInputStream refuses to be read twice */
  wait_until (self->is_served);
}

/* Who reads a stream has no receive function, nor who is in a call; and without a
 * connection nobody makes one but the agent's own main loop. Before pseudo-TCP has one
 * each case may take a second, the first wait for a lost segment. */
static gboolean
makes_sense (const Case *self)
{
  const gboolean is_reliable = self->kind->options == NICE_AGENT_OPTION_RELIABLE;
  const gboolean is_recv = self->way == WAY_RECV;

  if (is_at (self, "data"))
    return is_recv && !self->in_a_call;
  if (is_at (self, "readable"))
    return is_reliable && !self->in_a_call;
  if (is_at (self, "reliable-transport-writable") || self->kind->tcp)
    return is_reliable || (is_recv && !self->in_a_call);
  return is_recv && (is_reliable || !self->in_a_call);
}

static void
add (const Case *from)
{
  g_autofree gchar *path =
      g_strdup_printf ("/waits/%s/%s/%s/%s", from->kind->name, from->moment,
                       from->in_a_call ? "call" : "loop", way_names[from->way]);

  if (makes_sense (from))
    g_test_add_data_func_full (path, g_memdup2 (from, sizeof *from), run_case, g_free);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (guint m = 0; m < G_N_ELEMENTS (moments); m++)
      for (guint w = 0; w < N_WAYS; w++)
        {
          add (&(const Case) { &kinds[k], moments[m], w, FALSE });
          add (&(const Case) { &kinds[k], moments[m], w, TRUE });
        }
  return g_test_run ();
}
