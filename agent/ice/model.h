/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's data: what a session is made of, and who owns whom. Structs only; each is
 * changed by the module that its comment names, and its rules stand there.
 *
 *     IceSession --- IceStream --- IceComponent --- IceEnd, IcePair --- IceRequest
 *         |              +--- IceChecklist
 *         +--- IceBase, IceServerEntry, IceGroup, the timers, the outbox */
#pragma once

#include "ice/deadline.h"
#include "ice/heap.h"
#include "ice/index.h"
#include "ice/outbox.h"
#include "ice/settings.h"
#include "stun/integrity.h"
#include "stun/transaction.h"
#include "stun/wire.h"

G_BEGIN_DECLS

typedef struct _IceSession IceSession;
typedef struct _IceStream IceStream;
typedef struct _IceComponent IceComponent;
typedef struct _IceEnd IceEnd;
typedef struct _IcePair IcePair;
typedef struct _IceGroup IceGroup;
typedef struct _IceBase IceBase;
typedef struct _IceRequest IceRequest;
typedef struct _IceServerEntry IceServerEntry;
typedef struct _IceTask IceTask;
typedef struct _IceAttempt IceAttempt;
typedef struct _IceGathering IceGathering;
typedef struct _IceName IceName;

/* The limits of what a peer can make us keep. */
#define ICE_MAX_SOFTWARE 127           /* RFC 8489 14.14 */
#define ICE_MAX_CREDENTIAL 256         /* RFC 8839 5.4 */
#define ICE_MAX_REMOTE_CANDIDATES 1024 /* signalled, of a component: RFC 8445 19.5.1 */
/* Peer-reflexive ones, of a component and side and generation. Old ones make no room. */
#define ICE_MAX_LEARNED 50
#define ICE_MAX_VALID 50           /* valid pairs of a component */
#define ICE_MAX_EARLY 50           /* early checks of a component */
#define ICE_MAX_NAMES 32           /* under .local, of a stream and generation ... */
#define ICE_MAX_NAMES_ASKED 4      /* ... and of those that are looked up at one time */
#define ICE_MAX_CUT_OFF 8          /* host bases of a component without an address */
#define ICE_MAX_WAITING_PAIRS 4096 /* pairs of a stream outside of its full checklist */
#define ICE_MAX_ASTRAY 3       /* checks of a pair that were answered from elsewhere */
#define ICE_MAX_ASTRAY_PATHS 8 /* such pairs of a base with one address of the peer */
#define ICE_MAX_REQUESTS 8     /* transactions of a pair: 30 s of consent checks */
#define ICE_MAX_ACCEPTED 16    /* connections accepted on a passive candidate */

typedef struct
{
  gchar *ufrag, *pwd; /* in one piece of memory; NULL: not known yet */
  StunHmac key;
} IceCredentials;

/* A candidate and what the engine alone must know of it. Shared by the list of its
 * component and by the pairs that it is an end of. */
struct _IceEnd
{
  IceCandidate value;
  IceLink link; /* remote: in the index of the session */
  IceComponent *component;
  gchar *username, *password; /* what value points to */
  guint refs;
  gint64 since;        /* local: when it came */
  guint address_index; /* local: rank of its base's address */
  guint server;        /* local: the server it was learned from */
  IceBaseId relay;     /* local, relayed TCP: the base that makes and takes connections */
  NiceAddress own_addr; /* local: addr, unless a NAT's is shown in its place */
  gboolean hidden; /* local: no pair may start here, it is not announced (force-relay) */
  gboolean is_local;
};

/* base.c */
struct _IceBase
{
  IceBaseId id;
  IceBaseKind kind;
  gboolean open;
  gboolean held;       /* TCP_CONNECT, TCP_SO: not asked for yet (RFC 6544 12) */
  gboolean rests;      /* TCP_CONNECT by a relay: asked for again, not yet */
  gboolean is_so;      /* TCP_LISTEN: connections to the peer leave from its port, too */
  gboolean in_use;     /* by the selected pair: freeing.c */
  gboolean is_proven;  /* a check with the right credentials came on it */
  gboolean is_cut_off; /* the host has lost its address: doubt.c */
  IceComponent *component;
  /* Host or relayed: what pairs from here start with; NULL: none yet. */
  IceEnd *candidate;
  IcePair *pair; /* TCP_CONNECT, TCP_SO: the pair it was asked for, NULL once it went */
  IceTimer connect_timer;
  NiceAddress local, remote;
  guint address_index;
  guint server;
  IceServerKind server_kind;
  guint relay_family;
  gboolean relays_tcp;
  IceBaseId via;
  IceBaseId host; /* RELAY: on whose address it was asked for */
};

