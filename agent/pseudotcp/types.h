/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words in which a connection is spoken to: its settings, its states (RFC 793 3.2),
 * what it sends and what it tells. */
#pragma once

#include <gio/gio.h>

#include "pseudotcp/congestion.h"
#include "pseudotcp/segment.h"

G_BEGIN_DECLS

typedef struct _PtcpConnection PtcpConnection;

/* In the order of PseudoTcpState, which makes them public. */
typedef enum
{
  PTCP_LISTEN,
  PTCP_SYN_SENT,
  PTCP_SYN_RECEIVED,
  PTCP_ESTABLISHED,
  PTCP_CLOSED,
  PTCP_FIN_WAIT_1,
  PTCP_FIN_WAIT_2,
  PTCP_CLOSING,
  PTCP_TIME_WAIT,
  PTCP_CLOSE_WAIT,
  PTCP_LAST_ACK
} PtcpState;

typedef struct
{
  guint32 conversation;
  gboolean fin_ack, sack;              /* offered to the peer */
  gboolean no_delay;                   /* FALSE: Nagle's algorithm, RFC 1122 4.2.3.4 */
  gint64 ack_delay;                    /* microseconds, RFC 1122 4.2.3.2 */
  guint32 receive_buffer, send_buffer; /* bytes at the start */
  gboolean receive_grows, send_grows;  /* up to PTCP_MAX_BUFFER as the path asks for it */
  PtcpCongestionKind congestion;
} PtcpConfig;

#define PTCP_DEFAULT_RECEIVE_BUFFER (60 * 1024)
#define PTCP_DEFAULT_SEND_BUFFER (90 * 1024)
#define PTCP_DEFAULT_ACK_DELAY (100 * 1000)
#define PTCP_MAX_BUFFER (8 * 1024 * 1024)

/* One packet to send: header, then the vectors, which point into the connection's own
 * buffer and are valid until its next input. */
typedef struct
{
  guint8 header[PTCP_MAX_HEADER_SIZE];
  gsize header_len;
  GOutputVector vectors[2];
  guint n_vectors;
  gsize size; /* of all */
} PtcpTransmit;

typedef enum
{
  PTCP_EVENT_OPENED,
  PTCP_EVENT_READABLE, /* data or the end of the stream */
  PTCP_EVENT_WRITABLE, /* after a send() that did not take everything */
  PTCP_EVENT_CLOSED    /* by force, with an errno */
} PtcpEventKind;

typedef struct
{
  PtcpEventKind kind;
  gint error;
} PtcpEvent;

G_END_DECLS
