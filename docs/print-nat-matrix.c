/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints docs/nat-matrix.md: what the engine reaches in the simulator between each two
 * kinds of NAT. Knows the words of the page, and no cell of its tables. */
#include "config.h"

#include "page.h"
#include "sim-matrix.h"

static void
append_behaviours (GString *page)
{
  static const gchar *const words[] = { "endpoint-independent", "address-dependent",
                                        "address and port-dependent" };

  g_string_append (page, "| kind | mapping | filtering |\n|---|---|---|\n");
  for (guint kind = 0; kind < SIM_N_NAT_KINDS; kind++)
    {
      SimNatConfig nat = { 0 };
      gboolean translates = sim_nat_kind_get_config ((SimNatKind)kind, &nat);

      if (kind == SIM_FIREWALLED)
        nat.filtering = SIM_ADDRESS_AND_PORT_DEPENDENT;
      g_string_append_printf (page, "| %s | %s | %s |\n",
                              sim_nat_kind_name ((SimNatKind)kind),
                              translates ? words[nat.mapping] : "no translation",
                              kind == SIM_OPEN ? "none" : words[nat.filtering]);
    }
}

static void
append_matrix (GString *page, const gchar *title, gboolean with_relay)
{
  g_autofree gchar *table = NULL;
  SimMatrix matrix;

  sim_matrix_run_all (&matrix, ICE_NOMINATION_REGULAR, with_relay);
  table = sim_matrix_format (&matrix);
  g_string_append_printf (page, "\n## %s\n\n%s", title, table);
}

int
main (int argc, char **argv)
{
  GString *page =
      g_string_new ("Title: NAT matrix\n"
                    "Slug: nat-matrix\n"
                    "\n"
                    "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->\n"
                    "# NAT matrix\n"
                    "\n"
                    "Who reaches whom, and how soon. Each cell is a call in "
                    "the simulator, with the real\n"
                    "engine at both ends; this page is printed by "
                    "`docs/print-nat-matrix.c`, and\n"
                    "`icecold nat-matrix` draws the same on a terminal. Which row the "
                    "NAT here is,\n"
                    "`icecold nat` finds out.\n"
                    "\n"
                    "The kinds, in the words of RFC 4787:\n\n");

  append_behaviours (page);
  g_string_append_printf (
      page,
      "\nThe row is the side that controls. A cell says whether the path is direct or "
      "relayed, after\n"
      "how many milliseconds both ends have a nominated pair, and in parentheses how "
      "many "
      "it takes\n"
      "where everything is sent the moment that it can be. A round trip to the peer is "
      "%" G_GINT64_FORMAT " ms, to\n"
      "the servers %" G_GINT64_FORMAT " ms, from relay to relay %" G_GINT64_FORMAT
      " ms; nomination is regular, signalling takes no time.\n"
      "\n"
      "What there is between the two numbers is Ta, 20 ms, which keeps the requests to "
      "the servers and\n"
      "the checks of an agent apart, and patience: 10 ms for a better direct pair, 30 ms "
      "for any direct\n"
      "one. A check that is held back can also arrive when the peer's filter has just "
      "opened, and\n"
      "then beats the number in parentheses. So can a way through one relay only, the "
      "number being that\n"
      "of two: relays are told whom to let in when a pair is formed, before any check. "
      "`tests/sim/test-sim-nat.c`\n"
      "holds each cell to this, with aggressive nomination too.\n",
      SIM_MATRIX_R / SIM_MS, SIM_MATRIX_S / SIM_MS, SIM_MATRIX_RELAYED_R / SIM_MS);
  append_matrix (page, "With a STUN and a TURN server", TRUE);
  append_matrix (page, "With a STUN server only", FALSE);
  return page_main (argc, argv, g_string_free (page, FALSE));
}
