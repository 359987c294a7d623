/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of NiceAgent: one table says what they are, and what a program may set
 * them to in view of the others. What they mean is the engine's and the driver's matter.
 */
#include "config.h"

#include "agent-core.h"
#include "enum-types.h"

typedef enum
{
  KIND_BOOLEAN,
  KIND_UINT,
  KIND_STRING,
  KIND_CONTEXT,
  KIND_HEADERS,
  KIND_NOMINATION,
  KIND_CHECKS,
  KIND_MUX,
  KIND_MAPPINGS,
  KIND_WAIT
} Kind;

/* initial is what a fresh agent reports, which for some differs from the default that the
 * specification names; both are what libnice's users see. */
typedef struct
{
  const gchar *name;
  Kind kind;
  gsize offset;
  GParamFlags flags;
  guint minimum, maximum, standard, initial;
  const gchar *blurb;
} Property;

#define RW G_PARAM_READWRITE
#define C (G_PARAM_READWRITE | G_PARAM_CONSTRUCT)
#define CO (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY)
#define AT(field) G_STRUCT_OFFSET (NiceAgentSettings, field)
#define BOOLEAN(name, field, flags, standard, initial, blurb)                            \
  {                                                                                      \
    name, KIND_BOOLEAN, AT (field), flags, 0, 1, standard, initial, blurb                \
  }
#define UINT(name, field, flags, minimum, maximum, standard, initial, blurb)             \
  {                                                                                      \
    name, KIND_UINT, AT (field), flags, minimum, maximum, standard, initial, blurb       \
  }
#define OTHER(name, kind, field, flags, blurb)                                           \
  {                                                                                      \
    name, kind, AT (field), flags, 0, 0, 0, 0, blurb                                     \
  }

