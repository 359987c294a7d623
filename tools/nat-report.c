/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts the verdict on a NAT into words: rows, the kinds of peer that a direct path leads
 * to, and the same for programs. RFC 4787 4.1, 5, 6; the kinds are those of the NAT
 * matrix. */
#include "config.h"

#include "nat-report.h"

#include <arpa/inet.h>

#include "i18n.h"
#include "nat-picture.h"
#include "pairs.h"

typedef struct
{
  const char *key; /* in JSON; as RFC 4787 has it */
  const char *mapping;
  const char *filtering;
} BehaviourWords;

static const BehaviourWords behaviours[] = {
  [NAT_UNKNOWN] = { NULL, N_ ("unknown: the server does not answer at its other address"),
                    NULL },
  [NAT_ENDPOINT_INDEPENDENT] = { "endpoint-independent",
                                 N_ ("endpoint-independent: one public port towards "
                                     "everybody"),
                                 N_ ("endpoint-independent: everybody gets in") },
  [NAT_ADDRESS_DEPENDENT] = { "address-dependent",
                              N_ ("address-dependent: another public port towards each "
                                  "address"),
                              N_ ("address-dependent: who was sent to gets in, from any "
                                  "port") },
  [NAT_ADDRESS_AND_PORT_DEPENDENT] = { "address-and-port-dependent",
                                       N_ ("address and port-dependent: another public "
                                           "port towards each address and port"),
                                       N_ ("address and port-dependent: who was sent to "
                                           "gets in, from that port only") },
};

static char *
format_address (const StunAddress *address)
{
  char text[INET6_ADDRSTRLEN];
  const void *ip = address->s.addr.sa_family == AF_INET6
                       ? (const void *)&address->s.ip6.sin6_addr
                       : &address->s.ip4.sin_addr;

  if (inet_ntop (address->s.addr.sa_family, ip, text, sizeof text) == NULL)
    return g_strdup ("?");
  return pairs_format_address (text, stun_address_get_port (address));
}

/* --- what it means --- */

/* One end of a path, as the other end sees it. */
typedef struct
{
  gboolean is_stable; /* one public address towards everybody */
  NatBehaviour filtering;
} Side;

/* Whether checks that are sent often enough come in at the address that a server saw.
 * Only a filter by port keeps those out that come from another port than the one
 * signalled. */
static gboolean
comes_in (const Side *from, const Side *to)
{
  return to->is_stable
         && (to->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT || from->is_stable);
}

static Side
side_of_kind (SimNatKind kind)
{
  SimNatConfig nat;

  if (sim_nat_kind_get_config (kind, &nat))
    return (Side) { nat.mapping == SIM_ENDPOINT_INDEPENDENT,
                    NAT_ENDPOINT_INDEPENDENT + nat.filtering - SIM_ENDPOINT_INDEPENDENT };
  return (Side) { TRUE, kind == SIM_FIREWALLED ? NAT_ADDRESS_AND_PORT_DEPENDENT
                                               : NAT_ENDPOINT_INDEPENDENT };
}

gboolean
nat_report_knows_paths (const NatReport *self)
{
  return self->outcome == NAT_OUTCOME_TOLD && self->mapping != NAT_UNKNOWN
         && self->filtering != NAT_UNKNOWN;
}

gboolean
nat_report_is_direct (const NatReport *self, SimNatKind peer)
{
  const Side here = { self->mapping == NAT_ENDPOINT_INDEPENDENT, self->filtering };
  const Side there = side_of_kind (peer);

  return comes_in (&here, &there) || comes_in (&there, &here);
}

SimNatKind
nat_report_get_kind (const NatReport *self)
{
  for (SimNatKind kind = 0; nat_report_knows_paths (self) && kind < SIM_N_NAT_KINDS;
       kind++)
    {
      SimNatConfig nat = { 0 };
      const gboolean is_translated = sim_nat_kind_get_config (kind, &nat);
      const NatBehaviour mapping = NAT_ENDPOINT_INDEPENDENT + nat.mapping;

      if (is_translated == self->is_translated && mapping == self->mapping
          && side_of_kind (kind).filtering == self->filtering)
        return kind;
    }
  return SIM_N_NAT_KINDS;
}

/* --- in words --- */

