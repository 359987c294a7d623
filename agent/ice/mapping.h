/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses that somebody else has for ours: a NAT that maps one to one, a router that
 * was asked for a port. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* What the settings map addr to, with the port of addr; FALSE: nothing. */
gboolean ice_mapping_find (const IceSession *session, const NiceAddress *addr,
                           NiceAddress *mapped);
/* The host candidate can be reached at mapped too: adds and announces that, unless there
 * is such a candidate. */
gboolean ice_mapping_add (IceEnd *host, const NiceAddress *mapped, gboolean is_assisted);
/* Whether there is a host candidate of that transport at addr, whatever its port and
 * whatever it shows. */
gboolean ice_mapping_has_host (const IceComponent *component, IceTransport transport,
                               const NiceAddress *addr);
/* The host candidate of that transport whose base has the address; NULL: none. */
IceEnd *ice_mapping_find_host (IceComponent *component, IceTransport transport,
                               const NiceAddress *local);

G_END_DECLS
