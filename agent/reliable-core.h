/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of a reliable component, for the two files that it is made of. */
#pragma once

#include "reliable.h"

#include "pseudotcp/connection.h"

G_BEGIN_DECLS

/* Who gets the bytes; counted, as it may be replaced while it runs. */
typedef struct
{
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
  GMainContext *context; /* where sockets are read and the clock runs */
  GSource *clock;
  Receiver *receiver;
  gboolean delivering;
  gboolean selected, stream; /* stream: the path is TCP */
  gboolean open, closed, gone, writable, ended;
  gboolean leaving; /* gone for its users, with something left to send */
  GQueue frames; /* of GBytes: of a TCP path, or come before a pair was selected here */
  gsize n_kept;  /* bytes in these */
  guint n_waiting;
  gboolean iterating;
  GPtrArray *wakers; /* of sources; as nice_wakers_with() makes it */
};

/* nice_reliable_get_condition(), with the lock. */
GIOCondition nice_reliable_look (NiceReliable *self);
/* Has the sockets read, and the clock run, in context; not under the lock: signals may be
 * emitted in here. */
void nice_reliable_read_in (NiceReliable *self, GMainContext *context);

G_END_DECLS