char *
nat_report_get_failure (const NatReport *self)
{
  switch (self->outcome)
    {
    case NAT_OUTCOME_NONE:
    case NAT_OUTCOME_TOLD:
      return NULL;
    case NAT_OUTCOME_SILENT:
      return g_strdup (_ ("no answer: there is no STUN server, or UDP does not get "
                          "through"));
    case NAT_OUTCOME_REFUSED:
      return g_strdup_printf (_ ("the server answers with error %d"), self->code);
    case NAT_OUTCOME_UNSUPPORTED:
      return g_strdup (_ ("this server cannot tell what a NAT does: it has no second "
                          "address (RFC 5780)"));
    }
  g_assert_not_reached ();
}

static char *
describe_filtering (const NatReport *self)
{
  switch (self->doubt)
    {
    case NAT_DOUBT_NONE:
      return g_strdup (_ (behaviours[self->filtering].filtering));
    case NAT_DOUBT_REFUSED:
      return g_strdup_printf (_ ("unknown: the server answers CHANGE-REQUEST with error "
                                 "%d"),
                              self->code);
    case NAT_DOUBT_UNCHANGED:
      return g_strdup (_ ("unknown: the server does not heed CHANGE-REQUEST"));
    case NAT_DOUBT_UNREACHABLE:
      return g_strdup (_ ("unknown: the server does not answer at its other address"));
    }
  g_assert_not_reached ();
}

static const char *
describe_hairpins (const NatReport *self)
{
  switch (self->hairpins)
    {
    case NAT_MAYBE:
      return _ ("unknown: nothing came back");
    case NAT_NO:
      return _ ("no: two hosts behind it do not reach each other at its public address");
    case NAT_YES:
      return _ ("yes: two hosts behind it reach each other at its public address");
    }
  g_assert_not_reached ();
}

static char *
describe_lifetime (const NatReport *self)
{
  const double min = self->lifetime_min_us / (double)G_USEC_PER_SEC;
  const double max = self->lifetime_max_us / (double)G_USEC_PER_SEC;

  switch (self->lifetime)
    {
    case NAT_LIFETIME_NOT_ASKED:
    case NAT_LIFETIME_SEARCHING:
      return NULL;
    case NAT_LIFETIME_NO_BINDING:
      return g_strdup (_ ("unlimited: nothing is translated or filtered"));
    case NAT_LIFETIME_FOUND:
      return g_strdup_printf (_ ("between %.1f and %.1f s without a packet"), min, max);
    case NAT_LIFETIME_LONGER:
      return g_strdup_printf (_ ("more than %.1f s without a packet"), min);
    case NAT_LIFETIME_UNSUPPORTED:
      return g_strdup (_ ("unknown: the server does not heed RESPONSE-PORT"));
    case NAT_LIFETIME_UNKNOWN:
      return g_strdup (_ ("unknown: the server fell silent"));
    }
  g_assert_not_reached ();
}

static void
append_addresses (GString *text, const NatReport *self)
{
  g_autofree char *server = format_address (&self->server);
  g_autofree char *local = format_address (&self->local);
  g_autofree char *mapped = format_address (&self->mapped);

  g_string_append_printf (text, _ ("server       %s\n"), server);
  if (self->outcome == NAT_OUTCOME_TOLD)
    {
      g_autofree char *other = format_address (&self->other);

      g_string_append_printf (text, _ ("             and %s\n"), other);
    }
  g_string_append_printf (text, _ ("local        %s\n"), local);
  g_string_append_printf (text, _ ("mapped       %s\n"), mapped);
  g_string_append_printf (text, _ ("NAT          %s\n"),
                          self->is_translated ? _ ("yes") : _ ("no"));
  if (self->is_rewritten)
    g_string_append (text,
                     _ ("             and it changes addresses inside of packets\n"));
}

static void
append_behaviour (GString *text, const NatReport *self)
{
  g_autofree char *filtering = describe_filtering (self);
  g_autofree char *lifetime = describe_lifetime (self);

  if (self->is_translated)
    g_string_append_printf (text, _ ("mapping      %s\n"),
                            _ (behaviours[self->mapping].mapping));
  g_string_append_printf (text, _ ("filtering    %s\n"), filtering);
  if (self->is_translated)
    {
      g_string_append_printf (text, _ ("hairpinning  %s\n"), describe_hairpins (self));
      g_string_append_printf (text, _ ("ports        %s\n"),
                              self->preserves_ports == NAT_YES
                                  ? _ ("preserved: the public one is the local one")
                                  : _ ("changed"));
    }
  if (lifetime != NULL)
    g_string_append_printf (text, _ ("lifetime     %s\n"), lifetime);
}

