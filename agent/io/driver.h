/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What carries an engine: the agent's one lock, its clock, its sockets and its data
 * paths.
 *
 * Between the GObject shell (agent/) and the pure engine (agent/ice/). The shell never
 * sees a descriptor or a lock, the engine never sees the driver.
 *
 * Control. Every call of the shell that concerns the engine is
 *
 *     gint64 now;
 *     IceEngine *engine = nice_driver_enter (driver, &now);
 *     ... any number of engine calls with that now ...
 *     nice_driver_leave (driver);
 *
 * leave() drains the engine: opens and closes the sockets it asks for, starts look-ups,
 * hands the remaining events to the shell's event function, reads the deadline, unlocks,
 * sends what the engine wants sent, and then calls the shell's emit function. The lock is
 * not recursive: event() and whatever runs between enter and leave must not enter.
 *
 *   event (data, event)  with the lock: copy into the shell's queue, nothing else.
 * Strings and addresses in the event are the engine's, valid for the call. emit (data)
 * without any lock, in the thread that left, as often as anything was queued: emit all
 * that is queued, first in first out. User code may do anything in there, also drop the
 * last reference to the owner.
 *
 * Packets and timers enter and leave in just this way, in the thread that iterates the
 * context concerned, holding a reference to the owner meanwhile; so emit() and receive
 * functions never see a dying owner, and its last unref may happen in any of them.
 *
 * Data. Sending and receiving never take that lock. What a component needs for it (where
 * to send, whom to believe, whom to call) is a set of immutable, counted values that a
 * drain replaces as the engine decides.
 *
 * Errors are G_IO_ERROR, worded and coded as libnice does. */
#pragma once

#include <gio/gio.h>

#include "ice/engine.h"
#include "io/meter.h"
#include "io/mux.h"
#include "io/waker.h"
#include "socket/packet.h"

G_BEGIN_DECLS

typedef struct _NiceDriver NiceDriver;

typedef struct
{
  void (*event) (gpointer data, const IceEvent *event);
  void (*emit) (gpointer data);
  void (*trace) (gpointer data, gint64 now,
                 const gchar *line); /* with the lock, or NULL */
  /* Without any lock: the last of the servers whose allocations are gone has heard of it,
   * or will not. May be NULL. */
  void (*parted) (gpointer data);
  /* Without any lock: a connection has room again that refused a message. May be NULL. */
  void (*writable) (gpointer data, guint stream_id, guint component_id);
  /* Without any lock: the host has other addresses than before, or ways out. May be NULL.
   */
  void (*network_changed) (gpointer data);
} NiceDriverShell;

/* One received datagram or frame. data lies in a buffer of the library, may be changed in
 * place and is valid for the call. */
typedef struct
{
  guint stream_id, component_id;
  guint8 *data;
  guint len;
  gint tos; /* IP TOS or IPv6 traffic class, -1: not known */
} NiceReceived;

/* In a reliable agent a call with data NULL ends each batch that there was data in. */
typedef void (*NiceReceiveFunc) (GObject *owner, const NiceReceived *received,
                                 gpointer user_data);

/* Layout of NiceInputMessage, which the shell asserts. */
typedef struct
{
  GInputVector *buffers;
  gint n_buffers;    /* -1: ended by a vector whose buffer is NULL */
  NiceAddress *from; /* set where not NULL */
  gsize length;      /* set: bytes received */
} NiceReceiveMessage;

/* How servers are reached: by what proxy connections go, and what TLS takes for proof. */
typedef struct
{
  guint tunnel;         /* NiceProxyType */
  gboolean asks_system; /* where tunnel is none, the system's settings say */
  NiceAddress proxy;
  gchar *proxy_name; /* instead of proxy: to be looked up; NULL: it is known */
  guint16 proxy_port;
  gchar *proxy_username, *proxy_password;
  GHashTable *proxy_headers;
  gchar *trust_file; /* NULL: the system's authorities */
  GTlsCertificateFlags validate;
  gint64
      initial_timeout; /* of Allocate over UDP: the first wait, and how often it goes */
  guint max_retransmissions;
  gint64 reliable_timeout; /* over connections */
  gboolean
      leaves_at_once; /* servers are told of an allocation's end, and not waited for */
} NiceRoads;

/* --- Life --- */

/* owner: the agent, to which no reference is kept; it is what receive functions
 * get. data of shell's functions is owner too. context: the agent's main context, NULL:
 * the default one; a reference is kept. The engine starts with config. */
NiceDriver *nice_driver_new (GObject *owner, const NiceDriverShell *shell,
                             GMainContext *context, const IceConfig *config);

/* From the owner's dispose, while it has a reference: nobody takes another one from now
 * on. Whoever has one already goes on, and the owner is disposed of again when that goes.
 */
void nice_driver_disown (NiceDriver *self);

/* From the owner's dispose, or after that from finalize: closes every socket and cancels
 * every look-up and timer at once, then frees the driver as soon as the last thread
 * inside it has left. Neither event() nor emit() runs any more. */
void nice_driver_free (NiceDriver *self);

/* For whoever may outlive the owner: after nice_driver_free() there is no component. */
NiceDriver *nice_driver_ref (NiceDriver *self);
void nice_driver_unref (NiceDriver *self);

/* Before anything else: host candidates share the sockets of mux. */
void nice_driver_set_mux (NiceDriver *self, NiceMux *mux);

IceEngine *nice_driver_enter (NiceDriver *self, gint64 *now);
void nice_driver_leave (NiceDriver *self);

/* --- Between enter and leave --- */

/* Of connections to come; copies what is in it. */
void nice_driver_set_roads (NiceDriver *self, const NiceRoads *roads);

