/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of names that the peer has told of. */
#pragma once

#include "io/driver-private.h"

G_BEGIN_DECLS

/* One name that is looked up. */
typedef struct _NiceNameSearch NiceNameSearch;

/* In an open scope: the engine wants that name when the agent's context is iterated, or
 * no more. */
void nice_names_need (NiceDriver *driver, guint id);
void nice_names_drop (NiceDriver *driver, guint id);
void nice_names_drop_all (NiceDriver *driver);
/* With the driver's lock: some are still to be started. */
gboolean nice_names_are_due (const NiceDriver *driver);
/* In the agent's context, without a lock. */
void nice_names_start (NiceDriver *driver);

G_END_DECLS
