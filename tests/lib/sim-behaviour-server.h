/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server of NAT behaviour discovery on a simulated host: two addresses, two ports of
 * each, and what RFC 5780 6.1 asks of them; well behaved or not. */
#pragma once

#include "sim-host.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean has_no_other;          /* one address only: 420 to CHANGE-REQUEST */
  gboolean refuses_change;        /* 420 all the same */
  gboolean ignores_change;        /* answers from where it was asked */
  gboolean is_deaf_elsewhere;     /* the second address is on nobody's map */
  gboolean is_deaf_at_other_port; /* the primary address hears at one port only */
  gboolean refuses_response_port; /* 420 */
  gboolean ignores_response_port; /* answers whoever asked */
  guint error;                    /* answers everything with this code; 0: success */
  guint n_deaf;                   /* requests that get lost before one is heard */
  NiceAddress other;              /* what it says of itself; family 0: the truth */
} SimBehaviourConfig;

typedef struct _SimBehaviourServer SimBehaviourServer;

/* The primary address with its port; and the other one with another port. */
SimBehaviourServer *
sim_behaviour_server_new (SimWorld *world, const gchar *address, const gchar *other,
                          const SimLinkConfig *link, const SimBehaviourConfig *config);

G_END_DECLS
