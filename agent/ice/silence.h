/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Media that stops coming, and paths that moved. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Media came on that component since the last input. */
void ice_silence_note_received (IceComponent *component);
void ice_silence_handle_timeout (IceComponent *component);

/* A check of the peer came on that pair: looks whether the selected one has moved there.
 */
void ice_silence_notice_move (IcePair *pair);

G_END_DECLS
