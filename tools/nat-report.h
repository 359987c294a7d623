/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was found out of a NAT, in words, and what it means for ICE. */
#pragma once

#include "nat-discovery.h"
#include "sim-homes.h"

G_BEGIN_DECLS

/* The row of the NAT matrix that it is; SIM_N_NAT_KINDS: none, or not enough is known. */
SimNatKind nat_report_get_kind (const NatReport *self);
/* Whether mapping and filtering are known, and a path to that kind of peer can be. */
gboolean nat_report_knows_paths (const NatReport *self);
gboolean nat_report_is_direct (const NatReport *self, SimNatKind peer);

/* (transfer full): one sentence of why there is no more to tell; NULL: there is. */
char *nat_report_get_failure (const NatReport *self);
/* (transfer full): rows for a terminal, of what is known. Every line ends with a newline.
 */
char *nat_report_format (const NatReport *self);
/* (transfer none, floating): a{sv} of b, d and s; what is not known is left out. */
GVariant *nat_report_to_variant (const NatReport *self);

G_END_DECLS