typedef enum
{
  ICE_REQUEST_CHECK,
  ICE_REQUEST_CONSENT, /* once, never again: RFC 7675 5.1 */
  ICE_REQUEST_BINDING  /* to a STUN server */
} IceRequestKind;

/* What the message was made of, so that a retransmission is the same to the bit
 * (RFC 8489 6.2.1) and nobody keeps its bytes. */
struct _IceRequest
{
  IceLink link; /* in the index of the session */
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  IceRequestKind kind;
  IceSession *session;
  IcePair *pair;       /* CHECK, CONSENT */
  IceAttempt *attempt; /* BINDING */
  IceRequest *next;    /* of the same pair */
  IceTimer timer;
  StunTransaction transaction;
  gint64 last_sent;
  guint64 tie_breaker;
  guint32 priority, nomination;
  IceBaseId base;
  guint controlling : 1, use_candidate : 1, nominating : 1, cancelled : 1;
  guint is_old : 1; /* CONSENT: under the credentials of before the restart */
};

/* pair.c, checklist.c, valid.c */
struct _IcePair
{
  IceLink link; /* in the index of the session */
  IceComponent *component;
  IceEnd *local, *remote;
  /* What its messages leave from; 0: a connection that is still to be made. */
  IceBaseId base;
  guint64 priority;

  IceGroup *group;  /* while it is in the checklist */
  IcePair *checked; /* a valid pair: whose check made it, often itself (7.2.5.3.2) */
  IcePair *made;    /* the valid pair that its own check made */
  IcePair *next_triggered, *next_urgent;
  IceRequest *requests; /* outstanding ones, the newest first */

  guint index; /* in component->pairs */
  /* In the heap of its state (Waiting, Frozen, outside of the list), and in two more. */
  guint queue_place, open_place, evict_place;

  IcePairState state;
  guint listed : 1;    /* in the checklist */
  guint parked : 1;    /* outside of it until there is room (6.1.2.5) */
  guint yielding : 1;  /* in it, asked more than once: takes no room */
  guint retired : 1;   /* its component is done: not sent again, may still succeed */
  guint triggered : 1; /* in the triggered-check queue */
  guint valid : 1;
  guint nominated : 1;
  guint peer_nominates : 1; /* controlled: USE-CANDIDATE came before our own success */
  guint nominating : 1;     /* controlling: the next check carries USE-CANDIDATE */
  guint path_told : 1;      /* VALID_PATH was emitted */
  guint urgent : 1;         /* to be sent before the input ends, whatever Ta says */
  guint connecting : 1;     /* its connection was asked for */
  guint allowed : 1;        /* the relay was told to let the peer in */
  guint rounds : 1;         /* its check began anew after all transmissions */
  guint moved : 1;          /* what the selected pair was is reached here now */
  guint astray : 2;         /* answers to another address than asked, so far */
  guint role_conflicts : 4; /* 487s in a row: bounded, two liars would go on for ever */

  gint64 formed_at;
  gint64 last_sent;
  gint64 answered_at;     /* last; 0: never */
  gint64 nominated_at;    /* when the peer nominated it first ... */
  gint64 nomination_seen; /* ... and last; 0: never */
  gint64 rtt, total_rtt;
  gint64 answer_time; /* from the last transmission to the answer: the round trip, or
                         less where an earlier one was answered */
  guint32 nomination; /* renomination: the largest value seen or sent */
  guint8 nominated_by[STUN_TRANSACTION_ID_SIZE]; /* the peer's last check that did */
  guint32 requests_sent, requests_received, responses_sent, responses_received;
  guint32 consent_requests_sent;
  IceReason last_error;
  guint last_error_code;
};

/* foundation.c */
struct _IceGroup
{
  IceLink link; /* in the index of the session */
  gchar local[ICE_FOUNDATION_SIZE], remote[ICE_FOUNDATION_SIZE];
  guint n_pairs, n_active /* Waiting or In-Progress */, n_succeeded;
  IceHeap frozen;
  IcePair *top; /* the first pair by stream, component and priority, while it is known */
  IceGroup *next_ripe;
  gboolean ripe; /* in the list of a stream: frozen pairs, and nothing is tried */
};

