/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks and their answers as bytes: which attributes, in which order (RFC
 * 8445 7.1, 7.2.4, 7.3). Must not know of states. */
#include "config.h"

#include "ice/message.h"

#include "ice/dialect.h"
#include "ice/priority.h"
#include "ice/session.h"
#include "ice/trace.h"

#include "stun/fingerprint.h"

/* The largest message of ours: SOFTWARE of 509 bytes, USERNAME of 513. */
#define MAX_SIZE 1280

G_STATIC_ASSERT (sizeof (NiceAddress) == sizeof (StunAddress));

/* What we understand in a check or an answer, of what must be understood. */
static const guint16 known[] = { STUN_ATTR_MAPPED_ADDRESS,
                                 STUN_ATTR_USERNAME,
                                 STUN_ATTR_MESSAGE_INTEGRITY,
                                 STUN_ATTR_ERROR_CODE,
                                 STUN_ATTR_UNKNOWN_ATTRIBUTES,
                                 STUN_ATTR_REALM,
                                 STUN_ATTR_NONCE,
                                 STUN_ATTR_MESSAGE_INTEGRITY_SHA256,
                                 STUN_ATTR_XOR_MAPPED_ADDRESS,
                                 STUN_ATTR_PRIORITY,
                                 STUN_ATTR_USE_CANDIDATE,
                                 0 };

/* Begins with ICE_TRACE_MESSAGE, by which messages are told from decisions. */
static void
trace (const IceSession *session, const gchar *way, const guint8 *data, gsize len)
{
  static const gchar *const names[] = { [STUN_CLASS_REQUEST] = "request",
                                        [STUN_CLASS_INDICATION] = "indication",
                                        [STUN_CLASS_SUCCESS] = "success",
                                        [STUN_CLASS_ERROR] = "error" };
  const StunWireClass klass = (data[0] & 1) << 1 | (data[1] & 0x10) >> 4;

  ICE_TRACE (session, ICE_TRACE_MESSAGE "%s %s, %" G_GSIZE_FORMAT " bytes", way,
             names[klass], len);
}

/* RFC 8445 7.3: a request without FINGERPRINT is no check, but somebody's data. Answers
 * of servers may do without. */
gboolean
ice_message_parse (StunView *view, const IceSession *session, const guint8 *data,
                   gsize len)
{
  const StunQuirks *stun = stun_quirks_get (ice_dialect_of (session)->stun);

  if (stun_view_parse (view, data, len, stun->wire) != STUN_RULE_KEPT
      || view->method != STUN_METHOD_BINDING)
    return FALSE;
  trace (session, "received:", data, len);
  if (!stun->has_cookie)
    return TRUE;
  if (view->fingerprint == 0)
    return view->klass != STUN_CLASS_REQUEST;
  return stun_fingerprint_verify (view) == STUN_RULE_KEPT;
}

void
ice_message_read_check (const StunView *view, const IceSession *session, IceCheck *check)
{
  memset (check, 0, sizeof *check);
  memcpy (check->id, stun_view_get_id (view), sizeof check->id);
  stun_attr_read_u32 (view, STUN_ATTR_PRIORITY, &check->priority);
  stun_attr_read_u32 (view, STUN_ATTR_NOMINATION, &check->nomination);
  check->nomination &= 0xffffff;
  check->use_candidate = stun_view_has (view, STUN_ATTR_USE_CANDIDATE);
  check->peer_controls =
      stun_attr_read_u64 (view, STUN_ATTR_ICE_CONTROLLING, &check->tie_breaker)
      == STUN_RULE_KEPT;
  check->has_role =
      check->peer_controls
      || stun_attr_read_u64 (view, STUN_ATTR_ICE_CONTROLLED, &check->tie_breaker)
             == STUN_RULE_KEPT;
  /* Where a check cannot say so, each is a nomination, of whoever controls. */
  if (!stun_quirks_get_ice (ice_dialect_of (session)->ice)->has_ice_attributes)
    check->use_candidate = !session->controlling;
}

gboolean
ice_message_read_mapped (const StunView *view, NiceAddress *mapped)
{
  StunAddress address;

  if (stun_attr_read_xor_address (view, STUN_ATTR_XOR_MAPPED_ADDRESS, &address)
          != STUN_RULE_KEPT
      && (!(view->flags & STUN_WIRE_CLASSIC)
          || stun_attr_read_address (view, STUN_ATTR_MAPPED_ADDRESS, &address)
                 != STUN_RULE_KEPT))
    return FALSE;
  memcpy (mapped, &address, sizeof *mapped);
  return TRUE;
}

