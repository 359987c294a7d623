/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a program may do to an agent, done in each state, from inside each signal and
 * function that the agent calls, by that thread and by another one: the whole product.
 * What counts is that nothing is used after it is gone and nothing is left, which builds
 * with sanitizers see. */
#include "agents.h"

#include <string.h>

typedef enum
{
  ACT_UNREF,
  ACT_REMOVE_STREAM,
  ACT_RESTART,
  ACT_RESTART_STREAM,
  ACT_CLOSE,
  ACT_CLOSE_AND_UNREF,
  ACT_DETACH,
  ACT_ANOTHER_STREAM,
  N_ACTS
} Act;

static const gchar *const act_names[N_ACTS] = { "unref",   "remove-stream",
                                                "restart", "restart-stream",
                                                "close",   "close-and-unref",
                                                "detach",  "another-stream" };

typedef enum
{
  PLACE_HERE,    /* in the thread that the moment comes in */
  PLACE_WAITING, /* in another one, while this one waits inside of the moment */
  PLACE_RACING,  /* in another one, while this one goes on */
  N_PLACES
} Place;

static const gchar *const place_names[N_PLACES] = { "here", "waiting", "racing" };

/* Inside: a state stands for component-state-changed to it, another signal for itself,
 * and the last ones for functions that were given to the agent. Outside of the agent:
 * "in" a state. */
static const gchar *const moments[] = { "gathering",
                                        "connecting",
                                        "connected",
                                        "ready",
                                        "failed",
                                        "new-candidate-full",
                                        "new-candidate",
                                        "candidate-gathering-done",
                                        "new-remote-candidate-full",
                                        "new-remote-candidate",
                                        "initial-binding-request-received",
                                        "new-selected-pair-full",
                                        "new-selected-pair",
                                        "reliable-transport-writable",
                                        "streams-removed",
                                        "data",
                                        "notify",
                                        "closed",
                                        "readable",
                                        "in-disconnected",
                                        "in-gathering",
                                        "in-connecting",
                                        "in-ready",
                                        "in-failed" };

typedef struct
{
  const gchar *name;
  NiceAgentOption options;
  gboolean tcp;
} Kind;

static const Kind kinds[] = {
  { "datagrams", NICE_AGENT_OPTION_NONE, FALSE },
  { "consent", NICE_AGENT_OPTION_REGULAR_NOMINATION | NICE_AGENT_OPTION_CONSENT_FRESHNESS,
    FALSE },
  { "tcp", NICE_AGENT_OPTION_NONE, TRUE },
  { "reliable", NICE_AGENT_OPTION_RELIABLE, FALSE },
  { "reliable-tcp", NICE_AGENT_OPTION_RELIABLE, TRUE },
};

typedef struct
{
  Act act;
  Place place;
  const gchar *moment;
  const Kind *kind;
  NiceAgent *agent;
  NiceAgent *peer;
  GThread *thread;
  gint done;   /* atomic */
  guint state; /* the latest, as long as the act is to come */
} Case;

static gboolean
is_done (Case *self)
{
  return g_atomic_int_get (&self->done) != 0;
}

static gboolean
is_at (const Case *self, const gchar *moment)
{
  return strcmp (self->moment, moment) == 0;
}

static NiceAgent *
agent_of (const Kind *kind)
{
  NiceAgent *agent =
      nice_agent_new_full (NULL, NICE_COMPATIBILITY_RFC5245, kind->options);
  NiceAddress address;

  g_object_set (agent, "upnp", FALSE, "ice-tcp", kind->tcp, "ice-udp", !kind->tcp, NULL);
  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.1");
  nice_agent_add_local_address (agent, &address);
  nice_agent_add_stream (agent, 1);
  return agent;
}

/* --- What is done --- */

static void
act (Case *self)
{
  NiceAddress address;

  switch (self->act)
    {
    case ACT_UNREF:
      g_object_unref (self->agent);
      break;
    case ACT_REMOVE_STREAM:
      nice_agent_remove_stream (self->agent, 1);
      break;
    case ACT_RESTART:
      g_assert_true (nice_agent_restart (self->agent));
      break;
    case ACT_RESTART_STREAM:
      nice_agent_restart_stream (self->agent, 1);
      break;
    case ACT_CLOSE:
      nice_agent_close_async (self->agent, NULL, NULL);
      break;
    case ACT_CLOSE_AND_UNREF:
      nice_agent_close_async (self->agent, NULL, NULL);
      g_object_unref (self->agent);
      break;
    case ACT_DETACH:
      nice_agent_attach_recv (self->agent, 1, 1, NULL, NULL, NULL);
      break;
    case ACT_ANOTHER_STREAM:
      nice_address_init (&address);
      nice_address_set_from_string (&address, "127.0.0.1");
      nice_agent_gather_candidates (self->agent, nice_agent_add_stream (self->agent, 1));
      break;
    case N_ACTS:
      g_assert_not_reached ();
    }
}

static gpointer
act_there (gpointer data)
{
  act (data);
  return NULL;
}

static void
come (Case *self)
{
  if (!g_atomic_int_compare_and_exchange (&self->done, 0, 1))
    return;
  if (self->place == PLACE_HERE)
    act (self);
  else
    self->thread = g_thread_new ("act", act_there, self);
  if (self->place == PLACE_WAITING)
    g_thread_join (g_steal_pointer (&self->thread));
}

/* --- Moments --- */

static void
on_state (NiceAgent *agent, guint stream_id, guint component_id, guint state, Case *self)
{
  if (is_done (self))
    return;
  self->state = state;
  if (is_at (self, nice_component_state_to_string (state)))
    come (self);
}

static void
on_data (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
         gpointer data)
{
  Case *self = data;

  if (is_at (self, "data"))
    come (self);
}

