/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Seeded randomness for the simulator (splitmix64, public domain constants). It knows
 * nothing of what is drawn for. */
#include "config.h"

#include "sim-random.h"

#include <string.h>

void
sim_random_init (SimRandom *self, guint64 seed)
{
  self->state = seed;
}

SimRandom
sim_random_fork (SimRandom *self)
{
  SimRandom fork = { sim_random_next (self) };

  return fork;
}

guint64
sim_random_next (SimRandom *self)
{
  guint64 z;

  self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  z = self->state;
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

gdouble
sim_random_unit (SimRandom *self)
{
  return (gdouble)(sim_random_next (self) >> 11)
         / (gdouble)(G_GUINT64_CONSTANT (1) << 53);
}

guint
sim_random_below (SimRandom *self, guint n)
{
  return (guint)(sim_random_next (self) % n);
}

/* Draws nothing for the certain cases, so that switching a fault off elsewhere does not
 * shift the whole course of a world. */
gboolean
sim_random_chance (SimRandom *self, gdouble probability)
{
  if (probability <= 0.0)
    return FALSE;
  if (probability >= 1.0)
    return TRUE;
  return sim_random_unit (self) < probability;
}

gint64
sim_random_between (SimRandom *self, gint64 low, gint64 high)
{
  if (high <= low)
    return low;
  return low + (gint64)(sim_random_next (self) % (guint64)(high - low + 1));
}

void
sim_random_fill (SimRandom *self, guint8 *dest, gsize len)
{
  while (len > 0)
    {
      guint64 word = sim_random_next (self);
      gsize n = MIN (len, sizeof word);

      memcpy (dest, &word, n);
      dest += n;
      len -= n;
    }
}
