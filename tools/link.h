/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries bytes both ways over a session of its own: a source that is asked for more, a
 * sink that gets what came, and the news of it. It knows neither files nor what the bytes
 * mean. */
#pragma once

#include "session.h"

#include <glib.h>

G_BEGIN_DECLS

typedef struct _Link Link;

#define LINK_END (-1)

typedef struct
{
  void (*gathered) (gpointer user_data);
  void (*state_changed) (NiceComponentState state, gpointer user_data);
  /* Fills @dest; returns the length, 0: nothing now, or LINK_END. */
  gssize (*fill) (guint8 *dest, gsize size, gpointer user_data);
  /* One more piece arrived. The user calls link_consume() once when done with it. */
  void (*arrived) (const guint8 *data, gsize len, gpointer user_data);
  /* Something about flow_is_sent and flow_is_received changed. */
  void (*progress) (gpointer user_data);
  void (*failed) (const GError *error, gpointer user_data);
} LinkEvents;

Link *
link_new (const SessionConfig *config, const LinkEvents *events, gpointer user_data);
void link_free (Link *self);
Session *link_get_session (Link *self);

/* The session is connected: bytes may go. */
void link_start (Link *self);
/* The source has more, or its end. */
void link_wake (Link *self);
void link_consume (Link *self);

gboolean link_is_sent (const Link *self);
gboolean link_is_received (const Link *self);
guint64 link_get_lost (const Link *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Link, link_free)

G_END_DECLS
