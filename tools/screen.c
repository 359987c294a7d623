/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Draws on a terminal by moving the cursor up over what was drawn before (ECMA-48 CUU and
 * ED); where there is no terminal, only what stays is written. Colour needs a terminal
 * and the absence of NO_COLOR (https://no-color.org). */
#include "config.h"

#include "screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

void
screen_init (Screen *self, FILE *file)
{
  const char *term = g_getenv ("TERM");
  const char *no_colour = g_getenv ("NO_COLOR");

  self->file = file;
  self->terminal = isatty (fileno (file)) && g_strcmp0 (term, "dumb") != 0;
  self->colour = self->terminal && (no_colour == NULL || *no_colour == '\0');
  self->height = 0;
}

static guint
count_lines (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

void
screen_draw (Screen *self, const char *picture)
{
  if (!self->terminal)
    return;
  if (self->height > 0)
    fprintf (self->file, "\033[%uA\033[J", self->height);
  /* DECAWM off meanwhile: a wrapped line would be two lines high, a cut one is one. */
  fprintf (self->file, "\033[?7l%s\033[?7h", picture);
  fflush (self->file);
  self->height = count_lines (picture);
}

void
screen_print (Screen *self, const char *text)
{
  fputs (text, self->file);
  fflush (self->file);
  self->height = 0;
}

guint
screen_get_rows (const Screen *self)
{
  struct winsize size;

  if (!self->terminal || ioctl (fileno (self->file), TIOCGWINSZ, &size) != 0
      || size.ws_row < 8)
    return 0;
  return size.ws_row - 6;
}
