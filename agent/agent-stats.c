/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics of an agent in the words of W3C webrtc-stats: candidates, pairs and the
 * transport of each component. It reads the engine and decides nothing. */
#include "config.h"

#include "agent-core.h"

#define SECOND 1e6

typedef struct
{
  GVariantBuilder stats;
  guint stream_id, component_id;
  const gchar *transport_id;
} Report;

static const gchar *
candidate_type_name (IceCandidateType type)
{
  switch (type)
    {
    case ICE_CANDIDATE_HOST:
      return "host";
    case ICE_CANDIDATE_SERVER_REFLEXIVE:
      return "srflx";
    case ICE_CANDIDATE_PEER_REFLEXIVE:
      return "prflx";
    case ICE_CANDIDATE_RELAYED:
      return "relay";
    }
  g_assert_not_reached ();
}

/* NULL: not TCP. */
static const gchar *
tcp_type_name (IceTransport transport)
{
  switch (transport)
    {
    case ICE_TRANSPORT_UDP:
      return NULL;
    case ICE_TRANSPORT_TCP_ACTIVE:
      return "active";
    case ICE_TRANSPORT_TCP_PASSIVE:
      return "passive";
    case ICE_TRANSPORT_TCP_SO:
      return "so";
    }
  g_assert_not_reached ();
}

static const gchar *
pair_state_name (IcePairState state)
{
  switch (state)
    {
    case ICE_PAIR_FROZEN:
      return "frozen";
    case ICE_PAIR_WAITING:
      return "waiting";
    case ICE_PAIR_IN_PROGRESS:
      return "in-progress";
    case ICE_PAIR_SUCCEEDED:
      return "succeeded";
    case ICE_PAIR_FAILED:
      return "failed";
    }
  g_assert_not_reached ();
}

static const gchar *
transport_state_name (IceComponentState state)
{
  switch (state)
    {
    case ICE_COMPONENT_DISCONNECTED:
    case ICE_COMPONENT_GATHERING:
      return "new";
    case ICE_COMPONENT_CONNECTING:
      return "checking";
    case ICE_COMPONENT_CONNECTED:
      return "connected";
    case ICE_COMPONENT_READY:
      return "completed";
    case ICE_COMPONENT_FAILED:
      return "failed";
    }
  g_assert_not_reached ();
}

static void
add_text (GVariantDict *dict, const gchar *key, const gchar *text)
{
  if (text != NULL)
    g_variant_dict_insert (dict, key, "s", text);
}

static void
add_address (GVariantDict *dict, const gchar *address_key, const gchar *port_key,
             const NiceAddress *address)
{
  g_autofree gchar *text = NULL;

  if (!nice_address_is_valid (address))
    return;
  text = nice_address_dup_string (address);
  add_text (dict, address_key, text);
  g_variant_dict_insert (dict, port_key, "u", nice_address_get_port (address));
}

static void
add_report (Report *self, const gchar *id, GVariantDict *dict)
{
  g_variant_builder_add (&self->stats, "{sv}", id, g_variant_dict_end (dict));
}

static gchar *
candidate_id (const gchar *side, const IceCandidate *candidate)
{
  return g_strdup_printf ("%s%u", side, candidate->id);
}

static void
report_candidates (Report *self, const GArray *candidates, const gchar *side,
                   const gchar *type)
{
  for (guint i = 0; i < candidates->len; i++)
    {
      const IceCandidate *candidate = &g_array_index (candidates, IceCandidate, i);
      g_autofree gchar *id = candidate_id (side, candidate);
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      add_text (&dict, "type", type);
      add_text (&dict, "transportId", self->transport_id);
      add_address (&dict, "address", "port", &candidate->addr);
      if (candidate->type != ICE_CANDIDATE_HOST)
        add_address (&dict, "relatedAddress", "relatedPort", &candidate->base_addr);
      add_text (&dict, "protocol",
                candidate->transport == ICE_TRANSPORT_UDP ? "udp" : "tcp");
      add_text (&dict, "tcpType", tcp_type_name (candidate->transport));
      add_text (&dict, "candidateType", candidate_type_name (candidate->type));
      add_text (&dict, "foundation", candidate->foundation);
      g_variant_dict_insert (&dict, "priority", "u", candidate->priority);
      add_report (self, id, &dict);
    }
}

