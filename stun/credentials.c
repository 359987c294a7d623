/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Client credentials: challenges are learned here, keys made once per challenge, and each
 * response is judged. Everything a server can make us keep is bounded: realm, nonce and
 * the list of algorithms by the message they came in. RFC 8489 9.1, 9.2, 18.1, 18.5; RFC
 * 7635 5.
 *
 * Generations: the stamp of a request is the number of challenges learned before it. Of
 * two requests in flight when a nonce goes stale the first 438 is learned; the second
 * carries an older stamp, so it is simply written anew and does not count as another
 * challenge. */
#include "config.h"

#include "stun/credentials.h"

#include <openssl/crypto.h>

#include "stun/attributes.h"
#include "stun/opaque-string.h"

typedef enum
{
  SHORT_TERM,
  LONG_TERM,
  TOKEN
} Mechanism;

typedef enum
{
  KIND_SHA1 = 1 << 0,
  KIND_SHA256 = 1 << 1
} Kinds;

struct _StunCredentials
{
  Mechanism mechanism;
  StunCredentialsFlags flags;
  GBytes *username, *password; /* prepared; of a token: key id and mac_key */
  GBytes *token;
  GBytes *realm, *nonce;        /* as the server sent them */
  GBytes *algorithms;           /* value of PASSWORD-ALGORITHMS; NULL: none was offered */
  GBytes *authorization_server; /* value of THIRD-PARTY-AUTHORIZATION */
  guint16 algorithm;            /* the one chosen from the list */
  gboolean is_anonymous;        /* USERHASH instead of USERNAME */
  guint8 userhash[STUN_USERHASH_SIZE];
  Kinds kinds; /* integrity attributes that requests carry */
  StunHmac sha1, sha256;
  StunStamp generation;
  guint challenges; /* since the last authenticated response */
};

static StunBytes
get_bytes (GBytes *bytes)
{
  StunBytes run = { NULL, 0 };

  if (bytes != NULL)
    run.data = g_bytes_get_data (bytes, &run.len);
  return run;
}

static void
set_bytes (GBytes **at, StunBytes value)
{
  g_clear_pointer (at, g_bytes_unref);
  *at = g_bytes_new (value.data, value.len);
}

static void
wipe_bytes (GBytes **at)
{
  StunBytes run = get_bytes (*at);

  if (run.len > 0)
    OPENSSL_cleanse ((guint8 *)run.data, run.len);
  g_clear_pointer (at, g_bytes_unref);
}

static void
set_keys (StunCredentials *self, const void *key, gsize len)
{
  stun_hmac_init (&self->sha1, STUN_HMAC_SHA1, key, len);
  stun_hmac_init (&self->sha256, STUN_HMAC_SHA256, key, len);
}

static StunCredentials *
credentials_new (Mechanism mechanism, GBytes *username, GBytes *password,
                 StunCredentialsFlags flags)
{
  StunCredentials *self = g_new0 (StunCredentials, 1);

  self->mechanism = mechanism;
  self->flags = flags;
  self->username = username;
  self->password = password;
  return self;
}

StunCredentials *
stun_credentials_new_short_term (StunBytes username, StunBytes password,
                                 StunCredentialsFlags flags)
{
  StunCredentials *self =
      credentials_new (SHORT_TERM, stun_prepare_credential (username, FALSE),
                       stun_prepare_credential (password, FALSE), flags);
  StunBytes key = get_bytes (self->password);

  set_keys (self, key.data, key.len);
  self->kinds = flags & STUN_CREDENTIALS_SHA1_ONLY ? KIND_SHA1 : KIND_SHA1 | KIND_SHA256;
  self->generation = 1;
  return self;
}

StunCredentials *
stun_credentials_new_long_term (StunBytes username, StunBytes password,
                                StunCredentialsFlags flags)
{
  return credentials_new (LONG_TERM, stun_prepare_credential (username, FALSE),
                          stun_prepare_credential (password, FALSE), flags);
}

