/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TCP endpoints on loopback: bytes in order through a backlog that has a limit, and
 * sockets that share the port of a listener. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "ports.h"
#include "socket/endpoint-tcp.h"

#define CHUNK 10000

static void
await (NiceEndpoint *endpoint, short events)
{
  struct pollfd fd = { .fd = endpoint->fd, .events = events };

  g_assert_cmpint (poll (&fd, 1, -1), ==, 1);
}

static NiceAddress
make_local (void)
{
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, "127.0.0.1"));
  return address;
}

static NiceEndpoint *
listen_somewhere (guint16 min_port, guint16 max_port)
{
  const NiceAddress local = make_local ();
  NiceEndpoint *listener;

  g_assert_cmpint (nice_tcp_listener_new (&local, min_port, max_port, &listener), ==, 0);
  return listener;
}

static NiceEndpoint *
connect_to (const NiceAddress *local, NiceEndpoint *listener)
{
  NiceEndpoint *endpoint;

  g_assert_cmpint (nice_tcp_endpoint_connect (local, &listener->local, &endpoint), ==, 0);
  await (endpoint, POLLOUT);
  g_assert_cmpint (nice_tcp_endpoint_finish (endpoint), ==, 0);
  return endpoint;
}

static NiceEndpoint *
accept_one (NiceEndpoint *listener)
{
  NiceEndpoint *endpoint;

  await (listener, POLLIN);
  g_assert_cmpint (nice_tcp_listener_accept (listener, &endpoint), ==, 0);
  return endpoint;
}

static guint8
get_byte (gsize at)
{
  return (guint8)(at * 7 + at / 251);
}

static gint
send_chunk (NiceEndpoint *endpoint, gsize at)
{
  guint8 bytes[CHUNK];
  const GOutputVector vector = { bytes, sizeof bytes };
  NiceOutPacket packet = { .vectors = &vector, .n_vectors = 1, .size = sizeof bytes };

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = get_byte (at + i);
  return nice_endpoint_send (endpoint, &packet, 1);
}

/* Reads what there is; every byte is the one that is due. */
static gsize
read_some (NiceEndpoint *endpoint, gsize at)
{
  NicePool pool = { NULL };
  NiceSlab *slab = nice_pool_take (&pool);
  gsize size;

  g_assert_cmpint (nice_endpoint_receive (endpoint, slab), ==, 1);
  size = slab->packets[0].size;
  for (gsize i = 0; i < size; i++)
    g_assert_cmpuint (slab->packets[0].data[i], ==, get_byte (at + i));
  nice_pool_give (&pool, slab);
  nice_pool_clear (&pool);
  return size;
}

/* A peer that does not read costs the limit and no more; when it reads, nothing is
 * missing and nothing has changed places. */
static void
test_backlog_has_a_limit_and_an_order (void)
{
  const NiceAddress local = make_local ();
  g_autoptr (NiceEndpoint) listener = listen_somewhere (0, 0);
  g_autoptr (NiceEndpoint) sender = connect_to (&local, listener);
  g_autoptr (NiceEndpoint) receiver = accept_one (listener);
  gsize sent = 0, taken_behind = 0, got = 0;

  while (send_chunk (sender, sent) == 1)
    {
      sent += CHUNK;
      if (sender->has_backlog)
        taken_behind += CHUNK;
    }
  g_assert_cmpint (send_chunk (sender, sent), ==, -EAGAIN);
  g_assert_true (sender->has_backlog);
  g_assert_cmpuint (taken_behind, <=, NICE_TCP_BACKLOG_LIMIT + 2 * CHUNK);

  while (got < sent)
    {
      const gint flushed = nice_endpoint_flush (sender);

      g_assert_cmpint (flushed, >=, 0);
      await (receiver, POLLIN);
      got += read_some (receiver, got);
    }
  g_assert_cmpuint (got, ==, sent);
  g_assert_cmpint (nice_endpoint_flush (sender), ==, 1);
  g_assert_false (sender->has_backlog);
  g_assert_cmpint (send_chunk (sender, sent), ==, 1);
}

/* RFC 6544 B: what a server sees of it is the listener's mapping.
 * covers ITCP-6544-4.1-a */
