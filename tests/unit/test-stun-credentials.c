/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client and a server that authenticate each other, and what an attacker between them
 * gets: the client of credentials.h against answers made with verify.h. */
#include "config.h"

#include <glib.h>

#include "stun/attributes.h"
#include "stun/credentials.h"
#include "stun/verify.h"

#define USER "user"
#define PASSWORD "pass"
#define REALM "realm"
#define NONCE_PLAIN "f//499k954d6OL34oL9FSTvy64sA"
#define NONCE_ALGORITHMS STUN_NONCE_COOKIE "gAAA" NONCE_PLAIN
#define NONCE_ANONYMOUS STUN_NONCE_COOKIE "QAAA" NONCE_PLAIN
#define NONCE_BOTH STUN_NONCE_COOKIE "wAAA" NONCE_PLAIN
#define MD5_FIRST "\0\1\0\0\0\2\0\0"
#define SHA256_FIRST "\0\2\0\0\0\1\0\0"

static const guint8 id[STUN_TRANSACTION_ID_SIZE] = "abcdefghijkl";

typedef struct
{
  guint8 buffer[1024];
  StunWriter writer;
  StunView view;
} Message;

typedef struct
{
  StunHmac sha1, sha256;
} Keys;

static StunBytes
text (const char *string)
{
  return stun_bytes_of_string (string);
}

static StunBytes
list (const char *algorithms)
{
  return (StunBytes) { (const guint8 *)algorithms, algorithms == NULL ? 0 : 8 };
}

static StunView *
end (Message *self)
{
  g_assert_cmpint (stun_view_parse (&self->view, self->buffer,
                                    stun_writer_end (&self->writer), STUN_WIRE_NORMAL),
                   ==, STUN_RULE_KEPT);
  return &self->view;
}

static StunStamp
ask (StunCredentials *client, Message *request)
{
  StunStamp stamp;

  stun_writer_init (&request->writer, request->buffer, sizeof request->buffer,
                    STUN_CLASS_REQUEST, STUN_METHOD_ALLOCATE, id);
  stamp = stun_credentials_write (client, &request->writer);
  end (request);
  return stamp;
}

static void
begin_answer (Message *answer, const Message *request, StunWireClass klass)
{
  stun_writer_init_reply (&answer->writer, answer->buffer, sizeof answer->buffer, klass,
                          &request->view);
}

static StunView *
challenge (Message *answer, const Message *request, guint16 code, const char *nonce,
           const char *algorithms)
{
  begin_answer (answer, request, STUN_CLASS_ERROR);
  stun_verify_write_challenge (&answer->writer, code, text (REALM), text (nonce),
                               list (algorithms));
  return end (answer);
}

static Keys
make_keys (guint16 algorithm)
{
  guint8 key[STUN_LONG_TERM_KEY_MAX_SIZE];
  gsize len =
      stun_long_term_key (algorithm, text (USER), text (REALM), text (PASSWORD), key);
  Keys keys;

  stun_hmac_init (&keys.sha1, STUN_HMAC_SHA1, key, len);
  stun_hmac_init (&keys.sha256, STUN_HMAC_SHA256, key, len);
  return keys;
}

static StunView *
success (Message *answer, const Message *request, const Keys *keys)
{
  begin_answer (answer, request, STUN_CLASS_SUCCESS);
  if (keys != NULL)
    stun_verify_sign_answer (&answer->writer, &request->view, &keys->sha1, &keys->sha256);
  return end (answer);
}

static StunView *
error (Message *answer, const Message *request, guint16 code, const Keys *keys)
{
  begin_answer (answer, request, STUN_CLASS_ERROR);
  stun_attr_write_error (&answer->writer, code, NULL);
  if (keys != NULL)
    stun_verify_sign_answer (&answer->writer, &request->view, &keys->sha1, &keys->sha256);
  return end (answer);
}

static StunCredentials *
new_client (StunCredentialsFlags flags)
{
  return stun_credentials_new_long_term (text (USER), text (PASSWORD), flags);
}

