/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The driver's objects, as the files of this folder share them.
 *
 * Two locks. The driver's lock is the agent's: the engine, the bases, the components. Its
 * leaf guards watches, and whoever waits for data; it is never held across user code, and
 * nothing but a reactor's lock is taken inside.
 *
 * The data paths take neither. The pointers that they read (the table of components, a
 * component's path and receiver, a base's sources and relays) are replaced as a whole,
 * with the driver's lock, and what they pointed to is retired by a guard (guard.h). */
#pragma once

#include "ice/list.h"
#include "io/driver.h"
#include "io/gate.h"
#include "io/guard.h"
#include "io/mux.h"
#include "io/pending.h"
#include "io/reactor.h"
#include "io/sources.h"
#include "socket/chain.h"
#include "socket/endpoint.h"

G_BEGIN_DECLS

typedef struct _NiceBase NiceBase;
typedef struct _NiceBundle NiceBundle;
typedef struct _NiceComponentIo NiceComponentIo;
typedef struct _NiceNetwork NiceNetwork;
typedef struct _NiceRelay NiceRelay;
typedef struct _NiceSeat NiceSeat;

/* --- base.c: an endpoint, watched where its component is read --- */

typedef enum
{
  NICE_BASE_DATAGRAMS,  /* sends and receives as it is */
  NICE_BASE_LISTENING,  /* brings connections */
  NICE_BASE_CONNECTING, /* becomes a stream, or fails */
  NICE_BASE_STREAM      /* sends and receives through its chain */
} NiceBaseStage;

/* What was read of a connection, and is still to be looked at. */
typedef struct
{
  NicePacket *packets;
  guint n;
} NiceHand;

/* What a connection has beside its endpoint. */
typedef struct
{
  NiceGate gate; /* of chain: closed while something in there may change; a leaf */
  NiceChain *chain;
  NiceChainIo receive_io; /* only the reader's ... */
  NiceHand *hand;         /* ... as this of the innermost reading; NULL: none ... */
  guint depth;            /* ... and how many readings there are inside one another */
  GThread *reader;        /* atomic: whose turn it is; NULL: nobody's */
  NiceChainIo *spare_io;  /* atomic: for a sender */
  gint reading;           /* atomic: one reader at a time (reading.c) */
  gboolean is_held;       /* unread for now, under the driver's leaf */
} NiceLink;

struct _NiceBase
{
  gint ref_count;   /* atomic */
  gint stage;       /* atomic: NiceBaseStage */
  gint has_refused; /* atomic: a message, for want of room in a connection */
  IceBaseId id;
  gint is_dropped; /* atomic: the engine wants nothing more of it */
  NiceDriver *driver;
  NiceComponentIo *component;
  NiceEndpoint *endpoint;
  NiceLink *link;       /* NULL: datagrams */
  NiceRelay *relay;     /* NULL: no allocation */
  NiceSeat *seat;       /* at a socket that is shared; NULL: the socket is its own */
  NiceBase *via;        /* of a relay: whose endpoint this is; NULL: its own */
  GPtrArray *relays;    /* via this one; with the leaf too, or atomic; NULL: none */
  NiceSources *sources; /* with the driver's lock, or atomic and inside readers */
  NiceWatch watch;      /* under the driver's leaf */
};

/* Takes the endpoint; connections speak RFC 4571. */
NiceBase *nice_base_new (NiceComponentIo *component, IceBaseId id, NiceEndpoint *endpoint,
                         NiceBaseStage stage);
NiceBase *nice_base_ref (NiceBase *self);
void nice_base_unref (NiceBase *self);

gboolean nice_base_start (NiceBase *self, NiceReactor *reactor);
void nice_base_stop (NiceBase *self);
void nice_base_set_tos (NiceBase *self, guint8 tos);
/* With the driver's leaf: a stream is not to be read for now. */
void nice_base_set_held (NiceBase *self, gboolean is_held);
gboolean nice_base_brings_data (NiceBase *self);
gboolean nice_base_is_stream (const NiceBase *self); /* of ICE-TCP */
/* With the driver's lock: the engine is done with it. */
void nice_base_drop (NiceBase *self);

