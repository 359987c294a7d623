/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public agent's validation: one step per rule, in the order that libnice's users
 * know. RFC 8489 6.3, 9.1.3, 9.2.4. */
#include "config.h"

#include "stun/attributes.h"
#include "stun/debug.h"
#include "stun/fingerprint.h"
#include "stun/public-message.h"

/* What one validation works on. */
typedef struct
{
  StunAgent *agent;
  StunMessage *msg;
  StunView view;
  StunClass klass;
  int error_code;           /* of an error response, else 0 */
  StunAgentSavedIds *saved; /* the request that a response answers */
  StunMessageIntegrityValidate validater;
  void *validater_data;
} Validation;

static StunValidationStatus
check_form (Validation *self, size_t buffer_len)
{
  StunWireFlags flags = stun_message_get_wire_flags (self->msg);
  StunRule rule = stun_view_parse (&self->view, self->msg->buffer, buffer_len,
                                   flags | STUN_WIRE_CLASSIC);

  if (rule == STUN_RULE_TRUNCATED && buffer_len > 0)
    return STUN_VALIDATION_INCOMPLETE_STUN;
  return rule == STUN_RULE_KEPT ? STUN_VALIDATION_SUCCESS : STUN_VALIDATION_NOT_STUN;
}

static StunValidationStatus
check_cookie (Validation *self)
{
  if (!stun_quirks_get (self->agent->compatibility)->has_cookie)
    return STUN_VALIDATION_SUCCESS;
  if (!self->view.has_cookie)
    return STUN_VALIDATION_BAD_REQUEST;
  if ((self->agent->usage_flags & STUN_AGENT_USAGE_USE_FINGERPRINT)
      && stun_fingerprint_verify (&self->view) != STUN_RULE_KEPT)
    return STUN_VALIDATION_BAD_REQUEST;
  return STUN_VALIDATION_SUCCESS;
}

static StunValidationStatus
check_transaction (Validation *self)
{
  StunMethod method = self->view.method;

  if (self->klass != STUN_RESPONSE && self->klass != STUN_ERROR)
    return STUN_VALIDATION_SUCCESS;
  for (guint i = 0; i < STUN_AGENT_MAX_SAVED_IDS; i++)
    {
      StunAgentSavedIds *saved = &self->agent->sent_ids[i];

      if (!saved->valid || saved->method != method
          || memcmp (saved->id, self->msg->buffer + STUN_MESSAGE_TRANS_ID_POS,
                     STUN_ID_LEN)
                 != 0)
        continue;
      self->saved = saved;
      return STUN_VALIDATION_SUCCESS;
    }
  return STUN_VALIDATION_UNMATCHED_RESPONSE;
}

/* Messages whose sender cannot be asked to sign. */
static bool
needs_no_credentials (const Validation *self)
{
  StunAgentUsageFlags flags = self->agent->usage_flags;

  if (flags & STUN_AGENT_USAGE_IGNORE_CREDENTIALS)
    return true;
  if (self->klass == STUN_INDICATION)
    return (flags
            & (STUN_AGENT_USAGE_NO_INDICATION_AUTH
               | STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS))
           != 0;
  return self->error_code == STUN_ERROR_BAD_REQUEST
         || self->error_code == STUN_ERROR_UNAUTHORIZED
         || self->error_code == STUN_ERROR_STALE_NONCE
         || self->error_code == STUN_ERROR_TRY_ALTERNATE;
}

static bool
has (const Validation *self, StunAttribute type)
{
  return stun_view_has (&self->view, stun_message_get_wire_type (self->msg, type));
}

/* Whether a request or indication lacks what it should have brought: answer 400. Who
 * shows a name has to prove it, whatever the usage. */
static bool
lacks_credentials (const Validation *self)
{
  StunAgentUsageFlags flags = self->agent->usage_flags;
  bool is_signed = self->view.integrity != 0;

  if (self->saved != NULL)
    return false;
  if (flags & STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS)
    return !is_signed || !has (self, STUN_ATTRIBUTE_USERNAME);
  if (flags & STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS)
    return !is_signed || !has (self, STUN_ATTRIBUTE_USERNAME)
           || !has (self, STUN_ATTRIBUTE_REALM) || !has (self, STUN_ATTRIBUTE_NONCE);
  return !is_signed && has (self, STUN_ATTRIBUTE_USERNAME);
}

/* The key of the request that a response answers. */
static void
take_saved_key (Validation *self)
{
  StunMessage *msg = self->msg;

  if (self->saved == NULL)
    return;
  msg->key = self->saved->key;
  msg->key_len = self->saved->key_len;
  memcpy (msg->long_term_key, self->saved->long_term_key, sizeof msg->long_term_key);
  msg->long_term_valid = self->saved->long_term_valid;
}

static bool
ask_validater (Validation *self)
{
  StunAttr username = { .value = NULL };

  stun_view_find (&self->view, STUN_ATTRIBUTE_USERNAME, &username);
  return self->validater != NULL
         && self->validater (self->agent, self->msg, (uint8_t *)username.value,
                             username.len, &self->msg->key, &self->msg->key_len,
                             self->validater_data);
}

