/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A peer of an agent that is a bare socket and the public STUN functions: it sees what an
 * agent sends, and says what a test wants it to say. It must not know anything of the
 * library's inside. RFC 8445 7. */
#pragma once

#include <nice/agent.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>

G_BEGIN_DECLS

#define STRANGER_UFRAG "stranger"
#define STRANGER_PWD "the password of a stranger"

typedef struct
{
  guint8 data[1500];
  gsize len;
  StunMessage msg; /* valid if it is STUN */
  StunValidationStatus status;
  GSocketAddress *from;
} Heard;

typedef struct
{
  GSocket *socket;
  GSource *source;
  StunAgent stun;
  NiceAddress address;
  gchar *ufrag, *pwd; /* of the agent */
  GPtrArray *heard;   /* Heard */
  gboolean answers;   /* each check, with success */
} Stranger;

Stranger *stranger_new (void);
void stranger_free (Stranger *self);

/* Tells the agent of the stranger, as a host candidate of this priority. */
void stranger_meet (Stranger *self, NiceAgent *agent, guint stream, guint priority);
/* Takes the credentials of the agent without telling it anything. */
void stranger_learn (Stranger *self, NiceAgent *agent, guint stream);

/* Waits for the message after the n that are known, and returns it. */
Heard *stranger_wait (Stranger *self, guint n);
/* The same, passing over what is sent again because no answer has come yet, which may be
 * as soon as this process has to wait for its turn. Adds all that it saw to n. */
Heard *stranger_wait_for_new (Stranger *self, guint *n);
void stranger_answer (Stranger *self, Heard *request);
void stranger_refuse (Stranger *self, Heard *request, StunError code);
/* Sends to the first candidate of the agent. */
void stranger_send (Stranger *self, NiceAgent *agent, guint stream, const guint8 *data,
                    gsize len);
/* A check, valid in all things; lets a test change what it is made of. */
typedef struct
{
  const gchar *password;   /* NULL: the right one */
  gboolean controlling;    /* with a tie-breaker of 0 */
  guint16 extra;           /* an attribute that nobody knows, or 0 */
  gboolean no_fingerprint; /* leave it out */
} Check;
void stranger_check (Stranger *self, NiceAgent *agent, guint stream, const Check *check);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stranger, stranger_free)

G_END_DECLS
