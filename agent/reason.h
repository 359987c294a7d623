/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's reasons as programs and people see them. */
#pragma once

#include <gio/gio.h>

#include "ice/types.h"

G_BEGIN_DECLS

typedef struct
{
  gint code;            /* of G_IO_ERROR */
  const gchar *nick;    /* for programs: stays as it is */
  const gchar *message; /* for people: to be translated with _() */
} NiceReason;

const NiceReason *nice_reason_get (IceReason reason);

G_END_DECLS
