/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that are, and are not, one STUN message; which attributes may be seen. */
#include "config.h"

#include <glib.h>

#include "stun/attributes.h"
#include "stun/demux.h"
#include "stun/fingerprint.h"
#include "stun/integrity.h"
#include "stun/verify.h"
#include "stun/wire.h"

#include "stun-vectors.h"

static const guint8 id[STUN_TRANSACTION_ID_SIZE] = "abcdefghijkl";

static void
begin (StunWriter *writer, guint8 *buffer, gsize size, StunWireClass klass)
{
  stun_writer_init (writer, buffer, size, klass, STUN_METHOD_BINDING, id);
}

static StunRule
parse (const guint8 *data, gsize len)
{
  StunView view;
  g_autofree guint8 *exact = g_malloc (len + 1);

  memcpy (exact, data, len); /* a sanitizer sees what is read behind it */
  return stun_view_parse (&view, exact, len, STUN_WIRE_NORMAL);
}

/* covers STUN-8489-5-a DEMUX-7983-7-a */
static void
test_first_byte_decides_the_protocol (void)
{
  guint8 message[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42 };

  for (guint first = 0; first < 256; first++)
    {
      StunDemux expected = first <= 3                     ? STUN_DEMUX_STUN
                           : first >= 16 && first <= 19   ? STUN_DEMUX_ZRTP
                           : first >= 20 && first <= 63   ? STUN_DEMUX_DTLS
                           : first >= 64 && first <= 79   ? STUN_DEMUX_CHANNEL
                           : first >= 128 && first <= 191 ? STUN_DEMUX_RTP
                                                          : STUN_DEMUX_OTHER;

      g_assert_cmpint (stun_demux_class (first), ==, expected);
      message[0] = first;
      if (first >= 64)
        g_assert_cmpint (parse (message, sizeof message), ==, STUN_RULE_FIRST_BITS);
      g_assert_cmpint (stun_demux_is_stun (message, sizeof message), ==, first <= 3);
    }
}

/* covers STUN-8489-5-b */
static void
test_type_packs_method_and_class (void)
{
  g_assert_cmphex (stun_wire_type (STUN_CLASS_REQUEST, STUN_METHOD_BINDING), ==, 0x0001);
  g_assert_cmphex (stun_wire_type (STUN_CLASS_INDICATION, STUN_METHOD_BINDING), ==,
                   0x0011);
  g_assert_cmphex (stun_wire_type (STUN_CLASS_SUCCESS, STUN_METHOD_BINDING), ==, 0x0101);
  g_assert_cmphex (stun_wire_type (STUN_CLASS_ERROR, STUN_METHOD_BINDING), ==, 0x0111);
  g_assert_cmphex (stun_wire_type (STUN_CLASS_INDICATION, STUN_METHOD_SEND), ==, 0x0016);
  g_assert_cmphex (stun_wire_type (STUN_CLASS_INDICATION, STUN_METHOD_DATA), ==, 0x0017);
  g_assert_cmphex (stun_wire_type (STUN_CLASS_SUCCESS, STUN_METHOD_ALLOCATE), ==, 0x0103);
  for (guint method = 0; method <= STUN_METHOD_MAX; method++)
    {
      for (guint klass = 0; klass < 4; klass++)
        {
          guint16 type = stun_wire_type ((StunWireClass)klass, method);

          g_assert_cmphex (type & 0xC000, ==, 0);
          g_assert_cmpuint (stun_wire_type_get_class (type), ==, klass);
          g_assert_cmpuint (stun_wire_type_get_method (type), ==, method);
        }
    }
}

/* covers STUN-8489-5-c STUN-8489-5-d */
static void
test_header_carries_cookie_and_the_callers_id (void)
{
  guint8 buffer[20], answer[20];
  StunWriter writer;
  StunView view;

  begin (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST);
  g_assert_cmpmem (buffer + 4, 4, "\x21\x12\xa4\x42", 4);
  g_assert_cmpmem (buffer + 8, 12, id, 12);
  g_assert_cmpint (stun_view_parse (&view, buffer, 20, STUN_WIRE_NORMAL), ==,
                   STUN_RULE_KEPT);
  stun_writer_init_reply (&writer, answer, sizeof answer, STUN_CLASS_SUCCESS, &view);
  g_assert_cmpmem (answer, 2, "\x01\x01", 2);
  g_assert_cmpmem (answer + 4, 16, buffer + 4, 16);
}

