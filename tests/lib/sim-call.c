/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signalling between two simulated peers. It only carries: what a description means is
 * the engines' business, and so is when a candidate is too late. */
#include "config.h"

#include "sim-call.h"

#include <string.h>

/* Restarts are offers, which have answers (RFC 3264), or two that cross would go on for
 * ever. What is said at the beginning stands for itself. */
typedef enum
{
  CANDIDATES,
  FIRST,
  OFFER,
  ANSWER
} Kind;

typedef struct
{
  SimPeer *peer;
  /* By stream, from 0: */
  GPtrArray *remote_ufrags; /* the generation last accepted, or "" */
  GArray *is_gathered;      /* gboolean */
  GArray *is_offering;      /* gboolean: it restarted and waits for the answer */
  gboolean is_started;
  gint64 last_arrival; /* of what this side sent */
} Side;

struct _SimCall
{
  SimWorld *world;
  SimCallConfig config;
  SimRandom random;
  Side sides[2];
};

typedef struct
{
  SimCall *call;
  guint to; /* side */
  guint stream_id;
  Kind kind;
  gboolean is_end;
  gchar *ufrag, *pwd;
  gchar *answers; /* ANSWER: the generation that it answers */
  GArray *candidates;
} Message;

static void
message_free (gpointer data)
{
  Message *self = data;

  g_free (self->ufrag);
  g_free (self->pwd);
  g_free (self->answers);
  g_array_unref (self->candidates);
  g_free (self);
}

static guint
side_of (SimCall *self, SimPeer *peer)
{
  return self->sides[0].peer == peer ? 0 : 1;
}

static IceEngine *
engine_of (SimCall *self, guint side)
{
  return sim_peer_get_engine (self->sides[side].peer);
}

/* --- Sending --- */

static void deliver (gpointer data);

static Message *
message_new (SimCall *self, guint from, guint stream_id)
{
  Message *message = g_new0 (Message, 1);
  const gchar *ufrag = "", *pwd = "";

  ice_engine_get_local_credentials (engine_of (self, from), stream_id, &ufrag, &pwd);
  message->call = self;
  message->to = 1 - from;
  message->stream_id = stream_id;
  message->ufrag = g_strdup (ufrag);
  message->pwd = g_strdup (pwd);
  message->candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  return message;
}

static void
add_candidate (Message *self, const IceCandidate *candidate)
{
  IceCandidate copy = *candidate;

  copy.username = copy.password = NULL;
  g_array_append_val (self->candidates, copy);
}

static void
post (SimCall *self, Message *message)
{
  Side *from = &self->sides[1 - message->to];
  gint64 arrival = sim_world_get_now (self->world) + self->config.delay
                   + sim_random_between (&self->random, 0, self->config.jitter);

  arrival = from->last_arrival = MAX (arrival, from->last_arrival);
  sim_clock_at (sim_world_get_clock (self->world), arrival, deliver, message,
                message_free);
}

static gboolean
is_gathered (SimCall *self, guint side, guint stream_id)
{
  return g_array_index (self->sides[side].is_gathered, gboolean, stream_id - 1);
}

static gchar **
known_ufrag (SimCall *self, guint side, guint stream_id)
{
  return (gchar **)&self->sides[side].remote_ufrags->pdata[stream_id - 1];
}

static gboolean *
offering (SimCall *self, guint side, guint stream_id)
{
  return &g_array_index (self->sides[side].is_offering, gboolean, stream_id - 1);
}

/* Everything that one side can say of a stream now. */
static void
describe (SimCall *self, guint from, guint stream_id, Kind kind)
{
  IceEngine *engine = engine_of (self, from);
  const IceConfig *config = sim_peer_get_config (self->sides[from].peer);
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  Message *message = message_new (self, from, stream_id);

  for (guint i = 1; i <= ice_engine_get_n_components (engine, stream_id); i++)
    ice_engine_get_local_candidates (engine, stream_id, i, candidates);
  for (guint i = 0; i < candidates->len; i++)
    {
      const IceCandidate *candidate = &g_array_index (candidates, IceCandidate, i);

      if (candidate->type != ICE_CANDIDATE_PEER_REFLEXIVE
          && (!config->force_relay || candidate->type == ICE_CANDIDATE_RELAYED))
        add_candidate (message, candidate);
    }
  message->kind = kind;
  message->answers = g_strdup (*known_ufrag (self, from, stream_id));
  message->is_end = is_gathered (self, from, stream_id);
  post (self, message);
}

static void
on_event (gpointer owner, SimPeer *peer, const IceEvent *event)
{
  SimCall *self = owner;
  guint side = side_of (self, peer);
  Message *message;

  if (event->type == ICE_EVENT_GATHERING_DONE)
    {
      g_array_index (self->sides[side].is_gathered, gboolean, event->stream_id - 1) =
          TRUE;
      if (!self->config.trickle)
        describe (self, side, event->stream_id, FIRST);
    }
  if (!self->config.trickle
      || (event->type != ICE_EVENT_LOCAL_CANDIDATE
          && event->type != ICE_EVENT_GATHERING_DONE))
    return;
  message = message_new (self, side, event->stream_id);
  message->is_end = event->type == ICE_EVENT_GATHERING_DONE;
  if (event->type == ICE_EVENT_LOCAL_CANDIDATE)
    add_candidate (message, &event->candidate);
  post (self, message);
}

