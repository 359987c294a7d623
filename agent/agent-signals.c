/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of NiceAgent, and the only place that emits them. Events are copied into a
 * queue inside the lock and emitted outside of it, first in first out over all threads: a
 * call that causes signals emits what was queued before them first, so that no signal
 * ever overtakes an older one. One that causes none emits none: a handler that makes such
 * a call ends before the next signal begins, and a bystander hears nothing of others.
 *
 * NOTES: libnice steals the queue before it emits. Signals of a call made in a handler
 * then arrive before the rest of the batch that the handler belongs to, and a program
 * sees READY before CONNECTED. One queue shared by all costs nothing and cannot do that.
 * A queue for each thread keeps signals in the thread that caused them, and was worse:
 * checks are on their way before the call that began them emits CONNECTING, and where the
 * context's thread had the answer first, one call of three of webrtcbin to Janus hung.
 */
#include "config.h"

#include "agent-core.h"
#include "marshal.h"

#include <string.h>

typedef enum
{
  SIGNAL_COMPONENT_STATE_CHANGED,
  SIGNAL_CANDIDATE_GATHERING_DONE,
  SIGNAL_NEW_SELECTED_PAIR,
  SIGNAL_NEW_CANDIDATE,
  SIGNAL_NEW_REMOTE_CANDIDATE,
  SIGNAL_INITIAL_BINDING_REQUEST_RECEIVED,
  SIGNAL_RELIABLE_TRANSPORT_WRITABLE,
  SIGNAL_STREAMS_REMOVED,
  SIGNAL_NEW_SELECTED_PAIR_FULL,
  SIGNAL_NEW_CANDIDATE_FULL,
  SIGNAL_NEW_REMOTE_CANDIDATE_FULL,
  N_SIGNALS,
  STEP_PATH_SELECTED /* none: what a reliable component does after a new pair was told */
} SignalId;

static guint signals[N_SIGNALS]; /* written once, by the class initialiser */

struct _NiceAgentSignal
{
  SignalId id; /* the -full one of a pair of signals */
  guint stream_id, component_id;
  guint state;
  gboolean is_cut; /* state: failed, as the path is gone */
  gboolean is_tcp; /* the path that was selected */
  NiceCandidate *local, *remote;
  guint *ids; /* ended by 0 */
};

/* --- The queue --- */

/* What stays allocated when all are emitted. */
#define KEEP 8

static void
clear_signal (NiceAgentSignal *signal)
{
  nice_candidate_free (signal->local);
  nice_candidate_free (signal->remote);
  g_free (signal->ids);
}

void
nice_agent_signals_init (NiceAgentSignals *self)
{
  memset (self, 0, sizeof *self);
  g_mutex_init (&self->lock);
}

void
nice_agent_signals_clear (NiceAgentSignals *self)
{
  for (guint i = self->first; i < self->end; i++)
    clear_signal (&self->items[i]);
  g_free (self->items);
  g_mutex_clear (&self->lock);
}

/* Takes what the signal points to. */
static void
push (NiceAgent *agent, const NiceAgentSignal *signal)
{
  NiceAgentSignals *self = &agent->signals;

  g_mutex_lock (&self->lock);
  if (self->end == self->size)
    {
      self->size = MAX (KEEP, 2 * self->size);
      self->items = g_renew (NiceAgentSignal, self->items, self->size);
    }
  self->items[self->end++] = *signal;
  g_mutex_unlock (&self->lock);
}

/* FALSE: all were taken. */
static gboolean
take (NiceAgentSignals *self, NiceAgentSignal *signal)
{
  gboolean taken;

  g_mutex_lock (&self->lock);
  taken = self->first < self->end;
  if (taken)
    *signal = self->items[self->first++];
  else
    {
      self->first = self->end = 0;
      if (self->size > KEEP)
        {
          g_clear_pointer (&self->items, g_free);
          self->size = 0;
        }
    }
  g_mutex_unlock (&self->lock);
  return taken;
}

void
nice_agent_queue_writable (NiceAgent *self, guint stream_id, guint component_id)
{
  push (self, &(const NiceAgentSignal) { SIGNAL_RELIABLE_TRANSPORT_WRITABLE, stream_id,
                                         component_id });
}

void
nice_agent_queue_streams_removed (NiceAgent *self, const guint *ids, guint n_ids)
{
  NiceAgentSignal signal = { .id = SIGNAL_STREAMS_REMOVED,
                             .ids = g_new0 (guint, n_ids + 1) };

  for (guint i = 0; i < n_ids; i++)
    signal.ids[i] = ids[i];
  push (self, &signal);
}

static void
queue_candidate (NiceAgent *self, SignalId id, const IceEvent *event)
{
  push (self, &(const NiceAgentSignal) {
                  .id = id,
                  .stream_id = event->stream_id,
                  .component_id = event->component_id,
                  .local = nice_candidate_from_ice (&event->candidate) });
}