/* In the order in which g_object_class_list_properties() shows libnice's. */
static const Property properties[] = {
  /**
   * NiceAgent:compatibility:
   *
   * The dialect of ICE, a [enum@Nice.Compatibility];
   * %NICE_COMPATIBILITY_RFC5245 unless it is set.
   */
  UINT ("compatibility", compatibility, CO, 0, NICE_COMPATIBILITY_LAST, 0, 0,
        "Dialect of ICE"),
  /**
   * NiceAgent:main-context:
   *
   * The `GMainContext` of timers, look-ups, and of sockets that nobody reads in another
   * one; %NULL is the default one.
   */
  OTHER ("main-context", KIND_CONTEXT, main_context, CO, "Main context of the agent"),
  /**
   * NiceAgent:stun-server:
   *
   * Name or address of the STUN server for server-reflexive candidates, %NULL, the
   * default, for none. It is asked over UDP. Takes effect on what is gathered afterwards.
   * [method@Nice.Agent.add_server] adds further ones, also over TCP, TLS and DTLS.
   */
  OTHER ("stun-server", KIND_STRING, stun_server, RW, "STUN server"),
  /**
   * NiceAgent:stun-server-port:
   *
   * Port of [property@Nice.Agent:stun-server], 1 to 65535; 3478 unless it is set.
   */
  UINT ("stun-server-port", stun_server_port, RW, 1, 65536, 1, 3478,
        "Port of the STUN server"),
  /**
   * NiceAgent:controlling-mode:
   *
   * Whether the agent has the controlling role (RFC 8445 section 6.1.1), as it has unless
   * this is set. Setting it takes effect while all components are disconnected, else with
   * the next restart. The role may change when both ends have the same (RFC 8445 section
   * 7.3.1.1); the property goes on to read as it was set.
   */
  BOOLEAN ("controlling-mode", controlling_mode, RW, FALSE, TRUE,
           "Whether the agent is controlling"),
  /**
   * NiceAgent:full-mode:
   *
   * Whether candidates from servers are gathered; by default they are. Without, there are
   * host candidates alone. Such an agent checks all the same: it is not a lite one in the
   * sense of RFC 8445 section 2.5.
   */
  BOOLEAN ("full-mode", full_mode, CO, TRUE, TRUE, "Whether servers are asked"),
  /**
   * NiceAgent:stun-pacing-timer:
   *
   * Milliseconds between the starts of two checks or other transactions of the agent, Ta
   * of RFC 8445 section 14: at least 1, by default 20. RFC 8445 section 14.2 wants 5 or
   * more.
   */
  UINT ("stun-pacing-timer", stun_pacing_timer, C, 1, G_MAXUINT, 20, 20, "Ta, ms"),
  /**
   * NiceAgent:process-pacing:
   *
   * Whether this agent and all others of the process that have this set start at most one
   * check or other transaction in 5 ms together, as RFC 8445 section 14.2 asks for. What
   * the peer's own checks set off waits too. A server with many calls cannot connect them
   * in time under it.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("process-pacing", process_pacing, C, FALSE, FALSE,
           "Whether all agents of the process are paced together"),
  /**
   * NiceAgent:max-connectivity-checks:
   *
   * Limit of the number of pairs of a stream's checklist (RFC 8445 section 6.1.2.5); 0
   * for none. 100 unless it is set.
   */
  UINT ("max-connectivity-checks", max_connectivity_checks, RW, 0, G_MAXUINT, 0, 100,
        "Limit of pairs"),
  /**
   * NiceAgent:proxy-type:
   *
   * Kind of proxy for connections, to servers and, over ICE-TCP, to the peer, a
   * [enum@Nice.ProxyType]; %NICE_PROXY_TYPE_NONE unless it is set. What is UDP goes
   * without. Takes effect on connections made afterwards, as all proxy properties do.
   *
   * Since: 0.0.4
   */
  UINT ("proxy-type", proxy_type, RW, 0, NICE_PROXY_TYPE_LAST, 0, 0, "Kind of proxy"),
  /**
   * NiceAgent:proxy-ip:
   *
   * Address or name of the proxy, %NULL or empty: there is none. A name is looked up for
   * each connection; one that nobody knows leads nowhere, and nothing goes around it.
   *
   * Since: 0.0.4
   */
  OTHER ("proxy-ip", KIND_STRING, proxy_ip, RW, "Address or name of the proxy"),
  /**
   * NiceAgent:proxy-port:
   *
   * Port of the proxy, 1 to 65535; 0 until it is set.
   *
   * Since: 0.0.4
   */
  UINT ("proxy-port", proxy_port, RW, 1, 65536, 1, 0, "Port of the proxy"),
  /**
   * NiceAgent:proxy-username:
   *
   * User name for the proxy, %NULL for none.
   *
   * Since: 0.0.4
   */
  OTHER ("proxy-username", KIND_STRING, proxy_username, RW, "User name for the proxy"),
  /**
   * NiceAgent:proxy-password:
   *
   * Password for the proxy, %NULL for none.
   *
   * Since: 0.0.4
   */
  OTHER ("proxy-password", KIND_STRING, proxy_password, RW, "Password for the proxy"),
  /**
   * NiceAgent:proxy-extra-headers: (type GLib.HashTable(utf8,utf8))
   *
   * Further headers for an HTTP proxy, values by name; %NULL for none. Setting it copies
   * names and values.
   *
   * Since: 0.1.20
   */
  OTHER ("proxy-extra-headers", KIND_HEADERS, proxy_extra_headers, RW,
         "Further headers for an HTTP proxy"),
  /**
   * NiceAgent:use-system-proxy:
   *
   * Whether connections go as the system's settings have it (see
   * [iface@Gio.ProxyResolver]), while [property@Nice.Agent:proxy-type] is none. What they
   * say of `https:` to the same address holds for each connection to a TURN server and,
   * over ICE-TCP, to the peer: the first of their proxies that is HTTP or SOCKS 5 is
   * taken, or none where they say so. Where there is none of these, the connection fails.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("use-system-proxy", use_system_proxy, RW, FALSE, FALSE,
           "Whether the system's settings say which proxy is used"),
  /**
   * NiceAgent:upnp:
   *
   * Whether routers of the local network are asked by UPnP to map ports to host
   * candidates over IPv4. What they map becomes server-reflexive candidates, and is given
   * back when the stream is removed, in the background. Asking sends multicasts. Takes
   * effect on what is gathered afterwards. Reads %FALSE in a library that was built
   * without gupnp-igd.
   *
   * Since: 0.0.7
   */
  BOOLEAN ("upnp", upnp, C, TRUE, TRUE, "Whether UPnP is used"),
  /**
   * NiceAgent:upnp-timeout:
   *
   * For how many milliseconds gathering waits for routers at most, 100 to 60,000; 200
   * unless it is set. Candidates that they give later are announced all the same.
   *
   * Since: 0.0.7
   */
  UINT ("upnp-timeout", upnp_timeout, C, 100, 60000, 200, 200, "Limit for UPnP, ms"),
  /**
   * NiceAgent:reliable:
   *
   * Whether components are reliable byte streams, as of an agent made by
   * [ctor@Nice.Agent.new_reliable]; by default they carry messages.
   *
   * Since: 0.0.11
   */
  BOOLEAN ("reliable", reliable, CO, FALSE, FALSE, "Whether the agent is reliable"),
  /**
   * NiceAgent:ice-udp:
   *
   * Whether UDP is used; by default it is. It and [property@Nice.Agent:ice-tcp] cannot
   * both be %FALSE: a setting that would make them so is ignored.
   *
   * Since: 0.1.8
   */
  BOOLEAN ("ice-udp", ice_udp, RW, TRUE, TRUE, "Whether UDP is used"),
  /**
   * NiceAgent:ice-tcp:
   *
   * Whether TCP is used (RFC 6544); by default it is. Always %FALSE in dialects that have
   * no TCP.
   *
   * Since: 0.1.8
   */
  BOOLEAN ("ice-tcp", ice_tcp, RW, TRUE, TRUE, "Whether TCP is used"),
  /**
   * NiceAgent:tcp-simultaneous-open:
   *
   * Whether TCP candidates are offered beside the active and passive ones from which both
   * sides connect at once: through two NATs, each of which lets in only who was sent to,
   * no other TCP gets (RFC 6544 section 4.1). Each costs a listening socket. Heeded where
   * [property@Nice.Agent:ice-tcp] is.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("tcp-simultaneous-open", tcp_simultaneous_open, RW, FALSE, FALSE,
           "Whether both sides may connect at once"),
  /**
   * NiceAgent:bytestream-tcp:
   *
   * Whether TCP paths of a reliable agent may join and split messages; the default is
   * %FALSE. They do so in either case, as in a byte stream nobody can tell. Ignored in an
   * agent that is not reliable.
   *
   * Since: 0.1.8
   */
  BOOLEAN ("bytestream-tcp", bytestream_tcp, RW, FALSE, FALSE,
           "Whether TCP is a byte stream"),
  /**
   * NiceAgent:keepalive-conncheck:
   *
   * Whether keepalives are checks that the peer must answer, instead of indications that
   * it need not (RFC 8445 section 11); the default is %FALSE.
   *
   * Since: 0.1.8
   */
  BOOLEAN ("keepalive-conncheck", keepalive_conncheck, RW, FALSE, FALSE,
           "Whether keepalives are checks"),
  /**
   * NiceAgent:force-relay:
   *
   * Whether nothing but relayed candidates is used and shown; the default is %FALSE. No
   * packet leaves around the TURN server, and no address of this host is told to the
   * peer.
   *
   * Since: 0.1.14
   */
  BOOLEAN ("force-relay", force_relay, RW, FALSE, FALSE, "Whether all goes by relays"),
  /**
   * NiceAgent:stun-max-retransmissions:
   *
   * How often a request to a server is sent at most, Rc of RFC 8489 section 6.2.1: 1 to
   * 99, by default 3.
   *
   * Since: 0.1.15
   */
  UINT ("stun-max-retransmissions", stun_max_retransmissions, C, 1, 99, 3, 3, "Rc"),
  /**
   * NiceAgent:stun-initial-timeout:
   *
   * Milliseconds until a request to a server is sent again the first time, RTO of
   * RFC 8489 section 6.2.1: 20 to 9,999, by default 500. Each further wait is twice the
   * one before.
   *
   * Since: 0.1.15
   */
  UINT ("stun-initial-timeout", stun_initial_timeout, C, 20, 9999, 500, 500, "RTO, ms"),
  /**
   * NiceAgent:stun-reliable-timeout:
   *
   * For how many milliseconds a request over a connection waits for its answer, Ti of
   * RFC 8489 section 6.2.2: 20 to 99,999, by default 2,000.
   *
   * Since: 0.1.15
   */
  UINT ("stun-reliable-timeout", stun_reliable_timeout, C, 20, 99999, 2000, 2000,
        "Ti, ms"),
  /**
   * NiceAgent:nomination-mode: (skip)
   *
   * How pairs are nominated; aggressively unless it is set.
   *
   * Since: 0.1.15
   */
  OTHER ("nomination-mode", KIND_NOMINATION, nomination_mode, CO,
         "How pairs are nominated"),
  /**
   * NiceAgent:ice-trickle:
   *
   * Whether the peer's candidates come one by one (RFC 8838); the default is %FALSE. The
   * program then says when there are no more, with
   * [method@Nice.Agent.peer_candidate_gathering_done].
   *
   * Since: 0.1.16
   */
  BOOLEAN ("ice-trickle", ice_trickle, RW, FALSE, FALSE, "Whether candidates trickle"),
  /**
   * NiceAgent:support-renomination:
   *
   * Whether the controlling agent may change the selected pair by nominating anew; the
   * default is %FALSE. It has to be set at both ends.
   */
  BOOLEAN ("support-renomination", support_renomination, RW, FALSE, FALSE,
           "Whether pairs may be renominated"),
  /**
   * NiceAgent:idle-timeout:
   *
   * For how many milliseconds a component without a working pair waits for the peer, or
   * for further candidates, when all its checks are over; then it fails. 50 to 60,000,
   * by default 5,000.
   *
   * Since: 0.1.17
   */
  UINT ("idle-timeout", idle_timeout, C, 50, 60000, 5000, 5000, "Idle time-out, ms"),
  /**
   * NiceAgent:consent-freshness:
   *
   * Whether the peer is asked every five seconds or so whether it still wants data
   * (RFC 7675); the default is %FALSE. Without an answer for thirty seconds, or on a
   * refusal, the component fails and nothing is sent any more.
   *
   * Since: 0.1.19
   */
  BOOLEAN ("consent-freshness", consent_freshness, RW, FALSE, FALSE,
           "Whether consent is kept fresh"),
  /**
   * NiceAgent:close-forced:
   *
   * Whether closing tells TURN servers of its end without waiting for their answer, and
   * gives up bytes of a reliable agent that are still on their way; the default is
   * %FALSE.
   *
   * Since: 0.1.23
   */
  BOOLEAN ("close-forced", close_forced, CO, FALSE, FALSE, "Whether closing is forced"),
  /**
   * NiceAgent:recv-tos:
   *
   * Whether received messages come with their type of service, for
   * [method@Nice.MessageExtraData.get_tos]. Needs GLib 2.88: with an older one setting it
   * is a critical message, and it stays %FALSE.
   *
   * Since: 0.1.24
   */
  BOOLEAN ("recv-tos", recv_tos, CO, FALSE, FALSE, "Whether TOS is received"),
  /**
   * NiceAgent:tls-trust-file:
   *
   * A PEM file of the authorities that certificates of servers are checked against;
   * %NULL for the system's. Takes effect on connections made afterwards.
   *
   * Since: icecold 1.0
   */
  OTHER ("tls-trust-file", KIND_STRING, tls_trust_file, RW, "File of authorities"),
  /**
   * NiceAgent:tls-validation-flags:
   *
   * Which faults of a server's certificate end the connection; by default all. A fault
   * whose flag is missing is ignored. Without %G_TLS_CERTIFICATE_UNKNOWN_CA or
   * %G_TLS_CERTIFICATE_BAD_IDENTITY anyone on the way can pose as the server, read the
   * credentials' proof and all that is relayed: for tests only.
   *
   * Since: icecold 1.0
   */
  OTHER ("tls-validation-flags", KIND_CHECKS, tls_validation_flags, RW,
         "Checks of certificates"),
  /**
   * NiceAgent:udp-mux:
   *
   * The [class@Nice.UdpMux] whose sockets the host candidates of the agent share with
   * those of other agents; %NULL for sockets of its own. Local user name fragments that
   * the agent makes have eight characters then instead of four.
   *
   * Since: icecold 1.0
   */
  OTHER ("udp-mux", KIND_MUX, udp_mux, CO, "Shared UDP sockets"),
  /**
   * NiceAgent:send-coalescing-time:
   *
   * For how many microseconds a message may wait for others of its component to leave
   * with them; -1: until the end of this turn of the agent's main context; 0: not at
   * all. For programs that send one message a call: many at once cost a fraction.
   *
   * A message is copied, and the call returns that it was taken. Messages leave in order,
   * at once when 64 of them or 60,000 bytes have come together, and at the latest when
   * the stream is removed; main loops count in milliseconds. When 256 wait, because the
   * socket is full, the call says %G_IO_ERROR_WOULD_BLOCK. A message that turns out not
   * to be sendable is lost, and the next call fails with %G_IO_ERROR_FAILED. Not used in
   * reliable agents.
   *
   * Since: icecold 1.0
   */
  OTHER ("send-coalescing-time", KIND_WAIT, send_coalescing_time, RW,
         "How long messages wait for others, us"),
  /**
   * NiceAgent:mapped-addresses:
   *
   * What addresses of this host are known as behind a NAT that maps them one to one,
   * ports included, as clouds do: an array of `PUBLIC` or `PUBLIC/PRIVATE`, addresses in
   * figures. Without the second the first stands for all addresses of its family; the
   * first entry that fits an address counts. %NULL, the default, for none.
   *
   * For each host candidate that one fits a server-reflexive candidate is added, without
   * a STUN server being asked; see [property@Nice.Agent:mapped-addresses-only]. Takes
   * effect on what is gathered afterwards.
   *
   * Since: icecold 1.0
   */
  OTHER ("mapped-addresses", KIND_MAPPINGS, mapped_addresses, RW,
         "Addresses that a NAT has for ours"),
  /**
   * NiceAgent:mapped-addresses-only:
   *
   * Whether host candidates show what [property@Nice.Agent:mapped-addresses] says in
   * place of their own address, which the peer then is not told. Peers in the same
   * network reach this host only if the NAT lets them come back through it.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("mapped-addresses-only", mapped_addresses_only, RW, FALSE, FALSE,
           "Whether mapped addresses are shown alone"),
  /**
   * NiceAgent:relay-dual-stack:
   *
   * Whether each TURN server is asked for an IPv4 and an IPv6 relay (RFC 8656 section
   * 7.1), from one local address and whichever family the server itself is reached by.
   * Peers of either family can then be reached, though this host has but one. Otherwise
   * a relay is of the family of the local address.
   *
   * It costs a second allocation; a server that has one family only refuses the other,
   * which delays nothing. Takes effect on what is gathered afterwards.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("relay-dual-stack", relay_dual_stack, RW, FALSE, FALSE,
           "Whether relays of both families are asked for"),
  /**
   * NiceAgent:relay-tcp:
   *
   * Whether TURN servers that are reached over TCP or TLS are also asked to relay TCP
   * (RFC 6062): each such allocation gives an active and a passive TCP candidate, and
   * each connection to a peer takes one to the server, through the proxy where there is
   * one. Without [property@Nice.Agent:ice-tcp] it has no effect. Takes effect on what is
   * gathered afterwards.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("relay-tcp", relay_tcp, RW, FALSE, FALSE, "Whether TCP is relayed"),
  /**
   * NiceAgent:data-before-nomination:
   *
   * Whether data may be sent on the best valid pair until one is selected (RFC 8445
   * section 12.1), as soon as [method@Nice.Agent.send] does not return -1: no signal
   * tells. The peer may drop what comes before its own check of that pair is answered.
   * Without effect on a reliable agent.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("data-before-nomination", data_before_nomination, C, FALSE, FALSE,
           "Whether data need not wait for a selected pair"),
  /**
   * NiceAgent:free-candidates:
   *
   * Whether a stream lets go of what it does not use three seconds after all its
   * components are ready (RFC 8445 section 8.3): sockets and connections are closed,
   * allocations released at their TURN servers, and the local candidates that were theirs
   * are listed no more. What the selected pairs use stays. A call takes one port and at
   * most one allocation then; but where its path is lost no other is left to go on with,
   * and the stream has to be restarted.
   *
   * A restart gathers anew what was freed, with [signal@Nice.Agent::new-candidate] and,
   * in any case, [signal@Nice.Agent::candidate-gathering-done]; who trickles tells the
   * peer of the end of candidates no sooner. Without effect where
   * [property@Nice.Agent:support-renomination] is set.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("free-candidates", free_candidates, C, FALSE, FALSE,
           "Whether candidates that are not used are freed"),
  /**
   * NiceAgent:hide-host-addresses:
   *
   * Whether descriptions tell a name like `1f4712db-ea17-4bcf-a596-105139dfd8bf.local`
   * in place of each address of this host, as browsers do: peers on the same network find
   * it by mDNS, for which Avahi is asked on the system's bus. The program itself sees the
   * addresses, in candidates and statistics.
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("hide-host-addresses", hide_host_addresses, C, FALSE, FALSE,
           "Whether descriptions tell names of mDNS for this host's addresses"),
  /**
   * NiceAgent:gather-continually:
   *
   * Whether streams that are gathered go on to gather on addresses that the host gets
   * afterwards, each time as [method@Nice.Agent.gather_candidates] does: with
   * [signal@Nice.Agent::new-candidate] and [signal@Nice.Agent::candidate-gathering-done].
   * See [changes of the network](overview.html#when-the-network-changes).
   *
   * Since: icecold 1.0
   */
  BOOLEAN ("gather-continually", gather_continually, C, FALSE, FALSE,
           "Whether addresses that come later are gathered on"),
};

