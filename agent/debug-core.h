/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the library talks: the switch that the environment and the public calls turn.
 * It must not know what is said. */
#pragma once

#include "debug.h"

G_BEGIN_DECLS

/* Reads NICE_DEBUG and G_MESSAGES_DEBUG, the first time that it is called. */
void nice_debug_init (void);
gboolean nice_debug_is_enabled (void);
/* That, or STUN's messages are wanted. */
gboolean nice_debug_may_talk (void);

G_END_DECLS
