/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TURN servers of components (RFC 8656): adding, forgetting, and by which roads they are
 * reached. Allocations are the driver's, what becomes of them the engine's. */
#include "config.h"

#include "agent-core.h"
#include "ice/dialect.h"

#include <glib/gi18n-lib.h>
#include "turn/uri.h"

static IceServerKind
server_kind (NiceRelayType type)
{
  switch (type)
    {
    case NICE_RELAY_TYPE_TURN_UDP:
      return ICE_SERVER_TURN_UDP;
    case NICE_RELAY_TYPE_TURN_TCP:
      return ICE_SERVER_TURN_TCP;
    case NICE_RELAY_TYPE_TURN_TLS:
      return ICE_SERVER_TURN_TLS;
    }
  g_assert_not_reached ();
}

void
nice_agent_fill_roads (const NiceAgent *self, NiceRoads *roads)
{
  const NiceAgentSettings *settings = &self->settings;

  *roads = (NiceRoads) { .tunnel = settings->proxy_type,
                         .asks_system = settings->use_system_proxy
                                        && settings->proxy_type == NICE_PROXY_TYPE_NONE,
                         .proxy_port = (guint16)settings->proxy_port,
                         .proxy_username = settings->proxy_username,
                         .proxy_password = settings->proxy_password,
                         .proxy_headers = settings->proxy_extra_headers,
                         .trust_file = settings->tls_trust_file,
                         .validate = settings->tls_validation_flags,
                         .initial_timeout = settings->stun_initial_timeout * ICE_MS,
                         .max_retransmissions = settings->stun_max_retransmissions,
                         .reliable_timeout = settings->stun_reliable_timeout * ICE_MS,
                         .leaves_at_once = settings->close_forced };
  nice_address_init (&roads->proxy);
  if (settings->proxy_ip == NULL || *settings->proxy_ip == '\0')
    roads->tunnel = NICE_PROXY_TYPE_NONE;
  else if (nice_address_set_from_string (&roads->proxy, settings->proxy_ip))
    nice_address_set_port (&roads->proxy, (guint16)settings->proxy_port);
  else
    roads->proxy_name = settings->proxy_ip;
}

/**
 * nice_agent_set_relay_info:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @server_ip: name or address of the TURN server
 * @server_port: its port, 1 to 65535
 * @username: user name of the long-term credential
 * @password: its password
 * @type: how the server is reached
 *
 * Adds a TURN server to a component. Before [method@Nice.Agent.gather_candidates] it
 * takes part in gathering; afterwards the server is asked at once, and
 * [signal@Nice.Agent::candidate-gathering-done] is emitted again. A name is looked up,
 * and every address that it has is tried.
 *
 * With %NICE_RELAY_TYPE_TURN_TLS the server must show a certificate for @server_ip that
 * [property@Nice.Agent:tls-trust-file] trusts, or the system where that is not set.
 *
 * Returns: %TRUE if added; %FALSE if there is no such component or it has
 *   %NICE_CANDIDATE_MAX_TURN_SERVERS already
 */
gboolean
nice_agent_set_relay_info (NiceAgent *agent, guint stream_id, guint component_id,
                           const gchar *server_ip, guint server_port,
                           const gchar *username, const gchar *password,
                           NiceRelayType type)
{
  gint64 now;
  IceEngine *engine;
  IceServer server;
  gboolean known, full_mode, added = FALSE;

  nice_check_component (agent, stream_id, component_id, FALSE);
  g_return_val_if_fail (server_ip != NULL, FALSE);
  g_return_val_if_fail (server_port > 0 && server_port <= G_MAXUINT16, FALSE);
  g_return_val_if_fail (username != NULL, FALSE);
  g_return_val_if_fail (password != NULL, FALSE);
  g_return_val_if_fail (type <= NICE_RELAY_TYPE_TURN_TLS, FALSE);

  if (!ice_dialect_get (agent->settings.compatibility)->has_relays)
    g_warning ("How relays are spoken to in this dialect is not known: %s is by RFC 8656",
               server_ip);
  server = (IceServer) { server_kind (type), server_ip, (guint16)server_port, username,
                         password };
  engine = nice_agent_enter (agent, &now);
  full_mode = agent->settings.full_mode;
  known = nice_agent_find_component (agent, stream_id, component_id) != NULL;
  if (known && full_mode)
    added = ice_engine_add_server (engine, stream_id, component_id, &server, now) != 0;
  nice_agent_leave (agent);
  if (known && full_mode && !added)
    g_warning ("Component %u of stream %u has %d TURN servers already, %s is not used",
               component_id, stream_id, NICE_CANDIDATE_MAX_TURN_SERVERS, server_ip);
  return known && (added || !full_mode);
}

/* STUN or TURN, with or without TLS; the URI decides the rest (RFC 5928). */
static IceServerKind
find_server_kind (const TurnUri *uri)
{
  if (uri->is_turn)
    return uri->is_secure ? ICE_SERVER_TURN_TLS : ICE_SERVER_TURN_UDP;
  return uri->is_secure ? ICE_SERVER_STUN_TLS : ICE_SERVER_STUN_UDP;
}

