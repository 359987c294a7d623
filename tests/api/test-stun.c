/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public STUN functions, alone: who owns what, what each kind of attribute reads and
 * writes, what lies behind the integrity. Facts of the contract 1.24. RFC 8489 5, 14. */
#include <nice/agent.h>
#include <stun/stunagent.h>

#include <arpa/inet.h>
#include <string.h>

#define A_NUMBER ((StunAttribute)0x8101)
#define A_LONG ((StunAttribute)0x8102)
#define A_TEXT ((StunAttribute)0x8103)
#define A_FLAG ((StunAttribute)0x8104)
#define AN_ADDRESS ((StunAttribute)0x8105)
#define ANOTHER_ADDRESS ((StunAttribute)0x8106)
#define A_THIRD_ADDRESS ((StunAttribute)0x8107)

static const guint8 password[] = "a password of some length";

static void
start_request (StunAgent *agent, StunMessage *msg, guint8 *buffer, gsize size)
{
  stun_agent_init (agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
                       | STUN_AGENT_USAGE_USE_FINGERPRINT);
  g_assert_true (stun_agent_init_request (agent, msg, buffer, size, STUN_BINDING));
}

/* contract 1.24-a: memory that was never cleared does, and a name that changes later is
 * read when a message is made */
static void
test_everything_is_the_callers (void)
{
  g_autofree StunAgent *agent = g_malloc (sizeof *agent);
  guint8 buffer[500];
  StunMessage msg;
  char name[] = "one/1", found[128] = "";

  memset (agent, 0xaa, sizeof *agent);
  memset (&msg, 0xaa, sizeof msg);
  memset (buffer, 0xaa, sizeof buffer);
  stun_agent_init (agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_ADD_SOFTWARE);
  stun_agent_set_software (agent, name);
  memcpy (name, "two/2", sizeof name);
  g_assert_true (
      stun_agent_init_request (agent, &msg, buffer, sizeof buffer, STUN_BINDING));
  g_assert_true (msg.buffer == buffer);
  g_assert_cmpuint (stun_agent_finish_message (agent, &msg, NULL, 0), ==, 32);
  g_assert_cmpint (
      stun_message_find_string (&msg, STUN_ATTRIBUTE_SOFTWARE, found, sizeof found), ==,
      STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmpstr (found, ==, "two/2");
}

/* contract 1.24-a: a buffer that is too small is refused, and nothing beyond is written
 */
static void
test_buffers_are_not_left (void)
{
  guint8 buffer[64];
  StunAgent agent;
  StunMessage msg;

  memset (buffer, 0xaa, sizeof buffer);
  stun_agent_init (&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389, 0);
  g_assert_false (stun_agent_init_request (&agent, &msg, buffer, 19, STUN_BINDING));
  start_request (&agent, &msg, buffer, 30);
  g_assert_cmpint (stun_message_append32 (&msg, A_NUMBER, 1), ==,
                   STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmpint (stun_message_append32 (&msg, A_NUMBER, 1), ==,
                   STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE);
  g_assert_cmpuint (stun_message_length (&msg), ==, 28);
  for (gsize i = 28; i < sizeof buffer; i++)
    g_assert_cmphex (buffer[i], ==, 0xaa);
}

static void
append_raw (StunMessage *msg, guint16 type, guint32 value)
{
  const guint16 length = stun_message_length (msg);
  guint8 *at = msg->buffer + length;
  const guint16 head[] = { htons (type), htons (4), htons ((guint16)(length - 20 + 8)) };

  value = htonl (value);
  memcpy (at, head, 4);
  memcpy (at + 4, &value, 4);
  memcpy (msg->buffer + 2, &head[2], 2);
}

/* contract 1.24-e */
static void
test_nothing_is_found_behind_the_integrity (void)
{
  guint8 buffer[500];
  StunAgent agent;
  StunMessage msg;
  guint32 number = 0;

  stun_agent_init (&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS);
  stun_agent_init_request (&agent, &msg, buffer, sizeof buffer, STUN_BINDING);
  stun_message_append32 (&msg, A_NUMBER, 1);
  g_assert_cmpuint (
      stun_agent_finish_message (&agent, &msg, password, sizeof password - 1), >, 0);
  append_raw (&msg, A_LONG, 2);
  append_raw (&msg, A_NUMBER, 3);
  append_raw (&msg, STUN_ATTRIBUTE_FINGERPRINT, 4);
  g_assert_cmpint (stun_message_find32 (&msg, A_LONG, &number), ==,
                   STUN_MESSAGE_RETURN_NOT_FOUND);
  g_assert_false (stun_message_has_attribute (&msg, A_LONG));
  g_assert_cmpint (stun_message_find32 (&msg, A_NUMBER, &number), ==,
                   STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmpuint (number, ==, 1);
  g_assert_cmpint (stun_message_find32 (&msg, STUN_ATTRIBUTE_FINGERPRINT, &number), ==,
                   STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmpuint (number, ==, 4);
}

/* contract 1.24-f: numbers, flags and bytes */
static void
test_numbers_are_read_as_they_were_written (void)
{
  guint8 buffer[500];
  StunAgent agent;
  StunMessage msg;
  guint32 number = 0;
  uint64_t large = 0;
  uint16_t len = 0;
  const guint8 *value;

  start_request (&agent, &msg, buffer, sizeof buffer);
  g_assert_cmpint (stun_message_append32 (&msg, A_NUMBER, 0x01020304), ==, 0);
  g_assert_cmpint (stun_message_append64 (&msg, A_LONG, 0x0102030405060708), ==, 0);
  g_assert_cmpint (stun_message_append_flag (&msg, A_FLAG), ==, 0);
  g_assert_cmpint (stun_message_append_bytes (&msg, A_TEXT, "five5", 5), ==, 0);

  g_assert_cmpint (stun_message_find32 (&msg, A_NUMBER, &number), ==, 0);
  g_assert_cmphex (number, ==, 0x01020304);
  g_assert_cmpint (stun_message_find64 (&msg, A_LONG, &large), ==, 0);
  g_assert_cmphex (large, ==, 0x0102030405060708);
  g_assert_cmpint (stun_message_find_flag (&msg, A_FLAG), ==, 0);
  value = stun_message_find (&msg, A_TEXT, &len);
  g_assert_cmpmem (value, len, "five5", 5);

  g_assert_cmpint (stun_message_find_flag (&msg, A_NUMBER), ==,
                   STUN_MESSAGE_RETURN_INVALID);
  g_assert_cmpint (stun_message_find32 (&msg, A_LONG, &number), ==,
                   STUN_MESSAGE_RETURN_INVALID);
  g_assert_cmpint (stun_message_find64 (&msg, A_NUMBER, &large), ==,
                   STUN_MESSAGE_RETURN_INVALID);
  g_assert_cmpint (stun_message_find64 (&msg, AN_ADDRESS, &large), ==,
                   STUN_MESSAGE_RETURN_NOT_FOUND);
  g_assert_null (stun_message_find (&msg, AN_ADDRESS, &len));
}

/* contract 1.24-f: with zeros, RFC 8489 14 */
static void
test_values_are_padded (void)
{
  static const guint8 padded[8] = "five5";
  guint8 buffer[500];
  StunAgent agent;
  StunMessage msg;
  uint16_t len = 0;

  start_request (&agent, &msg, buffer, sizeof buffer);
  memset (buffer + 20, 0xaa, sizeof buffer - 20);
  stun_message_append_bytes (&msg, A_TEXT, "five5", 5);
  g_assert_cmpmem (stun_message_find (&msg, A_TEXT, &len), sizeof padded, padded,
                   sizeof padded);
  g_assert_cmpuint (len, ==, 5);
}

/* contract 1.24-f: texts and errors */
static void
test_texts_are_read_as_they_were_written (void)
{
  g_autofree char *text = g_strnfill (128, 'x');
  char found[129] = "";
  guint8 buffer[500];
  StunAgent agent;
  StunMessage msg;
  int code = 0;

  start_request (&agent, &msg, buffer, sizeof buffer);
  stun_message_append_string (&msg, A_TEXT, text);
  g_assert_cmpint (stun_message_find_string (&msg, A_TEXT, found, sizeof found), ==, 0);
  g_assert_cmpstr (found, ==, text);
  g_assert_cmpint (stun_message_find_string (&msg, A_TEXT, found, 128), ==,
                   STUN_MESSAGE_RETURN_NOT_ENOUGH_SPACE);
  g_assert_cmpint (stun_message_find_string (&msg, A_FLAG, found, sizeof found), ==,
                   STUN_MESSAGE_RETURN_NOT_FOUND);

  g_assert_cmpint (stun_message_find_error (&msg, &code), ==,
                   STUN_MESSAGE_RETURN_NOT_FOUND);
  g_assert_cmpint (stun_message_append_error (&msg, STUN_ERROR_STALE_NONCE), ==, 0);
  g_assert_cmpint (stun_message_find_error (&msg, &code), ==, 0);
  g_assert_cmpint (code, ==, 438);
}

/* contract 1.24-f: addresses, plain and XORed with any cookie */
static void
test_addresses_are_read_as_they_were_written (void)
{
  struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons (4567) };
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons (7654) };
  struct sockaddr_storage odd = { .ss_family = AF_UNIX }, found;
  struct sockaddr_in6 *found6 = (struct sockaddr_in6 *)&found;
  socklen_t len = sizeof found;
  guint8 buffer[500];
  StunAgent agent;
  StunMessage msg;

  inet_pton (AF_INET, "192.0.2.1", &v4.sin_addr);
  inet_pton (AF_INET6, "2001:db8::1", &v6.sin6_addr);
  start_request (&agent, &msg, buffer, sizeof buffer);
  g_assert_cmpint (
      stun_message_append_addr (&msg, AN_ADDRESS, (struct sockaddr *)&v4, sizeof v4), ==,
      0);
  g_assert_cmpint (stun_message_append_xor_addr (
                       &msg, ANOTHER_ADDRESS, (struct sockaddr_storage *)&v6, sizeof v6),
                   ==, 0);
  g_assert_cmpint (stun_message_append_xor_addr_full (&msg, A_THIRD_ADDRESS,
                                                      (struct sockaddr_storage *)&v4,
                                                      sizeof v4, 0x01020304),
                   ==, 0);
  g_assert_cmpint (
      stun_message_append_addr (&msg, A_TEXT, (struct sockaddr *)&odd, sizeof odd), ==,
      STUN_MESSAGE_RETURN_UNSUPPORTED_ADDRESS);

  g_assert_cmpint (stun_message_find_addr (&msg, AN_ADDRESS, &found, &len), ==, 0);
  g_assert_cmpuint (len, ==, sizeof v4);
  g_assert_cmpmem (&((struct sockaddr_in *)&found)->sin_addr, 4, &v4.sin_addr, 4);
  g_assert_cmpuint (((struct sockaddr_in *)&found)->sin_port, ==, v4.sin_port);
  len = sizeof found;
  g_assert_cmpint (stun_message_find_xor_addr (&msg, ANOTHER_ADDRESS, &found, &len), ==,
                   0);
  g_assert_cmpuint (len, ==, sizeof v6);
  g_assert_cmpmem (&found6->sin6_addr, 16, &v6.sin6_addr, 16);
  g_assert_cmpuint (found6->sin6_port, ==, v6.sin6_port);
  len = sizeof found;
  g_assert_cmpint (
      stun_message_find_xor_addr_full (&msg, A_THIRD_ADDRESS, &found, &len, 0x01020304),
      ==, 0);
  g_assert_cmpmem (&((struct sockaddr_in *)&found)->sin_addr, 4, &v4.sin_addr, 4);

  /* Too little room is the caller's mistake; a text is no address. */
  len = sizeof v4 - 1;
  g_assert_cmpint (stun_message_find_addr (&msg, AN_ADDRESS, &found, &len), ==,
                   STUN_MESSAGE_RETURN_INVALID);
  len = sizeof found;
  stun_message_append_string (&msg, A_FLAG, "text");
  g_assert_cmpint (stun_message_find_addr (&msg, A_FLAG, &found, &len), !=, 0);
  g_assert_cmpint (stun_message_find_addr (&msg, A_LONG, &found, &len), ==,
                   STUN_MESSAGE_RETURN_NOT_FOUND);
}

/* contract 1.24-n */
static void
test_names_of_errors (void)
{
  static const StunError codes[] = {
    STUN_ERROR_TRY_ALTERNATE,     STUN_ERROR_BAD_REQUEST,
    STUN_ERROR_UNAUTHORIZED,      STUN_ERROR_FORBIDDEN,
    STUN_ERROR_UNKNOWN_ATTRIBUTE, STUN_ERROR_ALLOCATION_MISMATCH,
    STUN_ERROR_STALE_NONCE,       STUN_ERROR_ROLE_CONFLICT,
    STUN_ERROR_SERVER_ERROR,      STUN_ERROR_INSUFFICIENT_CAPACITY
  };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      const char *text = stun_strerror (codes[i]);

      g_assert_nonnull (text);
      g_assert_cmpuint (strlen (text), >, 5);
      g_assert_true (g_str_is_ascii (text));
      for (gsize k = 0; k < i; k++)
        g_assert_cmpstr (text, !=, stun_strerror (codes[k]));
    }
  g_assert_nonnull (stun_strerror ((StunError)699));
}

/* contract 1.24-n: bit 15, RFC 8489 14 */
static void
test_optional_attributes (void)
{
  g_assert_false (stun_optional (STUN_ATTRIBUTE_PRIORITY));
  g_assert_false (stun_optional (0x7fff));
  g_assert_true (stun_optional (0x8000));
  g_assert_true (stun_optional (STUN_ATTRIBUTE_SOFTWARE));
}

#define ADD(name, function) g_test_add_func ("/stun/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("everything-is-the-callers", test_everything_is_the_callers);
  ADD ("buffers-are-not-left", test_buffers_are_not_left);
  ADD ("nothing-is-found-behind-the-integrity",
       test_nothing_is_found_behind_the_integrity);
  ADD ("numbers-are-read-as-they-were-written",
       test_numbers_are_read_as_they_were_written);
  ADD ("values-are-padded", test_values_are_padded);
  ADD ("texts-are-read-as-they-were-written", test_texts_are_read_as_they_were_written);
  ADD ("addresses-are-read-as-they-were-written",
       test_addresses_are_read_as_they_were_written);
  ADD ("names-of-errors", test_names_of_errors);
  ADD ("optional-attributes", test_optional_attributes);
  return g_test_run ();
}
