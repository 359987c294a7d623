/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads candidates, user name fragments and passwords out of SDP (RFC 8839 section 5).
 * The text is the peer's: whatever it says, the answer is a value or "no". It must not
 * know an agent. */
#include "config.h"

#include "sdp.h"

#include <string.h>

/* RFC 8839 5.1 has six fixed tokens, then names with values; nobody sends a hundred. */
#define MAX_TOKENS 200
#define N_FIXED 6

enum
{
  FOUNDATION,
  COMPONENT,
  TRANSPORT,
  PRIORITY,
  ADDRESS,
  PORT
};

typedef struct
{
  const gchar *type, *tcptype, *raddr;
  guint64 rport;
} Extensions;

void
nice_sdp_line_clear (NiceSdpLine *line)
{
  g_clear_pointer (&line->candidate, nice_candidate_free);
  g_clear_pointer (&line->name, g_free);
}

static void
free_line (gpointer line)
{
  nice_sdp_line_clear (line);
  g_free (line);
}

void
nice_sdp_section_clear (NiceSdpSection *section)
{
  g_clear_pointer (&section->ufrag, g_free);
  g_clear_pointer (&section->pwd, g_free);
  g_slist_free_full (g_steal_pointer (&section->candidates),
                     (GDestroyNotify)nice_candidate_free);
  g_slist_free_full (g_steal_pointer (&section->named), free_line);
}

/* --- A candidate --- */

/* Literals of ABNF have no case (RFC 5234 2.3). */
static gboolean
equals (const gchar *text, const gchar *literal)
{
  return text != NULL && g_ascii_strcasecmp (text, literal) == 0;
}

static gboolean
parse_type (const gchar *name, NiceCandidateType *type)
{
  for (guint i = NICE_CANDIDATE_TYPE_HOST; i <= NICE_CANDIDATE_TYPE_RELAYED; i++)
    if (equals (name, nice_candidate_type_to_string ((NiceCandidateType)i)))
      {
        *type = (NiceCandidateType)i;
        return TRUE;
      }
  return FALSE;
}

/* BAD: of a transport that is known, but not with that tcptype. */
static NiceSdpKind
parse_transport (const gchar *name, const gchar *tcptype,
                 NiceCandidateTransport *transport)
{
  NiceSdpKind kind = NICE_SDP_FOREIGN;

  /* The second group is how drafts of RFC 6544 wrote it. */
  static const struct
  {
    const gchar *name, *tcptype;
    NiceCandidateTransport transport;
  } known[] = {
    { "UDP", NULL, NICE_CANDIDATE_TRANSPORT_UDP },
    { "TCP", "active", NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE },
    { "TCP", "passive", NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE },
    { "TCP", "so", NICE_CANDIDATE_TRANSPORT_TCP_SO },
    { "TCP-ACT", NULL, NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE },
    { "TCP-PASS", NULL, NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE },
    { "TCP-SO", NULL, NICE_CANDIDATE_TRANSPORT_TCP_SO },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (!equals (name, known[i].name))
        continue;
      kind = NICE_SDP_BAD;
      if (known[i].tcptype != NULL && !equals (tcptype, known[i].tcptype))
        continue;
      *transport = known[i].transport;
      return NICE_SDP_CANDIDATE;
    }
  return kind;
}

static gboolean
parse_address (const gchar *ip, guint64 port, NiceAddress *address)
{
  if (port > G_MAXUINT16 || !nice_address_set_from_string (address, ip))
    return FALSE;
  nice_address_set_port (address, (guint)port);
  return TRUE;
}

/* With a dot, as all that are fully qualified, and what no address is: a letter. */
static gboolean
is_domain_name (const gchar *text)
{
  gboolean has_letter = FALSE;

  for (const gchar *c = text; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && *c != '-' && *c != '.')
        return FALSE;
      has_letter |= g_ascii_isalpha (*c);
    }
  return has_letter && strchr (text, '.') != NULL;
}

/* draft-ietf-mmusic-mdns-ice-candidates 3.1.1, 3.2: nobody makes us send to a printer
 * that is known by its name. */
static gboolean
is_mdns_name (const gchar *text)
{
  const gchar *dot = strchr (text, '.');
  g_autofree gchar *uuid = g_strndup (text, (gsize)(dot - text));

  return equals (dot, ".local") && g_uuid_string_is_valid (uuid);
}

static NiceSdpKind
parse_place (const gchar *text, guint64 port, NiceAddress *address)
{
  if (parse_address (text, port, address))
    return NICE_SDP_CANDIDATE;
  if (!is_domain_name (text) || !parse_address ("0.0.0.0", port, address))
    return NICE_SDP_BAD;
  return is_mdns_name (text) ? NICE_SDP_NAMED : NICE_SDP_FOREIGN;
}

