/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debian's coturn as the server of a test, on loopback, with its own ports, certificate
 * and users. */
#pragma once

#include <gio/gio.h>

#include "socket/address.h"

G_BEGIN_DECLS

#define COTURN_USER "ann"
#define COTURN_PASSWORD "secret"
#define COTURN_NAME "turn.example.org" /* of its certificate */

typedef struct
{
  GSubprocess *process;
  GDataInputStream *log;
  gchar *folder, *configuration;
  gchar *trust_file; /* the authority of its certificate */
  guint16 port, tls_port;
  /* Set before it starts: */
  gboolean is_expired;  /* its certificate */
  gboolean has_no_ipv6; /* to relay from */
} Coturn;

/* FALSE: coturn is not installed, and the test is skipped. options: lines of its
 * configuration beside ours, or NULL. */
gboolean coturn_start (Coturn *self, const gchar *options);
void coturn_stop (Coturn *self);
/* Without a word to anybody; and with the same ports again. */
void coturn_kill (Coturn *self);
void coturn_resume (Coturn *self);
/* Until it says that; iterates the default context, as who talks to it may have to go on.
 */
void coturn_wait_for (Coturn *self, const gchar *words);
/* Whether it says that in what it has said since. */
gboolean coturn_says (Coturn *self, const gchar *words);
/* It lives, and says nothing any more. */
void coturn_freeze (Coturn *self);
/* One more line, before it resumes. */
void coturn_add_option (Coturn *self, const gchar *option);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Coturn, coturn_stop)

G_END_DECLS
