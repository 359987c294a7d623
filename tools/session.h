/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One agent with one stream of one component, from gathering to the last datagram: what
 * the subcommands need of libnice, and the only file here that talks to an agent. It
 * knows no terminal and no pipe. */
#pragma once

#include <agent.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct _Session Session;

typedef struct
{
  gboolean controlling;
  gboolean reliable;      /* a byte stream; else datagrams */
  gboolean loopback;      /* use the loopback addresses and no others */
  const char *trust_file; /* authorities of servers with TLS; NULL: the system's */
} SessionConfig;

typedef struct
{
  void (*gathered) (gpointer user_data);
  void (*state_changed) (NiceComponentState state, gpointer user_data);
  /* A socket or stream that was full has room. */
  void (*writable) (gpointer user_data);
  /* One datagram, or some bytes of the stream. @data is valid for the call. */
  void (*received) (const guint8 *data, gsize len, gpointer user_data);
} SessionEvents;

Session *session_new (const SessionConfig *config, const SessionEvents *events,
                      gpointer user_data);
void session_free (Session *self);

/* uri: "stun:", "stuns:", "turn:" or "turns:"; user and password are for TURN. Before
 * session_gather(). */
gboolean session_add_server (Session *self, const char *uri, const char *user,
                             const char *password, GError **error);
gboolean session_gather (Session *self, GError **error);
/* The line for the other side; after `gathered`. */
char *session_dup_line (Session *self, GError **error);
/* The line of the other side; checks begin. */
gboolean session_accept_line (Session *self, const char *line, GError **error);

/* How many of the messages the socket took, 0 when it is full, or -1. */
gint session_send (Session *self, const NiceOutputMessage *messages, guint n_messages,
                   GError **error);

/* (element-type PairRow) (transfer full): all pairs, best first. */
GPtrArray *session_get_pairs (Session *self);
/* (transfer full): a line for each server that failed, and why. */
char **session_get_server_failures (Session *self);
/* "host 192.0.2.1:5000 – host 192.0.2.2:5000", or NULL. */
char *session_dup_selected (Session *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Session, session_free)

G_END_DECLS
