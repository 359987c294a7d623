/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Binding requests of NAT behaviour discovery: which one goes when, and what became
 * of it. No socket, no clock: time is an argument, what is to be sent is asked for. RFC
 * 5780 5, 6.1, 7. */
#pragma once

#include <glib.h>

#include "stun/address.h"
#include "stun/rto-cache.h"
#include "stun/transaction.h"
#include "stun/wire.h"

G_BEGIN_DECLS

#define NAT_MAX_REQUESTS 24
#define NAT_REQUEST_MAX_SIZE 128

/* RFC 5780 5: at most ten new transactions a second. And no multiple of this is the
 * distance between two sends of a request (500 ms, doubled), so that retransmissions of
 * different ones never fall together. */
#define NAT_PACE_US 110000

typedef struct
{
  guint socket; /* ours, that sends */
  StunAddress to;
  StunAddress answer_from; /* where the answer has to come from */
  guint8 change;           /* STUN_CHANGE_...; 0: no CHANGE-REQUEST */
  guint16 response_port;   /* 0: none */
  gboolean to_ourselves;   /* to is the public side of a socket of ours */
  guint sends;             /* until silence is the answer */
} NatQuestion;

typedef enum
{
  NAT_REQUEST_FREE,
  NAT_REQUEST_QUEUED,    /* waits for its turn */
  NAT_REQUEST_SENT,      /* waits for the answer */
  NAT_REQUEST_ANSWERED,  /* mapped is what the server sees */
  NAT_REQUEST_REFUSED,   /* code is the server's error */
  NAT_REQUEST_UNCHANGED, /* an answer came, but from where CHANGE-REQUEST said not to */
  NAT_REQUEST_RETURNED,  /* the request itself came in */
  NAT_REQUEST_SILENT
} NatRequestState;

typedef struct
{
  NatRequestState state;
  NatQuestion question;
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  StunTransaction transaction;
  gboolean is_due; /* to be sent now */
  guint64 turn;
  /* ANSWERED: */
  StunAddress mapped;
  StunAddress plain; /* MAPPED-ADDRESS; family 0: none */
  StunAddress other; /* OTHER-ADDRESS; family 0: none */
  guint arrived_at;  /* socket */
  /* REFUSED: */
  guint16 code;
} NatRequest;

typedef void (*NatRandomFunc) (gpointer data, guint8 *dest, gsize len);

/* Embedded by its user. A zeroed one with the random source set is ready. */
typedef struct
{
  NatRequest requests[NAT_MAX_REQUESTS];
  guint64 n_asked;
  gint64 next_start;
  StunRtoCache round_trips;
  NatRandomFunc random; /* a CSPRNG */
  gpointer random_data;
} NatRequests;

typedef struct
{
  guint socket;
  StunAddress to;
  guint8 data[NAT_REQUEST_MAX_SIZE];
  gsize len;
} NatTransmit;

/* The request is queued, and stays where it is until nat_requests_forget. */
NatRequest *nat_requests_ask (NatRequests *self, const NatQuestion *question);
/* request may be NULL. It is not answered, resent or asked for any more. */
void nat_requests_forget (NatRequest *request);
/* TRUE: no more will become of it. */
gboolean nat_request_is_over (const NatRequest *request);

/* What arrived at that socket of ours; anything at all. */
void nat_requests_handle_packet (NatRequests *self, guint socket, const StunAddress *from,
                                 const guint8 *data, gsize len, gint64 now);
/* Starts and repeats what is due. */
void nat_requests_handle_timeout (NatRequests *self, gint64 now);
/* STUN_NEVER: nothing is under way. The past: at once. */
gint64 nat_requests_get_deadline (const NatRequests *self);
gboolean nat_requests_poll_transmit (NatRequests *self, NatTransmit *transmit);

G_END_DECLS
