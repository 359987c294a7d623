/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the engine what the properties of an agent, as they stand, ask of it. It decides
 * nothing but what a dialect rules out. */
#include "config.h"

#include "agent-core.h"
#include "ice/dialect.h"

gboolean
nice_agent_settings_are_bytestream (const NiceAgentSettings *settings)
{
  return ice_dialect_get (settings->compatibility)->is_bytestream;
}

gboolean
nice_agent_settings_allow_tcp (const NiceAgentSettings *settings)
{
  return ice_dialect_get (settings->compatibility)->has_tcp;
}

void
nice_agent_fill_config (const NiceAgent *self, IceConfig *config)
{
  const NiceAgentSettings *settings = &self->settings;

  ice_config_init (config);
  config->dialect = (IceDialect)settings->compatibility;
  config->nomination = (IceNominationMode)settings->nomination_mode;
  config->controlling = settings->controlling_mode;
  config->ice_udp = settings->ice_udp;
  config->tcp_so = settings->tcp_simultaneous_open;
  config->ice_tcp = settings->ice_tcp && nice_agent_settings_allow_tcp (settings);
  config->reliable = settings->reliable;
  config->force_relay = settings->force_relay;
  config->relay_dual_stack = settings->relay_dual_stack;
  config->relay_tcp = settings->relay_tcp;
  config->data_before_nomination =
      settings->data_before_nomination && !settings->reliable;
  config->free_candidates = settings->free_candidates;
  config->trickle = settings->ice_trickle;
  config->renomination = settings->support_renomination;
  config->consent = settings->consent_freshness;
  config->keepalive_check =
      settings->keepalive_conncheck || nice_agent_settings_are_bytestream (settings);
  config->max_pairs = settings->max_connectivity_checks;
  config->ta = settings->stun_pacing_timer * ICE_MS;
  config->process_pacing = settings->process_pacing;
  config->idle_timeout = settings->idle_timeout * ICE_MS;
  config->initial_timeout = settings->stun_initial_timeout * ICE_MS;
  config->max_retransmissions = settings->stun_max_retransmissions;
  config->reliable_timeout = settings->stun_reliable_timeout * ICE_MS;
  config->software = self->software;
  if (settings->udp_mux != NULL)
    config->ufrag_length = 8; /* four would meet among some thousand sessions */
  config->hides_hosts = settings->hide_host_addresses;
  config->hides_mapped = settings->mapped_addresses_only;
  if (settings->mappings != NULL)
    {
      config->mappings = (const IceMapping *)settings->mappings->data;
      config->n_mappings = settings->mappings->len;
    }
}
