/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debugging output on and off: by call, by NICE_DEBUG, by G_MESSAGES_DEBUG. Output goes
 * to GLib's log at debug level, in the domains `libnice` and `libnice-stun`, where
 * programs install handlers. */
#include "config.h"

#include "debug-core.h"
#include "pseudotcp.h"
#include "stun/debug-core.h"
#include "stun/debug.h"

static gint enabled; /* atomic */

enum
{
  FLAG_NICE = 1 << 0,
  FLAG_STUN = 1 << 1,
  FLAG_PSEUDOTCP = 1 << 2,
  FLAG_PSEUDOTCP_VERBOSE = 1 << 3
};

/* nice-verbose is what libnice's users may still have in their scripts. */
static const GDebugKey keys[] = {
  { "nice", FLAG_NICE },
  { "nice-verbose", FLAG_NICE },
  { "stun", FLAG_STUN },
  { "pseudotcp", FLAG_PSEUDOTCP },
  { "pseudotcp-verbose", FLAG_PSEUDOTCP | FLAG_PSEUDOTCP_VERBOSE },
};

static const GDebugKey domains[] = {
  { "libnice", FLAG_NICE },
  { "libnice-stun", FLAG_STUN },
  { "libnice-pseudotcp", FLAG_PSEUDOTCP },
  { "libnice-pseudotcp-verbose", FLAG_PSEUDOTCP | FLAG_PSEUDOTCP_VERBOSE },
};

static void
read_environment (void)
{
  guint flags = g_parse_debug_string (g_getenv ("NICE_DEBUG"), keys, G_N_ELEMENTS (keys))
                | g_parse_debug_string (g_getenv ("G_MESSAGES_DEBUG"), domains,
                                        G_N_ELEMENTS (domains));

  if (flags & FLAG_NICE)
    nice_debug_enable (FALSE);
  if (flags & FLAG_STUN)
    stun_debug_enable ();
  if (flags & FLAG_PSEUDOTCP_VERBOSE)
    pseudo_tcp_set_debug_level (PSEUDO_TCP_DEBUG_VERBOSE);
  else if (flags & FLAG_PSEUDOTCP)
    pseudo_tcp_set_debug_level (PSEUDO_TCP_DEBUG_NORMAL);
}

static void
log_stun (const gchar *format, va_list args)
{
  g_logv ("libnice-stun", G_LOG_LEVEL_DEBUG, format, args);
}

void
nice_debug_init (void)
{
  static gsize done;

  if (g_once_init_enter (&done))
    {
      stun_set_debug_handler (log_stun);
      read_environment ();
      g_once_init_leave (&done, 1);
    }
}

gboolean
nice_debug_is_enabled (void)
{
  return g_atomic_int_get (&enabled) != 0;
}

gboolean
nice_debug_may_talk (void)
{
  return nice_debug_is_enabled () || stun_debug_is_enabled ();
}

/**
 * nice_debug_enable:
 * @with_stun: whether STUN messages are logged too
 *
 * Turns debugging output on, as `NICE_DEBUG=nice` (or `all`) in the environment does. It
 * goes to GLib's log, at debug level, in the domains `libnice` and `libnice-stun`;
 * `G_MESSAGES_DEBUG` decides whether GLib shows it.
 */
void
nice_debug_enable (gboolean with_stun)
{
  g_atomic_int_set (&enabled, 1);
  if (with_stun)
    stun_debug_enable ();
}

/**
 * nice_debug_disable:
 * @with_stun: whether STUN messages are no longer logged either
 *
 * Turns debugging output off.
 */
void
nice_debug_disable (gboolean with_stun)
{
  g_atomic_int_set (&enabled, 0);
  if (with_stun)
    stun_debug_disable ();
}
