/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICE over TCP: connections open when a pair's turn comes, and go with it. */
#include "config.h"

#include "ice-wire.h"

#include "ice/deadline.h"

#define R (40 * MS)

static void
setup (IceWire *wire, IceNominationMode mode, gboolean a_only_active)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, mode);
  a.ice_tcp = b.ice_tcp = TRUE;
  a.ice_udp = b.ice_udp = FALSE;
  a.reliable = b.reliable = TRUE;
  ice_wire_init (wire, &a, &b, R / 2);
}

/* covers ITCP-6544-6.2-a, ITCP-6544-7.1-a, ITCP-6544-7.2-a */
static void
test_connects_over_tcp_alone (void)
{
  for (guint mode = 0; mode < 2; mode++)
    {
      IceWire wire;
      IceCandidate local[2], remote[2];

      setup (&wire, mode, FALSE);
      ice_wire_connect (&wire, 1);
      ice_wire_run_until (&wire, 3 * SECOND);
      for (guint i = 0; i < 2; i++)
        {
          g_assert_cmpint (ice_wire_get_state (&wire, i, 1, 1), ==, ICE_COMPONENT_READY);
          g_assert_true (ice_engine_get_selected_pair (wire.ends[i].engine, 1, 1,
                                                       &local[i], &remote[i]));
        }
      g_assert_true (nice_address_equal (&local[0].addr, &remote[1].addr));
      g_assert_true (nice_address_equal (&local[1].addr, &remote[0].addr));
      ice_wire_clear (&wire);
    }
}

/* covers ITCP-6544-8-a: aggressive nomination is for UDP */
static void
test_other_connections_close_on_completion (void)
{
  IceWire wire;
  guint open = 0;

  setup (&wire, ICE_NOMINATION_REGULAR, FALSE);
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, 10 * SECOND);
  for (guint i = 0; i < 2; i++)
    open += g_hash_table_size (wire.ends[i].bases);
  /* two listeners, and both ends of the one connection that was selected */
  g_assert_cmpuint (open, ==, 4);
  ice_wire_clear (&wire);
}

static gboolean
refuse (IceWireEnd *end, const IceBaseRequest *request)
{
  IceBaseResult result = { .error = ICE_REASON_REFUSED };

  if (request->kind != ICE_BASE_TCP_CONNECT)
    return FALSE;
  nice_address_init (&result.local);
  nice_address_init (&result.mapped);
  ice_engine_handle_base (end->engine, request->id, &result, end->wire->now);
  return TRUE;
}

static void
test_refused_connection_fails_its_pair (void)
{
  IceWire wire;
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));

  setup (&wire, ICE_NOMINATION_REGULAR, FALSE);
  wire.need = refuse;
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, 60 * SECOND);
  ice_engine_get_pairs (wire.ends[0].engine, 1, 1, pairs);
  g_assert_cmpuint (pairs->len, ==, 1);
  g_assert_cmpint (g_array_index (pairs, IcePairInfo, 0).state, ==, ICE_PAIR_FAILED);
  g_assert_cmpint (g_array_index (pairs, IcePairInfo, 0).last_error, ==,
                   ICE_REASON_REFUSED);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_FAILED);
  ice_wire_clear (&wire);
}

static const IceCandidate *
find_candidate (const IceWireEnd *end, IceTransport transport)
{
  for (guint i = 0; i < end->candidates->len; i++)
    {
      const IceCandidate *candidate = &g_array_index (end->candidates, IceCandidate, i);

      if (candidate->transport == transport)
        return candidate;
    }
  g_assert_not_reached ();
}

/* Selected by hand, it would be sent from a base that nobody made. */
static void
test_pair_without_connection_is_not_selected (void)
{
  const IceCandidate *active, *passive;
  IceWire wire;
  guint id;

  setup (&wire, ICE_NOMINATION_REGULAR, FALSE);
  id = ice_wire_add_stream (&wire, 1);
  ice_wire_gather (&wire, id);
  ice_wire_swap_candidates (&wire, id);
  active = find_candidate (&wire.ends[0], ICE_TRANSPORT_TCP_ACTIVE);
  passive = find_candidate (&wire.ends[1], ICE_TRANSPORT_TCP_PASSIVE);
  g_assert_false (ice_engine_select_pair (wire.ends[0].engine, id, 1, active->foundation,
                                          passive->foundation, wire.now));
  ice_wire_run_until (&wire, 100 * SECOND);
  ice_wire_clear (&wire);
}

/* Swallows checks of the second end until the time that data points to. */
static gboolean
is_late (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  return from == &from->wire->ends[1] && transmit->data[0] == 0 && transmit->data[1] == 1
         && now < *(gint64 *)data;
}

