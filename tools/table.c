/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lays out the table of candidate pairs: as wide as its widest cells, one letter for each
 * thing that a pair can be, and the colour of a row by its state. What matters most comes
 * first: a narrow terminal cuts lines at the right. */
#include "config.h"

#include "table.h"

#include "i18n.h"

#include <string.h>

enum
{
  COLUMN_FLAGS,
  COLUMN_STATE,
  COLUMN_LOCAL,
  COLUMN_LOCAL_TYPE,
  COLUMN_REMOTE,
  COLUMN_REMOTE_TYPE,
  COLUMN_CHECKS,
  COLUMN_PRIORITY,
  N_COLUMNS
};

static const char *const titles[N_COLUMNS] = {
  [COLUMN_FLAGS] = "R W N S",
  [COLUMN_STATE] = N_ ("state"),
  [COLUMN_LOCAL] = N_ ("local"),
  [COLUMN_LOCAL_TYPE] = N_ ("type"),
  [COLUMN_REMOTE] = N_ ("remote"),
  [COLUMN_REMOTE_TYPE] = N_ ("type"),
  [COLUMN_CHECKS] = N_ ("sent/received"),
  [COLUMN_PRIORITY] = N_ ("priority"),
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

static char *
or_unknown (const char *cell)
{
  return g_strdup (cell != NULL ? cell : "?");
}

static void
fill_cells (const PairRow *row, char *cells[N_COLUMNS])
{
  cells[COLUMN_FLAGS] = g_strdup_printf (
      "%c %c %c %c", row->readable ? 'R' : '-', row->writable ? 'W' : '-',
      row->nominated ? 'N' : '-', row->selected ? 'S' : '-');
  cells[COLUMN_STATE] = or_unknown (row->state);
  cells[COLUMN_LOCAL] = or_unknown (row->local);
  cells[COLUMN_LOCAL_TYPE] = or_unknown (row->local_type);
  cells[COLUMN_REMOTE] = or_unknown (row->remote);
  cells[COLUMN_REMOTE_TYPE] = or_unknown (row->remote_type);
  cells[COLUMN_CHECKS] = g_strdup_printf ("%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                                          row->checks_sent, row->checks_received);
  cells[COLUMN_PRIORITY] = g_strdup_printf ("%" G_GUINT64_FORMAT, row->priority);
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
append_line (GString *text, const char *const *cells, const glong *widths,
             const char *colour)
{
  g_string_append (text, colour);
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_string_append (text, cells[i]);
      for (glong n = g_utf8_strlen (cells[i], -1); i + 1 < N_COLUMNS && n < widths[i] + 2;
           n++)
        g_string_append_c (text, ' ');
    }
  g_string_append_printf (text, "%s\n", *colour != '\0' ? COLOUR_END : "");
}

static void
append_heading (GString *text, const glong *widths, gboolean colour)
{
  const char *cells[N_COLUMNS];

  for (guint i = 0; i < N_COLUMNS; i++)
    cells[i] = _ (titles[i]);
  g_string_append_printf (
      text, "%s\n",
      _ ("R readable, W writable, N nominated, S selected; checks sent/received"));
  append_line (text, cells, widths, colour ? COLOUR_HEADING : "");
}

static void
append_row (GString *text, const PairRow *row, const glong *widths, gboolean colour)
{
  char *cells[N_COLUMNS];

  fill_cells (row, cells);
  append_line (text, (const char *const *)cells, widths, colour ? colour_of (row) : "");
  clear_cells (cells);
}

static void
measure (const GPtrArray *rows, guint n_rows, glong *widths)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    widths[i] = g_utf8_strlen (_ (titles[i]), -1);
  for (guint r = 0; r < n_rows; r++)
    {
      char *cells[N_COLUMNS];

      fill_cells (g_ptr_array_index (rows, r), cells);
      for (guint i = 0; i < N_COLUMNS; i++)
        widths[i] = MAX (widths[i], g_utf8_strlen (cells[i], -1));
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
