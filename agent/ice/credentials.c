/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Credentials of a stream: how they are drawn and kept (RFC 8445 5.3). Must not know of
 * messages. */
#include "config.h"

#include "ice/credentials.h"

#include "ice/dialect.h"
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

#define CODED_NAME_SIZE 32
#define CODED_PASSWORD_SIZE 16
#define CANDIDATE_NAME_LENGTH 16

/* Names of candidates last as long as these; a restart keeps them. */
static void
generate_for_candidates (IceCredentials *self, IceSession *session, IceNaming naming)
{
  guint8 random[CODED_NAME_SIZE + CODED_PASSWORD_SIZE];
  gchar name[CANDIDATE_NAME_LENGTH + 1];
  g_autofree gchar *coded = NULL;
  g_autofree gchar *password = NULL;

  if (ice_credentials_are_known (self))
    return;
  if (naming == ICE_NAMES_OF_CANDIDATE)
    {
      draw (session, name, CANDIDATE_NAME_LENGTH);
      ice_credentials_set (self, session, name, "");
      return;
    }
  ice_session_random (session, random, sizeof random);
  coded = g_base64_encode (random, CODED_NAME_SIZE);
  password = g_base64_encode (random + CODED_NAME_SIZE, CODED_PASSWORD_SIZE);
  ice_credentials_set (self, session, coded, password);
}

void
ice_credentials_generate (IceCredentials *self, IceSession *session)
{
  const IceNaming naming = ice_dialect_of (session)->naming;
  const guint length = MIN (session->config.ufrag_length, MAX_UFRAG_LENGTH);
  gchar ufrag[MAX_UFRAG_LENGTH + 1], pwd[PWD_LENGTH + 1];

  if (naming != ICE_NAMES_OF_STREAM)
    {
      generate_for_candidates (self, session, naming);
      return;
    }
  draw (session, ufrag, length);
  draw (session, pwd, PWD_LENGTH);
  ice_credentials_set (self, session, ufrag, pwd);
}

void
ice_credentials_set (IceCredentials *self, const IceSession *session, const gchar *ufrag,
                     const gchar *pwd)
{
  const gsize ufrag_size = strnlen (ufrag, ICE_MAX_CREDENTIAL) + 1;
  const gsize pwd_size = strnlen (pwd, ICE_MAX_CREDENTIAL) + 1;
  gchar *both = g_malloc (ufrag_size + pwd_size);

  g_strlcpy (both, ufrag, ufrag_size);
  g_strlcpy (both + ufrag_size, pwd, pwd_size);
  ice_credentials_clear (self);
  self->ufrag = both;
  self->pwd = both + ufrag_size;
  if (ice_dialect_of (session)->naming == ICE_NAMES_CODED)
    {
      gsize len;
      g_autofree guint8 *key = g_base64_decode (self->pwd, &len);

      stun_hmac_init (&self->key, STUN_HMAC_SHA1, key, len);
    }
  else
    stun_hmac_init (&self->key, STUN_HMAC_SHA1, self->pwd, strlen (self->pwd));
}

void
ice_credentials_clear (IceCredentials *self)
{
  g_clear_pointer (&self->ufrag, g_free);
  self->pwd = NULL;
  stun_hmac_clear (&self->key);
}