void
nice_agent_settings_init (NiceAgentSettings *settings)
{
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    if (properties[i].kind == KIND_BOOLEAN || properties[i].kind == KIND_UINT)
      G_STRUCT_MEMBER (guint, settings, properties[i].offset) = properties[i].initial;
  settings->nomination_mode = NICE_NOMINATION_MODE_AGGRESSIVE;
  settings->tls_validation_flags = G_TLS_CERTIFICATE_VALIDATE_ALL;
}

void
nice_agent_settings_clear (NiceAgentSettings *settings)
{
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    if (properties[i].kind == KIND_STRING)
      g_free (G_STRUCT_MEMBER (gchar *, settings, properties[i].offset));
  g_clear_pointer (&settings->proxy_extra_headers, g_hash_table_unref);
  g_clear_pointer (&settings->main_context, g_main_context_unref);
  g_clear_object (&settings->udp_mux);
  g_strfreev (settings->mapped_addresses);
  g_clear_pointer (&settings->mappings, g_array_unref);
}

/* --- Reading --- */

static gboolean
read_boolean (const NiceAgent *self, const Property *property)
{
  gboolean value = G_STRUCT_MEMBER (gboolean, &self->settings, property->offset);

  switch (property->offset)
    {
#ifndef HAVE_GUPNP_IGD
    case AT (upnp):
      return FALSE;
#endif
    case AT (ice_tcp):
      return value && nice_agent_settings_allow_tcp (&self->settings);
    case AT (bytestream_tcp):
      return value
             || (self->settings.reliable
                 && nice_agent_settings_are_bytestream (&self->settings));
    case AT (keepalive_conncheck):
      return value || nice_agent_settings_are_bytestream (&self->settings);
    default: /* every other one reads as it was set */
      return value;
    }
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  NiceAgent *self = NICE_AGENT (object);
  const Property *property = &properties[id - 1];
  gpointer field = G_STRUCT_MEMBER_P (&self->settings, property->offset);
  gint64 now;

  nice_agent_enter (self, &now);
  switch (property->kind)
    {
    case KIND_BOOLEAN:
      g_value_set_boolean (value, read_boolean (self, property));
      break;
    case KIND_UINT:
      g_value_set_uint (value, *(guint *)field);
      break;
    case KIND_STRING:
      g_value_set_string (value, *(gchar **)field);
      break;
    case KIND_CONTEXT:
      g_value_set_pointer (value, *(gpointer *)field);
      break;
    case KIND_HEADERS:
      g_value_set_boxed (value, *(gpointer *)field);
      break;
    case KIND_NOMINATION:
      g_value_set_enum (value, *(gint *)field);
      break;
    case KIND_MAPPINGS:
      g_value_set_boxed (value, *(gchar ***)field);
      break;
    case KIND_CHECKS:
      g_value_set_flags (value, *(GTlsCertificateFlags *)field);
      break;
    case KIND_MUX:
      g_value_set_object (value, *(gpointer *)field);
      break;
    case KIND_WAIT:
      g_value_set_int (value, *(gint *)field);
      break;
    }
  nice_agent_leave (self);
}

