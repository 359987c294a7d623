/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The arena itself: who lives in it, which thread a signal may come in, and what has to
 * be gone at the end. */
#include "stress.h"

/* Of the ends that this thread calls; -1: of none. */
static _Thread_local gint calling_pair = -1;

/* --- Ears --- */

static gpointer
iterate (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

static void
ear_init (Ear *self)
{
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("iterate", iterate, self->loop);
}

static void
ear_clear (Ear *self)
{
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
}

Ear *
arena_pick_ear (Arena *self, GRand *rand)
{
  return &self->ears[g_rand_int_range (rand, 0, STRESS_EARS)];
}

static gboolean
is_in_an_ear (const Arena *self)
{
  for (guint i = 0; i < STRESS_EARS; i++)
    if (g_main_context_is_owner (self->ears[i].context))
      return TRUE;
  return FALSE;
}

/* --- Signals --- */

typedef struct
{
  Arena *arena;
  gint pair;
} Witness;

/* Where packets are read and timers run, or in a thread that has called just that agent,
 * or its peer. */
static void
assert_right_thread (const Witness *self)
{
  g_assert_true (is_in_an_ear (self->arena) || calling_pair == self->pair);
}

static void
on_stream_signal (NiceAgent *agent, guint stream, Witness *self)
{
  assert_right_thread (self);
}

static void
on_state (NiceAgent *agent, guint stream, guint component, guint state, Witness *self)
{
  assert_right_thread (self);
  g_assert_cmpuint (state, <, NICE_COMPONENT_STATE_LAST);
}

static void
on_candidate (NiceAgent *agent, NiceCandidate *candidate, Witness *self)
{
  assert_right_thread (self);
  g_assert_cmpuint (candidate->stream_id, >=, 1);
}

static void
on_selected (NiceAgent *agent, guint stream, guint component, NiceCandidate *local,
             NiceCandidate *remote, Witness *self)
{
  assert_right_thread (self);
  g_assert_cmpint (local->transport == NICE_CANDIDATE_TRANSPORT_UDP, ==,
                   remote->transport == NICE_CANDIDATE_TRANSPORT_UDP);
}

static void
on_writable (NiceAgent *agent, guint stream, guint component, Witness *self)
{
  assert_right_thread (self);
  nice_agent_send (agent, stream, component, 4, "room");
}

static void
on_gone (gpointer data, GObject *agent)
{
  Witness *self = data;

  g_atomic_int_add (&self->arena->n_agents, -1);
  g_free (self);
}

static void
witness (Arena *arena, guint index, NiceAgent *agent)
{
  Witness *self = g_new (Witness, 1);

  *self = (Witness) { arena, (gint)index / 2 };
  g_atomic_int_inc (&arena->n_agents);
  g_object_weak_ref (G_OBJECT (agent), on_gone, self);
  g_signal_connect (agent, "candidate-gathering-done", G_CALLBACK (on_stream_signal),
                    self);
  g_signal_connect (agent, "initial-binding-request-received",
                    G_CALLBACK (on_stream_signal), self);
  g_signal_connect (agent, "component-state-changed", G_CALLBACK (on_state), self);
  g_signal_connect (agent, "new-candidate-full", G_CALLBACK (on_candidate), self);
  g_signal_connect (agent, "new-remote-candidate-full", G_CALLBACK (on_candidate), self);
  g_signal_connect (agent, "new-selected-pair-full", G_CALLBACK (on_selected), self);
  g_signal_connect (agent, "reliable-transport-writable", G_CALLBACK (on_writable), self);
}

/* --- Ends --- */

/* Two sessions between the same two sockets could not be told apart. */
static NiceUdpMux *
get_mux (const Arena *self, guint index)
{
  return index % 2 == 0 ? self->muxes[0] : index == 3 ? self->muxes[1] : NULL;
}

static NiceAgent *
new_agent (Arena *self, guint index, GRand *rand)
{
  const gboolean tcp = index >= 2 && self->muxes[0] == NULL;
  const gboolean is_reliable = self->kind == STRESS_RELIABLE;
  NiceAddress address;
  NiceAgent *agent = g_object_new (
      NICE_TYPE_AGENT, "main-context", arena_pick_ear (self, rand)->context, "reliable",
      is_reliable, "udp-mux", get_mux (self, index), "upnp", FALSE, "ice-tcp", tcp,
      "ice-udp", !tcp, "controlling-mode", index % 2 == 0, "consent-freshness",
      g_rand_boolean (rand), "data-before-nomination", g_rand_boolean (rand),
      "free-candidates", g_rand_boolean (rand), "close-forced", TRUE, NULL);

  witness (self, index, agent);
  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.1");
  nice_agent_add_local_address (agent, &address);
  return agent;
}

Hand
arena_take (Arena *self, guint index)
{
  End *end = &self->ends[index];
  Hand hand;

  g_mutex_lock (&end->lock);
  hand = end->hand;
  if (hand.agent != NULL)
    g_object_ref (hand.agent);
  g_mutex_unlock (&end->lock);
  return hand;
}

void
arena_set_stream (Arena *self, guint index, const Hand *hand)
{
  End *end = &self->ends[index];

  g_mutex_lock (&end->lock);
  if (end->hand.agent == hand->agent)
    end->hand.stream = hand->stream;
  g_mutex_unlock (&end->lock);
}

static void
put (Arena *self, guint index, const Hand *fresh)
{
  End *end = &self->ends[index];
  NiceAgent *old;

  g_mutex_lock (&end->lock);
  old = end->hand.agent;
  end->hand = *fresh;
  g_mutex_unlock (&end->lock);
  g_clear_object (&old);
}

void
arena_replace_agent (Arena *self, guint index, GRand *rand)
{
  Hand hand = { new_agent (self, index, rand), 0 };

  hand.stream = nice_agent_add_stream (hand.agent, 1);
  nice_agent_gather_candidates (hand.agent, hand.stream);
  arena_listen (self, &hand, rand);
  put (self, index, &hand);
}

/* --- Calls --- */

GCancellable *
arena_dup_cancellable (Arena *self)
{
  GCancellable *cancellable;

  g_mutex_lock (&self->lock);
  cancellable = g_object_ref (self->cancellable);
  g_mutex_unlock (&self->lock);
  return cancellable;
}

void
arena_cancel (Arena *self)
{
  GCancellable *old;

  g_mutex_lock (&self->lock);
  old = self->cancellable;
  self->cancellable = g_cancellable_new ();
  g_mutex_unlock (&self->lock);
  g_cancellable_cancel (old);
  g_object_unref (old);
}

void
arena_act (Caller *self, Act act)
{
  self->own = arena_take (self->arena, self->index);
  self->peer = arena_take (self->arena, self->index ^ 1);
  calling_pair = (gint)self->index / 2;
  act (self);
  g_clear_object (&self->own.agent);
  g_clear_object (&self->peer.agent);
  calling_pair = -1;
  g_atomic_int_inc (&self->arena->n_acts);
}

/* --- Life --- */

void
arena_init (Arena *self, StressKind kind)
{
  GRand *rand = g_rand_new_with_seed ((guint32)g_test_rand_int ());

  *self = (Arena) { .kind = kind };
  g_mutex_init (&self->lock);
  self->cancellable = g_cancellable_new ();
  self->seen = g_new0 (guint, STRESS_MESSAGES / STRESS_BITS);
  for (guint i = 0; i < STRESS_EARS; i++)
    ear_init (&self->ears[i]);
  for (guint i = 0; kind == STRESS_MUX && i < STRESS_MUXES; i++)
    self->muxes[i] = g_object_new (NICE_TYPE_UDP_MUX, "main-context",
                                   self->ears[i].context, "sharded", i == 1, NULL);
  for (guint i = 0; i < STRESS_ENDS; i++)
    {
      g_mutex_init (&self->ends[i].lock);
      calling_pair = (gint)i / 2;
      arena_replace_agent (self, i, rand);
    }
  calling_pair = -1;
  g_rand_free (rand);
}

/* What else is to end, ends in the default context. */
static void
wait_for_none (gint *count)
{
  while (g_atomic_int_get (count) > 0)
    g_main_context_iteration (NULL, TRUE);
}

void
arena_clear (Arena *self)
{
  const Hand none = { NULL };

  /* While the ears still iterate. */
  arena_cancel (self);
  for (guint i = 0; i < STRESS_ENDS; i++)
    {
      calling_pair = (gint)i / 2;
      put (self, i, &none);
    }
  wait_for_none (&self->n_tasks);
  calling_pair = -1;
  for (guint i = 0; i < STRESS_MUXES; i++)
    g_clear_object (&self->muxes[i]);
  for (guint i = 0; i < STRESS_EARS; i++)
    ear_clear (&self->ears[i]);
  g_assert_cmpint (g_atomic_int_get (&self->n_agents), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&self->n_listeners), ==, 0);
  for (guint i = 0; i < STRESS_ENDS; i++)
    g_mutex_clear (&self->ends[i].lock);
  g_object_unref (self->cancellable);
  g_mutex_clear (&self->lock);
  g_free (self->seen);
}