static void
on_data_ex (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
            NiceMessageExtraData *extra, gpointer data)
{
}

static void
on_notify (gpointer data)
{
  come (data);
}

static void
on_closed (GObject *agent, GAsyncResult *result, gpointer data)
{
  come (data);
}

static gboolean
on_readable (GObject *input, gpointer data)
{
  gchar buffer[100];

  come (data);
  g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), buffer,
                                            sizeof buffer, NULL, NULL);
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
  if (g_signal_lookup (self->moment, NICE_TYPE_AGENT) != 0)
    g_signal_connect_swapped (self->agent, self->moment, G_CALLBACK (come), self);
  if (is_at (self, "readable"))
    watch_input (self);
  else
    nice_agent_attach_recv (self->agent, 1, 1, NULL, on_data, self);
}

/* --- The course of a call --- */

static void
wait_for_state (Case *self, NiceComponentState state)
{
  while (!is_done (self) && self->state != state)
    g_main_context_iteration (NULL, TRUE);
}

/* Nothing that the peer has can make a pair, and it has no more. */
static void
fail (Case *self)
{
  g_object_set (self->agent, "idle-timeout", 50, "ice-trickle", TRUE, NULL);
  nice_agent_gather_candidates (self->agent, 1);
  nice_agent_set_remote_credentials (self->agent, 1, "abcd", "0123456789012345678901");
  nice_agent_peer_candidate_gathering_done (self->agent, 1);
  wait_for_state (self, NICE_COMPONENT_STATE_FAILED);
}

static void
introduce (Case *self)
{
  g_autofree gchar *ufrag = NULL, *pwd = NULL;

  agent_tell (self->peer, 1, self->agent, 1);
  if (!g_str_has_prefix (self->moment, "new-remote-candidate"))
    {
      agent_tell (self->agent, 1, self->peer, 1);
      return;
    }
  /* Left to learn the peer's candidate from a check. */
  nice_agent_get_local_credentials (self->peer, 1, &ufrag, &pwd);
  nice_agent_set_remote_credentials (self->agent, 1, ufrag, pwd);
}

/* What does not come by itself once the agents are connected. */
static void
provoke (Case *self)
{
  if (is_at (self, "streams-removed"))
    nice_agent_remove_stream (self->agent, 1);
  else if (is_at (self, "closed"))
    nice_agent_close_async (self->agent, on_closed, self);
  else if (is_at (self, "notify"))
    {
      nice_agent_attach_recv_ex (self->agent, 1, 1, NULL, on_data_ex, self, on_notify);
      nice_agent_attach_recv (self->agent, 1, 1, NULL, on_data, self);
    }
  else if (is_at (self, "in-ready"))
    come (self);
}

/* Ends as soon as the moment has come. */
static void
take_steps (Case *self)
{
  if (is_at (self, "in-disconnected"))
    come (self);
  else if (g_str_has_suffix (self->moment, "failed"))
    fail (self);
  if (is_at (self, "in-failed"))
    come (self);
  if (is_done (self))
    return;
  nice_agent_gather_candidates (self->agent, 1);
  nice_agent_gather_candidates (self->peer, 1);
  if (!is_done (self) && is_at (self, "in-gathering"))
    come (self);
  if (is_done (self))
    return;
  introduce (self);
  if (!is_done (self) && is_at (self, "in-connecting"))
    come (self);
  wait_for_state (self, NICE_COMPONENT_STATE_READY);
  if (!is_done (self))
    provoke (self);
  while (!is_done (self))
    {
      nice_agent_send (self->peer, 1, 1, 4, "data");
      g_main_context_iteration (NULL, TRUE);
    }
}

/* contract 1.1-c 1.1-d 1.1-h 1.15-d */
static void
test_case (gconstpointer data)
{
  Case self = *(const Case *)data;
  const gboolean is_kept = self.act != ACT_UNREF && self.act != ACT_CLOSE_AND_UNREF;

  self.agent = agent_of (self.kind);
  self.peer = agent_of (self.kind);
  g_object_set (self.peer, "controlling-mode", FALSE, NULL);
  listen_for_moment (&self);
  take_steps (&self);
  g_assert_true (is_done (&self));
  run_pending ();
  if (self.thread != NULL)
    g_thread_join (self.thread);
  run_pending ();
  if (is_kept)
    g_object_unref (self.agent);
  g_object_unref (self.peer);
  run_pending ();
}

/* Moments that do not come in such a call. */
static gboolean
is_possible (const Kind *kind, const gchar *moment)
{
  const gboolean is_reliable = (kind->options & NICE_AGENT_OPTION_RELIABLE) != 0;

  /* Each takes its time, and has nothing to do with TCP. */
  if (g_str_has_suffix (moment, "failed") && (kind->tcp || kind == &kinds[1]))
    return FALSE;
  if (strcmp (moment, "reliable-transport-writable") == 0)
    return is_reliable || kind->tcp;
  return is_reliable || strcmp (moment, "readable") != 0;
}

static void
add_cases (const Kind *kind, const gchar *moment)
{
  for (guint a = 0; a < N_ACTS; a++)
    for (guint p = 0; p < N_PLACES; p++)
      {
        g_autofree gchar *name = g_strdup_printf ("/destroy/%s/%s/%s/%s", kind->name,
                                                  moment, act_names[a], place_names[p]);
        Case *one = g_new0 (Case, 1);

        *one = (Case) { (Act)a, (Place)p, moment, kind };
        g_test_add_data_func_full (name, one, test_case, g_free);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* A stream that another thread has removed meanwhile cannot be found. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (guint m = 0; m < G_N_ELEMENTS (moments); m++)
      if (is_possible (&kinds[k], moments[m]))
        add_cases (&kinds[k], moments[m]);
  return g_test_run ();
}
