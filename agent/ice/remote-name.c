/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which candidates of the peer may wait for the address behind a name, and what they are
 * once it is known (draft-ietf-mmusic-mdns-ice-candidates 3.2.1). Must not know when a
 * name is asked for, nor what becomes of a candidate that has its address. */
#include "config.h"

#include "ice/remote-name.h"

#include "ice/names.h"
#include "ice/remote.h"
#include "ice/session.h"

/* The draft 3.2.1: with a policy of relays alone the name is not even looked up. */
static gboolean
is_wanted (const IceComponent *component, const IceCandidate *candidate)
{
  const IceStream *stream = component->stream;

  return !stream->session->config.force_relay && !ice_remote_is_over (stream)
         && ice_remote_is_acceptable (stream, candidate)
         && component->remotes.len + ice_names_count_waiting (stream)
                < ICE_MAX_REMOTE_CANDIDATES;
}

static gboolean
give (const IceName *name, const IceCandidate *candidate)
{
  IceComponent *component =
      ice_stream_get_component (name->stream, candidate->component_id);
  IceCandidate value = *candidate;

  if (!nice_address_is_valid (&name->address))
    return FALSE;
  value.addr = name->address;
  nice_address_set_port (&value.addr, nice_address_get_port (&candidate->addr));
  return ice_remote_add_candidates (component, &value, 1) > 0;
}

gboolean
ice_remote_name_add (IceComponent *component, const IceCandidate *candidate,
                     const gchar *text)
{
  IceCandidate value = *candidate;
  IceName *name;

  if (!is_wanted (component, candidate))
    return FALSE;
  name = ice_names_ask (component->stream, text);
  if (name == NULL)
    return FALSE;
  value.component_id = component->id;
  value.username = value.password = NULL; /* of dialects that have no such names */
  value.by_name = TRUE;
  component->n_signalled++;
  ice_component_unsettle (component);
  if (name->state == ICE_NAME_ANSWERED)
    return give (name, &value);
  g_array_append_val (name->candidates, value);
  return TRUE;
}

void
ice_remote_name_handle (IceSession *session, guint id, const NiceAddress *address)
{
  IceName *name = ice_names_answer (session, id, address);

  if (name == NULL)
    return;
  for (guint i = 0; i < name->candidates->len; i++)
    give (name, &g_array_index (name->candidates, IceCandidate, i));
  g_array_set_size (name->candidates, 0);
  ice_stream_unsettle (name->stream);
}