/* As nice_endpoint_send(). Data is refused while a connection has a backlog, control
 * messages wait behind it. */
gint nice_base_send (NiceBase *self, const NiceOutPacket *packets, guint n_packets,
                     gboolean is_control);

/* As nice_endpoint_send_run(), of data. */
gint nice_base_send_run (NiceBase *self, const NiceOutRun *run, gsize *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceBase, nice_base_unref)

/* --- link.c: connections --- */

/* Takes the chain. */
NiceLink *nice_link_new (NiceChain *chain);
void nice_link_free (NiceLink *self);
NiceChainIo *nice_link_take_io (NiceLink *self);
void nice_link_give_io (NiceLink *self, NiceChainIo *io);

/* As nice_chain_carry_up() and nice_chain_carry_down(), now, in any thread. */
gboolean
nice_link_carry_up (NiceLink *self, const NicePacket *packets, guint n, NiceChainIo *io);
gboolean nice_link_carry_down (NiceLink *self, const NiceOutPacket *packets, guint n,
                               NiceChainIo *io);

/* A listener has connections, or an attempt to connect has ended. */
void nice_link_accept (NiceBase *listener);
void nice_link_finish (NiceBase *base);
/* The connection is over, with that negative error. */
void nice_link_end (NiceBase *base, gint error);

/* --- path.c: where a component sends; immutable and counted --- */

typedef struct
{
  gint ref_count; /* atomic */
  NiceBase *base; /* send from here ... */
  NiceAddress to; /* ... to here */
  NiceMeter *meter;
} NicePath;

/* meter NULL: a new one. */
NicePath *nice_path_new (NiceBase *base, const NiceAddress *to, NiceMeter *meter);
NicePath *nice_path_ref (NicePath *self);
void nice_path_unref (NicePath *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NicePath, nice_path_unref)

/* --- component.c: where a component's data goes, and who gets what comes --- */

/* Who gets a component's data: immutable and counted, so that notify runs when it was
 * replaced and the last call of func has returned. */
typedef struct
{
  gint ref_count; /* atomic */
  NiceReceiveFunc func;
  gpointer user_data;
  GDestroyNotify notify;
  NiceReactor *reactor; /* func is called in its context only */
} NiceReceiver;

enum
{
  NICE_TRAFFIC_SENT = 1 << 0,
  NICE_TRAFFIC_RECEIVED = 1 << 1
};

struct _NiceComponentIo
{
  gint ref_count; /* atomic */
  guint stream_id, component_id;
  NiceDriver *driver;

  NiceReactor *reactor; /* where the sockets are read; with the driver's lock */

  /* With the driver's lock, or atomic and inside senders and readers. */
  NicePath *path;
  NiceReceiver *receiver; /* replaced with the leaf too */

  guint8 tos;       /* of sockets to come; with the driver's lock */
  gint is_removed;  /* atomic */
  gint hears_all;   /* atomic: whoever sends to a base that has a path */
  gint has_consent; /* atomic */
  NiceMeter *meter; /* of all that it sends and receives */
  gint traffic;     /* atomic: NICE_TRAFFIC_ bits since the engine last heard of it */
  NicePending pending;
  gint is_emptying; /* atomic: one thread at a time gives what is pending to receiver */
  NiceTimer pending_timer; /* due at once: pending has something for receiver */
  gint wake_fd; /* eventfd of calls that wait for data, -1: there was none yet; atomic */
  gint n_waiting;     /* atomic: such calls */
  gint is_held;       /* atomic: whoever gets the data wants no more over TCP for now */
  gint has_held;      /* atomic: a connection is left unread for that */
  GPtrArray *wakers;  /* of sources that wait for data; replaced as receiver is */
  NiceBundle *bundle; /* atomic: what is sent one by one; NULL: there was nothing yet */
};

NiceComponentIo *nice_component_io_new (NiceDriver *driver, guint stream_id,
                                        guint component_id, NiceReactor *reactor);
