/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The half of the facade that only looks: none of it changes anything. */
#include "config.h"

#include "ice/engine.h"

#include "ice/mapping.h"
#include "ice/names.h"
#include "ice/server.h"
#include "ice/session.h"
#include "ice/stats.h"

guint
ice_engine_get_n_components (const IceEngine *self, guint stream_id)
{
  const IceStream *stream = ice_session_find_stream (self, stream_id);

  return stream != NULL ? stream->n_components : 0;
}

gboolean
ice_engine_get_local_credentials (const IceEngine *self, guint stream_id,
                                  const gchar **ufrag, const gchar **pwd)
{
  const IceStream *stream = ice_session_find_stream (self, stream_id);

  if (stream == NULL)
    return FALSE;
  *ufrag = stream->local.ufrag;
  *pwd = stream->local.pwd;
  return TRUE;
}

const IceServer *
ice_engine_get_server (const IceEngine *self, guint server)
{
  const IceServerEntry *entry = ice_server_find (self, server);

  return entry != NULL ? &entry->value : NULL;
}

const gchar *
ice_engine_get_name (const IceEngine *self, guint name)
{
  return ice_names_get_text (self, name);
}

void
ice_engine_get_servers (const IceEngine *self, GArray *servers)
{
  for (guint i = 0; i < self->servers.len; i++)
    {
      const IceServerEntry *entry = ice_list_get (&self->servers, i);
      const IceServerInfo info = { entry->id,        entry->value,
                                   entry->stream_id, entry->component_id,
                                   entry->origin,    entry->last_error,
                                   entry->last_code, entry->last_detail };

      g_array_append_val (servers, info);
    }
}

gboolean
ice_engine_is_controlling (const IceEngine *self)
{
  return self->controlling;
}

IceComponentState
ice_engine_get_component_state (const IceEngine *self, guint stream_id,
                                guint component_id)
{
  const IceComponent *component =
      ice_session_find_component (self, stream_id, component_id);

  return component != NULL ? component->state : ICE_COMPONENT_FAILED;
}

IceReason
ice_engine_get_last_error (const IceEngine *self, guint stream_id, guint component_id)
{
  const IceComponent *component =
      ice_session_find_component (self, stream_id, component_id);

  return component != NULL ? component->last_error : ICE_REASON_NONE;
}

gboolean
ice_engine_get_local_candidates (const IceEngine *self, guint stream_id,
                                 guint component_id, GArray *candidates)
{
  const IceComponent *component =
      ice_session_find_component (self, stream_id, component_id);

  if (component == NULL)
    return FALSE;
  ice_stats_get_candidates (&component->locals, candidates);
  return TRUE;
}

gboolean
ice_engine_get_remote_candidates (const IceEngine *self, guint stream_id,
                                  guint component_id, GArray *candidates)
{
  const IceComponent *component =
      ice_session_find_component (self, stream_id, component_id);

  if (component == NULL)
    return FALSE;
  ice_stats_get_candidates (&component->remotes, candidates);
  return TRUE;
}

gboolean
ice_engine_get_selected_pair (const IceEngine *self, guint stream_id, guint component_id,
                              IceCandidate *local, IceCandidate *remote)
{
  const IceComponent *component =
      ice_session_find_component (self, stream_id, component_id);

  if (component == NULL || component->selected == NULL)
    return FALSE;
  *local = component->selected->local->value;
  *remote = component->selected->remote->value;
  return TRUE;
}

gboolean
ice_engine_has_gathered (const IceEngine *self, guint stream_id)
{
  const IceStream *stream = ice_session_find_stream (self, stream_id);

  return stream != NULL && stream->gather_started;
}

gboolean
ice_engine_has_host (const IceEngine *self, guint stream_id, guint component_id,
                     const NiceAddress *addr)
{
  const IceComponent *component =
      ice_session_find_component (self, stream_id, component_id);

  return component != NULL
         && (ice_mapping_has_host (component, ICE_TRANSPORT_UDP, addr)
             || ice_mapping_has_host (component, ICE_TRANSPORT_TCP_PASSIVE, addr));
}

gboolean
ice_engine_get_pairs (const IceEngine *self, guint stream_id, guint component_id,
                      GArray *pairs)
{
  const IceComponent *component =
      ice_session_find_component (self, stream_id, component_id);

  if (component == NULL)
    return FALSE;
  ice_stats_get_pairs (component, pairs);
  return TRUE;
}