/* When the first end, which controls, has selected a pair. */
static gint64
select_with (gint64 late, gboolean reliable)
{
  IceConfig a, b;
  IceWire wire;
  gint64 when;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.ice_tcp = b.ice_tcp = TRUE;
  a.ice_udp = b.ice_udp = FALSE;
  a.reliable = b.reliable = reliable;
  ice_wire_init (&wire, &a, &b, R / 2);
  wire.filter = is_late;
  wire.filter_data = &late;
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, 10 * SECOND);
  when = ice_wire_when (&wire, "a state 1.1 connected");
  ice_wire_clear (&wire);
  return when;
}

/* libnice 0.1.21 gave the answer to its check to its user when bytes went before it. */
static void
test_bytes_do_not_overtake_the_peers_check (void)
{
  const gint64 prompt = select_with (0, TRUE);

  g_assert_cmpint (select_with (0, FALSE), ==, prompt);
  g_assert_cmpint (select_with (10 * SECOND, FALSE), ==, prompt);
  g_assert_cmpint (select_with (10 * SECOND, TRUE), ==, prompt + ICE_PEER_PATIENCE);
}

/* --- A selected connection that ends (RFC 6544 11.1) --- */

typedef struct
{
  IceWire wire;
  guint active; /* the end that opened the selected connection */
  IceBaseId bases[2];
} Connected;

static IceBaseId
find_selected_base (const IceWireEnd *end)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  IceBaseId base = 0;

  ice_engine_get_pairs (end->engine, 1, 1, pairs);
  for (guint i = 0; i < pairs->len; i++)
    if (g_array_index (pairs, IcePairInfo, i).selected)
      base = g_array_index (pairs, IcePairInfo, i).base;
  g_assert_cmpuint (base, !=, 0);
  return base;
}

/* Both are ready at SECOND; the end with that number connects, the first one controls. */
static void
connect_as (Connected *self, guint active, gboolean reliable, gboolean frees)
{
  IceConfig configs[2];
  IceWire *wire = &self->wire;

  self->active = active;
  ice_wire_make_configs (&configs[0], &configs[1], ICE_NOMINATION_REGULAR);
  for (guint i = 0; i < 2; i++)
    {
      configs[i].ice_tcp = TRUE;
      configs[i].ice_udp = FALSE;
      configs[i].reliable = reliable;
      configs[i].free_candidates = frees;
    }
  ice_wire_init (wire, &configs[0], &configs[1], R / 2);
  ice_wire_add_stream (wire, 1);
  ice_wire_gather (wire, 1);
  ice_wire_swap_credentials (wire, 1);
  for (guint i = 0; i < 2; i++)
    {
      const IceTransport transport =
          i == active ? ICE_TRANSPORT_TCP_ACTIVE : ICE_TRANSPORT_TCP_PASSIVE;

      ice_engine_add_remote_candidates (wire->ends[1 - i].engine, 1, 1,
                                        find_candidate (&wire->ends[i], transport), 1, 0);
      ice_wire_drain (wire);
    }
  ice_wire_run_until (wire, SECOND);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (ice_wire_get_state (wire, i, 1, 1), ==, ICE_COMPONENT_READY);
      self->bases[i] = find_selected_base (&wire->ends[i]);
    }
}

static void
lose (Connected *self, guint end)
{
  ice_wire_lose_base (&self->wire, end, self->bases[end]);
}

static void
assert_ends (Connected *self, guint end, gint64 when, IceComponentState state)
{
  ice_wire_run_until (&self->wire, when - 1);
  g_assert_cmpint (ice_wire_get_state (&self->wire, end, 1, 1), ==,
                   ICE_COMPONENT_CONNECTING);
  ice_wire_run_until (&self->wire, when);
  g_assert_cmpint (ice_wire_get_state (&self->wire, end, 1, 1), ==, state);
}

/* covers ITCP-6544-11.1-a: who opened it opens it anew and checks, the other end checks
 * in return; selected is what the controlling one nominates. */
static void
test_lost_connection_is_opened_anew (void)
{
  for (guint active = 0; active < 2; active++)
    {
      Connected self;
      const gint64 lost = 5 * SECOND;

      connect_as (&self, active, FALSE, FALSE);
      ice_wire_run_until (&self.wire, lost);
      lose (&self, 1 - active);
      lose (&self, active);
      g_assert_cmpint (ice_wire_get_state (&self.wire, 0, 1, 1), ==,
                       ICE_COMPONENT_CONNECTING);
      assert_ends (&self, 1, lost + (active == 0 ? R + R / 2 : 2 * R),
                   ICE_COMPONENT_READY);
      assert_ends (&self, 0, lost + 2 * R + (active == 0 ? 0 : R / 2),
                   ICE_COMPONENT_READY);
      ice_wire_run_until (&self.wire, 100 * SECOND);
      g_assert_cmpuint (ice_wire_count (&self.wire, "a state 1.1 ready"), ==, 2);
      g_assert_cmpuint (ice_wire_count (&self.wire, "b state 1.1 ready"), ==, 2);
      ice_wire_clear (&self.wire);
    }
}

