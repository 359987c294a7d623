/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides what an allocation asks for, what of it to give up when the server cannot, and
 * how long what it granted lasts. RFC 8656 7.1, 7.3, 7.4, 8. */
#include "config.h"

#include "turn/allocation.h"

#include <string.h>

/* RFC 8656 7.2: what a server grants that does not say how long. */
#define DEFAULT_LIFETIME 600
/* A server that grants less would have us refresh without pause. */
#define MIN_LIFETIME 4

static const gboolean edges[TURN_ALLOCATION_N_STATES][TURN_ALLOCATION_N_STATES] = {
  [TURN_ALLOCATION_IDLE] = { [TURN_ALLOCATION_ASKED] = TRUE,
                             [TURN_ALLOCATION_OVER] = TRUE },
  [TURN_ALLOCATION_ASKED] = { [TURN_ALLOCATION_HELD] = TRUE,
                              [TURN_ALLOCATION_OVER] = TRUE },
  [TURN_ALLOCATION_HELD] = { [TURN_ALLOCATION_RELEASING] = TRUE,
                             [TURN_ALLOCATION_OVER] = TRUE },
  [TURN_ALLOCATION_RELEASING] = { [TURN_ALLOCATION_OVER] = TRUE },
};

void
turn_allocation_init (TurnAllocation *self, const TurnConfig *config)
{
  *self = (TurnAllocation) {
    .family = config->family,
    .connections = config->connections,
    /* RFC 6062 4.1, RFC 8656 7.1: what excludes what */
    .even_port = config->even_port && !config->connections && config->reservation == NULL,
    .reserve = config->reserve && config->family != TURN_FAMILY_BOTH,
    .dont_fragment = config->dont_fragment && !config->connections,
    .has_token = config->reservation != NULL && !config->connections
                 && config->family == TURN_FAMILY_DEFAULT,
    .lifetime = config->lifetime,
    .expires = TURN_NEVER,
    .refresh_at = TURN_NEVER,
    .probed_at = -TURN_PROBE_REST,
  };
  if (self->has_token)
    memcpy (self->token, config->reservation, sizeof self->token);
}

gboolean
turn_allocation_state_may_change (TurnAllocationState from, TurnAllocationState to)
{
  return edges[from][to];
}

void
turn_allocation_set_state (TurnAllocation *self, TurnAllocationState state)
{
  g_assert (turn_allocation_state_may_change (self->state, state));
  self->state = state;
}

void
turn_allocation_write_allocate (const TurnAllocation *self, StunWriter *writer)
{
  stun_attr_write_u8_rffu (writer, STUN_ATTR_REQUESTED_TRANSPORT,
                           self->connections ? STUN_PROTOCOL_TCP : STUN_PROTOCOL_UDP);
  if (self->lifetime != 0)
    stun_attr_write_u32 (writer, STUN_ATTR_LIFETIME, self->lifetime);
  if (self->family == TURN_FAMILY_IPV6)
    stun_attr_write_u8_rffu (writer, STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
                             STUN_FAMILY_IPV6);
  else if (self->family == TURN_FAMILY_BOTH)
    stun_attr_write_u8_rffu (writer, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY,
                             STUN_FAMILY_IPV6);
  if (self->even_port)
    stun_attr_write_u8 (writer, STUN_ATTR_EVEN_PORT, self->reserve ? 0x80 : 0);
  if (self->has_token)
    stun_writer_append_bytes (writer, STUN_ATTR_RESERVATION_TOKEN, self->token,
                              sizeof self->token);
  if (self->dont_fragment)
    stun_attr_write_flag (writer, STUN_ATTR_DONT_FRAGMENT);
}

void
turn_allocation_write_refresh (const TurnAllocation *self, StunWriter *writer)
{
  if (self->state == TURN_ALLOCATION_RELEASING)
    stun_attr_write_u32 (writer, STUN_ATTR_LIFETIME, 0);
  else if (self->lifetime != 0)
    stun_attr_write_u32 (writer, STUN_ATTR_LIFETIME, self->lifetime);
}

