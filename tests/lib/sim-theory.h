/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is possible at all between two hosts, found out by exhaustive trying instead of by
 * ICE: every socket pings every address that it can know of, learns from each ping, and
 * counts the pongs that come back from where the ping went. What this finds, an engine
 * must find; what it does not, no engine can. Loss-free worlds only. */
#pragma once

#include "sim-host.h"

G_BEGIN_DECLS

typedef enum
{
  SIM_PATH_NONE,
  SIM_PATH_RELAYED,
  SIM_PATH_REFLEXIVE, /* direct, through some translator */
  SIM_PATH_HOST       /* direct, between addresses that the hosts know themselves */
} SimPathKind;

typedef struct
{
  SimPathKind best;
  /* How often the sides had to learn an address from the other's pings first: 0, the
   * signalled ones do; 1, as a triggered check does; more, only patience finds it. */
  guint rounds;
  gboolean left_has_server, right_has_server; /* the server answers its host */
} SimTheory;

/* Runs the world for some seconds, with sockets of its own. server: where a STUN server
 * listens, which also stands for the relay; NULL: none. */
SimTheory sim_theory_explore (SimHost *left, SimHost *right, const NiceAddress *server,
                              gboolean with_relay);

const gchar *sim_path_kind_name (SimPathKind kind);

G_END_DECLS