static void
queue_selected_pair (NiceAgent *self, const IceEvent *event)
{
  NiceAgentComponent *component =
      nice_agent_find_component (self, event->stream_id, event->component_id);

  if (component != NULL)
    component->n_selections++;
  push (self, &(const NiceAgentSignal) {
                  .id = SIGNAL_NEW_SELECTED_PAIR_FULL,
                  .stream_id = event->stream_id,
                  .component_id = event->component_id,
                  .local = nice_candidate_from_ice (&event->selected.local),
                  .remote = nice_candidate_from_ice (&event->selected.remote) });
  /* A datagram path is writable from the start; a reliable one says when it is. */
  push (self, &(const NiceAgentSignal) {
                  .id = self->settings.reliable ? STEP_PATH_SELECTED
                                                : SIGNAL_RELIABLE_TRANSPORT_WRITABLE,
                  .stream_id = event->stream_id,
                  .component_id = event->component_id,
                  .is_tcp = event->selected.local.transport != ICE_TRANSPORT_UDP });
}

static void
queue_state (NiceAgent *self, const IceEvent *event)
{
  NiceAgentComponent *component =
      nice_agent_find_component (self, event->stream_id, event->component_id);

  if (component != NULL)
    component->reason = event->state.reason;
  push (self, &(const NiceAgentSignal) {
                  .id = SIGNAL_COMPONENT_STATE_CHANGED,
                  .stream_id = event->stream_id,
                  .component_id = event->component_id,
                  .state = event->state.state,
                  .is_cut = event->state.state == ICE_COMPONENT_FAILED
                            && event->state.reason == ICE_REASON_BASE_LOST });
}

static void
queue_gathering_done (NiceAgent *self, guint stream_id)
{
  NiceAgentStream *stream = nice_agent_find_stream (self, stream_id);

  if (stream != NULL)
    stream->gathering_done = TRUE;
  push (self, &(const NiceAgentSignal) { SIGNAL_CANDIDATE_GATHERING_DONE, stream_id });
}

void
nice_agent_queue_event (NiceAgent *self, const IceEvent *event)
{
  if (nice_agent_find_stream (self, event->stream_id) == NULL)
    return; /* removed; the program has forgotten it */

  switch (event->type)
    {
    case ICE_EVENT_LOCAL_CANDIDATE:
      queue_candidate (self, SIGNAL_NEW_CANDIDATE_FULL, event);
      break;
    case ICE_EVENT_REMOTE_CANDIDATE:
      queue_candidate (self, SIGNAL_NEW_REMOTE_CANDIDATE_FULL, event);
      break;
    case ICE_EVENT_GATHERING_DONE:
      queue_gathering_done (self, event->stream_id);
      break;
    case ICE_EVENT_INITIAL_BINDING:
      push (self, &(const NiceAgentSignal) { SIGNAL_INITIAL_BINDING_REQUEST_RECEIVED,
                                             event->stream_id });
      break;
    case ICE_EVENT_SELECTED_PAIR:
      queue_selected_pair (self, event);
      break;
    case ICE_EVENT_COMPONENT_STATE:
      queue_state (self, event);
      break;
    default: /* the driver's */
      break;
    }
}

/* --- Emission --- */

/* A handler of the first signal may write to the candidate, as webrtcbin does with the
 * user name; the second takes nothing from it but the foundation. */
static void
emit_candidate (NiceAgent *self, const NiceAgentSignal *signal, SignalId full,
                SignalId plain)
{
  gchar foundation[NICE_CANDIDATE_MAX_FOUNDATION];

  g_strlcpy (foundation, signal->local->foundation, sizeof foundation);
  g_signal_emit (self, signals[full], 0, signal->local);
  g_signal_emit (self, signals[plain], 0, signal->stream_id, signal->component_id,
                 foundation);
}

static void
emit_selected_pair (NiceAgent *self, const NiceAgentSignal *signal)
{
  gchar local[NICE_CANDIDATE_MAX_FOUNDATION], remote[NICE_CANDIDATE_MAX_FOUNDATION];

  g_strlcpy (local, signal->local->foundation, sizeof local);
  g_strlcpy (remote, signal->remote->foundation, sizeof remote);
  g_signal_emit (self, signals[SIGNAL_NEW_SELECTED_PAIR_FULL], 0, signal->stream_id,
                 signal->component_id, signal->local, signal->remote);
  g_signal_emit (self, signals[SIGNAL_NEW_SELECTED_PAIR], 0, signal->stream_id,
                 signal->component_id, local, remote);
}

