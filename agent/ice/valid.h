/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The valid list of a component (RFC 8445 7.2.5.3.2). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* checked's check succeeded from the mapped address of local; returns the valid pair. */
IcePair *ice_valid_add (IcePair *checked, IceEnd *local);
/* The path of that valid pair does not work any more. */
void ice_valid_remove (IcePair *valid);
/* The best one, or the best nominated one; NULL: none. */
IcePair *ice_valid_find_best (const IceComponent *component, gboolean nominated);
/* The pair is about to be freed. */
void ice_valid_forget_pair (IcePair *pair);
/* VALID_PATH: data from there is the peer's, or no longer. */
void ice_valid_tell_path (IcePair *pair, gboolean valid);
/* Frees it too, where it outlived a restart. */
void ice_valid_drop_selected (IceComponent *component);

G_END_DECLS