static void
set_lifetime (TurnAllocation *self, const StunView *view, gint64 now)
{
  guint32 seconds = DEFAULT_LIFETIME;
  gint64 lifetime;

  stun_attr_read_u32 (view, STUN_ATTR_LIFETIME, &seconds);
  lifetime = MAX (seconds, MIN_LIFETIME) * TURN_SECOND;
  self->expires = now + lifetime;
  self->refresh_at = turn_get_refresh (now, lifetime);
}

static gboolean
is_wanted (const TurnAllocation *self, const StunAddress *relayed)
{
  const int family = relayed->s.addr.sa_family;

  if (self->family == TURN_FAMILY_IPV6)
    return family == AF_INET6;
  return stun_address_is_ip (relayed);
}

static void
read_relayed (const TurnAllocation *self, const StunView *view, TurnEvent *event)
{
  StunAttr attr = { 0 };
  gboolean more = stun_view_find (view, STUN_ATTR_XOR_RELAYED_ADDRESS, &attr);

  for (; more; more = stun_view_find_next (view, &attr))
    {
      StunAddress relayed;
      const guint n = event->allocated.n_relayed;

      if (n == G_N_ELEMENTS (event->allocated.relayed)
          || stun_value_get_xor_address (view, &attr, &relayed) != STUN_RULE_KEPT
          || !is_wanted (self, &relayed)
          || (n == 1
              && relayed.s.addr.sa_family
                     == event->allocated.relayed[0].s.addr.sa_family))
        continue;
      event->allocated.relayed[event->allocated.n_relayed++] = relayed;
    }
}

TurnAllocationResult
turn_allocation_handle_success (TurnAllocation *self, const StunView *view, gint64 now,
                                TurnEvent *event, TurnFault *fault)
{
  StunAddressErrorValue refused;
  StunBytes token;

  *event = (TurnEvent) { .type = TURN_EVENT_ALLOCATED };
  set_lifetime (self, view, now);
  turn_allocation_set_state (self, TURN_ALLOCATION_HELD);
  read_relayed (self, view, event);
  stun_attr_read_xor_address (view, STUN_ATTR_XOR_MAPPED_ADDRESS,
                              &event->allocated.mapped);
  if (stun_attr_read_address_error (view, &refused) == STUN_RULE_KEPT)
    event->allocated.refused_code = refused.code;
  if (stun_attr_read_bytes (view, STUN_ATTR_RESERVATION_TOKEN, &token) == STUN_RULE_KEPT)
    {
      event->allocated.has_reservation = TRUE;
      memcpy (event->allocated.reservation, token.data, STUN_RESERVATION_TOKEN_SIZE);
    }
  if (event->allocated.n_relayed > 0)
    return TURN_ALLOCATION_DONE;
  *fault = TURN_FAULT_FAMILY; /* RFC 8656 7.3: delete it, do not try again */
  return TURN_ALLOCATION_FAILED;
}

static gboolean
is_listed_unknown (const StunView *view, guint16 type)
{
  guint16 types[STUN_MAX_UNKNOWN];
  guint n = 0;

  stun_attr_read_unknown (view, types, G_N_ELEMENTS (types), &n);
  for (guint i = 0; i < n; i++)
    if (types[i] == type)
      return TRUE;
  return FALSE;
}

TurnAllocationResult
turn_allocation_handle_error (TurnAllocation *self, const StunView *view, guint code)
{
  /* RFC 8656 7.1 */
  if (code == STUN_CODE_UNKNOWN_ATTRIBUTE && self->dont_fragment
      && is_listed_unknown (view, STUN_ATTR_DONT_FRAGMENT))
    {
      self->dont_fragment = FALSE;
      return TURN_ALLOCATION_AGAIN;
    }
  /* RFC 8656 7.4: that very port, or that pair of ports, is not to be had */
  if (code == STUN_CODE_INSUFFICIENT_CAPACITY && (self->even_port || self->has_token))
    {
      self->even_port = self->has_token = FALSE;
      return TURN_ALLOCATION_AGAIN;
    }
  return TURN_ALLOCATION_FAILED;
}

void
turn_allocation_handle_refreshed (TurnAllocation *self, const StunView *view, gint64 now)
{
  set_lifetime (self, view, now);
}

void
turn_allocation_handle_silence (TurnAllocation *self, gint64 now)
{
  self->refresh_at = now + (self->expires - now) / 2;
  if (self->refresh_at <= now)
    self->refresh_at = self->expires;
}
