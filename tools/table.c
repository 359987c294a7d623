/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lays out the table of candidate pairs: as wide as its widest cells, one letter for each
 * thing that a pair can be, and the colour of a row by its state. */
#include "config.h"

#include "table.h"

#include "i18n.h"

#include <string.h>

enum
{
  COLUMN_LOCAL,
  COLUMN_LOCAL_TYPE,
  COLUMN_REMOTE,
  COLUMN_REMOTE_TYPE,
  COLUMN_PRIORITY,
  COLUMN_CHECKS,
  COLUMN_STATE,
  N_COLUMNS
};

static const char *const titles[N_COLUMNS] = {
  [COLUMN_LOCAL] = N_ ("local"),       [COLUMN_LOCAL_TYPE] = N_ ("type"),
  [COLUMN_REMOTE] = N_ ("remote"),     [COLUMN_REMOTE_TYPE] = N_ ("type"),
  [COLUMN_PRIORITY] = N_ ("priority"), [COLUMN_CHECKS] = N_ ("sent/received"),
  [COLUMN_STATE] = N_ ("state"),
};

static const struct
{
  const char *state;
  const char *colour;
} colours[] = {
  { "succeeded", "\033[32m" },
  { "failed", "\033[31m" },
  { "in-progress", "\033[33m" },
};

#define COLOUR_SELECTED "\033[1;32m"
#define COLOUR_HEADING "\033[1m"
#define COLOUR_END "\033[0m"

PairRow *
pair_row_new (void)
{
  return g_new0 (PairRow, 1);
}

void
pair_row_free (PairRow *self)
{
  g_free (self->local);
  g_free (self->local_type);
  g_free (self->remote);
  g_free (self->remote_type);
  g_free (self->state);
  g_free (self);
}

static void
fill_cells (const PairRow *row, char *cells[N_COLUMNS])
{
  cells[COLUMN_LOCAL] = g_strdup (row->local);
  cells[COLUMN_LOCAL_TYPE] = g_strdup (row->local_type);
  cells[COLUMN_REMOTE] = g_strdup (row->remote);
  cells[COLUMN_REMOTE_TYPE] = g_strdup (row->remote_type);
  cells[COLUMN_PRIORITY] = g_strdup_printf ("%" G_GUINT64_FORMAT, row->priority);
  cells[COLUMN_CHECKS] = g_strdup_printf ("%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                                          row->checks_sent, row->checks_received);
  cells[COLUMN_STATE] = g_strdup (row->state);
}

static void
clear_cells (char *cells[N_COLUMNS])
{
  for (guint i = 0; i < N_COLUMNS; i++)
    g_clear_pointer (&cells[i], g_free);
}

static const char *
colour_of (const PairRow *row)
{
  if (row->selected)
    return COLOUR_SELECTED;
  for (gsize i = 0; i < G_N_ELEMENTS (colours); i++)
    if (g_strcmp0 (row->state, colours[i].state) == 0)
      return colours[i].colour;
  return "";
}

/* Columns are counted in characters, not bytes: headings are translated. */
static void
append_cell (GString *text, const char *cell, glong width)
{
  g_string_append (text, cell);
  for (glong i = g_utf8_strlen (cell, -1); i < width + 2; i++)
    g_string_append_c (text, ' ');
}

static void
append_heading (GString *text, const glong *widths, gboolean colour)
{
  g_string_append_printf (
      text, "%s\n",
      _ ("R readable, W writable, N nominated, S selected; checks sent/received"));
  if (colour)
    g_string_append (text, COLOUR_HEADING);
  for (guint i = 0; i < N_COLUMNS; i++)
    append_cell (text, _ (titles[i]), widths[i]);
  g_string_append_printf (text, "R W N S%s\n", colour ? COLOUR_END : "");
}

static void
append_row (GString *text, const PairRow *row, const glong *widths, gboolean colour)
{
  char *cells[N_COLUMNS] = { NULL };
  const char *start = colour ? colour_of (row) : "";

  fill_cells (row, cells);
  g_string_append (text, start);
  for (guint i = 0; i < N_COLUMNS; i++)
    append_cell (text, cells[i] != NULL ? cells[i] : "?", widths[i]);
  g_string_append_printf (text, "%c %c %c %c", row->readable ? 'R' : '-',
                          row->writable ? 'W' : '-', row->nominated ? 'N' : '-',
                          row->selected ? 'S' : '-');
  g_string_append_printf (text, "%s\n", *start != '\0' ? COLOUR_END : "");
  clear_cells (cells);
}

static void
measure (const GPtrArray *rows, guint n_rows, glong *widths)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    widths[i] = g_utf8_strlen (_ (titles[i]), -1);
  for (guint r = 0; r < n_rows; r++)
    {
      char *cells[N_COLUMNS] = { NULL };

      fill_cells (g_ptr_array_index (rows, r), cells);
      for (guint i = 0; i < N_COLUMNS; i++)
        widths[i] = MAX (widths[i], cells[i] != NULL ? g_utf8_strlen (cells[i], -1) : 1);
      clear_cells (cells);
    }
}

char *
table_format (const GPtrArray *rows, guint max_rows, gboolean colour)
{
  const guint n_rows = max_rows > 0 ? MIN (max_rows, rows->len) : rows->len;
  GString *text = g_string_new (NULL);
  glong widths[N_COLUMNS];

  measure (rows, n_rows, widths);
  append_heading (text, widths, colour);
  for (guint r = 0; r < n_rows; r++)
    append_row (text, g_ptr_array_index (rows, r), widths, colour);
  if (n_rows < rows->len)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE, "… and %u pair more\n",
                                         "… and %u pairs more\n", rows->len - n_rows),
                            rows->len - n_rows);
  return g_string_free (text, FALSE);
}
