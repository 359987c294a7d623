/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keepalives and consent, at their times. */
#include "config.h"

#include "ice-wire.h"
#include "stun/attributes.h"

#define R (40 * MS)

typedef struct
{
  gint64 from, until; /* everything between is lost */
  guint n_requests, n_indications, n_without_use_candidate;
  gint64 last_request, shortest, longest;
} Watch;

/* Counts what a sends after it is connected, and cuts the wire for a while. */
static gboolean
watch (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  Watch *self = data;
  StunView view;

  g_assert_cmpint (
      stun_view_parse (&view, transmit->data, transmit->size, STUN_WIRE_NORMAL), ==,
      STUN_RULE_KEPT);
  if (from->host == 1 && now > SECOND)
    {
      if (view.klass == STUN_CLASS_INDICATION)
        self->n_indications++;
      if (view.klass == STUN_CLASS_REQUEST)
        {
          if (self->last_request > SECOND)
            {
              self->shortest = MIN (self->shortest, now - self->last_request);
              self->longest = MAX (self->longest, now - self->last_request);
            }
          self->last_request = now;
          self->n_requests++;
          self->n_without_use_candidate +=
              !stun_view_has (&view, STUN_ATTR_USE_CANDIDATE);
        }
    }
  return now >= self->from && now < self->until;
}

static void
setup (IceWire *wire, Watch *self, gboolean consent, gboolean keepalive_check)
{
  IceConfig a, b;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  a.consent = b.consent = consent;
  a.keepalive_check = b.keepalive_check = keepalive_check;
  ice_wire_init (wire, &a, &b, R / 2);
  *self = (Watch) { .from = ICE_NEVER, .shortest = ICE_NEVER };
  wire->filter = watch;
  wire->filter_data = self;
  ice_wire_connect (wire, 1);
  ice_wire_run_until (wire, SECOND);
  g_assert_cmpint (ice_wire_get_state (wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
}

/* covers ICE-8445-11-a, ICE-8445-11-b; contract 1.13-b */
static void
test_indications_go_every_25_seconds (void)
{
  IceWire wire;
  Watch self;

  setup (&wire, &self, FALSE, FALSE);
  g_assert_cmpint (ice_engine_get_deadline (wire.ends[0].engine), ==,
                   2 * R + 25 * SECOND);
  ice_wire_run_until (&wire, 101 * SECOND);
  g_assert_cmpuint (self.n_indications, ==, 4);
  g_assert_cmpuint (self.n_requests, ==, 0);
  ice_wire_clear (&wire);
}

/* covers CONS-7675-5.1-a, CONS-7675-5.1-b; and USE-CANDIDATE, or large ICE-lite services
 * drop the call */
static void
test_consent_checks_go_every_4_to_6_seconds (void)
{
  IceWire wire;
  Watch self;

  setup (&wire, &self, TRUE, FALSE);
  ice_wire_run_until (&wire, 600 * SECOND);
  g_assert_cmpuint (self.n_requests, >=, 100);
  g_assert_cmpuint (self.n_requests, <=, 150);
  g_assert_cmpint (self.shortest, >=, 4 * SECOND);
  g_assert_cmpint (self.longest, <=, 6 * SECOND);
  g_assert_cmpint (self.longest - self.shortest, >, SECOND);
  g_assert_cmpuint (self.n_without_use_candidate, ==, 0);
  g_assert_cmpuint (self.n_indications, ==, 0);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  ice_wire_clear (&wire);
}

/* covers CONS-7675-5.1-c: 30 s of silence, not 10 */
static void
test_consent_is_lost_after_30_seconds_of_silence (void)
{
  IceWire wire;
  Watch self;
  gint64 lost;

  setup (&wire, &self, TRUE, FALSE);
  self.from = 100 * SECOND;
  self.until = ICE_NEVER;
  ice_wire_run_until (&wire, 200 * SECOND);
  lost = ice_wire_when (&wire, "a consent 1.1 0");
  g_assert_cmpint (lost, >=, 100 * SECOND + 24 * SECOND);
  g_assert_cmpint (lost, <=, 100 * SECOND + 30 * SECOND + R);
  g_assert_cmpint (ice_wire_when (&wire, "a state 1.1 failed"), ==, lost);
  g_assert_cmpint (ice_wire_when (&wire, "a reason 1.1 5"), ==, lost);
  g_assert_cmpint (ice_engine_get_deadline (wire.ends[0].engine), ==, ICE_NEVER);
  ice_wire_clear (&wire);
}

static void
test_outage_of_20_seconds_is_survived (void)
{
  IceWire wire;
  Watch self;

  setup (&wire, &self, TRUE, FALSE);
  self.from = 100 * SECOND;
  self.until = 120 * SECOND;
  ice_wire_run_until (&wire, 300 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a consent 1.1 0"), ==, -1);
  g_assert_cmpint (ice_wire_get_state (&wire, 1, 1, 1), ==, ICE_COMPONENT_READY);
  ice_wire_clear (&wire);
}

/* covers CONS-7675-5.2-a */
static void
test_revoked_consent_fails_both_until_a_restart (void)
{
  IceWire wire;
  Watch self;

  setup (&wire, &self, TRUE, FALSE);
  g_assert_true (ice_engine_revoke_consent (wire.ends[1].engine, 1, 1, wire.now));
  ice_wire_run_until (&wire, 8 * SECOND);
  g_assert_cmpint (ice_wire_when (&wire, "a reason 1.1 6"), >, 0);
  ice_wire_run_until (&wire, 60 * SECOND);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_FAILED);

  for (guint i = 0; i < 2; i++)
    g_assert_true (ice_engine_restart_stream (wire.ends[i].engine, 1, wire.now));
  ice_wire_drain (&wire);
  ice_wire_swap_credentials (&wire, 1);
  ice_wire_swap_candidates (&wire, 1);
  ice_wire_run_until (&wire, 90 * SECOND);
  g_assert_cmpint (ice_wire_get_state (&wire, 0, 1, 1), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (ice_wire_get_state (&wire, 1, 1, 1), ==, ICE_COMPONENT_READY);
  g_assert_cmpint (ice_wire_when (&wire, "a consent 1.1 1"), >, 60 * SECOND - 1);
  ice_wire_clear (&wire);
}

static void
test_keepalive_checks_give_up_after_50_seconds (void)
{
  IceWire wire;
  Watch self;
  gint64 lost;

  setup (&wire, &self, FALSE, TRUE);
  self.from = 100 * SECOND;
  self.until = ICE_NEVER;
  ice_wire_run_until (&wire, 200 * SECOND);
  lost = ice_wire_when (&wire, "a state 1.1 failed");
  g_assert_cmpint (lost, >=, 144 * SECOND);
  g_assert_cmpint (lost, <=, 150 * SECOND + R);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/consent/indications", test_indications_go_every_25_seconds);
  g_test_add_func ("/ice/consent/intervals", test_consent_checks_go_every_4_to_6_seconds);
  g_test_add_func ("/ice/consent/silence",
                   test_consent_is_lost_after_30_seconds_of_silence);
  g_test_add_func ("/ice/consent/outage", test_outage_of_20_seconds_is_survived);
  g_test_add_func ("/ice/consent/revoked",
                   test_revoked_consent_fails_both_until_a_restart);
  g_test_add_func ("/ice/consent/keepalive-checks",
                   test_keepalive_checks_give_up_after_50_seconds);
  return g_test_run ();
}
