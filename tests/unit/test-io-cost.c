/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a packet must not cost, once everything has found its place: no allocation and no
 * lock, whether it comes alone or with others. */
#include "config.h"

#include "driver-bench.h"

#include "count-bench.h"
#include "io/driver-private.h"
#include "still-clock.h"

#define N_ROUNDS 100

typedef struct
{
  gboolean on_mux;
  gint coalescing;
  guint n;
  guint max_locks; /* a round */
} Case;

static void
send_singly (Peer *peer, guint n, const gchar *payload)
{
  for (guint i = 0; i < n; i++)
    send_batch (peer, 1, payload);
}

static void
run_rounds (const Case *c, Peer *from, Peer *to, GMainContext *context, guint rounds)
{
  static const gchar payload[1200] = { (gchar)0x80 };

  to->n_datagrams = 0;
  for (guint round = 0; round < rounds; round++)
    {
      if (c->coalescing != 0)
        send_singly (from, c->n, payload);
      else
        send_batch (from, c->n, payload);
      iterate_until (context, &to->n_datagrams, (round + 1) * c->n);
    }
}

static void
test_steady_state (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (NiceMux) mux = nice_mux_new (context, 0, FALSE);
  gint allocations, locks;
  Peer a, b;

  if (!CAN_COUNT)
    {
      g_test_skip ("a sanitizer has its own malloc");
      return;
    }
  connect_peers_on (&a, &b, context, FALSE, c->on_mux ? mux : NULL);
  attach (&b, context);
  nice_driver_set_coalescing (a.driver, c->coalescing);
  stopped_at = g_get_monotonic_time ();
  run_rounds (c, &a, &b, context, 10);
  watched_locks[0] = &a.driver->lock;
  watched_locks[1] = &b.driver->lock;
  allocations = __atomic_load_n (&n_allocations, __ATOMIC_RELAXED);
  locks = __atomic_load_n (&n_locks, __ATOMIC_RELAXED);
  g_assert_cmpint (allocations, >, 0); /* it counts */
  g_assert_cmpint (locks, >, 0);
  n_watched_locks = 0;

  run_rounds (c, &a, &b, context, N_ROUNDS);
  allocations = __atomic_load_n (&n_allocations, __ATOMIC_RELAXED) - allocations;
  locks = __atomic_load_n (&n_locks, __ATOMIC_RELAXED) - locks;
  stopped_at = 0;
  g_test_message ("%.2f locks a round", (gdouble)locks / N_ROUNDS);
  g_assert_cmpint (n_watched_locks, ==, 0);
  g_assert_cmpint (allocations, ==, 0);
  g_assert_cmpint (locks, <=, (gint)c->max_locks * N_ROUNDS);
  clear_peer (&a);
  clear_peer (&b);
}

int
main (int argc, char **argv)
{
  static const Case own_1 = { FALSE, 0, 1 }, own_64 = { FALSE, 0, 64 };
  static const Case mux_1 = { TRUE, 0, 1 }, mux_64 = { TRUE, 0, 64 };
  /* A message takes the lock of what waits; what waits takes some to leave. */
  static const Case kept_1 = { FALSE, -1, 1, 1 + 6 }, kept_64 = { FALSE, -1, 64, 64 + 8 };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/cost/own-socket/1", &own_1, test_steady_state);
  g_test_add_data_func ("/cost/own-socket/64", &own_64, test_steady_state);
  g_test_add_data_func ("/cost/shared-socket/1", &mux_1, test_steady_state);
  g_test_add_data_func ("/cost/shared-socket/64", &mux_64, test_steady_state);
  g_test_add_data_func ("/cost/one-by-one/1", &kept_1, test_steady_state);
  g_test_add_data_func ("/cost/one-by-one/64", &kept_64, test_steady_state);
  return g_test_run ();
}
