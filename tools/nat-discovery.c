/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which test comes when and what the answers say of the NAT. RFC 5780 3.4, 3.6
 * and 4; how requests are sent is nat-requests, bindings that age are nat-lifetime.
 *
 * Filters are tested before anything is sent to the server's other addresses, which would
 * open them. Silence is an answer only where the same address has answered when it was
 * asked itself: a server that cannot send from there looks like a filter. */
#include "config.h"

#include "nat-discovery.h"

#include "stun/attributes.h"

/* A server that is there answers one of these, after 0, 0.5, 1.5, 3.5 and 7.5 s. */
#define SENDS_FIRST 5
/* So many of a request or its answer are not lost by chance; silent after 4.5 s. */
#define SENDS 4
/* Between two sockets of one host: nothing but the NAT is on the way. Silent after 2 s.
 */
#define SENDS_HAIRPIN 3

typedef enum
{
  STAGE_CONTACT,
  STAGE_FILTER,
  STAGE_MAPPING,
  STAGE_LIFETIME,
  STAGE_OVER
} Stage;

struct _NatDiscovery
{
  Stage stage;
  NatReport report;
  NatRequests requests;
  NatLifetime lifetime;
  gint64 lifetime_limit_us;
  StunAddress locals[NAT_SOCKET_ASKER];
  /* Kept until the end: a later stage reads what earlier ones learnt. NULL: not asked. */
  NatRequest *contact;
  NatRequest *filter_address, *filter_port;
  NatRequest *seats[2];    /* the hairpin sockets ask where they are seen */
  NatRequest *hairpins[2]; /* each asks the other there */
  NatRequest *other_address, *other_both, *other_port;
};

/* --- asking --- */

static StunAddress
with_port_of (const StunAddress *address, const StunAddress *port)
{
  StunAddress both = *address;

  if (both.s.addr.sa_family == AF_INET6)
    both.s.ip6.sin6_port = port->s.ip6.sin6_port;
  else
    both.s.ip4.sin_port = port->s.ip4.sin_port;
  return both;
}

static NatRequest *
ask (NatDiscovery *self, guint socket, const StunAddress *to, guint sends)
{
  const NatQuestion question = {
    .socket = socket, .to = *to, .answer_from = *to, .sends = sends
  };

  return nat_requests_ask (&self->requests, &question);
}

static NatRequest *
ask_changed (NatDiscovery *self, guint socket, guint8 change, const StunAddress *from)
{
  const NatQuestion question = { .socket = socket,
                                 .to = self->report.server,
                                 .answer_from = *from,
                                 .change = change,
                                 .sends = SENDS };

  return nat_requests_ask (&self->requests, &question);
}

static gboolean
is_answered (const NatRequest *request)
{
  return request != NULL && request->state == NAT_REQUEST_ANSWERED;
}

/* --- test I: is there a server, and is it one of these (RFC 5780 4.2, 4.3) --- */

/* RFC 5780 6.1: another IP address and another port. To port 0 and to groups nothing is
 * sent, whatever a server says. */
static gboolean
is_other (const StunAddress *other, const StunAddress *server)
{
  const guint16 port = stun_address_get_port (other);
  const StunAddress moved = with_port_of (other, server);

  if (other->s.addr.sa_family != server->s.addr.sa_family || port == 0
      || port == stun_address_get_port (server) || stun_address_equal (&moved, server))
    return FALSE;
  if (other->s.addr.sa_family == AF_INET6)
    return !IN6_IS_ADDR_MULTICAST (&other->s.ip6.sin6_addr)
           && !IN6_IS_ADDR_UNSPECIFIED (&other->s.ip6.sin6_addr);
  return GUINT32_FROM_BE (other->s.ip4.sin_addr.s_addr) < 0xE0000000
         && other->s.ip4.sin_addr.s_addr != 0;
}

