/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debug output of the public functions: where it goes and whether it goes. Never given
 * text from the wire as a format. */
#include "config.h"

#include "stun/debug-core.h"
#include "stun/debug.h"

#include <glib.h>
#include <stdio.h>

#define BYTES_PER_LINE 16

static gint is_enabled;
static StunDebugHandler debug_handler;

void
stun_debug_enable (void)
{
  g_atomic_int_set (&is_enabled, TRUE);
}

void
stun_debug_disable (void)
{
  g_atomic_int_set (&is_enabled, FALSE);
}

bool
stun_debug_is_enabled (void)
{
  return g_atomic_int_get (&is_enabled);
}

void
stun_set_debug_handler (StunDebugHandler handler)
{
  g_atomic_pointer_set (&debug_handler, handler);
}

void
stun_debug (const char *fmt, ...)
{
  StunDebugHandler handler = g_atomic_pointer_get (&debug_handler);
  va_list ap;

  if (!g_atomic_int_get (&is_enabled))
    return;
  va_start (ap, fmt);
  if (handler != NULL)
    handler (fmt, ap);
  else
    {
      vfprintf (stderr, fmt, ap);
      fputc ('\n', stderr);
    }
  va_end (ap);
}

void
stun_debug_bytes (const char *prefix, const void *data, size_t len)
{
  const guint8 *bytes = data;

  if (!g_atomic_int_get (&is_enabled))
    return;
  for (size_t at = 0; at < len; at += BYTES_PER_LINE)
    {
      char line[2 * BYTES_PER_LINE + 1] = "";

      for (size_t i = at; i < len && i < at + BYTES_PER_LINE; i++)
        g_snprintf (line + 2 * (i - at), 3, "%02x", bytes[i]);
      stun_debug ("%s%04zx: %s", prefix, at, line);
    }
}
