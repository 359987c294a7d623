/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SDP of an agent (RFC 8839): which streams and candidates are written, and what is done
 * with those that were read. The text itself is the matter of sdp-write.c and
 * sdp-parse.c. */
#include "config.h"

#include "agent-core.h"
#include "sdp.h"

#include <glib/gi18n-lib.h>

/* --- Writing --- */

static GSList *
all_candidates (const IceEngine *engine, const NiceAgentStream *stream)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));

  for (guint i = 1; i <= stream->n_components; i++)
    ice_engine_get_local_candidates (engine, stream->id, i, candidates);
  return nice_candidate_list_from_ice (candidates);
}

/* IPv4 first: that is what peers without ICE understand. */
static NiceCandidate *
default_of (const IceEngine *engine, guint stream_id, guint component_id)
{
  NiceCandidate *candidate = nice_agent_find_default (engine, stream_id, component_id, 4);

  if (candidate == NULL)
    candidate = nice_agent_find_default (engine, stream_id, component_id, 6);
  return candidate;
}

typedef struct
{
  NiceAgent *agent;
  const IceEngine *engine;
} Description;

/* Of one of this host's: programs have others written, too, that the peer told us. */
static const gchar *
get_name (gpointer data, const NiceCandidate *candidate)
{
  const Description *description = data;
  NiceAgent *self = description->agent;

  if (!ice_engine_has_host (description->engine, candidate->stream_id,
                            candidate->component_id, &candidate->addr))
    return NULL;
  if (self->mdns == NULL)
    self->mdns = nice_mdns_new (self->settings.main_context);
  return nice_mdns_get_name (self->mdns, &candidate->addr);
}

static NiceSdpPrivacy
get_privacy (Description *description)
{
  const NiceAgentSettings *settings = &description->agent->settings;

  return (NiceSdpPrivacy) { settings->force_relay,
                            settings->hide_host_addresses ? get_name : NULL,
                            description };
}

