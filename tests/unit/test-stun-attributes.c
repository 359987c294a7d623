/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Typed values: what is written is read again, and what is malformed has a name. */
#include "config.h"

#include <glib.h>

#include "stun/attributes.h"
#include "stun/opaque-string.h"
#include "stun/response-cache.h"
#include "stun/rto-cache.h"

#include "stun-vectors.h"

typedef struct
{
  guint8 buffer[2048];
  StunWriter writer;
  StunView view;
} Message;

static void
begin (Message *self)
{
  static const guint8 id[STUN_TRANSACTION_ID_SIZE] = "abcdefghijkl";

  stun_writer_init (&self->writer, self->buffer, sizeof self->buffer, STUN_CLASS_REQUEST,
                    STUN_METHOD_BINDING, id);
}

static StunView *
end (Message *self)
{
  g_assert_cmpint (stun_view_parse (&self->view, self->buffer,
                                    stun_writer_end (&self->writer), STUN_WIRE_NORMAL),
                   ==, STUN_RULE_KEPT);
  return &self->view;
}

/* A message with one attribute of raw bytes. */
static StunView *
raw (Message *self, guint16 type, const void *value, gsize len)
{
  begin (self);
  stun_writer_append_bytes (&self->writer, type, value, len);
  return end (self);
}

static StunAddress
make_address (gboolean is_ip6)
{
  StunAddress address;

  memset (&address, 0, sizeof address);
  address.s.addr.sa_family = is_ip6 ? AF_INET6 : AF_INET;
  address.s.ip4.sin_port = GUINT16_TO_BE (4711);
  if (is_ip6)
    memcpy (&address.s.ip6.sin6_addr, "0123456789abcdef", 16);
  else
    address.s.ip4.sin_addr.s_addr = GUINT32_TO_BE (0xC0000201);
  return address;
}

/* covers STUN-8489-14.1-a STUN-8489-14.2-a STUN-8489-14.15-a */
static void
test_addresses_both_ways (void)
{
  for (guint is_ip6 = 0; is_ip6 < 2; is_ip6++)
    {
      Message message;
      StunAddress address = make_address (is_ip6), read;

      begin (&message);
      stun_attr_write_address (&message.writer, STUN_ATTR_ALTERNATE_SERVER, &address);
      stun_attr_write_xor_address (&message.writer, STUN_ATTR_XOR_PEER_ADDRESS, &address);
      end (&message);
      g_assert_cmpint (stun_attr_check_all (&message.view), ==, STUN_RULE_KEPT);
      g_assert_cmpint (
          stun_attr_read_address (&message.view, STUN_ATTR_ALTERNATE_SERVER, &read), ==,
          STUN_RULE_KEPT);
      g_assert_true (stun_address_equal (&read, &address));
      g_assert_cmpint (
          stun_attr_read_xor_address (&message.view, STUN_ATTR_XOR_PEER_ADDRESS, &read),
          ==, STUN_RULE_KEPT);
      g_assert_true (stun_address_equal (&read, &address));
      g_assert_cmpmem (message.buffer + 20 + 6, 2, "\x12\x67", 2);
    }
}

