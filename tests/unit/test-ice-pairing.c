/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which candidates make pairs, and when: RFC 8445 6.1.2, RFC 8838 8 to 10, RFC 6544 6.2.
 * The peer is played by hand. */
#include "config.h"

#include "ice-hand.h"
#include "ice/pair.h"

#define SERVER_PORT 3478

static NiceAddress
parse (const gchar *text, guint16 port)
{
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, text));
  nice_address_set_port (&address, port);
  return address;
}

static void
add_server (IceHand *hand, IceServerKind kind, guint8 host)
{
  g_autofree gchar *name = g_strdup_printf ("10.0.0.%u", host);
  IceServer server = { .kind = kind,
                       .host = name,
                       .port = SERVER_PORT,
                       .username = "user",
                       .password = "secret" };

  g_assert_cmpuint (ice_engine_add_server (hand->engine, 0, 0, &server, hand->now), !=,
                    0);
  ice_hand_drain (hand);
}

/* Takes a request to a STUN server, which saw us at that address. */
static void
answer_server (IceHand *hand, NiceAddress mapped)
{
  g_autofree IceHandMessage *request = ice_hand_take_request (hand);
  IceHandAnswer answer = { .mapped = mapped };

  g_assert_cmpuint (nice_address_get_port (&request->to), ==, SERVER_PORT);
  ice_hand_answer (hand, request, &answer);
}

static guint
count_candidates (IceHand *hand, IceCandidateType type)
{
  guint n = 0;

  for (guint i = 0; i < hand->candidates->len; i++)
    n += g_array_index (hand->candidates, IceCandidate, i).type == type;
  return n;
}

/* covers ITCP-6544-6.2-a: who opens with who waits, and those that do both */
static void
test_connections_have_one_that_opens (void)
{
  static const IceTransport partners[] = {
    [ICE_TRANSPORT_UDP] = ICE_TRANSPORT_UDP,
    [ICE_TRANSPORT_TCP_ACTIVE] = ICE_TRANSPORT_TCP_PASSIVE,
    [ICE_TRANSPORT_TCP_PASSIVE] = ICE_TRANSPORT_TCP_ACTIVE,
    [ICE_TRANSPORT_TCP_SO] = ICE_TRANSPORT_TCP_SO,
  };

  for (guint a = 0; a < G_N_ELEMENTS (partners); a++)
    for (guint b = 0; b < G_N_ELEMENTS (partners); b++)
      {
        IceEnd local = { .value = { .transport = (IceTransport)a,
                                    .addr = ice_hand_address (1, 1) } };
        IceEnd remote = { .value = { .transport = (IceTransport)b,
                                     .addr = ice_hand_address (2, 2) } };

        g_assert_cmpint (ice_pair_is_possible (&local, &remote), ==, partners[a] == b);
      }
}

/* covers ICE-8445-6.1.2.2-a */
static void
test_pairs_join_like_with_like (void)
{
  NiceAddress locals[] = { ice_hand_local (1), parse ("2001:db8::1", 0),
                           parse ("fe80::1", 0) };
  NiceAddress ip4 = ice_hand_address (2, 2000), ip6 = parse ("2001:db8::2", 2000),
              link = parse ("fe80::2", 2000);
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  IceHand hand;

  ice_hand_init (&hand, NULL, 2, 0);
  g_assert_true (ice_engine_gather (hand.engine, 1, locals, G_N_ELEMENTS (locals), 0));
  ice_hand_drain (&hand);
  ice_hand_signal (&hand, 1, &ip4, HAND_PRIORITY, "1");
  ice_hand_signal (&hand, 1, &ip6, HAND_PRIORITY - 1, "2");
  ice_hand_signal (&hand, 1, &link, HAND_PRIORITY - 2, "3");
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 2), ==, 0);
  ice_engine_get_pairs (hand.engine, 1, 1, pairs);
  g_assert_cmpuint (pairs->len, ==, 3);
  for (guint i = 0; i < pairs->len; i++)
    {
      const IcePairInfo *pair = &g_array_index (pairs, IcePairInfo, i);

      g_assert_cmpint (nice_address_ip_version (&pair->local.addr), ==,
                       nice_address_ip_version (&pair->remote.addr));
      g_assert_cmpint (nice_address_is_linklocal (&pair->local.addr), ==,
                       nice_address_is_linklocal (&pair->remote.addr));
    }
  ice_hand_clear (&hand);
}