static gchar *
pair_id (const IcePairInfo *pair)
{
  return g_strdup_printf ("P%u-%u", pair->local.id, pair->remote.id);
}

static void
report_pair (Report *self, const IcePairInfo *pair)
{
  g_autofree gchar *id = pair_id (pair);
  g_autofree gchar *local = candidate_id ("L", &pair->local);
  g_autofree gchar *remote = candidate_id ("R", &pair->remote);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "type", "candidate-pair");
  add_text (&dict, "transportId", self->transport_id);
  add_text (&dict, "localCandidateId", local);
  add_text (&dict, "remoteCandidateId", remote);
  add_text (&dict, "state", pair_state_name (pair->state));
  g_variant_dict_insert (&dict, "priority", "t", pair->priority);
  g_variant_dict_insert (&dict, "nominated", "b", pair->nominated);
  g_variant_dict_insert (&dict, "selected", "b", pair->selected);
  g_variant_dict_insert (&dict, "writable", "b", pair->valid);
  g_variant_dict_insert (&dict, "readable", "b", pair->responses_sent > 0);
  g_variant_dict_insert (&dict, "requestsSent", "t", pair->requests_sent);
  g_variant_dict_insert (&dict, "requestsReceived", "t", pair->requests_received);
  g_variant_dict_insert (&dict, "responsesSent", "t", pair->responses_sent);
  g_variant_dict_insert (&dict, "responsesReceived", "t", pair->responses_received);
  if (pair->responses_received > 0)
    {
      g_variant_dict_insert (&dict, "currentRoundTripTime", "d", pair->rtt / SECOND);
      g_variant_dict_insert (&dict, "totalRoundTripTime", "d", pair->total_rtt / SECOND);
    }
  if (pair->last_error_code != 0)
    g_variant_dict_insert (&dict, "errorCode", "u", pair->last_error_code);
  add_report (self, id, &dict);
}

static void
report_transport (Report *self, const IceEngine *engine, const GArray *pairs)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "type", "transport");
  g_variant_dict_insert (&dict, "streamId", "u", self->stream_id);
  g_variant_dict_insert (&dict, "componentId", "u", self->component_id);
  add_text (&dict, "iceRole",
            ice_engine_is_controlling (engine) ? "controlling" : "controlled");
  add_text (&dict, "iceState",
            transport_state_name (ice_engine_get_component_state (engine, self->stream_id,
                                                                  self->component_id)));
  for (guint i = 0; i < pairs->len; i++)
    {
      const IcePairInfo *pair = &g_array_index (pairs, IcePairInfo, i);
      g_autofree gchar *id = pair_id (pair);

      if (pair->selected)
        add_text (&dict, "selectedCandidatePairId", id);
    }
  add_report (self, self->transport_id, &dict);
}

static void
report_component (Report *self, const IceEngine *engine)
{
  g_autoptr (GArray) locals = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  g_autoptr (GArray) remotes = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  g_autofree gchar *transport_id =
      g_strdup_printf ("T%u-%u", self->stream_id, self->component_id);

  self->transport_id = transport_id;
  ice_engine_get_local_candidates (engine, self->stream_id, self->component_id, locals);
  ice_engine_get_remote_candidates (engine, self->stream_id, self->component_id, remotes);
  ice_engine_get_pairs (engine, self->stream_id, self->component_id, pairs);
  report_candidates (self, locals, "L", "local-candidate");
  report_candidates (self, remotes, "R", "remote-candidate");
  for (guint i = 0; i < pairs->len; i++)
    report_pair (self, &g_array_index (pairs, IcePairInfo, i));
  report_transport (self, engine, pairs);
}