static void
conclude_contact (NatDiscovery *self)
{
  const NatRequest *contact = self->contact;
  NatReport *report = &self->report;

  if (contact->state != NAT_REQUEST_ANSWERED)
    {
      report->code = contact->code;
      report->outcome = contact->state == NAT_REQUEST_REFUSED ? NAT_OUTCOME_REFUSED
                                                              : NAT_OUTCOME_SILENT;
      return;
    }
  report->mapped = contact->mapped;
  report->is_translated = !stun_address_equal (&report->mapped, &report->local);
  report->is_rewritten = stun_address_is_ip (&contact->plain)
                         && !stun_address_equal (&contact->plain, &contact->mapped);
  report->other = contact->other;
  report->outcome = is_other (&contact->other, &report->server) ? NAT_OUTCOME_TOLD
                                                                : NAT_OUTCOME_UNSUPPORTED;
}

/* --- filtering (4.4), and hairpinning (3.4) meanwhile --- */

static void
start_filter (NatDiscovery *self)
{
  const NatReport *report = &self->report;
  const StunAddress other_port = with_port_of (&report->server, &report->other);

  self->filter_address = ask_changed (self, NAT_SOCKET_FILTER_ADDRESS,
                                      STUN_CHANGE_IP | STUN_CHANGE_PORT, &report->other);
  self->filter_port =
      ask_changed (self, NAT_SOCKET_FILTER_PORT, STUN_CHANGE_PORT, &other_port);
  if (!report->is_translated)
    return;
  for (guint i = 0; i < 2; i++)
    self->seats[i] = ask (self, NAT_SOCKET_HAIRPIN + i, &report->server, SENDS);
}

/* Both send, so that each opens its filter for the other. */
static void
start_hairpin (NatDiscovery *self)
{
  for (guint i = 0; i < 2; i++)
    {
      const StunAddress *to = &self->seats[1 - i]->mapped;
      const NatQuestion question = { .socket = NAT_SOCKET_HAIRPIN + i,
                                     .to = *to,
                                     .answer_from = *to,
                                     .to_ourselves = TRUE,
                                     .sends = SENDS_HAIRPIN };

      self->hairpins[i] = nat_requests_ask (&self->requests, &question);
    }
}

static gboolean
is_hairpin_over (const NatDiscovery *self)
{
  if (self->report.hairpins == NAT_YES)
    return TRUE;
  if (self->hairpins[0] != NULL)
    return nat_request_is_over (self->hairpins[0])
           && nat_request_is_over (self->hairpins[1]);
  return self->seats[0] == NULL
         || (nat_request_is_over (self->seats[0])
             && nat_request_is_over (self->seats[1]));
}

static void
advance_hairpin (NatDiscovery *self)
{
  if (self->report.hairpins == NAT_YES)
    return;
  if (self->hairpins[0] == NULL && is_answered (self->seats[0])
      && is_answered (self->seats[1]))
    start_hairpin (self);
  for (guint i = 0; i < 2; i++)
    if (self->hairpins[i] != NULL && self->hairpins[i]->state == NAT_REQUEST_RETURNED)
      self->report.hairpins = NAT_YES;
  /* One way is enough; the other need not be waited for, nor be tried any more. */
  for (guint i = 0; i < 2 && self->report.hairpins == NAT_YES; i++)
    g_clear_pointer (&self->hairpins[i], nat_requests_forget);
}

static gboolean
is_filter_over (const NatDiscovery *self)
{
  const gboolean is_open = is_answered (self->filter_address);

  return is_hairpin_over (self)
         && (is_open
             || (nat_request_is_over (self->filter_address)
                 && nat_request_is_over (self->filter_port)));
}

/* --- mapping (4.3) --- */

/* More than the RFC's: the server's other port, which tells what silence there means. */
static void
start_mapping (NatDiscovery *self)
{
  const NatReport *report = &self->report;
  const StunAddress other_address = with_port_of (&report->other, &report->server);
  const StunAddress other_port = with_port_of (&report->server, &report->other);

  self->other_address = ask (self, NAT_SOCKET_MAPPING, &other_address, SENDS);
  self->other_both = ask (self, NAT_SOCKET_MAPPING, &report->other, SENDS);
  self->other_port = ask (self, NAT_SOCKET_MAPPING, &other_port, SENDS);
}

