/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions that share a socket: each gets what is its own, in its own context, and what
 * is nobody's makes nothing grow. Waits for conditions, never for a duration. */
#include "config.h"

#include "driver-bench.h"

#include "stun/code-points.h"
#include "stun/wire.h"

#define N_SESSIONS 8

/* Sessions of one mux, and their peers: on another, or on sockets of their own. */
typedef struct
{
  GMainContext *context;
  NiceMux *mux, *other;
  Peer here[N_SESSIONS], there[N_SESSIONS];
  guint n;
} Crowd;

static void
iterate_until_ready (GMainContext *context, const Peer *peer)
{
  while (peer->state != ICE_COMPONENT_READY)
    g_main_context_iteration (context, TRUE);
}

static Crowd *
gather_crowd (guint n, gboolean is_opposed)
{
  Crowd *self = g_new0 (Crowd, 1);

  self->context = g_main_context_new ();
  self->mux = nice_mux_new (self->context, 0, FALSE);
  if (is_opposed)
    self->other = nice_mux_new (self->context, 0, FALSE);
  self->n = n;
  for (guint i = 0; i < n; i++)
    {
      init_peer_on (&self->here[i], self->context, TRUE, FALSE, self->mux);
      init_peer_on (&self->there[i], self->context, FALSE, FALSE, self->other);
      tell (&self->here[i], &self->there[i]);
      tell (&self->there[i], &self->here[i]);
    }
  for (guint i = 0; i < n; i++)
    {
      iterate_until_ready (self->context, &self->here[i]);
      iterate_until_ready (self->context, &self->there[i]);
      self->here[i].text = g_string_new (NULL);
      self->there[i].text = g_string_new (NULL);
      attach (&self->here[i], self->context);
      attach (&self->there[i], self->context);
    }
  return self;
}

static void
dismiss_crowd (Crowd *self)
{
  for (guint i = 0; i < self->n; i++)
    {
      g_string_free (self->here[i].text, TRUE);
      g_string_free (self->there[i].text, TRUE);
      clear_peer (&self->here[i]);
      clear_peer (&self->there[i]);
    }
  nice_mux_unref (self->mux);
  g_clear_pointer (&self->other, nice_mux_unref);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
run_pending (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    continue;
}

static NiceMuxCounts
get_counts (NiceMux *mux)
{
  NiceMuxCounts counts;

  nice_mux_get_counts (mux, &counts);
  return counts;
}

static NiceAddress
get_address (Peer *peer)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  NiceAddress address;
  IceEngine *engine;
  gint64 now;

  engine = nice_driver_enter (peer->driver, &now);
  ice_engine_get_local_candidates (engine, peer->stream_id, 1, candidates);
  g_assert_cmpuint (candidates->len, >, 0);
  address = g_array_index (candidates, IceCandidate, 0).addr;
  nice_driver_leave (peer->driver);
  return address;
}

static void
test_each_gets_its_own (void)
{
  Crowd *crowd = gather_crowd (N_SESSIONS, FALSE);
  const NiceAddress address = get_address (&crowd->here[0]);
  NiceMuxCounts counts;

  for (guint i = 0; i < crowd->n; i++)
    {
      const gchar *letter =
          ((const gchar *[]) { "a", "b", "c", "d", "e", "f", "g", "h" })[i];
      const NiceAddress other = get_address (&crowd->here[i]);

      g_assert_true (nice_address_equal (&address, &other));
      g_assert_cmpint (send_text (&crowd->there[i], letter), ==, 1);
      g_assert_cmpint (send_text (&crowd->here[i], letter), ==, 1);
    }
  for (guint i = 0; i < crowd->n; i++)
    {
      iterate_until (crowd->context, &crowd->here[i].n_datagrams, 1);
      iterate_until (crowd->context, &crowd->there[i].n_datagrams, 1);
      g_assert_cmpint (crowd->here[i].text->str[0], ==, 'a' + i);
      g_assert_cmpint (crowd->there[i].text->str[0], ==, 'a' + i);
    }
  counts = get_counts (crowd->mux);
  g_assert_cmpuint (counts.n_sockets, ==, 1);
  g_assert_cmpuint (counts.n_sessions, ==, N_SESSIONS);
  g_assert_cmpuint (counts.unroutable, ==, 0);
  g_assert_cmpuint (counts.dropped, ==, 0);
  g_assert_true (nice_driver_get_mux_counts (crowd->here[3].driver,
                                             crowd->here[3].stream_id, 1, &counts));
  g_assert_cmpuint (counts.received, >, 1);
  g_assert_false (nice_driver_get_mux_counts (crowd->there[3].driver,
                                              crowd->there[3].stream_id, 1, &counts));
  dismiss_crowd (crowd);
}