/* checklist.c. All zeroes: empty. */
typedef struct
{
  IceHeap waiting;   /* best first */
  IceHeap parked;    /* best first; outside of the list */
  IceHeap evictable; /* worst first: Waiting and Frozen ones */
  IcePair *triggered_first, *triggered_last;
  IceGroup *ripe_first, *ripe_last; /* groups to unfreeze a pair of */
  guint n_listed; /* pairs that count against the limit: all but Failed ones */
  guint n_open;   /* Frozen, Waiting, In-Progress */
  guint n_active; /* Waiting, In-Progress */
} IceChecklist;

/* component.c, settle.c */
struct _IceComponent
{
  IceStream *stream;
  guint id;
  IceComponentState state;
  IceReason reason;     /* FAILED: why */
  IceReason last_error; /* of the last pair that failed */

  IceList locals, remotes; /* IceEnd, by time */
  IceList pairs;           /* IcePair, all of them, in no order */
  IceList valid;           /* IcePair: the valid list (RFC 8445 7.2.5.3.2) */
  IceHeap open;            /* pairs whose check is not over, best first */
  guint n_parked;
  guint n_learned;       /* peer-reflexive remote candidates so far */
  guint n_learned_local; /* and local ones */
  guint n_signalled;     /* remote candidates from signalling, in this generation */

  IcePair *selected;
  IcePair *nominating; /* regular nomination under way: the pair that is checked again */
  gboolean selected_is_old; /* from before a restart: anything replaces it */
  IceBaseId old_base;       /* what was selected before the last restart; 0: nothing */
  NiceAddress old_remote;
  IcePair *data_pair;     /* carries data until one is selected; NULL: none */
  gboolean has_data_path; /* the driver believes so; the pair may be gone by now */
  gboolean path_lost;     /* the selected pair failed; another is to be found */
  gint64 reopened_at;     /* when its connection was last to be made anew; 0: never */
  gint64 reopen_until;    /* until when that is waited for; 0: it is not */
  guint32 nomination;     /* renomination: the largest value so far */

  gint64 first_valid; /* when the first valid pair was found, 0: none */
  gint64 last_sign;   /* when something changed last */
  IceTimer patience_timer, verdict_timer, keepalive_timer, consent_timer, silence_timer;
  IceTimer doubt_timer;
  gint64 consent_until; /* 0: not watched */
  gint64 selected_at;
  gint64 last_traffic;  /* when media left on the selected pair last */
  gint64 last_received; /* when media came last, 0: never */
  guint n_questions;    /* about the silence since then */
  guint n_owed;         /* answers to checks of the selected pair in a row */
  gint64 doubted_at;    /* since when others are asked for that, 0: they are not */
  gint64 doubt_began;   /* when doubt.c asked first the last time ... */
  guint n_rounds;       /* ... and how often since then */
  gboolean consent_lost, consent_revoked_by_us;

  guint16 min_port, max_port;
  GArray *early; /* IceEarlyCheck */

  IceComponent *next_unsettled;
  gboolean unsettled;
};

/* stream.c */
struct _IceStream
{
  IceSession *session;
  guint id, n_components;
  IceChecklist checklist;
  IceCredentials local, remote;
  /* Of the generation that a pair selected before a restart is from (RFC 7675 5.1). */
  IceCredentials old_local, old_remote;

  IceGathering *gathering; /* while host candidates are made */
  guint n_pending;         /* tasks that gathering waits for */
  IceTimer gather_timer, freeing_timer;
  gboolean gather_started, gathering_done;
  guint n_holds;  /* others that gathering waits for */
  guint n_ranked; /* addresses gathered on: those that come later rank above them */
  gboolean remote_ended;    /* end-of-candidates came (RFC 8838 14) */
  IceList names;            /* IceName */
  gint64 name_asked_at;     /* when one was asked for last */
  gboolean binding_seen;    /* INITIAL_BINDING was emitted ... */
  gint64 binding_seen_at;   /* ... then */
  gboolean peer_is_regular; /* controlled: a check without USE-CANDIDATE came */
  gboolean has_tcp;         /* a pair over TCP was formed */
  gboolean completed;       /* all its components are ready, and the rest may go */
  gint64 gathered_at;       /* when gathering was done last */
  gint64 pac_until;         /* RFC 8863; 0: not started */

