/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The resolver of a test: it knows the names that it was told, and finds no others. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define NAMES_TYPE (names_get_type ())
G_DECLARE_FINAL_TYPE (Names, names, NAMES, NAMES, GResolver)

/* From now on the default one. */
Names *names_new (void);
/* One more address, the best first. */
void names_add (Names *self, const gchar *name, const gchar *address);
void names_add_srv (Names *self, const gchar *name, guint16 priority, guint16 port,
                    const gchar *target);
/* From now on it says nothing, not even that it was told to stop; FALSE: it answers what
 * was asked meanwhile. */
void names_set_silent (Names *self, gboolean is_silent);
/* Of what was asked meanwhile, how much was told to stop. */
guint names_count_cancelled (Names *self);
/* What was asked for, each followed by a space; SRV names as they are. */
const gchar *names_get_log (Names *self);

G_END_DECLS