StunCredentials *
stun_credentials_new_token (StunBytes key_id, StunBytes token, StunBytes mac_key,
                            StunCredentialsFlags flags)
{
  StunCredentials *self = credentials_new (TOKEN, NULL, NULL, flags);

  stun_credentials_set_token (self, key_id, token, mac_key);
  self->generation = 0;
  return self;
}

/* With bytes of its own: they are wiped when self is freed. */
static GBytes *
dup_secret (GBytes *bytes)
{
  const StunBytes run = get_bytes (bytes);

  return bytes != NULL ? g_bytes_new (run.data, run.len) : NULL;
}

static GBytes *
share (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_ref (bytes) : NULL;
}

StunCredentials *
stun_credentials_dup (const StunCredentials *self)
{
  StunCredentials *copy = g_memdup2 (self, sizeof *self);

  copy->password = dup_secret (self->password);
  copy->token = dup_secret (self->token);
  copy->username = share (self->username);
  copy->realm = share (self->realm);
  copy->nonce = share (self->nonce);
  copy->algorithms = share (self->algorithms);
  copy->authorization_server = share (self->authorization_server);
  return copy;
}

void
stun_credentials_free (StunCredentials *self)
{
  wipe_bytes (&self->password);
  wipe_bytes (&self->token);
  g_clear_pointer (&self->username, g_bytes_unref);
  stun_credentials_reset (self);
  stun_hmac_clear (&self->sha1);
  stun_hmac_clear (&self->sha256);
  g_free (self);
}

void
stun_credentials_set_token (StunCredentials *self, StunBytes key_id, StunBytes token,
                            StunBytes mac_key)
{
  wipe_bytes (&self->password);
  wipe_bytes (&self->token);
  set_bytes (&self->username, key_id);
  set_bytes (&self->password, mac_key);
  set_bytes (&self->token, token);
  self->mechanism = TOKEN;
  self->kinds = KIND_SHA1; /* RFC 7635 5: MESSAGE-INTEGRITY, keyed by mac_key itself */
  set_keys (self, mac_key.data, mac_key.len);
  self->generation++;
}

void
stun_credentials_reset (StunCredentials *self)
{
  g_clear_pointer (&self->realm, g_bytes_unref);
  g_clear_pointer (&self->nonce, g_bytes_unref);
  g_clear_pointer (&self->algorithms, g_bytes_unref);
  g_clear_pointer (&self->authorization_server, g_bytes_unref);
  self->algorithm = 0;
  self->is_anonymous = FALSE;
  self->challenges = 0;
}

gboolean
stun_credentials_is_ready (const StunCredentials *self)
{
  return self->mechanism == SHORT_TERM || self->nonce != NULL;
}

StunBytes
stun_credentials_get_authorization_server (const StunCredentials *self)
{
  return get_bytes (self->authorization_server);
}

/* --- writing --- */

static void
write_bytes (StunWriter *writer, guint16 type, GBytes *bytes)
{
  StunBytes run = get_bytes (bytes);

  stun_writer_append_bytes (writer, type, run.data, run.len);
}

static void
write_token (const StunCredentials *self, StunWriter *writer)
{
  guint method = stun_wire_type_get_method (stun_load16 (writer->data));

  /* RFC 7635 9: a token is for the requests that make or keep an allocation. */
  if (method == STUN_METHOD_ALLOCATE || method == STUN_METHOD_REFRESH)
    write_bytes (writer, STUN_ATTR_ACCESS_TOKEN, self->token);
}

StunStamp
stun_credentials_write (const StunCredentials *self, StunWriter *writer)
{
  if (!stun_credentials_is_ready (self) || writer->overflow)
    return 0;
  if (self->is_anonymous)
    stun_writer_append_bytes (writer, STUN_ATTR_USERHASH, self->userhash,
                              sizeof self->userhash);
  else
    write_bytes (writer, STUN_ATTR_USERNAME, self->username);
  if (self->mechanism != SHORT_TERM)
    {
      write_bytes (writer, STUN_ATTR_REALM, self->realm);
      write_bytes (writer, STUN_ATTR_NONCE, self->nonce);
    }
  if (self->algorithms != NULL)
    {
      write_bytes (writer, STUN_ATTR_PASSWORD_ALGORITHMS, self->algorithms);
      stun_attr_write_algorithms (writer, STUN_ATTR_PASSWORD_ALGORITHM, &self->algorithm,
                                  1);
    }
  if (self->mechanism == TOKEN)
    write_token (self, writer);
  if (self->kinds & KIND_SHA1)
    stun_integrity_write (writer, &self->sha1);
  if (self->kinds & KIND_SHA256)
    stun_integrity_write (writer, &self->sha256);
  return self->generation;
}

