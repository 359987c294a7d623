/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests of ours that may still be answered. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Gives it an id and a place in the index; pair or binding is the owner's to set. */
IceRequest *ice_request_new (IceSession *session, IceRequestKind kind);
/* Joins the pair's, the oldest beyond ICE_MAX_REQUESTS goes. */
void ice_request_attach (IceRequest *self, IcePair *pair);
void ice_request_free (IceRequest *self);
IceRequest *ice_request_find (const IceSession *session, const guint8 *id);
void ice_request_start (IceRequest *self, const StunTiming *timing);
/* RFC 8445 7.3.1.4: sent no more, its lack of an answer means nothing, an answer counts.
 */
void ice_request_cancel_all (IcePair *pair);
void ice_request_free_all (IcePair *pair);

G_END_DECLS
