/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* icecold stun: asks each address of a STUN server until one answers; tells which address
 * the server sees, how long it took and what the server calls itself. */
#include "config.h"

#include "commands.h"
#include "i18n.h"
#include "options.h"
#include "stun-query.h"

#include <stdio.h>

/* Sends at 0, 0.5, 1.5, 3.5 and 7.5 s (RFC 8489 6.2.1), and patience for the last. */
#define TIMEOUT_S 10
#define MAX_TIMEOUT_S 3600

typedef struct
{
  char *transport;
  char *name;
  char *ca_file;
  int timeout_s;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->transport);
  g_free (self->name);
  g_free (self->ca_file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
print_answer (const char *server, const StunAnswer *answer)
{
  printf (_ ("server    %s\n"), server);
  printf (_ ("mapped    %s\n"), answer->mapped);
  printf (_ ("local     %s\n"), answer->local);
  printf (_ ("rtt       %.1f ms\n"), answer->rtt_ms);
  if (answer->security != NULL)
    printf (_ ("security  %s\n"), answer->security);
  if (answer->software != NULL)
    printf (_ ("software  %s\n"), answer->software);
}

/* The first address of the server that answers is enough. */
static int
stun_run (const StunServer *server, const Options *options)
{
  g_autoptr (GSocketConnectable) name =
      g_network_address_new (server->host, server->port);
  g_autoptr (GSocketAddressEnumerator) addresses = g_socket_connectable_enumerate (name);
  g_autoptr (GError) error = NULL;

  for (;;)
    {
      g_autoptr (GSocketAddress) address =
          g_socket_address_enumerator_next (addresses, NULL, &error);
      const StunQuery query = { server, address, options->name, options->ca_file,
                                options->timeout_s };
      g_autoptr (GError) failure = NULL;
      g_autofree char *text = NULL;
      g_auto (StunAnswer) answer = { NULL };

      if (address == NULL)
        break;
      text = stun_query_format_address (address);
      if (stun_query_run (&query, &answer, &failure))
        {
          print_answer (text, &answer);
          return 0;
        }
      fprintf (stderr, "icecold: %s: %s\n", text, failure->message);
    }
  if (error != NULL)
    fprintf (stderr, "icecold: %s: %s\n", server->host, error->message);
  return 1;
}

static gboolean
check_options (const Options *options, const StunServer *server)
{
  if (options->timeout_s < 1 || options->timeout_s > MAX_TIMEOUT_S)
    {
      fprintf (stderr, _ ("icecold: --timeout takes 1 to %d seconds\n"), MAX_TIMEOUT_S);
      return FALSE;
    }
  if ((options->ca_file != NULL || options->name != NULL)
      && !stun_server_is_secure (server))
    {
      fputs (_ ("icecold: --ca and --name are for tls and dtls\n"), stderr);
      return FALSE;
    }
  if (server->needs_name && options->name == NULL)
    {
      fputs (_ ("icecold: whose certificate? Say it with --name=NAME\n"), stderr);
      return FALSE;
    }
  return TRUE;
}

int
command_stun (int argc, char **argv)
{
  g_auto (Options) options = { .timeout_s = TIMEOUT_S };
  const GOptionEntry entries[] = {
    { "transport", 't', 0, G_OPTION_ARG_STRING, &options.transport,
      N_ ("udp, tcp, tls or dtls"), N_ ("NAME") },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &options.ca_file,
      N_ ("Trust the authorities in this PEM file, not the system's"), N_ ("FILE") },
    { "name", 0, 0, G_OPTION_ARG_STRING, &options.name,
      N_ ("Whom the certificate must be for, when it is not HOST"), N_ ("NAME") },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &options.timeout_s,
      N_ ("Give an address up after so many seconds (10)"), N_ ("SECONDS") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (StunServer) server = { NULL };
  g_autoptr (GError) error = NULL;

  if (!options_parse (&argc, &argv, entries, "stun",
                      _ ("Asks a STUN server which address it sees."),
                      _ ("HOST[:PORT] | stun:HOST | stuns:HOST"), 1))
    return EXIT_USAGE;
  if (argc < 2)
    {
      fputs (_ ("icecold: which server? icecold stun HOST[:PORT]\n"), stderr);
      return EXIT_USAGE;
    }
  if (!stun_server_parse (&server, argv[1], options.transport, &error))
    {
      fprintf (stderr, "icecold: %s\n", error->message);
      return EXIT_USAGE;
    }
  return check_options (&options, &server) ? stun_run (&server, &options) : EXIT_USAGE;
}
