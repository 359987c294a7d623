/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How every subcommand reads its options. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Parses and removes the options of subcommand @command; "--help" prints and ends the
 * program. FALSE, after a message, when an option is unknown or more than @max_arguments
 * stay. */
gboolean
options_parse (int *argc, char ***argv, const GOptionEntry *entries, const char *command,
               const char *summary, const char *arguments, int max_arguments);

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT" or a bare IPv6 address. FALSE, after a message,
 * when it is none of them. */
gboolean
options_parse_host (const char *text, guint default_port, char **host, guint *port);

/* "USER:PASSWORD@" and what options_parse_host() takes; a password may hold any of its
 * signs. FALSE, after a message that does not show the password, when it is not that. */
gboolean options_parse_account (const char *text, guint default_port, char **user,
                                char **password, char **host, guint *port);

G_END_DECLS
