/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facade: finds what a call names, hands it to the module that knows, and keeps the
 * order of work. Must not contain a rule of ICE. */
#include "config.h"

#include "ice/engine.h"

#include "ice/base.h"
#include "ice/check-request.h"
#include "ice/check-response.h"
#include "ice/check-send.h"
#include "ice/component.h"
#include "ice/consent.h"
#include "ice/credentials.h"
#include "ice/doubt.h"
#include "ice/due.h"
#include "ice/engine-scope.h"
#include "ice/gather-server.h"
#include "ice/gather.h"
#include "ice/loss.h"
#include "ice/mapping.h"
#include "ice/message.h"
#include "ice/nominate.h"
#include "ice/relay.h"
#include "ice/restart.h"
#include "ice/role.h"
#include "ice/select.h"
#include "ice/server.h"
#include "ice/session.h"
#include "ice/silence.h"
#include "ice/stream.h"
#include "ice/tcp.h"

IceEngine *
ice_engine_new (const IceConfig *config, const IceEnv *env, gint64 now)
{
  IceEngine *self = g_new0 (IceEngine, 1);

  ice_session_init (self, config, env, now);
  return self;
}

void
ice_engine_free (IceEngine *self)
{
  ice_stream_remove_all (self);
  ice_server_clear (self);
  ice_session_clear (self);
  g_free (self);
}

void
ice_engine_set_config (IceEngine *self, const IceConfig *config, gint64 now)
{
  enter (self, now);
  ice_session_set_config (self, config);
  ice_role_take_wish (self, FALSE);
  leave (self);
}

/* --- input --- */

gboolean
ice_engine_handle_packet (IceEngine *self, IceBaseId base_id, const NiceAddress *from,
                          guint8 *data, gsize len, gint64 now)
{
  IceBase *base;
  StunView view;

  enter (self, now);
  base = ice_base_find (self, base_id);
  if (base == NULL || !base->open || !ice_message_parse (&view, self, data, len))
    return FALSE;
  if (view.klass == STUN_CLASS_REQUEST)
    ice_check_handle_request (base, from, &view);
  else if (view.klass != STUN_CLASS_INDICATION)
    ice_check_handle_response (base, from, &view);
  leave (self);
  return TRUE;
}

void
ice_engine_handle_base (IceEngine *self, IceBaseId base_id, const IceBaseResult *result,
                        gint64 now)
{
  IceBase *base;

  enter (self, now);
  base = ice_base_find (self, base_id);
  if (base == NULL || (base->open && base->kind != ICE_BASE_RELAY))
    return;
  switch (base->kind)
    {
    case ICE_BASE_UDP:
    case ICE_BASE_TCP_LISTEN:
      ice_gather_handle_base (base, result);
      break;
    case ICE_BASE_TCP_CONNECT:
    case ICE_BASE_TCP_SO:
      ice_tcp_handle_base (base, result);
      break;
    case ICE_BASE_RELAY:
      if (!ice_relay_handle_base (base, result))
        ice_loss_of_base (base, result->error);
      break;
    case ICE_BASE_SERVER:
      ice_gather_server_handle_server (base, result);
      break;
    }
  leave (self);
}

IceBaseId
ice_engine_handle_accept (IceEngine *self, IceBaseId listener, const NiceAddress *from,
                          gint64 now)
{
  IceBase *base;

  enter (self, now);
  base = ice_base_find (self, listener);
  return base != NULL ? ice_tcp_handle_accept (base, from) : 0;
}

void
ice_engine_handle_base_error (IceEngine *self, IceBaseId base_id, const NiceAddress *to,
                              IceReason reason, gint64 now)
{
  IceBase *base;

  enter (self, now);
  base = ice_base_find (self, base_id);
  if (base == NULL)
    return;
  if (to != NULL)
    ice_loss_of_path (base, to, reason);
  else
    ice_loss_of_base (base, reason);
  leave (self);
}

void
ice_engine_handle_addresses (IceEngine *self, guint server, const IceTarget *targets,
                             guint n, gboolean is_last, gint64 now)
{
  enter (self, now);
  ice_gather_server_handle_addresses (self, server, targets, n, is_last);
  leave (self);
}

void
ice_engine_handle_address (IceEngine *self, const NiceAddress *address, gboolean is_there,
                           gint64 now)
{
  enter (self, now);
  ice_doubt_address (self, address, is_there);
  leave (self);
}

void
ice_engine_handle_reroute (IceEngine *self, gint64 now)
{
  enter (self, now);
  ice_doubt_all (self);
  leave (self);
}

void
ice_engine_handle_timeout (IceEngine *self, gint64 now)
{
  IceTimer *timer;

  enter (self, now);
  while ((timer = ice_timers_pop_due (&self->timers, now)) != NULL)
    ice_due_handle (timer);
  leave (self);
}

void
ice_engine_note_traffic (IceEngine *self, guint stream_id, guint component_id,
                         gboolean sent, gboolean received, gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);

  enter (self, now);
  if (component != NULL && sent)
    ice_consent_note_sent (component);
  if (component != NULL && received)
    ice_silence_note_received (component);
}

void
ice_engine_fail_component (IceEngine *self, guint stream_id, guint component_id,
                           IceReason reason, gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);

  enter (self, now);
  if (component != NULL)
    ice_component_fail (component, reason);
  leave (self);
}

gint64
ice_engine_get_deadline (const IceEngine *self)
{
  return ice_timers_get_deadline (&self->timers);
}

gboolean
ice_engine_poll_transmit (IceEngine *self, IceTransmit *transmit)
{
  return ice_outbox_poll_transmit (&self->outbox, transmit);
}

