/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SDP of ICE (RFC 8839 section 5) to and from values. Pure text work: no agent, no
 * engine. */
#pragma once

#include "candidate-core.h"

G_BEGIN_DECLS

/* One stream to write. candidates: of all components, in order; defaults: of components 1
 * and 2, NULL where there is none. */
typedef struct
{
  const gchar *name; /* NULL: none */
  const gchar *ufrag, *pwd;
  const NiceCandidate *default_rtp, *default_rtcp;
  const GSList *candidates;
} NiceSdpStream;

/* What is not told. */
typedef struct
{
  gboolean hides_bases; /* of relayed candidates */
  /* The name that is told for a host candidate, whose address then stands nowhere; NULL:
   * its address is told. No function: those of all are. */
  const gchar *(*get_name) (gpointer data, const NiceCandidate *candidate);
  gpointer data;
} NiceSdpPrivacy;

/* Without a line end. */
void nice_sdp_write_candidate (GString *sdp, const NiceCandidate *candidate,
                               const NiceSdpPrivacy *privacy);
void nice_sdp_write_stream (GString *sdp, const NiceSdpStream *stream,
                            gboolean include_non_ice, const NiceSdpPrivacy *privacy);

/* What a line says. FOREIGN: of a kind that is not known here, and to be ignored (RFC
 * 8839 5.1); NAMED: a candidate that is known by a name of mDNS. */
typedef enum
{
  NICE_SDP_BAD,
  NICE_SDP_FOREIGN,
  NICE_SDP_NAMED,
  NICE_SDP_CANDIDATE
} NiceSdpKind;

typedef struct
{
  NiceSdpKind kind;
  NiceCandidate *candidate; /* NAMED: has 0.0.0.0 and its port for an address */
  gchar *name;              /* NAMED */
} NiceSdpLine;

/* A line that begins with a=candidate: . */
void nice_sdp_read_line (NiceSdpLine *line, const gchar *text);
void nice_sdp_line_clear (NiceSdpLine *line);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NiceSdpLine, nice_sdp_line_clear)

/* One section read; the lists in order of lines. */
typedef struct
{
  gchar *ufrag, *pwd;
  GSList *candidates;
  GSList *named; /* NiceSdpLine */
} NiceSdpSection;

void nice_sdp_section_clear (NiceSdpSection *section);

/* (transfer full): the candidate of one line, NULL if it is none that has an address. */
NiceCandidate *nice_sdp_parse_candidate (const gchar *line);

/* Reads lines from *text up to, and not including, the next m= line or the end, and moves
 * *text there. FALSE: a candidate line is bad; what came before it is in section. */
gboolean nice_sdp_parse_section (const gchar **text, NiceSdpSection *section);

G_END_DECLS
