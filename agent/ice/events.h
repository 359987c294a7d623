/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an engine asks for and tells: the values that cross its border. */
#pragma once

#include "ice/types.h"

G_BEGIN_DECLS

typedef enum
{
  ICE_SERVER_STUN_UDP,
  ICE_SERVER_STUN_TCP,
  ICE_SERVER_STUN_TLS,
  ICE_SERVER_STUN_DTLS,
  ICE_SERVER_TURN_UDP,
  ICE_SERVER_TURN_TCP,
  ICE_SERVER_TURN_TLS,
  ICE_SERVER_TURN_DTLS
} IceServerKind;

typedef struct
{
  IceServerKind kind;
  const gchar *host; /* literal or name; copied; what a certificate has to be for */
  guint16 port;
  const gchar *username, *password; /* TURN; copied; NULL for STUN */
  /* Where it is, and how it is spoken to, is found by this (RFC 5928); kind only says
   * whether it is STUN or TURN. Copied; NULL: at host and port, as kind says. */
  const gchar *uri;
} IceServer;

/* A server and what it said last, for statistics. Strings are the engine's. */
typedef struct
{
  guint id;
  IceServer value;
  guint stream_id, component_id; /* 0: of all */
  guint origin;                  /* the server that sent us to this one, 0: none did */
  IceReason last_error;
  guint last_code; /* STUN error code, 0: there was none */
  const gchar *last_detail;
} IceServerInfo;

/* One place where a server may be. */
typedef struct
{
  IceServerKind kind;
  NiceAddress address; /* with the port */
} IceTarget;

typedef enum
{
  ICE_BASE_UDP,         /* a UDP socket bound to local */
  ICE_BASE_TCP_LISTEN,  /* a listening socket bound to local (RFC 6544 passive) */
  ICE_BASE_TCP_CONNECT, /* a connection from local to remote (RFC 6544 active) */
  ICE_BASE_TCP_SO,      /* a simultaneous open from local to remote */
  ICE_BASE_RELAY, /* an allocation on a TURN server, made through the base via or over a
                     new connection */
  ICE_BASE_SERVER /* a way to a STUN server by TCP, TLS or DTLS, that is, over a
                     connection from the local port of the listener via, or through the
                     UDP base via */
} IceBaseKind;

typedef struct
{
  IceBaseId id; /* chosen by the engine; names the base from now on */
  IceBaseKind kind;
  NiceAddress local;          /* port 0: any, or one of the range */
  guint16 min_port, max_port; /* 0, 0: no range */
  /* TCP_CONNECT, TCP_SO: the peer; RELAY, SERVER: the server's address */
  NiceAddress remote;
  guint server;              /* RELAY, SERVER: its id */
  IceServerKind server_kind; /* and how it is spoken to */
  IceBaseId via; /* RELAY over UDP or DTLS: the UDP base to send through; TCP_CONNECT: the
                    RELAY that connects; else 0 */
  gint relay_family;   /* RELAY: AF_INET or AF_INET6, the family of the relayed address */
  gboolean relays_tcp; /* RELAY: connections, not datagrams (RFC 6062) */
} IceBaseRequest;

typedef struct
{
  IceReason error;    /* NONE: the base is there */
  NiceAddress local;  /* bound address; RELAY: the relayed address */
  NiceAddress mapped; /* RELAY: the server's view of us, AF_UNSPEC where unknown */

  /* Of an error of a RELAY; copied. */
  guint code;            /* of the server's answer, 0: there was none */
  const gchar *detail;   /* for people, or NULL */
  NiceAddress alternate; /* REDIRECTED: where to ask instead, AF_UNSPEC: not said */
  const gchar *alternate_domain; /* the name of its certificate; NULL: the old one */
} IceBaseResult;

typedef enum
{
  ICE_EVENT_NEED_BASE, /* need_base; answer with ice_engine_handle_base(), now or later */
  ICE_EVENT_DROP_BASE, /* base; it may be closed at once: nothing will be sent from it
                          again */
  ICE_EVENT_NEED_ADDRESSES, /* server; answer with ice_engine_handle_addresses(), as often
                               as there is something new */
  ICE_EVENT_NEED_NAME,      /* name; answer with ice_engine_handle_name() */
  ICE_EVENT_DROP_NAME,      /* name: nobody waits for the answer any more */
  ICE_EVENT_DOUBT,          /* base: that relay carried media, and none comes any more */
  ICE_EVENT_NEED_PERMISSION, /* path: the relay is to let in what comes from there */
  ICE_EVENT_LOCAL_CANDIDATE,
  ICE_EVENT_REMOTE_CANDIDATE, /* a peer-reflexive one was learned, or selection by hand
                                 brought it */
  ICE_EVENT_GATHERING_DONE,   /* of stream_id */
  ICE_EVENT_INITIAL_BINDING,  /* first authenticated check on stream_id */
  ICE_EVENT_VALID_PATH,       /* path: data from there may be delivered, or no longer */
  ICE_EVENT_DATA_PATH,        /* path: until a pair is selected data may go there, or no
                                 longer anywhere */
  ICE_EVENT_SELECTED_PAIR,    /* selected */
  ICE_EVENT_COMPONENT_STATE,  /* state */
  ICE_EVENT_CONSENT           /* consent: whether the selected pair may be sent to */
} IceEventType;

typedef struct
{
  IceEventType type;
  guint stream_id, component_id;
  union
  {
    IceBaseRequest need_base;
    IceBaseId base;
    guint server;
    guint name;
    IceCandidate candidate;
    struct
    {
      IceBaseId base;
      NiceAddress remote;
      gboolean valid;
    } path;
    struct
    {
      IceCandidate local, remote;
      IceBaseId base; /* send from here ... */
      NiceAddress to; /* ... to here */
      guint64 priority;
    } selected;
    struct
    {
      IceComponentState state;
      IceReason reason; /* FAILED: why */
    } state;
    gboolean consent;
  };
} IceEvent;

/* data stays valid until the next input or poll. */
typedef struct
{
  IceBaseId base;
  NiceAddress to;
  const guint8 *data;
  gsize size;
} IceTransmit;

G_END_DECLS
