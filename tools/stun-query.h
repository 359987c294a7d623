/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One Binding transaction with one address of a server, over any transport. Blocks. */
#pragma once

#include <gio/gio.h>

#include "stun-server.h"

G_BEGIN_DECLS

typedef struct
{
  const StunServer *server;
  GSocketAddress *address; /* one of the server's */
  const char *name;        /* whom the certificate must be for; NULL: the server's host */
  const char *ca_file;     /* authorities to trust; NULL: the system's */
  guint timeout_s;         /* from the first packet to the answer */
} StunQuery;

typedef struct
{
  char *mapped;
  char *local;
  char *software; /* fit for a terminal; NULL: the server has no name */
  char *security; /* "TLSv1.3"; NULL: none */
  double rtt_ms;  /* of the Binding request, not of what went before */
} StunAnswer;

/* FALSE, with a message for the user that names what failed. */
gboolean stun_query_run (const StunQuery *query, StunAnswer *answer, GError **error);
void stun_answer_clear (StunAnswer *self);
char *stun_query_format_address (GSocketAddress *address);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StunAnswer, stun_answer_clear)

G_END_DECLS