/* FALSE: a name without a value. Names that are not known are skipped (RFC 8839 5.1). */
static gboolean
parse_extensions (gchar **tokens, guint n_tokens, Extensions *extensions)
{
  for (guint i = 0; i + 1 < n_tokens; i += 2)
    {
      if (equals (tokens[i], "typ"))
        extensions->type = tokens[i + 1];
      else if (equals (tokens[i], "tcptype"))
        extensions->tcptype = tokens[i + 1];
      else if (equals (tokens[i], "raddr"))
        extensions->raddr = tokens[i + 1];
      else if (equals (tokens[i], "rport"))
        extensions->rport = g_ascii_strtoull (tokens[i + 1], NULL, 10);
    }
  return n_tokens % 2 == 0;
}

static NiceSdpKind
read_tokens (NiceSdpLine *line, gchar **tokens, guint n_tokens)
{
  Extensions extensions = { NULL };
  NiceCandidateType type;
  NiceCandidateTransport transport;
  NiceSdpKind kind;
  g_autoptr (NiceCandidate) candidate = NULL;

  if (n_tokens < N_FIXED
      || !parse_extensions (tokens + N_FIXED, n_tokens - N_FIXED, &extensions)
      || extensions.type == NULL)
    return NICE_SDP_BAD;
  if (!parse_type (extensions.type, &type))
    return NICE_SDP_FOREIGN;
  kind = parse_transport (tokens[TRANSPORT], extensions.tcptype, &transport);
  if (kind != NICE_SDP_CANDIDATE)
    return kind;

  candidate = nice_candidate_new (type);
  candidate->transport = transport;
  candidate->component_id = (guint)g_ascii_strtoull (tokens[COMPONENT], NULL, 10);
  candidate->priority = (guint32)g_ascii_strtoull (tokens[PRIORITY], NULL, 10);
  g_strlcpy (candidate->foundation, tokens[FOUNDATION], sizeof candidate->foundation);
  kind = parse_place (tokens[ADDRESS], g_ascii_strtoull (tokens[PORT], NULL, 10),
                      &candidate->addr);
  if (kind == NICE_SDP_BAD || kind == NICE_SDP_FOREIGN)
    return kind;
  if (extensions.raddr != NULL && extensions.rport != 0
      && !parse_address (extensions.raddr, extensions.rport, &candidate->base_addr))
    return NICE_SDP_BAD;
  line->candidate = g_steal_pointer (&candidate);
  if (kind == NICE_SDP_NAMED)
    line->name = g_strdup (tokens[ADDRESS]);
  return kind;
}

void
nice_sdp_read_line (NiceSdpLine *line, const gchar *text)
{
  static const gchar prefix[] = "a=candidate:";
  g_auto (GStrv) tokens = NULL;
  guint n_tokens = 0;

  *line = (NiceSdpLine) { NICE_SDP_BAD };
  if (!g_str_has_prefix (text, prefix))
    return;
  tokens = g_strsplit_set (text + strlen (prefix), " \t\r\n", MAX_TOKENS);
  /* Several spaces in a row, or a carriage return at the end, leave empty tokens. */
  for (guint i = 0; tokens[i] != NULL; i++)
    if (tokens[i][0] != '\0')
      {
        gchar *token = tokens[i];

        tokens[i] = tokens[n_tokens];
        tokens[n_tokens++] = token;
      }
  line->kind = read_tokens (line, tokens, n_tokens);
}

NiceCandidate *
nice_sdp_parse_candidate (const gchar *line)
{
  g_auto (NiceSdpLine) read;

  nice_sdp_read_line (&read, line);
  return read.kind == NICE_SDP_CANDIDATE ? g_steal_pointer (&read.candidate) : NULL;
}

/* --- A section --- */

static gchar *
value_of (const gchar *line, const gchar *name)
{
  return g_str_has_prefix (line, name) ? g_strstrip (g_strdup (line + strlen (name)))
                                       : NULL;
}

static void
take_value (gchar **to, gchar *value)
{
  if (value == NULL)
    return;
  g_free (*to);
  *to = value;
}

static gboolean
parse_line (const gchar *text, NiceSdpSection *section)
{
  g_auto (NiceSdpLine) line = { NICE_SDP_FOREIGN };

  take_value (&section->ufrag, value_of (text, "a=ice-ufrag:"));
  take_value (&section->pwd, value_of (text, "a=ice-pwd:"));
  if (g_str_has_prefix (text, "a=candidate:"))
    nice_sdp_read_line (&line, text);
  if (line.kind == NICE_SDP_CANDIDATE)
    section->candidates =
        g_slist_prepend (section->candidates, g_steal_pointer (&line.candidate));
  else if (line.kind == NICE_SDP_NAMED)
    {
      section->named = g_slist_prepend (section->named, g_memdup2 (&line, sizeof line));
      line = (NiceSdpLine) { NICE_SDP_NAMED };
    }
  return line.kind != NICE_SDP_BAD;
}

gboolean
nice_sdp_parse_section (const gchar **text, NiceSdpSection *section)
{
  gboolean good = TRUE;

  while (good && **text != '\0' && !g_str_has_prefix (*text, "m="))
    {
      gsize length = strcspn (*text, "\n");
      g_autofree gchar *line = g_strndup (*text, length);

      good = parse_line (line, section);
      *text += length + ((*text)[length] == '\n');
    }
  section->candidates = g_slist_reverse (section->candidates);
  section->named = g_slist_reverse (section->named);
  return good;
}
