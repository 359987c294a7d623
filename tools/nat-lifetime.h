/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long a NAT keeps a binding that nobody uses. Time is an argument; its requests go
 * through nat-requests. RFC 5780 4.6. */
#pragma once

#include "nat-requests.h"

G_BEGIN_DECLS

/* Bindings that age at the same time, each on a socket of its own. */
#define NAT_LIFETIME_PROBES 7

typedef enum
{
  NAT_LIFETIME_NOT_ASKED,
  NAT_LIFETIME_NO_BINDING, /* nothing is translated or filtered: there is none to age */
  NAT_LIFETIME_SEARCHING,
  NAT_LIFETIME_FOUND,       /* between alive_us and dead_us */
  NAT_LIFETIME_LONGER,      /* than alive_us, the limit */
  NAT_LIFETIME_UNSUPPORTED, /* the server does no RESPONSE-PORT */
  NAT_LIFETIME_UNKNOWN      /* the server fell silent */
} NatLifetimeState;

typedef struct
{
  gint64 wait; /* between the last packet and the question */
  gint64 ask_at;
  enum
  {
    NAT_PROBE_BINDING,
    NAT_PROBE_WAITING,
    NAT_PROBE_ASKING,
    NAT_PROBE_ALIVE,
    NAT_PROBE_DEAD
  } phase;
  NatRequest *request; /* of BINDING and ASKING */
} NatLifetimeProbe;

typedef struct
{
  NatLifetimeState state;
  gint64 alive_us; /* the longest wait that a binding survived */
  gint64 dead_us;  /* the shortest that one did not; 0: none so far */
  gint64 limit_us;
  guint round; /* 0: whether the server sends to another port at all */
  NatLifetimeProbe probes[NAT_LIFETIME_PROBES];
  guint n_probes;
  guint asker;        /* the socket that asks */
  guint first_socket; /* the probes' */
  StunAddress server;
} NatLifetime;

/* Sockets from @first_socket on are the probes', and nobody else uses them or @asker. */
void
nat_lifetime_start (NatLifetime *self, NatRequests *requests, const StunAddress *server,
                    guint asker, guint first_socket, gint64 limit_us);
/* Goes on with what has become of its requests, and with what is due. */
void nat_lifetime_advance (NatLifetime *self, NatRequests *requests, gint64 now);
/* STUN_NEVER: only its requests are waited for. */
gint64 nat_lifetime_get_deadline (const NatLifetime *self);

G_END_DECLS
