/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NiceAgent: the public interface of an ICE agent (RFC 8445). What the functions do is
 * said where they are defined, in the agent's files by topic. */
#pragma once

#include <glib-object.h>
#include <gio/gio.h>

#include "address.h"
#include "candidate.h"
#include "debug.h"

G_BEGIN_DECLS

/**
 * NiceAgent:
 *
 * An ICE agent: gathers candidates, checks which pairs of them reach the peer, and
 * carries data over the best one (RFC 8445).
 *
 * An agent has streams, a stream has components, and each component ends up with one
 * selected pair of candidates. A program
 *
 * 1. makes an agent ([ctor@Nice.Agent.new_full]) and its streams
 *    ([method@Nice.Agent.add_stream]),
 * 2. asks for received data ([method@Nice.Agent.attach_recv], or for bindings
 *    [method@Nice.Agent.attach_recv_bytes]),
 * 3. gathers ([method@Nice.Agent.gather_candidates]) and sends credentials and candidates
 *    to the peer through a signalling channel of its own,
 * 4. gives the agent what it got from the peer
 *    ([method@Nice.Agent.set_remote_credentials],
 *    [method@Nice.Agent.set_remote_candidates]), and
 * 5. sends ([method@Nice.Agent.send]) once the component is connected.
 *
 * All functions may be called from any thread. Signals that a call causes are emitted
 * before the call returns, in the thread that called, and without any lock held, so that
 * a handler may call every function of the agent and may drop the last reference to it.
 * Signals caused by packets and timers are emitted in the main context that saw them.
 */
typedef struct _NiceAgent NiceAgent;

/**
 * NiceMessageExtraData:
 *
 * What is known about a received message besides its bytes. Valid during the
 * [callback@Nice.AgentRecvFuncEx] that it was given to.
 *
 * Since: 0.1.24
 */
typedef struct _NiceMessageExtraData NiceMessageExtraData;

/**
 * NiceInputMessage:
 * @buffers: (array length=n_buffers): buffers to fill, in order; they belong to the
 *   caller
 * @n_buffers: number of @buffers, or -1 when the array ends with a buffer of %NULL
 * @from: (allow-none): where to write the address of the sender, or %NULL
 * @length: set to the number of bytes received
 *
 * One message to receive. @length and @from are written by the receiving function; the
 * rest belongs to the caller.
 *
 * Since: 0.1.5
 */
typedef struct
{
  GInputVector *buffers;
  gint n_buffers;
  NiceAddress *from;
  gsize length;
} NiceInputMessage;

/**
 * NiceOutputMessage:
 * @buffers: (array length=n_buffers): the parts of the message, in order; they belong to
 *   the caller
 * @n_buffers: number of @buffers, or -1 when the array ends with a buffer of %NULL
 *
 * One message to send, made of the concatenation of its buffers.
 *
 * Since: 0.1.5
 */
typedef struct
{
  GOutputVector *buffers;
  gint n_buffers;
} NiceOutputMessage;

/**
 * NICE_AGENT_MAX_REMOTE_CANDIDATES:
 *
 * A limit that no release enforced.
 *
 * Deprecated: 0.1.20: There is no limit on the number of remote candidates.
 */
#define NICE_AGENT_MAX_REMOTE_CANDIDATES 25

/**
 * NiceComponentState:
 * @NICE_COMPONENT_STATE_DISCONNECTED: nothing was done yet
 * @NICE_COMPONENT_STATE_GATHERING: local candidates are being gathered
 * @NICE_COMPONENT_STATE_CONNECTING: pairs of candidates are being checked
 * @NICE_COMPONENT_STATE_CONNECTED: a pair is selected, data can be sent; better pairs may
 *   still be checked
 * @NICE_COMPONENT_STATE_READY: a pair is selected and no better one is being checked
 * @NICE_COMPONENT_STATE_FAILED: no pair works, or the one that did was lost. Not final: a
 *   further remote candidate or a restart brings it back
 * @NICE_COMPONENT_STATE_LAST: number of states; not a state
 *
 * How far a component has come.
 */
typedef enum
{
  NICE_COMPONENT_STATE_DISCONNECTED,
  NICE_COMPONENT_STATE_GATHERING,
  NICE_COMPONENT_STATE_CONNECTING,
  NICE_COMPONENT_STATE_CONNECTED,
  NICE_COMPONENT_STATE_READY,
  NICE_COMPONENT_STATE_FAILED,
  NICE_COMPONENT_STATE_LAST
} NiceComponentState;

