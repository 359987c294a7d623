/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Credentials of a stream: how they are drawn and kept (RFC 8445 5.3). Must not know of
 * messages. */
#include "config.h"

#include "ice/credentials.h"

#include "ice/session.h"

#define UFRAG_LENGTH 4
#define PWD_LENGTH 22

/* 64 characters, so that six random bits pick one without bias. */
static const gchar ice_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
ice_credentials_generate (IceCredentials *self, IceSession *session)
{
  guint8 random[UFRAG_LENGTH + PWD_LENGTH];
  gchar text[sizeof random + 2];
  gchar *ufrag = text, *pwd = text + UFRAG_LENGTH + 1;

  ice_session_random (session, random, sizeof random);
  for (guint i = 0; i < UFRAG_LENGTH; i++)
    ufrag[i] = ice_chars[random[i] & 63];
  ufrag[UFRAG_LENGTH] = '\0';
  for (guint i = 0; i < PWD_LENGTH; i++)
    pwd[i] = ice_chars[random[UFRAG_LENGTH + i] & 63];
  pwd[PWD_LENGTH] = '\0';
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
