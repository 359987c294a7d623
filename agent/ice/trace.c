/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Formats trace lines. Decides nothing. */
#include "config.h"

#include "ice/trace.h"

void
ice_trace (const IceSession *session, const gchar *format, ...)
{
  g_autofree gchar *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  session->env.trace (session->env.data, session->now, line);
}