  IceStream *next_ready;
  gboolean ready;            /* in the queue of pace.c */
  IceComponent components[]; /* n_components of them */
};

typedef enum
{
  ICE_NAME_QUEUED,
  ICE_NAME_ASKED,
  ICE_NAME_ANSWERED
} IceNameState;

/* names.c: what the peer has told instead of an address. */
struct _IceName
{
  IceStream *stream;
  guint id;
  gchar *text;
  IceNameState state;
  NiceAddress address; /* ANSWERED: without a family: there is none */
  GArray *candidates;  /* IceCandidate, of any component, that wait for it */
};

/* server.c */
struct _IceServerEntry
{
  guint id;
  IceServer value;               /* strings are ours */
  guint stream_id, component_id; /* 0: of all */
  guint index;                   /* among those of its kind: later ones are preferred */
  GArray *targets;               /* IceTarget, best first; grows while resolving */
  gboolean resolving, resolved;
  guint origin; /* the server that sent us to this one (RFC 8489 10), 0: none did ... */
  NiceAddress sent_from; /* ... and which of its addresses did */
  GArray *shunned;       /* IceShunned: addresses that are left alone; NULL: none */
  IceReason last_error;
  guint last_code;
  gchar *last_detail;
};

/* server.c: RFC 8656 7.4 */
typedef struct
{
  NiceAddress address;
  gint64 until;
} IceShunned;

/* task.c: one thing asked of one server for one component, at its targets in turn. */
struct _IceTask
{
  IceComponent *component;
  guint server;      /* that the application named */
  IceBaseId via;     /* the host base: asked from there, or, over a connection, from its
                        address */
  gint relay_family; /* TURN */
  gboolean relays_tcp;
  guint next_target;    /* of the server's, to be tried next */
  IceAttempt *attempts; /* under way, the latest first; in the end the one that did it */
  gboolean own_port;    /* TURN: not through via, but from a socket of its own */
  guint n_renewals;     /* TURN: allocations lost in a row */
  gint64 held_since;
  IceTimer race_timer; /* for the next target */
  IceTimer timer;      /* STUN: keeps the binding; TURN: for the next renewal */
  IceTask *next_queued;
  gboolean queued, over;
};

/* task.c: one target being tried. */
struct _IceAttempt
{
  IceTask *task;
  IceAttempt *next;
  IceTarget target;
  guint server;        /* the task's, or one that it sent us to */
  gboolean again;      /* TURN: to be asked once more, when it is the task's turn ... */
  gboolean own_port;   /* ... from a socket of its own, not through via */
  guint n_ports;       /* TURN: ports of ours that were in use there (437), so far */
  IceBaseId base;      /* RELAY or SERVER asked for; 0: STUN over UDP, from the task's */
  IceRequest *request; /* STUN: the one under way */
};

/* session.c */
struct _IceSession
{
  IceConfig config;
  gchar *software;
  IceMapping *mappings; /* what config points to */
  guint n_mappings;
  IceEnv env;
  gint64 now;

  gboolean controlling;
  guint64 tie_breaker;

  guint last_stream_id;
  IceBaseId last_base_id;
  guint n_held; /* bases that are not asked for yet */
  IceCandidateId last_candidate_id;
  guint last_server_id;
  guint last_name_id;
  guint n_names_asked;

  IceList streams, bases, servers; /* by id */
  IceList foundations;             /* of local candidates; the index is the number */
  IceIndex remotes, pairs, groups, requests;
  gboolean thawed; /* foundations tell nothing of this peer: no pair is frozen */

  IceHeap timers;
  IceOutbox outbox;

  IceTimer pace_timer; /* pace.c */
  gint64 pace_next;
  gint64 slot;                         /* of the process, taken and not used; 0: none */
  IceStream *ready_first, *ready_last; /* ready.c: streams that have a check to send */
  IcePair *urgent_first, *urgent_last;
  IceList tasks;                   /* gather-server.c */
  IceTask *task_first, *task_last; /* to be started, in the pace of Ta */

  IceComponent *unsettled; /* components whose state is to be looked at */
};

G_END_DECLS
