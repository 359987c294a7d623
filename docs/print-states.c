/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints docs/states.md: every table of legal edges, asked of the library itself, so that
 * the page cannot say what the code does not do. Knows the names of states, and no edge.
 */
#include "config.h"

#include "ice/component.h"
#include "ice/pair.h"
#include "page.h"
#include "pseudotcp/state.h"
#include "turn/allocation.h"

typedef struct
{
  const gchar *title, *prose, *source;
  guint n_states;
  const gchar *const *names;
  gboolean (*may_change) (guint from, guint to);
} Table;

static const gchar *const pair_names[] = { "Frozen", "Waiting", "InProgress", "Succeeded",
                                           "Failed" };
static const gchar *const component_names[] = { "disconnected", "gathering", "connecting",
                                                "connected",    "ready",     "failed" };
static const gchar *const allocation_names[] = { "idle", "asked", "held", "releasing",
                                                 "over" };
static const gchar *const connection_names[] = {
  "LISTEN",     "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "CLOSED",  "FIN_WAIT_1",
  "FIN_WAIT_2", "CLOSING",  "TIME_WAIT",    "CLOSE_WAIT",  "LAST_ACK"
};

static gboolean
pair_may_change (guint from, guint to)
{
  return ice_pair_state_may_change (from, to);
}

static gboolean
component_may_change (guint from, guint to)
{
  return ice_component_state_may_change (from, to);
}

static gboolean
allocation_may_change (guint from, guint to)
{
  return turn_allocation_state_may_change (from, to);
}

static gboolean
connection_may_change (guint from, guint to)
{
  return ptcp_state_may_change (from, to);
}

static const Table tables[] = {
  { "Candidate pair",
    "RFC 8445 6.1.2.6. Succeeded follows from anywhere: the answer to a check that was "
    "given up, or another pair's check that proved this one.",
    "agent/ice/pair.c", G_N_ELEMENTS (pair_names), pair_names, pair_may_change },
  { "Component",
    "What an application sees of a component; `NiceComponentState` has the same values.",
    "agent/ice/component.c", G_N_ELEMENTS (component_names), component_names,
    component_may_change },
  { "TURN allocation", "RFC 8656 5 to 8.", "stun/turn/allocation.c",
    G_N_ELEMENTS (allocation_names), allocation_names, allocation_may_change },
  { "Pseudo-TCP connection",
    "RFC 793 3.2. CLOSED is the end; a connection starts in LISTEN.",
    "agent/pseudotcp/state.c", G_N_ELEMENTS (connection_names), connection_names,
    connection_may_change },
};

G_STATIC_ASSERT (G_N_ELEMENTS (pair_names) == ICE_PAIR_FAILED + 1);
G_STATIC_ASSERT (G_N_ELEMENTS (component_names) == ICE_COMPONENT_FAILED + 1);
G_STATIC_ASSERT (G_N_ELEMENTS (allocation_names) == TURN_ALLOCATION_N_STATES);
G_STATIC_ASSERT (G_N_ELEMENTS (connection_names) == PTCP_LAST_ACK + 1);

static void
print_row (const Table *table, guint from, GString *page)
{
  const gchar *separator = "";

  g_string_append_printf (page, "| %s | ", table->names[from]);
  for (guint to = 0; to < table->n_states; to++)
    if (table->may_change (from, to))
      {
        g_string_append_printf (page, "%s%s", separator, table->names[to]);
        separator = ", ";
      }
  g_string_append (page, *separator == '\0' ? "none |\n" : " |\n");
}

static void
print_diagram (const Table *table, GString *page)
{
  g_string_append_printf (page, "\n```mermaid\nstateDiagram-v2\n  [*] --> %s\n",
                          table->names[0]);
  for (guint from = 0; from < table->n_states; from++)
    for (guint to = 0; to < table->n_states; to++)
      if (table->may_change (from, to))
        g_string_append_printf (page, "  %s --> %s\n", table->names[from],
                                table->names[to]);
  g_string_append (page, "```\n");
}

static gchar *
make_page (void)
{
  GString *page = g_string_new ("Title: States\n"
                                "Slug: states\n"
                                "\n"
                                "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->\n"
                                "# States\n"
                                "\n"
                                "Which state may follow which. This page is printed from "
                                "the tables of the library by\n"
                                "`docs/print-states.c`; a step that is not here is an "
                                "assertion that fails.\n");

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_string_append_printf (page, "\n## %s\n\n%s Source: `%s`.\n\n", tables[i].title,
                              tables[i].prose, tables[i].source);
      g_string_append (page, "| from | to |\n|---|---|\n");
      for (guint from = 0; from < tables[i].n_states; from++)
        print_row (&tables[i], from, page);
      print_diagram (&tables[i], page);
    }
  return g_string_free (page, FALSE);
}

int
main (int argc, char **argv)
{
  return page_main (argc, argv, make_page ());
}