/* covers ICE-8445-6.1.2.2-b: the peer has no second component */
static void
test_component_that_the_peer_lacks_holds_up_nothing (void)
{
  NiceAddress peer = ice_hand_address (2, 2000);
  g_autofree IceHandMessage *check = NULL, *nomination = NULL;
  IceHand hand;

  ice_hand_init (&hand, NULL, 2, 1);
  ice_hand_signal (&hand, 1, &peer, HAND_PRIORITY, "1");
  check = ice_hand_take_request (&hand);
  ice_hand_accept (&hand, check);
  nomination = ice_hand_take_request (&hand);
  ice_hand_accept (&hand, nomination);
  g_assert_true (g_str_has_suffix (hand.states->str, "1.1 ready\n"));
  g_assert_cmpint (hand.now, ==, 0);
  ice_hand_clear (&hand);
}

/* covers ICE-8445-6.1.2.4-a, ICE-8445-6.1.2.4-b, TRI-8838-10-b: a reflexive candidate
 * stands for its base, whose own pair has the higher priority and stays. */
static void
test_reflexive_candidates_start_no_pairs (void)
{
  NiceAddress peers[] = { ice_hand_address (2, 2000), ice_hand_address (3, 2000) };
  IcePairInfo pair;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  add_server (&hand, ICE_SERVER_STUN_UDP, 200);
  ice_hand_signal (&hand, 1, &peers[0], HAND_PRIORITY, "1");
  answer_server (&hand, ice_hand_address (99, 99));
  g_assert_cmpuint (count_candidates (&hand, ICE_CANDIDATE_SERVER_REFLEXIVE), ==, 1);
  ice_hand_signal (&hand, 1, &peers[1], HAND_PRIORITY - 1, "2");
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      pair = ice_hand_get_pair (&hand, 1, 1, peers[i]);
      g_assert_cmpint (pair.local.type, ==, ICE_CANDIDATE_HOST);
    }
  ice_hand_clear (&hand);
}

/* covers TRI-8838-9-a, ICE-8445-5.1.3-a: two servers saw the same */
static void
test_equal_candidate_is_not_announced_again (void)
{
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  add_server (&hand, ICE_SERVER_STUN_UDP, 200);
  add_server (&hand, ICE_SERVER_STUN_UDP, 201);
  ice_hand_run_until (&hand, 20 * MS);
  answer_server (&hand, ice_hand_address (99, 99));
  answer_server (&hand, ice_hand_address (99, 99));
  g_assert_cmpuint (count_candidates (&hand, ICE_CANDIDATE_SERVER_REFLEXIVE), ==, 1);
  ice_hand_clear (&hand);
}

/* covers ICE-8445-5.1.1.2-c: a redirection is not for gathering */
static void
test_binding_that_redirects_is_not_followed (void)
{
  g_autofree IceHandMessage *request = NULL;
  IceHandAnswer redirect = { .code = 300, .alternate = ice_hand_address (201, 3478) };
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  add_server (&hand, ICE_SERVER_STUN_UDP, 200);
  request = ice_hand_take_request (&hand);
  ice_hand_answer (&hand, request, &redirect);
  ice_hand_run_until (&hand, 10 * SECOND);
  g_assert_null (ice_hand_take (&hand, STUN_CLASS_REQUEST));
  g_assert_cmpuint (count_candidates (&hand, ICE_CANDIDATE_SERVER_REFLEXIVE), ==, 0);
  ice_hand_clear (&hand);
}

