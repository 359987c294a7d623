/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of a reliable component, for the files that it is made of. */
#pragma once

#include "reliable.h"

#include "pseudotcp/connection.h"

G_BEGIN_DECLS

/* Who gets the bytes; counted, as it may be replaced while it runs. */
typedef struct
{
  GMainContext *context; /* func is called in there only */
  NiceReceiveFunc func;
  gpointer data;
  GDestroyNotify notify;
} Receiver;

struct _NiceReliable
{
  gatomicrefcount refs;
  NiceReliableEnv env;
  GWeakRef owner;
  guint stream_id, component_id;

  GMutex hold_lock; /* before lock */
  gboolean is_held; /* the driver knows that frames are enough */

  GMutex lock;
  GCond changed;
  PtcpConnection *tcp;
  GMainContext *context; /* where sockets are read and the clock runs: ... */
  GMainContext *home;    /* ... here, of whoever is attached, else the agent's ... */
  GMainContext *own;     /* ... or here, while calls wait; NULL: none did yet */
  GThread *mover;     /* changes that, and may wait in a handler inside; NULL: nobody */
  gboolean misplaced; /* and has to once more */
  GSource *clock;
  Receiver *receiver;
  gint is_mute; /* atomic: nobody is called any more */
  gboolean delivering;
  GSource *summons; /* the receiver's context will look for bytes; NULL: it need not */
  gboolean selected, stream; /* stream: the path is TCP */
  gboolean open, closed, gone, writable, ended;
  gboolean cut;     /* a TCP path was the last, and is gone */
  gboolean full;    /* the TCP path refused something and has not said more since ... */
  guint n_rooms;    /* ... and how often it did */
  gboolean leaving; /* gone for its users, with something left to send */
  GQueue frames; /* of GBytes: of a TCP path, or come before a pair was selected here */
  gsize n_kept;  /* bytes in these */
  guint n_waiting;
  GThread *iterator; /* iterates own, and may wait anew in there; NULL: nobody */
  GPtrArray *wakers; /* of sources; as nice_wakers_with() makes it */
};

/* Bytes kept, from which on a peer on a TCP path has to wait. */
#define NICE_RELIABLE_HOLD_FROM 65536

/* --- reliable-settle.c --- */

/* After anything was done to the connection. Takes the lock over and drops it. here: the
 * context that calls, NULL: a program does, which is not called from in there. */
void nice_reliable_settle (NiceReliable *self, GMainContext *here);
/* With the lock: the receiver's context calls it with what there is, if anything. */
void nice_reliable_summon (NiceReliable *self);
void nice_reliable_stop_summons (NiceReliable *self);
/* Without the lock, as user code runs. */
void nice_reliable_call (NiceReliable *self, GObject *owner, const Receiver *receiver,
                         guint8 *data, gssize length);
void nice_reliable_drop_receiver (Receiver *receiver);
/* Tells the driver whether a peer on a TCP path has to wait; without the lock. */
void nice_reliable_update_hold (NiceReliable *self);
/* With the lock: wakes whoever waits; runs the clock as the connection wants it. */
void nice_reliable_wake (NiceReliable *self);
void nice_reliable_set_clock (NiceReliable *self);
void nice_reliable_stop_clock (NiceReliable *self);
/* nice_reliable_get_condition(), with the lock. */
GIOCondition nice_reliable_look (NiceReliable *self);

/* --- reliable-bytes.c --- */

/* With the lock: what was received, 0 at the end of a TCP path, -1: nothing. */
gssize nice_reliable_take (NiceReliable *self, guint8 *data, gsize size);

/* --- reliable-wait.c --- */

/* With the lock: whether another thread is at what is one thread's. Its own handlers that
 * come to it again do it themselves. */
gboolean nice_reliable_is_left_to (const GThread *thread);

/* --- reliable-core.c --- */

/* After n_waiting or home changed, not under the lock: sockets are read where they should
 * be. One thread moves them at a time; who comes meanwhile leaves it to that one. */
void nice_reliable_place (NiceReliable *self);

G_END_DECLS