/* Runs go through whole, and one session's do not mix with another's. */
static void
test_batches (void)
{
  Crowd *crowd = gather_crowd (4, FALSE);
  g_autofree gchar *payload = g_strnfill (1200, (gchar)0x80);

  for (guint i = 0; i < 4; i++)
    send_batch (&crowd->there[i], 10 + i, payload);
  for (guint i = 0; i < 4; i++)
    {
      iterate_until (crowd->context, &crowd->here[i].n_datagrams, 10 + i);
      g_assert_cmpuint (crowd->here[i].n_bytes, ==, (10 + i) * 1200);
    }
  dismiss_crowd (crowd);
}

/* Two sessions between the same two sockets can be checked, but nothing tells data of one
 * from that of the other. */
static void
test_same_peer_address_twice (void)
{
  Crowd *crowd = gather_crowd (2, TRUE);
  const guint64 before = get_counts (crowd->mux).dropped;

  g_assert_cmpint (send_text (&crowd->there[0], "whose?"), ==, 1);
  g_assert_cmpint (send_text (&crowd->there[1], "whose?"), ==, 1);
  while (get_counts (crowd->mux).dropped < before + 2)
    g_main_context_iteration (crowd->context, TRUE);
  g_assert_cmpuint (crowd->here[0].n_datagrams + crowd->here[1].n_datagrams, ==, 0);

  /* With one of them gone it is clear again. */
  clear_peer (&crowd->here[1]);
  g_assert_cmpint (send_text (&crowd->there[0], "mine"), ==, 1);
  iterate_until (crowd->context, &crowd->here[0].n_datagrams, 1);
  g_assert_cmpstr (crowd->here[0].text->str, ==, "mine");
  dismiss_crowd (crowd);
}

/* --- Strangers --- */

static gsize
write_check (guint8 *buffer, gsize size, StunWireClass klass, const gchar *username)
{
  const guint8 id[STUN_TRANSACTION_ID_SIZE] = "nobody's id";
  StunWriter writer;

  stun_writer_init (&writer, buffer, size, klass, STUN_METHOD_BINDING, id);
  if (username != NULL)
    stun_writer_append_bytes (&writer, STUN_ATTR_USERNAME, username, strlen (username));
  return stun_writer_end (&writer);
}

static void
test_strangers_are_counted (void)
{
  Crowd *crowd = gather_crowd (1, FALSE);
  g_autoptr (GSocket) stranger = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  const NiceAddress to = get_address (&crowd->here[0]);
  g_autoptr (GSocketAddress) address =
      g_socket_address_new_from_native ((gpointer)&to.s.addr, sizeof to.s.ip4);
  g_autofree gchar *endless = g_strnfill (500, 'u');
  guint8 message[600];
  guint n = 0;

  const gchar *const usernames[] = { "none:such", "nocolon", ":", "", endless };

  for (guint i = 0; i < G_N_ELEMENTS (usernames); i++, n++)
    {
      const gsize len =
          write_check (message, sizeof message, STUN_CLASS_REQUEST, usernames[i]);

      g_socket_send_to (stranger, address, (gchar *)message, len, NULL, NULL);
    }
  for (StunWireClass klass = STUN_CLASS_REQUEST; klass <= STUN_CLASS_ERROR; klass++, n++)
    {
      const gsize len = write_check (message, sizeof message, klass, NULL);

      g_socket_send_to (stranger, address, (gchar *)message, len, NULL, NULL);
    }
  g_socket_send_to (stranger, address, "data", 4, NULL, NULL);
  while (get_counts (crowd->mux).unroutable < n + 1)
    g_main_context_iteration (crowd->context, TRUE);
  g_assert_cmpuint (crowd->here[0].n_datagrams, ==, 0);
  dismiss_crowd (crowd);
}