static void
give_relay (IceHand *hand, NiceAddress relayed)
{
  const IceBaseRequest *need;
  IceBaseResult result = { .local = relayed, .mapped = ice_hand_address (99, 99) };

  g_assert_cmpuint (hand->needs->len, ==, 1);
  need = &g_array_index (hand->needs, IceBaseRequest, 0);
  g_assert_cmpint (need->kind, ==, ICE_BASE_RELAY);
  ice_engine_handle_base (hand->engine, need->id, &result, hand->now);
  ice_hand_drain (hand);
}

/* covers ICE-8445-5.1.1.2-e */
static void
test_full_server_tells_our_mapping (void)
{
  static const struct
  {
    IceReason error;
    guint code;
    gboolean asked;
  } rows[] = { { ICE_REASON_QUOTA, 486, TRUE },
               { ICE_REASON_CAPACITY, 508, TRUE },
               { ICE_REASON_FORBIDDEN, 403, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      IceBaseResult result = { .error = rows[i].error, .code = rows[i].code };
      IceHand hand;

      ice_hand_init (&hand, NULL, 1, 1);
      add_server (&hand, ICE_SERVER_TURN_UDP, 200);
      ice_engine_handle_base (hand.engine,
                              g_array_index (hand.needs, IceBaseRequest, 0).id, &result,
                              hand.now);
      ice_hand_drain (&hand);
      ice_hand_run_until (&hand, 20 * MS);
      if (rows[i].asked)
        answer_server (&hand, ice_hand_address (99, 99));
      g_assert_null (ice_hand_take (&hand, STUN_CLASS_REQUEST));
      g_assert_cmpuint (count_candidates (&hand, ICE_CANDIDATE_SERVER_REFLEXIVE), ==,
                        rows[i].asked);
      ice_hand_clear (&hand);
    }
}

/* A host whose address is public tells a name, and then what the server saw.
 * covers MDNS-3.1.2-a */
static void
test_mapping_of_a_host_that_tells_a_name (void)
{
  for (guint hides = 0; hides < 2; hides++)
    {
      IceConfig config;
      IceHand hand;

      ice_hand_make_config (&config);
      config.hides_hosts = hides;
      ice_hand_init (&hand, &config, 1, 1);
      add_server (&hand, ICE_SERVER_STUN_UDP, 200);
      answer_server (&hand, ice_hand_local (1));
      g_assert_cmpuint (count_candidates (&hand, ICE_CANDIDATE_SERVER_REFLEXIVE), ==,
                        hides);
      ice_hand_clear (&hand);
    }
}

/* covers ICE-8445-5.1.1.2-f: its allocation is let go */
static void
test_relay_at_a_host_s_address_is_no_candidate (void)
{
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  add_server (&hand, ICE_SERVER_TURN_UDP, 200);
  give_relay (&hand, g_array_index (hand.candidates, IceCandidate, 0).addr);
  g_assert_cmpuint (count_candidates (&hand, ICE_CANDIDATE_RELAYED), ==, 0);
  g_assert_cmpuint (hand.dropped->len, ==, 1);
  g_assert_cmpuint (g_array_index (hand.dropped, IceBaseId, 0), ==,
                    g_array_index (hand.needs, IceBaseRequest, 0).id);
  ice_hand_clear (&hand);
}

/* covers TRI-8838-10-a, ICE-8445-7.2.4-b: a relay that comes late is told in the same
 * breath as its first check leaves, through it; before there is a peer it is just kept.
 */
static void
test_candidate_is_told_when_it_is_paired (void)
{
  for (guint with_peer = 0; with_peer < 2; with_peer++)
    {
      NiceAddress relayed = ice_hand_address (150, 5000);
      NiceAddress peer = ice_hand_address (2, 2000);
      g_autofree IceHandMessage *direct = NULL, *through = NULL;
      const IceCandidate *told;
      IceHand hand;

      ice_hand_init (&hand, NULL, 1, 1);
      add_server (&hand, ICE_SERVER_TURN_UDP, 200);
      if (with_peer)
        ice_hand_signal (&hand, 1, &peer, HAND_PRIORITY, "1");
      ice_hand_run_until (&hand, 100 * MS);
      direct = ice_hand_take (&hand, STUN_CLASS_REQUEST);
      g_assert_cmpint (direct != NULL, ==, with_peer);
      give_relay (&hand, relayed);
      told = &g_array_index (hand.candidates, IceCandidate, hand.candidates->len - 1);
      g_assert_cmpint (told->type, ==, ICE_CANDIDATE_RELAYED);
      through = ice_hand_take (&hand, STUN_CLASS_REQUEST);
      g_assert_cmpint (through != NULL, ==, with_peer);
      g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, with_peer ? 2 : 0);
      if (through != NULL)
        {
          g_assert_cmpuint (through->base, ==, told->base);
          g_assert_true (nice_address_equal (&through->to, &peer));
        }
      ice_hand_clear (&hand);
    }
}