/* covers STUN-8489-5-f STUN-8489-6.3-a */
static void
test_length_field_of_every_value (void)
{
  guint8 message[VECTOR_LEN (vector_request)];

  memcpy (message, vector_request, sizeof message);
  for (guint length = 0; length <= 0xFFFF; length++)
    {
      StunRule rule;

      stun_store16 (message + 2, length);
      rule = parse (message, sizeof message);
      if (length % 4 != 0)
        g_assert_cmpint (rule, ==, STUN_RULE_LENGTH_ALIGNMENT);
      else if (length < sizeof message - 20)
        g_assert_cmpint (rule, ==, STUN_RULE_TRAILING_BYTES);
      else if (length > sizeof message - 20)
        g_assert_cmpint (rule, ==, STUN_RULE_TRUNCATED);
      else
        g_assert_cmpint (rule, ==, STUN_RULE_KEPT);
    }
  message[4] ^= 1;
  stun_store16 (message + 2, sizeof message - 20);
  g_assert_cmpint (parse (message, sizeof message), ==, STUN_RULE_COOKIE);
}

/* covers STUN-8489-6.3-d */
static void
test_truncation_at_every_byte (void)
{
  const struct
  {
    const guint8 *data;
    gsize len;
  } all[] = {
    { vector_request, VECTOR_LEN (vector_request) },
    { vector_response_ip4, VECTOR_LEN (vector_response_ip4) },
    { vector_response_ip6, VECTOR_LEN (vector_response_ip6) },
    { vector_long_term, VECTOR_LEN (vector_long_term) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      for (gsize len = 0; len < all[i].len; len++)
        {
          guint8 cut[256];

          g_assert_cmpint (parse (all[i].data, len), ==, STUN_RULE_TRUNCATED);
          memcpy (cut, all[i].data, len);
          if (len < 20 || len % 4 != 0)
            continue;
          /* and with a header that says so: an attribute is cut, or one is missing */
          stun_store16 (cut + 2, len - 20);
          g_assert_true (parse (cut, len) == STUN_RULE_KEPT
                         || parse (cut, len) == STUN_RULE_ATTRIBUTE_BOUNDS);
        }
    }
}

/* covers STUN-8489-6.3-d */
static void
test_attribute_length_of_every_value (void)
{
  guint8 message[VECTOR_LEN (vector_request)];

  memcpy (message, vector_request, sizeof message);
  for (guint length = 0; length <= 0xFFFF; length++)
    {
      stun_store16 (message + 20 + 2, length);
      if (stun_padded (length) > sizeof message - 24)
        g_assert_cmpint (parse (message, sizeof message), ==, STUN_RULE_ATTRIBUTE_BOUNDS);
      else
        parse (message, sizeof message); /* lands anywhere: must stay inside */
    }
}

/* covers STUN-8489-14-a */
static void
test_padding_is_zero_when_sent_and_ignored_when_received (void)
{
  guint8 buffer[64];
  StunWriter writer;
  StunView view;
  StunBytes value;

  memset (buffer, 0xEE, sizeof buffer);
  begin (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST);
  stun_attr_write_string (&writer, STUN_ATTR_SOFTWARE, "abcde");
  g_assert_cmpmem (buffer + 20, 12,
                   "\x80\x22\x00\x05"
                   "abcde\0\0\0",
                   12);
  memcpy (buffer + 29, "\x01\x02\x03", 3);
  g_assert_cmpint (
      stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL), ==,
      STUN_RULE_KEPT);
  g_assert_cmpint (stun_attr_read_text (&view, STUN_ATTR_SOFTWARE, &value), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpmem (value.data, value.len, "abcde", 5);
}

/* covers STUN-8489-14-b */
static void
test_first_of_a_repeated_attribute_counts (void)
{
  guint8 buffer[64];
  StunWriter writer;
  StunView view;
  StunAttr attr;
  guint32 value;

  begin (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST);
  stun_attr_write_u32 (&writer, STUN_ATTR_PRIORITY, 1);
  stun_attr_write_u32 (&writer, STUN_ATTR_LIFETIME, 9);
  stun_attr_write_u32 (&writer, STUN_ATTR_PRIORITY, 2);
  stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL);
  g_assert_cmpint (stun_attr_read_u32 (&view, STUN_ATTR_PRIORITY, &value), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpuint (value, ==, 1);
  g_assert_true (stun_view_find (&view, STUN_ATTR_PRIORITY, &attr));
  g_assert_true (stun_view_find_next (&view, &attr));
  g_assert_cmpuint (stun_load32 (attr.value), ==, 2);
  g_assert_false (stun_view_find_next (&view, &attr));
}

/* covers STUN-8489-9-a */
static void
test_nothing_behind_the_integrity_is_seen (void)
{
  g_auto (StunHmac) sha1 = { 0 };
  g_auto (StunHmac) sha256 = { 0 };

  stun_hmac_init (&sha1, STUN_HMAC_SHA1, "key", 3);
  stun_hmac_init (&sha256, STUN_HMAC_SHA256, "key", 3);
  for (guint type = 0; type <= 0xFFFF; type++)
    {
      guint8 buffer[256];
      StunWriter writer;
      StunView view;

      begin (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST);
      if (type & 1)
        stun_integrity_write (&writer, &sha1);
      stun_writer_append_bytes (&writer, type & 1 ? type : STUN_ATTR_DATA, "evil", 4);
      stun_integrity_write (&writer, &sha256);
      stun_writer_append_bytes (&writer, type, "evil", 4);
      stun_fingerprint_write (&writer);
      g_assert_cmpint (
          stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL),
          ==, STUN_RULE_KEPT);
      if (type == STUN_ATTR_FINGERPRINT)
        continue;
      g_assert_cmpint (stun_integrity_verify (&view, &sha256), ==,
                       type == STUN_ATTR_MESSAGE_INTEGRITY_SHA256 && (type & 1)
                           ? STUN_RULE_VALUE_LENGTH
                           : STUN_RULE_KEPT);
      g_assert_cmpint (stun_fingerprint_verify (&view), ==, STUN_RULE_KEPT);
      if (type != STUN_ATTR_MESSAGE_INTEGRITY_SHA256 && type != STUN_ATTR_DATA
          && type != STUN_ATTR_FINGERPRINT && type != STUN_ATTR_MESSAGE_INTEGRITY)
        g_assert_false (stun_view_has (&view, type));
    }
}