static void
start_side (SimCall *self, guint side)
{
  Side *started = &self->sides[side];

  started->is_started = TRUE;
  for (guint id = 1; id <= self->config.n_streams; id++)
    {
      if (self->config.trickle)
        describe (self, side, id, FIRST);
      sim_peer_gather (started->peer, id);
    }
}

/* --- Receiving --- */

static gboolean
is_acceptable (SimCall *self, const Message *message)
{
  gboolean is_offering = *offering (self, message->to, message->stream_id);
  const gchar *ufrag = "", *pwd;

  switch (message->kind)
    {
    case FIRST:
      return !is_offering;
    case OFFER:
      /* Two that cross: the left's counts. */
      return !is_offering || message->to == 1;
    case ANSWER:
      ice_engine_get_local_credentials (engine_of (self, message->to), message->stream_id,
                                        &ufrag, &pwd);
      return is_offering && g_str_equal (message->answers, ufrag);
    case CANDIDATES:
      /* RFC 8838 9: not of another generation. */
      return g_str_equal (*known_ufrag (self, message->to, message->stream_id),
                          message->ufrag);
    }
  g_assert_not_reached ();
}

/* What was freed is gathered anew, and candidates have not ended then. */
static void
restart (SimCall *self, guint side, guint stream_id)
{
  const IceConfig *config = sim_peer_get_config (self->sides[side].peer);

  if (config->free_candidates)
    g_array_index (self->sides[side].is_gathered, gboolean, stream_id - 1) = FALSE;
  ice_engine_restart_stream (engine_of (self, side), stream_id,
                             sim_world_get_now (self->world));
}

/* An offer of a new generation is the peer's restart, which a side that has not just
 * restarted by itself follows (RFC 8445 9). */
static void
take_description (SimCall *self, const Message *message)
{
  IceEngine *engine = engine_of (self, message->to);
  gchar **known = known_ufrag (self, message->to, message->stream_id);
  gboolean *is_offering = offering (self, message->to, message->stream_id);
  gint64 now = sim_world_get_now (self->world);

  if (message->kind == OFFER && !*is_offering)
    restart (self, message->to, message->stream_id);
  *is_offering = FALSE;
  g_free (*known);
  *known = g_strdup (message->ufrag);
  ice_engine_set_remote_credentials (engine, message->stream_id, message->ufrag,
                                     message->pwd, now);
  if (message->kind == OFFER)
    describe (self, message->to, message->stream_id, ANSWER);
}

static void
deliver (gpointer data)
{
  static const gchar *const kinds[] = { "", "a description, ", "an offer, ",
                                        "an answer, " };
  Message *message = data;
  SimCall *self = message->call;
  Side *side = &self->sides[message->to];
  IceEngine *engine = sim_peer_get_engine (side->peer);
  gint64 now = sim_world_get_now (self->world);

  sim_world_trace (self->world, "%s: is signalled %s%u candidates%s",
                   sim_peer_get_name (side->peer), kinds[message->kind],
                   message->candidates->len, message->is_end ? ", end" : "");
  if (!is_acceptable (self, message))
    {
      message_free (message);
      return;
    }
  if (message->kind != CANDIDATES)
    take_description (self, message);
  for (guint i = 0; i < message->candidates->len; i++)
    {
      const IceCandidate *candidate =
          &g_array_index (message->candidates, IceCandidate, i);

      ice_engine_add_remote_candidates (engine, message->stream_id,
                                        candidate->component_id, candidate, 1, now);
    }
  if (message->is_end)
    ice_engine_end_of_remote_candidates (engine, message->stream_id, now);
  sim_peer_drain (side->peer);
  message_free (message);
  if (!side->is_started)
    start_side (self, side_of (self, side->peer));
}

/* --- Life --- */

static void
call_free (gpointer data)
{
  SimCall *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (self->sides); i++)
    {
      g_ptr_array_unref (self->sides[i].remote_ufrags);
      g_array_unref (self->sides[i].is_gathered);
      g_array_unref (self->sides[i].is_offering);
    }
  g_free (self);
}

static void
init_side (SimCall *self, guint side, SimPeer *peer)
{
  static const SimPeerFuncs funcs = { on_event };
  Side *made = &self->sides[side];

  made->peer = peer;
  made->remote_ufrags = g_ptr_array_new_with_free_func (g_free);
  made->is_gathered = g_array_new (FALSE, TRUE, sizeof (gboolean));
  g_array_set_size (made->is_gathered, self->config.n_streams);
  made->is_offering = g_array_new (FALSE, TRUE, sizeof (gboolean));
  g_array_set_size (made->is_offering, self->config.n_streams);
  for (guint i = 0; i < self->config.n_streams; i++)
    {
      g_ptr_array_add (made->remote_ufrags, g_strdup (""));
      sim_peer_add_stream (peer, self->config.n_components);
    }
  sim_peer_set_funcs (peer, &funcs, self);
}

