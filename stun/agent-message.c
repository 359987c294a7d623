/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public agent: beginning and finishing messages, and remembering the requests that
 * wait for answers. Validation is agent-validate.c. RFC 8489 6.1, 9. */
#include "config.h"

#include "stun/attributes.h"
#include "stun/fingerprint.h"
#include "stun/public-message.h"
#include "stun/random.h"

#define MAX_SOFTWARE 128 /* bytes of SOFTWARE that are sent; RFC 8489 14.14 */

void
stun_agent_init (StunAgent *agent, const uint16_t *known_attributes,
                 StunCompatibility compatibility, StunAgentUsageFlags usage_flags)
{
  memset (agent, 0, sizeof *agent);
  agent->known_attributes = (uint16_t *)known_attributes;
  agent->compatibility = compatibility;
  agent->usage_flags = usage_flags;
}

void
stun_agent_set_software (StunAgent *agent, const char *software)
{
  agent->software_attribute = software;
}

bool
stun_agent_default_validater (StunAgent *agent, StunMessage *message, uint8_t *username,
                              uint16_t username_len, uint8_t **password,
                              size_t *password_len, void *user_data)
{
  const StunDefaultValidaterData *users = user_data;

  for (; users != NULL && users->username != NULL; users++)
    {
      if (users->username_len != username_len
          || memcmp (users->username, username, username_len) != 0)
        continue;
      *password = users->password;
      *password_len = users->password_len;
      return true;
    }
  return false;
}

/* SOFTWARE, first in requests and responses (RFC 8489 14.14): what was set, or our name
 * when the usage asks for one. When it does not fit it stays out: it is only a courtesy.
 */
static void
append_software (StunAgent *agent, StunMessage *msg)
{
  const char *software = agent->software_attribute;
  size_t len;

  if (software == NULL && (agent->usage_flags & STUN_AGENT_USAGE_ADD_SOFTWARE))
    software = GETTEXT_PACKAGE;
  if (software == NULL || !stun_quirks_get (agent->compatibility)->has_cookie)
    return;
  len = strnlen (software, MAX_SOFTWARE + 1);
  if (len > MAX_SOFTWARE)
    {
      const char *end;

      g_utf8_validate_len (software, MAX_SOFTWARE, &end); /* cut between characters */
      len = end - software;
    }
  stun_message_append_bytes (msg, STUN_ATTRIBUTE_SOFTWARE, software, len);
}

static void
set_buffer (StunAgent *agent, StunMessage *msg, uint8_t *buffer, size_t buffer_len)
{
  memset (msg, 0, sizeof *msg);
  msg->agent = agent;
  msg->buffer = buffer;
  msg->buffer_len = buffer_len;
}

static bool
begin (StunAgent *agent, StunMessage *msg, StunClass c, StunMethod m)
{
  StunTransactionId id;

  if (!stun_random_bytes (id, sizeof id))
    return false;
  if (stun_quirks_get (agent->compatibility)->has_cookie)
    stun_store32 (id, STUN_MAGIC_COOKIE);
  return stun_message_init (msg, c, m, id);
}

bool
stun_agent_init_request (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                         size_t buffer_len, StunMethod m)
{
  set_buffer (agent, msg, buffer, buffer_len);
  if (!begin (agent, msg, STUN_REQUEST, m))
    return false;
  append_software (agent, msg);
  return true;
}

bool
stun_agent_init_indication (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                            size_t buffer_len, StunMethod m)
{
  set_buffer (agent, msg, buffer, buffer_len);
  return begin (agent, msg, STUN_INDICATION, m);
}

static bool
begin_answer (StunAgent *agent, StunMessage *msg, StunClass c, const StunMessage *request)
{
  StunTransactionId id;

  if (stun_message_get_class (request) != STUN_REQUEST)
    return false;
  msg->key = request->key;
  msg->key_len = request->key_len;
  memcpy (msg->long_term_key, request->long_term_key, sizeof msg->long_term_key);
  msg->long_term_valid = request->long_term_valid;
  stun_message_id (request, id);
  return stun_message_init (msg, c, stun_message_get_method (request), id);
}

bool
stun_agent_init_response (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                          size_t buffer_len, const StunMessage *request)
{
  set_buffer (agent, msg, buffer, buffer_len);
  if (!begin_answer (agent, msg, STUN_RESPONSE, request))
    return false;
  append_software (agent, msg);
  return true;
}

