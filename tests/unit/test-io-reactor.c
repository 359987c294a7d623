/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reactor on contexts that are iterated by hand: nothing here waits for a clock. */
#include "config.h"

#include "io/reactor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A timer and a watch that note what happens to them. */
typedef struct
{
  NiceTimer timer;
  NiceWatch watch;
  NiceReactor *reactor;
  gint refs, n_due, n_ready;
  GString *log;
  gchar name;
  void (*on_ready) (gpointer self);
} Probe;

static Probe *
get_timer_probe (NiceTimer *timer)
{
  return (Probe *)((guint8 *)timer - G_STRUCT_OFFSET (Probe, timer));
}

static Probe *
get_watch_probe (NiceWatch *watch)
{
  return (Probe *)((guint8 *)watch - G_STRUCT_OFFSET (Probe, watch));
}

static void
ref_timer (NiceTimer *timer)
{
  get_timer_probe (timer)->refs++;
}

static void
unref_timer (NiceTimer *timer)
{
  get_timer_probe (timer)->refs--;
}

static void
due (NiceTimer *timer)
{
  Probe *self = get_timer_probe (timer);

  self->n_due++;
  if (self->log != NULL)
    g_string_append_c (self->log, self->name);
}

static void
ref_watch (NiceWatch *watch)
{
  get_watch_probe (watch)->refs++;
}

static void
unref_watch (NiceWatch *watch)
{
  get_watch_probe (watch)->refs--;
}

static void
ready (NiceWatch *watch, NiceReactor *reactor, guint events)
{
  Probe *self = get_watch_probe (watch);

  g_assert_true (reactor == self->reactor);
  g_assert_cmpint (self->refs, >, 0);
  self->n_ready++;
  if (self->on_ready != NULL)
    self->on_ready (self);
}

static const NiceTimerClass timer_class = { ref_timer, unref_timer, due };
static const NiceWatchClass watch_class = { ref_watch, unref_watch, ready };

static void
init_probe (Probe *self, NiceReactor *reactor)
{
  *self = (Probe) { .timer.klass = &timer_class,
                    .watch.klass = &watch_class,
                    .reactor = reactor };
}

static void
iterate_until_idle (GMainContext *context)
{
  for (guint i = 0; i < 1000 && g_main_context_iteration (context, FALSE); i++)
    ;
}

static void
test_one_for_each_context (void)
{
  g_autoptr (GMainContext) a = g_main_context_new ();
  g_autoptr (GMainContext) b = g_main_context_new ();
  NiceReactor *ra = nice_reactor_acquire (a), *rb = nice_reactor_acquire (b);
  NiceReactor *again = nice_reactor_acquire (a);

  g_assert_true (ra == again);
  g_assert_true (ra != rb);
  nice_reactor_release (again);
  nice_reactor_release (ra);
  nice_reactor_release (rb);
}

static void
test_context_outlives_nobody (void)
{
  GMainContext *context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  GSource *seen = g_idle_source_new ();

  g_source_attach (seen, context);
  g_main_context_unref (context);
  g_assert_false (g_source_is_destroyed (seen));
  nice_reactor_release (reactor);
  g_assert_true (
      g_source_is_destroyed (seen)); /* the context has gone, nobody leaked it */
  g_source_unref (seen);
}

static void
test_timers_in_order (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  g_autoptr (GString) log = g_string_new (NULL);
  const gint64 now = g_get_monotonic_time ();
  Probe probes[20];

  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    {
      init_probe (&probes[i], reactor);
      probes[i].log = log;
      probes[i].name = 'a' + (i * 7) % 20;
      nice_timer_set (&probes[i].timer, reactor, now - 1000 + (i * 7) % 20);
    }
  nice_timer_set (&probes[1].timer, reactor, ICE_NEVER); /* h */
  nice_timer_set (&probes[0].timer, reactor, now - 1);   /* a: from first to last */
  nice_timer_set (&probes[2].timer, reactor, now + 3600 * ICE_SECOND); /* o */
  iterate_until_idle (context);
  g_assert_cmpstr (log->str, ==, "bcdefgijklmnpqrsta");
  nice_timer_set (&probes[2].timer, reactor, ICE_NEVER);
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    g_assert_cmpint (probes[i].refs, ==, 0);
  nice_reactor_release (reactor);
}

static void
test_random_timers (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  const gint64 now = g_get_monotonic_time ();
  Probe probes[200];
  gint expected[200] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    init_probe (&probes[i], reactor);
  for (guint i = 0; i < 5000; i++)
    {
      const guint which = g_test_rand_int_range (0, G_N_ELEMENTS (probes));
      const gint kind = g_test_rand_int_range (0, 3);

      nice_timer_set (&probes[which].timer, reactor,
                      kind == 0   ? ICE_NEVER
                      : kind == 1 ? now - g_test_rand_int_range (1, 1000)
                                  : now + 3600 * ICE_SECOND);
      expected[which] = kind == 1;
    }
  iterate_until_idle (context);
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    {
      g_assert_cmpint (probes[i].n_due, ==, expected[i]);
      nice_timer_set (&probes[i].timer, reactor, ICE_NEVER);
    }
  nice_reactor_release (reactor);
}

