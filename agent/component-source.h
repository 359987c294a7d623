/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sources of main loops on components. */
#pragma once

#include "reliable.h"

G_BEGIN_DECLS

/* (transfer full) (nullable): a source that is ready with condition; its callback is a
 * GPollableSourceFunc and gets object. NULL: the system is out of descriptors. */
GSource *nice_component_source_new (NiceReliable *reliable, GIOCondition condition,
                                    GObject *object, GCancellable *cancellable);

G_END_DECLS