/* --- Coming and going --- */

static void
set_credentials (Peer *self, const gchar *ufrag)
{
  IceEngine *engine;
  gint64 now;

  engine = nice_driver_enter (self->driver, &now);
  g_assert_true (ice_engine_set_local_credentials (
      engine, self->stream_id, ufrag, "a password of enough characters", now));
  nice_driver_leave (self->driver);
}

static void
test_restart_has_a_new_ufrag (void)
{
  Crowd *crowd = gather_crowd (2, FALSE);
  Peer *here = &crowd->here[1], *there = &crowd->there[1];
  IceEngine *engine;
  gint64 now;

  for (guint round = 0; round < 4; round++)
    {
      engine = nice_driver_enter (here->driver, &now);
      g_assert_true (ice_engine_restart_stream (engine, here->stream_id, now));
      nice_driver_leave (here->driver);
      engine = nice_driver_enter (there->driver, &now);
      g_assert_true (ice_engine_restart_stream (engine, there->stream_id, now));
      nice_driver_leave (there->driver);
      here->state = there->state = ICE_COMPONENT_CONNECTING;
      tell (here, there);
      tell (there, here);
      iterate_until_ready (crowd->context, here);
      iterate_until_ready (crowd->context, there);
      here->n_datagrams = 0;
      send_text (there, "again");
      iterate_until (crowd->context, &here->n_datagrams, 1);
    }
  dismiss_crowd (crowd);
}

static void
test_a_ufrag_is_one_sessions (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (NiceMux) mux = nice_mux_new (context, 0, FALSE);
  Peer first, second;

  init_peer_on (&first, context, TRUE, FALSE, mux);
  init_peer_on (&second, context, TRUE, FALSE, mux);
  g_assert_true (nice_driver_may_use_ufrag (first.driver, first.stream_id, "mine"));
  set_credentials (&first, "mine");
  g_assert_true (nice_driver_may_use_ufrag (first.driver, first.stream_id, "mine"));
  g_assert_false (nice_driver_may_use_ufrag (second.driver, second.stream_id, "mine"));
  clear_peer (&first);
  g_assert_true (nice_driver_may_use_ufrag (second.driver, second.stream_id, "mine"));
  clear_peer (&second);
}

static void
test_sockets_go_with_the_last_session (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (NiceMux) mux = nice_mux_new (context, 0, FALSE);
  Peer first, second;

  init_peer_on (&first, context, TRUE, FALSE, mux);
  init_peer_on (&second, context, TRUE, FALSE, mux);
  g_assert_cmpuint (get_counts (mux).n_sockets, ==, 1);
  clear_peer (&first);
  g_assert_cmpuint (get_counts (mux).n_sockets, ==, 1);
  clear_peer (&second);
  g_assert_cmpuint (get_counts (mux).n_sockets, ==, 0);
}

