/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a simulated peer has seen, for tests to ask. Changes nothing. */
#include "config.h"

#include "sim-peer-private.h"

SimComponent *
sim_peer_get_component (SimPeer *self, guint stream_id, guint component_id)
{
  for (guint i = 0; i < self->components->len; i++)
    {
      SimComponent *component = g_ptr_array_index (self->components, i);

      if (component->stream_id == stream_id && component->component_id == component_id)
        return component;
    }
  return NULL;
}

guint
sim_peer_get_n_components (const SimPeer *self)
{
  return self->components->len;
}

SimComponent *
sim_peer_get_nth_component (SimPeer *self, guint n)
{
  return g_ptr_array_index (self->components, n);
}

gboolean
sim_peer_get_selected (SimPeer *self, guint stream_id, guint component_id,
                       IceCandidate *local, IceCandidate *remote)
{
  return ice_engine_get_selected_pair (self->engine, stream_id, component_id, local,
                                       remote);
}

guint
sim_peer_get_n_records (const SimPeer *self)
{
  return self->records->len;
}

const SimRecord *
sim_peer_get_record (const SimPeer *self, guint i)
{
  return &g_array_index (self->records, SimRecord, i);
}

gint64
sim_peer_when (const SimPeer *self, IceEventType type, guint n)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      const SimRecord *kept = sim_peer_get_record (self, i);

      if (kept->event.type == type && n-- == 0)
        return kept->when;
    }
  return SIM_NEVER;
}

guint
sim_peer_count (const SimPeer *self, IceEventType type)
{
  guint n = 0;

  for (guint i = 0; i < self->records->len; i++)
    n += sim_peer_get_record (self, i)->event.type == type;
  return n;
}

guint64
sim_peer_get_n_transmits (const SimPeer *self)
{
  return self->n_transmits;
}

gint64
sim_peer_get_first_transmit (const SimPeer *self)
{
  return self->first_transmit;
}

guint64
sim_peer_get_n_timeouts (const SimPeer *self)
{
  return self->n_timeouts;
}

guint64
sim_peer_get_first_tie_breaker (const SimPeer *self)
{
  return self->first_tie_breaker;
}

guint
sim_peer_get_n_requests_to (const SimPeer *self, const NiceAddress *to)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->requests, to));
}

const gchar *
sim_event_name (IceEventType type)
{
  static const gchar *const names[] = {
    "need base",       "drop base",       "need addresses",   "doubt",
    "need permission", "local candidate", "remote candidate", "gathering done",
    "initial binding", "valid path",      "data path",        "selected pair",
    "component state", "consent"
  };

  return (guint)type < G_N_ELEMENTS (names) ? names[type] : "?";
}

const gchar *
sim_state_name (IceComponentState state)
{
  static const gchar *const names[] = { "disconnected", "gathering", "connecting",
                                        "connected",    "ready",     "failed" };

  return (guint)state < G_N_ELEMENTS (names) ? names[state] : "?";
}

const gchar *
sim_candidate_type_name (IceCandidateType type)
{
  static const gchar *const names[] = { "host", "srflx", "prflx", "relay" };

  return (guint)type < G_N_ELEMENTS (names) ? names[type] : "?";
}
