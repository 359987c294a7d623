/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The NAT matrix as text for a terminal of eighty columns. It knows cells; not how they
 * came to be. */
#pragma once

#include "sim-matrix.h"

G_BEGIN_DECLS

/* (transfer full): legend and rows; every line ends with a newline. */
char *nat_picture_format (const SimMatrix *matrix, gboolean colour);

G_END_DECLS
