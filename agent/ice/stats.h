/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables for those who look on. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Appends IcePairInfo values, best first. */
void ice_stats_get_pairs (const IceComponent *component, GArray *pairs);

/* Appends the values of IceEnd ones. */
void ice_stats_get_candidates (const IceList *ends, GArray *candidates);

G_END_DECLS
