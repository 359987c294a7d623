/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The byte stream of a component of a reliable agent: pseudo-TCP over datagram
 * paths, the path itself over TCP. It has a lock of its own, under which no user code
 * runs, so that the agent's is never held while packets are made of bytes. */
#pragma once

#include "agent.h"
#include "io/driver.h"

G_BEGIN_DECLS

typedef struct _NiceReliable NiceReliable;

/* Reads and writes through driver, and keeps a weak reference to its owner only.
 * writable is called, without a lock, whenever there is room to send again; ended once,
 * when there is nothing to send or receive any more; catch_up before anybody waits: it
 * tells what has happened already, which may be what is waited for. */
typedef struct
{
  NiceDriver *driver;
  GObject *owner;
  GMainContext *context; /* where sockets are read while nobody is attached */
  void (*writable) (GObject *owner, guint stream_id, guint component_id);
  void (*ended) (GObject *owner, guint stream_id, guint component_id);
  void (*catch_up) (GObject *owner);
} NiceReliableEnv;

NiceReliable *
nice_reliable_new (const NiceReliableEnv *env, guint stream_id, guint component_id);
NiceReliable *nice_reliable_ref (NiceReliable *self);
void nice_reliable_unref (NiceReliable *self);
/* Begins to read; to be called once, after the driver knows the component. */
void nice_reliable_start (NiceReliable *self);
/* Programs are about to know the component no more: from now on nobody is called with its
 * bytes. In any lock. */
void nice_reliable_mute (NiceReliable *self);
/* Nobody uses the component any more, as nice_reliable_close() has it, but what was sent
 * is delivered first, and the peer is told by a reset, by which its component fails too.
 * FALSE: this takes a while, and ended is called after it. */
gboolean nice_reliable_leave (NiceReliable *self);
/* The component is gone: calls that wait return, nothing is sent any more. */
void nice_reliable_close (NiceReliable *self);
/* A pair was selected; stream: its transport is TCP. */
void nice_reliable_path_selected (NiceReliable *self, gboolean stream);
/* There is no path any more: over TCP, what has come is followed by the end. */
void nice_reliable_handle_cut (NiceReliable *self);
/* A connection that refused something has room again. */
void nice_reliable_handle_room (NiceReliable *self);

/* All that follows may be called from any thread. func NULL: nobody, but the sockets are
 * read in context (NULL: the agent's). */
void nice_reliable_attach (NiceReliable *self, GMainContext *context,
                           NiceReceiveFunc func, gpointer data, GDestroyNotify notify);
/* Who had them read there with no function is gone. */
void nice_reliable_stop_reading (NiceReliable *self, GMainContext *context);

/* Calls that wait take the bytes from whoever is attached. */
void nice_reliable_detach (NiceReliable *self);

/* Each message whole or not at all; returns how many, or -1 and an error. */
gint nice_reliable_send (NiceReliable *self, const NiceSendMessage *messages,
                         guint n_messages, GError **error);
/* As much as there is room for, or -1 and an error. */
gssize
nice_reliable_write (NiceReliable *self, const void *data, gsize size, GError **error);
/* What there is, 0 at the end, or -1 and an error. */
gssize nice_reliable_read (NiceReliable *self, void *data, gsize size, GError **error);
void nice_reliable_shutdown (NiceReliable *self, gboolean read, gboolean write);

/* The conditions (G_IO_IN, G_IO_OUT) under which the calls above would not block. */
GIOCondition nice_reliable_get_condition (NiceReliable *self);
/* Waits for one of condition without needing a main loop. */
gboolean nice_reliable_wait (NiceReliable *self, GIOCondition condition,
                             GCancellable *cancellable, GError **error);
/* Both of the above. */
gssize nice_reliable_read_waiting (NiceReliable *self, void *data, gsize size,
                                   GCancellable *cancellable, GError **error);
gssize nice_reliable_write_waiting (NiceReliable *self, const void *data, gsize size,
                                    GCancellable *cancellable, GError **error);
/* Between these waker is woken when the conditions may have changed. */
void nice_reliable_watch (NiceReliable *self, NiceWaker *waker);
void nice_reliable_unwatch (NiceReliable *self, NiceWaker *waker);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceReliable, nice_reliable_unref)

G_END_DECLS
