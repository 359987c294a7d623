/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that arrive before the peer's credentials (RFC 8445 7.3). */
#pragma once

#include "ice/model.h"

#include "ice/message.h"

G_BEGIN_DECLS

typedef struct
{
  IceBaseId base;
  NiceAddress from;
  IceCheck check;
} IceEarlyCheck;

/* Whether a check that comes there and from there can be kept. */
gboolean ice_early_has_room (const IceBase *base, const NiceAddress *from);
void ice_early_add (IceBase *base, const NiceAddress *from, const IceCheck *check);

G_END_DECLS
