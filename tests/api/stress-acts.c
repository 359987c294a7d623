/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What programs do to agents beside sending and receiving: asking, adjusting, connecting
 * anew, and letting go. */
#include "stress.h"

/* --- Questions --- */

static void
do_look (Caller *self)
{
  NiceAgent *agent = self->own.agent;
  const guint stream = self->own.stream;
  g_autofree gchar *sdp = nice_agent_generate_local_sdp (agent);
  G_GNUC_UNUSED g_autofree gchar *stream_sdp =
      nice_agent_generate_local_stream_sdp (agent, stream, TRUE);
  G_GNUC_UNUSED g_autoptr (GPtrArray) sockets = nice_agent_get_sockets (agent, stream, 1);
  G_GNUC_UNUSED g_autoptr (GSocket) selected =
      nice_agent_get_selected_socket (agent, stream, 1);
  gboolean control;

  g_assert_nonnull (sdp);
  g_assert_cmpuint (nice_agent_get_component_state (agent, stream, 1), <,
                    NICE_COMPONENT_STATE_LAST);
  g_object_get (agent, "controlling-mode", &control, NULL);
}

static void
do_count (Caller *self)
{
  g_autoptr (GVariant) stats = nice_agent_get_stats (self->own.agent);
  g_autofree gchar *json = nice_agent_get_stats_json (self->own.agent);
  guint64 received, dropped;

  g_assert_true (g_variant_is_of_type (stats, G_VARIANT_TYPE_VARDICT));
  g_assert_true (json[0] == '{');
  nice_agent_get_udp_mux_counts (self->own.agent, self->own.stream, 1, &received,
                                 &dropped);
  if (self->arena->muxes[0] != NULL)
    {
      guint n_sessions;

      g_object_get (self->arena->muxes[0], "n-sessions", &n_sessions, NULL);
    }
}

static void
do_compare_pairs (Caller *self)
{
  NiceCandidate *local = NULL, *remote = NULL, *borrowed[2];

  nice_agent_get_selected_pair (self->own.agent, self->own.stream, 1, &borrowed[0],
                                &borrowed[1]);
  if (!nice_agent_dup_selected_pair (self->own.agent, self->own.stream, 1, &local,
                                     &remote))
    return;
  nice_agent_set_selected_pair (self->own.agent, self->own.stream, 1, local->foundation,
                                remote->foundation);
  nice_candidate_free (local);
  nice_candidate_free (remote);
}

static void
do_list (Caller *self)
{
  GSList *local = nice_agent_get_local_candidates (self->own.agent, self->own.stream, 1);
  GSList *remote =
      nice_agent_get_remote_candidates (self->own.agent, self->own.stream, 1);

  for (GSList *item = local; item != NULL; item = item->next)
    g_free (nice_agent_generate_local_candidate_sdp (self->own.agent, item->data));
  g_slist_free_full (local, (GDestroyNotify)nice_candidate_free);
  g_slist_free_full (remote, (GDestroyNotify)nice_candidate_free);
}

/* --- Adjustments --- */

static gboolean
allow_all (NiceAgent *agent, const gchar *interface, const NiceAddress *address,
           gpointer data)
{
  return TRUE;
}

static void
let_go_of_filter (gpointer n_listeners)
{
  g_atomic_int_add ((gint *)n_listeners, -1);
}

static void
do_adjust (Caller *self)
{
  NiceAgent *agent = self->own.agent;
  GRand *rand = self->rand;

  nice_agent_set_stream_tos (agent, self->own.stream, g_rand_int_range (rand, 0, 3) * 8);
  nice_agent_forget_relays (agent, self->own.stream, 1);
  nice_agent_set_software (agent, g_rand_boolean (rand) ? "one" : NULL);
  nice_agent_peer_candidate_gathering_done (agent, self->own.stream);
  g_object_set (agent, "idle-timeout", (guint)g_rand_int_range (rand, 1000, 2000),
                "send-coalescing-time", (gint)g_rand_int_range (rand, -1, 2),
                "consent-freshness", g_rand_boolean (rand), "keepalive-conncheck",
                g_rand_boolean (rand), NULL);
  g_atomic_int_inc (&self->arena->n_listeners);
  nice_agent_set_address_filter (agent, allow_all, &self->arena->n_listeners,
                                 let_go_of_filter);
}

/* --- Connecting --- */