SimCall *
sim_call_new (SimPeer *left, SimPeer *right, const SimCallConfig *config)
{
  SimCall *self = g_new0 (SimCall, 1);

  self->world = sim_peer_get_world (left);
  if (config != NULL)
    self->config = *config;
  self->config.n_streams = MAX (self->config.n_streams, 1);
  self->config.n_components = MAX (self->config.n_components, 1);
  self->random = sim_random_fork (sim_world_get_random (self->world));
  init_side (self, 0, left);
  init_side (self, 1, right);
  sim_world_own (self->world, self, call_free);
  return self;
}

void
sim_call_start (SimCall *self)
{
  start_side (self, 0);
  if (!self->config.is_offer)
    start_side (self, 1);
}

void
sim_call_restart (SimCall *self, SimPeer *by)
{
  guint side = side_of (self, by);

  for (guint id = 1; id <= self->config.n_streams; id++)
    {
      gchar **known = known_ufrag (self, side, id);

      restart (self, side, id);
      g_free (*known);
      *known = g_strdup ("");
      *offering (self, side, id) = TRUE;
      sim_peer_drain (by);
      describe (self, side, id, OFFER);
    }
}

gint64
sim_call_get_last_arrival (const SimCall *self)
{
  return MAX (self->sides[0].last_arrival, self->sides[1].last_arrival);
}

SimPeer *
sim_call_get_left (SimCall *self)
{
  return self->sides[0].peer;
}

SimPeer *
sim_call_get_right (SimCall *self)
{
  return self->sides[1].peer;
}

/* --- Questions --- */

static gboolean
is_each (SimCall *self, gboolean failed_will_do)
{
  for (guint side = 0; side < G_N_ELEMENTS (self->sides); side++)
    for (guint i = 0; i < sim_peer_get_n_components (self->sides[side].peer); i++)
      {
        SimComponent *component = sim_peer_get_nth_component (self->sides[side].peer, i);

        if (component->state != ICE_COMPONENT_READY
            && !(failed_will_do && component->state == ICE_COMPONENT_FAILED))
          return FALSE;
      }
  return TRUE;
}

gboolean
sim_call_is_ready (SimCall *self)
{
  return is_each (self, FALSE);
}

gboolean
sim_call_is_settled (SimCall *self)
{
  return is_each (self, TRUE);
}

static gboolean
check_ready (gpointer data)
{
  return sim_call_is_ready (data);
}

static gboolean
check_settled (gpointer data)
{
  return sim_call_is_settled (data);
}

gboolean
sim_call_run_until_ready (SimCall *self, gint64 limit)
{
  return sim_world_run_till (self->world, check_ready, self,
                             sim_world_get_now (self->world) + limit);
}

gboolean
sim_call_run_until_settled (SimCall *self, gint64 limit)
{
  return sim_world_run_till (self->world, check_settled, self,
                             sim_world_get_now (self->world) + limit);
}

#define MAX_PROBES 60
#define PROBE_TIME (2 * SIM_SECOND)

typedef struct
{
  SimComponent *component;
  guint64 before;
} Arrival;

static gboolean
has_arrived (gpointer data)
{
  Arrival *arrival = data;

  return arrival->component->n_received > arrival->before;
}

static gboolean
one_way_agrees (SimCall *self, guint from, guint n)
{
  SimComponent *sender = sim_peer_get_nth_component (self->sides[from].peer, n);
  SimComponent *receiver = sim_peer_get_nth_component (self->sides[1 - from].peer, n);
  Arrival arrival = { receiver, receiver->n_received };

  if (!sender->is_selected || !receiver->is_selected)
    return FALSE;
  for (guint i = 0; i < MAX_PROBES && !has_arrived (&arrival); i++)
    {
      if (!sim_peer_send (self->sides[from].peer, sender->stream_id,
                          sender->component_id))
        return FALSE;
      sim_world_run_till (self->world, has_arrived, &arrival,
                          sim_world_get_now (self->world) + PROBE_TIME);
    }
  return has_arrived (&arrival) && receiver->last_base == receiver->base
         && sim_address_equal (&receiver->last_from, &receiver->to);
}

gboolean
sim_call_component_agrees (SimCall *self, guint n)
{
  return one_way_agrees (self, 0, n) && one_way_agrees (self, 1, n);
}

gboolean
sim_call_agrees (SimCall *self)
{
  for (guint n = 0; n < sim_peer_get_n_components (self->sides[0].peer); n++)
    if (!sim_call_component_agrees (self, n))
      return FALSE;
  return TRUE;
}