bool
stun_agent_init_error (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                       size_t buffer_len, const StunMessage *request, StunError err)
{
  set_buffer (agent, msg, buffer, buffer_len);
  if (!begin_answer (agent, msg, STUN_ERROR, request))
    return false;
  append_software (agent, msg);
  return stun_message_append_error (msg, err) == STUN_MESSAGE_RETURN_SUCCESS;
}

size_t
stun_agent_build_unknown_attributes_error (StunAgent *agent, StunMessage *msg,
                                           uint8_t *buffer, size_t buffer_len,
                                           const StunMessage *request)
{
  guint16 unknown[STUN_AGENT_MAX_UNKNOWN_ATTRIBUTES];
  StunView view;
  guint n;

  if (!stun_message_get_view (request, &view)
      || !stun_agent_init_error (agent, msg, buffer, buffer_len, request,
                                 STUN_ERROR_UNKNOWN_ATTRIBUTE))
    return 0;
  n = stun_view_list_unknown (&view, agent->known_attributes, unknown,
                              G_N_ELEMENTS (unknown));
  for (guint i = 0; i < n; i++)
    unknown[i] = GUINT16_TO_BE (unknown[i]);
  if (stun_message_append_bytes (msg, STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES, unknown, 2 * n)
      != STUN_MESSAGE_RETURN_SUCCESS)
    return 0;
  return stun_agent_finish_message (agent, msg, request->key, request->key_len);
}

static StunAgentSavedIds *
find_free (StunAgent *agent)
{
  for (guint i = 0; i < STUN_AGENT_MAX_SAVED_IDS; i++)
    {
      if (!agent->sent_ids[i].valid)
        return &agent->sent_ids[i];
    }
  return NULL;
}

bool
stun_agent_forget_transaction (StunAgent *agent, StunTransactionId id)
{
  for (guint i = 0; i < STUN_AGENT_MAX_SAVED_IDS; i++)
    {
      StunAgentSavedIds *saved = &agent->sent_ids[i];

      if (!saved->valid || memcmp (saved->id, id, sizeof saved->id) != 0)
        continue;
      saved->valid = false;
      return true;
    }
  return false;
}

/* The key to sign with, made ready; NULL: the message goes unsigned. */
static const StunHmac *
get_key (StunAgent *agent, StunMessage *msg, StunHmac *space)
{
  if (msg->key == NULL)
    return NULL;
  if (!(agent->usage_flags & STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS))
    return stun_keyring_get (msg->key, msg->key_len, space);
  if (!msg->long_term_valid && !stun_message_make_long_term_key (msg))
    return NULL;
  return stun_keyring_get (msg->long_term_key, sizeof msg->long_term_key, space);
}

static void
remember (StunAgentSavedIds *saved, const StunMessage *msg)
{
  stun_message_id (msg, saved->id);
  saved->method = stun_message_get_method (msg);
  saved->key = msg->key;
  saved->key_len = msg->key_len;
  memcpy (saved->long_term_key, msg->long_term_key, sizeof saved->long_term_key);
  saved->long_term_valid = msg->long_term_valid;
  saved->valid = true;
}

size_t
stun_agent_finish_message (StunAgent *agent, StunMessage *msg, const uint8_t *key,
                           size_t key_len)
{
  bool has_fingerprint = (agent->usage_flags & STUN_AGENT_USAGE_USE_FINGERPRINT)
                         && stun_quirks_get (agent->compatibility)->has_cookie;
  StunAgentSavedIds *saved = NULL;
  const StunHmac *hmac;
  StunHmac space = { 0 };
  StunWriter writer;

  if (stun_message_get_class (msg) == STUN_REQUEST)
    {
      saved = find_free (agent);
      if (saved == NULL)
        return 0;
    }
  if (msg->key == NULL)
    {
      msg->key = (uint8_t *)key;
      msg->key_len = key_len;
    }
  hmac = get_key (agent, msg, &space);
  stun_writer_resume (&writer, msg->buffer, msg->buffer_len,
                      STUN_MESSAGE_HEADER_LENGTH
                          + (gsize)stun_load16 (msg->buffer + STUN_MESSAGE_LENGTH_POS),
                      stun_message_get_wire_flags (msg));
  writer.expects_fingerprint = has_fingerprint;
  if (hmac != NULL)
    stun_integrity_write (&writer, hmac);
  if (has_fingerprint)
    stun_fingerprint_write (&writer);
  if (saved != NULL && !writer.overflow)
    remember (saved, msg);
  return stun_writer_end (&writer);
}