/* A client that has been challenged once; its next request is in request. */
static StunStamp
challenged (StunCredentials *client, Message *request, const char *nonce,
            const char *algorithms)
{
  Message answer;
  StunStamp stamp = ask (client, request);

  g_assert_cmpint (stamp, ==, 0);
  challenge (&answer, request, STUN_CODE_UNAUTHENTICATED, nonce, algorithms);
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                   ==, STUN_VERDICT_RETRY);
  return ask (client, request);
}

static gboolean
has (const Message *message, guint16 type)
{
  return stun_view_has (&message->view, type);
}

/* covers STUN-8489-9.2.3.1-a STUN-8489-9.2.4-a STUN-8489-9.2.5-b STUN-8489-9.2.5-c */
static void
test_old_server_challenges_and_accepts (void)
{
  g_autoptr (StunCredentials) client = new_client (0);
  Message request, answer;
  Keys keys = make_keys (STUN_PASSWORD_ALGORITHM_MD5);
  StunStamp stamp;
  StunBytes value;

  g_assert_cmpint (ask (client, &request), ==, 0);
  g_assert_false (has (&request, STUN_ATTR_USERNAME));
  g_assert_cmpint (stun_verify_long_term_form (&request.view, list (NULL)).code, ==, 401);
  stamp = challenged (client, &request, NONCE_PLAIN, NULL);
  g_assert_true (has (&request, STUN_ATTR_USERNAME));
  g_assert_false (has (&request, STUN_ATTR_USERHASH));
  stun_attr_read_bytes (&request.view, STUN_ATTR_NONCE, &value);
  g_assert_true (stun_bytes_equal (value, text (NONCE_PLAIN)));
  stun_attr_read_bytes (&request.view, STUN_ATTR_REALM, &value);
  g_assert_true (stun_bytes_equal (value, text (REALM)));
  g_assert_cmpint (stun_verify_long_term_form (&request.view, list (NULL)).code, ==, 0);
  g_assert_cmpint (
      stun_verify_long_term_key (&request.view, &keys.sha1, &keys.sha256).code, ==, 0);
  success (&answer, &request, &keys);
  g_assert_cmpuint (answer.view.integrity, !=, 0);
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                   ==, STUN_VERDICT_ACCEPT);
}

/* covers STUN-8489-9.2.5-d STUN-8489-9.2.5-i STUN-8489-9.2.4-f TURN-8656-6-a
 * STUN-8489-9.2.2-b STUN-8489-18.5.1.2-a */
static void
test_new_server_offers_algorithms (void)
{
  static const struct
  {
    const char *offer;
    StunCredentialsFlags flags;
    guint16 chosen;
  } rows[] = {
    { SHA256_FIRST, 0, STUN_PASSWORD_ALGORITHM_SHA256 },
    { MD5_FIRST, 0, STUN_PASSWORD_ALGORITHM_MD5 },
    { MD5_FIRST, STUN_CREDENTIALS_TURN, STUN_PASSWORD_ALGORITHM_SHA256 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (StunCredentials) client = new_client (rows[i].flags);
      Message request, answer;
      Keys keys = make_keys (rows[i].chosen);
      StunStamp stamp = challenged (client, &request, NONCE_ALGORITHMS, rows[i].offer);
      StunBytes offered;

      stun_attr_read_bytes (&request.view, STUN_ATTR_PASSWORD_ALGORITHMS, &offered);
      g_assert_true (stun_bytes_equal (offered, list (rows[i].offer)));
      g_assert_cmpint (stun_verify_get_algorithm (&request.view), ==, rows[i].chosen);
      g_assert_cmpuint (request.view.integrity, ==, 0);
      g_assert_cmpint (
          stun_verify_long_term_form (&request.view, list (rows[i].offer)).code, ==, 0);
      g_assert_cmpint (
          stun_verify_long_term_key (&request.view, &keys.sha1, &keys.sha256).code, ==,
          0);
      success (&answer, &request, &keys);
      g_assert_cmpuint (answer.view.integrity_sha256, !=, 0);
      g_assert_cmpint (
          stun_credentials_handle_response (client, stamp, &answer.view, NULL), ==,
          STUN_VERDICT_ACCEPT);
    }
}

/* covers STUN-8489-9.2-a STUN-8489-9.2.5-c STUN-8489-9.2.2-b STUN-8489-14.4-a */
static void
test_anonymous_username (void)
{
  static const char *const nonces[] = { NONCE_ANONYMOUS, NONCE_BOTH };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (StunCredentials) client = new_client (0);
      const char *offer = i == 1 ? SHA256_FIRST : NULL;
      Keys keys = make_keys (i == 1 ? STUN_PASSWORD_ALGORITHM_SHA256
                                    : STUN_PASSWORD_ALGORITHM_MD5);
      guint8 hash[STUN_USERHASH_SIZE];
      Message request;
      StunBytes value;

      challenged (client, &request, nonces[i], offer);
      g_assert_false (has (&request, STUN_ATTR_USERNAME));
      stun_userhash (text (USER), text (REALM), hash);
      g_assert_cmpint (stun_attr_read_bytes (&request.view, STUN_ATTR_USERHASH, &value),
                       ==, STUN_RULE_KEPT);
      g_assert_cmpmem (value.data, value.len, hash, sizeof hash);
      g_assert_cmpint (
          stun_verify_long_term_key (&request.view, &keys.sha1, &keys.sha256).code, ==,
          0);
    }
}

