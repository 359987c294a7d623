/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Randomness in small pieces, at a fraction of what the system's generator asks for each.
 * Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many bytes a call. */
#define STUN_RANDOM_MAX 512

/* false: the system has no source of randomness. */
bool stun_random_bytes (uint8_t *dest, size_t len);
