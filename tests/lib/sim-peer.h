/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One end of a simulated call: an IceEngine and its driver on the virtual network. It
 * gives the engine what it asks for, writes down what it tells, and checks with each
 * input what a driver may rely on: polls that end, deadlines that are not in the past,
 * media only where it may go. */
#pragma once

#include "ice/engine.h"
#include "sim-relay.h"

G_BEGIN_DECLS

typedef struct _SimPeer SimPeer;

/* One event of the engine, with the time of the world. */
typedef struct
{
  gint64 when;
  IceEvent event;
} SimRecord;

/* Who carries candidates and descriptions to the other side. Called within the drain: no
 * input to the engine from there. */
typedef struct
{
  void (*event) (gpointer owner, SimPeer *peer, const IceEvent *event);
} SimPeerFuncs;

/* Sees everything that the engine sends. */
typedef void (*SimPeerTap) (gpointer data, SimPeer *peer, const IceTransmit *transmit);

typedef struct
{
  guint stream_id, component_id;
  IceComponentState state;
  gboolean is_selected, has_consent;
  gboolean has_data_path; /* base and to are told, none is selected */
  IceBaseId base;
  NiceAddress to;
  gint64 connected_at, ready_at, failed_at; /* last times; SIM_NEVER: not yet */
  gint64 first_selected_at, last_selected_at;
  guint n_selections;
  IceReason reason; /* of the last failure */
  /* media */
  guint64 n_sent, n_received, n_refused; /* refused: it came from no valid path */
  gint64 last_sent_at, last_received_at;
  gint64 longest_silence; /* between two received */
  IceBaseId last_base;    /* where the last one came in ... */
  NiceAddress last_from;  /* ... and from where */
} SimComponent;

/* The engine is made at once; the world frees it. config NULL: defaults. */
SimPeer *sim_peer_new (SimHost *host, const gchar *name, const IceConfig *config);

IceEngine *sim_peer_get_engine (SimPeer *self);
SimHost *sim_peer_get_host (SimPeer *self);
SimWorld *sim_peer_get_world (SimPeer *self);
const gchar *sim_peer_get_name (const SimPeer *self);
const IceConfig *sim_peer_get_config (const SimPeer *self);
void sim_peer_set_funcs (SimPeer *self, const SimPeerFuncs *funcs, gpointer owner);

void sim_peer_set_tap (SimPeer *self, SimPeerTap tap, gpointer data);

/* After every input that is made on the engine directly. */
void sim_peer_drain (SimPeer *self);

/* host: a literal, or a name that sim_peer_add_name() made known. */
guint
sim_peer_add_server (SimPeer *self, IceServerKind kind, const gchar *host, guint16 port);
/* What asking for a name gives, after how long; address NULL: it does not exist. May be
 * called again with the same name for one more address. */
void
sim_peer_add_name (SimPeer *self, const gchar *name, const gchar *address, gint64 delay);

guint sim_peer_add_stream (SimPeer *self, guint n_components);
/* Gathers on every interface that the host has now. */
void sim_peer_gather (SimPeer *self, guint stream_id);

SimComponent *sim_peer_get_component (SimPeer *self, guint stream_id, guint component_id);
guint sim_peer_get_n_components (const SimPeer *self);
SimComponent *sim_peer_get_nth_component (SimPeer *self, guint n);
gboolean sim_peer_get_selected (SimPeer *self, guint stream_id, guint component_id,
                                IceCandidate *local, IceCandidate *remote);

guint sim_peer_get_n_records (const SimPeer *self);
const SimRecord *sim_peer_get_record (const SimPeer *self, guint i);
/* When the n-th (from 0) event of that type came; SIM_NEVER: it did not. */
gint64 sim_peer_when (const SimPeer *self, IceEventType type, guint n);
guint sim_peer_count (const SimPeer *self, IceEventType type);

/* What left from the engine. */
guint64 sim_peer_get_n_transmits (const SimPeer *self);
gint64 sim_peer_get_first_transmit (const SimPeer *self); /* SIM_NEVER: none */
guint64 sim_peer_get_n_timeouts (const SimPeer *self);
/* Of its first check (RFC 8445 7.3.1.1); 0: none was sent. */
guint64 sim_peer_get_first_tie_breaker (const SimPeer *self);
/* Binding requests, retransmissions included. */
guint sim_peer_get_n_requests_to (const SimPeer *self, const NiceAddress *to);

/* When the last success response came on what is selected; SIM_NEVER: none did. */
gint64 sim_peer_get_last_answer (SimPeer *self, guint stream_id, guint component_id);

/* One datagram of media on the selected pair; FALSE: it may not be sent. */
gboolean sim_peer_send (SimPeer *self, guint stream_id, guint component_id);
/* One each interval from now on, on every component that may; 0: stop. */
void sim_peer_start_media (SimPeer *self, gint64 interval);

const gchar *sim_event_name (IceEventType type);
const gchar *sim_state_name (IceComponentState state);
const gchar *sim_candidate_type_name (IceCandidateType type);

G_END_DECLS