/* covers STUN-8489-9.2-a STUN-8489-B.1-a */
static void
test_feature_bits_of_the_nonce (void)
{
  static const struct
  {
    const char *nonce;
    gboolean has_cookie;
    guint features;
  } rows[] = {
    { STUN_NONCE_COOKIE "gAAA", TRUE, STUN_FEATURE_PASSWORD_ALGORITHMS },
    { STUN_NONCE_COOKIE "QAAAx", TRUE, STUN_FEATURE_USERNAME_ANONYMITY },
    { STUN_NONCE_COOKIE "wAAA", TRUE, 3 },
    { STUN_NONCE_COOKIE "AAAC", TRUE, 0 },
    { STUN_NONCE_COOKIE "AAA", FALSE, 0 },
    { STUN_NONCE_COOKIE "A-AA", FALSE, 0 },
    { "obMatJos1wAAA", FALSE, 0 },
    { "", FALSE, 0 },
  };
  char cookie[STUN_NONCE_COOKIE_SIZE];
  StunFeatures features;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (stun_nonce_get_features (text (rows[i].nonce), &features), ==,
                       rows[i].has_cookie);
      g_assert_cmpuint (features, ==, rows[i].features);
    }
  stun_nonce_write_cookie (3, cookie);
  g_assert_cmpmem (cookie, sizeof cookie, STUN_NONCE_COOKIE "wAAA", 13);
}

/* An attacker strips the list or drops an entry (clearing the bit alone makes a nonce
 * that the server never gave out): no session, never a weaker one. covers
 * STUN-8489-16.1.3-a STUN-8489-9.2.5-a STUN-8489-9.2.5-f STUN-8489-9.2.4-c */
static void
test_bid_down_ends_in_no_session (void)
{
  g_autoptr (StunCredentials) stripped = new_client (0);
  g_autoptr (StunCredentials) later = new_client (0);
  g_autoptr (StunCredentials) dropped = new_client (0);
  Message request, answer;
  StunStamp stamp;
  StunRule rule;
  Keys keys = make_keys (STUN_PASSWORD_ALGORITHM_SHA256);

  stamp = ask (stripped, &request);
  challenge (&answer, &request, 401, NONCE_ALGORITHMS, NULL);
  g_assert_cmpint (
      stun_credentials_handle_response (stripped, stamp, &answer.view, &rule), ==,
      STUN_VERDICT_FAIL);
  g_assert_cmpint (rule, ==, STUN_RULE_PASSWORD_ALGORITHM);
  /* list and bit both gone from a later challenge */
  stamp = challenged (later, &request, NONCE_ALGORITHMS, SHA256_FIRST);
  challenge (&answer, &request, 438, NONCE_PLAIN, NULL);
  g_assert_cmpint (stun_credentials_handle_response (later, stamp, &answer.view, &rule),
                   ==, STUN_VERDICT_FAIL);
  /* SHA-256 taken out of the list: the server compares what is echoed */
  challenged (dropped, &request, NONCE_ALGORITHMS, "\0\1\0\0\0\1\0\0");
  g_assert_cmpint (stun_verify_long_term_form (&request.view, list (SHA256_FIRST)).code,
                   ==, 400);
  /* and in any other answer: ignored */
  begin_answer (&answer, &request, STUN_CLASS_SUCCESS);
  stun_writer_append_bytes (&answer.writer, STUN_ATTR_NONCE, NONCE_ALGORITHMS,
                            strlen (NONCE_ALGORITHMS));
  stun_integrity_write (&answer.writer, &keys.sha256);
  g_assert_cmpint (stun_credentials_handle_response (dropped, 1, end (&answer), &rule),
                   ==, STUN_VERDICT_IGNORE);
  g_assert_cmpint (rule, ==, STUN_RULE_PASSWORD_ALGORITHM);
}

