/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server that answers anything: a run of responses, each with its length before it, to
 * a client that believes them as far as the rules go. Every run ends: a client retries at
 * most as often as the limit says. */
#include "config.h"

#include "fuzz.h"

#include <glib.h>

#include "stun/credentials.h"
#include "stun/opaque-string.h"

static StunCredentials *
make_client (guint8 choice)
{
  StunBytes name = stun_bytes_of_string ("user"), secret = stun_bytes_of_string ("pass");
  StunCredentialsFlags flags = choice & 7;

  switch ((choice >> 4) % 3)
    {
    case 0:
      return stun_credentials_new_short_term (name, secret, flags);
    case 1:
      return stun_credentials_new_long_term (name, secret, flags);
    default:
      return stun_credentials_new_token (name, name, secret, flags);
    }
}

static StunStamp
write_request (const StunCredentials *client)
{
  static const guint8 id[STUN_TRANSACTION_ID_SIZE] = { 1 };
  guint8 buffer[8192];
  StunWriter writer;
  StunView view;
  StunStamp stamp;

  stun_writer_init (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST,
                    STUN_METHOD_ALLOCATE, id);
  stamp = stun_credentials_write (client, &writer);
  if (stun_writer_end (&writer) > 0)
    g_assert_cmpint (
        stun_view_parse (&view, buffer, stun_writer_end (&writer), STUN_WIRE_NORMAL), ==,
        STUN_RULE_KEPT);
  return stamp;
}

static void
prepare (StunBytes text)
{
  GBytes *prepared = NULL;
  GBytes *again = NULL;

  if (stun_opaque_string (text, &prepared) == STUN_RULE_KEPT)
    { /* RFC 8265 4.2.3: preparing twice changes nothing */
      StunBytes once;

      once.data = g_bytes_get_data (prepared, &once.len);
      g_assert_cmpint (stun_opaque_string (once, &again), ==, STUN_RULE_KEPT);
      g_assert_true (g_bytes_equal (prepared, again));
    }
  g_clear_pointer (&prepared, g_bytes_unref);
  g_clear_pointer (&again, g_bytes_unref);
  g_bytes_unref (stun_prepare_credential (text, TRUE));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  StunBytes input = { data, size }, head, message;
  StunCredentials *client;
  StunStamp stamp;
  guint retries = 0;

  if (!stun_bytes_take (&input, 1, &head))
    return 0;
  prepare (input);
  client = make_client (head.data[0]);
  stamp = write_request (client);
  while (stun_bytes_take (&input, 2, &head)
         && stun_bytes_take (&input, MIN (stun_load16 (head.data), input.len), &message))
    {
      StunView view;
      StunVerdict verdict;

      if (stun_view_parse (&view, message.data, message.len, STUN_WIRE_NORMAL)
          != STUN_RULE_KEPT)
        continue;
      verdict = stun_credentials_handle_response (client, stamp, &view, NULL);
      if (verdict == STUN_VERDICT_FAIL)
        break;
      if (verdict == STUN_VERDICT_ACCEPT)
        retries = 0;
      if (verdict != STUN_VERDICT_RETRY)
        continue;
      g_assert_cmpuint (++retries, <=, STUN_CREDENTIALS_MAX_CHALLENGES);
      stamp = write_request (client);
    }
  stun_credentials_free (client);
  return 0;
}
