/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* User name fragment and password of one side of a stream, and the key made of them. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* RFC 8445 5.3: at least 4 and 22 characters, 24 and 132 random bits. */
void ice_credentials_generate (IceCredentials *self, IceSession *session);
/* Takes at most ICE_MAX_CREDENTIAL bytes of each. */
void ice_credentials_set (IceCredentials *self, const IceSession *session,
                          const gchar *ufrag, const gchar *pwd);
void ice_credentials_clear (IceCredentials *self);

static inline gboolean
ice_credentials_are_known (const IceCredentials *self)
{
  return self->ufrag != NULL;
}

G_END_DECLS
