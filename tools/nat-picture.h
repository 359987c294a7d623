/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The NAT matrix as text for a terminal of eighty columns. It knows cells; not how they
 * came to be. */
#pragma once

#include "sim-matrix.h"

G_BEGIN_DECLS

/* (transfer full): legend and rows; every line ends with a newline. */
char *nat_picture_format (const SimMatrix *matrix, gboolean colour);

/* The name of a row; and how a row begins, number and all, as wide as the widest. */
const char *nat_picture_get_kind (SimNatKind kind);
void nat_picture_append_kind (GString *text, SimNatKind kind);

G_END_DECLS