/* A MESSAGE-INTEGRITY behind MESSAGE-INTEGRITY-SHA256 is as invisible as the rest.
 * covers STUN-8489-9-a */
static void
test_order_of_the_two_integrities_matters (void)
{
  guint8 buffer[256];
  StunWriter writer;
  StunView view;
  g_auto (StunHmac) sha1 = { 0 };
  g_auto (StunHmac) sha256 = { 0 };

  stun_hmac_init (&sha1, STUN_HMAC_SHA1, "key", 3);
  stun_hmac_init (&sha256, STUN_HMAC_SHA256, "key", 3);
  begin (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST);
  stun_integrity_write (&writer, &sha1);
  stun_integrity_write (&writer, &sha256);
  stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL);
  g_assert_cmpint (stun_integrity_verify (&view, &sha1), ==, STUN_RULE_KEPT);
  g_assert_cmpint (stun_integrity_verify (&view, &sha256), ==, STUN_RULE_KEPT);
  begin (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST);
  stun_integrity_write (&writer, &sha256);
  stun_integrity_write (&writer, &sha1);
  stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL);
  g_assert_cmpint (stun_integrity_verify (&view, &sha1), ==, STUN_RULE_NO_INTEGRITY);
  g_assert_cmpint (stun_integrity_verify (&view, &sha256), ==, STUN_RULE_KEPT);
}

/* covers STUN-8489-14.7-a */
static void
test_fingerprint_has_to_be_last_and_right (void)
{
  guint8 buffer[64];
  StunWriter writer;
  StunView view;

  begin (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST);
  stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL);
  g_assert_cmpint (stun_fingerprint_verify (&view), ==, STUN_RULE_FINGERPRINT);
  stun_fingerprint_write (&writer);
  stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL);
  g_assert_cmpint (stun_fingerprint_verify (&view), ==, STUN_RULE_KEPT);
  for (guint bit = 0; bit < 8 * 28; bit++)
    {
      StunView broken;

      buffer[bit / 8] ^= 1 << (bit % 8);
      if (stun_view_parse (&broken, buffer, 28, STUN_WIRE_NORMAL) == STUN_RULE_KEPT)
        g_assert_cmpint (stun_fingerprint_verify (&broken), ==, STUN_RULE_FINGERPRINT);
      buffer[bit / 8] ^= 1 << (bit % 8);
    }
  stun_attr_write_flag (&writer, STUN_ATTR_USE_CANDIDATE);
  stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL);
  g_assert_cmpint (stun_fingerprint_verify (&view), ==, STUN_RULE_FINGERPRINT);
}

