/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The theory of the NAT matrix (RFC 4787 4.1, 5; RFC 8445 7.3.1.4, 8.1.1): of two first
 * checks, which comes in, when that makes a pair valid, and when a nomination follows. */
#include "config.h"

#include "sim-nat-theory.h"

#include "sim-clock.h"

/* One side as the other sees it. */
typedef struct
{
  gboolean translates;
  gboolean is_stable; /* one port towards everybody: what a server saw, the peer sees */
  SimNatBehaviour filtering;
  /* When the peer can know its public address: at once, or when a server has told it. */
  gint64 known_at;
} Side;

static Side
describe (SimNatKind kind, gint64 server_trip)
{
  SimNatConfig nat;
  Side side = { .is_stable = TRUE, .filtering = SIM_ENDPOINT_INDEPENDENT };

  side.translates = sim_nat_kind_get_config (kind, &nat);
  if (side.translates)
    {
      side.is_stable = nat.mapping == SIM_ENDPOINT_INDEPENDENT;
      side.filtering = nat.filtering;
      side.known_at = server_trip;
    }
  else if (kind == SIM_FIREWALLED)
    side.filtering = SIM_ADDRESS_AND_PORT_DEPENDENT;
  return side;
}

/* Whether the first check of from, sent when it knows the public address of to, comes in
 * there. It is sent once: what a filter drops is not sent again in time, so the filter
 * has to be open by then, which the other's first check did when that was sent. */
static gboolean
comes_in (const Side *from, const Side *to, gint64 trip)
{
  gboolean is_open = from->known_at <= to->known_at + trip / 2;

  switch (to->filtering)
    {
    case SIM_ENDPOINT_INDEPENDENT:
      break;
    case SIM_ADDRESS_DEPENDENT:
      if (!is_open)
        return FALSE;
      break;
    case SIM_ADDRESS_AND_PORT_DEPENDENT:
      /* It let in what it sent to, the signalled port. */
      if (!is_open || !from->is_stable)
        return FALSE;
      break;
    }
  /* The signalled port of one that maps per destination is the server's own way in; only
   * without a filter would others get through, and be answered from elsewhere. */
  return to->is_stable;
}

/* The time at which both have a pair nominated, of the checks from left and from right of
 * which at least one comes in. Whoever got one has its triggered check answered, since
 * that goes where the other has just sent from (RFC 8445 7.3.1.4). */
static gint64
conclude (gint64 from_left, gint64 from_right, gint64 trip, gboolean is_regular)
{
  gint64 left_valid = SIM_NEVER, right_valid = SIM_NEVER, told = SIM_NEVER;

  if (from_left != SIM_NEVER)
    {
      left_valid = from_left + trip;
      right_valid = from_left + trip / 2 + trip;
      told = from_left + trip / 2;
    }
  if (from_right != SIM_NEVER)
    {
      left_valid = MIN (left_valid, from_right + trip / 2 + trip);
      right_valid = MIN (right_valid, from_right + trip);
      told = MIN (told, from_right + trip);
    }
  if (left_valid == SIM_NEVER)
    return SIM_NEVER;
  if (is_regular)
    return MAX (left_valid + trip, right_valid);
  return MAX (left_valid, MAX (told, right_valid));
}

SimNatVerdict
sim_nat_theory (SimNatKind left, SimNatKind right, const SimNatSetting *setting)
{
  Side sides[2] = { describe (left, setting->server), describe (right, setting->server) };
  /* RFC 8656 7 and 9: the challenge, the allocation, the permission. */
  gint64 relay_at = 3 * setting->server;
  gint64 from_left = SIM_NEVER, from_right = SIM_NEVER;

  if (comes_in (&sides[0], &sides[1], setting->peer))
    from_left = sides[1].known_at;
  if (comes_in (&sides[1], &sides[0], setting->peer))
    from_right = sides[0].known_at;
  if (from_left != SIM_NEVER || from_right != SIM_NEVER)
    return (SimNatVerdict) {
      sides[0].translates || sides[1].translates ? SIM_PATH_REFLEXIVE : SIM_PATH_HOST,
      conclude (from_left, from_right, setting->peer, setting->is_regular)
    };
  if (setting->with_relay)
    return (SimNatVerdict) { SIM_PATH_RELAYED,
                             conclude (relay_at, relay_at, setting->relayed,
                                       setting->is_regular) };
  return (SimNatVerdict) { SIM_PATH_NONE, SIM_NEVER };
}