/* --- challenges --- */

/* What a 401 or 438 says. Runs point into the response. */
typedef struct
{
  StunBytes realm, nonce, algorithms;
  gboolean has_realm, has_algorithms;
  StunFeatures features;
  guint16 algorithm;
} Challenge;

/* RFC 8489 9.2.5: the first supported one; RFC 8656 6: SHA-256 before MD5. 0: none. */
static guint16
choose_algorithm (StunBytes list, gboolean is_turn)
{
  guint16 chosen = 0;
  StunAlgorithm entry;

  while (stun_algorithms_take (&list, &entry) == STUN_RULE_KEPT)
    {
      if (entry.parameters.len > 0)
        continue; /* not the algorithm we know: those have none (RFC 8489 18.5.1) */
      if (entry.algorithm == STUN_PASSWORD_ALGORITHM_SHA256)
        return chosen == 0 || is_turn ? entry.algorithm : chosen;
      if (entry.algorithm == STUN_PASSWORD_ALGORITHM_MD5 && chosen == 0)
        chosen = entry.algorithm;
    }
  return chosen;
}

/* Whether the nonce of a response claims password algorithms and the list is missing:
 * someone took it out (RFC 8489 9.2.1, 9.2.5). */
static gboolean
is_bid_down (const StunView *response)
{
  StunBytes nonce;
  StunFeatures features;

  return stun_attr_read_bytes (response, STUN_ATTR_NONCE, &nonce) == STUN_RULE_KEPT
         && stun_nonce_get_features (nonce, &features)
         && (features & STUN_FEATURE_PASSWORD_ALGORITHMS)
         && !stun_view_has (response, STUN_ATTR_PASSWORD_ALGORITHMS);
}

static StunRule
read_challenge (const StunCredentials *self, const StunView *response,
                Challenge *challenge)
{
  StunRule rule = stun_attr_read_bytes (response, STUN_ATTR_NONCE, &challenge->nonce);

  if (rule != STUN_RULE_KEPT)
    return rule;
  stun_nonce_get_features (challenge->nonce, &challenge->features);
  rule = stun_attr_read_bytes (response, STUN_ATTR_REALM, &challenge->realm);
  challenge->has_realm = rule == STUN_RULE_KEPT;
  /* RFC 5389 servers may leave REALM out of a 438. */
  if (rule != STUN_RULE_KEPT && (rule != STUN_RULE_ABSENT || self->realm == NULL))
    return rule;
  rule = stun_attr_read_bytes (response, STUN_ATTR_PASSWORD_ALGORITHMS,
                               &challenge->algorithms);
  challenge->has_algorithms = rule == STUN_RULE_KEPT;
  if (rule != STUN_RULE_KEPT && rule != STUN_RULE_ABSENT)
    return rule;
  if (is_bid_down (response) || (!challenge->has_algorithms && self->algorithms != NULL))
    return STUN_RULE_PASSWORD_ALGORITHM;
  if (!challenge->has_algorithms)
    return STUN_RULE_KEPT;
  challenge->algorithm =
      choose_algorithm (challenge->algorithms, self->flags & STUN_CREDENTIALS_TURN);
  return challenge->algorithm != 0 ? STUN_RULE_KEPT : STUN_RULE_PASSWORD_ALGORITHM;
}

