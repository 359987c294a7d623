/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A path: where a component sends. Holds its base, and so the descriptor, for as long as
 * somebody is sending on it; must not know why it was selected. */
#include "config.h"

#include "io/driver-private.h"

NicePath *
nice_path_new (NiceBase *base, const NiceAddress *to)
{
  NicePath *self = g_atomic_rc_box_new (NicePath);

  self->base = nice_base_ref (base);
  self->to = *to;
  return self;
}

NicePath *
nice_path_ref (NicePath *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  NicePath *self = data;

  nice_base_unref (self->base);
}

void
nice_path_unref (NicePath *self)
{
  g_atomic_rc_box_release_full (self, clear);
}