/* covers STUN-8489-14.1-a STUN-8489-6.3.3-b */
static void
test_malformed_addresses_have_a_name (void)
{
  Message message;
  StunAddress read;
  const struct
  {
    const char *value;
    gsize len;
    StunRule rule;
  } rows[] = {
    { "\0\1\0\1\1\2\3\4", 8, STUN_RULE_KEPT },
    { "\xFF\1\0\1\1\2\3\4", 8, STUN_RULE_KEPT }, /* first byte ignored */
    { "\0\1\0\1\1\2\3", 7, STUN_RULE_VALUE_LENGTH },
    { "\0\1\0\1\1\2\3\4\5", 9, STUN_RULE_VALUE_LENGTH },
    { "\0\2\0\1\1\2\3\4", 8, STUN_RULE_VALUE_LENGTH },
    { "\0\3\0\1\1\2\3\4", 8, STUN_RULE_ADDRESS_FAMILY },
    { "\0\0\0\1\1\2\3\4", 8, STUN_RULE_ADDRESS_FAMILY },
    { "\0\1", 2, STUN_RULE_VALUE_LENGTH },
    { "", 0, STUN_RULE_VALUE_LENGTH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      raw (&message, STUN_ATTR_MAPPED_ADDRESS, rows[i].value, rows[i].len);
      g_assert_cmpint (
          stun_attr_read_address (&message.view, STUN_ATTR_MAPPED_ADDRESS, &read), ==,
          rows[i].rule);
    }
  g_assert_cmpint (
      stun_attr_read_xor_address (&message.view, STUN_ATTR_XOR_MAPPED_ADDRESS, &read), ==,
      STUN_RULE_ABSENT);
}

/* covers STUN-8489-14.8-a STUN-8489-6.3.4-a STUN-8489-6.3.4-b */
static void
test_error_codes (void)
{
  Message message;
  StunErrorValue error;

  begin (&message);
  stun_attr_write_error (&message.writer, STUN_CODE_STALE_NONCE, NULL);
  end (&message);
  g_assert_cmpmem (message.buffer + 24, 4, "\0\0\4\x26", 4);
  g_assert_cmpint (stun_attr_read_error (&message.view, &error), ==, STUN_RULE_KEPT);
  g_assert_cmpint (error.code, ==, 438);
  g_assert_cmpmem (error.reason.data, error.reason.len, "Stale Nonce", 11);
  for (guint klass = 0; klass < 256; klass++)
    {
      for (guint number = 0; number < 256; number += 11)
        {
          const guint8 value[] = { 0xFF, 0xFF, klass, number };
          gboolean fits = (klass & 7) >= 3 && (klass & 7) <= 6 && number < 100;

          raw (&message, STUN_ATTR_ERROR_CODE, value, 4);
          g_assert_cmpint (stun_attr_read_error (&message.view, &error), ==,
                           fits ? STUN_RULE_KEPT : STUN_RULE_ERROR_CODE);
          if (fits)
            g_assert_cmpint (error.code, ==, (klass & 7) * 100 + number);
        }
    }
  raw (&message, STUN_ATTR_ERROR_CODE, "\0\0\4", 3);
  g_assert_cmpint (stun_attr_read_error (&message.view, &error), ==,
                   STUN_RULE_VALUE_LENGTH);
}

/* covers STUN-8489-14.3-a STUN-8489-14.8-a STUN-8489-14.9-a STUN-8489-14.14-a
 * STUN-8489-14.15-a OLD-5389-15.3-a */
static void
test_limits_of_text (void)
{
  static const struct
  {
    guint16 type;
    gsize max;
  } rows[] = {
    { STUN_ATTR_USERNAME, 763 },
    { STUN_ATTR_REALM, 763 },
    { STUN_ATTR_NONCE, 763 },
    { STUN_ATTR_SOFTWARE, 763 },
    { STUN_ATTR_ALTERNATE_DOMAIN, 255 },
  };
  Message message;
  StunBytes value;
  char text[800];

  memset (text, 'x', sizeof text);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      raw (&message, rows[i].type, text, rows[i].max);
      g_assert_cmpint (stun_attr_read_text (&message.view, rows[i].type, &value), ==,
                       STUN_RULE_KEPT);
      g_assert_cmpuint (value.len, ==, rows[i].max);
      raw (&message, rows[i].type, text, rows[i].max + 1);
      g_assert_cmpint (stun_attr_read_text (&message.view, rows[i].type, &value), ==,
                       STUN_RULE_VALUE_LENGTH);
    }
  raw (&message, STUN_ATTR_SOFTWARE, "\xC3(", 2);
  g_assert_cmpint (stun_attr_read_text (&message.view, STUN_ATTR_SOFTWARE, &value), ==,
                   STUN_RULE_UTF8);
  raw (&message, STUN_ATTR_REALM, "a\0b", 3);
  g_assert_cmpint (stun_attr_read_text (&message.view, STUN_ATTR_REALM, &value), ==,
                   STUN_RULE_UTF8);
}