static void
test_port_is_taken (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (NiceMux) first = nice_mux_new (context, 0, FALSE);
  g_autoptr (NiceMux) second = NULL;
  g_autoptr (GError) error = NULL;
  NiceAddress address;

  g_assert_true (nice_address_set_from_string (&address, "127.0.0.1"));
  g_assert_true (nice_mux_open (first, &address, NULL));
  g_assert_cmpuint (nice_address_get_port (&address), >, 0);
  g_assert_true (nice_mux_open (first, &address, NULL));
  g_assert_cmpuint (get_counts (first).n_sockets, ==, 1);

  second = nice_mux_new (context, nice_address_get_port (&address), FALSE);
  g_assert_false (nice_mux_open (second, &address, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (strstr (error->message, "127.0.0.1"));
}

static void
drop_owner (gpointer data)
{
  g_clear_object (&((Peer *)data)->owner);
}

/* Of one batch, what is behind the packet that ended a session still finds its own. */
static void
test_session_ends_in_its_function (void)
{
  Crowd *crowd = gather_crowd (2, FALSE);

  crowd->here[0].on_data = drop_owner;
  for (guint i = 0; i < 5; i++)
    {
      send_text (&crowd->there[0], "last");
      send_text (&crowd->there[1], "more");
    }
  iterate_until (crowd->context, &crowd->here[1].n_datagrams, 5);
  g_assert_cmpuint (crowd->here[0].n_datagrams, ==, 1);
  g_assert_null (crowd->here[0].driver);
  dismiss_crowd (crowd);
}

/* --- Other contexts, other threads --- */

static void
test_context_of_the_component (void)
{
  Crowd *crowd = gather_crowd (2, FALSE);
  g_autoptr (GMainContext) elsewhere = g_main_context_new ();

  attach (&crowd->here[0], elsewhere);
  send_text (&crowd->there[0], "one ");
  send_text (&crowd->there[0], "two");
  send_text (&crowd->there[1], "mark");
  iterate_until (crowd->context, &crowd->here[1].n_datagrams, 1);
  g_assert_cmpuint (crowd->here[0].n_datagrams, ==, 0);
  while (crowd->here[0].n_datagrams < 2)
    {
      run_pending (crowd->context);
      g_assert_cmpuint (crowd->here[0].n_datagrams, ==, 0);
      run_pending (elsewhere);
    }
  g_assert_cmpstr (crowd->here[0].text->str, ==, "one two");

  /* What waits there comes along to the next. */
  send_text (&crowd->there[0], " three");
  run_pending (crowd->context);
  attach (&crowd->here[0], crowd->context);
  iterate_until (crowd->context, &crowd->here[0].n_datagrams, 3);
  g_assert_cmpstr (crowd->here[0].text->str, ==, "one two three");
  dismiss_crowd (crowd);
}

static void
test_inbox_is_bounded (void)
{
  Crowd *crowd = gather_crowd (1, FALSE);
  g_autoptr (GMainContext) asleep = g_main_context_new ();
  g_autofree gchar *big = g_strnfill (1000, 'x');

  attach (&crowd->here[0], asleep);
  for (guint i = 0; i < 1000; i++)
    {
      send_text (&crowd->there[0], big);
      run_pending (crowd->context);
    }
  g_assert_cmpuint (get_counts (crowd->mux).dropped, >, 500);
  run_pending (asleep);
  g_assert_cmpuint (crowd->here[0].n_datagrams, >, 100);
  g_assert_cmpuint (crowd->here[0].n_bytes, <, 256 * 1024);
  dismiss_crowd (crowd);
}

static gpointer
receive_one (gpointer data)
{
  Peer *peer = data;
  gchar buffer[16];
  GInputVector vector = { buffer, sizeof buffer };
  NiceReceiveMessage message = { &vector, 1 };

  g_assert_cmpint (
      nice_driver_receive (peer->driver, peer->stream_id, 1, &message, 1, NULL, NULL), ==,
      1);
  return GUINT_TO_POINTER (message.length);
}

/* Nobody iterates the context: who waits reads the socket, for the others too. */
static void
test_calls_that_wait (void)
{
  Crowd *crowd = gather_crowd (2, FALSE);
  GThread *waiters[2];

  for (guint i = 0; i < 2; i++)
    waiters[i] = g_thread_new ("waiter", receive_one, &crowd->here[i]);
  send_text (&crowd->there[1], "two");
  g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (waiters[1])), ==, 3);
  send_text (&crowd->there[0], "one!");
  g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (waiters[0])), ==, 4);
  dismiss_crowd (crowd);
}

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  gint n_received, n_astray; /* atomic */
} Worker;

