/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates and sections as SDP, both ways (RFC 8839 section 5). */
#include "config.h"

#include "agent/sdp.h"

#include <string.h>

static const NiceSdpPrivacy open_book = { FALSE };

static gchar *
write_line (const NiceCandidate *candidate, gboolean hide_base)
{
  const NiceSdpPrivacy privacy = { .hides_bases = hide_base };
  GString *sdp = g_string_new (NULL);

  nice_sdp_write_candidate (sdp, candidate, &privacy);
  return g_string_free (sdp, FALSE);
}

static void
assert_round_trip (const gchar *line)
{
  g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (line);
  g_autofree gchar *again = NULL;

  g_assert_nonnull (candidate);
  again = write_line (candidate, FALSE);
  g_assert_cmpstr (again, ==, line);
}

/* covers ITCP-6544-4.5-a, SDP-8839-5.1-a, SDP-8839-5.1-d */
static void
test_lines_come_back_as_they_were (void)
{
  assert_round_trip ("a=candidate:1 1 UDP 2015363327 192.168.1.4 57834 typ host");
  assert_round_trip ("a=candidate:7 2 UDP 1677721855 203.0.113.9 4711 typ srflx raddr "
                     "192.168.1.4 rport 57834");
  assert_round_trip ("a=candidate:2 1 TCP 1015021823 192.168.1.4 9 typ host tcptype "
                     "active");
  assert_round_trip ("a=candidate:3 1 TCP 1010827519 2001:db8::5 4000 typ host tcptype "
                     "passive");
  assert_round_trip ("a=candidate:4 1 UDP 503316991 198.51.100.2 49999 typ relay raddr "
                     "203.0.113.9 rport 4711");
}