gboolean
ice_engine_poll_event (IceEngine *self, IceEvent *event)
{
  return ice_outbox_poll_event (&self->outbox, event);
}

/* --- streams, credentials, gathering --- */

guint
ice_engine_add_stream (IceEngine *self, guint n_components, gint64 now)
{
  enter (self, now);
  return ice_stream_add (self, n_components)->id;
}

gboolean
ice_engine_remove_stream (IceEngine *self, guint stream_id, gint64 now)
{
  IceStream *stream = ice_session_find_stream (self, stream_id);

  if (stream == NULL)
    return FALSE;
  enter (self, now);
  ice_stream_remove (stream);
  leave (self);
  return TRUE;
}

gboolean
ice_engine_set_local_credentials (IceEngine *self, guint stream_id, const gchar *ufrag,
                                  const gchar *pwd, gint64 now)
{
  IceStream *stream = ice_session_find_stream (self, stream_id);

  if (stream == NULL)
    return FALSE;
  enter (self, now);
  ice_stream_set_local_credentials (stream, ufrag, pwd);
  return TRUE;
}

gboolean
ice_engine_set_remote_credentials (IceEngine *self, guint stream_id, const gchar *ufrag,
                                   const gchar *pwd, gint64 now)
{
  IceStream *stream = ice_session_find_stream (self, stream_id);

  if (stream == NULL)
    return FALSE;
  enter (self, now);
  ice_stream_set_remote_credentials (stream, ufrag, pwd);
  leave (self);
  return TRUE;
}

gboolean
ice_engine_set_port_range (IceEngine *self, guint stream_id, guint component_id,
                           guint16 min_port, guint16 max_port)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);

  if (component == NULL)
    return FALSE;
  ice_component_set_port_range (component, min_port, max_port);
  return TRUE;
}

guint
ice_engine_add_server (IceEngine *self, guint stream_id, guint component_id,
                       const IceServer *server, gint64 now)
{
  guint id;

  if (stream_id != 0 && ice_session_find_stream (self, stream_id) == NULL)
    return 0;
  if (component_id != 0
      && ice_session_find_component (self, stream_id, component_id) == NULL)
    return 0;
  enter (self, now);
  id = ice_server_add (self, stream_id, component_id, server);
  if (id != 0)
    ice_gather_server_ask_new (self, ice_server_find (self, id));
  leave (self);
  return id;
}

gboolean
ice_engine_forget_relays (IceEngine *self, guint stream_id, guint component_id,
                          gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);

  if (component == NULL)
    return FALSE;
  enter (self, now);
  ice_relay_forget (component);
  leave (self);
  return TRUE;
}

gboolean
ice_engine_gather (IceEngine *self, guint stream_id, const NiceAddress *addresses,
                   guint n_addresses, gint64 now)
{
  IceStream *stream = ice_session_find_stream (self, stream_id);
  gboolean started;

  if (stream == NULL)
    return FALSE;
  enter (self, now);
  started = ice_gather_start (stream, addresses, n_addresses);
  leave (self);
  return started;
}

void
ice_engine_ask_again (IceEngine *self, guint stream_id, gint64 now)
{
  IceStream *stream = ice_session_find_stream (self, stream_id);

  if (stream == NULL)
    return;
  enter (self, now);
  ice_gather_server_ask_again (stream);
  leave (self);
}

gboolean
ice_engine_hold_gathering (IceEngine *self, guint stream_id, gboolean hold, gint64 now)
{
  IceStream *stream = ice_session_find_stream (self, stream_id);

  if (stream == NULL)
    return FALSE;
  enter (self, now);
  ice_stream_hold_gathering (stream, hold);
  leave (self);
  return TRUE;
}

gboolean
ice_engine_add_mapping (IceEngine *self, guint stream_id, guint component_id,
                        IceTransport transport, const NiceAddress *local,
                        const NiceAddress *mapped, gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);
  IceEnd *host =
      component != NULL ? ice_mapping_find_host (component, transport, local) : NULL;
  gboolean is_new;

  if (host == NULL)
    return FALSE;
  enter (self, now);
  is_new = ice_mapping_add (host, mapped, TRUE);
  leave (self);
  return is_new;
}

/* --- course of a session --- */

gboolean
ice_engine_restart_stream (IceEngine *self, guint stream_id, gint64 now)
{
  IceStream *stream = ice_session_find_stream (self, stream_id);

  if (stream == NULL)
    return FALSE;
  enter (self, now);
  ice_restart_stream (stream);
  leave (self);
  return TRUE;
}

gboolean
ice_engine_revoke_consent (IceEngine *self, guint stream_id, guint component_id,
                           gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);

  if (component == NULL)
    return FALSE;
  enter (self, now);
  return ice_consent_revoke (component);
}

gboolean
ice_engine_select_pair (IceEngine *self, guint stream_id, guint component_id,
                        const gchar *local_foundation, const gchar *remote_foundation,
                        gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);
  gboolean selected;

  if (component == NULL)
    return FALSE;
  enter (self, now);
  selected = ice_select_pair (component, local_foundation, remote_foundation);
  leave (self);
  return selected;
}

gboolean
ice_engine_select_remote (IceEngine *self, guint stream_id, guint component_id,
                          const IceCandidate *remote, gint64 now)
{
  IceComponent *component = ice_session_find_component (self, stream_id, component_id);
  gboolean selected;

  if (component == NULL)
    return FALSE;
  enter (self, now);
  selected = ice_select_remote (component, remote);
  leave (self);
  return selected;
}
