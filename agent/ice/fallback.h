/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What takes over from a selected pair that has stopped answering. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* From now on each question to the selected pair is one to the others, too. */
void ice_fallback_begin (IceComponent *component);
/* Checks what it kept from being checked. */
void ice_fallback_widen (IceComponent *component);
/* The selected pair was asked once more. */
void ice_fallback_note_asked (IceComponent *component);
/* It was asked because no media comes. */
void ice_fallback_note_silence (IceComponent *component);
/* A check of the peer came on that pair. */
void ice_fallback_note_heard (IcePair *pair);
/* It has answered, or another one is selected. */
void ice_fallback_forget (IceComponent *component);
/* Consent ends. TRUE: the selected pair was given up, since another one answers. */
gboolean ice_fallback_moves (IceComponent *component);
/* As that, of media that has stopped for long enough. */
gboolean ice_fallback_moves_early (IceComponent *component);

G_END_DECLS