static void
test_connections_leave_from_the_port_of_a_listener (void)
{
  g_autoptr (NiceEndpoint) ours = listen_somewhere (0, 0);
  g_autoptr (NiceEndpoint) one = listen_somewhere (0, 0);
  g_autoptr (NiceEndpoint) other = listen_somewhere (0, 0);
  G_GNUC_UNUSED g_autoptr (NiceEndpoint) to_one = connect_to (&ours->local, one);
  G_GNUC_UNUSED g_autoptr (NiceEndpoint) to_other = connect_to (&ours->local, other);
  g_autoptr (NiceEndpoint) seen_by_one = accept_one (one);
  g_autoptr (NiceEndpoint) seen_by_other = accept_one (other);
  const NiceAddress local = make_local ();
  g_autoptr (NiceEndpoint) incoming = connect_to (&local, ours);
  g_autoptr (NiceEndpoint) taken = accept_one (ours);

  g_assert_true (
      nice_address_equal (nice_tcp_endpoint_get_remote (seen_by_one), &ours->local));
  g_assert_true (
      nice_address_equal (nice_tcp_endpoint_get_remote (seen_by_other), &ours->local));
  g_assert_true (
      nice_address_equal (nice_tcp_endpoint_get_remote (taken), &incoming->local));
}

/* Whose connection would it be? */
static void
test_two_listeners_never_share_a_port (void)
{
  g_autoptr (NiceEndpoint) first = listen_somewhere (0, 0);
  const guint16 port = nice_address_get_port (&first->local);
  const NiceAddress local = make_local ();
  NiceEndpoint *second;

  g_assert_cmpint (nice_tcp_listener_new (&local, port, port, &second), ==, -EADDRINUSE);
}

/* Programs with a narrow range have to get a port of it again: for a minute the system
 * remembers a connection at the side that ended it. */
static void
test_a_port_is_free_after_its_connections (void)
{
  const NiceAddress local = make_local ();
  const guint16 port = find_port (); /* nobody else gets it in between */
  NiceEndpoint *listener = listen_somewhere (port, port), *accepted, *connected;
  NicePool pool = { NULL };
  NiceSlab *slab = nice_pool_take (&pool);

  connected = connect_to (&local, listener);
  accepted = accept_one (listener);
  nice_endpoint_unref (accepted);
  nice_endpoint_unref (listener);
  await (connected, POLLIN);
  g_assert_cmpint (nice_endpoint_receive (connected, slab), ==, -EPIPE);
  nice_endpoint_unref (connected);
  nice_endpoint_unref (listen_somewhere (port, port));
  nice_pool_give (&pool, slab);
  nice_pool_clear (&pool);
}

static void
test_refusal (void)
{
  const NiceAddress local = make_local ();
  NiceAddress gone = local;
  NiceEndpoint *endpoint;
  gint error;

  nice_address_set_port (&gone, find_port ());
  error = nice_tcp_endpoint_connect (&local, &gone, &endpoint);
  if (error == 0)
    {
      await (endpoint, POLLOUT);
      error = nice_tcp_endpoint_finish (endpoint);
      nice_endpoint_unref (endpoint);
    }
  g_assert_cmpint (error, ==, -ECONNREFUSED);
}

static void
test_end (void)
{
  const NiceAddress local = make_local ();
  g_autoptr (NiceEndpoint) listener = listen_somewhere (0, 0);
  g_autoptr (NiceEndpoint) stays = connect_to (&local, listener);
  NicePool pool = { NULL };
  NiceSlab *slab = nice_pool_take (&pool);

  nice_endpoint_unref (accept_one (listener));
  await (stays, POLLIN);
  g_assert_cmpint (nice_endpoint_receive (stays, slab), ==, -EPIPE);
  nice_pool_give (&pool, slab);
  nice_pool_clear (&pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket-tcp/backlog", test_backlog_has_a_limit_and_an_order);
  g_test_add_func ("/socket-tcp/shared-port",
                   test_connections_leave_from_the_port_of_a_listener);
  g_test_add_func ("/socket-tcp/two-listeners", test_two_listeners_never_share_a_port);
  g_test_add_func ("/socket-tcp/a-port-is-free-after-its-connections",
                   test_a_port_is_free_after_its_connections);
  g_test_add_func ("/socket-tcp/refusal", test_refusal);
  g_test_add_func ("/socket-tcp/end", test_end);
  return g_test_run ();
}
