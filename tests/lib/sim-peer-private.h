/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of a SimPeer share: its bases and its media. */
#pragma once

#include "sim-peer.h"

G_BEGIN_DECLS

typedef struct
{
  SimPeer *peer;
  IceBaseId id;
  IceBaseKind kind;
  SimSocket *socket;
  gboolean is_borrowed; /* an accepted connection uses its listener's socket */
  gboolean is_open;
  NiceAddress remote; /* of a connection */
  SimRelay *relay;
  SimSocket *via;  /* of the relay */
  SimTimer *timer; /* the next SYN */
  guint n_tries;
} SimBase;

typedef struct
{
  IceBaseId base;
  NiceAddress remote;
} SimPath;

typedef struct
{
  IceBaseId base;
  IceBaseResult result;
} SimBaseAnswer;

typedef struct
{
  gchar *name;
  gint64 delay;
  guint n;
  NiceAddress addresses[4];
} SimName;

struct _SimPeer
{
  SimWorld *world;
  SimHost *host;
  gchar *name;
  IceConfig config;
  IceEngine *engine;
  SimRandom random;
  SimPeerFuncs funcs;
  gpointer owner;
  SimPeerTap tap;
  gpointer tap_data;

  gboolean is_draining;
  SimTimer *timer;
  gint64 armed;
  guint n_same_time;

  GHashTable *bases;     /* id -> SimBase, owned */
  GArray *answers;       /* SimBaseAnswer, to be given to the engine in this drain */
  GPtrArray *names;      /* SimName */
  GPtrArray *components; /* SimComponent */
  GArray *records;       /* SimRecord */
  GHashTable *paths;     /* set of SimPath that the engine called valid */
  GHashTable *proven;    /* SimPath -> when the last success response came from there */
  GHashTable *requests;  /* address -> how many Binding requests went there */

  guint64 n_transmits, n_timeouts, first_tie_breaker;
  gint64 first_transmit;

  SimTimer *media_timer;
  gint64 media_interval;
};

/* --- sim-peer.c: inputs --- */

void sim_peer_handle_packet (SimPeer *self, IceBaseId base, const NiceAddress *from,
                             const guint8 *data, gsize size);
void sim_peer_answer_base (SimPeer *self, IceBaseId base, IceReason error,
                           const NiceAddress *local, const NiceAddress *mapped);

/* --- sim-peer-bases.c --- */

void sim_base_free (gpointer base);
void sim_peer_open_base (SimPeer *self, const IceBaseRequest *request);
void sim_peer_drop_base (SimPeer *self, IceBaseId base);
void sim_peer_drop_bases (SimPeer *self);
/* It is selected: through a relay, it is worth a channel (RFC 8445 12.1). */
void sim_peer_prefer_path (SimPeer *self, IceBaseId base, const NiceAddress *to);
void sim_peer_probe (SimPeer *self, IceBaseId id);
void sim_peer_allow (SimPeer *self, IceBaseId base, const NiceAddress *peer);
void sim_peer_transmit (SimPeer *self, IceBaseId base, const NiceAddress *to,
                        const guint8 *data, gsize size);

/* --- sim-peer-media.c --- */

guint sim_path_hash (gconstpointer path);
gboolean sim_path_equal (gconstpointer a, gconstpointer b);
void sim_peer_note_stun (SimPeer *self, IceBaseId base, const NiceAddress *from,
                         const guint8 *data, gsize size);
void sim_peer_handle_media (SimPeer *self, IceBaseId base, const NiceAddress *from,
                            const guint8 *data, gsize size);

/* A rule that must hold does not: prints the seed and aborts. */
#define sim_fail(world, ...)                                                             \
  G_STMT_START                                                                           \
  {                                                                                      \
    sim_world_report_failure ((world), __VA_ARGS__);                                     \
    g_abort ();                                                                          \
  }                                                                                      \
  G_STMT_END

G_END_DECLS