static gpointer
work (gpointer data)
{
  Worker *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
count_at_home (GObject *owner, const NiceReceived *received, gpointer data)
{
  Worker *self = data;

  g_atomic_int_inc (&self->n_received);
  if (!g_main_context_is_owner (self->context))
    g_atomic_int_inc (&self->n_astray);
}

/* Sixteen flows over two sockets at one port: the kernel takes no heed of who lives
 * where, yet everybody is served at home. */
static void
test_shards (void)
{
  g_autoptr (NiceMux) mux = nice_mux_new (NULL, 0, TRUE);
  g_autoptr (GMainContext) context = g_main_context_new ();
  Worker workers[2] = { 0 };
  Peer here[16], there[16];

  for (guint i = 0; i < 2; i++)
    {
      workers[i].context = g_main_context_new ();
      workers[i].loop = g_main_loop_new (workers[i].context, FALSE);
    }
  for (guint i = 0; i < 16; i++)
    {
      init_peer_on (&here[i], workers[i % 2].context, TRUE, FALSE, mux);
      init_peer (&there[i], context, FALSE, FALSE);
      g_assert_true (nice_driver_attach (here[i].driver, here[i].stream_id, 1,
                                         workers[i % 2].context, count_at_home,
                                         &workers[i % 2], NULL));
      tell (&here[i], &there[i]);
      tell (&there[i], &here[i]);
    }
  g_assert_cmpuint (get_counts (mux).n_sockets, ==, 2);
  for (guint i = 0; i < 2; i++)
    workers[i].thread = g_thread_new ("worker", work, &workers[i]);
  for (guint i = 0; i < 16; i++)
    iterate_until_ready (context, &there[i]);
  for (guint round = 0; round < 20; round++)
    for (guint i = 0; i < 16; i++)
      g_assert_cmpint (send_text (&there[i], "round and round"), ==, 1);
  while (g_atomic_int_get (&workers[0].n_received) < 160
         || g_atomic_int_get (&workers[1].n_received) < 160)
    g_thread_yield ();
  for (guint i = 0; i < 2; i++)
    {
      g_main_loop_quit (workers[i].loop);
      g_thread_join (workers[i].thread);
      g_assert_cmpint (workers[i].n_astray, ==, 0);
    }
  for (guint i = 0; i < 16; i++)
    {
      clear_peer (&here[i]);
      clear_peer (&there[i]);
    }
  g_assert_cmpuint (get_counts (mux).n_sockets, ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_main_loop_unref (workers[i].loop);
      g_main_context_unref (workers[i].context);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mux/each-gets-its-own", test_each_gets_its_own);
  g_test_add_func ("/mux/batches", test_batches);
  g_test_add_func ("/mux/same-peer-address-twice", test_same_peer_address_twice);
  g_test_add_func ("/mux/strangers-are-counted", test_strangers_are_counted);
  g_test_add_func ("/mux/restart-has-a-new-ufrag", test_restart_has_a_new_ufrag);
  g_test_add_func ("/mux/a-ufrag-is-one-sessions", test_a_ufrag_is_one_sessions);
  g_test_add_func ("/mux/sockets-go-with-the-last-session",
                   test_sockets_go_with_the_last_session);
  g_test_add_func ("/mux/port-is-taken", test_port_is_taken);
  g_test_add_func ("/mux/session-ends-in-its-function",
                   test_session_ends_in_its_function);
  g_test_add_func ("/mux/context-of-the-component", test_context_of_the_component);
  g_test_add_func ("/mux/inbox-is-bounded", test_inbox_is_bounded);
  g_test_add_func ("/mux/calls-that-wait", test_calls_that_wait);
  g_test_add_func ("/mux/shards", test_shards);
  return g_test_run ();
}
