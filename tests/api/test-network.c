/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses that this host gets and loses while agents live: what a program is told with
 * gather-continually, and without it. Each case has a network namespace of its own, whose
 * one interface begins with FIRST. */
#include <sched.h>
#include <string.h>

#include "agents.h"

#define FIRST "192.0.2.1"
#define SECOND "198.51.100.1"

/* --- The network --- */

static gboolean
run (const gchar *command)
{
  gint status;

  return g_spawn_command_line_sync (command, NULL, NULL, &status, NULL)
         && g_spawn_check_wait_status (status, NULL);
}

/* TRUE: this thread is in it. FALSE: the case is skipped. */
static gboolean
enter_network (void)
{
  if (unshare (CLONE_NEWNET) != 0)
    {
      g_test_skip ("no network namespace is to be had, as root has one");
      return FALSE;
    }
  if (!run ("ip link add eth0 type veth peer name far"))
    {
      g_test_skip ("no interface is to be had: iproute2 and veth are needed");
      return FALSE;
    }
  g_assert_true (run ("ip link set far addrgenmode none up"));
  g_assert_true (run ("ip link set eth0 addrgenmode none up"));
  g_assert_true (run ("ip address add " FIRST "/24 dev eth0"));
  return TRUE;
}

static void
add_second (void)
{
  g_assert_true (run ("ip address add " SECOND "/24 dev eth0"));
}

static void
remove_second (void)
{
  g_assert_true (run ("ip address delete " SECOND "/24 dev eth0"));
}

/* --- The agent, and what it says --- */

typedef struct
{
  NiceAgent *agent;
  GString *told; /* a line for each signal */
} Host;

static void
on_candidate_full (NiceAgent *agent, const NiceCandidate *candidate, Host *self)
{
  g_autofree gchar *ip = nice_address_dup_string (&candidate->addr);

  g_string_append_printf (self->told, "full %u.%u %s\n", candidate->stream_id,
                          candidate->component_id, ip);
}

static void
on_candidate (NiceAgent *agent, guint stream_id, guint component_id,
              const gchar *foundation, Host *self)
{
  g_string_append_printf (self->told, "plain %u.%u\n", stream_id, component_id);
}

static void
on_gathered (NiceAgent *agent, guint stream_id, Host *self)
{
  g_string_append_printf (self->told, "done %u\n", stream_id);
}

static Host *
host_new (gboolean gathers_continually)
{
  Host *self = g_new0 (Host, 1);

  self->agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  self->told = g_string_new (NULL);
  g_object_set (self->agent, "upnp", FALSE, "ice-tcp", FALSE, NULL);
  if (gathers_continually)
    g_object_set (self->agent, "gather-continually", TRUE, NULL);
  g_signal_connect (self->agent, "new-candidate-full", G_CALLBACK (on_candidate_full),
                    self);
  g_signal_connect (self->agent, "new-candidate", G_CALLBACK (on_candidate), self);
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  return self;
}

static void
host_free (Host *self)
{
  g_object_unref (self->agent);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Host, host_free)

/* What follows is told anew. */
static void
gather (Host *self, guint stream_id)
{
  g_string_truncate (self->told, 0);
  g_assert_true (nice_agent_gather_candidates (self->agent, stream_id));
}

static Host *
host_new_gathered (gboolean gathers_continually)
{
  Host *self = host_new (gathers_continually);

  nice_agent_add_stream (self->agent, 1);
  gather (self, 1);
  g_assert_cmpstr (self->told->str, ==, "full 1.1 " FIRST "\nplain 1.1\ndone 1\n");
  g_string_truncate (self->told, 0);
  return self;
}

/* All agents of a context hear of a change together, so that who is told is the sign that
 * who is not has nothing to come. */
static void
await_second (const Host *told)
{
  wait_until (told->told->len > 0);
  run_pending ();
  g_assert_cmpstr (told->told->str, ==, "full 1.1 " SECOND "\nplain 1.1\ndone 1\n");
}

static void
assert_says_nothing_of_second (Host *self)
{
  g_autoptr (Host) other = host_new_gathered (TRUE);

  g_string_truncate (self->told, 0);
  add_second ();
  await_second (other);
  g_assert_cmpstr (self->told->str, ==, "");
}

/* --- Cases --- */