/* The peer's checks may come before ours: a relay lets in whom it has a pair with, before
 * that pair has its turn, and nobody else.
 * covers ICE-8445-7.2.1-a */
static void
test_relay_is_told_whom_to_let_in (void)
{
  NiceAddress peers[4];
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  add_server (&hand, ICE_SERVER_TURN_UDP, 200);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      g_autofree gchar *foundation = g_strdup_printf ("%u", i);

      if (i == 2)
        {
          g_assert_cmpuint (hand.permissions->len, ==, 0); /* of a host candidate */
          give_relay (&hand, ice_hand_address (150, 5000));
        }
      peers[i] = ice_hand_address (2 + i, 2000);
      ice_hand_signal (&hand, 1, &peers[i], HAND_PRIORITY - i, foundation);
    }
  g_assert_cmpuint (hand.permissions->len, ==, G_N_ELEMENTS (peers));
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    g_assert_true (nice_address_equal (&g_array_index (hand.permissions, NiceAddress, i),
                                       &peers[i]));
  ice_hand_run_until (&hand, SECOND);
  g_assert_cmpuint (hand.permissions->len, ==, G_N_ELEMENTS (peers));
  ice_hand_clear (&hand);
}

/* Nor does it hear of an address that was told by a name, until it is told as it is.
 * covers MDNS-3.3.2-a */
static void
test_relay_is_not_told_what_a_name_hides (void)
{
  NiceAddress peer = ice_hand_address (2, 2000), other = ice_hand_address (3, 2000);
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  add_server (&hand, ICE_SERVER_TURN_UDP, 200);
  g_assert_true (ice_hand_signal_name (&hand, 1, "peer.local", 2000));
  ice_hand_answer_name (&hand, &peer);
  give_relay (&hand, ice_hand_address (150, 5000));
  g_assert_true (ice_hand_signal_name (&hand, 1, "other.local", 2000));
  ice_hand_answer_name (&hand, &other);
  ice_hand_run_until (&hand, SECOND);
  g_assert_cmpuint (hand.permissions->len, ==, 0);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 2);

  ice_hand_signal (&hand, 1, &peer, HAND_PRIORITY, "1");
  g_assert_cmpuint (hand.permissions->len, ==, 1);
  g_assert_true (
      nice_address_equal (&g_array_index (hand.permissions, NiceAddress, 0), &peer));
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 3);
  g_assert_true (ice_hand_signal_name (&hand, 1, "other.local", 2000));
  g_assert_cmpuint (hand.permissions->len, ==, 1);
  ice_hand_clear (&hand);
}

