/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics as JSON: the one way from their values to text. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of a{sv}, b, u, t, d and s, in any depth. */
void nice_json_append (GString *json, GVariant *value);

G_END_DECLS
