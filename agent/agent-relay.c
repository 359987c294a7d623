/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TURN servers of components (RFC 8656): adding and forgetting. Allocations are the
 * driver's, what becomes of them the engine's. */
#include "config.h"

#include "agent-core.h"

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
 * the system trusts.
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
  done = ice_engine_forget_relays (engine, stream_id, component_id, now);
  nice_agent_leave (agent);
  return done;
}
