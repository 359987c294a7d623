/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of checks on a request, as RFC 8489 lists them; nothing here keeps state.
 * RFC 8489 6.3, 9.1.3, 9.2.4. */
#include "config.h"

#include "stun/verify.h"

#include "stun/attributes.h"
#include "stun/credentials.h"

static const StunCheck accepted = { 0, STUN_RULE_KEPT };

static StunCheck
refuse (guint16 code, StunRule rule)
{
  return (StunCheck) { code, rule };
}

StunRule
stun_verify_method (const StunView *view)
{
  gboolean is_indication = view->klass == STUN_CLASS_INDICATION;
  gboolean is_kept;

  switch (view->method)
    {
    case STUN_METHOD_BINDING:
      is_kept = TRUE;
      break;
    case STUN_METHOD_SEND:
    case STUN_METHOD_DATA:
    case STUN_METHOD_CONNECTION_ATTEMPT:
      is_kept = is_indication;
      break;
    case STUN_METHOD_ALLOCATE:
    case STUN_METHOD_REFRESH:
    case STUN_METHOD_CREATE_PERMISSION:
    case STUN_METHOD_CHANNEL_BIND:
    case STUN_METHOD_CONNECT:
    case STUN_METHOD_CONNECTION_BIND:
      is_kept = !is_indication;
      break;
    default:
      is_kept = FALSE;
    }
  return is_kept ? STUN_RULE_KEPT : STUN_RULE_METHOD;
}

StunCheck
stun_verify_cookie (const StunView *view)
{
  if (view->has_cookie)
    return accepted;
  return refuse (view->klass == STUN_CLASS_REQUEST ? STUN_CODE_SERVER_ERROR : 0,
                 STUN_RULE_COOKIE);
}

StunCheck
stun_verify_known (const StunView *view, const guint16 *known, guint16 *unknown, guint *n)
{
  *n = stun_view_list_unknown (view, known, unknown, STUN_MAX_UNKNOWN);
  return *n == 0 ? accepted
                 : refuse (STUN_CODE_UNKNOWN_ATTRIBUTE, STUN_RULE_UNKNOWN_ATTRIBUTE);
}

/* The SHA-256 one decides when both are there. */
static StunRule
verify_either (const StunView *view, const StunHmac *sha1, const StunHmac *sha256)
{
  if (sha256 != NULL && view->integrity_sha256 != 0)
    return stun_integrity_verify (view, sha256);
  return stun_integrity_verify (view, sha1);
}

static gboolean
is_signed (const StunView *view, gboolean with_sha256)
{
  return view->integrity != 0 || (with_sha256 && view->integrity_sha256 != 0);
}

StunCheck
stun_verify_short_term (const StunView *view, StunBytes username, const StunHmac *sha1,
                        const StunHmac *sha256)
{
  StunBytes shown;
  StunRule rule;

  if (!is_signed (view, sha256 != NULL))
    return refuse (STUN_CODE_BAD_REQUEST, STUN_RULE_NO_INTEGRITY);
  rule = stun_attr_read_bytes (view, STUN_ATTR_USERNAME, &shown);
  if (rule != STUN_RULE_KEPT)
    return refuse (STUN_CODE_BAD_REQUEST,
                   rule == STUN_RULE_ABSENT ? STUN_RULE_NO_USERNAME : rule);
  if (username.len > 0 && !stun_bytes_equal (shown, username))
    return refuse (STUN_CODE_UNAUTHENTICATED, STUN_RULE_USERNAME);
  rule = verify_either (view, sha1, sha256);
  return rule == STUN_RULE_KEPT ? accepted : refuse (STUN_CODE_UNAUTHENTICATED, rule);
}

