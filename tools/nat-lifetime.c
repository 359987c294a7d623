/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lets bindings age and asks which of them still live: each is made by a request from a
 * socket of its own, left alone for its wait, and then meant by RESPONSE-PORT in a
 * request from another socket (RFC 5780 4.6). Rounds narrow the lifetime down.
 *
 * NOTES: A binary search, one binding at a time, is what RFC 5780 proposes: from 10
 * minutes down to a lifetime of 120 s, to 10 s exactly, it waits 15 minutes. With seven
 * bindings at once, doubled waits first and equal steps in between next, it is under
 * five. */
#include "config.h"

#include "nat-lifetime.h"

#define SENDS 4
#define MAX_ROUNDS 3
/* Good enough: who keeps a binding alive does so in time for the shorter one. */
#define ENOUGH_US G_USEC_PER_SEC
#define ENOUGH_SHARE 10

static void
start_round (NatLifetime *self, NatRequests *requests, guint n_probes)
{
  self->n_probes = n_probes;
  for (guint i = 0; i < n_probes; i++)
    {
      NatLifetimeProbe *probe = &self->probes[i];
      const NatQuestion question = { .socket = self->first_socket + i,
                                     .to = self->server,
                                     .answer_from = self->server,
                                     .sends = SENDS };

      if (self->round == 0)
        probe->wait = 0;
      else if (self->round == 1)
        probe->wait = self->limit_us >> (n_probes - 1 - i);
      else
        probe->wait =
            self->alive_us + (self->dead_us - self->alive_us) * (i + 1) / (n_probes + 1);
      probe->phase = NAT_PROBE_BINDING;
      probe->request = nat_requests_ask (requests, &question);
    }
}

void
nat_lifetime_start (NatLifetime *self, NatRequests *requests, const StunAddress *server,
                    guint asker, guint first_socket, gint64 limit_us)
{
  *self = (NatLifetime) { .state = NAT_LIFETIME_SEARCHING,
                          .limit_us = limit_us,
                          .asker = asker,
                          .first_socket = first_socket,
                          .server = *server };
  start_round (self, requests, 1);
}

static void
forget_request (NatLifetimeProbe *probe)
{
  nat_requests_forget (probe->request);
  probe->request = NULL;
}

static void
end_round (NatLifetime *self)
{
  for (guint i = 0; i < self->n_probes; i++)
    forget_request (&self->probes[i]);
  self->n_probes = 0;
}

static void
end (NatLifetime *self, NatLifetimeState state)
{
  end_round (self);
  self->state = state;
}

/* --- one binding --- */

static void
handle_binding (NatLifetime *self, NatLifetimeProbe *probe, gint64 now)
{
  if (probe->request->state == NAT_REQUEST_ANSWERED)
    {
      probe->ask_at = now + probe->wait;
      probe->phase = NAT_PROBE_WAITING;
    }
  else if (nat_request_is_over (probe->request))
    end (self, NAT_LIFETIME_UNKNOWN);
}

static void
ask (NatLifetime *self, NatRequests *requests, NatLifetimeProbe *probe)
{
  const NatQuestion question = { .socket = self->asker,
                                 .to = self->server,
                                 .answer_from = self->server,
                                 .response_port =
                                     stun_address_get_port (&probe->request->mapped),
                                 .sends = SENDS };

  forget_request (probe);
  probe->request = nat_requests_ask (requests, &question);
  probe->phase = NAT_PROBE_ASKING;
}

/* An answer at the asker: the NAT gave it the port of a binding that is no more. */
static void
handle_asked (NatLifetime *self, NatLifetimeProbe *probe, guint socket)
{
  const NatRequest *request = probe->request;

  if (request->state == NAT_REQUEST_REFUSED)
    end (self, NAT_LIFETIME_UNSUPPORTED);
  else if (request->state == NAT_REQUEST_ANSWERED && request->arrived_at == socket)
    probe->phase = NAT_PROBE_ALIVE;
  else if (nat_request_is_over (request))
    probe->phase = NAT_PROBE_DEAD;
}

static void
advance_probe (NatLifetime *self, NatRequests *requests, guint i, gint64 now)
{
  NatLifetimeProbe *probe = &self->probes[i];

  switch (probe->phase)
    {
    case NAT_PROBE_BINDING:
      handle_binding (self, probe, now);
      return;
    case NAT_PROBE_WAITING:
      if (now >= probe->ask_at)
        ask (self, requests, probe);
      return;
    case NAT_PROBE_ASKING:
      handle_asked (self, probe, self->first_socket + i);
      return;
    case NAT_PROBE_ALIVE:
    case NAT_PROBE_DEAD:
      return;
    }
  g_assert_not_reached ();
}

/* --- all of them --- */

/* FALSE: the round is not over. Otherwise alive_us and dead_us are what it showed. */
static gboolean
read_round (NatLifetime *self)
{
  for (guint i = 0; i < self->n_probes; i++)
    {
      const NatLifetimeProbe *probe = &self->probes[i];

      if (probe->phase == NAT_PROBE_DEAD)
        {
          self->dead_us = probe->wait;
          return TRUE;
        }
      if (probe->phase != NAT_PROBE_ALIVE)
        return FALSE;
      self->alive_us = probe->wait;
    }
  return TRUE;
}

static gboolean
is_found (const NatLifetime *self)
{
  const gint64 width = self->dead_us - self->alive_us;

  return self->round == MAX_ROUNDS
         || width <= MAX (ENOUGH_US, self->alive_us / ENOUGH_SHARE);
}

static void
conclude_round (NatLifetime *self, NatRequests *requests)
{
  /* A binding that is dead at once: the server answered to the asker, or to nobody. */
  if (self->round == 0 && self->probes[0].phase == NAT_PROBE_DEAD)
    end (self, NAT_LIFETIME_UNSUPPORTED);
  else if (self->round > 0 && self->dead_us == 0)
    end (self, NAT_LIFETIME_LONGER);
  else if (self->round > 0 && is_found (self))
    end (self, NAT_LIFETIME_FOUND);
  else
    {
      end_round (self);
      self->round++;
      start_round (self, requests, NAT_LIFETIME_PROBES);
    }
}

void
nat_lifetime_advance (NatLifetime *self, NatRequests *requests, gint64 now)
{
  for (guint i = 0; i < self->n_probes && self->state == NAT_LIFETIME_SEARCHING; i++)
    advance_probe (self, requests, i, now);
  if (self->state == NAT_LIFETIME_SEARCHING && read_round (self))
    conclude_round (self, requests);
}

gint64
nat_lifetime_get_deadline (const NatLifetime *self)
{
  gint64 deadline = STUN_NEVER;

  for (guint i = 0; i < self->n_probes; i++)
    if (self->probes[i].phase == NAT_PROBE_WAITING)
      deadline = MIN (deadline, self->probes[i].ask_at);
  return deadline;
}
