/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks and their answers as bytes. */
#pragma once

#include "ice/model.h"

#include "stun/attributes.h"

G_BEGIN_DECLS

/* What a check says. */
typedef struct
{
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  guint32 priority;
  guint64 tie_breaker;
  gboolean has_role, peer_controls;
  gboolean use_candidate;
  guint32 nomination; /* renomination; 0: none */
} IceCheck;

/* A Binding message, with a right fingerprint where the dialect has one. */
gboolean ice_message_parse (StunView *view, const IceSession *session, const guint8 *data,
                            gsize len);
void
ice_message_read_check (const StunView *view, const IceSession *session, IceCheck *check);
gboolean ice_message_read_mapped (const StunView *view, NiceAddress *mapped);
gboolean ice_message_has_unknown (const StunView *view);
/* The part of USERNAME before the colon is ours (RFC 8445 7.3). */
gboolean ice_message_is_for (const StunView *view, const IceComponent *component);

void ice_message_send_check (IceRequest *request);
void ice_message_send_binding (IceSession *session, const IceRequest *request,
                               const NiceAddress *to);
void ice_message_send_indication (const IcePair *pair);

/* Where an answer goes, and what it answers. */
typedef struct
{
  IceSession *session;
  const IceComponent *component;
  const StunView *request;
  const StunHmac *key; /* NULL: the request was not authenticated, nor is the answer */
  IceBaseId base;
  const NiceAddress *to;
} IceReply;

void ice_message_send_success (const IceReply *reply);
void ice_message_send_error (const IceReply *reply, guint code);

G_END_DECLS
