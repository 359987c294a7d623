/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drivers with real engines and real sockets on loopback, for the tests of the data
 * paths. Waits for conditions, never for a duration. */
#pragma once

#include "config.h"

#include "io/driver.h"

#include <string.h>

G_BEGIN_DECLS

typedef struct
{
  GObject *owner;
  NiceDriver *driver;
  guint stream_id;
  IceComponentState state;
  guint n_bytes, n_datagrams;
  gint tos;      /* of the last one */
  GString *text; /* what came, while it is not NULL */
  void (*on_data) (gpointer peer);
  void (*on_emit) (gpointer peer);
  gint n_notified;
} Peer;

static inline Peer *
get_peer (gpointer owner)
{
  return g_object_get_data (owner, "peer");
}

static inline void
note_event (gpointer owner, const IceEvent *event)
{
  Peer *peer = get_peer (owner);

  if (event->type == ICE_EVENT_COMPONENT_STATE)
    peer->state = event->state.state;
}

static inline void
emit (gpointer owner)
{
  Peer *peer = get_peer (owner);

  if (peer->on_emit != NULL)
    peer->on_emit (peer);
}

static const NiceDriverShell shell = { note_event, emit };

static inline void
free_driver (gpointer peer, GObject *owner)
{
  g_clear_pointer (&((Peer *)peer)->driver, nice_driver_free);
}

static inline void
init_peer_on (Peer *self, GMainContext *context, gboolean controlling, gboolean tcp,
              NiceMux *mux)
{
  IceConfig config;
  NiceAddress loopback;
  IceEngine *engine;
  gint64 now;

  *self = (Peer) { 0 };
  ice_config_init (&config);
  config.controlling = controlling;
  config.ice_udp = !tcp;
  config.ice_tcp = tcp;
  self->owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_object_set_data (self->owner, "peer", self);
  self->driver = nice_driver_new (self->owner, &shell, context, &config);
  if (mux != NULL)
    nice_driver_set_mux (self->driver, mux);
  g_object_weak_ref (self->owner, free_driver, self);

  g_assert_true (nice_address_set_from_string (&loopback, "127.0.0.1"));
  engine = nice_driver_enter (self->driver, &now);
  self->stream_id = ice_engine_add_stream (engine, 1, now);
  nice_driver_add_stream (self->driver, self->stream_id, 1);
  g_assert_true (ice_engine_gather (engine, self->stream_id, &loopback, 1, now));
  nice_driver_leave (self->driver);
}

static inline void
init_peer (Peer *self, GMainContext *context, gboolean controlling, gboolean tcp)
{
  init_peer_on (self, context, controlling, tcp, NULL);
}

static inline void
clear_peer (Peer *self)
{
  g_clear_object (&self->owner);
  g_assert_null (self->driver);
}

/* What signalling does: from's credentials and candidates to to. */
static inline void
tell (Peer *from, Peer *to)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  g_autofree gchar *ufrag = NULL, *pwd = NULL;
  const gchar *lent_ufrag, *lent_pwd;
  IceEngine *engine;
  gint64 now;

  engine = nice_driver_enter (from->driver, &now);
  ice_engine_get_local_credentials (engine, from->stream_id, &lent_ufrag, &lent_pwd);
  ufrag = g_strdup (lent_ufrag);
  pwd = g_strdup (lent_pwd);
  ice_engine_get_local_candidates (engine, from->stream_id, 1, candidates);
  nice_driver_leave (from->driver);
  g_assert_cmpuint (candidates->len, >, 0);

  engine = nice_driver_enter (to->driver, &now);
  ice_engine_set_remote_credentials (engine, to->stream_id, ufrag, pwd, now);
  ice_engine_add_remote_candidates (engine, to->stream_id, 1, (gpointer)candidates->data,
                                    candidates->len, now);
  nice_driver_leave (to->driver);
}

static inline void
receive (GObject *owner, const NiceReceived *received, gpointer data)
{
  Peer *peer = data;

  peer->n_bytes += received->len;
  peer->n_datagrams++;
  peer->tos = received->tos;
  if (peer->text != NULL)
    g_string_append_len (peer->text, (gchar *)received->data, received->len);
  if (peer->on_data != NULL)
    peer->on_data (peer);
}

static inline void
notify (gpointer data)
{
  ((Peer *)data)->n_notified++;
}

static inline gboolean
attach (Peer *self, GMainContext *context)
{
  return nice_driver_attach (self->driver, self->stream_id, 1, context, receive, self,
                             notify);
}

static inline gint
send_text (Peer *self, const gchar *text)
{
  GOutputVector vector = { text, strlen (text) };
  NiceSendMessage message = { &vector, 1 };

  return nice_driver_send (self->driver, self->stream_id, 1, &message, 1, NULL);
}

static inline void
connect_peers_on (Peer *a, Peer *b, GMainContext *context, gboolean tcp, NiceMux *mux)
{
  init_peer (a, context, TRUE, tcp);
  init_peer_on (b, context, FALSE, tcp, mux);
  tell (a, b);
  tell (b, a);
  while (a->state != ICE_COMPONENT_READY || b->state != ICE_COMPONENT_READY)
    g_main_context_iteration (context, TRUE);
}

static inline void
connect_peers (Peer *a, Peer *b, GMainContext *context, gboolean tcp)
{
  connect_peers_on (a, b, context, tcp, NULL);
}

static inline void
iterate_until (GMainContext *context, guint *value, guint wanted)
{
  while (*value < wanted)
    g_main_context_iteration (context, TRUE);
}

/* Messages of 1,200 bytes, all taken in one call. */
static inline void
send_batch (Peer *self, guint n, const gchar *payload)
{
  GOutputVector vectors[64];
  NiceSendMessage messages[64];

  for (guint i = 0; i < n; i++)
    {
      vectors[i] = (GOutputVector) { payload, 1200 };
      messages[i] = (NiceSendMessage) { &vectors[i], 1 };
    }
  g_assert_cmpint (nice_driver_send (self->driver, self->stream_id, 1, messages, n, NULL),
                   ==, n);
}

G_END_DECLS
