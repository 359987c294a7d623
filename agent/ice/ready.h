/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has something to send: streams in turn, and pairs that do not wait for Ta. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* The stream may have something to check; it joins the round where it has. */
void ice_ready_wake (IceStream *stream);
/* The next stream of the round, which leaves it; NULL: none. */
IceStream *ice_ready_take (IceSession *session);
void ice_ready_forget (IceStream *stream);

/* The pair is sent to before the input ends. */
void ice_ready_urge (IcePair *pair);
IcePair *ice_ready_take_urgent (IceSession *session);
void ice_ready_calm (IcePair *pair);

G_END_DECLS
