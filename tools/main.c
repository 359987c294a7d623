/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The icecold command: finds the subcommand and hands over. What a subcommand does, and
 * which options it has, stands in the file of its name. */
#include "config.h"

#include "commands.h"
#include "i18n.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>

typedef struct
{
  const char *name;
  int (*run) (int argc, char **argv);
  const char *summary;
} Command;

static const Command commands[] = {
  { "demo", command_demo,
    N_ ("let two agents on this machine find each other, and show it") },
  { "connect", command_connect,
    N_ ("join standard input and output to a peer's, like netcat") },
  { "stun", command_stun, N_ ("ask a STUN server which address it sees") },
  { "nat", command_nat,
    N_ ("find out what the NAT here does, and what that means for ICE") },
  { "nat-matrix", command_nat_matrix,
    N_ ("show which kinds of NAT reach each other, and how fast") },
};

static void
print_usage (FILE *to)
{
  fprintf (to, "%s\n\n", _ ("Usage: icecold COMMAND [OPTION…] [ARGUMENT…]"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (to, "  %-11s %s\n", commands[i].name, _ (commands[i].summary));
  fprintf (to, "\n%s\n", _ ("“icecold COMMAND --help” tells the options of a command."));
}

static const Command *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

int
main (int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : NULL;
  const Command *command;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (name == NULL)
    {
      print_usage (stderr);
      return EXIT_USAGE;
    }
  if (g_str_equal (name, "--help") || g_str_equal (name, "-h")
      || g_str_equal (name, "help"))
    {
      print_usage (stdout);
      return 0;
    }
  if (g_str_equal (name, "--version"))
    {
      printf ("%s\n", PACKAGE_STRING);
      return 0;
    }
  command = find_command (name);
  if (command == NULL)
    {
      fprintf (stderr, _ ("icecold: there is no command “%s”\n\n"), name);
      print_usage (stderr);
      return EXIT_USAGE;
    }
  g_set_prgname ("icecold");
  return command->run (argc - 1, argv + 1);
}