static void
test_nothing_is_said_unasked (void)
{
  g_autoptr (Host) host = host_new_gathered (FALSE);
  gboolean gathers_continually = TRUE;

  g_object_get (host->agent, "gather-continually", &gathers_continually, NULL);
  g_assert_false (gathers_continually);
  assert_says_nothing_of_second (host);
}

/* In whichever order. */
static void
assert_told (const Host *self, const gchar *some, const gchar *more)
{
  g_assert_nonnull (strstr (self->told->str, some));
  g_assert_nonnull (strstr (self->told->str, more));
  g_assert_cmpuint (self->told->len, ==, strlen (some) + strlen (more));
}

static void
test_each_component_gets_a_candidate (void)
{
  g_autoptr (Host) host = host_new (TRUE);

  nice_agent_add_stream (host->agent, 2);
  nice_agent_add_stream (host->agent, 1);
  gather (host, 1);
  gather (host, 2);
  g_string_truncate (host->told, 0);
  add_second ();
  wait_until (host->told->len > 0);
  run_pending ();
  assert_told (host,
               "full 1.1 " SECOND "\nplain 1.1\n"
               "full 1.2 " SECOND "\nplain 1.2\n"
               "done 1\n",
               "full 2.1 " SECOND "\nplain 2.1\n"
               "done 2\n");
}

static void
test_a_stream_waits_to_be_gathered (void)
{
  g_autoptr (Host) host = host_new_gathered (TRUE);

  nice_agent_add_stream (host->agent, 1);
  add_second ();
  await_second (host);
  gather (host, 2);
  g_assert_true (g_str_has_suffix (host->told->str, "done 2\n"));
  g_string_truncate (host->told, host->told->len - strlen ("done 2\n"));
  assert_told (host, "full 2.1 " FIRST "\nplain 2.1\n",
               "full 2.1 " SECOND "\nplain 2.1\n");
}

/* Its candidate was told, and never taken back. */
static void
test_an_address_comes_back (void)
{
  g_autoptr (Host) host = host_new_gathered (TRUE);

  add_second ();
  await_second (host);
  remove_second ();
  run_pending ();
  assert_says_nothing_of_second (host);
}

/* Who says by hand which addresses there are is taken at the word. */
static void
test_addresses_by_hand_are_all (void)
{
  g_autoptr (Host) host = host_new (TRUE);
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, FIRST));
  nice_agent_add_local_address (host->agent, &address);
  nice_agent_add_stream (host->agent, 1);
  gather (host, 1);
  assert_says_nothing_of_second (host);
}

static gboolean
is_not_second (NiceAgent *agent, const gchar *interface_name, const NiceAddress *address,
               gpointer data)
{
  g_autofree gchar *ip = nice_address_dup_string (address);

  return !g_str_equal (ip, SECOND);
}

static void
test_the_filter_is_asked (void)
{
  g_autoptr (Host) host = host_new_gathered (TRUE);

  nice_agent_set_address_filter (host->agent, is_not_second, NULL, NULL);
  assert_says_nothing_of_second (host);
}

static void
test_it_is_turned_on_and_off_in_a_call (void)
{
  g_autoptr (Host) host = host_new_gathered (FALSE);
  g_autoptr (Host) other = host_new_gathered (TRUE);

  g_object_set (host->agent, "gather-continually", TRUE, NULL);
  g_object_set (other->agent, "gather-continually", FALSE, NULL);
  add_second ();
  await_second (host);
  g_assert_cmpstr (other->told->str, ==, "");
}

typedef struct
{
  const gchar *name;
  void (*test) (void);
} Case;

static void
run_in_network (gconstpointer data)
{
  if (enter_network ())
    ((const Case *)data)->test ();
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "nothing-is-said-unasked", test_nothing_is_said_unasked },
    { "each-component-gets-a-candidate", test_each_component_gets_a_candidate },
    { "a-stream-waits-to-be-gathered", test_a_stream_waits_to_be_gathered },
    { "an-address-comes-back", test_an_address_comes_back },
    { "addresses-by-hand-are-all", test_addresses_by_hand_are_all },
    { "the-filter-is-asked", test_the_filter_is_asked },
    { "it-is-turned-on-and-off-in-a-call", test_it_is_turned_on_and_off_in_a_call },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree gchar *path = g_strconcat ("/network/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], run_in_network);
    }
  return g_test_run ();
}