/* covers STUN-8489-9.2.5-d */
static void
test_no_algorithm_in_common (void)
{
  g_autoptr (StunCredentials) client = new_client (0);
  Message request, answer;
  StunStamp stamp = ask (client, &request);

  challenge (&answer, &request, 401, NONCE_ALGORITHMS, "\0\7\0\0\0\x08\0\0");
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                   ==, STUN_VERDICT_FAIL);
}

/* covers STUN-8489-9.2.5-b */
static void
test_second_401_with_the_same_realm_is_final (void)
{
  g_autoptr (StunCredentials) client = new_client (0);
  Message request, answer;
  StunStamp stamp = challenged (client, &request, NONCE_PLAIN, NULL);
  StunRule rule;

  challenge (&answer, &request, 401, "another", NULL);
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, &rule),
                   ==, STUN_VERDICT_FAIL);
  g_assert_cmpint (rule, ==, STUN_RULE_USERNAME);
}

/* covers STUN-8489-9.2.5-e STUN-8489-9.2.4-e TURN-8656-5-e */
static void
test_stale_nonce_is_replaced_but_not_for_ever (void)
{
  g_autoptr (StunCredentials) client = new_client (0);
  Keys keys = make_keys (STUN_PASSWORD_ALGORITHM_MD5);
  Message request, answer;
  StunStamp stamp = challenged (client, &request, NONCE_PLAIN, NULL);
  guint retries = 0;

  challenge (&answer, &request, 438, "fresh", NULL);
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                   ==, STUN_VERDICT_RETRY);
  stamp = ask (client, &request);
  success (&answer, &request, &keys);
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                   ==, STUN_VERDICT_ACCEPT);
  do
    {
      stamp = ask (client, &request);
      challenge (&answer, &request, 438, "stale for ever", NULL);
      retries++;
    }
  while (stun_credentials_handle_response (client, stamp, &answer.view, NULL)
         == STUN_VERDICT_RETRY);
  g_assert_cmpuint (retries, ==, STUN_CREDENTIALS_MAX_CHALLENGES + 1);
}

/* Twenty requests in flight when the nonce goes stale are one challenge.
 * covers STUN-8489-9.2.5-e */
static void
test_many_requests_share_one_stale_nonce (void)
{
  g_autoptr (StunCredentials) client = new_client (0);
  Message request, answer;
  StunStamp stamp = challenged (client, &request, NONCE_PLAIN, NULL);

  challenge (&answer, &request, 438, "fresh", NULL);
  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                     ==, STUN_VERDICT_RETRY);
}

/* covers STUN-8489-9.2.5-g STUN-8489-9.2.5-h STUN-8489-14.8-c */
static void
test_forged_answers_do_not_end_a_request (void)
{
  static const guint16 codes[] = { 300, 400, 403, 437, 487, 500 };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (StunCredentials) udp = new_client (0);
      g_autoptr (StunCredentials) tcp = new_client (STUN_CREDENTIALS_RELIABLE);
      Keys keys = make_keys (STUN_PASSWORD_ALGORITHM_MD5), wrong = keys;
      Message request, answer;
      StunStamp stamp = challenged (udp, &request, NONCE_PLAIN, NULL);

      stun_hmac_init (&wrong.sha1, STUN_HMAC_SHA1, "guess", 5);
      error (&answer, &request, codes[i], NULL);
      g_assert_cmpint (stun_credentials_handle_response (udp, stamp, &answer.view, NULL),
                       ==, STUN_VERDICT_IGNORE);
      error (&answer, &request, codes[i], &wrong);
      g_assert_cmpint (stun_credentials_handle_response (udp, stamp, &answer.view, NULL),
                       ==, STUN_VERDICT_IGNORE);
      error (&answer, &request, codes[i], &keys);
      g_assert_cmpint (stun_credentials_handle_response (udp, stamp, &answer.view, NULL),
                       ==, STUN_VERDICT_ACCEPT);
      stamp = challenged (tcp, &request, NONCE_PLAIN, NULL);
      error (&answer, &request, codes[i], NULL);
      g_assert_cmpint (stun_credentials_handle_response (tcp, stamp, &answer.view, NULL),
                       ==, codes[i] == 400 ? STUN_VERDICT_IGNORE : STUN_VERDICT_FAIL);
    }
}

