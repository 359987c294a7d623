/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* icecold nat-matrix: lets two engines call each other in the simulator between each two
 * kinds of NAT, and draws what they reach. Opens no socket. */
#include "config.h"

#include "commands.h"
#include "i18n.h"
#include "nat-picture.h"
#include "options.h"
#include "screen.h"

int
command_nat_matrix (int argc, char **argv)
{
  gboolean no_turn = FALSE, aggressive = FALSE;
  const GOptionEntry entries[] = {
    { "turn", 't', G_OPTION_FLAG_REVERSE, G_OPTION_ARG_NONE, &no_turn,
      N_ ("With a TURN server beside the STUN server (the default)"), NULL },
    { "no-turn", 'T', 0, G_OPTION_ARG_NONE, &no_turn, N_ ("With a STUN server only"),
      NULL },
    { "aggressive", 'a', 0, G_OPTION_ARG_NONE, &aggressive,
      N_ ("Nominate aggressively, as before RFC 8445"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autofree char *picture = NULL;
  SimMatrix matrix;
  Screen screen;

  if (!options_parse (&argc, &argv, entries, "nat-matrix",
                      _ ("Shows which kinds of NAT reach each other, and how fast: each "
                         "cell is a call in a simulated network."),
                      NULL, 0))
    return EXIT_USAGE;
  sim_matrix_run_all (
      &matrix, aggressive ? ICE_NOMINATION_AGGRESSIVE : ICE_NOMINATION_REGULAR, !no_turn);
  screen_init (&screen, stdout);
  picture = nat_picture_format (&matrix, screen.colour);
  screen_print (&screen, picture);
  return 0;
}
