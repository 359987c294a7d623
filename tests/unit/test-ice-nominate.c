/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nomination: policies, patience, renomination, lite. */
#include "config.h"

#include "ice-wire.h"

#define R (40 * MS)

typedef struct
{
  guint base;   /* of a: what it sends from there is lost ... */
  gint64 until; /* ... until then */
} Cut;

static gboolean
cut (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  const Cut *self = data;

  return from->host == 1 && transmit->base == self->base && now < self->until;
}

static void
setup (IceWire *wire, Cut *self, gboolean renomination)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.renomination = b.renomination = renomination;
  ice_wire_init (wire, &a, &b, R / 2);
  wire->n_addresses = 2;
  wire->filter = cut;
  wire->filter_data = self;
  ice_wire_connect (wire, 1);
}

static guint
selected_base (IceWire *wire)
{
  IceCandidate local, remote;

  g_assert_true (
      ice_engine_get_selected_pair (wire->ends[0].engine, 1, 1, &local, &remote));
  return local.base;
}

static gboolean
agree (IceWire *wire)
{
  IceCandidate local[2], remote[2];

  for (guint i = 0; i < 2; i++)
    if (!ice_engine_get_selected_pair (wire->ends[i].engine, 1, 1, &local[i], &remote[i]))
      return FALSE;
  return nice_address_equal (&local[0].addr, &remote[1].addr)
         && nice_address_equal (&local[1].addr, &remote[0].addr);
}

/* covers ICE-8445-8.1.1-a: the better base is dead; what works is not kept waiting. */
static void
test_dead_better_pair_costs_the_stated_patience_only (void)
{
  IceWire wire;
  Cut self = { .base = 2, .until = ICE_NEVER };

  setup (&wire, &self, FALSE);
  ice_wire_run_until (&wire, SECOND);
  g_assert_cmpuint (selected_base (&wire), ==, 1);
  g_assert_true (agree (&wire));
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 ready"), <=,
                   4 * 20 * MS + 2 * R + 10 * MS);
  ice_wire_clear (&wire);
}

static void
test_without_renomination_the_nominated_pair_stays (void)
{
  IceWire wire;
  Cut self = { .base = 2, .until = 300 * MS };

  setup (&wire, &self, FALSE);
  ice_wire_run_until (&wire, 10 * SECOND);
  g_assert_cmpuint (selected_base (&wire), ==, 1);
  g_assert_true (agree (&wire));
  ice_wire_clear (&wire);
}

/* covers RENOM-3-a, RENOM-4-a */
static void
test_renomination_moves_both_to_the_better_pair (void)
{
  IceWire wire;
  Cut self = { .base = 2, .until = 300 * MS };

  setup (&wire, &self, TRUE);
  ice_wire_run_until (&wire, 300 * MS);
  g_assert_cmpuint (selected_base (&wire), ==, 1);
  ice_wire_run_until (&wire, 10 * SECOND);
  g_assert_cmpuint (selected_base (&wire), ==, 2);
  g_assert_true (agree (&wire));
  g_assert_cmpint (ice_wire_get_state (&wire, 1, 1, 1), ==, ICE_COMPONENT_READY);
  ice_wire_clear (&wire);
}

/* covers LITE-8445-7.1-a, LITE-8445-7.3.2-a */
static void
test_lite_agent_answers_and_never_checks (void)
{
  for (guint mode = 0; mode < 2; mode++)
    {
      IceConfig a, b;
      IceWire wire;

      ice_wire_make_configs (&a, &b, mode);
      b.lite = TRUE;
      ice_wire_init (&wire, &a, &b, R / 2);
      ice_wire_connect (&wire, 1);
      ice_wire_run_until (&wire, SECOND);
      g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
      g_assert_cmpint (ice_wire_get_state (&wire, 1, 1, 1), ==, ICE_COMPONENT_READY);
      g_assert_true (agree (&wire));
      g_assert_cmpuint (wire.ends[1].n_sent, ==, wire.ends[0].n_sent);
      ice_wire_clear (&wire);
    }
}

/* covers ICE-8445-6.1.1-a: whoever of a full and a lite one was told to control, and
 * whosever tie-breaker is larger, the full one does; of two full ones it is one. */
static void
test_full_agent_controls_a_lite_one (void)
{
  for (guint roles = 0; roles < 4; roles++)
    for (guint lite = 0; lite < 3; lite++) /* 2: nobody is */
      {
        IceConfig a, b;
        IceWire wire;

        ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
        a.controlling = roles & 1;
        b.controlling = roles >> 1;
        a.lite = lite == 0;
        b.lite = lite == 1;
        ice_wire_init (&wire, &a, &b, R / 2);
        ice_wire_connect (&wire, 1);
        ice_wire_run_until (&wire, SECOND);
        for (guint i = 0; i < 2; i++)
          {
            gboolean controls = ice_engine_is_controlling (wire.ends[i].engine);

            g_assert_cmpint (ice_wire_get_state (&wire, i, 1, 1), ==,
                             ICE_COMPONENT_READY);
            if (lite < 2)
              g_assert_cmpint (controls, ==, i != lite);
            else if (a.controlling != b.controlling)
              g_assert_cmpint (controls, ==, i == 0 ? a.controlling : b.controlling);
          }
        g_assert_cmpint (ice_engine_is_controlling (wire.ends[0].engine), !=,
                         ice_engine_is_controlling (wire.ends[1].engine));
        g_assert_true (agree (&wire));
        ice_wire_clear (&wire);
      }
}

typedef struct
{
  guint n_seen; /* messages of a */
} Nominations;

static gboolean
lose_second_and_third (IceWireEnd *from, const IceTransmit *transmit, gint64 now,
                       gpointer data)
{
  Nominations *self = data;

  if (from->host != 1 || transmit->data[0] != 0 || transmit->data[1] != 1)
    return FALSE;
  self->n_seen++;
  return now >= R && now < 400 * MS; /* the nominating check, once */
}

static void
test_lost_nomination_is_sent_again (void)
{
  IceConfig a, b;
  IceWire wire;
  Nominations self = { 0 };

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  ice_wire_init (&wire, &a, &b, R / 2);
  wire.filter = lose_second_and_third;
  wire.filter_data = &self;
  ice_wire_connect (&wire, 1);
  ice_wire_run_until (&wire, 3 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 ready"), ==, R + 500 * MS + R);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/nominate/patience",
                   test_dead_better_pair_costs_the_stated_patience_only);
  g_test_add_func ("/ice/nominate/stays",
                   test_without_renomination_the_nominated_pair_stays);
  g_test_add_func ("/ice/nominate/renomination",
                   test_renomination_moves_both_to_the_better_pair);
  g_test_add_func ("/ice/nominate/lite", test_lite_agent_answers_and_never_checks);
  g_test_add_func ("/ice/nominate/full-and-lite", test_full_agent_controls_a_lite_one);
  g_test_add_func ("/ice/nominate/lost", test_lost_nomination_is_sent_again);
  return g_test_run ();
}
