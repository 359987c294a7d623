/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the command's pictures appear: drawn over each other on a terminal, one after the
 * other elsewhere. It decides about cursor and colour; the text comes from others. */
#pragma once

#include <stdio.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  FILE *file;
  gboolean terminal; /* pictures replace each other */
  gboolean colour;
  guint height; /* lines of the picture that stands there now */
} Screen;

void screen_init (Screen *self, FILE *file);
/* Replaces the last picture. Elsewhere than on a terminal, writes nothing. */
void screen_draw (Screen *self, const char *picture);
/* Leaves the picture where it stands and writes this below. */
void screen_print (Screen *self, const char *text);
/* Rows that a picture may have without scrolling away; 0: any number. */
guint screen_get_rows (const Screen *self);

G_END_DECLS
