/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Credentials of a stream: how they are drawn and kept (RFC 8445 5.3). Must not know of
 * messages. */
#include "config.h"

#include "ice/credentials.h"

#include "ice/session.h"

#define MAX_UFRAG_LENGTH 16
#define PWD_LENGTH 22

/* 64 characters, so that six random bits pick one without bias. */
static const gchar ice_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
draw (IceSession *session, gchar *text, guint length)
{
  guint8 random[MAX (MAX_UFRAG_LENGTH, PWD_LENGTH)];

  ice_session_random (session, random, length);
  for (guint i = 0; i < length; i++)
    text[i] = ice_chars[random[i] & 63];
  text[length] = '\0';
}

void
ice_credentials_generate (IceCredentials *self, IceSession *session)
{
  const guint length = MIN (session->config.ufrag_length, MAX_UFRAG_LENGTH);
  gchar ufrag[MAX_UFRAG_LENGTH + 1], pwd[PWD_LENGTH + 1];

  draw (session, ufrag, length);
  draw (session, pwd, PWD_LENGTH);
  ice_credentials_set (self, ufrag, pwd);
}

void
ice_credentials_set (IceCredentials *self, const gchar *ufrag, const gchar *pwd)
{
  g_autofree gchar *new_ufrag = g_strndup (ufrag, ICE_MAX_CREDENTIAL);
  g_autofree gchar *new_pwd = g_strndup (pwd, ICE_MAX_CREDENTIAL);

  ice_credentials_clear (self);
  self->ufrag = g_steal_pointer (&new_ufrag);
  self->pwd = g_steal_pointer (&new_pwd);
  stun_hmac_init (&self->key, STUN_HMAC_SHA1, self->pwd, strlen (self->pwd));
}

void
ice_credentials_clear (IceCredentials *self)
{
  g_clear_pointer (&self->ufrag, g_free);
  g_clear_pointer (&self->pwd, g_free);
  stun_hmac_clear (&self->key);
}
