/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulator's only source of chance: splitmix64 from a seed. A simulated world, and
 * everything in it, draws from one of these, so that a seed replays exactly. Nothing
 * here is fit for secrets. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 state;
} SimRandom;

void sim_random_init (SimRandom *self, guint64 seed);
/* A new generator, independent of what is drawn from self later. */
SimRandom sim_random_fork (SimRandom *self);

guint64 sim_random_next (SimRandom *self);
gdouble sim_random_unit (SimRandom *self);         /* 0 <= x < 1 */
guint sim_random_below (SimRandom *self, guint n); /* 0 to n - 1; n >= 1 */
gboolean sim_random_chance (SimRandom *self, gdouble probability);
gint64 sim_random_between (SimRandom *self, gint64 low, gint64 high); /* both included */
void sim_random_fill (SimRandom *self, guint8 *dest, gsize len);

G_END_DECLS
