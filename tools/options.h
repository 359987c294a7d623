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

/* "USER:PASSWORD"; the password may hold colons. FALSE, after a message that does not
 * show it, when it is not that. */
gboolean options_parse_user (const char *text, char **user, char **password);

G_END_DECLS
