/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics of an agent in the words of W3C webrtc-stats: candidates, pairs and the
 * transport of each component. It reads the engine and decides nothing. */
#include "config.h"

#include "agent-core.h"
#include "reason.h"
#include "stats-json.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SECOND 1e6
#define MILLISECOND 1e3

typedef struct
{
  GVariantBuilder stats;
  NiceDriver *driver;
  GArray *servers;  /* of IceServerInfo */
  gint64 now, wall; /* of one moment: the engine's clock, and since 1970 */
  const NiceAgentComponent *component;
  guint stream_id, component_id;
  const gchar *transport_id;
  const gchar *local_ufrag;
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

/* What the peer wrote may be anything. */
static void
add_text (GVariantDict *dict, const gchar *key, const gchar *text)
{
  g_autofree gchar *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (valid != NULL)
    g_variant_dict_insert (dict, key, "s", valid);
}

/* A DOMHighResTimeStamp: milliseconds since 1970. */
static void
add_time (GVariantDict *dict, const gchar *key, const Report *self, gint64 time)
{
  if (time > 0)
    g_variant_dict_insert (dict, key, "d",
                           (self->wall - (self->now - time)) / MILLISECOND);
}

static void
add_traffic (GVariantDict *dict, const NiceTraffic *traffic)
{
  g_variant_dict_insert (dict, "packetsSent", "t", traffic->packets_sent);
  g_variant_dict_insert (dict, "packetsReceived", "t", traffic->packets_received);
  g_variant_dict_insert (dict, "bytesSent", "t", traffic->bytes_sent);
  g_variant_dict_insert (dict, "bytesReceived", "t", traffic->bytes_received);
}

static void
add_reason (GVariantDict *dict, const gchar *key, IceReason reason)
{
  if (reason != ICE_REASON_NONE)
    add_text (dict, key, nice_reason_get (reason)->nick);
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
  add_text (dict, "id", id);
  add_time (dict, "timestamp", self, self->now);
  g_variant_builder_add (&self->stats, "{sv}", id, g_variant_dict_end (dict));
}

/* --- Servers --- */

/* By RFC 7065, with the transport of RFC 7350. */
static const gchar *
get_relay_protocol (IceServerKind kind)
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

static gchar *
make_url (const IceServer *server)
{
  const gboolean is_turn = server->kind >= ICE_SERVER_TURN_UDP;
  const gchar *protocol = get_relay_protocol (server->kind);
  const gboolean is_secure = g_str_has_suffix (protocol, "tls");
  const gboolean is_ip6 = strchr (server->host, ':') != NULL;
  const gchar *transport = !is_turn                         ? ""
                           : g_str_equal (protocol, "udp")  ? "?transport=udp"
                           : g_str_equal (protocol, "dtls") ? "?transport=udp"
                                                            : "?transport=tcp";

  return g_strdup_printf ("%s%s:%s%s%s:%u%s", is_turn ? "turn" : "stun",
                          is_secure ? "s" : "", is_ip6 ? "[" : "", server->host,
                          is_ip6 ? "]" : "", server->port, transport);
}

static void
report_server (Report *self, const IceServerInfo *info)
{
  g_autofree gchar *id = g_strdup_printf ("S%u", info->id);
  g_autofree gchar *origin = g_strdup_printf ("S%u", info->origin);
  g_autofree gchar *url = make_url (&info->value);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "type", "ice-server");
  add_text (&dict, "url", url);
  if (info->origin != 0)
    add_text (&dict, "redirectedFromId", origin);
  add_reason (&dict, "error", info->last_error);
  if (info->last_error != ICE_REASON_NONE)
    add_text (&dict, "errorText",
              info->last_detail != NULL
                  ? info->last_detail
                  : _ (nice_reason_get (info->last_error)->message));
  if (info->last_code != 0)
    g_variant_dict_insert (&dict, "errorCode", "u", info->last_code);
  add_report (self, id, &dict);
}

static void
add_server (Report *self, GVariantDict *dict, const IceCandidate *candidate)
{
  for (guint i = 0; i < self->servers->len; i++)
    {
      const IceServerInfo *info = &g_array_index (self->servers, IceServerInfo, i);

      if (info->id == candidate->server_id)
        {
          g_autofree gchar *url = make_url (&info->value);

          add_text (dict, "url", url);
          if (candidate->type == ICE_CANDIDATE_RELAYED)
            add_text (dict, "relayProtocol", get_relay_protocol (info->value.kind));
        }
    }
}

