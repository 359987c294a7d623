/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents of the public interface on the loopback, and a record of what they say. It
 * knows nothing but that interface, so that the same program runs on libnice. */
#pragma once

#include <nice/agent.h>

G_BEGIN_DECLS

#define PEER_MAX_COMPONENTS 4

/* Iterates the default context until condition holds; the time-out of the test is the
 * only limit. */
#define wait_until(condition)                                                            \
  G_STMT_START                                                                           \
  {                                                                                      \
    while (!(condition))                                                                 \
      g_main_context_iteration (NULL, TRUE);                                             \
  }                                                                                      \
  G_STMT_END

/* Iterates the default context until nothing is left to do at once. */
void run_pending (void);

typedef struct
{
  NiceAgent *agent;
  guint stream;
  guint n_components;
  GString *log; /* names of signals, and states, in order, each followed by a space */
  NiceComponentState state[PEER_MAX_COMPONENTS + 1]; /* by component id */
  GMutex lock; /* of these two while another thread reads the sockets */
  gboolean gathered;
  guint n_messages[PEER_MAX_COMPONENTS + 1];
  GString *received[PEER_MAX_COMPONENTS + 1]; /* what came, one after the other */
} Peer;

/* With one stream, an address of the loopback, and a receive function on each component.
 */
Peer *peer_new (NiceAgentOption options, guint n_components);
/* The same, gathered, with one component. */
Peer *peer_new_gathered (NiceAgentOption options);
void peer_free (Peer *self);
void peer_gather (Peer *self);
/* Tells one what the other has: credentials, candidates, or both. */
void peer_tell_credentials (Peer *self, const Peer *about);
void peer_tell_candidates (Peer *self, const Peer *about);
/* Of those candidates only that transport: who connects over TCP, and who is connected
 * to.
 */
void
peer_tell_candidates_of (Peer *self, const Peer *about, NiceCandidateTransport transport);
gboolean peer_is_in (Peer *self, NiceComponentState state);
guint peer_count (Peer *self, const gchar *name); /* in the log */

/* Tells one agent what another has for component 1, as far as the streams are there. */
void agent_tell (NiceAgent *agent, guint stream, NiceAgent *about, guint its_stream);

typedef struct
{
  Peer *left, *right; /* left controls */
} Pair;

Pair *pair_new (NiceAgentOption options, guint n_components);
void pair_free (Pair *self);
/* Gathers, tells both everything, and waits until both are ready. */
void pair_connect (Pair *self);
/* n messages each way, as many in flight as a small socket buffer holds. */
void pair_exchange (Pair *self, guint n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceAgent, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

G_END_DECLS
