/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which valid pair is nominated, when, and which is selected (RFC 8445 8). */
#pragma once

#include "ice/message.h"

G_BEGIN_DECLS

/* Its check succeeded with USE-CANDIDATE, sent or received; nomination 0: no
 * renomination. */
void ice_nominate_pair (IcePair *valid, guint32 nomination);
/* The same, of the peer's nomination. */
void ice_nominate_by_peer (IcePair *valid, guint32 nomination);
/* The selected pair is no more, and this valid one is where it moved. */
void ice_nominate_moved (IcePair *valid);
/* Whether a check of that pair carries USE-CANDIDATE. */
gboolean ice_nominate_uses_candidate (const IcePair *pair);

/* What NOMINATION its next check carries; 0: none (draft-thatcher-ice-renomination 4). */
guint32 ice_nominate_next_value (const IcePair *pair);
/* The peer nominates that pair; proven or not yet. */
void ice_nominate_for_peer (IcePair *pair, const IceCheck *check);

/* Looks whether it is time to nominate; if not yet, the patience timer asks again. */
void ice_nominate_consider (IceComponent *component);

/* The valid pair is used from now on, whoever chose it. */
void ice_nominate_select (IceComponent *component, IcePair *valid);
/* Emits SELECTED_PAIR, again where a name changed. */
void ice_nominate_tell_selected (const IceComponent *component);
/* After a change of priorities. */
void ice_nominate_compare_again (IceComponent *component);

G_END_DECLS
