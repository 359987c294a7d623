/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One thing asked of one server for one component. */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* It is started when it is its turn. */
void ice_task_enqueue (IceTask *task);
void ice_task_dequeue (IceTask *task);
/* Gathering does not wait for it any more. */
void ice_task_finish (IceTask *task);
void ice_task_free (IceTask *task);

gboolean ice_task_is_redundant (const IceComponent *component, IceCandidateType type,
                                const NiceAddress *addr);
/* The server sees the task's base there. */
void ice_task_add_reflexive (IceTask *task, const NiceAddress *mapped);

G_END_DECLS