/* Keys and hash of the user under the realm just learned (RFC 8489 9.2.2, 14.4). */
static void
make_keys (StunCredentials *self)
{
  g_autoptr (GBytes) name = stun_prepare_credential (get_bytes (self->username), TRUE);
  g_autoptr (GBytes) realm = stun_prepare_credential (get_bytes (self->realm), TRUE);
  guint8 key[STUN_LONG_TERM_KEY_MAX_SIZE];
  gsize len = stun_long_term_key (self->algorithm, get_bytes (name), get_bytes (realm),
                                  get_bytes (self->password), key);

  set_keys (self, key, len);
  OPENSSL_cleanse (key, sizeof key);
  if (self->is_anonymous)
    stun_userhash (get_bytes (self->username), get_bytes (realm), self->userhash);
}

static void
learn (StunCredentials *self, const Challenge *challenge)
{
  self->generation++;
  set_bytes (&self->nonce, challenge->nonce);
  if (challenge->has_realm)
    set_bytes (&self->realm, challenge->realm);
  if (self->mechanism == TOKEN)
    return;
  g_clear_pointer (&self->algorithms, g_bytes_unref);
  if (challenge->has_algorithms)
    set_bytes (&self->algorithms, challenge->algorithms);
  self->algorithm = challenge->algorithm;
  self->is_anonymous = (challenge->features & STUN_FEATURE_USERNAME_ANONYMITY) != 0;
  /* RFC 8489 9.2.5: with a list of algorithms, SHA-256 integrity only; without one the
   * server may know nothing newer than RFC 5389. */
  self->kinds = challenge->has_algorithms ? KIND_SHA256 : KIND_SHA1;
  make_keys (self);
}

static void
note_authorization_server (StunCredentials *self, const StunView *response)
{
  StunBytes server;

  if (stun_attr_read_text (response, STUN_ATTR_THIRD_PARTY_AUTHORIZATION, &server)
      == STUN_RULE_KEPT)
    set_bytes (&self->authorization_server, server);
}

static StunVerdict
handle_challenge (StunCredentials *self, StunStamp stamp, guint16 code,
                  const StunView *response, StunRule *rule)
{
  Challenge challenge = { .features = 0 };

  if (code == STUN_CODE_UNAUTHENTICATED)
    note_authorization_server (self, response);
  if (stamp != self->generation)
    return STUN_VERDICT_RETRY; /* others have learned since this request was written */
  *rule = read_challenge (self, response, &challenge);
  if (*rule != STUN_RULE_KEPT)
    return STUN_VERDICT_FAIL;
  /* RFC 8489 9.2.5: never again with the same name, realm and password. */
  if (code == STUN_CODE_UNAUTHENTICATED && self->nonce != NULL
      && (!challenge.has_realm
          || stun_bytes_equal (challenge.realm, get_bytes (self->realm))))
    {
      *rule = STUN_RULE_USERNAME;
      return STUN_VERDICT_FAIL;
    }
  if (++self->challenges > STUN_CREDENTIALS_MAX_CHALLENGES)
    {
      *rule = STUN_RULE_NONCE;
      return STUN_VERDICT_FAIL;
    }
  learn (self, &challenge);
  return STUN_VERDICT_RETRY;
}

/* --- responses --- */

/* Integrity of the kinds that requests carry; a short-term peer decides between two of
 * them by its first answer (RFC 8489 9.1.4, 9.1.5). A server with password algorithms
 * answers with SHA-256, one without may use either (RFC 8489 9.2.4). */
static StunRule
verify (StunCredentials *self, const StunView *response)
{
  Kinds allowed = self->kinds;
  StunRule rule;

  if (self->mechanism == LONG_TERM && self->algorithms == NULL)
    allowed = KIND_SHA1 | KIND_SHA256;
  if ((allowed & KIND_SHA256) && response->integrity_sha256 != 0)
    rule = stun_integrity_verify (response, &self->sha256);
  else if (allowed & KIND_SHA1)
    rule = stun_integrity_verify (response, &self->sha1);
  else
    rule = STUN_RULE_NO_INTEGRITY;
  if (rule == STUN_RULE_KEPT && self->mechanism != TOKEN)
    self->kinds = (allowed & KIND_SHA256) && response->integrity_sha256 != 0 ? KIND_SHA256
                                                                             : KIND_SHA1;
  return rule;
}