/* covers STUN-8489-14.8-c STUN-8489-10-b */
static void
test_unsigned_redirection_is_not_followed (void)
{
  g_autoptr (StunCredentials) client = new_client (0);
  Message request, answer;
  StunStamp stamp = ask (client, &request);

  error (&answer, &request, 300, NULL);
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                   ==, STUN_VERDICT_FAIL);
}

/* The same message, signed by a server that checked the credentials first, is.
 * covers STUN-8489-10-a STUN-8489-10-b */
static void
test_signed_redirection_names_both_families (void)
{
  g_autoptr (StunCredentials) client = new_client (0);
  Keys keys = make_keys (STUN_PASSWORD_ALGORITHM_MD5);
  StunAddress ip4, ip6, read;
  Message request, answer;
  StunStamp stamp = challenged (client, &request, NONCE_PLAIN, NULL);
  StunAttr attr;

  memset (&ip4, 0, sizeof ip4);
  ip4.s.addr.sa_family = AF_INET;
  memset (&ip6, 0, sizeof ip6);
  ip6.s.addr.sa_family = AF_INET6;
  begin_answer (&answer, &request, STUN_CLASS_ERROR);
  stun_verify_write_redirection (&answer.writer, &ip4, &ip6);
  stun_verify_sign_answer (&answer.writer, &request.view, &keys.sha1, &keys.sha256);
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, end (&answer), NULL),
                   ==, STUN_VERDICT_ACCEPT);
  g_assert_true (stun_view_find (&answer.view, STUN_ATTR_ALTERNATE_SERVER, &attr));
  g_assert_cmpint (stun_value_get_address (&attr, &read), ==, STUN_RULE_KEPT);
  g_assert_true (stun_address_equal (&read, &ip4));
  g_assert_true (stun_view_find_next (&answer.view, &attr));
  g_assert_cmpint (stun_value_get_address (&attr, &read), ==, STUN_RULE_KEPT);
  g_assert_true (stun_address_equal (&read, &ip6));
}

/* covers OAUTH-7635-5-a OAUTH-7635-6.1-a OAUTH-7635-6.2-a OAUTH-7635-9-a */
static void
test_token_instead_of_a_password (void)
{
  g_autoptr (StunCredentials) client =
      stun_credentials_new_token (text ("kid"), text ("opaque token"), text ("mac"), 0);
  Message request, answer;
  StunHmac mac;
  StunStamp stamp = ask (client, &request);
  StunBytes value;

  begin_answer (&answer, &request, STUN_CLASS_ERROR);
  stun_verify_write_challenge (&answer.writer, 401, text (REALM), text (NONCE_PLAIN),
                               list (NULL));
  stun_attr_write_string (&answer.writer, STUN_ATTR_THIRD_PARTY_AUTHORIZATION,
                          "as.example.org");
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, end (&answer), NULL),
                   ==, STUN_VERDICT_RETRY);
  g_assert_true (stun_bytes_equal (stun_credentials_get_authorization_server (client),
                                   text ("as.example.org")));
  stamp = ask (client, &request);
  stun_attr_read_bytes (&request.view, STUN_ATTR_USERNAME, &value);
  g_assert_true (stun_bytes_equal (value, text ("kid")));
  stun_attr_read_bytes (&request.view, STUN_ATTR_ACCESS_TOKEN, &value);
  g_assert_true (stun_bytes_equal (value, text ("opaque token")));
  stun_hmac_init (&mac, STUN_HMAC_SHA1, "mac", 3);
  g_assert_cmpint (stun_integrity_verify (&request.view, &mac), ==, STUN_RULE_KEPT);
  stun_writer_init (&request.writer, request.buffer, sizeof request.buffer,
                    STUN_CLASS_REQUEST, STUN_METHOD_CREATE_PERMISSION, id);
  stun_credentials_write (client, &request.writer);
  end (&request);
  g_assert_false (has (&request, STUN_ATTR_ACCESS_TOKEN));
  /* a refused token is not shown again; a new one is */
  challenge (&answer, &request, 401, NONCE_PLAIN, NULL);
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                   ==, STUN_VERDICT_FAIL);
  stun_credentials_set_token (client, text ("kid2"), text ("t2"), text ("mac2"));
  g_assert_cmpint (stun_credentials_handle_response (client, stamp, &answer.view, NULL),
                   ==, STUN_VERDICT_RETRY);
}