/* No deadline, no wake-up. */
static void
test_nothing_due_nothing_runs (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  gint timeout = 0, priority;
  GPollFD fds[8];
  Probe probe;

  init_probe (&probe, reactor);
  iterate_until_idle (context);
  g_assert_true (g_main_context_acquire (context));
  g_assert_false (g_main_context_prepare (context, &priority));
  g_main_context_query (context, priority, &timeout, fds, G_N_ELEMENTS (fds));
  g_assert_cmpint (timeout, ==, -1);
  g_main_context_release (context);
  nice_reactor_release (reactor);
}

static gpointer
set_from_outside (gpointer data)
{
  Probe *probe = data;

  nice_timer_set (&probe->timer, probe->reactor, 0);
  return NULL;
}

static void
test_another_thread_wakes_the_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  Probe probe;
  GThread *thread;

  init_probe (&probe, reactor);
  iterate_until_idle (context);
  thread = g_thread_new ("outside", set_from_outside, &probe);
  while (probe.n_due == 0)
    g_main_context_iteration (context, TRUE);
  g_thread_join (thread);
  g_assert_cmpint (probe.n_due, ==, 1);
  nice_reactor_release (reactor);
}

static void
stop_the_other (gpointer data)
{
  Probe *self = data;
  Probe *other = (Probe *)self->log; /* borrowed as a link */

  nice_watch_stop (&other->watch);
}

static void
test_stopped_meanwhile_is_not_called (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  const gint fds[2] = { eventfd (1, EFD_NONBLOCK), eventfd (1, EFD_NONBLOCK) };
  Probe probes[2];

  for (guint i = 0; i < 2; i++)
    {
      init_probe (&probes[i], reactor);
      probes[i].on_ready = stop_the_other;
      probes[i].log = (GString *)&probes[1 - i];
      g_assert_true (nice_watch_start (&probes[i].watch, reactor, fds[i], EPOLLIN));
    }
  g_main_context_iteration (context, FALSE);
  /* Both were readable in one look; whoever came first stopped the other. */
  g_assert_cmpint (probes[0].n_ready + probes[1].n_ready, ==, 1);
  for (guint i = 0; i < 2; i++)
    {
      nice_watch_stop (&probes[i].watch);
      g_assert_cmpint (probes[i].refs, ==, 0);
      close (fds[i]);
    }
  nice_reactor_release (reactor);
}

/* Were the source ready for its timer before the poll, nobody would look at sockets while
 * some timer is always due. */
static void
test_sockets_before_timers (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  const gint fd = eventfd (1, EFD_NONBLOCK);
  Probe probe;

  init_probe (&probe, reactor);
  g_assert_true (nice_watch_start (&probe.watch, reactor, fd, EPOLLIN));
  for (gint i = 1; i <= 3; i++)
    {
      nice_timer_set (&probe.timer, reactor, 0);
      g_main_context_iteration (context, FALSE);
      g_assert_cmpint (probe.n_due, ==, i);
      g_assert_cmpint (probe.n_ready, ==, i);
    }
  nice_watch_stop (&probe.watch);
  close (fd);
  nice_reactor_release (reactor);
}

/* Whether the context polls them or an epoll does, each that is readable is called, once
 * a look, and no other. */
static void
test_few_and_many (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  Probe probes[3 * NICE_WATCHES_FEW];
  gint fds[G_N_ELEMENTS (probes)];

  for (guint n = 0; n < G_N_ELEMENTS (probes); n++)
    {
      fds[n] = eventfd (n % 2, EFD_NONBLOCK);
      init_probe (&probes[n], reactor);
      g_assert_true (nice_watch_start (&probes[n].watch, reactor, fds[n], EPOLLIN));
      g_main_context_iteration (context, FALSE);
      for (guint i = 0; i <= n; i++)
        g_assert_cmpint (probes[i].n_ready, ==, i % 2 ? n - i + 1 : 0);
    }
  for (guint n = 0; n < G_N_ELEMENTS (probes); n++)
    {
      probes[n].n_ready = 0;
      if (n % 3 == 0)
        nice_watch_stop (&probes[n].watch);
      else
        nice_watch_change (&probes[n].watch, n % 3 == 1 ? EPOLLOUT : EPOLLIN);
    }
  g_main_context_iteration (context, FALSE);
  for (guint n = 0; n < G_N_ELEMENTS (probes); n++)
    {
      g_assert_cmpint (probes[n].n_ready, ==,
                       n % 3 == 0   ? 0
                       : n % 3 == 1 ? 1
                                    : (gint)(n % 2));
      nice_watch_stop (&probes[n].watch);
      close (fds[n]);
    }
  nice_reactor_release (reactor);
}

static void
iterate_inside (gpointer data)
{
  Probe *self = data;

  if (self->n_ready == 1)
    g_main_context_iteration (nice_reactor_get_context (self->reactor), FALSE);
}