NiceComponentIo *nice_component_io_ref (NiceComponentIo *self);
void nice_component_io_unref (NiceComponentIo *self);

/* With the driver's lock; takes the path, NULL: none any more. */
void nice_component_io_set_path (NiceComponentIo *self, NicePath *path);
/* Data came in that receiver cannot be given here and now: keeps it and tells whoever
 * waits. */
void nice_component_io_put_off (NiceComponentIo *self, const NiceReceived *received,
                                const NiceAddress *from, gboolean is_stream);
/* What is pending, if anything, goes to receiver when its context is iterated. */
void nice_component_io_offer_pending (NiceComponentIo *self);
/* Calls that wait look again at bases and data. */
void nice_component_io_wake (NiceComponentIo *self);

NiceReceiver *nice_receiver_new (NiceReactor *reactor, NiceReceiveFunc func,
                                 gpointer user_data, GDestroyNotify notify);
NiceReceiver *nice_receiver_ref (NiceReceiver *self);
void nice_receiver_unref (NiceReceiver *self); /* not with a lock: calls notify */

/* --- send.c --- */

/* Sends messages; returns how many left, whose bytes are added, or a negative error. */
gint nice_path_send (const NicePath *path, const NiceSendMessage *messages,
                     guint n_messages, gsize *bytes);
/* What cannot be sent on this path is the engine's to know: it has others. */
void nice_path_report_failure (const NicePath *path, gint error);
void nice_component_io_count_sent (NiceComponentIo *self, const NicePath *path, guint n,
                                   gsize bytes);

/* --- hold.c --- */

/* More data waits than anybody takes. */
gboolean nice_component_io_is_sated (NiceComponentIo *self);
/* Goes on with what was held; to be called, without a lock, when data was taken. */
void nice_component_io_resume (NiceComponentIo *self);
/* With the leaf: TRUE: not to be read now, and not watched for that any more. */
gboolean nice_base_hold (NiceBase *self);

static inline void
nice_component_io_note (NiceComponentIo *self, gint traffic)
{
  /* A read that is shared by all cores is cheaper than a write that is not. */
  if ((g_atomic_int_get (&self->traffic) & traffic) == 0)
    g_atomic_int_or ((guint *)&self->traffic, traffic);
}

static inline gint
nice_component_io_take_traffic (NiceComponentIo *self)
{
  return g_atomic_int_get (&self->traffic) != 0
             ? (gint)g_atomic_int_and ((guint *)&self->traffic, 0)
             : 0;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NiceComponentIo, nice_component_io_unref)

/* --- receive.c: checks to the engine, data to whoever is to have it --- */

/* Where data of one batch goes instead of to the receiver. Returns FALSE when it takes no
 * more. */
typedef gboolean (*NiceCatchFunc) (gpointer data, const NiceReceived *received,
                                   const NiceAddress *from);

/* The socket of base is readable, or has an error waiting, in the context of reactor;
 * events: of epoll. */
void nice_receive_ready (NiceBase *base, NiceReactor *reactor, guint events);

/* What a shared socket, or its inbox, has for base, in the context of reactor. */
void
nice_receive_routed (NiceBase *base, NiceReactor *reactor, NicePacket *packets, guint n);
void nice_receive_inbox (NiceBase *base, NiceReactor *reactor);
void nice_receive_error (NiceBase *base, const NiceSendError *error);

/* The component's pending data may have somebody to go to, in the context of its timer.
 */
void nice_receive_pending (NiceComponentIo *component);

/* Reads one batch of base in a thread of its own and gives data to caught. Returns FALSE
 * if there was none to read. */
gboolean nice_receive_directly (NiceBase *base, GObject *owner, NicePool *pool,
                                NiceCatchFunc caught, gpointer data);

/* --- scope.c, streams.c, events.c --- */

typedef struct
{
  guint id;
  guint n_components;
  NiceComponentIo *components[];
} NiceStreamIo;

/* By ascending id; replaced as a whole. */
typedef struct
{
  guint n;
  NiceStreamIo *items[];
} NiceStreamTable;

