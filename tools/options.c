/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads options and the few kinds of argument that subcommands share, and tells the user
 * which one was wrong and where help is. */
#include "config.h"

#include "options.h"

#include "i18n.h"

#include <stdio.h>
#include <string.h>

#include <gio/gio.h>

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
      return FALSE;
    }
  g_set_prgname ("icecold");
  if (*argc - 1 > max_arguments)
    {
      fprintf (stderr, _ ("icecold: “%s” is one argument too many\n"),
               (*argv)[max_arguments + 1]);
      return FALSE;
    }
  return TRUE;
}

gboolean
options_parse_host (const char *text, guint default_port, char **host, guint *port)
{
  g_autoptr (GSocketConnectable) address = NULL;
  g_autoptr (GError) error = NULL;

  address = g_network_address_parse (text, default_port, &error);
  if (address == NULL || *text == '\0')
    {
      fprintf (stderr, _ ("icecold: “%s” is not HOST or HOST:PORT\n"), text);
      return FALSE;
    }
  *host = g_strdup (g_network_address_get_hostname (G_NETWORK_ADDRESS (address)));
  *port = g_network_address_get_port (G_NETWORK_ADDRESS (address));
  return TRUE;
}

gboolean
options_parse_account (const char *text, guint default_port, char **user, char **password,
                       char **host, guint *port)
{
  const char *at = strrchr (text, '@');
  const char *colon = strchr (text, ':');

  if (at == NULL || colon == NULL || colon > at)
    {
      fputs (_ ("icecold: a TURN server is given as USER:PASSWORD@HOST[:PORT]\n"),
             stderr);
      return FALSE;
    }
  if (!options_parse_host (at + 1, default_port, host, port))
    return FALSE;
  *user = g_strndup (text, colon - text);
  *password = g_strndup (colon + 1, at - colon - 1);
  return TRUE;
}