static void
write_stream (NiceAgent *self, const IceEngine *engine, const NiceAgentStream *stream,
              gboolean include_non_ice, GString *sdp)
{
  g_autoptr (NiceCandidate) rtp =
      default_of (engine, stream->id, NICE_COMPONENT_TYPE_RTP);
  g_autoptr (NiceCandidate) rtcp =
      default_of (engine, stream->id, NICE_COMPONENT_TYPE_RTCP);
  GSList *candidates = all_candidates (engine, stream);
  Description description = { self, engine };
  const NiceSdpPrivacy privacy = get_privacy (&description);
  NiceSdpStream section = { .name = stream->name,
                            .default_rtp = rtp,
                            .default_rtcp = rtcp };

  section.candidates = candidates;
  ice_engine_get_local_credentials (engine, stream->id, &section.ufrag, &section.pwd);
  nice_sdp_write_stream (sdp, &section, include_non_ice, &privacy);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

/**
 * nice_agent_generate_local_sdp:
 * @agent: an agent
 *
 * Writes what the peer needs to know, as SDP (RFC 8839): for each stream an `m=` line
 * with its name, its default candidate, its credentials and its candidates so far.
 *
 * Returns: (transfer full): the text, with line feeds at the ends of lines
 *
 * Since: 0.1.4
 */
gchar *
nice_agent_generate_local_sdp (NiceAgent *agent)
{
  GString *sdp;
  gint64 now;
  IceEngine *engine;

  g_return_val_if_fail (NICE_IS_AGENT (agent), NULL);

  sdp = g_string_new (NULL);
  engine = nice_agent_enter (agent, &now);
  for (guint i = 0; i < agent->streams.len; i++)
    write_stream (agent, engine, ice_list_get (&agent->streams, i), TRUE, sdp);
  nice_agent_leave (agent);
  return g_string_free (sdp, FALSE);
}

/**
 * nice_agent_generate_local_stream_sdp:
 * @agent: an agent
 * @stream_id: a stream
 * @include_non_ice: whether to write `m=`, `c=` and `a=rtcp:` lines too
 *
 * Writes what the peer needs to know of one stream, as SDP.
 *
 * Returns: (transfer full): the text; %NULL if there is no such stream
 *
 * Since: 0.1.4
 */
gchar *
nice_agent_generate_local_stream_sdp (NiceAgent *agent, guint stream_id,
                                      gboolean include_non_ice)
{
  GString *sdp = NULL;
  gint64 now;
  IceEngine *engine;
  NiceAgentStream *stream;

  nice_check_stream (agent, stream_id, NULL);

  engine = nice_agent_enter (agent, &now);
  stream = nice_agent_find_stream (agent, stream_id);
  if (stream != NULL)
    {
      sdp = g_string_new (NULL);
      write_stream (agent, engine, stream, include_non_ice, sdp);
    }
  nice_agent_leave (agent);
  return sdp != NULL ? g_string_free (sdp, FALSE) : NULL;
}

/**
 * nice_agent_generate_local_candidate_sdp:
 * @agent: an agent
 * @candidate: a candidate, which has an address
 *
 * Writes a candidate as SDP: `a=candidate:` and what follows (RFC 8839 section 5.1).
 * With [property@Nice.Agent:force-relay] no address of this host is told, with
 * [property@Nice.Agent:hide-host-addresses] a name for it.
 *
 * Returns: (transfer full): the line, without its end
 *
 * Since: 0.1.4
 */
gchar *
nice_agent_generate_local_candidate_sdp (NiceAgent *agent, NiceCandidate *candidate)
{
  Description description = { agent, NULL };
  NiceSdpPrivacy privacy;
  GString *sdp;
  gint64 now;

  g_return_val_if_fail (NICE_IS_AGENT (agent), NULL);
  g_return_val_if_fail (candidate != NULL, NULL);
  g_return_val_if_fail (candidate->type <= NICE_CANDIDATE_TYPE_RELAYED, NULL);
  g_return_val_if_fail (candidate->transport <= NICE_CANDIDATE_TRANSPORT_TCP_SO, NULL);
  g_return_val_if_fail (nice_address_is_valid (&candidate->addr), NULL);

  sdp = g_string_new (NULL);
  description.engine = nice_agent_enter (agent, &now);
  privacy = get_privacy (&description);
  nice_sdp_write_candidate (sdp, candidate, &privacy);
  nice_agent_leave (agent);
  return g_string_free (sdp, FALSE);
}

/* --- Reading --- */

static guint
take_candidate (IceEngine *engine, guint stream_id, const NiceCandidate *candidate,
                gint64 now)
{
  IceCandidate value = nice_candidate_to_ice (candidate);

  return ice_engine_add_remote_candidates (engine, stream_id, candidate->component_id,
                                           &value, 1, now);
}

static guint
take_named (IceEngine *engine, guint stream_id, const NiceSdpLine *line, gint64 now)
{
  IceCandidate value = nice_candidate_to_ice (line->candidate);

  return ice_engine_add_remote_name (engine, stream_id, line->candidate->component_id,
                                     &value, line->name, now);
}

static guint
apply_section (IceEngine *engine, const NiceAgentStream *stream,
               const NiceSdpSection *section, gint64 now)
{
  guint taken = 0;

  if (section->ufrag != NULL && section->pwd != NULL)
    ice_engine_set_remote_credentials (engine, stream->id, section->ufrag, section->pwd,
                                       now);
  for (const GSList *item = section->candidates; item != NULL; item = item->next)
    taken += take_candidate (engine, stream->id, item->data, now);
  for (const GSList *item = section->named; item != NULL; item = item->next)
    taken += take_named (engine, stream->id, item->data, now);
  return taken;
}

/* What stands before the first m= line holds for all streams (RFC 8839 5.4); candidates
 * cannot stand there. */
static void
inherit (NiceSdpSection *section, const NiceSdpSection *session)
{
  if (section->ufrag == NULL && section->pwd == NULL)
    {
      section->ufrag = g_strdup (session->ufrag);
      section->pwd = g_strdup (session->pwd);
    }
}

/**
 * nice_agent_parse_remote_sdp:
 * @agent: an agent
 * @sdp: what the peer's [method@Nice.Agent.generate_local_sdp] wrote, or SDP like it
 *
 * Takes credentials and candidates of the peer. The first `m=` line is that of the stream
 * that was added first, and so on. Lines may end in carriage return and line feed.
 *
 * Browsers tell of the addresses of their hosts by names like
 * `1f4712db-ea17-4bcf-a596-105139dfd8bf.local`. Such a name is looked up, by GResolver
 * while the context of the agent is iterated, and what it is the name of counts from
 * then on, as if it had been told then. Where the system asks mDNS for `.local` (with
 * `nss-mdns` or `nss-resolve` in `nsswitch.conf`) that finds peers on the same network. A
 * name without an address, or with several, is forgotten; one is never looked up with
 * [property@Nice.Agent:force-relay], and its address never told to a TURN server. At
 * most 32 names of a stream are looked up, until its next restart, and four at one time
 * (draft-ietf-mmusic-mdns-ice-candidates).
 *
 * Lines with other names, and with types or transports that are not known, are passed
 * over (RFC 8839 section 5.1).
 *
 * Returns: number of candidates taken, with those whose name is looked up; -1 if a
 *   candidate line is bad or there are more `m=` lines than streams. What stands before
 *   that has been taken then
 *
 * Since: 0.1.4
 */
int
nice_agent_parse_remote_sdp (NiceAgent *agent, const gchar *sdp)
{
  NiceSdpSection session = { NULL };
  gint64 now;
  IceEngine *engine;
  gboolean good;
  guint taken = 0, n_sections = 0;

  g_return_val_if_fail (NICE_IS_AGENT (agent), -1);
  g_return_val_if_fail (sdp != NULL, -1);

  engine = nice_agent_enter (agent, &now);
  good = nice_sdp_parse_section (&sdp, &session) && session.candidates == NULL
         && session.named == NULL;
  while (good && *sdp != '\0')
    {
      NiceSdpSection section = { NULL };

      sdp += 2; /* past "m=" */
      good = n_sections < agent->streams.len;
      if (!good)
        break;
      good = nice_sdp_parse_section (&sdp, &section);
      inherit (&section, &session);
      taken += apply_section (engine, ice_list_get (&agent->streams, n_sections++),
                              &section, now);
      nice_sdp_section_clear (&section);
    }
  nice_agent_leave (agent);
  nice_sdp_section_clear (&session);
  return good ? (int)taken : -1;
}

/**
 * nice_agent_parse_remote_stream_sdp:
 * @agent: an agent
 * @stream_id: a stream
 * @sdp: the part of SDP that is about one stream
 * @ufrag: set to the user name fragment, %NULL if there is none; to be released with
 *   g_free()
 * @pwd: set to the password, %NULL if there is none; to be released with g_free()
 *
 * Reads credentials and candidates. Nothing is done with them; that is for
 * [method@Nice.Agent.set_remote_credentials] and
 * [method@Nice.Agent.set_remote_candidates]. Lines with a name for an address, and with
 * types or transports that are not known, are passed over (RFC 8839 section 5.1).
 *
 * Returns: (element-type NiceCandidate) (transfer full): the candidates, last line first,
 *   to be released with [method@Nice.Candidate.free] each; %NULL if there are none or one
 *   is bad
 *
 * Since: 0.1.4
 */
GSList *
nice_agent_parse_remote_stream_sdp (NiceAgent *agent, guint stream_id, const gchar *sdp,
                                    gchar **ufrag, gchar **pwd)
{
  NiceSdpSection section = { NULL };
  GSList *candidates = NULL;
  gboolean known, good;
  gint64 now;

  nice_check_stream (agent, stream_id, NULL);
  g_return_val_if_fail (sdp != NULL, NULL);

  nice_agent_enter (agent, &now);
  known = nice_agent_find_stream (agent, stream_id) != NULL;
  nice_agent_leave (agent);
  if (!known)
    return NULL;

  if (g_str_has_prefix (sdp, "m="))
    sdp += 2;
  good = nice_sdp_parse_section (&sdp, &section);
  if (good)
    candidates = g_slist_reverse (g_steal_pointer (&section.candidates));
  for (GSList *item = candidates; item != NULL; item = item->next)
    ((NiceCandidate *)item->data)->stream_id = stream_id;
  if (ufrag != NULL)
    *ufrag = g_steal_pointer (&section.ufrag);
  if (pwd != NULL)
    *pwd = g_steal_pointer (&section.pwd);
  nice_sdp_section_clear (&section);
  return candidates;
}

/**
 * nice_agent_parse_remote_candidate_sdp:
 * @agent: an agent
 * @stream_id: the stream to note in the candidate
 * @sdp: a line that begins with `a=candidate:`
 *
 * Reads one candidate (RFC 8839 section 5.1). Nothing is done with it; that is for
 * [method@Nice.Agent.set_remote_candidates]. Its address must be numeric: names, those
 * under `.local` too, are for the program to look up, or for
 * [method@Nice.Agent.add_remote_candidate_sdp].
 *
 * Returns: (transfer full): the candidate, to be released with
 *   [method@Nice.Candidate.free]; %NULL if the line is bad
 *
 * Since: 0.1.4
 */
NiceCandidate *
nice_agent_parse_remote_candidate_sdp (NiceAgent *agent, guint stream_id,
                                       const gchar *sdp)
{
  NiceCandidate *candidate;

  nice_check_stream (agent, stream_id, NULL);
  g_return_val_if_fail (sdp != NULL, NULL);

  candidate = nice_sdp_parse_candidate (sdp);
  if (candidate != NULL)
    candidate->stream_id = stream_id;
  return candidate;
}

/* TRUE: there is such a stream. */
static gboolean
take_line (NiceAgent *self, guint stream_id, const NiceSdpLine *line)
{
  gint64 now;
  IceEngine *engine = nice_agent_enter (self, &now);
  const gboolean known = nice_agent_find_stream (self, stream_id) != NULL;

  if (known && line->kind == NICE_SDP_CANDIDATE)
    take_candidate (engine, stream_id, line->candidate, now);
  else if (known && line->kind == NICE_SDP_NAMED)
    take_named (engine, stream_id, line, now);
  nice_agent_leave (self);
  return known;
}

/**
 * nice_agent_add_remote_candidate_sdp:
 * @agent: an agent
 * @stream_id: a stream
 * @sdp: a line that begins with `a=candidate:` or `candidate:`
 * @error: return location for an error
 *
 * Takes one candidate of the peer, of the component that the line names: what
 * [method@Nice.Agent.parse_remote_candidate_sdp] and
 * [method@Nice.Agent.set_remote_candidates] do together. Names under `.local` are looked
 * up as by [method@Nice.Agent.parse_remote_sdp].
 *
 * This is for the candidates that browsers trickle: `RTCIceCandidate.candidate` is such
 * a line. They say by an empty one that no more will come, of which
 * [method@Nice.Agent.peer_candidate_gathering_done] is to be told.
 *
 * What a browser may well say, and the agent has no use for, is passed over: candidates
 * of TCP without [property@Nice.Agent:ice-tcp], of components that the stream does not
 * have, of types and transports that are not known, and those that
 * [method@Nice.Agent.set_remote_candidates] does not take.
 *
 * Returns: %FALSE with %G_IO_ERROR_INVALID_ARGUMENT if the line is bad, and with
 *   %G_IO_ERROR_NOT_FOUND if there is no such stream
 *
 * Since: icecold 1.0
 */
gboolean
nice_agent_add_remote_candidate_sdp (NiceAgent *agent, guint stream_id, const gchar *sdp,
                                     GError **error)
{
  g_auto (NiceSdpLine) line = { NICE_SDP_BAD };
  g_autofree gchar *text = NULL;

  nice_check_stream (agent, stream_id, FALSE);
  g_return_val_if_fail (sdp != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  text = g_str_has_prefix (sdp, "a=") ? g_strdup (sdp) : g_strconcat ("a=", sdp, NULL);
  nice_sdp_read_line (&line, text);
  if (line.kind == NICE_SDP_BAD)
    {
      g_autofree gchar *quoted = nice_agent_quote (sdp);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("“%s” is no candidate"), quoted);
    }
  else if (!take_line (agent, stream_id, &line))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("There is no stream %u"),
                 stream_id);
  else
    return TRUE;
  return FALSE;
}