/* covers ICE-8445-7.3.1.2-a: over a relay, where the server says it came from */
static void
test_answer_over_a_relay_tells_what_the_server_saw (void)
{
  IceHandCheck check = { .from = ice_hand_address (77, 7777), .priority = 1 };
  g_autofree IceHandMessage *answer = NULL;
  StunAddress mapped;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  add_server (&hand, ICE_SERVER_TURN_UDP, 200);
  give_relay (&hand, ice_hand_address (150, 5000));
  check.base = g_array_index (hand.needs, IceBaseRequest, 0).id;
  ice_hand_check (&hand, &check);
  answer = ice_hand_take (&hand, STUN_CLASS_SUCCESS);
  g_assert_nonnull (answer);
  g_assert_cmpuint (answer->base, ==, check.base);
  g_assert_true (nice_address_equal (&answer->to, &check.from));
  g_assert_cmpint (
      stun_attr_read_xor_address (&answer->view, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped),
      ==, STUN_RULE_KEPT);
  g_assert_true (nice_address_equal ((NiceAddress *)&mapped, &check.from));
  ice_hand_clear (&hand);
}

/* --- a full list --- */

static void
assert_next_check_to (IceHand *hand, NiceAddress to)
{
  g_autofree IceHandMessage *check = ice_hand_take_request (hand);

  g_assert_true (nice_address_equal (&check->to, &to));
}

/* covers TRI-8838-10-c: of two places one is free again when its pair has failed; else
 * the worst gives way. */
static void
test_full_list_takes_failed_ones_first_then_the_worst (void)
{
  for (guint failed = 0; failed < 2; failed++)
    {
      NiceAddress best = ice_hand_address (2, 2000), worst = ice_hand_address (3, 2000),
                  late = ice_hand_address (4, 2000);
      IceHandAnswer error = { .code = 400 };
      g_autofree IceHandMessage *first = NULL;
      IceConfig config;
      IceHand hand;

      ice_hand_make_config (&config);
      config.max_pairs = 2;
      ice_hand_begin (&hand, &config, &best);
      ice_hand_signal (&hand, 1, &worst, HAND_PRIORITY - 512, "2");
      first = ice_hand_take_request (&hand);
      g_assert_true (nice_address_equal (&first->to, &best));
      if (failed)
        ice_hand_answer (&hand, first, &error);
      ice_hand_signal (&hand, 1, &late, HAND_PRIORITY - 256, "3");
      ice_hand_run_until (&hand, 400 * MS);
      assert_next_check_to (&hand, late);
      if (failed)
        assert_next_check_to (&hand, worst);
      else
        g_assert_null (ice_hand_take (&hand, STUN_CLASS_REQUEST));
      ice_hand_clear (&hand);
    }
}

/* covers TRI-8838-8-b: the empty list of stream 1 costs stream 2 nothing */
static void
test_empty_checklist_takes_no_turn (void)
{
  NiceAddress local = ice_hand_local (2);
  guint n = 3;
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  g_assert_cmpuint (ice_engine_add_stream (hand.engine, 1, 0), ==, 2);
  ice_engine_gather (hand.engine, 2, &local, 1, 0);
  ice_engine_set_remote_credentials (hand.engine, 2, HAND_UFRAG, HAND_PWD, 0);
  ice_hand_drain (&hand);
  for (guint i = 0; i < n; i++)
    {
      IceCandidate candidate = { .type = ICE_CANDIDATE_HOST,
                                 .priority = HAND_PRIORITY - i,
                                 .addr = ice_hand_address (2 + i, 2000) };

      g_snprintf (candidate.foundation, sizeof candidate.foundation, "%u", i);
      ice_engine_add_remote_candidates (hand.engine, 2, 1, &candidate, 1, 0);
    }
  ice_hand_drain (&hand);
  ice_hand_run_until (&hand, 400 * MS);
  for (guint i = 0; i < n; i++)
    {
      g_autofree IceHandMessage *check = ice_hand_take_request (&hand);

      g_assert_cmpint (check->when, ==, (gint64)i * 20 * MS);
    }
  ice_hand_clear (&hand);
}

/* --- lite --- */

