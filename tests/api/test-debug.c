/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debug messages: who switches them on, and where they go. Facts of the contract 1.21. */
#include "agents.h"

#include <nice/debug.h>

#define DOMAINS 2

typedef struct
{
  guint handlers[DOMAINS], n_messages[DOMAINS];
} Log;

static const gchar *const domains[DOMAINS] = { "libnice", "libnice-stun" };

static void
count (const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer counter)
{
  ++*(guint *)counter;
}

static void
log_open (Log *self)
{
  for (guint i = 0; i < DOMAINS; i++)
    {
      self->n_messages[i] = 0;
      self->handlers[i] =
          g_log_set_handler (domains[i], G_LOG_LEVEL_DEBUG, count, &self->n_messages[i]);
    }
}

static void
log_close (const Log *self)
{
  for (guint i = 0; i < DOMAINS; i++)
    g_log_remove_handler (domains[i], self->handlers[i]);
}

/* A call, with all that an agent has to say about it. */
static void
have_a_call (void)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  pair_connect (pair);
}

static guint
count_messages_of_a_call (guint domain)
{
  Log log;

  log_open (&log);
  have_a_call ();
  log_close (&log);
  return log.n_messages[domain];
}

/* contract 1.21-c */
static void
test_by_function (void)
{
  nice_debug_disable (TRUE);
  g_assert_cmpuint (count_messages_of_a_call (0), ==, 0);
  nice_debug_enable (FALSE);
  g_assert_cmpuint (count_messages_of_a_call (0), >, 0);
  g_assert_cmpuint (count_messages_of_a_call (1), ==, 0);
  nice_debug_enable (TRUE);
  g_assert_cmpuint (count_messages_of_a_call (1), >, 0);
  nice_debug_disable (FALSE);
  g_assert_cmpuint (count_messages_of_a_call (0), ==, 0);
  g_assert_cmpuint (count_messages_of_a_call (1), >, 0);
  nice_debug_disable (TRUE);
  g_assert_cmpuint (count_messages_of_a_call (1), ==, 0);
}

/* The environment is read once, so each of these is a process. */
static void
assert_in_environment (const gchar *debug, const gchar *domains_shown, gboolean agent,
                       gboolean stun)
{
  if (g_test_subprocess ())
    {
      g_setenv ("NICE_DEBUG", debug, TRUE);
      g_setenv ("G_MESSAGES_DEBUG", domains_shown, TRUE);
      g_assert_cmpint (count_messages_of_a_call (0) > 0, ==, agent);
      g_assert_cmpint (count_messages_of_a_call (1) > 0, ==, stun);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

/* contract 1.21-d */
static void
test_nobody_asked (void)
{
  assert_in_environment ("", "", FALSE, FALSE);
}

/* contract 1.21-d */
static void
test_by_nice_debug (void)
{
  assert_in_environment ("nice", "", TRUE, FALSE);
}

/* contract 1.21-d */
static void
test_all_by_nice_debug (void)
{
  assert_in_environment ("all", "", TRUE, TRUE);
}

/* contract 1.21-d */
static void
test_by_g_messages_debug (void)
{
  assert_in_environment ("", "libnice-stun", FALSE, TRUE);
}

#define ADD(name, function) g_test_add_func ("/debug/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("by-function", test_by_function);
  ADD ("nobody-asked", test_nobody_asked);
  ADD ("by-nice-debug", test_by_nice_debug);
  ADD ("all-by-nice-debug", test_all_by_nice_debug);
  ADD ("by-g-messages-debug", test_by_g_messages_debug);
  return g_test_run ();
}