/* covers STUN-8489-9.1.2-a STUN-8489-9.1.3-c STUN-8489-9.1.4-a STUN-8489-9.1.4-c
 * STUN-8489-9.1.5-a */
static void
test_short_term_peer_chooses_the_kind (void)
{
  Keys keys;

  stun_hmac_init (&keys.sha1, STUN_HMAC_SHA1, PASSWORD, 4);
  stun_hmac_init (&keys.sha256, STUN_HMAC_SHA256, PASSWORD, 4);
  for (guint is_old = 0; is_old < 2; is_old++)
    {
      g_autoptr (StunCredentials) client =
          stun_credentials_new_short_term (text (USER), text (PASSWORD), 0);
      Message request, answer;
      StunStamp stamp = ask (client, &request);

      g_assert_cmpuint (request.view.integrity, !=, 0);
      g_assert_cmpuint (request.view.integrity_sha256, >, request.view.integrity);
      g_assert_cmpint (stun_verify_short_term (&request.view, text (USER), &keys.sha1,
                                               is_old ? NULL : &keys.sha256)
                           .code,
                       ==, 0);
      success (&answer, &request, NULL);
      g_assert_cmpint (
          stun_credentials_handle_response (client, stamp, &answer.view, NULL), ==,
          STUN_VERDICT_IGNORE);
      begin_answer (&answer, &request, STUN_CLASS_SUCCESS);
      stun_integrity_write (&answer.writer, is_old ? &keys.sha1 : &keys.sha256);
      g_assert_cmpint (
          stun_credentials_handle_response (client, stamp, end (&answer), NULL), ==,
          STUN_VERDICT_ACCEPT);
      ask (client, &request);
      g_assert_cmpint (request.view.integrity != 0, ==, is_old);
      g_assert_cmpint (request.view.integrity_sha256 != 0, ==, !is_old);
      begin_answer (&answer, &request, STUN_CLASS_SUCCESS);
      stun_integrity_write (&answer.writer, is_old ? &keys.sha256 : &keys.sha1);
      g_assert_cmpint (
          stun_credentials_handle_response (client, stamp, end (&answer), NULL), ==,
          STUN_VERDICT_IGNORE);
    }
}

/* covers STUN-8489-9.1.3-a STUN-8489-9.1.2-a */
static void
test_short_term_requests_that_are_refused (void)
{
  Message request;
  StunHmac key, wrong;

  stun_hmac_init (&key, STUN_HMAC_SHA1, PASSWORD, 4);
  stun_hmac_init (&wrong, STUN_HMAC_SHA1, "wrong", 5);
  for (guint row = 0; row < 5; row++)
    {
      const guint16 expected[] = { 400, 400, 401, 401, 0 };

      stun_writer_init (&request.writer, request.buffer, sizeof request.buffer,
                        STUN_CLASS_REQUEST, STUN_METHOD_BINDING, id);
      if (row != 0)
        stun_attr_write_string (&request.writer, STUN_ATTR_USERNAME,
                                row == 2 ? "other" : USER);
      if (row != 1)
        stun_integrity_write (&request.writer, row == 3 ? &wrong : &key);
      g_assert_cmpint (
          stun_verify_short_term (end (&request), text (USER), &key, NULL).code, ==,
          expected[row]);
    }
}