/* covers SDP-8839-5.1-a */
static void
test_transports_of_all_spellings (void)
{
  static const struct
  {
    const gchar *text, *tail;
    NiceCandidateTransport transport;
  } rows[] = {
    { "udp", "", NICE_CANDIDATE_TRANSPORT_UDP },
    { "TCP", " tcptype so", NICE_CANDIDATE_TRANSPORT_TCP_SO },
    { "tcp-act", "", NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE },
    { "TCP-PASS", "", NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE },
    { "TCP-SO", "", NICE_CANDIDATE_TRANSPORT_TCP_SO },
    { "tcp", " TCPTYPE Passive", NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *line = g_strdup_printf (
          "a=candidate:1 1 %s 1 192.0.2.1 9 typ host%s", rows[i].text, rows[i].tail);
      g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (line);

      g_assert_nonnull (candidate);
      g_assert_cmpint (candidate->transport, ==, rows[i].transport);
    }
}

static void
test_type_of_any_case (void)
{
  g_autoptr (NiceCandidate) candidate =
      nice_sdp_parse_candidate ("a=candidate:1 1 UDP 1 192.0.2.1 9 TYP Host");

  g_assert_nonnull (candidate);
  g_assert_cmpint (candidate->type, ==, NICE_CANDIDATE_TYPE_HOST);
}

/* covers SDP-8839-5.1-c, TRI-8838-9-c: wherever they stand */
static void
test_unknown_pairs_are_passed_over (void)
{
  g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (
      "a=candidate:1 1 TCP 1 203.0.113.9 4000 typ srflx generation 0 raddr 192.0.2.1 "
      "ufrag typ rport 7 network-id 3 tcptype active network-cost 10");

  g_assert_nonnull (candidate);
  g_assert_cmpint (candidate->type, ==, NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE);
  g_assert_cmpint (candidate->transport, ==, NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE);
  g_assert_cmpuint (nice_address_get_port (&candidate->base_addr), ==, 7);
}

/* covers SDP-8839-5.1-f: each way of writing it, and a zone, which means nothing here */
static void
test_ipv6_addresses (void)
{
  static const struct
  {
    const gchar *text;
    gboolean good;
  } rows[] = {
    { "2001:db8::5", TRUE },    { "2001:0db8:0000:0000:0000:0000:0000:0005", TRUE },
    { "2001:DB8::5", TRUE },    { "[2001:db8::5]", FALSE },
    { "2001:db8::5::", FALSE }, { "fe80::1%lo-is-not-an-interface", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *line =
          g_strdup_printf ("a=candidate:1 1 UDP 1 %s 4000 typ host", rows[i].text);
      g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (line);
      g_autofree gchar *again = NULL;

      g_assert_cmpint (candidate != NULL, ==, rows[i].good);
      if (candidate == NULL)
        continue;
      again = write_line (candidate, FALSE);
      g_assert_cmpstr (again, ==, "a=candidate:1 1 UDP 1 2001:db8::5 4000 typ host");
    }
}

/* covers SDP-8839-5-a: of 4 KiB, of one token, of two hundred and one */
static void
test_long_lines (void)
{
  g_autoptr (GString) pairs =
      g_string_new ("a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host");
  g_autofree gchar *one = g_strnfill (4096, 'x');
  g_autofree gchar *line = g_strconcat ("a=candidate:", one, NULL);
  g_autoptr (NiceCandidate) candidate = NULL, refused = NULL;

  g_assert_null (nice_sdp_parse_candidate (line));
  while (pairs->len < 4000)
    g_string_append (pairs, " a-name-of-forty-characters-or-almost-so x");
  candidate = nice_sdp_parse_candidate (pairs->str);
  g_assert_nonnull (candidate);
  g_assert_cmpint (candidate->type, ==, NICE_CANDIDATE_TYPE_HOST);
  while (pairs->len < 20000)
    g_string_append (pairs, " name value");
  refused = nice_sdp_parse_candidate (pairs->str);
}

/* covers SDP-8839-5-a: libnice takes "host\r" for the type and refuses */
static void
test_carriage_return_and_spaces_do_not_matter (void)
{
  g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (
      "a=candidate:1  1 udp  99 192.0.2.1 4000 typ host generation 0 \r");

  g_assert_nonnull (candidate);
  g_assert_cmpuint (candidate->priority, ==, 99);
  g_assert_cmpint (candidate->type, ==, NICE_CANDIDATE_TYPE_HOST);
}

static void
test_bad_lines_are_refused (void)
{
  static const gchar *const lines[] = {
    "",
    "candidate:1 1 UDP 1 192.0.2.1 4000 typ host",
    "a=candidate:",
    "a=candidate:1 1 UDP 1 192.0.2.1",
    "a=candidate:1 1 UDP 1 192.0.2.1 4000",
    "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ",
    "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ guest",
    "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host odd",
    "a=candidate:1 1 SCTP 1 192.0.2.1 4000 typ host",
    "a=candidate:1 1 TCP 1 192.0.2.1 4000 typ host",
    "a=candidate:1 1 TCP 1 192.0.2.1 4000 typ host tcptype sideways",
    "a=candidate:1 1 UDP 1 192.0.2.1 70000 typ host",
    "a=candidate:1 1 UDP 1 c0ffee.local 4000 typ host",
    "a=candidate:1 1 UDP 1 203.0.113.9 4000 typ srflx raddr nowhere rport 5",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_null (nice_sdp_parse_candidate (lines[i]));
}

/* covers MDNS-3.2.1-a, SDP-8839-5.1-e: names of mDNS that are made for
 * one call, and what of the other lines does not end a description */
static void
test_kinds_of_lines (void)
{
  static const struct
  {
    const gchar *rest;
    NiceSdpKind kind;
  } rows[] = {
    { "UDP 1 192.0.2.1 9 typ host", NICE_SDP_CANDIDATE },
    { "UDP 1 1f4712db-ea17-4bcf-a596-105139dfd8bf.local 9 typ host", NICE_SDP_NAMED },
    { "TCP 1 1F4712DB-EA17-4bcf-a596-105139dfd8bf.LOCAL 9 typ host tcptype active",
      NICE_SDP_NAMED },
    { "UDP 1 1f4712db-ea17-4bcf-a596-105139dfd8bf.local 70000 typ host", NICE_SDP_BAD },
    { "UDP 1 1f4712db-ea17-4bcf-a596-105139dfd8bf 9 typ host", NICE_SDP_BAD },
    { "UDP 1 1f4712db-ea17-4bcf-a596-105139dfd8bf.local. 9 typ host", NICE_SDP_FOREIGN },
    { "UDP 1 a.1f4712db-ea17-4bcf-a596-105139dfd8bf.local 9 typ host", NICE_SDP_FOREIGN },
    { "UDP 1 1f4712db-ea17-4bcf-a596-105139dfd8b.local 9 typ host", NICE_SDP_FOREIGN },
    { "UDP 1 printer.local 9 typ host", NICE_SDP_FOREIGN },
    { "UDP 1 peer.example.org 9 typ host", NICE_SDP_FOREIGN },
    { "UDP 1 nowhere 9 typ host", NICE_SDP_BAD },
    { "UDP 1 300.1.1.1 9 typ host", NICE_SDP_BAD },
    { "UDP 1 2001:db8::5:: 9 typ host", NICE_SDP_BAD },
    { "UDP 1 192.0.2.1 9 typ guest", NICE_SDP_FOREIGN },
    { "UDP 1 192.0.2.1 9 type host", NICE_SDP_BAD },
    { "SCTP 1 192.0.2.1 9 typ host", NICE_SDP_FOREIGN },
    { "TCP 1 192.0.2.1 9 typ host", NICE_SDP_BAD },
    { "TCP 1 192.0.2.1 9 typ host tcptype sideways", NICE_SDP_BAD },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *text = g_strconcat ("a=candidate:1 1 ", rows[i].rest, NULL);
      g_auto (NiceSdpLine) line;

      nice_sdp_read_line (&line, text);
      g_assert_cmpint (line.kind, ==, rows[i].kind);
      g_assert_cmpint (line.name != NULL, ==, line.kind == NICE_SDP_NAMED);
      g_assert_cmpint (line.candidate != NULL, ==, line.kind >= NICE_SDP_NAMED);
      if (line.candidate != NULL)
        g_assert_cmpuint (nice_address_get_port (&line.candidate->addr), ==, 9);
    }
}

static void
test_raddr_counts_only_with_rport (void)
{
  g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (
      "a=candidate:1 1 UDP 1 203.0.113.9 4000 typ srflx raddr nowhere rport 0");

  g_assert_nonnull (candidate);
  g_assert_false (nice_address_is_valid (&candidate->base_addr));
}

/* Under force-relay the host's own address was told */
static void
test_hidden_base_says_nothing (void)
{
  g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (
      "a=candidate:4 1 UDP 1 198.51.100.2 49999 typ relay raddr 192.168.1.4 rport 4711");
  g_autofree gchar *line = write_line (candidate, TRUE);

  g_assert_cmpstr (line, ==,
                   "a=candidate:4 1 UDP 1 198.51.100.2 49999 typ relay raddr 0.0.0.0 "
                   "rport 9");
}

static const gchar *
get_name (gpointer data, const NiceCandidate *candidate)
{
  return data;
}

/* covers MDNS-3.1.2-a: of a host the name, of others no base, and neither in c= */
static void
test_names_in_place_of_addresses (void)
{
  static const struct
  {
    const gchar *open, *hidden;
  } rows[] = {
    { "UDP 1 192.0.2.1 4000 typ host", "UDP 1 x.local 4000 typ host" },
    { "UDP 1 2001:db8::1 4000 typ host", "UDP 1 x.local 4000 typ host" },
    { "TCP 1 192.0.2.1 9 typ host tcptype active",
      "TCP 1 x.local 9 typ host tcptype active" },
    { "UDP 1 198.51.100.1 5000 typ srflx raddr 192.0.2.1 rport 4000",
      "UDP 1 198.51.100.1 5000 typ srflx raddr 0.0.0.0 rport 9" },
    { "UDP 1 2001:db8::1 5000 typ srflx raddr 2001:db8::1 rport 5000",
      "UDP 1 2001:db8::1 5000 typ srflx raddr :: rport 9" },
    { "UDP 1 198.51.100.1 5000 typ prflx raddr 192.0.2.1 rport 4000",
      "UDP 1 198.51.100.1 5000 typ prflx raddr 0.0.0.0 rport 9" },
    { "UDP 1 198.51.100.2 5000 typ relay raddr 192.0.2.1 rport 4000",
      "UDP 1 198.51.100.2 5000 typ relay raddr 0.0.0.0 rport 9" },
  };
  const NiceSdpPrivacy privacy = { FALSE, get_name, (gpointer) "x.local" };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *line = g_strconcat ("a=candidate:1 1 ", rows[i].open, NULL);
      g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (line);
      g_autoptr (GString) sdp = g_string_new (NULL);

      nice_sdp_write_candidate (sdp, candidate, &privacy);
      g_assert_cmpstr (sdp->str + strlen ("a=candidate:1 1 "), ==, rows[i].hidden);
    }
}

/* covers MDNS-3.1.2-a */
static void
test_default_is_nowhere_where_it_has_a_name (void)
{
  NiceSdpStream stream = { "audio", "abcd", "0123456789012345678901", NULL, NULL, NULL };
  const NiceSdpPrivacy privacy = { FALSE, get_name, (gpointer) "x.local" };
  g_autoptr (NiceCandidate) host =
      nice_sdp_parse_candidate ("a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host");
  g_autoptr (NiceCandidate) relay =
      nice_sdp_parse_candidate ("a=candidate:1 1 UDP 1 198.51.100.2 5000 typ relay");
  g_autoptr (GString) hidden = g_string_new (NULL), told = g_string_new (NULL);

  stream.default_rtp = stream.default_rtcp = host;
  nice_sdp_write_stream (hidden, &stream, TRUE, &privacy);
  g_assert_true (g_str_has_prefix (
      hidden->str, "m=audio 9 ICE/SDP\nc=IN IP4 0.0.0.0\na=rtcp:9\na=ice-ufrag"));
  stream.default_rtp = stream.default_rtcp = relay;
  nice_sdp_write_stream (told, &stream, TRUE, &privacy);
  g_assert_true (g_str_has_prefix (
      told->str, "m=audio 5000 ICE/SDP\nc=IN IP4 198.51.100.2\na=rtcp:5000\n"));
}

/* covers SDP-8839-4.2.2-a */
static void
test_section_with_all_lines (void)
{
  NiceSdpStream stream = { "audio", "abcd", "0123456789012345678901", NULL, NULL, NULL };
  g_autoptr (NiceCandidate) rtp =
      nice_sdp_parse_candidate ("a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host");
  g_autoptr (NiceCandidate) rtcp =
      nice_sdp_parse_candidate ("a=candidate:1 2 UDP 1 192.0.2.1 4001 typ host");
  GSList last = { rtcp, NULL }, first = { rtp, &last };
  g_autoptr (GString) sdp = g_string_new (NULL);

  stream.default_rtp = rtp;
  stream.default_rtcp = rtcp;
  stream.candidates = &first;
  nice_sdp_write_stream (sdp, &stream, TRUE, &open_book);
  g_assert_cmpstr (sdp->str, ==,
                   "m=audio 4000 ICE/SDP\n"
                   "c=IN IP4 192.0.2.1\n"
                   "a=rtcp:4001\n"
                   "a=ice-ufrag:abcd\n"
                   "a=ice-pwd:0123456789012345678901\n"
                   "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\n"
                   "a=candidate:1 2 UDP 1 192.0.2.1 4001 typ host\n");
}

static void
test_section_without_candidates (void)
{
  NiceSdpStream stream = { NULL, "abcd", "0123456789012345678901", NULL, NULL, NULL };
  g_autoptr (GString) sdp = g_string_new (NULL);

  nice_sdp_write_stream (sdp, &stream, TRUE, &open_book);
  g_assert_cmpstr (sdp->str, ==,
                   "m=- 0 ICE/SDP\n"
                   "c=IN IP4 0.0.0.0\n"
                   "a=ice-ufrag:abcd\n"
                   "a=ice-pwd:0123456789012345678901\n");
}

static void
test_ipv6_is_called_so (void)
{
  NiceSdpStream stream = { NULL, "abcd", "0123456789012345678901", NULL, NULL, NULL };
  g_autoptr (NiceCandidate) rtp =
      nice_sdp_parse_candidate ("a=candidate:1 1 UDP 1 2001:db8::5 4000 typ host");
  g_autoptr (GString) sdp = g_string_new (NULL);

  stream.default_rtp = rtp;
  nice_sdp_write_stream (sdp, &stream, TRUE, &open_book);
  g_assert_true (g_str_has_prefix (sdp->str, "m=- 4000 ICE/SDP\nc=IN IP6 2001:db8::5\n"));
}

/* covers SDP-8839-5-a: libnice keeps the carriage return in the credentials */
static void
test_sections_are_read_one_by_one (void)
{
  const gchar *text = "v=0\r\nm=audio 9 ICE/SDP\r\na=ice-ufrag:ab+/\r\n"
                      "a=ice-pwd:0123456789012345678901\r\n"
                      "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n"
                      "a=candidate:2 1 UDP 1 192.0.2.2 4000 typ host\r\n"
                      "m=video 9 ICE/SDP";
  NiceSdpSection section = { NULL };

  g_assert_true (nice_sdp_parse_section (&text, &section));
  g_assert_null (section.candidates);
  g_assert_true (g_str_has_prefix (text, "m=audio"));
  text += 2;
  g_assert_true (nice_sdp_parse_section (&text, &section));
  g_assert_cmpstr (section.ufrag, ==, "ab+/");
  g_assert_cmpstr (section.pwd, ==, "0123456789012345678901");
  g_assert_cmpuint (g_slist_length (section.candidates), ==, 2);
  g_assert_cmpstr (((NiceCandidate *)section.candidates->data)->foundation, ==, "1");
  g_assert_cmpstr (text, ==, "m=video 9 ICE/SDP");
  nice_sdp_section_clear (&section);
}

/* covers SDP-8839-5.1-e */
static void
test_names_in_a_section (void)
{
  const gchar *text =
      "a=candidate:1 1 UDP 1 peer.example.org 9 typ host\r\n"
      "a=candidate:2 1 UDP 1 1f4712db-ea17-4bcf-a596-105139dfd8bf.local 9 typ host\r\n"
      "a=candidate:3 1 UDP 1 192.0.2.1 9 typ host\r\n"
      "a=candidate:4 1 UDP 1 2579ef4b-50ae-4bfe-95af-70b3376ecb9c.local 9 typ host\r\n";
  NiceSdpSection section = { NULL };
  const NiceSdpLine *first;

  g_assert_true (nice_sdp_parse_section (&text, &section));
  g_assert_cmpuint (g_slist_length (section.candidates), ==, 1);
  g_assert_cmpuint (g_slist_length (section.named), ==, 2);
  first = section.named->data;
  g_assert_cmpstr (first->name, ==, "1f4712db-ea17-4bcf-a596-105139dfd8bf.local");
  g_assert_cmpstr (first->candidate->foundation, ==, "2");
  nice_sdp_section_clear (&section);
}

static void
test_first_bad_candidate_ends_a_section (void)
{
  const gchar *text = "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\n"
                      "a=candidate:what\n"
                      "a=candidate:2 1 UDP 1 192.0.2.2 4000 typ host\n";
  NiceSdpSection section = { NULL };

  g_assert_false (nice_sdp_parse_section (&text, &section));
  g_assert_cmpuint (g_slist_length (section.candidates), ==, 1);
  nice_sdp_section_clear (&section);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdp/lines-come-back-as-they-were",
                   test_lines_come_back_as_they_were);
  g_test_add_func ("/sdp/transports-of-all-spellings", test_transports_of_all_spellings);
  g_test_add_func ("/sdp/type-of-any-case", test_type_of_any_case);
  g_test_add_func ("/sdp/unknown-pairs", test_unknown_pairs_are_passed_over);
  g_test_add_func ("/sdp/ipv6-addresses", test_ipv6_addresses);
  g_test_add_func ("/sdp/long-lines", test_long_lines);
  g_test_add_func ("/sdp/carriage-return-and-spaces-do-not-matter",
                   test_carriage_return_and_spaces_do_not_matter);
  g_test_add_func ("/sdp/bad-lines-are-refused", test_bad_lines_are_refused);
  g_test_add_func ("/sdp/kinds-of-lines", test_kinds_of_lines);
  g_test_add_func ("/sdp/raddr-counts-only-with-rport",
                   test_raddr_counts_only_with_rport);
  g_test_add_func ("/sdp/hidden-base-says-nothing", test_hidden_base_says_nothing);
  g_test_add_func ("/sdp/names-in-place-of-addresses", test_names_in_place_of_addresses);
  g_test_add_func ("/sdp/default-is-nowhere-where-it-has-a-name",
                   test_default_is_nowhere_where_it_has_a_name);
  g_test_add_func ("/sdp/section-with-all-lines", test_section_with_all_lines);
  g_test_add_func ("/sdp/section-without-candidates", test_section_without_candidates);
  g_test_add_func ("/sdp/ipv6-is-called-so", test_ipv6_is_called_so);
  g_test_add_func ("/sdp/sections-are-read-one-by-one",
                   test_sections_are_read_one_by_one);
  g_test_add_func ("/sdp/names-in-a-section", test_names_in_a_section);
  g_test_add_func ("/sdp/first-bad-candidate-ends-a-section",
                   test_first_bad_candidate_ends_a_section);
  return g_test_run ();
}