static gboolean
is_mapping_over (const NatDiscovery *self)
{
  return nat_request_is_over (self->other_address)
         && nat_request_is_over (self->other_both)
         && nat_request_is_over (self->other_port);
}

/* RFC 5780 4.3 leaves test III out when test II saw the mapping of test I. Here it is a
 * proof to the contrary when it disagrees. */
static NatBehaviour
judge_mapping (const NatDiscovery *self)
{
  const StunAddress *first = &self->contact->mapped;
  const NatRequest *second = self->other_address, *third = self->other_both;

  if (!self->report.is_translated)
    return NAT_ENDPOINT_INDEPENDENT;
  if (!is_answered (second))
    return NAT_UNKNOWN;
  if (is_answered (third) && !stun_address_equal (&third->mapped, &second->mapped))
    return NAT_ADDRESS_AND_PORT_DEPENDENT;
  if (stun_address_equal (&second->mapped, first))
    return NAT_ENDPOINT_INDEPENDENT;
  return is_answered (third) ? NAT_ADDRESS_DEPENDENT : NAT_UNKNOWN;
}

/* What stands against a verdict from the silence of @request, whose answer would have
 * come from where @control was asked. */
static NatDoubt
find_doubt (const NatRequest *request, const NatRequest *control)
{
  if (request->state == NAT_REQUEST_REFUSED)
    return NAT_DOUBT_REFUSED;
  if (request->state == NAT_REQUEST_UNCHANGED)
    return NAT_DOUBT_UNCHANGED;
  return is_answered (control) ? NAT_DOUBT_NONE : NAT_DOUBT_UNREACHABLE;
}

static void
judge_filtering (NatDiscovery *self)
{
  NatReport *report = &self->report;
  NatRequest *doubtful = self->filter_address;

  if (is_answered (doubtful))
    {
      report->filtering = NAT_ENDPOINT_INDEPENDENT;
      return;
    }
  report->doubt = find_doubt (doubtful, self->other_both);
  if (report->doubt == NAT_DOUBT_NONE && !is_answered (self->filter_port))
    {
      doubtful = self->filter_port;
      report->doubt = find_doubt (doubtful, self->other_port);
    }
  report->code = doubtful->code;
  if (report->doubt == NAT_DOUBT_NONE)
    report->filtering = is_answered (self->filter_port) ? NAT_ADDRESS_DEPENDENT
                                                        : NAT_ADDRESS_AND_PORT_DEPENDENT;
}

/* Of all sockets that the server saw. */
static NatTruth
judge_ports (const NatDiscovery *self)
{
  const NatRequest *const seen[] = { self->contact, self->seats[0], self->seats[1],
                                     self->filter_address, self->filter_port };

  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    if (is_answered (seen[i])
        && stun_address_get_port (&seen[i]->mapped)
               != stun_address_get_port (&self->locals[seen[i]->question.socket]))
      return NAT_NO;
  return NAT_YES;
}

static void
conclude_mapping (NatDiscovery *self)
{
  NatReport *report = &self->report;

  report->mapping = judge_mapping (self);
  judge_filtering (self);
  if (report->is_translated)
    report->preserves_ports = judge_ports (self);
  /* Where every destination has a mapping of its own, the one that the server saw is no
   * way in for others: silence says nothing. */
  if (report->hairpins == NAT_MAYBE && self->hairpins[0] != NULL
      && report->mapping == NAT_ENDPOINT_INDEPENDENT)
    report->hairpins = NAT_NO;
}

/* --- lifetime (4.6) --- */

static void
start_lifetime (NatDiscovery *self)
{
  const NatReport *report = &self->report;

  if (self->lifetime_limit_us == 0)
    return;
  if (!report->is_translated && report->filtering == NAT_ENDPOINT_INDEPENDENT)
    self->lifetime.state = NAT_LIFETIME_NO_BINDING;
  else
    nat_lifetime_start (&self->lifetime, &self->requests, &report->server,
                        NAT_SOCKET_ASKER, NAT_SOCKET_PROBES, self->lifetime_limit_us);
}