static const gchar *
explain_uri (TurnUriResult result)
{
  switch (result)
    {
    case TURN_URI_BAD_SCHEME:
      return _ ("it begins with none of stun:, stuns:, turn: and turns:");
    case TURN_URI_BAD_HOST:
      return _ ("its host is neither a name nor an address");
    case TURN_URI_BAD_PORT:
      return _ ("its port is not a number from 1 to 65535");
    case TURN_URI_BAD_QUERY:
      return _ ("turn: and turns: may end in ?transport=udp or ?transport=tcp, stun: and "
                "stuns: in nothing of the kind");
    case TURN_URI_OK:
      break;
    }
  g_assert_not_reached ();
}

static gboolean
read_server_uri (const gchar *text, TurnUri *uri, GError **error)
{
  const TurnUriResult result = turn_uri_parse (uri, text);
  g_autofree gchar *quoted = nice_agent_quote (text);

  if (result != TURN_URI_OK)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("“%s” is no URI of a STUN or TURN server: %s"), quoted,
                 explain_uri (result));
  else if (uri->is_secure && uri->is_literal) /* RFC 7350 4.1.1 */
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("“%s” has an address where a certificate needs a name"), quoted);
  else if (uri->transport == TURN_URI_UNKNOWN
           || (uri->transport == TURN_URI_DTLS && !uri->is_secure))
    g_set_error (
        error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
        _ ("“%s” asks for a transport other than udp, tcp and, with turns:, dtls"),
        quoted);
  else
    return TRUE;
  return FALSE;
}

/**
 * nice_agent_add_server:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 * @uri: a `stun:`, `stuns:`, `turn:` or `turns:` URI (RFC 7064, RFC 7065)
 * @username: (nullable): user name of the long-term credential, %NULL for STUN
 * @password: (nullable): its password, %NULL for STUN
 * @error: return location for an error
 *
 * Adds a server to a component, as [method@Nice.Agent.set_relay_info] does.
 *
 * A STUN server is asked over UDP for candidates of UDP, and over TCP for those of TCP;
 * with `stuns:` that is DTLS and TLS. A TURN server is asked over the `transport` of the
 * URI; without one `turn:` is UDP, then TCP, and `turns:` TLS, then DTLS. `turns:` with
 * `transport=udp` or `transport=dtls` is DTLS (RFC 7350).
 *
 * A name without a port is looked up as SRV and, without a transport, NAPTR records first
 * (RFC 5928, RFC 8489 section 8.1); the port is 3478, with TLS or DTLS 5349, where they
 * say nothing. All that is found is tried, the next one 250 ms after the last unless it
 * has answered, and the first to give a candidate ends that (RFC 8305).
 *
 * A `turns:` or `stuns:` server must show a certificate for the host of @uri, whatever
 * name it was found by; see [property@Nice.Agent:tls-trust-file]. There is no fallback to
 * a transport in the clear.
 *
 * Returns: %TRUE if added. %FALSE with %G_IO_ERROR_INVALID_ARGUMENT: @uri is broken, or
 *   credentials are missing; %G_IO_ERROR_NOT_SUPPORTED: it asks for something that is not
 *   there; %G_IO_ERROR_NOT_FOUND: there is no such component; %G_IO_ERROR_NO_SPACE: it
 *   has %NICE_CANDIDATE_MAX_TURN_SERVERS already
 *
 * Since: icecold 1.0
 */
gboolean
nice_agent_add_server (NiceAgent *agent, guint stream_id, guint component_id,
                       const gchar *uri, const gchar *username, const gchar *password,
                       GError **error)
{
  IceServer server = { .username = username, .password = password };
  gboolean known, added = FALSE;
  IceEngine *engine;
  TurnUri parsed;
  gint64 now;

  nice_check_component (agent, stream_id, component_id, FALSE);
  g_return_val_if_fail (uri != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!read_server_uri (uri, &parsed, error))
    return FALSE;
  if (parsed.is_turn && (username == NULL || password == NULL))
    {
      g_autofree gchar *quoted = nice_agent_quote (uri);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("“%s” needs a user name and a password"), quoted);
      return FALSE;
    }
  server.kind = find_server_kind (&parsed);
  server.host = parsed.host;
  server.port = turn_uri_get_port (&parsed);
  server.uri = uri;
  engine = nice_agent_enter (agent, &now);
  known = nice_agent_find_component (agent, stream_id, component_id) != NULL;
  if (known)
    added = ice_engine_add_server (engine, stream_id, component_id, &server, now) != 0;
  nice_agent_leave (agent);
  if (!known)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _ ("There is no component %u in stream %u"), component_id, stream_id);
  else if (!added)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 _ ("Component %u of stream %u has %d TURN servers already"),
                 component_id, stream_id, NICE_CANDIDATE_MAX_TURN_SERVERS);
  return added;
}

/**
 * nice_agent_forget_relays:
 * @agent: an agent
 * @stream_id: a stream
 * @component_id: a component
 *
 * Forgets the TURN servers of a component and the relayed candidates they gave. If the
 * selected pair uses one, it is kept until another pair is selected. New servers can be
 * added afterwards.
 *
 * Returns: %TRUE; %FALSE if there is no such component
 *
 * Since: 0.1.6
 */
gboolean
nice_agent_forget_relays (NiceAgent *agent, guint stream_id, guint component_id)
{
  gint64 now;
  IceEngine *engine;
  gboolean done;

  nice_check_component (agent, stream_id, component_id, FALSE);

  engine = nice_agent_enter (agent, &now);
  done = nice_agent_find_component (agent, stream_id, component_id) != NULL
         && ice_engine_forget_relays (engine, stream_id, component_id, now);
  nice_agent_leave (agent);
  return done;
}
