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

static void
write_base (GString *sdp, const NiceCandidate *candidate, gboolean hide_base)
{
  const NiceAddress *base = &candidate->base_addr;
  gchar ip[NICE_ADDRESS_STRING_LEN];

  if (!nice_address_is_valid (base) || nice_address_equal (&candidate->addr, base))
    return;
  if (hide_base && candidate->type == NICE_CANDIDATE_TYPE_RELAYED)
    {
      /* RFC 8839 5.1: "0.0.0.0" or "::", and port 9, for privacy */
      g_string_append_printf (sdp, " raddr %s rport %d",
                              nice_address_ip_version (base) == 6 ? "::" : "0.0.0.0",
                              DISCARD_PORT);
      return;
    }
  nice_address_to_string (base, ip);
  g_string_append_printf (sdp, " raddr %s rport %u", ip, port_or_discard (base));
}

void
nice_sdp_write_candidate (GString *sdp, const NiceCandidate *candidate,
                          gboolean hide_base)
{
  const gchar *tcptype = get_tcptype (candidate->transport);
  gchar ip[NICE_ADDRESS_STRING_LEN] = "";

  if (nice_address_is_valid (&candidate->addr))
    nice_address_to_string (&candidate->addr, ip);
  g_string_append_printf (
      sdp, "a=candidate:%.*s %u %s %d %s %u typ %s", NICE_CANDIDATE_MAX_FOUNDATION - 1,
      candidate->foundation, candidate->component_id, tcptype == NULL ? "UDP" : "TCP",
      (gint)candidate->priority, ip, port_or_discard (&candidate->addr),
      nice_candidate_type_to_string (candidate->type));
  write_base (sdp, candidate, hide_base);
  if (tcptype != NULL)
    g_string_append_printf (sdp, " tcptype %s", tcptype);
}

/* m=, c= and a=rtcp: lines for peers without ICE (RFC 8839 section 4.2.1.2). */
static void
write_defaults (GString *sdp, const NiceSdpStream *stream)
{
  const NiceCandidate *rtp = stream->default_rtp;
  gchar ip[NICE_ADDRESS_STRING_LEN] = "0.0.0.0";
  guint port = 0, version = 4;

  if (rtp != NULL)
    {
      nice_address_to_string (&rtp->addr, ip);
      port = nice_address_get_port (&rtp->addr);
      version = (guint)nice_address_ip_version (&rtp->addr);
    }
  g_string_append_printf (sdp, "m=%s %u ICE/SDP\n",
                          stream->name != NULL ? stream->name : "-", port);
  g_string_append_printf (sdp, "c=IN IP%u %s\n", version, ip);
  if (stream->default_rtcp != NULL)
    g_string_append_printf (sdp, "a=rtcp:%u\n",
                            nice_address_get_port (&stream->default_rtcp->addr));
}

void
nice_sdp_write_stream (GString *sdp, const NiceSdpStream *stream,
                       gboolean include_non_ice, gboolean hide_base)
{
  if (include_non_ice)
    write_defaults (sdp, stream);
  g_string_append_printf (sdp, "a=ice-ufrag:%s\n", stream->ufrag);
  g_string_append_printf (sdp, "a=ice-pwd:%s\n", stream->pwd);
  for (const GSList *item = stream->candidates; item != NULL; item = item->next)
    {
      nice_sdp_write_candidate (sdp, item->data, hide_base);
      g_string_append_c (sdp, '\n');
    }
}