/* --- Setting --- */

/* GIPTosMessage, which carries the value, is as old as GLib 2.88. */
static gboolean
can_receive_tos (void)
{
#if GLIB_CHECK_VERSION(2, 88, 0)
  return TRUE;
#else
  g_critical ("recv-tos needs GLib 2.88 or later");
  return FALSE;
#endif
}

static gboolean
may_set_boolean (const NiceAgentSettings *settings, const Property *property,
                 gboolean value)
{
  switch (property->offset)
    {
    case AT (ice_udp):
      return value || settings->ice_tcp;
    case AT (ice_tcp):
      return (value || settings->ice_udp) && nice_agent_settings_allow_tcp (settings);
    case AT (bytestream_tcp):
      return settings->reliable && !nice_agent_settings_are_bytestream (settings);
    case AT (recv_tos):
      return value ? can_receive_tos () : TRUE;
    default:
      return TRUE;
    }
}

static GHashTable *
copy_headers (GHashTable *headers)
{
  GHashTable *copy;
  GHashTableIter iter;
  gpointer name, content;

  if (headers == NULL)
    return NULL;
  copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_iter_init (&iter, headers);
  while (g_hash_table_iter_next (&iter, &name, &content))
    g_hash_table_insert (copy, g_strdup (name), g_strdup (content));
  return copy;
}

