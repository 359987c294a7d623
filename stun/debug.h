/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debug output of the STUN functions: off until asked for. Public. */
#pragma once

#include <stddef.h>

#include <stdarg.h>

#include "constants.h"

STUN_BEGIN_DECLS

/**
 * stun_debug_enable:
 *
 * Turns debug output on, for the whole process. May be called from any thread.
 */
void stun_debug_enable (void);

/**
 * stun_debug_disable:
 *
 * Turns debug output off; it is off from the start.
 */
void stun_debug_disable (void);

/**
 * StunDebugHandler:
 * @format: a printf format
 * @ap: its arguments
 *
 * Receives one line of debug output, without a newline. Called in the thread that
 * caused it.
 */
typedef void (*StunDebugHandler) (const char *format, va_list ap);

/**
 * stun_set_debug_handler:
 * @handler: (nullable): where debug output goes; %NULL for standard error
 *
 * Sets the receiver of debug output, for the whole process.
 */
void stun_set_debug_handler (StunDebugHandler handler);

/**
 * stun_debug:
 * @fmt: a printf format, without newline
 *
 * Writes one line to the debug handler, if debug output is on.
 */
#ifdef __GNUC__
__attribute__ ((__format__ (__printf__, 1, 2)))
#endif
void
stun_debug (const char *fmt, ...);

/**
 * stun_debug_bytes:
 * @prefix: what to write before them
 * @data: @len bytes
 *
 * Writes bytes in hexadecimal to the debug handler, if debug output is on.
 */
void stun_debug_bytes (const char *prefix, const void *data, size_t len);

STUN_END_DECLS