/* covers STUN-8489-14.4-a STUN-8489-14.6-a TURN-8656-18.7-a */
static void
test_fixed_lengths (void)
{
  static const guint8 value[64];
  static const struct
  {
    guint16 type;
    gsize min, max;
  } rows[] = {
    { STUN_ATTR_USERHASH, 32, 32 },        { STUN_ATTR_MESSAGE_INTEGRITY, 20, 20 },
    { STUN_ATTR_RESERVATION_TOKEN, 8, 8 }, { STUN_ATTR_DONT_FRAGMENT, 0, 0 },
    { STUN_ATTR_USE_CANDIDATE, 0, 0 },     { STUN_ATTR_PRIORITY, 4, 4 },
    { STUN_ATTR_ICE_CONTROLLED, 8, 8 },    { STUN_ATTR_LIFETIME, 4, 4 },
    { STUN_ATTR_EVEN_PORT, 1, 4 },         { STUN_ATTR_CONNECTION_ID, 4, 4 },
    { STUN_ATTR_NOMINATION, 4, 4 },        { STUN_ATTR_ICMP, 8, 8 },
  };
  Message message;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      for (gsize len = 0; len <= 40; len++)
        {
          raw (&message, rows[i].type, value, len);
          g_assert_cmpint (stun_attr_check_all (&message.view), ==,
                           len >= rows[i].min && len <= rows[i].max
                               ? STUN_RULE_KEPT
                               : STUN_RULE_VALUE_LENGTH);
        }
    }
  for (gsize len = 0; len <= 40; len++)
    {
      raw (&message, STUN_ATTR_MESSAGE_INTEGRITY_SHA256, value, len);
      g_assert_cmpint (stun_attr_check_all (&message.view), ==,
                       len >= 16 && len <= 32 && len % 4 == 0 ? STUN_RULE_KEPT
                                                              : STUN_RULE_VALUE_LENGTH);
    }
}

/* covers STUN-8489-14.11-a */
static void
test_password_algorithms (void)
{
  const guint16 both[] = { STUN_PASSWORD_ALGORITHM_SHA256, STUN_PASSWORD_ALGORITHM_MD5 };
  Message message;
  StunBytes list;
  StunAlgorithm entry;

  begin (&message);
  stun_attr_write_algorithms (&message.writer, STUN_ATTR_PASSWORD_ALGORITHMS, both, 2);
  stun_attr_write_algorithms (&message.writer, STUN_ATTR_PASSWORD_ALGORITHM, both, 1);
  end (&message);
  g_assert_cmpint (
      stun_attr_read_bytes (&message.view, STUN_ATTR_PASSWORD_ALGORITHMS, &list), ==,
      STUN_RULE_KEPT);
  g_assert_cmpmem (list.data, list.len, "\0\2\0\0\0\1\0\0", 8);
  g_assert_cmpint (stun_algorithms_take (&list, &entry), ==, STUN_RULE_KEPT);
  g_assert_cmpint (entry.algorithm, ==, STUN_PASSWORD_ALGORITHM_SHA256);
  g_assert_cmpint (stun_algorithms_take (&list, &entry), ==, STUN_RULE_KEPT);
  g_assert_cmpint (stun_algorithms_take (&list, &entry), ==, STUN_RULE_ABSENT);
  g_assert_cmpint (stun_attr_read_algorithm (&message.view, &entry), ==, STUN_RULE_KEPT);
  g_assert_cmpint (entry.algorithm, ==, STUN_PASSWORD_ALGORITHM_SHA256);
  /* parameters of 3 bytes are padded to 4; a list that ends inside an entry is malformed
   */
  raw (&message, STUN_ATTR_PASSWORD_ALGORITHMS, "\0\x09\0\3xyz\0\0\1\0\0", 12);
  g_assert_cmpint (stun_attr_check_all (&message.view), ==, STUN_RULE_KEPT);
  raw (&message, STUN_ATTR_PASSWORD_ALGORITHMS, "\0\x09\0\3xy", 6);
  g_assert_cmpint (stun_attr_check_all (&message.view), ==, STUN_RULE_VALUE_LENGTH);
  raw (&message, STUN_ATTR_PASSWORD_ALGORITHM, "\0\1\0\0\0\2\0\0", 8);
  g_assert_cmpint (stun_attr_read_algorithm (&message.view, &entry), ==,
                   STUN_RULE_VALUE_LENGTH);
}