/**
 * NiceComponentType:
 * @NICE_COMPONENT_TYPE_RTP: media, RTP; and both with RTP/RTCP multiplexing (RFC 5761)
 * @NICE_COMPONENT_TYPE_RTCP: control, RTCP
 *
 * The components that RFC 8445 names for RTP. Other protocols number theirs from 1 too.
 */
typedef enum
{
  NICE_COMPONENT_TYPE_RTP = 1,
  NICE_COMPONENT_TYPE_RTCP = 2
} NiceComponentType;

/**
 * NiceCompatibility:
 * @NICE_COMPATIBILITY_RFC5245: ICE as standardised: RFC 8445 and RFC 5245
 * @NICE_COMPATIBILITY_DRAFT19: the same as %NICE_COMPATIBILITY_RFC5245
 * @NICE_COMPATIBILITY_GOOGLE: Google Talk
 * @NICE_COMPATIBILITY_MSN: MSN Messenger
 * @NICE_COMPATIBILITY_WLM2009: Windows Live Messenger 2009
 * @NICE_COMPATIBILITY_OC2007: Office Communicator 2007
 * @NICE_COMPATIBILITY_OC2007R2: Office Communicator 2007 R2
 * @NICE_COMPATIBILITY_LAST: the last value
 *
 * Which dialect of ICE the agent speaks.
 */
typedef enum
{
  NICE_COMPATIBILITY_RFC5245 = 0,
  NICE_COMPATIBILITY_DRAFT19 = NICE_COMPATIBILITY_RFC5245,
  NICE_COMPATIBILITY_GOOGLE,
  NICE_COMPATIBILITY_MSN,
  NICE_COMPATIBILITY_WLM2009,
  NICE_COMPATIBILITY_OC2007,
  NICE_COMPATIBILITY_OC2007R2,
  NICE_COMPATIBILITY_LAST = NICE_COMPATIBILITY_OC2007R2
} NiceCompatibility;

/**
 * NiceProxyType:
 * @NICE_PROXY_TYPE_NONE: no proxy
 * @NICE_PROXY_TYPE_SOCKS5: SOCKS5 (RFC 1928), without authentication or with user name
 *   and password (RFC 1929)
 * @NICE_PROXY_TYPE_HTTP: HTTP CONNECT (RFC 7231), without authentication or Basic
 *   (RFC 7617)
 * @NICE_PROXY_TYPE_LAST: the last value
 *
 * How connections to TURN servers are made through a proxy.
 *
 * Since: 0.0.4
 */
typedef enum
{
  NICE_PROXY_TYPE_NONE = 0,
  NICE_PROXY_TYPE_SOCKS5,
  NICE_PROXY_TYPE_HTTP,
  NICE_PROXY_TYPE_LAST = NICE_PROXY_TYPE_HTTP
} NiceProxyType;

/**
 * NiceNominationMode:
 * @NICE_NOMINATION_MODE_REGULAR: the controlling agent nominates one pair per component
 *   when it has chosen (RFC 8445 section 8.1.1)
 * @NICE_NOMINATION_MODE_AGGRESSIVE: every check of the controlling agent nominates, and
 *   the best pair that succeeds is used (RFC 5245 section 8.1.1.2)
 *
 * How the controlling agent nominates.
 *
 * Since: 0.1.15
 */
typedef enum
{
  NICE_NOMINATION_MODE_REGULAR = 0,
  NICE_NOMINATION_MODE_AGGRESSIVE
} NiceNominationMode;

/**
 * NiceAgentOption:
 * @NICE_AGENT_OPTION_NONE: nothing special
 * @NICE_AGENT_OPTION_REGULAR_NOMINATION: nominate regularly, not aggressively
 * @NICE_AGENT_OPTION_RELIABLE: components are reliable byte streams
 * @NICE_AGENT_OPTION_LITE_MODE: no candidates from servers are gathered; checks are made
 *   all the same
 * @NICE_AGENT_OPTION_ICE_TRICKLE: candidates are exchanged as they are found (RFC 8838)
 * @NICE_AGENT_OPTION_SUPPORT_RENOMINATION: the controlling agent may change the selected
 *   pair by nominating anew
 * @NICE_AGENT_OPTION_CONSENT_FRESHNESS: keep asking the peer for its consent (RFC 7675)
 * @NICE_AGENT_OPTION_BYTESTREAM_TCP: TCP candidates of a reliable agent need not keep
 *   message boundaries
 * @NICE_AGENT_OPTION_CLOSE_FORCED: closing does not wait for TURN servers to answer.
 *   Since 0.1.23
 * @NICE_AGENT_OPTION_RECV_TOS: received messages come with their type of service.
 *   Since 0.1.24
 *
 * Options of [ctor@Nice.Agent.new_full]; each sets the property of the same meaning.
 *
 * Since: 0.1.15
 */
