/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TURN client: one allocation on one server over one 5-tuple. The facade of this
 * folder.
 *
 * A value: input with a time, then poll output and events until they are empty, then read
 * the deadline. It does no I/O, reads no clock and takes no lock. What it sends goes to
 * the server and nowhere else: there is no call that addresses a peer past it. Whoever
 * carries its messages accepts input from the server's address only (RFC 8656 3.1).
 *
 * Over a stream, input is one message at a time (turn_frame_measure) and ChannelData that
 * is sent must be padded to 4 bytes (RFC 8656 12.5).
 *
 * RFC 8656, RFC 6062; authentication by RFC 8489 9.2. */
#pragma once

#include "turn/bind.h"
#include "turn/frame.h"
#include "turn/types.h"

G_BEGIN_DECLS

typedef struct _TurnClient TurnClient;

/* env must outlive the client. */
TurnClient *turn_client_new (const TurnConfig *config, const TurnEnv *env);
void turn_client_free (TurnClient *self);

/* Asks for the allocation. */
void turn_client_start (TurnClient *self, gint64 now);
/* Deletes it: TURN_EVENT_RELEASED follows when the server has heard it, or cannot be
 * reached. Whoever does not wait sends what is polled now, and frees the client. */
void turn_client_release (TurnClient *self, gint64 now);

gint64 turn_client_get_deadline (const TurnClient *self); /* TURN_NEVER: none */
void turn_client_handle_timeout (TurnClient *self, gint64 now);

/* data is valid until the next call. */
gboolean turn_client_poll_output (TurnClient *self, StunBytes *data);
gboolean turn_client_poll_event (TurnClient *self, TurnEvent *event);

/* --- from the server --- */

typedef enum
{
  TURN_INPUT_NONE,  /* the run is used up */
  TURN_INPUT_TAKEN, /* a message for the client, or one that is dropped */
  TURN_INPUT_DATA,  /* delivery */
  TURN_INPUT_OTHER  /* delivery.run: STUN that is not TURN's, as an answer to Binding */
} TurnInput;

typedef struct
{
  TurnRun run;      /* datagrams of a peer; in the input's bytes */
  StunAddress peer; /* who sent them to the relayed address */
} TurnDelivery;

/* Takes the front of run; call until NONE. */
TurnInput turn_client_handle_run (TurnClient *self, TurnRun *run, gint64 now,
                                  TurnDelivery *delivery);
/* The same of the front that is ChannelData, where nothing has to change for that but an
 * atomic mark; see turn_client_wrap_bound(). FALSE: it takes more, and the run is half
 * used up. */
gboolean turn_client_unwrap_bound (TurnClient *self, TurnRun *run, gint64 now,
                                   TurnDelivery *delivery);

/* --- to peers --- */

typedef enum
{
  TURN_SEND_GO,   /* push wrap's header, pad */
  TURN_SEND_KEEP, /* no permission yet: hand the datagram to turn_client_keep() */
  TURN_SEND_DROP  /* no allocation, peer refused, or too long */
} TurnSendVerdict;

typedef struct
{
  guint8 head[TURN_INDICATION_MAX_HEADER];
  guint head_len, tail_len;
} TurnWrap;

/* How a datagram of size bytes goes to peer: as ChannelData if there is a channel, else
 * in a Send indication. Asks for permission where there is none. */
TurnSendVerdict turn_client_wrap (TurnClient *self, const StunAddress *peer, gsize size,
                                  gint64 now, TurnWrap *wrap);
/* The same where it goes as ChannelData and nothing has to change for that but an atomic
 * mark: several threads may call this and turn_client_unwrap_bound() as long as nobody
 * calls anything else. FALSE: it takes more. */
gboolean turn_client_wrap_bound (TurnClient *self, const StunAddress *peer, gsize size,
                                 gint64 now, TurnWrap *wrap);
/* Copies a datagram that waits for its permission; when that comes it is polled as
 * output, when not it falls. */
void turn_client_keep (TurnClient *self, const StunAddress *peer, const void *data,
                       gsize size);

/* Asks the server whether the allocation is there still, by a Refresh before its time:
 * one that has started anew says 437. Soon after another one it does nothing. */
void turn_client_probe (TurnClient *self, gint64 now);
/* Asks for a permission ahead of data, as ICE does for each remote candidate. */
void turn_client_allow (TurnClient *self, const StunAddress *peer, gint64 now);
/* Asks for a channel: best once per selected pair (RFC 8445 12.1). */
void turn_client_bind_channel (TurnClient *self, const StunAddress *peer, gint64 now);
/* RFC 6062: connects to a peer; TURN_EVENT_CONNECTION or _PEER_ERROR follows. FALSE: not
 * now (see connections.h). */
gboolean turn_client_connect (TurnClient *self, const StunAddress *peer, gint64 now);
/* (transfer full): for the data connection of that id. */
TurnBind *turn_client_make_bind (const TurnClient *self, guint32 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TurnClient, turn_client_free)

G_END_DECLS