/* RFC 8489 9.2.4, third item: list and choice against what was offered with the nonce. */
static gboolean
keeps_algorithms (const StunView *view, StunBytes offered)
{
  gboolean has_list = stun_view_has (view, STUN_ATTR_PASSWORD_ALGORITHMS);
  gboolean has_choice = stun_view_has (view, STUN_ATTR_PASSWORD_ALGORITHM);
  StunBytes list;
  StunAlgorithm choice, entry;

  if (!has_list && !has_choice)
    return TRUE;
  if (stun_attr_read_bytes (view, STUN_ATTR_PASSWORD_ALGORITHMS, &list) != STUN_RULE_KEPT
      || stun_attr_read_algorithm (view, &choice) != STUN_RULE_KEPT
      || !stun_bytes_equal (list, offered))
    return FALSE;
  while (stun_algorithms_take (&list, &entry) == STUN_RULE_KEPT)
    {
      if (entry.algorithm == choice.algorithm
          && stun_bytes_equal (entry.parameters, choice.parameters))
        return TRUE;
    }
  return FALSE;
}

StunCheck
stun_verify_long_term_form (const StunView *view, StunBytes algorithms)
{
  StunFeatures features;
  StunBytes nonce;

  if (!is_signed (view, TRUE))
    return refuse (STUN_CODE_UNAUTHENTICATED, STUN_RULE_NO_INTEGRITY);
  if ((!stun_view_has (view, STUN_ATTR_USERNAME)
       && !stun_view_has (view, STUN_ATTR_USERHASH))
      || !stun_view_has (view, STUN_ATTR_REALM)
      || stun_attr_read_bytes (view, STUN_ATTR_NONCE, &nonce) != STUN_RULE_KEPT)
    return refuse (STUN_CODE_BAD_REQUEST, STUN_RULE_NO_USERNAME);
  if (stun_nonce_get_features (nonce, &features)
      && (features & STUN_FEATURE_PASSWORD_ALGORITHMS)
      && !keeps_algorithms (view, algorithms))
    return refuse (STUN_CODE_BAD_REQUEST, STUN_RULE_PASSWORD_ALGORITHM);
  return accepted;
}

guint16
stun_verify_get_algorithm (const StunView *view)
{
  StunAlgorithm choice;

  return stun_attr_read_algorithm (view, &choice) == STUN_RULE_KEPT
             ? choice.algorithm
             : STUN_PASSWORD_ALGORITHM_MD5;
}

StunCheck
stun_verify_long_term_key (const StunView *view, const StunHmac *sha1,
                           const StunHmac *sha256)
{
  StunRule rule = verify_either (view, sha1, sha256);

  return rule == STUN_RULE_KEPT ? accepted : refuse (STUN_CODE_UNAUTHENTICATED, rule);
}

void
stun_verify_sign_answer (StunWriter *answer, const StunView *request,
                         const StunHmac *sha1, const StunHmac *sha256)
{
  gboolean wants_sha256 = request->integrity_sha256 != 0
                          || stun_view_has (request, STUN_ATTR_PASSWORD_ALGORITHM)
                          || stun_view_has (request, STUN_ATTR_PASSWORD_ALGORITHMS);

  stun_integrity_write (answer, wants_sha256 && sha256 != NULL ? sha256 : sha1);
}

void
stun_verify_write_challenge (StunWriter *answer, guint16 code, StunBytes realm,
                             StunBytes nonce, StunBytes algorithms)
{
  stun_attr_write_error (answer, code, NULL);
  stun_writer_append_bytes (answer, STUN_ATTR_REALM, realm.data, realm.len);
  stun_writer_append_bytes (answer, STUN_ATTR_NONCE, nonce.data, nonce.len);
  if (algorithms.len > 0)
    stun_writer_append_bytes (answer, STUN_ATTR_PASSWORD_ALGORITHMS, algorithms.data,
                              algorithms.len);
}

void
stun_verify_write_redirection (StunWriter *answer, const StunAddress *server,
                               const StunAddress *other)
{
  stun_attr_write_error (answer, STUN_CODE_TRY_ALTERNATE, NULL);
  stun_attr_write_address (answer, STUN_ATTR_ALTERNATE_SERVER, server);
  if (other != NULL)
    stun_attr_write_address (answer, STUN_ATTR_ALTERNATE_SERVER, other);
}
