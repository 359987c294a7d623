/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who controls (RFC 8445 6.1.1, 7.3.1.1, 7.2.5.1). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

typedef enum
{
  ICE_ROLE_FINE,
  ICE_ROLE_REFUSE, /* answer 487 */
  ICE_ROLE_SWITCH
} IceRoleVerdict;

/* A check announces the peer's role; both ends must not have the same. */
IceRoleVerdict ice_role_judge (const IceSession *session, gboolean peer_controls,
                               guint64 peer_tie_breaker);
void ice_role_set (IceSession *session, gboolean controlling, const gchar *reason);
/* A 487 answered a check that announced that role. */
void ice_role_handle_conflict (IceSession *session, gboolean announced);
/* What the application wishes is taken while nothing has begun, else at a restart. */
void ice_role_take_wish (IceSession *session, gboolean restarting);

G_END_DECLS
