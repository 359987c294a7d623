/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a program that a test starts needs: a place for its files, and a port. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Removes the folder and the files in it. */
void folder_remove (const gchar *folder);
/* A port of loopback that is free for UDP and TCP, and that nobody else is given. */
guint16 folder_find_port (void);

G_END_DECLS
