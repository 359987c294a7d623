/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a NiceCandidate has behind its public part, and how it comes from and goes to the
 * engine's values. */
#pragma once

#include "candidate.h"
#include "ice/types.h"

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceCandidate, nice_candidate_free)

/* (transfer full): the candidate as programs see it. */
NiceCandidate *nice_candidate_from_ice (const IceCandidate *from);
/* The value for the engine; its strings are those of candidate. */
IceCandidate nice_candidate_to_ice (const NiceCandidate *candidate);
/* (transfer full): a list from an array of IceCandidate, in its order. */
GSList *nice_candidate_list_from_ice (const GArray *candidates);
/* Whether the two say the same in every public field. */
gboolean nice_candidate_same (const NiceCandidate *a, const NiceCandidate *b);

G_END_DECLS
