/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signs that a selected pair is lost, other than its silence. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* The host has lost that address, or has it again. */
void
ice_doubt_address (IceSession *session, const NiceAddress *address, gboolean is_there);
/* What is sent may take another way from now on. */
void ice_doubt_all (IceSession *session);
/* A check of the peer came on that pair. */
void ice_doubt_note_heard (const IcePair *pair);
/* Something changed: looks whether the path can move now. */
void ice_doubt_consider (IceComponent *component);
void ice_doubt_handle_timeout (IceComponent *component);

G_END_DECLS