static StunVerdict
judge (StunCredentials *self, StunStamp stamp, const StunView *response, StunRule *rule)
{
  gboolean is_authenticated = stamp != 0;
  StunErrorValue error = { .code = 0 };

  if (response->klass == STUN_CLASS_ERROR)
    *rule = stun_attr_read_error (response, &error);
  if (*rule != STUN_RULE_KEPT)
    return is_authenticated ? STUN_VERDICT_IGNORE : STUN_VERDICT_FAIL;
  if (self->mechanism != SHORT_TERM
      && (error.code == STUN_CODE_UNAUTHENTICATED || error.code == STUN_CODE_STALE_NONCE))
    return handle_challenge (self, stamp, error.code, response, rule);
  if (is_bid_down (response))
    {
      *rule = STUN_RULE_PASSWORD_ALGORITHM;
      return STUN_VERDICT_IGNORE;
    }
  if (!is_authenticated)
    {
      /* RFC 8489 14.8: a redirection nobody signed is not followed. */
      if (error.code == STUN_CODE_TRY_ALTERNATE)
        *rule = STUN_RULE_NO_INTEGRITY;
      return *rule == STUN_RULE_KEPT ? STUN_VERDICT_ACCEPT : STUN_VERDICT_FAIL;
    }
  *rule = verify (self, response);
  if (*rule == STUN_RULE_KEPT)
    {
      self->challenges = 0;
      return STUN_VERDICT_ACCEPT;
    }
  /* RFC 8489 9.2.5: a bare 400 has never been received, on any transport. */
  if (error.code == STUN_CODE_BAD_REQUEST && *rule == STUN_RULE_NO_INTEGRITY)
    return STUN_VERDICT_IGNORE;
  return self->flags & STUN_CREDENTIALS_RELIABLE ? STUN_VERDICT_FAIL
                                                 : STUN_VERDICT_IGNORE;
}

StunVerdict
stun_credentials_handle_response (StunCredentials *self, StunStamp stamp,
                                  const StunView *response, StunRule *rule)
{
  StunRule broken = STUN_RULE_KEPT;
  StunVerdict verdict = judge (self, stamp, response, &broken);

  if (rule != NULL)
    *rule = broken;
  return verdict;
}

/* --- nonce cookie --- */

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

gboolean
stun_nonce_get_features (StunBytes nonce, StunFeatures *features)
{
  gsize prefix = strlen (STUN_NONCE_COOKIE);
  guint32 bits = 0;

  *features = 0;
  if (nonce.len < STUN_NONCE_COOKIE_SIZE
      || memcmp (nonce.data, STUN_NONCE_COOKIE, prefix) != 0)
    return FALSE;
  for (gsize i = prefix; i < STUN_NONCE_COOKIE_SIZE; i++)
    {
      const char *digit = memchr (base64, nonce.data[i], sizeof base64 - 1);

      if (digit == NULL)
        return FALSE;
      bits = bits << 6 | (guint32)(digit - base64);
    }
  /* RFC 8489 18.1: bit 0 is the top one of 24. */
  if (bits & (1 << 23))
    *features |= STUN_FEATURE_PASSWORD_ALGORITHMS;
  if (bits & (1 << 22))
    *features |= STUN_FEATURE_USERNAME_ANONYMITY;
  return TRUE;
}

void
stun_nonce_write_cookie (StunFeatures features, char *cookie)
{
  gsize prefix = strlen (STUN_NONCE_COOKIE);
  guint32 bits = (features & STUN_FEATURE_PASSWORD_ALGORITHMS ? 1 << 23 : 0)
                 | (features & STUN_FEATURE_USERNAME_ANONYMITY ? 1 << 22 : 0);

  memcpy (cookie, STUN_NONCE_COOKIE, prefix);
  for (gsize i = 0; i < 4; i++)
    cookie[prefix + i] = base64[(bits >> (18 - 6 * i)) & 0x3F];
}
