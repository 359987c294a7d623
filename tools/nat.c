/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* icecold nat: has a server of RFC 5780 find out what the NAT here does, over IPv4 and
 * over IPv6 where the server has both, and tells it in words or as JSON. */
#include "config.h"

#include "agent/stats-json.h"
#include "commands.h"
#include "i18n.h"
#include "nat-report.h"
#include "nat-run.h"
#include "options.h"
#include "screen.h"
#include "stun-query.h"

#include <stdio.h>

/* Bindings live for minutes (RFC 4787 4.3); a day is beyond all of them. */
#define MAX_LIFETIME_S 86400

typedef struct
{
  gboolean only_ipv4, only_ipv6, is_json;
  int lifetime_s;
  Screen screen; /* of progress; what is found goes to standard output */
  const char *server;
  GVariant *found[2]; /* by family, for JSON */
  gboolean is_asked, is_told;
} Nat;

static const struct
{
  const char *key;
  GSocketFamily family;
} families[2] = { { "ipv4", G_SOCKET_FAMILY_IPV4 }, { "ipv6", G_SOCKET_FAMILY_IPV6 } };

static void
on_progress (const NatReport *report, gint64 left_us, gpointer data)
{
  Nat *self = data;
  const int left_s = (int)((left_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
  const double alive_s = report->lifetime_min_us / (double)G_USEC_PER_SEC;
  g_autofree char *text = NULL;

  if (report->lifetime != NAT_LIFETIME_SEARCHING)
    text = g_strdup_printf (_ ("asking %s…\n"), self->server);
  else if (report->lifetime_max_us == 0)
    text = g_strdup_printf (_ ("lifetime more than %.1f s; goes on in %d s…\n"), alive_s,
                            left_s);
  else
    text = g_strdup_printf (_ ("lifetime between %.1f and %.1f s; goes on in %d s…\n"),
                            alive_s, report->lifetime_max_us / (double)G_USEC_PER_SEC,
                            left_s);
  screen_draw (&self->screen, text);
}

/* What the last address of a family said stands for it. */
static void
note (Nat *self, guint family, GVariant *found)
{
  g_clear_pointer (&self->found[family], g_variant_unref);
  self->found[family] = g_variant_ref_sink (found);
}

static void
tell (Nat *self, const NatReport *report)
{
  g_autofree char *text = nat_report_format (report);

  if (!self->is_json)
    printf ("%s%s", self->is_told && *text != '\0' ? "\n" : "", text);
  fflush (stdout);
}

/* FALSE: another address of the server may do better. */
static gboolean
ask_address (Nat *self, guint family, GSocketAddress *address)
{
  g_autofree char *text = stun_query_format_address (address);
  g_autofree char *failure = NULL;
  g_autoptr (GError) error = NULL;
  NatReport report;

  self->is_asked = TRUE;
  self->server = text;
  if (nat_run (address, self->lifetime_s * (gint64)G_USEC_PER_SEC, on_progress, self,
               &report, &error))
    {
      screen_draw (&self->screen, "");
      tell (self, &report);
      note (self, family, nat_report_to_variant (&report));
      failure = nat_report_get_failure (&report);
    }
  else
    {
      note (self, family, g_variant_new_parsed ("{'error': <%s>}", error->message));
      failure = g_strdup (error->message);
    }
  if (failure == NULL)
    {
      self->is_told = TRUE;
      return TRUE;
    }
  fprintf (stderr, "icecold: %s: %s\n", text, failure);
  return FALSE;
}

static void
ask_family (Nat *self, guint family, GPtrArray *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    {
      GSocketAddress *address = g_ptr_array_index (addresses, i);

      if (g_socket_address_get_family (address) == families[family].family
          && ask_address (self, family, address))
        return;
    }
}

static void
print_json (const Nat *self)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GVariant) all = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (self->found[i] != NULL)
      g_variant_builder_add (&builder, "{sv}", families[i].key, self->found[i]);
  all = g_variant_ref_sink (g_variant_builder_end (&builder));
  nice_json_append (json, all);
  printf ("%s\n", json->str);
}

static GPtrArray *
resolve (const StunServer *server, GError **error)
{
  g_autoptr (GSocketConnectable) name =
      g_network_address_new (server->host, server->port);
  g_autoptr (GSocketAddressEnumerator) enumerator = g_socket_connectable_enumerate (name);
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);
  GSocketAddress *address;

  while ((address = g_socket_address_enumerator_next (enumerator, NULL, error)) != NULL)
    g_ptr_array_add (addresses, address);
  return addresses;
}

static int
ask_server (Nat *self, const StunServer *server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = resolve (server, &error);

  screen_init (&self->screen, stderr);
  if (!self->only_ipv6)
    ask_family (self, 0, addresses);
  if (!self->only_ipv4)
    ask_family (self, 1, addresses);
  if (error != NULL)
    fprintf (stderr, "icecold: %s: %s\n", server->host, error->message);
  else if (!self->is_asked)
    fprintf (stderr, _ ("icecold: %s has no %s address\n"), server->host,
             self->only_ipv4 ? "IPv4" : "IPv6");
  if (self->is_json)
    print_json (self);
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    g_clear_pointer (&self->found[i], g_variant_unref);
  return self->is_told ? 0 : 1;
}

static gboolean
check_options (const Nat *self, const StunServer *server)
{
  if (self->only_ipv4 && self->only_ipv6)
    fputs (_ ("icecold: --ipv4 and --ipv6 do not go together\n"), stderr);
  else if (self->lifetime_s < 0 || self->lifetime_s > MAX_LIFETIME_S)
    fprintf (stderr, _ ("icecold: --lifetime takes 1 to %d seconds\n"), MAX_LIFETIME_S);
  else if (server->transport != STUN_SERVER_UDP)
    fputs (_ ("icecold: what a NAT does is asked over UDP: stun:HOST or HOST\n"), stderr);
  else
    return TRUE;
  return FALSE;
}

int
command_nat (int argc, char **argv)
{
  Nat self = { 0 };
  const GOptionEntry entries[] = {
    { "ipv4", '4', 0, G_OPTION_ARG_NONE, &self.only_ipv4, N_ ("Over IPv4 only"), NULL },
    { "ipv6", '6', 0, G_OPTION_ARG_NONE, &self.only_ipv6, N_ ("Over IPv6 only"), NULL },
    { "lifetime", 'l', 0, G_OPTION_ARG_INT, &self.lifetime_s,
      N_ ("Find out how long the NAT keeps a port that is not used, up to so many "
          "seconds; takes up to three times that"),
      N_ ("SECONDS") },
    { "json", 'j', 0, G_OPTION_ARG_NONE, &self.is_json, N_ ("For programs"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (StunServer) server = { NULL };
  g_autoptr (GError) error = NULL;

  if (!options_parse (&argc, &argv, entries, "nat",
                      _ ("Finds out what the NAT here does, and which peers ICE connects "
                         "it to directly.\nThe server needs two addresses and RFC 5780: "
                         "coturn with --rfc5780 is one."),
                      _ ("HOST[:PORT] | stun:HOST"), 1))
    return EXIT_USAGE;
  if (argc < 2)
    {
      fputs (_ ("icecold: which server? icecold nat HOST[:PORT]\n"), stderr);
      return EXIT_USAGE;
    }
  if (!stun_server_parse (&server, argv[1], NULL, &error))
    {
      fprintf (stderr, "icecold: %s\n", error->message);
      return EXIT_USAGE;
    }
  return check_options (&self, &server) ? ask_server (&self, &server) : EXIT_USAGE;
}