static const gchar *
server_transport_name (IceServerKind kind)
{
  switch (kind)
    {
    case ICE_SERVER_STUN_UDP:
    case ICE_SERVER_TURN_UDP:
      return "udp";
    case ICE_SERVER_STUN_TCP:
    case ICE_SERVER_TURN_TCP:
      return "tcp";
    case ICE_SERVER_STUN_TLS:
    case ICE_SERVER_TURN_TLS:
      return "tls";
    case ICE_SERVER_STUN_DTLS:
    case ICE_SERVER_TURN_DTLS:
      return "dtls";
    }
  g_assert_not_reached ();
}

static void
report_server (Report *self, const IceServerInfo *info)
{
  g_autofree gchar *id = g_strdup_printf ("S%u", info->id);
  g_autofree gchar *origin = g_strdup_printf ("S%u", info->origin);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "type", "ice-server");
  add_text (&dict, "host", info->value.host);
  g_variant_dict_insert (&dict, "port", "u", info->value.port);
  add_text (&dict, "relayProtocol", server_transport_name (info->value.kind));
  if (info->origin != 0)
    add_text (&dict, "redirectedFromId", origin);
  if (info->last_error != ICE_REASON_NONE)
    add_text (&dict, "errorText",
              info->last_detail != NULL ? info->last_detail
                                        : nice_agent_get_reason_text (info->last_error));
  if (info->last_code != 0)
    g_variant_dict_insert (&dict, "errorCode", "u", info->last_code);
  add_report (self, id, &dict);
}

static void
report_servers (Report *self, const IceEngine *engine)
{
  g_autoptr (GArray) servers = g_array_new (FALSE, FALSE, sizeof (IceServerInfo));

  ice_engine_get_servers (engine, servers);
  for (guint i = 0; i < servers->len; i++)
    report_server (self, &g_array_index (servers, IceServerInfo, i));
}

/**
 * nice_agent_get_stats:
 * @agent: an agent
 *
 * Tells what the agent has and does, in the words of
 * [W3C webrtc-stats](https://www.w3.org/TR/webrtc-stats/): a dictionary `a{sv}` from
 * identifiers to dictionaries `a{sv}`, each with a string `type`:
 *
 * - `local-candidate`, `remote-candidate`: `transportId`, `address`, `port`,
 *   `relatedAddress`, `relatedPort`, `protocol`, `tcpType`, `candidateType`,
 *   `foundation`, `priority`
 * - `candidate-pair`: `transportId`, `localCandidateId`, `remoteCandidateId`, `state`,
 *   `priority` (`t`), `nominated`, `selected`, `readable`, `writable`, `requestsSent`,
 *   `requestsReceived`, `responsesSent`, `responsesReceived` (`t`),
 *   `currentRoundTripTime`, `totalRoundTripTime` (`d`, in seconds), `errorCode` of the
 *   last error response to a check
 * - `transport`, one for each component: `streamId`, `componentId`, `iceRole`,
 *   `iceState`, `selectedCandidatePairId`
 * - `ice-server`, one for each STUN and TURN server, and for each that one of them sent
 *   us to: `host`, `port`, `relayProtocol` (`udp`, `tcp`, `tls` or `dtls`),
 *   `redirectedFromId`, and, if the last thing that it was asked for failed, `errorText`
 *   and `errorCode` (the STUN error code that it gave)
 *
 * What is not known is left out. Later releases add to it.
 *
 * Returns: (transfer full): the statistics
 *
 * Since: icecold 1.0
 */
GVariant *
nice_agent_get_stats (NiceAgent *agent)
{
  Report report = { 0 };
  IceEngine *engine;
  gint64 now;

  g_return_val_if_fail (NICE_IS_AGENT (agent), NULL);

  g_variant_builder_init (&report.stats, G_VARIANT_TYPE_VARDICT);
  engine = nice_agent_enter (agent, &now);
  for (guint i = 0; i < agent->streams->len; i++)
    {
      const NiceAgentStream *stream = g_ptr_array_index (agent->streams, i);

      report.stream_id = stream->id;
      for (guint c = 1; c <= stream->n_components; c++)
        {
          report.component_id = c;
          report_component (&report, engine);
        }
    }
  report_servers (&report, engine);
  nice_agent_leave (agent);
  return g_variant_ref_sink (g_variant_builder_end (&report.stats));
}
