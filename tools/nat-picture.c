/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Draws the NAT matrix: kinds are numbered, so that seven columns fit; a cell is its
 * milliseconds, and how the path goes is a sign as well as a colour. */
#include "config.h"

#include "nat-picture.h"

#include "i18n.h"

#define COLOUR_HEADING "\033[1m"
#define COLOUR_DIRECT "\033[32m"
#define COLOUR_RELAYED "\033[33m"
#define COLOUR_NONE "\033[31m"
#define COLOUR_END "\033[0m"

static const char *const names[SIM_N_NAT_KINDS] = {
  [SIM_OPEN] = N_ ("open, a public address"),
  [SIM_FIREWALLED] = N_ ("firewall, answers only"),
  [SIM_FULL_CONE] = N_ ("full cone"),
  [SIM_RESTRICTED_CONE] = N_ ("restricted cone"),
  [SIM_PORT_RESTRICTED_CONE] = N_ ("port-restricted cone"),
  [SIM_ADDRESS_SYMMETRIC] = N_ ("address-symmetric"),
  [SIM_SYMMETRIC] = N_ ("symmetric"),
};

/* Characters, not bytes: names are translated. */
static void
append_padded (GString *text, const char *word, glong width)
{
  g_string_append (text, word);
  for (glong i = g_utf8_strlen (word, -1); i < width; i++)
    g_string_append_c (text, ' ');
}

static glong
measure_kinds (void)
{
  glong width = 0;

  for (guint i = 0; i < SIM_N_NAT_KINDS; i++)
    width = MAX (width, g_utf8_strlen (_ (names[i]), -1));
  return width;
}

const char *
nat_picture_get_kind (SimNatKind kind)
{
  return _ (names[kind]);
}

void
nat_picture_append_kind (GString *text, SimNatKind kind)
{
  g_string_append_printf (text, "%u ", kind + 1);
  append_padded (text, _ (names[kind]), measure_kinds ());
}

static void
append_cell (GString *text, const SimMatrixCell *cell, gboolean colour)
{
  g_autofree char *word = NULL;
  const char *start = COLOUR_NONE, *sign = "";

  if (cell->reached == SIM_PATH_NONE)
    word = g_strdup ("-");
  else
    {
      gboolean relayed = cell->reached == SIM_PATH_RELAYED;

      start = relayed ? COLOUR_RELAYED : COLOUR_DIRECT;
      sign = relayed ? "*" : "";
      word = g_strdup_printf ("%s%" G_GINT64_FORMAT, sign, cell->connected_at / SIM_MS);
    }
  g_string_append_printf (text, "%s%7s%s", colour ? start : "", word,
                          colour ? COLOUR_END : "");
}

static void
append_legend (GString *text, gboolean colour)
{
  const char *end = colour ? COLOUR_END : "";

  g_string_append_printf (
      text,
      _ ("Milliseconds until both have a pair: %s120%s direct, %s*310%s relayed, %s-%s "
         "never.\n"
         "The row controls. To the peer and back it is %d ms, to the servers %d.\n\n"),
      colour ? COLOUR_DIRECT : "", end, colour ? COLOUR_RELAYED : "", end,
      colour ? COLOUR_NONE : "", end, (int)(SIM_MATRIX_R / SIM_MS),
      (int)(SIM_MATRIX_S / SIM_MS));
}

char *
nat_picture_format (const SimMatrix *matrix, gboolean colour)
{
  GString *text = g_string_new (NULL);

  append_legend (text, colour);
  if (colour)
    g_string_append (text, COLOUR_HEADING);
  append_padded (text, "", measure_kinds () + 2);
  for (guint i = 0; i < SIM_N_NAT_KINDS; i++)
    g_string_append_printf (text, "%7u", i + 1);
  g_string_append_printf (text, "%s\n", colour ? COLOUR_END : "");
  for (guint left = 0; left < SIM_N_NAT_KINDS; left++)
    {
      nat_picture_append_kind (text, left);
      for (guint right = 0; right < SIM_N_NAT_KINDS; right++)
        append_cell (text, &matrix->cells[left][right], colour);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}
