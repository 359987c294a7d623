/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The world: clock, seed, what it owns, and the trace. Knows no addresses. */
#include "config.h"

#include "sim-network.h"

#include <stdarg.h>

typedef struct
{
  gpointer thing;
  GDestroyNotify destroy;
} Owned;

struct _SimWorld
{
  SimClock *clock;
  guint64 seed, n_events;
  SimRandom random;
  GArray *owned;
  SimRealm *internet;
  gboolean is_traced, is_calm;
};

SimWorld *
sim_world_new (guint64 seed)
{
  SimWorld *self = g_new0 (SimWorld, 1);

  self->clock = sim_clock_new (0);
  self->seed = seed;
  sim_random_init (&self->random, seed);
  self->owned = g_array_new (FALSE, FALSE, sizeof (Owned));
  self->is_traced = g_getenv ("SIM_TRACE") != NULL;
  self->internet = sim_realm_new (self, "internet");
  return self;
}

void
sim_world_free (SimWorld *self)
{
  for (guint i = self->owned->len; i > 0; i--)
    {
      Owned *owned = &g_array_index (self->owned, Owned, i - 1);

      owned->destroy (owned->thing);
    }
  g_array_unref (self->owned);
  sim_clock_free (self->clock);
  g_free (self);
}

guint64
sim_world_get_seed (const SimWorld *self)
{
  return self->seed;
}

gint64
sim_world_get_now (const SimWorld *self)
{
  return sim_clock_get_now (self->clock);
}

void
sim_world_calm (SimWorld *self)
{
  self->is_calm = TRUE;
}

gboolean
sim_world_is_calm (const SimWorld *self)
{
  return self->is_calm;
}

SimClock *
sim_world_get_clock (SimWorld *self)
{
  return self->clock;
}

SimRandom *
sim_world_get_random (SimWorld *self)
{
  return &self->random;
}

void
sim_world_own (SimWorld *self, gpointer thing, GDestroyNotify destroy)
{
  Owned owned = { thing, destroy };

  g_array_append_val (self->owned, owned);
}

guint64
sim_world_get_n_events (const SimWorld *self)
{
  return self->n_events;
}

gboolean
sim_world_is_traced (const SimWorld *self)
{
  return self->is_traced;
}

void
sim_world_trace (SimWorld *self, const gchar *format, ...)
{
  g_autofree gchar *line = NULL;
  va_list args;
  gint64 now;

  if (!self->is_traced)
    return;
  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  now = sim_world_get_now (self);
  g_printerr ("[%4" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT "] %s\n", now / SIM_SECOND,
              now % SIM_SECOND, line);
}

void
sim_world_report_failure (SimWorld *self, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("\n%s\nat %.6f s of the world with seed %" G_GUINT64_FORMAT
              " (replay: SIM_TRACE=1, --seed %" G_GUINT64_FORMAT ")\n",
              text, (gdouble)sim_world_get_now (self) / SIM_SECOND, self->seed,
              self->seed);
}

void
sim_world_run_until (SimWorld *self, gint64 when)
{
  while (sim_clock_step (self->clock, when))
    self->n_events++;
}

void
sim_world_run_for (SimWorld *self, gint64 duration)
{
  sim_world_run_until (self, sim_world_get_now (self) + duration);
}

gboolean
sim_world_run_till (SimWorld *self, gboolean (*condition) (gpointer data), gpointer data,
                    gint64 limit)
{
  while (!condition (data))
    {
      if (!sim_clock_step (self->clock, limit))
        return FALSE;
      self->n_events++;
    }
  return TRUE;
}

void
sim_world_at (SimWorld *self, gint64 when, SimFunc func, gpointer data)
{
  sim_clock_at (self->clock, when, func, data, NULL);
}

SimRealm *
sim_world_get_internet (SimWorld *self)
{
  return self->internet;
}