static void
emit_state (NiceAgent *self, const NiceAgentSignal *signal)
{
  if (self->settings.reliable && signal->is_cut)
    nice_agent_reliable_cut (self, signal->stream_id, signal->component_id);
  g_signal_emit (self, signals[signal->id], 0, signal->stream_id, signal->component_id,
                 signal->state);
}

static void
emit_one (NiceAgent *self, const NiceAgentSignal *signal)
{
  switch (signal->id)
    {
    case SIGNAL_COMPONENT_STATE_CHANGED:
      emit_state (self, signal);
      break;
    case SIGNAL_CANDIDATE_GATHERING_DONE:
    case SIGNAL_INITIAL_BINDING_REQUEST_RECEIVED:
      g_signal_emit (self, signals[signal->id], 0, signal->stream_id);
      break;
    case SIGNAL_RELIABLE_TRANSPORT_WRITABLE:
      g_signal_emit (self, signals[signal->id], 0, signal->stream_id,
                     signal->component_id);
      break;
    case SIGNAL_STREAMS_REMOVED:
      g_signal_emit (self, signals[signal->id], 0, signal->ids);
      break;
    case SIGNAL_NEW_SELECTED_PAIR_FULL:
      emit_selected_pair (self, signal);
      break;
    case SIGNAL_NEW_CANDIDATE_FULL:
      emit_candidate (self, signal, signal->id, SIGNAL_NEW_CANDIDATE);
      break;
    case SIGNAL_NEW_REMOTE_CANDIDATE_FULL:
      emit_candidate (self, signal, signal->id, SIGNAL_NEW_REMOTE_CANDIDATE);
      break;
    case STEP_PATH_SELECTED:
      nice_agent_reliable_selected (self, signal->stream_id, signal->component_id,
                                    signal->is_tcp);
      break;
    case SIGNAL_NEW_SELECTED_PAIR:
    case SIGNAL_NEW_CANDIDATE:
    case SIGNAL_NEW_REMOTE_CANDIDATE:
    case N_SIGNALS:
      g_assert_not_reached (); /* never queued: they follow their -full sibling */
    }
}

void
nice_agent_emit (NiceAgent *self)
{
  NiceAgentSignal signal;

  g_object_ref (self);
  while (take (&self->signals, &signal))
    {
      emit_one (self, &signal);
      clear_signal (&signal);
    }
  g_object_unref (self);
}

/* --- Registration --- */

/* Every program listens to the state, which changes four times a connection: the
 * marshaller that suits any signal takes 2,000 instructions, this one 100. */
static void
add_signal (GObjectClass *klass, SignalId id, const gchar *name, guint n_params, ...)
{
  const gboolean is_state = id == SIGNAL_COMPONENT_STATE_CHANGED;
  GType types[4];
  va_list args;

  va_start (args, n_params);
  for (guint i = 0; i < n_params; i++)
    types[i] = va_arg (args, GType);
  va_end (args);
  signals[id] = g_signal_newv (
      name, G_OBJECT_CLASS_TYPE (klass), G_SIGNAL_RUN_LAST, NULL, NULL, NULL,
      is_state ? nice_marshal_VOID__UINT_UINT_UINT : NULL, G_TYPE_NONE, n_params, types);
  if (is_state)
    g_signal_set_va_marshaller (signals[id], G_OBJECT_CLASS_TYPE (klass),
                                nice_marshal_VOID__UINT_UINT_UINTv);
}

static void
install_candidate_signals (GObjectClass *klass)
{
  /**
   * NiceAgent::new-candidate:
   * @agent: the agent
   * @stream_id: the stream
   * @component_id: the component
   * @foundation: foundation of the candidate
   *
   * A local candidate was found. Follows [signal@Nice.Agent::new-candidate-full].
   *
   * Deprecated: 0.1.8: Use [signal@Nice.Agent::new-candidate-full].
   */
  add_signal (klass, SIGNAL_NEW_CANDIDATE, "new-candidate", 3, G_TYPE_UINT, G_TYPE_UINT,
              G_TYPE_STRING);
  /**
   * NiceAgent::new-candidate-full:
   * @agent: the agent
   * @candidate: a copy of the candidate; a handler may change it
   *
   * A local candidate was found, to be sent to the peer. With
   * [property@Nice.Agent:force-relay], relayed ones only.
   *
   * Since: 0.1.8
   */
  add_signal (klass, SIGNAL_NEW_CANDIDATE_FULL, "new-candidate-full", 1,
              NICE_TYPE_CANDIDATE);
  /**
   * NiceAgent::new-remote-candidate:
   * @agent: the agent
   * @stream_id: the stream
   * @component_id: the component
   * @foundation: foundation of the candidate
   *
   * A remote candidate was learned. Follows
   * [signal@Nice.Agent::new-remote-candidate-full].
   *
   * Deprecated: 0.1.8: Use [signal@Nice.Agent::new-remote-candidate-full].
   */
  add_signal (klass, SIGNAL_NEW_REMOTE_CANDIDATE, "new-remote-candidate", 3, G_TYPE_UINT,
              G_TYPE_UINT, G_TYPE_STRING);
  /**
   * NiceAgent::new-remote-candidate-full:
   * @agent: the agent
   * @candidate: a copy of the candidate
   *
   * A remote candidate was learned that the program did not name: a peer-reflexive one
   * (RFC 8445 section 7.3.1.3), or the one given to
   * [method@Nice.Agent.set_selected_remote_candidate]. Candidates that come by
   * [method@Nice.Agent.set_remote_candidates] cause no signal.
   *
   * Since: 0.1.8
   */
  add_signal (klass, SIGNAL_NEW_REMOTE_CANDIDATE_FULL, "new-remote-candidate-full", 1,
              NICE_TYPE_CANDIDATE);
}

