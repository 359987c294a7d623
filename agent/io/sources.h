/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The remote addresses that data of one base is believed from. */
#pragma once

#include "io/meter.h"
#include "socket/address.h"

G_BEGIN_DECLS

typedef struct
{
  NiceAddress address;
  NiceMeter *meter;
} NiceSource;

/* An immutable, counted set; NULL is the empty one. */
typedef struct
{
  gint ref_count; /* atomic */
  guint n;
  NiceSource items[];
} NiceSources;

/* The set with, or without, address; a new reference. self is untouched. meter is that of
 * the path to address, if there is one; NULL: a new one. */
NiceSources *
nice_sources_with (NiceSources *self, const NiceAddress *address, NiceMeter *meter);
NiceSources *nice_sources_without (NiceSources *self, const NiceAddress *address);
/* The meter of the address, valid as long as the set; NULL: it is not believed. */
NiceMeter *nice_sources_find (const NiceSources *self, const NiceAddress *address);
NiceSources *nice_sources_ref (NiceSources *self);
void nice_sources_unref (NiceSources *self);

G_END_DECLS