/* covers LITE-8445-5.2-a, LITE-8445-7.1-a */
static void
test_lite_agent_has_host_candidates_only (void)
{
  NiceAddress peer = ice_hand_address (2, 2000);
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.lite = TRUE;
  ice_hand_init (&hand, &config, 2, 2);
  add_server (&hand, ICE_SERVER_STUN_UDP, 200);
  add_server (&hand, ICE_SERVER_TURN_UDP, 201);
  ice_hand_signal (&hand, 1, &peer, HAND_PRIORITY, "1");
  ice_hand_run_until (&hand, 10 * SECOND);
  g_assert_cmpuint (hand.candidates->len, ==, 4);
  g_assert_cmpuint (count_candidates (&hand, ICE_CANDIDATE_HOST), ==, 4);
  g_assert_cmpuint (hand.needs->len, ==, 0);
  g_assert_null (ice_hand_take (&hand, STUN_CLASS_REQUEST));
  for (guint i = 0; i < hand.candidates->len; i++)
    for (guint k = 0; k < i; k++)
      {
        const IceCandidate *a = &g_array_index (hand.candidates, IceCandidate, i);
        const IceCandidate *b = &g_array_index (hand.candidates, IceCandidate, k);
        gboolean same_host = (i & 1) == (k & 1);

        g_assert_cmpint (strcmp (a->foundation, b->foundation) == 0, ==, same_host);
        g_assert_false (same_host && a->component_id == b->component_id);
      }
  ice_hand_clear (&hand);
}

/* covers LITE-8445-12.1.1-a, LITE-8445-7.3.2-a: the second component has no pair yet */
static void
test_lite_agent_waits_for_all_components (void)
{
  NiceAddress peers[] = { ice_hand_address (2, 2000), ice_hand_address (2, 2001) };
  IceHandCheck check = { .role = ICE_HAND_CONTROLLING,
                         .priority = 1,
                         .use_candidate = TRUE };
  IceCandidate local, remote;
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.lite = TRUE;
  config.controlling = FALSE;
  ice_hand_init (&hand, &config, 2, 1);
  for (guint i = 0; i < 2; i++)
    ice_hand_signal (&hand, i + 1, &peers[i], HAND_PRIORITY, "1");
  check.from = peers[0];
  check.base = 1;
  ice_hand_check (&hand, &check);
  g_assert_false (ice_engine_get_selected_pair (hand.engine, 1, 1, &local, &remote));
  check.from = peers[1];
  check.base = 2;
  ice_hand_check (&hand, &check);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (
          ice_engine_get_selected_pair (hand.engine, 1, i + 1, &local, &remote));
      g_assert_true (nice_address_equal (&remote.addr, &peers[i]));
    }
  ice_hand_clear (&hand);
}

/* --- TCP --- */

/* covers ITCP-6544-12-a, ITCP-6544-6.2-a: at most five at once to one address; the others
 * when there is room. */
static void
test_five_connections_at_once_to_one_peer (void)
{
  const IceBaseResult listening = { .local = ice_hand_address (1, 1000) };
  IceConfig config;
  IceHand hand;

  ice_hand_make_config (&config);
  config.ice_tcp = TRUE;
  config.ice_udp = FALSE;
  ice_hand_init (&hand, &config, 1, 1);
  ice_engine_handle_base (hand.engine, g_array_index (hand.needs, IceBaseRequest, 0).id,
                          &listening, 0);
  g_array_set_size (hand.needs, 0);
  for (guint i = 0; i < 8; i++)
    {
      g_autofree gchar *foundation = g_strdup_printf ("%u", i);
      IceCandidate candidate = { .type = ICE_CANDIDATE_HOST,
                                 .transport = ICE_TRANSPORT_TCP_PASSIVE,
                                 .priority = HAND_PRIORITY - i,
                                 .addr = ice_hand_address (2, 2000 + i) };

      g_strlcpy (candidate.foundation, foundation, sizeof candidate.foundation);
      ice_engine_add_remote_candidates (hand.engine, 1, 1, &candidate, 1, 0);
    }
  ice_hand_drain (&hand);
  ice_hand_run_until (&hand, SECOND);
  g_assert_cmpuint (hand.needs->len, ==, 5);
  for (guint i = 0; i < 5; i++)
    {
      IceBaseResult refused = { .error = ICE_REASON_REFUSED };
      const IceBaseRequest *need = &g_array_index (hand.needs, IceBaseRequest, i);

      g_assert_cmpint (need->kind, ==, ICE_BASE_TCP_CONNECT);
      ice_engine_handle_base (hand.engine, need->id, &refused, hand.now);
    }
  ice_hand_drain (&hand);
  ice_hand_run_until (&hand, 2 * SECOND);
  g_assert_cmpuint (hand.needs->len, ==, 8);
  ice_hand_clear (&hand);
}