static bool
is_signed_right (Validation *self)
{
  StunMessage *msg = self->msg;
  StunHmac space = { 0 };
  const StunHmac *hmac;

  if (self->agent->usage_flags & STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS)
    {
      if (!msg->long_term_valid && !stun_message_make_long_term_key (msg))
        return false;
      hmac = stun_keyring_get (msg->long_term_key, sizeof msg->long_term_key, &space);
    }
  else
    hmac = stun_keyring_get (msg->key, msg->key_len, &space);
  return stun_integrity_verify (&self->view, hmac) == STUN_RULE_KEPT;
}

/* A key shows in the message only when it proved right: the answer is signed with it. */
static StunValidationStatus
forget_key (Validation *self, StunValidationStatus status)
{
  self->msg->key = NULL;
  self->msg->key_len = 0;
  self->msg->long_term_valid = false;
  return status;
}

static StunValidationStatus
check_credentials (Validation *self)
{
  bool is_exempt = needs_no_credentials (self);
  bool is_forced = (self->agent->usage_flags & STUN_AGENT_USAGE_FORCE_VALIDATER) != 0;

  if (!is_exempt && lacks_credentials (self))
    return STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST;
  take_saved_key (self);
  if (self->view.integrity != 0 && (!is_exempt || is_forced)
      && (self->msg->key == NULL || is_forced) && !ask_validater (self))
    return forget_key (self, STUN_VALIDATION_UNAUTHORIZED);
  if (is_exempt || self->msg->key == NULL || self->msg->key_len == 0)
    return forget_key (self, STUN_VALIDATION_SUCCESS);
  return is_signed_right (self) ? STUN_VALIDATION_SUCCESS
                                : forget_key (self, STUN_VALIDATION_UNAUTHORIZED);
}

/* RFC 7675 5.2: a 403 says that consent is gone. It ends the transaction like any answer.
 */
static StunValidationStatus
check_consent (Validation *self)
{
  if (self->error_code == STUN_ERROR_FORBIDDEN
      && (self->agent->usage_flags & STUN_AGENT_USAGE_CONSENT_FRESHNESS))
    return STUN_VALIDATION_FORBIDDEN;
  return STUN_VALIDATION_SUCCESS;
}

static StunValidationStatus
check_unknown (Validation *self)
{
  guint16 unknown;

  if (stun_view_list_unknown (&self->view, self->agent->known_attributes, &unknown, 1)
      == 0)
    return STUN_VALIDATION_SUCCESS;
  return self->klass == STUN_REQUEST ? STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE
                                     : STUN_VALIDATION_UNKNOWN_ATTRIBUTE;
}

static StunValidationStatus
run (Validation *self, size_t buffer_len)
{
  StunValidationStatus status = check_form (self, buffer_len);

  if (status == STUN_VALIDATION_SUCCESS)
    status = check_cookie (self);
  if (status != STUN_VALIDATION_SUCCESS)
    return status;
  self->klass = stun_message_get_class (self->msg);
  if (self->klass == STUN_ERROR
      && stun_message_find_error (self->msg, &self->error_code)
             != STUN_MESSAGE_RETURN_SUCCESS)
    self->error_code = 0;
  status = check_transaction (self);
  if (status == STUN_VALIDATION_SUCCESS)
    status = check_credentials (self);
  if (status == STUN_VALIDATION_SUCCESS)
    status = check_consent (self);
  if (status != STUN_VALIDATION_SUCCESS)
    return status;
  if (self->saved != NULL)
    self->saved->valid = false;
  return check_unknown (self);
}

static const char *const results[] = {
  [STUN_VALIDATION_SUCCESS] = "valid",
  [STUN_VALIDATION_NOT_STUN] = "not STUN",
  [STUN_VALIDATION_INCOMPLETE_STUN] = "incomplete",
  [STUN_VALIDATION_BAD_REQUEST] = "no cookie or no right fingerprint",
  [STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST] = "no credentials",
  [STUN_VALIDATION_UNAUTHORIZED] = "wrong credentials",
  [STUN_VALIDATION_UNMATCHED_RESPONSE] = "answers no request",
  [STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE] = "request with unknown attributes",
  [STUN_VALIDATION_UNKNOWN_ATTRIBUTE] = "unknown attributes",
  [STUN_VALIDATION_FORBIDDEN] = "forbidden",
};

StunValidationStatus
stun_agent_validate (StunAgent *agent, StunMessage *msg, const uint8_t *buffer,
                     size_t buffer_len, StunMessageIntegrityValidate validater,
                     void *validater_data)
{
  Validation self = {
    .agent = agent, .msg = msg, .validater = validater, .validater_data = validater_data
  };

  StunValidationStatus status;

  memset (msg, 0, sizeof *msg);
  msg->agent = agent;
  msg->buffer = (uint8_t *)buffer;
  msg->buffer_len = buffer_len;
  status = run (&self, buffer_len);
  stun_debug ("message of %zu bytes: %s", buffer_len, results[status]);
  return status;
}
