/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a fuzz target defines: libFuzzer calls it, or replay.c does. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