static void
do_introduce (Caller *self)
{
  const Hand *own = &self->own, *peer = &self->peer;

  agent_tell (own->agent, own->stream, peer->agent, peer->stream);
  agent_tell (peer->agent, peer->stream, own->agent, own->stream);
}

static void
do_introduce_by_sdp (Caller *self)
{
  g_autofree gchar *sdp = nice_agent_generate_local_sdp (self->peer.agent);

  nice_agent_parse_remote_sdp (self->own.agent, sdp);
}

static void
do_restart (Caller *self)
{
  if (g_rand_boolean (self->rand))
    nice_agent_restart (self->own.agent);
  else
    nice_agent_restart_stream (self->own.agent, self->own.stream);
  do_introduce (self);
}

static void
do_replace_stream (Caller *self)
{
  const guint old = self->own.stream;

  self->own.stream = nice_agent_add_stream (self->own.agent, 1);
  nice_agent_gather_candidates (self->own.agent, self->own.stream);
  arena_set_stream (self->arena, self->index, &self->own);
  arena_listen (self->arena, &self->own, self->rand);
  do_introduce (self);
  nice_agent_remove_stream (self->own.agent, old);
}

static void
do_replace_agent (Caller *self)
{
  arena_replace_agent (self->arena, self->index, self->rand);
}

/* --- Operations --- */

static void
end_task (Arena *arena, const GError *error)
{
  if (error != NULL)
    g_assert_true (error->domain == G_IO_ERROR);
  g_atomic_int_add (&arena->n_tasks, -1);
}

static void
on_gathered (GObject *agent, GAsyncResult *result, gpointer arena)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (nice_agent_gather_candidates_finish (NICE_AGENT (agent), result, &error)
                 == (error == NULL));
  end_task (arena, error);
}

static void
on_connected (GObject *agent, GAsyncResult *result, gpointer arena)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (nice_agent_connect_finish (NICE_AGENT (agent), result, &error)
                 == (error == NULL));
  end_task (arena, error);
}

static void
do_begin (Caller *self)
{
  g_autoptr (GCancellable) cancellable = arena_dup_cancellable (self->arena);

  g_atomic_int_inc (&self->arena->n_tasks);
  if (g_rand_boolean (self->rand))
    nice_agent_gather_candidates_async (self->own.agent, self->own.stream, cancellable,
                                        on_gathered, self->arena);
  else
    nice_agent_connect_async (self->own.agent, self->own.stream, 1, cancellable,
                              on_connected, self->arena);
}

static void
on_closed (GObject *agent, GAsyncResult *result, gpointer arena)
{
  end_task (arena, NULL);
}

/* Once. */
static void
do_close (Caller *self)
{
  NiceAgent *agent = self->own.agent;

  do_replace_agent (self);
  if (!g_object_replace_data (G_OBJECT (agent), "closing", NULL, agent, NULL, NULL))
    return;
  g_atomic_int_inc (&self->arena->n_tasks);
  nice_agent_close_async (agent, on_closed, self->arena);
}

/* --- A context that nobody iterates for a while --- */

#define PAUSE 100 /* acts of others */

typedef struct
{
  Arena *arena;
  gint until;
} Pause;

static gboolean
pause_there (gpointer data)
{
  const Pause *self = data;

  while (g_atomic_int_get (&self->arena->n_acts) < self->until
         && g_atomic_int_get (&self->arena->is_over) == 0)
    g_thread_yield ();
  return G_SOURCE_REMOVE;
}

static void
do_pause (Caller *self)
{
  Pause *pause = g_new (Pause, 1);

  *pause = (Pause) { self->arena, g_atomic_int_get (&self->arena->n_acts) + PAUSE };
  g_main_context_invoke_full (arena_pick_ear (self->arena, self->rand)->context,
                              G_PRIORITY_DEFAULT, pause_there, pause, g_free);
}

void
stress_pick_act (Caller *self)
{
  static const Act acts[] = { do_look,  do_count,     do_compare_pairs,
                              do_list,  do_adjust,    do_introduce,
                              do_begin, do_introduce, do_introduce_by_sdp };
  /* Now and then, so that something is there to be torn down. */
  static const Act hard_acts[] = { do_restart, do_replace_stream, do_replace_agent,
                                   do_close, do_pause };

  if (g_rand_int_range (self->rand, 0, 25) == 0)
    hard_acts[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (hard_acts))](self);
  else
    acts[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (acts))](self);
}
