/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names under .local that stand for addresses of the peer. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* The name, which is asked for when it is its turn; NULL: there are too many. */
IceName *ice_names_ask (IceStream *stream, const gchar *text);
/* The name that was asked for by that id, and has that address now (NULL: none); NULL:
 * nobody waits for it. */
IceName *ice_names_answer (IceSession *session, guint id, const NiceAddress *address);
/* What is asked for by that id; NULL: nothing. */
const gchar *ice_names_get_text (const IceSession *session, guint id);
/* How many candidates wait for their address. */
guint ice_names_count_waiting (const IceStream *stream);
void ice_names_clear (IceStream *stream);

G_END_DECLS