static void
install_pair_signals (GObjectClass *klass)
{
  /**
   * NiceAgent::new-selected-pair:
   * @agent: the agent
   * @stream_id: the stream
   * @component_id: the component
   * @lfoundation: foundation of the local candidate
   * @rfoundation: foundation of the remote candidate
   *
   * A pair was selected. Follows [signal@Nice.Agent::new-selected-pair-full].
   *
   * Deprecated: 0.1.8: Use [signal@Nice.Agent::new-selected-pair-full].
   */
  add_signal (klass, SIGNAL_NEW_SELECTED_PAIR, "new-selected-pair", 4, G_TYPE_UINT,
              G_TYPE_UINT, G_TYPE_STRING, G_TYPE_STRING);
  /**
   * NiceAgent::new-selected-pair-full:
   * @agent: the agent
   * @stream_id: the stream
   * @component_id: the component
   * @lcandidate: a copy of the local candidate
   * @rcandidate: a copy of the remote candidate
   *
   * A pair was selected: data of the component is sent over it from now on. May happen
   * again, when a better pair is found.
   *
   * Since: 0.1.8
   */
  add_signal (klass, SIGNAL_NEW_SELECTED_PAIR_FULL, "new-selected-pair-full", 4,
              G_TYPE_UINT, G_TYPE_UINT, NICE_TYPE_CANDIDATE, NICE_TYPE_CANDIDATE);
}

static void
install_stream_signals (GObjectClass *klass)
{
  /**
   * NiceAgent::component-state-changed:
   * @agent: the agent
   * @stream_id: the stream
   * @component_id: the component
   * @state: the new state, a [enum@Nice.ComponentState]
   *
   * The state of a component changed.
   */
  add_signal (klass, SIGNAL_COMPONENT_STATE_CHANGED, "component-state-changed", 3,
              G_TYPE_UINT, G_TYPE_UINT, G_TYPE_UINT);
  /**
   * NiceAgent::candidate-gathering-done:
   * @agent: the agent
   * @stream_id: the stream
   *
   * All local candidates of the stream are known: every server has answered or been given
   * up.
   */
  add_signal (klass, SIGNAL_CANDIDATE_GATHERING_DONE, "candidate-gathering-done", 1,
              G_TYPE_UINT);
  /**
   * NiceAgent::initial-binding-request-received:
   * @agent: the agent
   * @stream_id: the stream
   *
   * The first authenticated check of the peer arrived. Once per stream, and once more
   * after each restart.
   */
  add_signal (klass, SIGNAL_INITIAL_BINDING_REQUEST_RECEIVED,
              "initial-binding-request-received", 1, G_TYPE_UINT);
  /**
   * NiceAgent::reliable-transport-writable:
   * @agent: the agent
   * @stream_id: the stream
   * @component_id: the component
   *
   * There is room to send, for the first time or again after
   * [method@Nice.Agent.send_messages_nonblocking] had to refuse something.
   *
   * Since: 0.0.11
   */
  add_signal (klass, SIGNAL_RELIABLE_TRANSPORT_WRITABLE, "reliable-transport-writable", 2,
              G_TYPE_UINT, G_TYPE_UINT);
  /**
   * NiceAgent::streams-removed:
   * @agent: the agent
   * @stream_ids: (array zero-terminated=1) (element-type uint): the streams, ended by 0
   *
   * Streams were removed by [method@Nice.Agent.remove_stream].
   *
   * Since: 0.1.5
   */
  add_signal (klass, SIGNAL_STREAMS_REMOVED, "streams-removed", 1,
              g_pointer_type_register_static ("_NiceAgentStreamIds"));
}

void
nice_agent_install_signals (GObjectClass *klass)
{
  install_stream_signals (klass);
  install_candidate_signals (klass);
  install_pair_signals (klass);
}