static void
set_headers (GHashTable **headers, GHashTable *to)
{
  g_clear_pointer (headers, g_hash_table_unref);
  *headers = copy_headers (to);
}

static void
write_field (NiceAgent *self, const Property *property, const GValue *value)
{
  gpointer field = G_STRUCT_MEMBER_P (&self->settings, property->offset);

  switch (property->kind)
    {
    case KIND_BOOLEAN:
      if (may_set_boolean (&self->settings, property, g_value_get_boolean (value)))
        *(gboolean *)field = g_value_get_boolean (value);
      break;
    case KIND_UINT:
      *(guint *)field = g_value_get_uint (value);
      break;
    case KIND_STRING:
      g_free (*(gchar **)field);
      *(gchar **)field = g_value_dup_string (value);
      break;
    case KIND_CONTEXT:
      if (g_value_get_pointer (value) != NULL)
        *(gpointer *)field = g_main_context_ref (g_value_get_pointer (value));
      break;
    case KIND_HEADERS:
      set_headers (field, g_value_get_boxed (value));
      break;
    case KIND_NOMINATION:
      *(gint *)field = g_value_get_enum (value);
      break;
    case KIND_MAPPINGS:
      nice_agent_settings_set_mappings (&self->settings, g_value_get_boxed (value));
      break;
    case KIND_CHECKS:
      *(GTlsCertificateFlags *)field = g_value_get_flags (value);
      break;
    case KIND_MUX:
      *(gpointer *)field = g_value_dup_object (value);
      break;
    case KIND_WAIT:
      *(gint *)field = g_value_get_int (value);
      break;
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  NiceAgent *self = NICE_AGENT (object);
  gint64 now;
  IceEngine *engine;

  if (self->driver == NULL) /* under construction */
    {
      write_field (self, &properties[id - 1], value);
      return;
    }
  engine = nice_agent_enter (self, &now);
  write_field (self, &properties[id - 1], value);
  nice_agent_update_config (self, engine, now);
  nice_agent_leave (self);
}

/* --- Installing --- */

static GParamSpec *
make_pspec (const Property *p)
{
  GParamFlags flags = p->flags | G_PARAM_STATIC_STRINGS;

  switch (p->kind)
    {
    case KIND_BOOLEAN:
      return g_param_spec_boolean (p->name, NULL, p->blurb, p->standard != 0, flags);
    case KIND_UINT:
      return g_param_spec_uint (p->name, NULL, p->blurb, p->minimum, p->maximum,
                                p->standard, flags);
    case KIND_STRING:
      return g_param_spec_string (p->name, NULL, p->blurb, NULL, flags);
    case KIND_CONTEXT:
      return g_param_spec_pointer (p->name, NULL, p->blurb, flags);
    case KIND_HEADERS:
      return g_param_spec_boxed (p->name, NULL, p->blurb, G_TYPE_HASH_TABLE, flags);
    case KIND_NOMINATION:
      return g_param_spec_enum (p->name, NULL, p->blurb, NICE_TYPE_NOMINATION_MODE,
                                NICE_NOMINATION_MODE_AGGRESSIVE, flags);
    case KIND_MAPPINGS:
      return g_param_spec_boxed (p->name, NULL, p->blurb, G_TYPE_STRV, flags);
    case KIND_CHECKS:
      return g_param_spec_flags (p->name, NULL, p->blurb, G_TYPE_TLS_CERTIFICATE_FLAGS,
                                 G_TLS_CERTIFICATE_VALIDATE_ALL, flags);
    case KIND_MUX:
      return g_param_spec_object (p->name, NULL, p->blurb, NICE_TYPE_UDP_MUX, flags);
    case KIND_WAIT:
      return g_param_spec_int (p->name, NULL, p->blurb, -1, 1000000, 0, flags);
    }
  g_assert_not_reached ();
}

void
nice_agent_install_properties (GObjectClass *klass)
{
  klass->get_property = get_property;
  klass->set_property = set_property;
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    g_object_class_install_property (klass, i + 1, make_pspec (&properties[i]));
}
