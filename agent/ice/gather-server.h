/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates that servers tell us of: server-reflexive and relayed (RFC 8445 5.1.1.2). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* A host base is there: what its component's servers are to be asked from it. */
void ice_gather_server_ask_from (IceBase *base);
/* A server was added: asks it for every component that gathered already. */
void ice_gather_server_ask_new (IceSession *session, IceServerEntry *entry);
/* The answer to NEED_ADDRESSES. */
void
ice_gather_server_handle_addresses (IceSession *session, guint server,
                                    const IceTarget *targets, guint n, gboolean is_last);

/* Starts the next task, once a Ta; FALSE: none waits. */
gboolean ice_gather_server_start_next (IceSession *session);
/* The way to a STUN server is there, or is not. */
void ice_gather_server_handle_server (IceBase *base, const IceBaseResult *result);
void ice_gather_server_handle_response (IceRequest *request, const IceBase *base,
                                        const NiceAddress *from, const StunView *view);
void ice_gather_server_handle_timeout (IceRequest *request);
/* A hard ICMP error came from there: no request to it is sent again (RFC 8489 6.2.1). */
void ice_gather_server_handle_error (const IceBase *base, const NiceAddress *to,
                                     IceReason reason);
void ice_gather_server_handle_refresh (IceTask *task);

/* Nothing is asked from that base any more. */
void ice_gather_server_forget_base (const IceBase *base);
void ice_gather_server_cancel (IceStream *stream);

/* What nothing came of, where there may be a way now. */
void ice_gather_server_ask_again (IceStream *stream);

G_END_DECLS
