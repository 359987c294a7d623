/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of the facade by which signalling speaks of the peer. Must not contain a rule
 * of ICE. */
#include "config.h"

#include "ice/engine.h"

#include "ice/engine-scope.h"
#include "ice/remote-name.h"
#include "ice/remote.h"

guint
ice_engine_add_remote_candidates (IceEngine *self, guint stream_id, guint component_id,
                                  const IceCandidate *candidates, guint n_candidates,
                                  gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);
  guint taken;

  if (component == NULL)
    return 0;
  enter (self, now);
  taken = ice_remote_add_candidates (component, candidates, n_candidates);
  leave (self);
  return taken;
}

gboolean
ice_engine_end_of_remote_candidates (IceEngine *self, guint stream_id, gint64 now)
{
  IceStream *stream = ice_session_find_stream (self, stream_id);

  if (stream == NULL)
    return FALSE;
  enter (self, now);
  ice_remote_end (stream);
  leave (self);
  return TRUE;
}

gboolean
ice_engine_add_remote_name (IceEngine *self, guint stream_id, guint component_id,
                            const IceCandidate *candidate, const gchar *name, gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);
  gboolean taken;

  if (component == NULL)
    return FALSE;
  enter (self, now);
  taken = ice_remote_name_add (component, candidate, name);
  leave (self);
  return taken;
}

void
ice_engine_handle_name (IceEngine *self, guint name, const NiceAddress *address,
                        gint64 now)
{
  enter (self, now);
  ice_remote_name_handle (self, name, address);
  leave (self);
}