gboolean
ice_message_has_unknown (const StunView *view)
{
  guint16 unknown[1];

  return stun_view_list_unknown (view, known, unknown, G_N_ELEMENTS (unknown)) > 0;
}

gboolean
ice_message_is_for (const StunView *view, const IceComponent *component)
{
  StunAttr attr;

  return stun_view_find (view, STUN_ATTR_USERNAME, &attr)
         && ice_dialect_is_for (component, attr.value, attr.len);
}

/* --- writing --- */

static void
begin (StunWriter *writer, guint8 *buffer, const IceSession *session, StunWireClass klass,
       const guint8 *id)
{
  stun_writer_init (writer, buffer, MAX_SIZE, klass, STUN_METHOD_BINDING, id);
  writer->flags = stun_quirks_get (ice_dialect_of (session)->stun)->wire;
}

/* SOFTWARE has come with the cookie. */
static void
write_software (StunWriter *writer, const IceSession *session)
{
  const StunQuirks *stun = stun_quirks_get (ice_dialect_of (session)->stun);

  writer->expects_fingerprint = stun->has_cookie;
  if (session->software != NULL && stun->has_cookie)
    stun_attr_write_string (writer, STUN_ATTR_SOFTWARE, session->software);
}

static void
finish (StunWriter *writer, IceSession *session, IceBaseId base, const NiceAddress *to)
{
  gsize len;

  if (stun_quirks_get (ice_dialect_of (session)->stun)->has_cookie)
    stun_fingerprint_write (writer);
  len = stun_writer_end (writer);
  trace (session, "sent:", writer->data, len);
  ice_outbox_add_transmit (&session->outbox, writer->data, len, base, to);
}

static void
write_ice_attributes (StunWriter *writer, const IceRequest *request)
{
  if (request->use_candidate)
    stun_attr_write_flag (writer, STUN_ATTR_USE_CANDIDATE);
  stun_attr_write_u32 (writer, STUN_ATTR_PRIORITY, request->priority);
  stun_attr_write_u64 (
      writer, request->controlling ? STUN_ATTR_ICE_CONTROLLING : STUN_ATTR_ICE_CONTROLLED,
      request->tie_breaker);
  if (request->nomination != 0)
    stun_attr_write_u32 (writer, STUN_ATTR_NOMINATION, request->nomination);
}

static void
write_username (StunWriter *writer, const IceComponent *component)
{
  guint8 username[ICE_MAX_USERNAME];

  stun_writer_append_bytes (writer, STUN_ATTR_USERNAME, username,
                            ice_dialect_write_username (component, username));
}

/* Of the generation before a restart (RFC 7675 5.1). */
static void
write_old_username (StunWriter *writer, const IceStream *stream)
{
  g_autofree gchar *username =
      g_strconcat (stream->old_remote.ufrag, ":", stream->old_local.ufrag, NULL);

  stun_attr_write_string (writer, STUN_ATTR_USERNAME, username);
}

/* [MS-ICE2] 2.2.2; libnice pads foundations with zeros. */
static void
write_candidate_identifier (StunWriter *writer, const gchar *foundation)
{
  gchar padded[ICE_FOUNDATION_SIZE + 4] = "";

  g_strlcpy (padded, foundation, ICE_FOUNDATION_SIZE);
  stun_writer_append_bytes (writer, STUN_ATTR_CANDIDATE_IDENTIFIER, padded,
                            (strlen (padded) + 3) & ~(gsize)3);
}

#define MS_VERSION 2

void
ice_message_send_check (IceRequest *request)
{
  const IcePair *pair = request->pair;
  const IceStream *stream = pair->component->stream;
  const IceQuirks *quirks = ice_dialect_of (stream->session);
  const StunIceQuirks *ice = stun_quirks_get_ice (quirks->ice);
  guint8 buffer[MAX_SIZE];
  StunWriter writer;

  begin (&writer, buffer, stream->session, STUN_CLASS_REQUEST, request->id);
  write_software (&writer, stream->session);
  if (ice->has_ice_attributes)
    write_ice_attributes (&writer, request);
  if (request->is_old)
    write_old_username (&writer, stream);
  else
    write_username (&writer, pair->component);
  if (ice->has_candidate_identifier)
    {
      write_candidate_identifier (&writer, pair->local->value.foundation);
      stun_attr_write_u32 (&writer, STUN_ATTR_MS_IMPLEMENTATION_VERSION, MS_VERSION);
    }
  if (quirks->has_integrity)
    stun_integrity_write (&writer, request->is_old ? &stream->old_remote.key
                                                   : &stream->remote.key);
  finish (&writer, stream->session, request->base, &pair->remote->value.addr);
}