typedef enum /*< flags >*/
{
  NICE_AGENT_OPTION_NONE = 0,
  NICE_AGENT_OPTION_REGULAR_NOMINATION = 1 << 0,
  NICE_AGENT_OPTION_RELIABLE = 1 << 1,
  NICE_AGENT_OPTION_LITE_MODE = 1 << 2,
  NICE_AGENT_OPTION_ICE_TRICKLE = 1 << 3,
  NICE_AGENT_OPTION_SUPPORT_RENOMINATION = 1 << 4,
  NICE_AGENT_OPTION_CONSENT_FRESHNESS = 1 << 5,
  NICE_AGENT_OPTION_BYTESTREAM_TCP = 1 << 6,
  NICE_AGENT_OPTION_CLOSE_FORCED = 1 << 7,
  NICE_AGENT_OPTION_RECV_TOS = 1 << 8
} NiceAgentOption;

/**
 * NiceAgentRecvFunc:
 * @agent: the agent
 * @stream_id: the stream
 * @component_id: the component
 * @len: number of bytes in @buf, at least 1
 * @buf: the bytes, not terminated; valid only during the call and not to be kept
 * @user_data: what was given to [method@Nice.Agent.attach_recv]
 *
 * Called once for each datagram (or frame of RFC 4571) that arrives from the peer; in a
 * reliable agent, for each piece of the byte stream, of arbitrary size. Runs in the main
 * context that was given to [method@Nice.Agent.attach_recv], without a lock held.
 */
typedef void (*NiceAgentRecvFunc) (NiceAgent *agent, guint stream_id, guint component_id,
                                   guint len, gchar *buf, gpointer user_data);

/**
 * NiceAgentRecvFuncEx:
 * @agent: the agent
 * @stream_id: the stream
 * @component_id: the component
 * @len: number of bytes in @buf, at least 1
 * @buf: the bytes, not terminated; valid only during the call and not to be kept
 * @exdata: what else is known about the message, or %NULL; valid only during the call
 * @user_data: (closure): what was given to [method@Nice.Agent.attach_recv_ex]
 *
 * As [callback@Nice.AgentRecvFunc], with what else is known about the message.
 *
 * Since: 0.1.24
 */
typedef void (*NiceAgentRecvFuncEx) (NiceAgent *agent, guint stream_id,
                                     guint component_id, guint len, gchar *buf,
                                     NiceMessageExtraData *exdata, gpointer user_data);

/**
 * NiceAgentRecvBytesFunc:
 * @agent: the agent
 * @stream_id: the stream
 * @component_id: the component
 * @bytes: the message; take a reference to keep it
 * @user_data: (closure): what was given to [method@Nice.Agent.attach_recv_bytes]
 *
 * As [callback@Nice.AgentRecvFunc], with the bytes in an object that may be kept. In
 * JavaScript that takes `bytes.ref()`, as gjs takes no reference to what callbacks get.
 *
 * Since: icecold 1.0
 */
typedef void (*NiceAgentRecvBytesFunc) (NiceAgent *agent, guint stream_id,
                                        guint component_id, GBytes *bytes,
                                        gpointer user_data);

/**
 * NiceAgentAddressFilter:
 * @agent: the agent
 * @interface_name: the interface that has the address; empty if it has just gone
 * @address: the address, with port 0; valid during the call
 * @user_data: (closure): what was given to [method@Nice.Agent.set_address_filter]
 *
 * Says whether candidates may be gathered on an address.
 *
 * Returns: %TRUE if it may be used
 *
 * Since: icecold 1.0
 */
typedef gboolean (*NiceAgentAddressFilter) (NiceAgent *agent, const gchar *interface_name,
                                            const NiceAddress *address,
                                            gpointer user_data);

typedef struct _NiceAgentClass NiceAgentClass;

struct _NiceAgentClass
{
  GObjectClass parent_class;
};

#define NICE_TYPE_AGENT nice_agent_get_type ()
#define NICE_AGENT(obj) (G_TYPE_CHECK_INSTANCE_CAST ((obj), NICE_TYPE_AGENT, NiceAgent))
#define NICE_AGENT_CLASS(klass)                                                          \
  (G_TYPE_CHECK_CLASS_CAST ((klass), NICE_TYPE_AGENT, NiceAgentClass))
