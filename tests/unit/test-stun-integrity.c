/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HMAC, fingerprint and long-term keys against the published vectors. */
#include "config.h"

#include <glib.h>

#include "stun/attributes.h"
#include "stun/fingerprint.h"
#include "stun/integrity.h"

#include "stun-vectors.h"

static void
parse (StunView *view, const guint8 *data, gsize len)
{
  g_assert_cmpint (stun_view_parse (view, data, len, STUN_WIRE_NORMAL), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpint (stun_attr_check_all (view), ==, STUN_RULE_KEPT);
}

static void
assert_short_term (const StunView *view)
{
  g_auto (StunHmac) key = { 0 };
  g_auto (StunHmac) wrong = { 0 };

  stun_hmac_init (&key, STUN_HMAC_SHA1, VECTOR_PASSWORD, strlen (VECTOR_PASSWORD));
  stun_hmac_init (&wrong, STUN_HMAC_SHA1, "wrong", 5);
  g_assert_cmpint (stun_integrity_verify (view, &key), ==, STUN_RULE_KEPT);
  g_assert_cmpint (stun_integrity_verify (view, &wrong), ==, STUN_RULE_INTEGRITY);
  g_assert_cmpint (stun_fingerprint_verify (view), ==, STUN_RULE_KEPT);
}

/* covers VEC-5769-2.1-a STUN-8489-14.5-a STUN-8489-14.7-a STUN-8489-9.1.1-a */
static void
test_sample_request (void)
{
  StunView view;
  StunBytes bytes;
  guint32 priority;
  guint64 tie_breaker;

  parse (&view, vector_request, VECTOR_LEN (vector_request));
  g_assert_true (stun_view_is (&view, STUN_CLASS_REQUEST, STUN_METHOD_BINDING));
  g_assert_cmpint (stun_attr_read_text (&view, STUN_ATTR_SOFTWARE, &bytes), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpmem (bytes.data, bytes.len, "STUN test client", 16);
  g_assert_cmpint (stun_attr_read_u32 (&view, STUN_ATTR_PRIORITY, &priority), ==,
                   STUN_RULE_KEPT);
  g_assert_cmphex (priority, ==, 0x6e0001ff);
  g_assert_cmpint (stun_attr_read_u64 (&view, STUN_ATTR_ICE_CONTROLLED, &tie_breaker), ==,
                   STUN_RULE_KEPT);
  g_assert_cmphex (tie_breaker, ==, G_GUINT64_CONSTANT (0x932ff9b151263b36));
  g_assert_cmpint (stun_attr_read_bytes (&view, STUN_ATTR_USERNAME, &bytes), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpmem (bytes.data, bytes.len, "evtj:h6vY", 9);
  assert_short_term (&view);
}

/* The vector pads with spaces: the padding is put there before the HMAC is made.
 * covers VEC-5769-2.1-a STUN-8489-14-a */
static void
test_sample_request_written_anew (void)
{
  guint8 buffer[256];
  StunWriter writer;
  g_auto (StunHmac) key = { 0 };
  guint8 *username;

  stun_hmac_init (&key, STUN_HMAC_SHA1, VECTOR_PASSWORD, strlen (VECTOR_PASSWORD));
  stun_writer_init (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST,
                    STUN_METHOD_BINDING, vector_request + 8);
  stun_attr_write_string (&writer, STUN_ATTR_SOFTWARE, "STUN test client");
  stun_attr_write_u32 (&writer, STUN_ATTR_PRIORITY, 0x6e0001ff);
  stun_attr_write_u64 (&writer, STUN_ATTR_ICE_CONTROLLED,
                       G_GUINT64_CONSTANT (0x932ff9b151263b36));
  username = stun_writer_append (&writer, STUN_ATTR_USERNAME, 9);
  g_assert_cmpmem (username + 9, 3, "\0\0\0", 3);
  memcpy (username, "evtj:h6vY   ", 12);
  stun_integrity_write (&writer, &key);
  stun_fingerprint_write (&writer);
  g_assert_cmpmem (buffer, stun_writer_end (&writer), vector_request,
                   VECTOR_LEN (vector_request));
}

/* covers VEC-5769-2.2-a STUN-8489-14.2-a */
static void
test_sample_responses (void)
{
  StunView view;
  StunAddress mapped;

  parse (&view, vector_response_ip4, VECTOR_LEN (vector_response_ip4));
  g_assert_cmpint (
      stun_attr_read_xor_address (&view, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped), ==,
      STUN_RULE_KEPT);
  g_assert_cmpint (mapped.s.addr.sa_family, ==, AF_INET);
  g_assert_cmphex (mapped.s.ip4.sin_addr.s_addr, ==, GUINT32_TO_BE (0xC0000201));
  g_assert_cmpint (stun_address_get_port (&mapped), ==, 32853);
  assert_short_term (&view);

  parse (&view, vector_response_ip6, VECTOR_LEN (vector_response_ip6));
  g_assert_cmpint (
      stun_attr_read_xor_address (&view, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped), ==,
      STUN_RULE_KEPT);
  g_assert_cmpint (mapped.s.addr.sa_family, ==, AF_INET6);
  g_assert_cmpmem (&mapped.s.ip6.sin6_addr, 16,
                   "\x20\x01\x0d\xb8\x12\x34\x56\x78\x00\x11\x22\x33\x44\x55\x66\x77",
                   16);
  g_assert_cmpint (stun_address_get_port (&mapped), ==, 32853);
  assert_short_term (&view);
}

/* covers VEC-5769-2.4-a */
static void
test_sample_long_term (void)
{
  StunView view;
  guint8 key[STUN_LONG_TERM_KEY_MAX_SIZE];
  gsize len;
  g_auto (StunHmac) hmac = { 0 };

  len = stun_long_term_key (STUN_PASSWORD_ALGORITHM_MD5,
                            stun_bytes_of_string (VECTOR_USERNAME),
                            stun_bytes_of_string ("example.org"),
                            stun_bytes_of_string (VECTOR_LONG_PASSWORD), key);
  g_assert_cmpint (len, ==, 16);
  stun_hmac_init (&hmac, STUN_HMAC_SHA1, key, len);
  parse (&view, vector_long_term, VECTOR_LEN (vector_long_term));
  g_assert_cmpint (stun_integrity_verify (&view, &hmac), ==, STUN_RULE_KEPT);
}

/* The length field of the printed vector counts the header too (0x9c, where its
 * attributes are 0x88 bytes), and its HMAC was made over that: right bytes, but no
 * well-formed message. covers STUN-8489-B.1-a STUN-8489-14.6-a STUN-8489-14.4-a
 * STUN-8489-18.5.1.2-a */
static void
test_sample_sha256 (void)
{
  StunView view;
  StunBytes userhash;
  guint8 key[STUN_LONG_TERM_KEY_MAX_SIZE], hash[STUN_USERHASH_SIZE];
  guint8 mac[STUN_HMAC_MAX_SIZE], mended[VECTOR_LEN (vector_sha256)];
  gsize len, signed_len = VECTOR_LEN (vector_sha256) - 36;
  StunWriter writer;
  g_auto (StunHmac) hmac = { 0 };
  g_auto (StunHmac) sha1 = { 0 };

  len = stun_long_term_key (STUN_PASSWORD_ALGORITHM_SHA256,
                            stun_bytes_of_string (VECTOR_USERNAME),
                            stun_bytes_of_string ("example.org"),
                            stun_bytes_of_string (VECTOR_LONG_PASSWORD), key);
  g_assert_cmpint (len, ==, 32);
  stun_hmac_init (&hmac, STUN_HMAC_SHA256, key, len);
  stun_hmac_init (&sha1, STUN_HMAC_SHA1, key, len);
  stun_hmac_compute (&hmac, vector_sha256, signed_len, mac);
  g_assert_cmpmem (mac, 32, vector_sha256 + signed_len + 4, 32);
  g_assert_cmpint (stun_view_parse (&view, vector_sha256, VECTOR_LEN (vector_sha256),
                                    STUN_WIRE_NORMAL),
                   ==, STUN_RULE_TRUNCATED);

  memcpy (mended, vector_sha256, signed_len);
  stun_store16 (mended + 2, signed_len - 20);
  stun_writer_resume (&writer, mended, sizeof mended, signed_len, STUN_WIRE_NORMAL);
  stun_integrity_write (&writer, &hmac);
  parse (&view, mended, stun_writer_end (&writer));
  g_assert_cmpint (stun_integrity_verify (&view, &hmac), ==, STUN_RULE_KEPT);
  g_assert_cmpint (stun_integrity_verify (&view, &sha1), ==, STUN_RULE_NO_INTEGRITY);
  stun_userhash (stun_bytes_of_string (VECTOR_USERNAME),
                 stun_bytes_of_string ("example.org"), hash);
  g_assert_cmpint (stun_attr_read_bytes (&view, STUN_ATTR_USERHASH, &userhash), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpmem (userhash.data, userhash.len, hash, sizeof hash);
}

/* covers STUN-8489-9.2.2-a */
static void
test_long_term_key_of_the_text (void)
{
  guint8 key[STUN_LONG_TERM_KEY_MAX_SIZE];

  g_assert_cmpint (stun_long_term_key (STUN_PASSWORD_ALGORITHM_MD5,
                                       stun_bytes_of_string ("user"),
                                       stun_bytes_of_string ("realm"),
                                       stun_bytes_of_string ("pass"), key),
                   ==, 16);
  g_assert_cmpmem (
      key, 16, "\x84\x93\xfb\xc5\x3b\xa5\x82\xfb\x4c\x04\x4c\x45\x6b\xdc\x40\xeb", 16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stun/integrity/sample-request", test_sample_request);
  g_test_add_func ("/stun/integrity/sample-request-written-anew",
                   test_sample_request_written_anew);
  g_test_add_func ("/stun/integrity/sample-responses", test_sample_responses);
  g_test_add_func ("/stun/integrity/sample-long-term", test_sample_long_term);
  g_test_add_func ("/stun/integrity/sample-sha256", test_sample_sha256);
  g_test_add_func ("/stun/integrity/long-term-key-of-the-text",
                   test_long_term_key_of_the_text);
  return g_test_run ();
}