static void
append_paths (GString *text, const NatReport *self)
{
  const SimNatKind kind = nat_report_get_kind (self);

  if (kind < SIM_N_NAT_KINDS)
    g_string_append_printf (text, _ ("\nIn “icecold nat-matrix” this is %u, %s.\n"),
                            kind + 1, nat_picture_get_kind (kind));
  else
    g_string_append (text, _ ("\n“icecold nat-matrix” has no row for this kind.\n"));
  g_string_append (text, _ ("ICE connects it to peers that are\n"));
  for (SimNatKind peer = 0; peer < SIM_N_NAT_KINDS; peer++)
    {
      nat_picture_append_kind (text, peer);
      g_string_append_printf (text, "  %s\n",
                              nat_report_is_direct (self, peer)
                                  ? _ ("directly")
                                  : _ ("through a TURN server only"));
    }
}

char *
nat_report_format (const NatReport *self)
{
  GString *text = g_string_new (NULL);

  if (self->outcome == NAT_OUTCOME_UNSUPPORTED || self->outcome == NAT_OUTCOME_TOLD)
    append_addresses (text, self);
  if (self->outcome == NAT_OUTCOME_TOLD)
    append_behaviour (text, self);
  if (nat_report_knows_paths (self))
    append_paths (text, self);
  return g_string_free (text, FALSE);
}

/* --- for programs --- */

static void
put_text (GVariantBuilder *dict, const char *key, const char *text)
{
  if (text != NULL)
    g_variant_builder_add (dict, "{sv}", key, g_variant_new_string (text));
}

static void
put_address (GVariantBuilder *dict, const char *key, const StunAddress *address)
{
  g_autofree char *text = format_address (address);

  put_text (dict, key, text);
}

static void
put_flag (GVariantBuilder *dict, const char *key, gboolean flag)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_new_boolean (flag));
}

static void
put_seconds (GVariantBuilder *dict, const char *key, gint64 us)
{
  g_variant_builder_add (dict, "{sv}", key,
                         g_variant_new_double (us / (double)G_USEC_PER_SEC));
}

static void
put_truth (GVariantBuilder *dict, const char *key, NatTruth truth)
{
  if (truth != NAT_MAYBE)
    put_flag (dict, key, truth == NAT_YES);
}

static void
put_lifetime (GVariantBuilder *dict, const NatReport *self)
{
  if (self->lifetime == NAT_LIFETIME_FOUND || self->lifetime == NAT_LIFETIME_LONGER)
    put_seconds (dict, "lifetimeMin", self->lifetime_min_us);
  if (self->lifetime == NAT_LIFETIME_FOUND)
    put_seconds (dict, "lifetimeMax", self->lifetime_max_us);
}

static void
put_paths (GVariantBuilder *dict, const NatReport *self)
{
  const SimNatKind kind = nat_report_get_kind (self);
  GVariantBuilder peers;

  if (kind < SIM_N_NAT_KINDS)
    put_text (dict, "kind", sim_nat_kind_name (kind));
  g_variant_builder_init (&peers, G_VARIANT_TYPE_VARDICT);
  for (SimNatKind peer = 0; peer < SIM_N_NAT_KINDS; peer++)
    put_text (&peers, sim_nat_kind_name (peer),
              nat_report_is_direct (self, peer) ? "direct" : "relayed");
  g_variant_builder_add (dict, "{sv}", "paths", g_variant_builder_end (&peers));
}

GVariant *
nat_report_to_variant (const NatReport *self)
{
  g_autofree char *failure = nat_report_get_failure (self);
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  put_address (&dict, "server", &self->server);
  put_address (&dict, "local", &self->local);
  put_text (&dict, "error", failure);
  if (self->outcome == NAT_OUTCOME_TOLD || self->outcome == NAT_OUTCOME_UNSUPPORTED)
    {
      put_address (&dict, "mapped", &self->mapped);
      put_flag (&dict, "nat", self->is_translated);
      put_flag (&dict, "rewritten", self->is_rewritten);
    }
  if (self->outcome == NAT_OUTCOME_TOLD)
    {
      put_address (&dict, "otherServer", &self->other);
      put_text (&dict, "mapping", behaviours[self->mapping].key);
      put_text (&dict, "filtering", behaviours[self->filtering].key);
      put_truth (&dict, "hairpinning", self->hairpins);
      put_truth (&dict, "portsPreserved", self->preserves_ports);
      put_lifetime (&dict, self);
    }
  if (nat_report_knows_paths (self))
    put_paths (&dict, self);
  return g_variant_builder_end (&dict);
}