#define NICE_IS_AGENT(obj) (G_TYPE_CHECK_INSTANCE_TYPE ((obj), NICE_TYPE_AGENT))
#define NICE_IS_AGENT_CLASS(klass) (G_TYPE_CHECK_CLASS_TYPE ((klass), NICE_TYPE_AGENT))
#define NICE_AGENT_GET_CLASS(obj)                                                        \
  (G_TYPE_INSTANCE_GET_CLASS ((obj), NICE_TYPE_AGENT, NiceAgentClass))

GType nice_agent_get_type (void);

/* --- Life --- */

NiceAgent *nice_agent_new (GMainContext *ctx, NiceCompatibility compat);
NiceAgent *nice_agent_new_reliable (GMainContext *ctx, NiceCompatibility compat);
NiceAgent *
nice_agent_new_full (GMainContext *ctx, NiceCompatibility compat, NiceAgentOption flags);
void nice_agent_close_async (NiceAgent *agent, GAsyncReadyCallback callback,
                             gpointer callback_data);
void nice_agent_set_software (NiceAgent *agent, const gchar *software);

/* --- Streams --- */

guint nice_agent_add_stream (NiceAgent *agent, guint n_components);
void nice_agent_remove_stream (NiceAgent *agent, guint stream_id);
gboolean
nice_agent_set_stream_name (NiceAgent *agent, guint stream_id, const gchar *name);
const gchar *nice_agent_get_stream_name (NiceAgent *agent, guint stream_id);
void nice_agent_set_stream_tos (NiceAgent *agent, guint stream_id, gint tos);
NiceComponentState
nice_agent_get_component_state (NiceAgent *agent, guint stream_id, guint component_id);

/* --- Credentials --- */

gboolean nice_agent_set_local_credentials (NiceAgent *agent, guint stream_id,
                                           const gchar *ufrag, const gchar *pwd);
gboolean nice_agent_get_local_credentials (NiceAgent *agent, guint stream_id,
                                           gchar **ufrag, gchar **pwd);
gboolean nice_agent_set_remote_credentials (NiceAgent *agent, guint stream_id,
                                            const gchar *ufrag, const gchar *pwd);

/* --- Gathering --- */

gboolean nice_agent_add_local_address (NiceAgent *agent, NiceAddress *addr);
void nice_agent_set_address_filter (NiceAgent *agent, NiceAgentAddressFilter filter,
                                    gpointer user_data, GDestroyNotify notify);
void nice_agent_set_port_range (NiceAgent *agent, guint stream_id, guint component_id,
                                guint min_port, guint max_port);
gboolean nice_agent_set_relay_info (NiceAgent *agent, guint stream_id, guint component_id,
                                    const gchar *server_ip, guint server_port,
                                    const gchar *username, const gchar *password,
                                    NiceRelayType type);
gboolean nice_agent_add_server (NiceAgent *agent, guint stream_id, guint component_id,
                                const gchar *uri, const gchar *username,
                                const gchar *password, GError **error);