/* --- Candidates --- */

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
      if (candidate->server_id != 0)
        add_server (self, &dict, candidate);
      add_report (self, id, &dict);
    }
}

/* --- Pairs and transports --- */

static gchar *
pair_id (const IcePairInfo *pair)
{
  return g_strdup_printf ("P%u-%u", pair->local.id, pair->remote.id);
}

static void
report_pair (Report *self, const IcePairInfo *pair)
{
  NiceTraffic traffic;
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
  g_variant_dict_insert (&dict, "consentRequestsSent", "t", pair->consent_requests_sent);
  if (nice_driver_get_pair_traffic (self->driver, pair->base, &pair->remote.addr,
                                    &traffic))
    {
      add_traffic (&dict, &traffic);
      add_time (&dict, "lastPacketSentTimestamp", self, traffic.last_sent);
      add_time (&dict, "lastPacketReceivedTimestamp", self, traffic.last_received);
    }
  if (pair->responses_received > 0)
    {
      g_variant_dict_insert (&dict, "currentRoundTripTime", "d", pair->rtt / SECOND);
      g_variant_dict_insert (&dict, "totalRoundTripTime", "d", pair->total_rtt / SECOND);
    }
  add_time (&dict, "consentExpiredTimestamp", self, pair->consent_until);
  if (pair->last_error_code != 0)
    g_variant_dict_insert (&dict, "errorCode", "u", pair->last_error_code);
  add_reason (&dict, "error", pair->last_error);
  add_report (self, id, &dict);
}

