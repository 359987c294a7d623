/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The checklist of a stream: which pairs are on it, and in which order (RFC 8445 6.1.2).
 */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* Pairs a new candidate with all those of the other side (RFC 8838 10, 11). */
void ice_checklist_pair_local (IceEnd *local);
void ice_checklist_pair_remote (IceEnd *remote);
/* The pair of both, made where there is none. */
IcePair *ice_checklist_get_pair (IceEnd *local, IceEnd *remote, IceBaseId base);

void ice_checklist_set_state (IcePair *pair, IcePairState state, const gchar *reason);
/* Takes it off the list and frees it, and what hangs on it. */
void ice_checklist_remove_pair (IcePair *pair);
/* The base goes: so do its candidates and their pairs. */
void ice_checklist_remove_base (IceBase *base);
/* Off the list, but alive. */
void ice_checklist_unlist (IcePair *pair);
/* RFC 8445 8.1.2: the component is done with that pair. */
void ice_checklist_retire_pair (IcePair *pair);
/* Its check, or the nominating check, is over without success. */
void ice_checklist_fail (IcePair *pair, IceReason error, guint code);
/* Checks after all what the selected pair ended the checks of, or came before. PRIORITY
 * is that of pairs that are still left out. */
void
ice_checklist_take_up (IceComponent *component, guint64 priority, const gchar *reason);
/* RFC 8445 7.3.1.4 */
void ice_checklist_trigger (IcePair *pair, const gchar *reason);
void ice_checklist_untrigger (IcePair *pair);

/* What to check next on that list (RFC 8445 6.1.4.2), taken out of its queue; NULL:
 * nothing. */
IcePair *ice_checklist_take_next (IceStream *stream);

/* The role changed: every priority with it. */
void ice_checklist_resort (IceSession *session);
/* An end's priority or foundation changed (RFC 8838 11.4). */
void ice_checklist_refresh_pair (IcePair *pair);
/* Lists what waited outside, as far as there is room. */
void ice_checklist_refill (IceStream *stream);
/* Its check is sent again: another pair may be tried beside it. */
void ice_checklist_yield (IcePair *pair);
/* Lets the pairs go that are frozen for the sake of this one. */
void ice_checklist_unfreeze_behind (IcePair *pair);
/* The best priority among the component's pairs that are not over; 0: none. */
guint64 ice_checklist_best_open (const IceComponent *component);
/* Removes every pair, and lets go of all memory. */
void ice_checklist_clear (IceStream *stream);

G_END_DECLS