/* covers STUN-8489-6.3.1-a STUN-8489-6.3-c */
static void
test_unknown_attributes_are_listed_once_each (void)
{
  const guint16 known[] = { STUN_ATTR_USERNAME, 0 };
  guint8 buffer[128];
  guint16 unknown[STUN_MAX_UNKNOWN];
  StunWriter writer;
  StunView view;
  StunCheck check;
  guint n;

  begin (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST);
  stun_writer_append_bytes (&writer, 0x7777, NULL, 0);
  stun_writer_append_bytes (&writer, 0x8777, NULL, 0);
  stun_writer_append_bytes (&writer, STUN_ATTR_USERNAME, "u", 1);
  stun_writer_append_bytes (&writer, 0x7777, NULL, 0);
  stun_writer_append_bytes (&writer, 0x7FFF, NULL, 0);
  stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL);
  check = stun_verify_known (&view, known, unknown, &n);
  g_assert_cmpint (check.code, ==, 420);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmphex (unknown[0], ==, 0x7777);
  g_assert_cmphex (unknown[1], ==, 0x7FFF);
}

/* covers STUN-8489-11-a OLD-5389-12.2-a */
static void
test_classic_clients_are_known_by_the_missing_cookie (void)
{
  static const struct
  {
    guint16 type;
    guint16 code;
  } rows[] = { { 0x0001, 500 }, { 0x0011, 0 } };
  guint8 message[20] = { 0 }, answer[20];
  StunView view;
  StunWriter writer;

  memcpy (message + 4, "0123456789abcdef", 16);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      stun_store16 (message, rows[i].type);
      g_assert_cmpint (stun_view_parse (&view, message, 20, STUN_WIRE_CLASSIC), ==,
                       STUN_RULE_KEPT);
      g_assert_cmpint (stun_verify_cookie (&view).code, ==, rows[i].code);
      g_assert_cmpint (stun_verify_cookie (&view).rule, ==, STUN_RULE_COOKIE);
      stun_writer_init_reply (&writer, answer, sizeof answer, STUN_CLASS_SUCCESS, &view);
      g_assert_cmpmem (answer + 4, 16, message + 4, 16);
    }
}

/* covers STUN-8489-6.3-a */
static void
test_methods_come_only_in_their_classes (void)
{
  guint8 buffer[20];
  StunWriter writer;
  StunView view;

  for (guint method = 0; method < 0x20; method++)
    {
      gboolean only_indication = method == 6 || method == 7 || method == 12;
      gboolean known = method == 1 || (method >= 3 && method <= 12 && method != 5);

      for (guint klass = 0; klass < 4; klass++)
        {
          gboolean fits = klass == STUN_CLASS_INDICATION ? method == 1 || only_indication
                                                         : !only_indication;

          stun_writer_init (&writer, buffer, sizeof buffer, (StunWireClass)klass, method,
                            id);
          stun_view_parse (&view, buffer, 20, STUN_WIRE_NORMAL);
          g_assert_cmpint (stun_verify_method (&view), ==,
                           known && fits ? STUN_RULE_KEPT : STUN_RULE_METHOD);
        }
    }
}

/* Every class with every pair of known attributes, each with a value of a length that may
 * or may not suit it: no abort, and always an answer with a name. covers STUN-8489-16-c
 * STUN-8489-6.3-c */