/* covers STUN-8489-9.2.4-a */
static void
test_long_term_requests_that_are_refused (void)
{
  Keys keys = make_keys (STUN_PASSWORD_ALGORITHM_MD5);
  Message request;

  for (guint missing = 0; missing < 4; missing++)
    {
      stun_writer_init (&request.writer, request.buffer, sizeof request.buffer,
                        STUN_CLASS_REQUEST, STUN_METHOD_ALLOCATE, id);
      if (missing != 0)
        stun_attr_write_string (&request.writer, STUN_ATTR_USERNAME, USER);
      if (missing != 1)
        stun_attr_write_string (&request.writer, STUN_ATTR_REALM, REALM);
      if (missing != 2)
        stun_attr_write_string (&request.writer, STUN_ATTR_NONCE, NONCE_PLAIN);
      stun_integrity_write (&request.writer, &keys.sha1);
      g_assert_cmpint (stun_verify_long_term_form (end (&request), list (NULL)).code, ==,
                       missing == 3 ? 0 : 400);
    }
  stun_hmac_init (&keys.sha1, STUN_HMAC_SHA1, "wrong", 5);
  g_assert_cmpint (
      stun_verify_long_term_key (&request.view, &keys.sha1, &keys.sha256).code, ==, 401);
}

/* covers STUN-8489-9.2.4-c */
static void
test_algorithms_have_to_come_together (void)
{
  Keys keys = make_keys (STUN_PASSWORD_ALGORITHM_MD5);
  const guint16 md5 = STUN_PASSWORD_ALGORITHM_MD5;
  Message request;

  for (guint row = 0; row < 4; row++)
    {
      stun_writer_init (&request.writer, request.buffer, sizeof request.buffer,
                        STUN_CLASS_REQUEST, STUN_METHOD_ALLOCATE, id);
      stun_attr_write_string (&request.writer, STUN_ATTR_USERNAME, USER);
      stun_attr_write_string (&request.writer, STUN_ATTR_REALM, REALM);
      stun_attr_write_string (&request.writer, STUN_ATTR_NONCE, NONCE_ALGORITHMS);
      if (row & 1)
        stun_writer_append_bytes (&request.writer, STUN_ATTR_PASSWORD_ALGORITHMS,
                                  MD5_FIRST, 8);
      if (row & 2)
        stun_attr_write_algorithms (&request.writer, STUN_ATTR_PASSWORD_ALGORITHM, &md5,
                                    1);
      stun_integrity_write (&request.writer, &keys.sha1);
      g_assert_cmpint (stun_verify_long_term_form (end (&request), list (MD5_FIRST)).code,
                       ==, row == 0 || row == 3 ? 0 : 400);
      g_assert_cmpint (stun_verify_get_algorithm (&request.view), ==, md5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/stun/credentials/" name, function)
  ADD ("old-server-challenges-and-accepts", test_old_server_challenges_and_accepts);
  ADD ("new-server-offers-algorithms", test_new_server_offers_algorithms);
  ADD ("anonymous-username", test_anonymous_username);
  ADD ("feature-bits-of-the-nonce", test_feature_bits_of_the_nonce);
  ADD ("bid-down-ends-in-no-session", test_bid_down_ends_in_no_session);
  ADD ("no-algorithm-in-common", test_no_algorithm_in_common);
  ADD ("second-401-with-the-same-realm", test_second_401_with_the_same_realm_is_final);
  ADD ("stale-nonce-not-for-ever", test_stale_nonce_is_replaced_but_not_for_ever);
  ADD ("many-requests-share-one-stale-nonce", test_many_requests_share_one_stale_nonce);
  ADD ("forged-answers-do-not-end-a-request", test_forged_answers_do_not_end_a_request);
  ADD ("unsigned-redirection", test_unsigned_redirection_is_not_followed);
  ADD ("signed-redirection", test_signed_redirection_names_both_families);
  ADD ("token-instead-of-a-password", test_token_instead_of_a_password);
  ADD ("short-term-peer-chooses-the-kind", test_short_term_peer_chooses_the_kind);
  ADD ("short-term-refusals", test_short_term_requests_that_are_refused);
  ADD ("long-term-refusals", test_long_term_requests_that_are_refused);
  ADD ("algorithms-come-together", test_algorithms_have_to_come_together);
#undef ADD
  return g_test_run ();
}