struct _NiceDriver
{
  gint ref_count;            /* atomic */
  _Atomic (GObject *) owner; /* without a reference; NULL: disposed of */
  NiceDriverShell shell;
  gpointer shell_data;

  GMutex lock;
  IceEngine *engine; /* NULL: freed */
  NiceReactor *reactor;
  NiceTimer timer;
  gint64 now;    /* of the scope that is open */
  IceList bases; /* of NiceBase, by ascending id */
  /* To be done without a lock, as soon as there is none. NULL: nothing. */
  GPtrArray *retired;    /* NiceReceivers to let go of */
  GPtrArray *farewells;  /* relays that are dropped: their servers are to be told ... */
  GPtrArray *partings;   /* ... and were told, but did not answer yet (farewell.c) */
  GPtrArray *last_words; /* components that are removed and have messages waiting */
  gint coalescing;       /* atomic: microseconds, 0: off, -1: till the end of the turn */
  NiceRoads roads;
  NiceMux *mux;         /* NULL: sockets of its own */
  NiceNetwork *network; /* that tells it of changes; NULL: none does ... */
  guint network_place;  /* ... and where it stands there */
  GArray *look_ups; /* of guint: servers to look up in the agent's context; NULL: none */
  GPtrArray *asks;  /* NiceProxyAsk to start there; NULL: none ... */
  GArray *asked;    /* ... and the IceBaseIds that wait for an answer; NULL: none */
  GPtrArray *names; /* NiceNameSearch that the engine waits for; NULL: there were none */
  GPtrArray *cancelled;      /* GCancellable: to be told so without a lock; NULL: none */
  GCancellable *cancellable; /* of look-ups; NULL: there was none yet */
  gboolean has_events;       /* the scope that is open has something to emit */
  gboolean has_classic;      /* the dialect's STUN has no cookie */
  gboolean wants_tos;        /* of what is received; with lock */
  gboolean ends_batches;     /* for receivers that answer packets */

  GMutex leaf;
  NiceStreamTable *streams; /* atomic; NULL: there are none */
  NiceGuard senders;        /* of streams, what is in them, and paths */
  NiceGuard readers;        /* of receivers, sources, relays and the owner */
};

/* With no lock: a new reference to the agent, NULL: it is gone. */
GObject *nice_driver_dup_owner (NiceDriver *self);

/* With lock, or inside senders; NULL: there is none. */
NiceComponentIo *
nice_driver_find_component (NiceDriver *self, guint stream_id, guint component_id);
/* Without: a new reference, or NULL and the error that libnice gives. */
NiceComponentIo *nice_driver_dup_component (NiceDriver *self, guint stream_id,
                                            guint component_id, GError **error);
/* Without: has the component's sockets read there and nobody called; stop undoes it,
 * unless somebody else has them read elsewhere by now. */
void nice_driver_read_in (NiceComponentIo *component, NiceReactor *reactor);
void nice_driver_stop_reading (NiceComponentIo *component, NiceReactor *reactor);
/* With lock. */
NiceBase *nice_driver_find_base (NiceDriver *self, IceBaseId id);
void nice_driver_add_base (NiceDriver *self, NiceBase *base);
void nice_driver_remove_base (NiceDriver *self, IceBaseId id);
/* In an open scope: it is over, whatever the engine had in mind. */
void nice_driver_lose_base (NiceDriver *self, IceBaseId id, IceReason reason);
/* With lock: adds to one of the lists of what is to be done without it. */
void nice_driver_put_off (GPtrArray **list, gpointer item);
/* Opens a base, and answers the engine now or later; roads NULL: there is no way. */
void nice_driver_open_base (NiceDriver *self, const NiceRoads *roads, guint stream_id,
                            guint component_id, const IceBaseRequest *request);
/* The engine's events; with lock, in an open scope. */
void nice_driver_handle_event (NiceDriver *self, const IceEvent *event);
IceReason nice_reason_from_errno (gint error);

G_END_DECLS