/* covers STUN-8489-14.13-a */
static void
test_unknown_attributes_padded_either_way (void)
{
  Message message;
  guint16 types[4];
  guint n;

  raw (&message, STUN_ATTR_UNKNOWN_ATTRIBUTES, "\x77\x77", 2);
  g_assert_cmpint (stun_attr_read_unknown (&message.view, types, 4, &n), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpuint (n, ==, 1);
  raw (&message, STUN_ATTR_UNKNOWN_ATTRIBUTES, "\x77\x77\x77\x77", 4); /* RFC 3489 */
  g_assert_cmpint (stun_attr_read_unknown (&message.view, types, 4, &n), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmphex (types[1], ==, 0x7777);
  raw (&message, STUN_ATTR_UNKNOWN_ATTRIBUTES, "\x77\x77\x77", 3);
  g_assert_cmpint (stun_attr_read_unknown (&message.view, types, 4, &n), ==,
                   STUN_RULE_VALUE_LENGTH);
}

/* covers TURN-8656-18.1-a TURN-8656-18.7-a TURN-8656-18.12-a NATD-5780-7.2-a
 * NATD-5780-7.5-a RTT-7982-3.1-a */
static void
test_small_values_of_turn_and_discovery (void)
{
  Message message;
  guint8 u8, requests, responses;
  guint16 u16;
  guint32 u32;
  StunAddressErrorValue error;
  StunIcmpValue icmp = { .type = 3, .code = 4, .data = 1280 }, read;

  begin (&message);
  stun_attr_write_u16_rffu (&message.writer, STUN_ATTR_CHANNEL_NUMBER, 0x4001);
  stun_attr_write_u8_rffu (&message.writer, STUN_ATTR_REQUESTED_TRANSPORT,
                           STUN_PROTOCOL_UDP);
  stun_attr_write_u8 (&message.writer, STUN_ATTR_EVEN_PORT, 0x80);
  stun_attr_write_address_error (&message.writer, STUN_FAMILY_IPV6, 440);
  stun_attr_write_icmp (&message.writer, &icmp);
  stun_attr_write_transmit_counter (&message.writer, 3, 1);
  stun_attr_write_u32 (&message.writer, STUN_ATTR_CHANGE_REQUEST, STUN_CHANGE_IP);
  stun_attr_write_u16_rffu (&message.writer, STUN_ATTR_RESPONSE_PORT, 3478);
  end (&message);
  g_assert_cmpint (stun_attr_check_all (&message.view), ==, STUN_RULE_KEPT);
  stun_attr_read_u16 (&message.view, STUN_ATTR_CHANNEL_NUMBER, &u16);
  g_assert_cmphex (u16, ==, 0x4001);
  stun_attr_read_u8 (&message.view, STUN_ATTR_REQUESTED_TRANSPORT, &u8);
  g_assert_cmpuint (u8, ==, 17);
  stun_attr_read_u8 (&message.view, STUN_ATTR_EVEN_PORT, &u8);
  g_assert_cmphex (u8, ==, 0x80);
  g_assert_cmpint (stun_attr_read_address_error (&message.view, &error), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpint (error.code, ==, 440);
  g_assert_cmpint (error.family, ==, STUN_FAMILY_IPV6);
  g_assert_cmpint (stun_attr_read_icmp (&message.view, &read), ==, STUN_RULE_KEPT);
  g_assert_cmpint (read.type, ==, 3);
  g_assert_cmpint (read.code, ==, 4);
  g_assert_cmpuint (read.data, ==, 1280);
  g_assert_cmpint (stun_attr_read_transmit_counter (&message.view, &requests, &responses),
                   ==, STUN_RULE_KEPT);
  g_assert_cmpuint (requests, ==, 3);
  g_assert_cmpuint (responses, ==, 1);
  stun_attr_read_u32 (&message.view, STUN_ATTR_CHANGE_REQUEST, &u32);
  g_assert_cmphex (u32, ==, 4);
  stun_attr_read_u16 (&message.view, STUN_ATTR_RESPONSE_PORT, &u16);
  g_assert_cmpuint (u16, ==, 3478);
}

static void
assert_prepared (const char *text, const char *expected)
{
  GBytes *prepared = NULL;
  StunRule rule = stun_opaque_string (stun_bytes_of_string (text), &prepared);

  if (expected == NULL)
    {
      g_assert_cmpint (rule, !=, STUN_RULE_KEPT);
      return;
    }
  g_assert_cmpint (rule, ==, STUN_RULE_KEPT);
  g_assert_cmpmem (g_bytes_get_data (prepared, NULL), g_bytes_get_size (prepared),
                   expected, strlen (expected));
  g_bytes_unref (prepared);
}

/* RFC 8265 4.3, table of examples.
 * covers STUN-8489-9.1.1-a STUN-8489-14.3-a */
static void
test_opaque_strings (void)
{
  assert_prepared ("correct horse battery staple", "correct horse battery staple");
  assert_prepared ("Correct Horse Battery Staple", "Correct Horse Battery Staple");
  assert_prepared ("\xcf\x80\xc3\x9f\xc3\xa5", "\xcf\x80\xc3\x9f\xc3\xa5");
  assert_prepared ("Jack of \xe2\x99\xa6s", "Jack of \xe2\x99\xa6s");
  assert_prepared ("foo\xe1\x9a\x80"
                   "bar",
                   "foo bar"); /* OGHAM SPACE MARK */
  assert_prepared ("", NULL);
  assert_prepared ("my cat is a \tby", NULL);
  assert_prepared ("a\xcc\x8a", "\xc3\xa5"); /* NFC */
  assert_prepared (VECTOR_USERNAME, VECTOR_USERNAME);
  assert_prepared (VECTOR_LONG_PASSWORD_RAW, NULL); /* SOFT HYPHEN */
  assert_prepared ("\xff", NULL);
  assert_prepared ("l\xc2\xb7l", "l\xc2\xb7l"); /* MIDDLE DOT only between two l */
  assert_prepared ("a\xc2\xb7l", NULL);
  assert_prepared ("a\xce\x87l", NULL); /* becomes one by NFC */
}

/* covers STUN-8489-6.2.1-c */
static void
test_rto_is_learned_per_server_and_forgotten (void)
{
  StunRtoCache cache = { 0 };
  StunAddress server = make_address (FALSE), other = make_address (TRUE), port;
  const gint64 second = G_USEC_PER_SEC, minute = 60 * second;

  g_assert_cmpint (stun_rto_cache_get (&cache, &server, 500000, 1), ==, 500000);
  stun_rto_cache_learn (&cache, &server, second, 1);
  g_assert_cmpint (stun_rto_cache_get (&cache, &server, 500000, 2), ==, 3 * second);
  port = server;
  port.s.ip4.sin_port = 0;
  g_assert_cmpint (stun_rto_cache_get (&cache, &port, 500000, 2), ==, 3 * second);
  g_assert_cmpint (stun_rto_cache_get (&cache, &other, 500000, 2), ==, 500000);
  stun_rto_cache_learn (&cache, &server, -1, 3); /* Karn */
  g_assert_cmpint (stun_rto_cache_get (&cache, &server, 500000, 4), ==, 3 * second);
  g_assert_cmpint (stun_rto_cache_get (&cache, &server, 500000, 10 * minute), ==,
                   3 * second);
  g_assert_cmpint (stun_rto_cache_get (&cache, &server, 500000, 10 * minute + 1), ==,
                   500000);
  stun_rto_cache_learn (&cache, &other, 1000, 1);
  g_assert_cmpint (stun_rto_cache_get (&cache, &other, 500000, 2), ==, 500000);
}

/* covers STUN-8489-6.3.1-b */
static void
test_retransmitted_request_gets_the_same_answer (void)
{
  g_auto (StunResponseCache) cache = { 0 };
  Message message;
  StunAddress from = make_address (FALSE), other = make_address (TRUE);
  StunBytes answer = stun_bytes_of_string ("answer"), found;
  const gint64 late = 40 * G_USEC_PER_SEC;

  begin (&message);
  end (&message);
  g_assert_cmpuint (stun_response_cache_find (&cache, &message.view, &from, 0).len, ==,
                    0);
  stun_response_cache_add (&cache, &message.view, &from, answer, 0);
  found = stun_response_cache_find (&cache, &message.view, &from, late - 1);
  g_assert_cmpmem (found.data, found.len, "answer", 6);
  g_assert_cmpuint (stun_response_cache_find (&cache, &message.view, &other, 1).len, ==,
                    0);
  g_assert_cmpuint (stun_response_cache_find (&cache, &message.view, &from, late).len, ==,
                    0);
  for (guint i = 0; i < STUN_RESPONSES_MAX; i++)
    stun_response_cache_add (&cache, &message.view, &other, answer, 1);
  g_assert_cmpuint (stun_response_cache_find (&cache, &message.view, &from, 2).len, ==,
                    0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/stun/attributes/" name, function)
  ADD ("addresses-both-ways", test_addresses_both_ways);
  ADD ("malformed-addresses-have-a-name", test_malformed_addresses_have_a_name);
  ADD ("error-codes", test_error_codes);
  ADD ("limits-of-text", test_limits_of_text);
  ADD ("fixed-lengths", test_fixed_lengths);
  ADD ("password-algorithms", test_password_algorithms);
  ADD ("unknown-attributes-padded-either-way", test_unknown_attributes_padded_either_way);
  ADD ("small-values-of-turn-and-discovery", test_small_values_of_turn_and_discovery);
  ADD ("opaque-strings", test_opaque_strings);
  ADD ("rto-learned-per-server-and-forgotten",
       test_rto_is_learned_per_server_and_forgotten);
  ADD ("retransmitted-request-same-answer",
       test_retransmitted_request_gets_the_same_answer);
#undef ADD
  return g_test_run ();
}