/* Makes or forgets the driver's half of a stream: call right after
 * ice_engine_add_stream() and right before ice_engine_remove_stream(). Destroy notifies
 * of attached functions run in leave. */
void nice_driver_add_stream (NiceDriver *self, guint stream_id, guint n_components);
void nice_driver_remove_stream (NiceDriver *self, guint stream_id);

/* Whether servers have still to hear that allocations are not needed any more. */
gboolean nice_driver_is_parting (NiceDriver *self);

/* How long messages wait for others to leave with: microseconds, 0: not at all, -1: till
 * the end of the turn of the agent's context. */
void nice_driver_set_coalescing (NiceDriver *self, gint us);

/* The DSCP and ECN bits of all present and later sockets of the stream. */
void nice_driver_set_tos (NiceDriver *self, guint stream_id, guint8 tos);

/* Datagrams come with their type of service from now on, where the system has it. */
void nice_driver_want_tos (NiceDriver *self);

/* For good: the component's peer was selected by hand, and may send from anywhere. */
void nice_driver_hear_all (NiceDriver *self, guint stream_id, guint component_id);

/* Whether no other session of the mux has that ufrag. */
gboolean
nice_driver_may_use_ufrag (NiceDriver *self, guint stream_id, const gchar *ufrag);

/* What a component has sent and received, and what went over one pair of it: the base
 * that it sends from and the address of the peer. FALSE: nothing is known. */
gboolean nice_driver_get_traffic (NiceDriver *self, guint stream_id, guint component_id,
                                  NiceTraffic *traffic);
gboolean nice_driver_get_pair_traffic (NiceDriver *self, IceBaseId id,
                                       const NiceAddress *remote, NiceTraffic *traffic);

/* --- Outside: sockets --- */

/* What the component's sessions of the mux had; FALSE: they have none. */
gboolean nice_driver_get_mux_counts (NiceDriver *self, guint stream_id,
                                     guint component_id, NiceMuxCounts *counts);

/* (transfer full): the distinct GSockets of the component, NULL if there is no such
 * component. The socket of the selected path, or NULL. */
GPtrArray *
nice_driver_get_sockets (NiceDriver *self, guint stream_id, guint component_id);
GSocket *
nice_driver_get_selected_socket (NiceDriver *self, guint stream_id, guint component_id);

/* --- Outside: data --- */

/* Who gets the component's data, and in which context (NULL: the default one) its sockets
 * are read from now on. func NULL: nobody; sockets are read in the agent's context again,
 * checks are answered and media waits in a bounded queue. notify runs once func is
 * replaced or the component goes, when no call of it is going on any more; also when
 * FALSE is returned, because there is no such component. */
gboolean nice_driver_attach (NiceDriver *self, guint stream_id, guint component_id,
                             GMainContext *context, NiceReceiveFunc func,
                             gpointer user_data, GDestroyNotify notify);

/* Whoever was attached has, or has no more, as much as it can keep: connections of the
 * component are left unread, and their peers wait. Datagrams come all the same. */
void
nice_driver_hold (NiceDriver *self, guint stream_id, guint component_id, gboolean hold);

/* Somebody waits in the context of attach, which therefore reads what the component
 * shares with others, whoever else does; until the next attach. */
void nice_driver_pump (NiceDriver *self, guint stream_id, guint component_id);

/* Whether data was read that its receiver did not get yet. */
gboolean nice_driver_has_pending (NiceDriver *self, guint stream_id, guint component_id);

/* Reads connections of the component that this thread is reading already, in a function
 * that was called with a part of what they brought: there may be more in hand. */
void nice_driver_read_on (NiceDriver *self, guint stream_id, guint component_id);

/* Sends a batch over the component's selected path. Returns how many messages were taken
 * (at least 1), or -1: WOULD_BLOCK (no path yet, or the socket is full), BROKEN_PIPE (no
 * such component), PERMISSION_DENIED (consent is gone), FAILED. Messages without a byte
 * are sent as empty datagrams. */
gint nice_driver_send (NiceDriver *self, guint stream_id, guint component_id,
                       const NiceSendMessage *messages, guint n_messages, GError **error);

/* Receives datagrams into the caller's buffers, one a message, cut to what fits; replaces
 * a function set by attach. Checks are answered meanwhile. The first returns when all
 * n_messages are filled, the second when nothing more is there. Returns the number of
 * messages filled, or -1: WOULD_BLOCK, CANCELLED, BROKEN_PIPE. */
gint nice_driver_receive (NiceDriver *self, guint stream_id, guint component_id,
                          NiceReceiveMessage *messages, guint n_messages,
                          GCancellable *cancellable, GError **error);
gint nice_driver_receive_nonblocking (NiceDriver *self, guint stream_id,
                                      guint component_id, NiceReceiveMessage *messages,
                                      guint n_messages, GError **error);

/* --- Outside: readiness --- */

typedef struct _NiceReadiness NiceReadiness;

/* Wakes waker when there may be data for nice_driver_receive_nonblocking(), or the
 * component is gone, until it is freed. NULL: there is no such component. */
NiceReadiness *nice_readiness_new (NiceDriver *driver, guint stream_id,
                                   guint component_id, NiceWaker *waker);
void nice_readiness_free (NiceReadiness *self);
/* Has the component's sockets read in context (NULL: the default one), and takes its data
 * from whoever is attached. After free they are read in the agent's context again. */
void nice_readiness_read_in (NiceReadiness *self, GMainContext *context);
/* Whether that call would have something to say. */
gboolean nice_readiness_check (NiceReadiness *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceDriver, nice_driver_free)

G_END_DECLS
