/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all streams of one agent share: the checklist set and its surroundings
 * (RFC 8445 6.1.2.1). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

void ice_session_init (IceSession *self, const IceConfig *config, const IceEnv *env,
                       gint64 now);
/* Streams and servers are gone before. */
void ice_session_clear (IceSession *self);
void ice_session_set_config (IceSession *self, const IceConfig *config);

void ice_session_random (IceSession *self, gpointer dest, gsize len);
guint32 ice_session_random32 (IceSession *self);

IceStream *ice_session_find_stream (const IceSession *self, guint stream_id);
IceComponent *
ice_session_find_component (const IceSession *self, guint stream_id, guint component_id);
IceComponent *ice_stream_get_component (const IceStream *self, guint component_id);

/* Checks may be sent: we are not lite, and know the peer's credentials. */
gboolean ice_stream_may_check (const IceStream *self);
/* RFC 6544 8: no aggressive nomination with TCP candidates. */
IceNominationMode ice_stream_get_nomination (const IceStream *self);
/* RFC 8445 8.1.1: what is selected stays. */
gboolean ice_stream_nominates_once (const IceStream *self);
/* Starts the PAC timer once both sides may check (RFC 8863 4). */
void ice_stream_start_patience (IceStream *self);

/* Gathering is done once nothing is waited for. */
void ice_stream_update_gathering (IceStream *self);
void ice_stream_start_waiting (IceStream *self);
void ice_stream_stop_waiting (IceStream *self);
/* One more, or one less, that is no server is waited for. */
void ice_stream_hold_gathering (IceStream *self, gboolean hold);

/* Something changed; settle.c looks at it before the input ends. */
void ice_component_unsettle (IceComponent *self);
void ice_stream_unsettle (IceStream *self);
/* A nominated pair of this generation is selected. */
gboolean ice_component_is_concluded (const IceComponent *self);

G_END_DECLS