static void
test_nested_iteration_reads_on (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  const gint fd = eventfd (1, EFD_NONBLOCK);
  Probe probe;

  init_probe (&probe, reactor);
  probe.on_ready = iterate_inside;
  g_assert_true (nice_watch_start (&probe.watch, reactor, fd, EPOLLIN));
  g_main_context_iteration (context, FALSE);
  g_assert_cmpint (probe.n_ready, ==, 2);
  nice_watch_stop (&probe.watch);
  close (fd);
  nice_reactor_release (reactor);
}

/* --- Threads --- */

/* Lives as long as somebody has a reference to it. */
typedef struct
{
  NiceWatch watch;
  gint ref_count, is_met, is_leaving; /* atomic */
} Passing;

/* The worst moment to be stopped and freed: it was found, and has no reference yet. */
static void
ref_passing (NiceWatch *watch)
{
  Passing *self = (Passing *)watch;

  if (g_atomic_int_compare_and_exchange (&self->is_met, FALSE, TRUE))
    while (!g_atomic_int_get (&self->is_leaving))
      g_thread_yield ();
  g_thread_yield ();
  g_atomic_int_inc (&self->ref_count);
}

static void
unref_passing (NiceWatch *watch)
{
  if (g_atomic_int_dec_and_test (&((Passing *)watch)->ref_count))
    g_free (watch);
}

static void
is_passing (NiceWatch *watch, NiceReactor *reactor, guint events)
{
  g_assert_cmpint (g_atomic_int_get (&((Passing *)watch)->ref_count), >, 0);
  g_assert_cmpuint (events, ==, EPOLLIN);
}

static const NiceWatchClass passing_class = { ref_passing, unref_passing, is_passing };

typedef struct
{
  NiceReactor *reactor;
  gint is_ended; /* atomic */
} Passage;

static gpointer
come_and_go (gpointer data)
{
  Passage *passage = data;
  const gint fd = eventfd (1, EFD_NONBLOCK);

  for (guint i = 0; i < 500; i++)
    {
      Passing *passing = g_new0 (Passing, 1);

      passing->watch.klass = &passing_class;
      passing->ref_count = 1;
      g_assert_true (nice_watch_start (&passing->watch, passage->reactor, fd, EPOLLIN));
      while (i % 20 == 0 && !g_atomic_int_get (&passing->is_met))
        g_thread_yield ();
      g_atomic_int_set (&passing->is_leaving, TRUE);
      nice_watch_stop (&passing->watch);
      unref_passing (&passing->watch);
    }
  close (fd);
  g_atomic_int_set (&passage->is_ended, TRUE);
  return NULL;
}

/* What is stopped and freed in one thread is not touched by the other, where it is ready
 * all the time. The sanitizers see it. n_kept: watches beside, so that they are few, or
 * many. */
static void
test_stopped_elsewhere_is_let_alone (gconstpointer n_kept)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  NiceReactor *reactor = nice_reactor_acquire (context);
  Passage passage = { .reactor = reactor };
  const gint fd = eventfd (1, EFD_NONBLOCK);
  Probe probes[NICE_WATCHES_FEW];
  GThread *thread;

  for (guint i = 0; i < GPOINTER_TO_UINT (n_kept); i++)
    {
      init_probe (&probes[i], reactor);
      g_assert_true (
          nice_watch_start (&probes[i].watch, reactor, i == 0 ? fd : dup (fd), EPOLLIN));
    }
  thread = g_thread_new ("passing", come_and_go, &passage);
  while (!g_atomic_int_get (&passage.is_ended))
    g_main_context_iteration (context, TRUE);
  g_thread_join (thread);
  for (guint i = 0; i < GPOINTER_TO_UINT (n_kept); i++)
    {
      nice_watch_stop (&probes[i].watch);
      close (probes[i].watch.fd);
    }
  nice_reactor_release (reactor);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reactor/one-for-each-context", test_one_for_each_context);
  g_test_add_func ("/reactor/context-outlives-nobody", test_context_outlives_nobody);
  g_test_add_func ("/reactor/timers-in-order", test_timers_in_order);
  g_test_add_func ("/reactor/random-timers", test_random_timers);
  g_test_add_func ("/reactor/nothing-due-nothing-runs", test_nothing_due_nothing_runs);
  g_test_add_func ("/reactor/another-thread-wakes-the-context",
                   test_another_thread_wakes_the_context);
  g_test_add_func ("/reactor/stopped-meanwhile-is-not-called",
                   test_stopped_meanwhile_is_not_called);
  g_test_add_func ("/reactor/sockets-before-timers", test_sockets_before_timers);
  g_test_add_func ("/reactor/few-and-many", test_few_and_many);
  g_test_add_func ("/reactor/nested-iteration-reads-on", test_nested_iteration_reads_on);
  g_test_add_data_func ("/reactor/stopped-elsewhere-is-let-alone/few",
                        GUINT_TO_POINTER (1), test_stopped_elsewhere_is_let_alone);
  g_test_add_data_func ("/reactor/stopped-elsewhere-is-let-alone/many",
                        GUINT_TO_POINTER (NICE_WATCHES_FEW),
                        test_stopped_elsewhere_is_let_alone);
  return g_test_run ();
}