void
ice_message_send_binding (IceSession *session, const IceRequest *request,
                          const NiceAddress *to)
{
  guint8 buffer[MAX_SIZE];
  StunWriter writer;

  begin (&writer, buffer, session, STUN_CLASS_REQUEST, request->id);
  write_software (&writer, session);
  finish (&writer, session, request->base, to);
}

/* RFC 8445 11: no credentials, a fingerprint. */
void
ice_message_send_indication (const IcePair *pair)
{
  IceSession *session = pair->component->stream->session;
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  guint8 buffer[MAX_SIZE];
  StunWriter writer;

  ice_session_random (session, id, sizeof id);
  begin (&writer, buffer, session, STUN_CLASS_INDICATION, id);
  finish (&writer, session, pair->base, &pair->remote->value.addr);
}

static void
begin_reply (StunWriter *writer, guint8 *buffer, const IceReply *reply,
             StunWireClass klass)
{
  stun_writer_init_reply (writer, buffer, MAX_SIZE, klass, reply->request);
  write_software (writer, reply->session);
}

static void
finish_reply (StunWriter *writer, const IceReply *reply)
{
  if (reply->key != NULL)
    stun_integrity_write (writer, reply->key);
  finish (writer, reply->session, reply->base, reply->to);
}

static void
write_mapped (StunWriter *writer, StunMapping mapping, const NiceAddress *to)
{
  StunAddress address;

  memcpy (&address, to, sizeof address);
  switch (mapping)
    {
    case STUN_MAPPING_BY_COOKIE:
      stun_attr_write_xor_address (writer, STUN_ATTR_XOR_MAPPED_ADDRESS, &address);
      break;
    case STUN_MAPPING_PLAIN:
      stun_attr_write_address (writer, STUN_ATTR_MAPPED_ADDRESS, &address);
      break;
    case STUN_MAPPING_BY_ID:
      stun_address_xor (&address, stun_load32 (writer->data + 4), writer->data + 4);
      stun_attr_write_address (writer, STUN_ATTR_XOR_MAPPED_ADDRESS, &address);
      break;
    }
}

/* A success in the words of a dialect. */
static void
write_reply_names (StunWriter *writer, const IceReply *reply, const IceQuirks *quirks)
{
  StunAttr attr;

  if (quirks->replies_as_check)
    write_username (writer, reply->component);
  else if (quirks->echoes_username
           && stun_view_find (reply->request, STUN_ATTR_USERNAME, &attr))
    stun_writer_append_bytes (writer, STUN_ATTR_USERNAME, attr.value, attr.len);
  if (stun_quirks_get_ice (quirks->ice)->has_candidate_identifier)
    stun_attr_write_u32 (writer, STUN_ATTR_MS_IMPLEMENTATION_VERSION, MS_VERSION);
}

void
ice_message_send_success (const IceReply *reply)
{
  const IceQuirks *quirks = ice_dialect_of (reply->session);
  guint8 buffer[MAX_SIZE];
  StunWriter writer;

  begin_reply (&writer, buffer, reply, STUN_CLASS_SUCCESS);
  write_mapped (&writer, stun_quirks_get_ice (quirks->ice)->mapping, reply->to);
  write_reply_names (&writer, reply, quirks);
  finish_reply (&writer, reply);
}

void
ice_message_send_error (const IceReply *reply, guint code)
{
  guint16 unknown[STUN_MAX_UNKNOWN];
  guint8 buffer[MAX_SIZE];
  StunWriter writer;
  guint n;

  begin_reply (&writer, buffer, reply, STUN_CLASS_ERROR);
  stun_attr_write_error (&writer, code, NULL);
  if (code == 420)
    {
      n = stun_view_list_unknown (reply->request, known, unknown, G_N_ELEMENTS (unknown));
      stun_attr_write_unknown (&writer, unknown, n);
    }
  finish_reply (&writer, reply);
}