/* covers ITCP-6544-4.1-a: neither ours nor the peer's */
static void
test_tcp_that_is_off_is_off (void)
{
  IceCandidate candidate = { .type = ICE_CANDIDATE_HOST,
                             .transport = ICE_TRANSPORT_TCP_PASSIVE,
                             .priority = HAND_PRIORITY,
                             .addr = ice_hand_address (2, 2000),
                             .foundation = "1" };
  IceHand hand;

  ice_hand_init (&hand, NULL, 1, 1);
  g_assert_cmpuint (hand.candidates->len, ==, 1);
  g_assert_cmpuint (
      ice_engine_add_remote_candidates (hand.engine, 1, 1, &candidate, 1, 0), ==, 0);
  ice_hand_drain (&hand);
  ice_hand_run_until (&hand, SECOND);
  g_assert_cmpuint (hand.needs->len, ==, 0);
  g_assert_cmpuint (ice_hand_count_pairs (&hand, 1), ==, 0);
  ice_hand_clear (&hand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/pairing/tcp", test_connections_have_one_that_opens);
  g_test_add_func ("/ice/pairing/like-with-like", test_pairs_join_like_with_like);
  g_test_add_func ("/ice/pairing/lacking-component",
                   test_component_that_the_peer_lacks_holds_up_nothing);
  g_test_add_func ("/ice/pairing/reflexive", test_reflexive_candidates_start_no_pairs);
  g_test_add_func ("/ice/pairing/equal", test_equal_candidate_is_not_announced_again);
  g_test_add_func ("/ice/pairing/redirection",
                   test_binding_that_redirects_is_not_followed);
  g_test_add_func ("/ice/pairing/full-server", test_full_server_tells_our_mapping);
  g_test_add_func ("/ice/pairing/relay-at-home",
                   test_relay_at_a_host_s_address_is_no_candidate);
  g_test_add_func ("/ice/pairing/told", test_candidate_is_told_when_it_is_paired);
  g_test_add_func ("/ice/pairing/permission", test_relay_is_told_whom_to_let_in);
  g_test_add_func ("/ice/pairing/mapping-and-names",
                   test_mapping_of_a_host_that_tells_a_name);
  g_test_add_func ("/ice/pairing/relay-and-names",
                   test_relay_is_not_told_what_a_name_hides);
  g_test_add_func ("/ice/pairing/relay",
                   test_answer_over_a_relay_tells_what_the_server_saw);
  g_test_add_func ("/ice/pairing/full",
                   test_full_list_takes_failed_ones_first_then_the_worst);
  g_test_add_func ("/ice/pairing/empty", test_empty_checklist_takes_no_turn);
  g_test_add_func ("/ice/pairing/lite", test_lite_agent_has_host_candidates_only);
  g_test_add_func ("/ice/pairing/lite-waits", test_lite_agent_waits_for_all_components);
  g_test_add_func ("/ice/pairing/five-connections",
                   test_five_connections_at_once_to_one_peer);
  g_test_add_func ("/ice/pairing/tcp-off", test_tcp_that_is_off_is_off);
  return g_test_run ();
}
