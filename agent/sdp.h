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

/* Without a line end. hide_base: say nothing of the base of relayed candidates. */
void nice_sdp_write_candidate (GString *sdp, const NiceCandidate *candidate,
                               gboolean hide_base);
void nice_sdp_write_stream (GString *sdp, const NiceSdpStream *stream,
                            gboolean include_non_ice, gboolean hide_base);

/* One section read; the list in order of lines. */
typedef struct
{
  gchar *ufrag, *pwd;
  GSList *candidates;
} NiceSdpSection;

void nice_sdp_section_clear (NiceSdpSection *section);

/* (transfer full): the candidate of one line, NULL if it is none. */
NiceCandidate *nice_sdp_parse_candidate (const gchar *line);

/* Reads lines from *text up to, and not including, the next m= line or the end, and moves
 * *text there. FALSE: a candidate line is bad; what came before it is in section. */
gboolean nice_sdp_parse_section (const gchar **text, NiceSdpSection *section);

G_END_DECLS