static void
test_every_class_with_every_pair_of_attributes (void)
{
  static const guint8 value[24] = { 0, 1, 4, 20 };
  static const gsize lens[] = { 0, 1, 4, 8, 20 };

  for (guint a = 0; a <= 0x2B; a++)
    {
      for (guint b = 0; b <= 0x60; b++)
        {
          guint8 buffer[128];
          StunWriter writer;
          StunView view;
          StunErrorValue error;
          StunAddress address;
          guint16 second = b < 0x30 ? b : 0x8000 + b - 0x30;
          gsize len = lens[(a + b) % G_N_ELEMENTS (lens)];

          begin (&writer, buffer, sizeof buffer, (StunWireClass)(b % 4));
          stun_writer_append_bytes (&writer, a, value, len);
          stun_writer_append_bytes (&writer, second, value, 24 - len);
          g_assert_cmpint (stun_view_parse (&view, buffer, stun_writer_end (&writer),
                                            STUN_WIRE_NORMAL),
                           ==, STUN_RULE_KEPT);
          g_assert_cmpstr (stun_rule_get_name (stun_attr_check_all (&view)), !=,
                           "unknown");
          g_assert_cmpstr (stun_rule_get_name (stun_attr_read_error (&view, &error)), !=,
                           "unknown");
          stun_attr_read_xor_address (&view, a, &address);
        }
    }
}

/* A stream is read in any pieces. covers STUN-8489-6.2.2-f */
static void
test_stream_measures_before_it_reads (void)
{
  gsize total;

  for (gsize len = 0; len < VECTOR_LEN (vector_request); len++)
    {
      g_assert_cmpint (stun_wire_measure (vector_request, len, STUN_WIRE_NORMAL, &total),
                       ==, STUN_RULE_TRUNCATED);
      g_assert_cmpuint (total, ==, len < 4 ? 0 : VECTOR_LEN (vector_request));
    }
  g_assert_cmpint (stun_wire_measure (vector_request, 400, STUN_WIRE_NORMAL, &total), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpint (
      stun_wire_measure ((const guint8 *)"\x40", 1, STUN_WIRE_NORMAL, &total), ==,
      STUN_RULE_FIRST_BITS);
}

/* covers STUN-8489-6.1-a */
static void
test_buffer_limits_hold_at_every_size (void)
{
  for (gsize size = 0; size < 80; size++)
    {
      guint8 buffer[80];
      StunWriter writer;

      memset (buffer, 0xEE, sizeof buffer);
      begin (&writer, buffer, size, STUN_CLASS_REQUEST);
      stun_attr_write_u64 (&writer, STUN_ATTR_ICE_CONTROLLED, 1);
      stun_attr_write_string (&writer, STUN_ATTR_SOFTWARE, "name");
      stun_fingerprint_write (&writer);
      g_assert_cmpuint (stun_writer_end (&writer), ==, size < 48 ? 0 : 48);
      for (gsize i = size; i < sizeof buffer; i++)
        g_assert_cmphex (buffer[i], ==, 0xEE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/stun/wire/" name, function)
  ADD ("first-byte-decides-the-protocol", test_first_byte_decides_the_protocol);
  ADD ("type-packs-method-and-class", test_type_packs_method_and_class);
  ADD ("header-carries-cookie-and-id", test_header_carries_cookie_and_the_callers_id);
  ADD ("length-field-of-every-value", test_length_field_of_every_value);
  ADD ("truncation-at-every-byte", test_truncation_at_every_byte);
  ADD ("attribute-length-of-every-value", test_attribute_length_of_every_value);
  ADD ("padding", test_padding_is_zero_when_sent_and_ignored_when_received);
  ADD ("first-of-a-repeated-attribute-counts", test_first_of_a_repeated_attribute_counts);
  ADD ("nothing-behind-the-integrity-is-seen", test_nothing_behind_the_integrity_is_seen);
  ADD ("order-of-the-two-integrities", test_order_of_the_two_integrities_matters);
  ADD ("fingerprint-last-and-right", test_fingerprint_has_to_be_last_and_right);
  ADD ("unknown-attributes-listed-once", test_unknown_attributes_are_listed_once_each);
  ADD ("methods-come-only-in-their-classes", test_methods_come_only_in_their_classes);
  ADD ("classic-clients", test_classic_clients_are_known_by_the_missing_cookie);
  ADD ("every-class-every-pair", test_every_class_with_every_pair_of_attributes);
  ADD ("stream-measures-before-it-reads", test_stream_measures_before_it_reads);
  ADD ("buffer-limits-at-every-size", test_buffer_limits_hold_at_every_size);
#undef ADD
  return g_test_run ();
}