static void
report_lifetime (NatDiscovery *self)
{
  self->report.lifetime = self->lifetime.state;
  self->report.lifetime_min_us = self->lifetime.alive_us;
  self->report.lifetime_max_us = self->lifetime.dead_us;
}

/* --- one after the other --- */

static gboolean
is_stage_over (const NatDiscovery *self)
{
  switch (self->stage)
    {
    case STAGE_CONTACT:
      return nat_request_is_over (self->contact);
    case STAGE_FILTER:
      return is_filter_over (self);
    case STAGE_MAPPING:
      return is_mapping_over (self);
    case STAGE_LIFETIME:
      return self->lifetime.state != NAT_LIFETIME_SEARCHING;
    case STAGE_OVER:
      return FALSE;
    }
  g_assert_not_reached ();
}

static void
enter_next_stage (NatDiscovery *self)
{
  switch (self->stage)
    {
    case STAGE_CONTACT:
      conclude_contact (self);
      self->stage = STAGE_OVER;
      if (self->report.outcome != NAT_OUTCOME_TOLD)
        return;
      self->stage = STAGE_FILTER;
      start_filter (self);
      return;
    case STAGE_FILTER:
      self->stage = STAGE_MAPPING;
      start_mapping (self);
      return;
    case STAGE_MAPPING:
      conclude_mapping (self);
      self->stage = STAGE_LIFETIME;
      start_lifetime (self);
      return;
    case STAGE_LIFETIME:
      self->stage = STAGE_OVER;
      return;
    case STAGE_OVER:
      break;
    }
  g_assert_not_reached ();
}

static void
advance (NatDiscovery *self, gint64 now)
{
  nat_requests_handle_timeout (&self->requests, now);
  if (self->stage == STAGE_FILTER)
    advance_hairpin (self);
  if (self->stage == STAGE_LIFETIME)
    nat_lifetime_advance (&self->lifetime, &self->requests, now);
  while (is_stage_over (self))
    enter_next_stage (self);
  report_lifetime (self);
}

NatDiscovery *
nat_discovery_new (const NatDiscoveryConfig *config, gint64 now)
{
  NatDiscovery *self = g_new0 (NatDiscovery, 1);

  self->report.server = config->server;
  self->report.local = config->locals[NAT_SOCKET_MAPPING];
  for (guint i = 0; i < NAT_SOCKET_ASKER; i++)
    self->locals[i] = config->locals[i];
  self->lifetime_limit_us = config->lifetime_limit_us;
  self->requests.random = config->random;
  self->requests.random_data = config->random_data;
  self->contact = ask (self, NAT_SOCKET_MAPPING, &config->server, SENDS_FIRST);
  advance (self, now);
  return self;
}

void
nat_discovery_free (NatDiscovery *self)
{
  g_free (self);
}

void
nat_discovery_handle_packet (NatDiscovery *self, guint socket, const StunAddress *from,
                             const guint8 *data, gsize len, gint64 now)
{
  nat_requests_handle_packet (&self->requests, socket, from, data, len, now);
  advance (self, now);
}

void
nat_discovery_handle_timeout (NatDiscovery *self, gint64 now)
{
  advance (self, now);
}

gint64
nat_discovery_get_deadline (const NatDiscovery *self)
{
  if (self->stage == STAGE_OVER)
    return STUN_NEVER;
  return MIN (nat_requests_get_deadline (&self->requests),
              nat_lifetime_get_deadline (&self->lifetime));
}

gboolean
nat_discovery_poll_transmit (NatDiscovery *self, NatTransmit *transmit)
{
  return self->stage != STAGE_OVER
         && nat_requests_poll_transmit (&self->requests, transmit);
}

const NatReport *
nat_discovery_get_report (const NatDiscovery *self)
{
  return &self->report;
}
