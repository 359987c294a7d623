/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether anybody wants to read what the public STUN functions and the agent's messages
 * are like. It must not know what is said. */
#pragma once

#include <stdbool.h>

bool stun_debug_is_enabled (void);
