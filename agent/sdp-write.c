/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes candidates and streams as SDP (RFC 8839 section 5.1), to the letter as libnice
 * does. It must not know an agent. */
#include "config.h"

#include "sdp.h"

#define DISCARD_PORT 9 /* RFC 6544 4.5: the port of a candidate that has none */

static const gchar *
get_tcptype (NiceCandidateTransport transport)
{
  switch (transport)
    {
    case NICE_CANDIDATE_TRANSPORT_UDP:
      return NULL;
    case NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE:
      return "active";
    case NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE:
      return "passive";
    case NICE_CANDIDATE_TRANSPORT_TCP_SO:
      return "so";
    }
  g_return_val_if_reached (NULL);
}

static guint
port_or_discard (const NiceAddress *address)
{
  guint port = nice_address_get_port (address);

  return port != 0 ? port : DISCARD_PORT;
}

static const gchar *
get_name (const NiceSdpPrivacy *privacy, const NiceCandidate *candidate)
{
  return privacy->get_name != NULL && candidate->type == NICE_CANDIDATE_TYPE_HOST
             ? privacy->get_name (privacy->data, candidate)
             : NULL;
}

/* RFC 8839 5.1, 9.1: what stands for an address that is not told. */
static const gchar *
get_nowhere (const NiceAddress *address)
{
  return nice_address_ip_version (address) == 6 ? "::" : "0.0.0.0";
}

static gboolean
hides_base (const NiceSdpPrivacy *privacy, NiceCandidateType type)
{
  if (privacy->get_name != NULL)
    return type != NICE_CANDIDATE_TYPE_HOST;
  return privacy->hides_bases && type == NICE_CANDIDATE_TYPE_RELAYED;
}

static void
write_base (GString *sdp, const NiceCandidate *candidate, const NiceSdpPrivacy *privacy)
{
  const NiceAddress *base = &candidate->base_addr;
  const gboolean hides = hides_base (privacy, candidate->type);
  gchar ip[NICE_ADDRESS_STRING_LEN];

  if (!nice_address_is_valid (base)
      || (!hides && nice_address_equal (&candidate->addr, base)))
    return;
  if (hides)
    {
      g_string_append_printf (sdp, " raddr %s rport %d", get_nowhere (base),
                              DISCARD_PORT);
      return;
    }
  nice_address_to_string (base, ip);
  g_string_append_printf (sdp, " raddr %s rport %u", ip, port_or_discard (base));
}

void
nice_sdp_write_candidate (GString *sdp, const NiceCandidate *candidate,
                          const NiceSdpPrivacy *privacy)
{
  const gchar *tcptype = get_tcptype (candidate->transport);
  const gchar *name = get_name (privacy, candidate);
  gchar ip[NICE_ADDRESS_STRING_LEN];

  nice_address_to_string (&candidate->addr, ip);
  g_string_append_printf (sdp, "a=candidate:%.*s %u %s %d %s %u typ %s",
                          NICE_CANDIDATE_MAX_FOUNDATION - 1, candidate->foundation,
                          candidate->component_id, tcptype == NULL ? "UDP" : "TCP",
                          (gint)candidate->priority, name != NULL ? name : ip,
                          port_or_discard (&candidate->addr),
                          nice_candidate_type_to_string (candidate->type));
  if (name == NULL)
    write_base (sdp, candidate, privacy);
  if (tcptype != NULL)
    g_string_append_printf (sdp, " tcptype %s", tcptype);
}

/* m=, c= and a=rtcp: lines for peers without ICE (RFC 8839 section 4.2.1.2). */
static void
write_defaults (GString *sdp, const NiceSdpStream *stream, const NiceSdpPrivacy *privacy)
{
  const NiceCandidate *rtp = stream->default_rtp, *rtcp = stream->default_rtcp;
  gchar ip[NICE_ADDRESS_STRING_LEN] = "0.0.0.0";
  guint port = 0, version = 4;

  if (rtp != NULL)
    {
      nice_address_to_string (&rtp->addr, ip);
      port = nice_address_get_port (&rtp->addr);
      version = (guint)nice_address_ip_version (&rtp->addr);
    }
  /* Names do not stand in c= lines: peers without ICE choke on them. */
  if (rtp != NULL && get_name (privacy, rtp) != NULL)
    {
      g_strlcpy (ip, get_nowhere (&rtp->addr), sizeof ip);
      port = DISCARD_PORT;
    }
  g_string_append_printf (sdp, "m=%s %u ICE/SDP\n",
                          stream->name != NULL ? stream->name : "-", port);
  g_string_append_printf (sdp, "c=IN IP%u %s\n", version, ip);
  if (rtcp != NULL)
    g_string_append_printf (sdp, "a=rtcp:%u\n",
                            get_name (privacy, rtcp) != NULL
                                ? DISCARD_PORT
                                : nice_address_get_port (&rtcp->addr));
}

void
nice_sdp_write_stream (GString *sdp, const NiceSdpStream *stream,
                       gboolean include_non_ice, const NiceSdpPrivacy *privacy)
{
  if (include_non_ice)
    write_defaults (sdp, stream, privacy);
  g_string_append_printf (sdp, "a=ice-ufrag:%s\n", stream->ufrag);
  g_string_append_printf (sdp, "a=ice-pwd:%s\n", stream->pwd);
  for (const GSList *item = stream->candidates; item != NULL; item = item->next)
    {
      nice_sdp_write_candidate (sdp, item->data, privacy);
      g_string_append_c (sdp, '\n');
    }
}
