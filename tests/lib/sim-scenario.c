/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Common set-up and assertions, for scenarios that read like prose. Builds no network. */
#include "config.h"

#include "sim-scenario.h"
#include "sim-peer-private.h"

IceConfig
sim_config (gboolean controlling, IceNominationMode nomination)
{
  IceConfig config;

  ice_config_init (&config);
  config.controlling = controlling;
  config.nomination = nomination;
  config.ice_tcp = FALSE;
  return config;
}

void
sim_scenario_init (SimScenario *self, guint64 seed, gint64 round_trip)
{
  *self = (SimScenario) { .world = sim_world_new (seed) };
  self->left_host = sim_host_open (self->world, "left", "198.51.100.1", round_trip / 4);
  self->right_host = sim_host_open (self->world, "right", "203.0.113.1", round_trip / 4);
}

void
sim_scenario_add_peers (SimScenario *self, const IceConfig *left, const IceConfig *right)
{
  self->left = sim_peer_new (self->left_host, "left", left);
  self->right = sim_peer_new (self->right_host, "right", right);
}

void
sim_scenario_add_server (SimScenario *self, IceServerKind kind, const gchar *host,
                         guint16 port)
{
  sim_peer_add_server (self->left, kind, host, port);
  sim_peer_add_server (self->right, kind, host, port);
}

void
sim_scenario_start (SimScenario *self, const SimCallConfig *signalling)
{
  self->call = sim_call_new (self->left, self->right, signalling);
  sim_call_start (self->call);
}

void
sim_scenario_clear (SimScenario *self)
{
  g_clear_pointer (&self->world, sim_world_free);
}

IceComponentState
sim_peer_get_state (SimPeer *self)
{
  return sim_peer_get_nth_component (self, 0)->state;
}

gboolean
sim_peer_has_selected_type (SimPeer *self, IceCandidateType local,
                            IceCandidateType remote)
{
  IceCandidate l, r;

  return sim_peer_get_selected (self, 1, 1, &l, &r) && l.type == local
         && r.type == remote;
}

SimInterface *
sim_peer_get_selected_interface (SimPeer *self)
{
  SimHost *host = sim_peer_get_host (self);
  IceCandidate local, remote;

  g_assert_true (sim_peer_get_selected (self, 1, 1, &local, &remote));
  for (guint i = 0; i < sim_host_get_n_interfaces (host); i++)
    {
      SimInterface *interface = sim_host_get_interface (host, i);

      if (sim_address_equal_ip (sim_interface_get_address (interface), &local.addr))
        return interface;
    }
  g_assert_not_reached ();
}

gboolean
sim_call_is_relayed (SimCall *self)
{
  SimPeer *peers[] = { sim_call_get_left (self), sim_call_get_right (self) };
  IceCandidate local, remote;

  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    if (sim_peer_get_selected (peers[i], 1, 1, &local, &remote)
        && local.type == ICE_CANDIDATE_RELAYED)
      return TRUE;
  return FALSE;
}

gboolean
sim_call_has_right_roles (SimCall *self)
{
  SimPeer *left = sim_call_get_left (self), *right = sim_call_get_right (self);
  gboolean began = sim_peer_get_config (left)->controlling;
  gboolean controls = ice_engine_is_controlling (sim_peer_get_engine (left));

  if (controls == ice_engine_is_controlling (sim_peer_get_engine (right)))
    return FALSE;
  if (began != sim_peer_get_config (right)->controlling)
    return controls == began;
  return controls
         == (sim_peer_get_first_tie_breaker (left)
             > sim_peer_get_first_tie_breaker (right));
}

void
sim_assert_selected (SimPeer *self, IceCandidateType local, IceCandidateType remote)
{
  IceCandidate l, r;

  if (!sim_peer_get_selected (self, 1, 1, &l, &r))
    sim_fail (sim_peer_get_world (self), "%s selected nothing", sim_peer_get_name (self));
  if (l.type != local || r.type != remote)
    sim_fail (sim_peer_get_world (self), "%s selected %s to %s, not %s to %s",
              sim_peer_get_name (self), sim_candidate_type_name (l.type),
              sim_candidate_type_name (r.type), sim_candidate_type_name (local),
              sim_candidate_type_name (remote));
}

void
sim_assert_ready (SimCall *call)
{
  SimPeer *peers[] = { sim_call_get_left (call), sim_call_get_right (call) };

  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    for (guint n = 0; n < sim_peer_get_n_components (peers[i]); n++)
      {
        SimComponent *component = sim_peer_get_nth_component (peers[i], n);

        if (component->state != ICE_COMPONENT_READY)
          sim_fail (sim_peer_get_world (peers[i]), "%s: %u.%u is %s, not ready",
                    sim_peer_get_name (peers[i]), component->stream_id,
                    component->component_id, sim_state_name (component->state));
      }
}

void
sim_assert_agreement (SimCall *call)
{
  if (!sim_call_agrees (call))
    sim_fail (sim_peer_get_world (sim_call_get_left (call)),
              "the two sides did not select the same path");
}

void
sim_assert_failed (SimPeer *self, IceReason reason)
{
  SimComponent *component = sim_peer_get_nth_component (self, 0);

  if (component->state != ICE_COMPONENT_FAILED || component->reason != reason)
    sim_fail (sim_peer_get_world (self), "%s is %s with reason %d, not failed with %d",
              sim_peer_get_name (self), sim_state_name (component->state),
              component->reason, reason);
}