gboolean nice_agent_forget_relays (NiceAgent *agent, guint stream_id, guint component_id);
gboolean nice_agent_gather_candidates (NiceAgent *agent, guint stream_id);
void
nice_agent_gather_candidates_async (NiceAgent *agent, guint stream_id,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
gboolean nice_agent_gather_candidates_finish (NiceAgent *agent, GAsyncResult *result,
                                              GError **error);
gboolean nice_agent_peer_candidate_gathering_done (NiceAgent *agent, guint stream_id);

/* --- Candidates --- */

int nice_agent_set_remote_candidates (NiceAgent *agent, guint stream_id,
                                      guint component_id, const GSList *candidates);
GSList *
nice_agent_get_remote_candidates (NiceAgent *agent, guint stream_id, guint component_id);
GSList *
nice_agent_get_local_candidates (NiceAgent *agent, guint stream_id, guint component_id);
NiceCandidate *nice_agent_get_default_local_candidate (NiceAgent *agent, guint stream_id,
                                                       guint component_id);

/* --- Selection --- */

void nice_agent_connect_async (NiceAgent *agent, guint stream_id, guint component_id,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean
nice_agent_connect_finish (NiceAgent *agent, GAsyncResult *result, GError **error);
gboolean
nice_agent_dup_selected_pair (NiceAgent *agent, guint stream_id, guint component_id,
                              NiceCandidate **local, NiceCandidate **remote);
gboolean
nice_agent_get_selected_pair (NiceAgent *agent, guint stream_id, guint component_id,
                              NiceCandidate **local, NiceCandidate **remote);
gboolean
nice_agent_set_selected_pair (NiceAgent *agent, guint stream_id, guint component_id,
                              const gchar *lfoundation, const gchar *rfoundation);
gboolean
nice_agent_set_selected_remote_candidate (NiceAgent *agent, guint stream_id,
                                          guint component_id, NiceCandidate *candidate);
GSocket *
nice_agent_get_selected_socket (NiceAgent *agent, guint stream_id, guint component_id);
GPtrArray *nice_agent_get_sockets (NiceAgent *agent, guint stream_id, guint component_id);

/* --- Course of a session --- */

gboolean nice_agent_restart (NiceAgent *agent);
gboolean nice_agent_restart_stream (NiceAgent *agent, guint stream_id);
gboolean nice_agent_consent_lost (NiceAgent *agent, guint stream_id, guint component_id);

/* --- Data --- */

gint nice_agent_send (NiceAgent *agent, guint stream_id, guint component_id, guint len,
                      const gchar *buf);
gint nice_agent_send_bytes (NiceAgent *agent, guint stream_id, guint component_id,
                            GBytes *bytes);
gint
nice_agent_send_messages_nonblocking (NiceAgent *agent, guint stream_id,
                                      guint component_id,
                                      const NiceOutputMessage *messages, guint n_messages,
                                      GCancellable *cancellable, GError **error);
gboolean
nice_agent_attach_recv (NiceAgent *agent, guint stream_id, guint component_id,
                        GMainContext *ctx, NiceAgentRecvFunc func, gpointer data);
gboolean nice_agent_attach_recv_ex (NiceAgent *agent, guint stream_id, guint component_id,
                                    GMainContext *ctx, NiceAgentRecvFuncEx func,
                                    gpointer data, GDestroyNotify notify);
gboolean
nice_agent_attach_recv_bytes (NiceAgent *agent, guint stream_id, guint component_id,
                              GMainContext *ctx, NiceAgentRecvBytesFunc func,
                              gpointer data, GDestroyNotify notify);
GSocketControlMessage *nice_message_extra_data_get_tos (NiceMessageExtraData *exdata);
gssize
nice_agent_recv (NiceAgent *agent, guint stream_id, guint component_id, guint8 *buf,
                 gsize buf_len, GCancellable *cancellable, GError **error);
gssize nice_agent_recv_nonblocking (NiceAgent *agent, guint stream_id, guint component_id,
                                    guint8 *buf, gsize buf_len, GCancellable *cancellable,
                                    GError **error);
gint nice_agent_recv_messages (NiceAgent *agent, guint stream_id, guint component_id,
                               NiceInputMessage *messages, guint n_messages,
                               GCancellable *cancellable, GError **error);
gint nice_agent_recv_messages_nonblocking (NiceAgent *agent, guint stream_id,
                                           guint component_id, NiceInputMessage *messages,
                                           guint n_messages, GCancellable *cancellable,
                                           GError **error);
GBytes *nice_agent_recv_bytes (NiceAgent *agent, guint stream_id, guint component_id,
                               GCancellable *cancellable, GError **error);
GBytes *
nice_agent_recv_bytes_nonblocking (NiceAgent *agent, guint stream_id, guint component_id,
                                   GCancellable *cancellable, GError **error);
GSource *nice_agent_create_source (NiceAgent *agent, guint stream_id, guint component_id,
                                   GCancellable *cancellable);
GIOStream *
nice_agent_get_io_stream (NiceAgent *agent, guint stream_id, guint component_id);

/* --- Statistics --- */

GVariant *nice_agent_get_stats (NiceAgent *agent);
gchar *nice_agent_get_stats_json (NiceAgent *agent);

/* --- SDP --- */

gchar *nice_agent_generate_local_sdp (NiceAgent *agent);
gchar *nice_agent_generate_local_stream_sdp (NiceAgent *agent, guint stream_id,
                                             gboolean include_non_ice);
gchar *
nice_agent_generate_local_candidate_sdp (NiceAgent *agent, NiceCandidate *candidate);
int nice_agent_parse_remote_sdp (NiceAgent *agent, const gchar *sdp);
GSList *nice_agent_parse_remote_stream_sdp (NiceAgent *agent, guint stream_id,
                                            const gchar *sdp, gchar **ufrag, gchar **pwd);
NiceCandidate *nice_agent_parse_remote_candidate_sdp (NiceAgent *agent, guint stream_id,
                                                      const gchar *sdp);
gboolean nice_agent_add_remote_candidate_sdp (NiceAgent *agent, guint stream_id,
                                              const gchar *sdp, GError **error);

/* --- Names --- */

const gchar *nice_component_state_to_string (NiceComponentState state);

G_END_DECLS
