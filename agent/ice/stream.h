/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A data stream's beginning and end. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

IceStream *ice_stream_add (IceSession *session, guint n_components);
void ice_stream_remove (IceStream *self);
void ice_stream_remove_all (IceSession *session);
/* Both without effect where candidates bring them. */
void
ice_stream_set_local_credentials (IceStream *self, const gchar *ufrag, const gchar *pwd);
void
ice_stream_set_remote_credentials (IceStream *self, const gchar *ufrag, const gchar *pwd);
/* Whoever brought them. */
void ice_stream_learn_remote_credentials (IceStream *self, const gchar *ufrag,
                                          const gchar *pwd);

G_END_DECLS
