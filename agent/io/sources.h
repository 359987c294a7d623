/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The remote addresses that data of one base is believed from. */
#pragma once

#include "socket/address.h"

G_BEGIN_DECLS

/* An immutable, counted set; NULL is the empty one. */
typedef struct
{
  gint ref_count; /* atomic */
  guint n;
  NiceAddress addresses[];
} NiceSources;

/* The set with, or without, address; a new reference. self is untouched. */
NiceSources *nice_sources_with (NiceSources *self, const NiceAddress *address);
NiceSources *nice_sources_without (NiceSources *self, const NiceAddress *address);
gboolean nice_sources_contain (const NiceSources *self, const NiceAddress *address);
NiceSources *nice_sources_ref (NiceSources *self);
void nice_sources_unref (NiceSources *self);

G_END_DECLS
