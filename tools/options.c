/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads options and the few kinds of argument that subcommands share, and tells the user
 * which one was wrong and where help is. */
#include "config.h"

#include "options.h"

#include "i18n.h"

#include <stdio.h>
#include <string.h>

#include <gio/gio.h>

static void
point_to_help (const char *command)
{
  fprintf (stderr, _ ("“icecold %s --help” tells the options.\n"), command);
}

gboolean
options_parse (int *argc, char ***argv, const GOptionEntry *entries, const char *command,
               const char *summary, const char *arguments, int max_arguments)
{
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strconcat ("icecold ", command, NULL);

  /* The option parser prints the program's name before the command. */
  g_set_prgname (name);
  g_option_context_set_summary (context, summary);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      fprintf (stderr, "icecold: %s\n", error->message);
      point_to_help (command);
      return FALSE;
    }
  g_set_prgname ("icecold");
  if (*argc - 1 > max_arguments)
    {
      fprintf (stderr, _ ("icecold: “%s” is one argument too many\n"),
               (*argv)[max_arguments + 1]);
      point_to_help (command);
      return FALSE;
    }
  return TRUE;
}

gboolean
options_parse_user (const char *text, char **user, char **password)
{
  const char *colon = strchr (text, ':');

  if (colon == NULL)
    {
      fputs (_ ("icecold: a user of a TURN server is given as USER:PASSWORD\n"), stderr);
      return FALSE;
    }
  *user = g_strndup (text, colon - text);
  *password = g_strdup (colon + 1);
  return TRUE;
}
