/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates from signalling: which are taken, which update one already known
 * (RFC 8445 5.4, RFC 8838 11.4, 14). Must not know of checks. */
#include "config.h"

#include "ice/remote.h"

#include "ice/credentials.h"
#include "ice/dialect.h"
#include "ice/stream.h"
#include "ice/candidate.h"
#include "ice/checklist.h"
#include "ice/nominate.h"
#include "ice/pair.h"
#include "ice/session.h"

gboolean
ice_remote_is_over (const IceStream *stream)
{
  return stream->remote_ended && stream->session->config.trickle;
}

gboolean
ice_remote_is_acceptable (const IceStream *stream, const IceCandidate *candidate)
{
  const IceConfig *config = &stream->session->config;

  if (!nice_address_is_valid (&candidate->addr) || candidate->priority == 0
      || candidate->type == ICE_CANDIDATE_PEER_REFLEXIVE
      || candidate->type > ICE_CANDIDATE_RELAYED
      || candidate->transport > ICE_TRANSPORT_TCP_SO)
    return FALSE;
  return candidate->transport == ICE_TRANSPORT_UDP ? config->ice_udp : config->ice_tcp;
}

/* RFC 8838 11.4: one pair remains, with the signalled priority and foundation. */
static void
refresh_pairs (IceEnd *remote)
{
  IceComponent *component = remote->component;

  for (guint i = 0; i < component->locals.len; i++)
    {
      IcePair *pair = ice_pair_find (ice_list_get (&component->locals, i), remote);

      if (pair != NULL)
        ice_checklist_refresh_pair (pair);
    }
}

static void
update (IceEnd *remote, const IceCandidate *candidate)
{
  IceComponent *component = remote->component;
  IceCandidate *value = &remote->value;
  IcePair *selected = component->selected;
  gboolean renamed = strcmp (value->foundation, candidate->foundation) != 0;
  gboolean was_learned = value->type == ICE_CANDIDATE_PEER_REFLEXIVE;

  if (!renamed && value->priority == candidate->priority
      && value->type == candidate->type)
    return;
  if (was_learned)
    value->by_name = candidate->by_name;
  value->type = candidate->type;
  value->priority = candidate->priority;
  value->base_addr = candidate->base_addr;
  g_strlcpy (value->foundation, candidate->foundation, ICE_FOUNDATION_SIZE);
  refresh_pairs (remote);
  ice_nominate_compare_again (component);
  if (was_learned) /* it had but the pair that it was learned by */
    ice_checklist_pair_remote (remote);
  if (renamed && selected != NULL && selected == component->selected
      && selected->remote == remote)
    ice_nominate_tell_selected (component);
}

/* What is told as an address is no secret of a name: relays may hear of it. */
static void
reveal (IceEnd *remote)
{
  remote->value.by_name = FALSE;
  ice_checklist_pair_remote (remote);
}

/* In dialects whose candidates have them; all of a stream have the same. */
static void
take_names (IceStream *stream, const IceCandidate *candidate)
{
  if (ice_dialect_of (stream->session)->naming != ICE_NAMES_OF_STREAM
      && candidate->username != NULL && !ice_credentials_are_known (&stream->remote))
    ice_stream_learn_remote_credentials (stream, candidate->username,
                                         candidate->password != NULL ? candidate->password
                                                                     : "");
}

guint
ice_remote_add_candidates (IceComponent *component, const IceCandidate *candidates,
                           guint n)
{
  guint taken = 0;

  for (guint i = 0; i < n; i++)
    {
      const IceCandidate *candidate = &candidates[i];
      IceEnd *known;

      /* A name was told before the end, whenever it was found. */
      if ((ice_remote_is_over (component->stream) && !candidate->by_name)
          || !ice_remote_is_acceptable (component->stream, candidate))
        continue;
      take_names (component->stream, candidate);
      known =
          ice_candidate_find_remote (component, candidate->transport, &candidate->addr);
      if (known != NULL && known->value.by_name && !candidate->by_name)
        reveal (known);
      if (known != NULL
          && (known->value.type == candidate->type
              || known->value.type == ICE_CANDIDATE_PEER_REFLEXIVE))
        update (known, candidate);
      else if (component->remotes.len >= ICE_MAX_REMOTE_CANDIDATES)
        break;
      else
        {
          IceEnd *remote = ice_candidate_add_remote (component, candidate);

          if (known == NULL) /* two of one address make one pair (RFC 8445 6.1.2.4) */
            ice_checklist_pair_remote (remote);
        }
      taken++;
    }
  component->n_signalled += taken;
  ice_component_unsettle (component);
  return taken;
}

void
ice_remote_end (IceStream *stream)
{
  stream->remote_ended = TRUE;
  ice_stream_unsettle (stream);
}
