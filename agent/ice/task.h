/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What servers are to be asked for which component, and which of their targets is being
 * tried. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* The recommended delay between two attempts: RFC 8305 8. */
#define ICE_ATTEMPT_DELAY (250 * ICE_MS)

/* NULL: there is such a one already. */
IceTask *ice_task_add (IceBase *via, const IceServerEntry *entry, gint relay_family,
                       gboolean relays_tcp);
void ice_task_free (IceTask *self);
/* Gathering does not wait for it any more. */
void ice_task_finish (IceTask *self);

/* It takes its next target once Ta allows. */
void ice_task_enqueue (IceTask *self);
/* The first of the queue leaves it; NULL: it is empty. */
IceTask *ice_task_dequeue (IceSession *session);

/* A target is tried from now on, and the next one soon. */
IceAttempt *ice_task_try (IceTask *self, const IceTarget *target);
/* One that is to be started once more, or NULL. */
IceAttempt *ice_task_find_again (const IceTask *self);
/* Lets go of what the attempt has. */
void ice_attempt_free (IceAttempt *self);
/* The task goes on to the next target. */
void ice_attempt_fail (IceAttempt *self);
/* Its task is done, the others end. */
void ice_attempt_win (IceAttempt *self);
/* By the base that it asked for; NULL: none. */
IceAttempt *ice_attempt_find (const IceBase *base);

G_END_DECLS
