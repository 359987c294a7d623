/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two peers and the signalling between them: descriptions, trickled candidates and
 * end-of-candidates (RFC 8838), each labelled with its generation, in order, late. */
#pragma once

#include "sim-peer.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 delay;
  gint64 jitter;      /* more delay at random; order is kept */
  gboolean trickle;   /* candidates as they come; else all at once when gathered */
  gboolean is_offer;  /* right starts only when left's description arrives */
  guint n_streams;    /* 0: one */
  guint n_components; /* of each stream; 0: one */
} SimCallConfig;

typedef struct _SimCall SimCall;

/* Makes the streams on both peers, at the same ids. config NULL: at once, all together.
 */
SimCall *sim_call_new (SimPeer *left, SimPeer *right, const SimCallConfig *config);
/* Both gather and describe themselves from now on. */
void sim_call_start (SimCall *self);
/* by restarts all streams (RFC 8445 9); the other side follows when it hears of it. */
void sim_call_restart (SimCall *self, SimPeer *by);

/* When the last description or candidate of either side was or will be there. */
gint64 sim_call_get_last_arrival (const SimCall *self);

SimPeer *sim_call_get_left (SimCall *self);
SimPeer *sim_call_get_right (SimCall *self);

gboolean sim_call_is_ready (SimCall *self);   /* every component, on both sides */
gboolean sim_call_is_settled (SimCall *self); /* each is ready or failed */
/* Runs until then; limit is a duration. FALSE: it did not happen. */
gboolean sim_call_run_until_ready (SimCall *self, gint64 limit);
gboolean sim_call_run_until_settled (SimCall *self, gint64 limit);

/* Whether what one side sends on its selected pair arrives on the other's selected pair,
 * in both directions, for every component. Sends media to find out, and takes some time
 * of the world; where links lose, tries for long. */
gboolean sim_call_agrees (SimCall *self);
/* Of the n-th component only. */
gboolean sim_call_component_agrees (SimCall *self, guint n);

G_END_DECLS