static void
report_transport (Report *self, const IceEngine *engine, const GArray *pairs)
{
  const IceComponentState state =
      ice_engine_get_component_state (engine, self->stream_id, self->component_id);
  NiceTraffic traffic;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  add_text (&dict, "type", "transport");
  g_variant_dict_insert (&dict, "streamId", "u", self->stream_id);
  g_variant_dict_insert (&dict, "componentId", "u", self->component_id);
  add_text (&dict, "iceRole",
            ice_engine_is_controlling (engine) ? "controlling" : "controlled");
  add_text (&dict, "iceState", transport_state_name (state));
  add_text (&dict, "iceLocalUsernameFragment", self->local_ufrag);
  if (state == ICE_COMPONENT_FAILED)
    add_reason (&dict, "error", self->component->reason);
  if (nice_driver_get_traffic (self->driver, self->stream_id, self->component_id,
                               &traffic))
    add_traffic (&dict, &traffic);
  g_variant_dict_insert (&dict, "selectedCandidatePairChanges", "u",
                         self->component->n_selections);
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

static void
report_stream (Report *self, const IceEngine *engine, const NiceAgentStream *stream)
{
  const gchar *pwd;

  self->stream_id = stream->id;
  self->local_ufrag = NULL;
  ice_engine_get_local_credentials (engine, stream->id, &self->local_ufrag, &pwd);
  for (guint i = 0; i < stream->n_components; i++)
    {
      self->component_id = i + 1;
      self->component = &stream->components[i];
      report_component (self, engine);
    }
}

/**
 * nice_agent_get_stats:
 * @agent: an agent
 *
 * Tells what the agent has and does, in the words of
 * [W3C webrtc-stats](https://www.w3.org/TR/webrtc-stats/): a dictionary `a{sv}` from
 * identifiers to dictionaries `a{sv}`. An identifier names the same thing for as long as
 * the agent lives. Each dictionary has the strings `id` and `type` and a `timestamp`; all
 * times are doubles (`d`), of milliseconds since 1970. By `type` there are
 *
 * - `local-candidate`, `remote-candidate`: `transportId`, `address`, `port` (`u`),
 *   `relatedAddress`, `relatedPort` (`u`), `protocol` (`udp`, `tcp`), `tcpType`,
 *   `candidateType`, `foundation`, `priority` (`u`), and of those that a server gave
 *   `url` and `relayProtocol` (`udp`, `tcp`, `tls`, `dtls`)
 * - `candidate-pair`: `transportId`, `localCandidateId`, `remoteCandidateId`, `state`
 *   (`frozen`, `waiting`, `in-progress`, `succeeded`, `failed`), `priority` (`t`), the
 *   booleans `nominated`, `selected`, `readable` and `writable`; the numbers (`t`)
 *   `requestsSent`, `requestsReceived`, `responsesSent`, `responsesReceived` of checks,
 *   without what was sent again, and `consentRequestsSent`; of valid pairs the numbers
 *   (`t`) `packetsSent`, `packetsReceived`, `bytesSent`, `bytesReceived` of data and the
 *   times `lastPacketSentTimestamp`, `lastPacketReceivedTimestamp`; once measured
 *   `currentRoundTripTime` and `totalRoundTripTime` (`d`, in seconds);
 *   `consentExpiredTimestamp`, when consent will have ended; `errorCode` (`u`) of the
 *   last error response to a check, and `error`
 * - `transport`, one for each component: `streamId`, `componentId` (`u`), `iceRole`,
 *   `iceState` (`new`, `checking`, `connected`, `completed`, `failed`),
 *   `iceLocalUsernameFragment`, `selectedCandidatePairId`,
 *   `selectedCandidatePairChanges` (`u`), the numbers of packets and bytes of all its
 *   pairs, and if it failed `error`
 * - `ice-server`, which W3C does not have, one for each STUN and TURN server, and for
 * each that one of them sent us to: `url`, `redirectedFromId`, and, if the last thing
 * that it was asked for failed, `error`, `errorText` for people, and `errorCode` (`u`),
 * the STUN error code that it gave
 *
 * An `error` is one of `no-local-candidates`, `no-remote-candidates`, `no-pairs`,
 * `checks-failed`, `consent-lost`, `consent-revoked`, `base-lost`, `address-in-use`,
 * `unreachable`, `refused`, `timeout`, `unauthorized`, `name-not-found`, `certificate`,
 * `protocol`, `no-resources`, `redirected`, `forbidden`, `mismatch`, `family`,
 * `transport`, `quota`, `capacity`.
 *
 * What is not known is left out. Later releases add to it. It costs in proportion to the
 * number of pairs, and holds up checks meanwhile, but not data.
 *
 * Returns: (transfer full): the statistics
 *
 * Since: icecold 1.0
 */
GVariant *
nice_agent_get_stats (NiceAgent *agent)
{
  g_autoptr (GArray) servers = g_array_new (FALSE, FALSE, sizeof (IceServerInfo));
  Report report = { .servers = servers };
  IceEngine *engine;

  g_return_val_if_fail (NICE_IS_AGENT (agent), NULL);

  g_variant_builder_init (&report.stats, G_VARIANT_TYPE_VARDICT);
  engine = nice_agent_enter (agent, &report.now);
  report.wall = g_get_real_time ();
  report.driver = agent->driver;
  ice_engine_get_servers (engine, servers);
  for (guint i = 0; i < servers->len; i++)
    report_server (&report, &g_array_index (servers, IceServerInfo, i));
  for (guint i = 0; i < agent->streams.len; i++)
    report_stream (&report, engine, ice_list_get (&agent->streams, i));
  nice_agent_leave (agent);
  return g_variant_ref_sink (g_variant_builder_end (&report.stats));
}

/**
 * nice_agent_get_stats_json:
 * @agent: an agent
 *
 * As [method@Nice.Agent.get_stats], in JSON (RFC 8259): an object of objects, by
 * identifier, as a browser's `RTCStatsReport` is turned into JSON. Numbers of 64 bits,
 * such as the `priority` of a pair, are written in full, which is more than programs in
 * JavaScript read.
 *
 * Returns: (transfer full): the statistics, as one line without line feed
 *
 * Since: icecold 1.0
 */
gchar *
nice_agent_get_stats_json (NiceAgent *agent)
{
  g_autoptr (GVariant) stats = NULL;
  GString *json;

  g_return_val_if_fail (NICE_IS_AGENT (agent), NULL);

  stats = nice_agent_get_stats (agent);
  json = g_string_new (NULL);
  nice_json_append (json, stats);
  return g_string_free (json, FALSE);
}
