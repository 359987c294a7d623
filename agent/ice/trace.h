/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One line for each decision, for whoever asked; nothing is formatted for nobody. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

#define ICE_TRACE(session, ...)                                                          \
  G_STMT_START                                                                           \
  {                                                                                      \
    if (G_UNLIKELY ((session)->env.trace != NULL))                                       \
      ice_trace (session, __VA_ARGS__);                                                  \
  }                                                                                      \
  G_STMT_END

/* How lines begin that are about a message and no decision. */
#define ICE_TRACE_MESSAGE "STUN "

/* Texts that a peer wrote (foundations, user names) never go in here: they could forge
 * lines. Candidates and pairs are named by their ids. */
void ice_trace (const IceSession *session, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
