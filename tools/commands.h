/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The subcommands of icecold. Each takes its own argument vector, name first, and returns
 * the exit status: 0 done, 1 failed, 2 used wrongly. */
#pragma once

#define EXIT_USAGE 2

int command_demo (int argc, char **argv);
int command_connect (int argc, char **argv);
int command_stun (int argc, char **argv);
int command_nat (int argc, char **argv);
int command_nat_matrix (int argc, char **argv);
