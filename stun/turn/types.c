/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Faults by code, by name, and what follows of them. RFC 8656 7.4, 19. */
#include "config.h"

#include "turn/types.h"

#include "stun/attributes.h"

typedef struct
{
  TurnFault fault;
  guint code;
  gint64 backoff;
  const gchar *name;
} Row;

static const Row rows[] = {
  { TURN_FAULT_NONE, 0, 0, "no fault" },
  { TURN_FAULT_TIMEOUT, 0, 0, "no answer" },
  { TURN_FAULT_FORGED, 0, 0, "no authentic answer" },
  { TURN_FAULT_REDIRECTED, STUN_CODE_TRY_ALTERNATE, 0, "sent to another server" },
  { TURN_FAULT_BAD_REQUEST, STUN_CODE_BAD_REQUEST, 0, "bad request" },
  { TURN_FAULT_BAD_REQUEST, STUN_CODE_UNKNOWN_ATTRIBUTE, 0, "bad request" },
  { TURN_FAULT_UNAUTHORIZED, STUN_CODE_UNAUTHENTICATED, 0, "wrong credentials" },
  { TURN_FAULT_UNAUTHORIZED, STUN_CODE_WRONG_CREDENTIALS, 0, "wrong credentials" },
  { TURN_FAULT_FORBIDDEN, STUN_CODE_FORBIDDEN, 0, "forbidden" },
  { TURN_FAULT_MISMATCH, STUN_CODE_ALLOCATION_MISMATCH, 120 * TURN_SECOND,
    "port in use on the server" },
  { TURN_FAULT_FAMILY, STUN_CODE_ADDRESS_FAMILY_NOT_SUPPORTED, 0,
    "address family not supported" },
  { TURN_FAULT_FAMILY, STUN_CODE_PEER_ADDRESS_FAMILY_MISMATCH, 0,
    "address family not supported" },
  { TURN_FAULT_TRANSPORT, STUN_CODE_UNSUPPORTED_TRANSPORT, 0, "transport not supported" },
  { TURN_FAULT_CONNECTED, STUN_CODE_CONNECTION_ALREADY_EXISTS, 0,
    "already connected to the peer" },
  { TURN_FAULT_UNREACHABLE, STUN_CODE_CONNECTION_TIMEOUT, 10 * TURN_SECOND,
    "peer cannot be connected to" },
  { TURN_FAULT_QUOTA, STUN_CODE_ALLOCATION_QUOTA_REACHED, 60 * TURN_SECOND,
    "allocation quota reached" },
  { TURN_FAULT_CAPACITY, STUN_CODE_INSUFFICIENT_CAPACITY, 60 * TURN_SECOND,
    "server out of capacity" },
  { TURN_FAULT_SERVER, STUN_CODE_SERVER_ERROR, 0, "server error" },
  { TURN_FAULT_LOST, 0, 0, "allocation lost" },
};

static const Row *
find_row (TurnFault fault)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].fault == fault)
      return &rows[i];
  return &rows[0];
}

const gchar *
turn_fault_get_name (TurnFault fault)
{
  return find_row (fault)->name;
}

gint64
turn_fault_get_backoff (TurnFault fault)
{
  return find_row (fault)->backoff;
}

TurnFault
turn_fault_of_code (guint code)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].code == code && code != 0)
      return rows[i].fault;
  return code >= 400 && code < 500 ? TURN_FAULT_BAD_REQUEST : TURN_FAULT_SERVER;
}