/* The other end was not told that the connection is gone. */
static void
test_one_end_alone_loses_the_connection (void)
{
  for (guint active = 0; active < 2; active++)
    {
      Connected self;

      connect_as (&self, active, FALSE, FALSE);
      ice_wire_run_until (&self.wire, 10 * SECOND);
      lose (&self, active);
      ice_wire_run_until (&self.wire, 11 * SECOND);
      for (guint i = 0; i < 2; i++)
        g_assert_cmpint (ice_wire_get_state (&self.wire, i, 1, 1), ==,
                         ICE_COMPONENT_READY);
      g_assert_cmpuint (ice_wire_count (&self.wire, "a state 1.1 failed"), ==, 0);
      ice_wire_clear (&self.wire);
    }
}

/* Bytes that were under way are lost, and a reliable agent promised them. */
static void
test_reliable_agent_does_not_go_on (void)
{
  for (guint end = 0; end < 2; end++)
    {
      Connected self;

      connect_as (&self, 0, TRUE, FALSE);
      lose (&self, end);
      g_assert_cmpint (ice_wire_get_state (&self.wire, end, 1, 1), ==,
                       ICE_COMPONENT_FAILED);
      ice_wire_clear (&self.wire);
    }
}

/* Who cannot connect has failed as soon as that is known; who waits does so for 10 s. */
static void
test_nobody_is_there_any_more (void)
{
  Connected self;

  connect_as (&self, 0, FALSE, FALSE);
  self.wire.need = refuse;
  lose (&self, 1);
  lose (&self, 0);
  g_assert_cmpint (ice_wire_get_state (&self.wire, 0, 1, 1), ==, ICE_COMPONENT_FAILED);
  assert_ends (&self, 1, SECOND + ICE_REOPEN_PATIENCE, ICE_COMPONENT_FAILED);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree gchar *line =
          g_strdup_printf ("%c reason 1.1 %u", 'a' + i, ICE_REASON_BASE_LOST);

      g_assert_cmpuint (ice_wire_count (&self.wire, line), ==, 1);
    }
  ice_wire_clear (&self.wire);
}

/* A peer that closes what it has just selected would keep both busy for ever. */
static void
test_connections_are_not_opened_anew_all_the_time (void)
{
  static const gint64 lives[] = { ICE_REOPEN_INTERVAL - 1, ICE_REOPEN_INTERVAL };

  for (guint i = 0; i < G_N_ELEMENTS (lives); i++)
    {
      Connected self;
      gint64 lost;

      connect_as (&self, 0, FALSE, FALSE);
      lost = self.wire.now;
      lose (&self, 0);
      ice_wire_run_until (&self.wire, lost + lives[i]);
      g_assert_cmpint (ice_wire_get_state (&self.wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
      self.bases[0] = find_selected_base (&self.wire.ends[0]);
      lose (&self, 0);
      g_assert_cmpint (ice_wire_get_state (&self.wire, 0, 1, 1), ==,
                       i == 0 ? ICE_COMPONENT_FAILED : ICE_COMPONENT_CONNECTING);
      ice_wire_clear (&self.wire);
    }
}

/* covers ICE-8445-8.3.1-a: what waits for the next connection stays */
static void
test_freeing_keeps_the_way_back (void)
{
  for (guint active = 0; active < 2; active++)
    {
      Connected self;

      connect_as (&self, active, FALSE, TRUE);
      ice_wire_run_until (&self.wire, 10 * SECOND);
      g_assert_cmpuint (g_hash_table_size (self.wire.ends[active].bases), ==, 1);
      g_assert_cmpuint (g_hash_table_size (self.wire.ends[1 - active].bases), ==, 2);
      lose (&self, 1 - active);
      lose (&self, active);
      ice_wire_run_until (&self.wire, 20 * SECOND);
      for (guint i = 0; i < 2; i++)
        g_assert_cmpint (ice_wire_get_state (&self.wire, i, 1, 1), ==,
                         ICE_COMPONENT_READY);
      ice_wire_clear (&self.wire);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/tcp/alone", test_connects_over_tcp_alone);
  g_test_add_func ("/ice/tcp/others-close", test_other_connections_close_on_completion);
  g_test_add_func ("/ice/tcp/refused", test_refused_connection_fails_its_pair);
  g_test_add_func ("/ice/tcp/select-unconnected",
                   test_pair_without_connection_is_not_selected);
  g_test_add_func ("/ice/tcp/peer-first", test_bytes_do_not_overtake_the_peers_check);
  g_test_add_func ("/ice/tcp/opened-anew", test_lost_connection_is_opened_anew);
  g_test_add_func ("/ice/tcp/lost-at-one-end", test_one_end_alone_loses_the_connection);
  g_test_add_func ("/ice/tcp/reliable-fails", test_reliable_agent_does_not_go_on);
  g_test_add_func ("/ice/tcp/nobody-there", test_nobody_is_there_any_more);
  g_test_add_func ("/ice/tcp/not-all-the-time",
                   test_connections_are_not_opened_anew_all_the_time);
  g_test_add_func ("/ice/tcp/freeing", test_freeing_keeps_the_way_back);
  return g_test_run ();
}
