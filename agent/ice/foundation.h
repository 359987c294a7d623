/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pairs of one foundation over the whole checklist set (RFC 8445 6.1.2.6): one is tried,
 * the others wait frozen. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* The group of that pair's foundations; made where there is none. */
IceGroup *ice_group_get (const IcePair *pair);
/* Returns whether pair is the first one of its group (RFC 8838 12, rule 1). */
gboolean ice_group_enter (IceGroup *self, IcePair *pair);
void ice_group_leave (IcePair *pair);
/* Frees it where nothing names it any more. */
void ice_group_release (IceSession *session, IceGroup *self);
/* The order of a group: first stream, lowest component, highest priority. */
gint ice_group_compare (gconstpointer a, gconstpointer b);
extern const IceHeapOrder ice_group_order;

G_END_DECLS
