/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both twins of the UDP endpoint on loopback: whatever is merged on the way, the same
 * datagrams arrive, in order for each destination. */
#include "config.h"

#include "ports.h"
#include "socket/endpoint-udp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define N_DESTINATIONS 3
#define MAX_BATCH 100

typedef struct
{
  const gchar *name;
  const NiceUdpTwin *twin;
  gboolean offload;
} Kind;

static const Kind kinds[] = {
#ifdef HAVE_UDP_OFFLOAD
  { "linux", &nice_udp_linux, TRUE },
  { "linux-unmerged", &nice_udp_linux, FALSE },
#endif
  { "portable", &nice_udp_portable, TRUE },
};

static NiceEndpoint *
make_endpoint (const Kind *kind, const gchar *address)
{
  NiceEndpoint *endpoint = NULL;
  NiceAddress local;

  g_assert_true (nice_address_set_from_string (&local, address));
  g_assert_cmpint (nice_udp_endpoint_new_with_twin (kind->twin, kind->offload, &local, 0,
                                                    0, &endpoint),
                   ==, 0);
  return endpoint;
}

/* For a whole batch, whatever the kernel counts for each datagram: as much as may be. */
static void
make_room (NiceEndpoint *endpoint)
{
  const gint room = 1 << 22;

  if (setsockopt (endpoint->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    setsockopt (endpoint->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
}

/* Appends every datagram that waits, as GBytes. */
static void
receive_waiting (NiceEndpoint *endpoint, NicePool *pool, GPtrArray *datagrams)
{
  NiceSlab *slab = nice_pool_take (pool);
  gint n;

  while ((n = nice_endpoint_receive (endpoint, slab)) > 0)
    for (gint i = 0; i < n; i++)
      {
        const NicePacket *p = &slab->packets[i];
        guint at = 0;

        do
          {
            g_ptr_array_add (datagrams,
                             g_bytes_new (p->data + at, MIN (p->stride, p->size - at)));
            at += p->stride;
          }
        while (at < p->size);
      }
  g_assert_cmpint (n, ==, -EAGAIN);
  nice_pool_give (pool, slab);
}

/* A kernel that is busy brings a datagram later than it was sent. */
static void
await (NiceEndpoint *endpoint, short events)
{
  struct pollfd fd = { .fd = endpoint->fd, .events = events };

  g_assert_cmpint (poll (&fd, 1, -1), ==, 1);
}

/* Until so many are there. */
static void
receive_all (NiceEndpoint *endpoint, NicePool *pool, GPtrArray *datagrams, guint n)
{
  receive_waiting (endpoint, pool, datagrams);
  while (datagrams->len < n)
    {
      await (endpoint, POLLIN);
      receive_waiting (endpoint, pool, datagrams);
    }
}

static guint
draw_size (guint usual)
{
  switch (g_test_rand_int_range (0, 12))
    {
    case 0:
      return 0;
    case 1:
      return g_test_rand_int_range (1, 60);
    case 2:
      return g_test_rand_int_range (60, 1500);
    case 3:
      return g_test_rand_int_range (1500, 9000);
    default:
      return usual;
    }
}

/* Sends one random batch to all destinations and notes what each has to receive. */
static void
send_batch (NiceEndpoint *sender, NiceEndpoint *const *receivers,
            GPtrArray *const *expected)
{
  static guint8 noise[65536];
  NiceOutPacket packets[MAX_BATCH];
  GOutputVector vectors[MAX_BATCH][3];
  const guint n = g_test_rand_int_range (1, MAX_BATCH + 1);
  const guint usual = g_test_rand_int_range (1, 1400);
  guint destination = 0, used, total = 0, sent = 0;

  for (used = 0; used < n; used++)
    {
      NiceOutPacket *p = &packets[used];
      const guint size = draw_size (usual), cut = size / 3;
      g_autoptr (GByteArray) whole = g_byte_array_new ();
      guint8 *data = noise + g_test_rand_int_range (0, 65536 - 9000);

      for (guint i = 0; i < 8 && i < size; i++)
        data[i] = g_test_rand_int ();
      if (g_test_rand_int_range (0, 6) == 0)
        destination = g_test_rand_int_range (0, N_DESTINATIONS);
      total += size + 1000; /* the kernel's own share of a receive buffer */
      if (total > 150000)
        break;

      *p = (NiceOutPacket) { .vectors = vectors[used], .n_vectors = 3, .size = size };
      vectors[used][0] = (GOutputVector) { data, cut };
      vectors[used][1] = (GOutputVector) { data + cut, 0 };
      vectors[used][2] = (GOutputVector) { data + cut, size - cut };
      p->to = receivers[destination]->local;
      p->head_len = g_test_rand_int_range (0, 8) == 0 ? 4 : 0;
      p->tail_len = g_test_rand_int_range (0, 8) == 0 ? 3 : 0;
      memset (p->head, 'h', sizeof p->head);

      g_byte_array_append (whole, nice_out_packet_get_head (p), p->head_len);
      g_byte_array_append (whole, data, size);
      g_byte_array_append (whole, (const guint8 *)"\0\0\0", p->tail_len);
      g_ptr_array_add (expected[destination], g_bytes_new (whole->data, whole->len));
      /* Later packets of the batch may draw over the noise: keep their own copy. */
      for (guint i = 0, at = 0; i < 3; at += vectors[used][i].size, i++)
        vectors[used][i].buffer =
            (const guint8 *)g_bytes_get_data (
                g_ptr_array_index (expected[destination], expected[destination]->len - 1),
                NULL)
            + p->head_len + at;
    }

  while (sent < used)
    {
      const gint result = nice_endpoint_send (sender, packets + sent, used - sent);

      g_assert_cmpint (result, >, 0);
      sent += result;
    }
}

/* A message of size bytes in one piece, in two, or in some that a NULL ends. */
static void
cut_message (NiceSendMessage *message, GOutputVector *vectors, const guint8 *data,
             guint size)
{
  const guint cut = g_test_rand_int_range (0, size + 1);

  *message = (NiceSendMessage) { vectors, 1 };
  vectors[0] = (GOutputVector) { data, size };
  if (g_test_rand_int_range (0, 4) != 0)
    return;
  vectors[0].size = cut;
  vectors[1] = (GOutputVector) { data + cut, size - cut };
  vectors[2] = (GOutputVector) { NULL, 0 };
  message->n_buffers = g_test_rand_int_range (0, 2) == 0 ? 2 : -1;
}

/* The same with messages as an application has them, all to one destination. */
static void
send_run (NiceEndpoint *sender, const NiceEndpoint *receiver, GPtrArray *expected)
{
  static guint32 noise[16384];
  NiceSendMessage messages[MAX_BATCH];
  GOutputVector vectors[MAX_BATCH][3];
  NiceOutRun run = { .messages = messages, .to = &receiver->local };
  const guint n = g_test_rand_int_range (1, MAX_BATCH + 1);
  const guint usual = g_test_rand_int_range (1, 1400);
  gsize total = 0, left = 0, room = 150000;

  for (guint i = 0; i < G_N_ELEMENTS (noise) && noise[0] == 0; i++)
    noise[G_N_ELEMENTS (noise) - 1 - i] = g_test_rand_int () | 1;
  run.tos = g_test_rand_int_range (0, 4) == 0 ? 0xb8 : 0;
  while (run.n_messages < n)
    {
      const guint size = draw_size (usual);
      const guint8 *data =
          (const guint8 *)noise + g_test_rand_int_range (0, sizeof noise - 9000);

      if (room < size + 1000)
        break;
      room -= size + 1000;
      cut_message (&messages[run.n_messages], vectors[run.n_messages], data, size);
      g_ptr_array_add (expected, g_bytes_new (data, size));
      total += size;
      run.n_messages++;
    }
  g_assert_cmpint (nice_endpoint_send_run (sender, &run, &left), ==, run.n_messages);
  g_assert_cmpuint (left, ==, total);
}

static void
assert_same_datagrams (GPtrArray *got, GPtrArray *expected)
{
  g_assert_cmpuint (got->len, ==, expected->len);
  for (guint i = 0; i < got->len; i++)
    g_assert_true (
        g_bytes_equal (g_ptr_array_index (got, i), g_ptr_array_index (expected, i)));
}

static void
check_twins (const Kind *from, const Kind *to, const gchar *address, guint *n)
{
  const guint rounds = g_test_slow () ? 3600 : 60;
  g_autoptr (NiceEndpoint) sender = make_endpoint (from, address);
  NiceEndpoint *receivers[N_DESTINATIONS];
  GPtrArray *expected[N_DESTINATIONS], *got[N_DESTINATIONS];
  NicePool pool = { NULL };

  for (guint i = 0; i < N_DESTINATIONS; i++)
    {
      receivers[i] = make_endpoint (to, address);
      make_room (receivers[i]);
      expected[i] = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
      got[i] = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
    }

  for (guint round = 0; round < rounds; round++)
    {
      if (round % 2 == 0)
        send_batch (sender, receivers, expected);
      else
        send_run (sender, receivers[0], expected[0]);
      for (guint i = 0; i < N_DESTINATIONS; i++)
        {
          receive_all (receivers[i], &pool, got[i], expected[i]->len);
          assert_same_datagrams (got[i], expected[i]);
          *n += got[i]->len;
          g_ptr_array_set_size (expected[i], 0);
          g_ptr_array_set_size (got[i], 0);
        }
    }

  for (guint i = 0; i < N_DESTINATIONS; i++)
    {
      nice_endpoint_unref (receivers[i]);
      g_ptr_array_unref (expected[i]);
      g_ptr_array_unref (got[i]);
    }
  nice_pool_clear (&pool);
}

/* With -m slow a million of them. */
static void
test_same_bytes (gconstpointer data)
{
  guint n = 0;

  for (guint from = 0; from < G_N_ELEMENTS (kinds); from++)
    for (guint to = 0; to < G_N_ELEMENTS (kinds); to++)
      {
        g_test_message ("%s to %s", kinds[from].name, kinds[to].name);
        check_twins (&kinds[from], &kinds[to], data, &n);
      }
  g_test_message ("%u datagrams", n);
  g_assert_cmpuint (n, >,
                    (g_test_slow () ? 111112 : 1000) * G_N_ELEMENTS (kinds)
                        * G_N_ELEMENTS (kinds));
}

static void
test_many_pieces (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (NiceEndpoint) sender = make_endpoint (&kinds[k], "127.0.0.1");
      g_autoptr (NiceEndpoint) receiver = make_endpoint (&kinds[k], "127.0.0.1");
      g_autoptr (GPtrArray) got =
          g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
      GOutputVector vectors[1500];
      NiceOutPacket packet = { .vectors = vectors, .n_vectors = 1500, .size = 1500 };
      const NiceSendMessage messages[2] = { { vectors, 1500 }, { vectors, 1500 } };
      const NiceOutRun run = { messages, 2, 0, &receiver->local };
      NicePool pool = { NULL };
      gsize left = 0;

      packet.to = receiver->local;
      for (guint i = 0; i < 1500; i++)
        vectors[i] = (GOutputVector) { "x", 1 };
      g_assert_cmpint (nice_endpoint_send (sender, &packet, 1), ==, 1);
      g_assert_cmpint (nice_endpoint_send_run (sender, &run, &left), ==, 2);
      g_assert_cmpuint (left, ==, 3000);
      receive_all (receiver, &pool, got, 3);
      g_assert_cmpuint (got->len, ==, 3);
      for (guint i = 0; i < 3; i++)
        g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (got, i)), ==, 1500);
      nice_pool_clear (&pool);
    }
}

static void
test_oversized_is_refused_alone (void)
{
  static const guint8 data[65535];

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (NiceEndpoint) sender = make_endpoint (&kinds[k], "127.0.0.1");
      g_autoptr (NiceEndpoint) receiver = make_endpoint (&kinds[k], "127.0.0.1");
      GOutputVector fits = { data, 100 }, does_not = { data, 65535 };
      const NiceSendMessage messages[2] = { { &fits, 1 }, { &does_not, 1 } };
      NiceOutRun run = { .messages = messages, .n_messages = 2 };
      gsize left = 0;
      NiceOutPacket packets[3] = {
        { .vectors = &fits, .n_vectors = 1, .size = 100 },
        { .vectors = &does_not, .n_vectors = 1, .size = 65535 },
        { .vectors = &fits, .n_vectors = 1, .size = 100 }
      };

      for (guint i = 0; i < 3; i++)
        packets[i].to = receiver->local;
      g_assert_cmpint (nice_endpoint_send (sender, packets, 3), ==, 1);
      g_assert_cmpint (nice_endpoint_send (sender, packets + 1, 2), ==, -EMSGSIZE);
      g_assert_cmpint (nice_endpoint_send (sender, packets + 2, 1), ==, 1);

      run.to = &receiver->local;
      g_assert_cmpint (nice_endpoint_send_run (sender, &run, &left), ==, 1);
      g_assert_cmpuint (left, ==, 100);
      run.messages++;
      run.n_messages = 1;
      g_assert_cmpint (nice_endpoint_send_run (sender, &run, &left), ==, -EMSGSIZE);
      g_assert_cmpuint (left, ==, 100);
    }
}

/* Hears itself alone: whoever else sends to its port is told that nobody is there, and
 * nobody can be there before the test is over. */
static NiceEndpoint *
make_closed_port (const Kind *kind)
{
  NiceEndpoint *endpoint = make_endpoint (kind, "127.0.0.1");

  g_assert_cmpint (connect (endpoint->fd, (gpointer)&endpoint->local.s.addr,
                            nice_address_get_length (&endpoint->local)),
                   ==, 0);
  return endpoint;
}

/* The error names the destination, and other destinations do not suffer. */
static void
test_refused_port_is_named (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (NiceEndpoint) sender = make_endpoint (&kinds[k], "127.0.0.1");
      g_autoptr (NiceEndpoint) receiver = make_endpoint (&kinds[k], "127.0.0.1");
      g_autoptr (NiceEndpoint) closed = make_closed_port (&kinds[k]);
      const GOutputVector vector = { "hello", 5 };
      NiceOutPacket packet = { .vectors = &vector, .n_vectors = 1, .size = 5 };
      NiceSendError error;

      packet.to = closed->local;
      g_assert_cmpint (nice_endpoint_send (sender, &packet, 1), ==, 1);
      await (sender, 0); /* an error */
      packet.to = receiver->local;
      g_assert_cmpint (nice_endpoint_send (sender, &packet, 1), ==, 1);
      g_assert_true (nice_endpoint_take_error (sender, &error));
      g_assert_cmpint (error.error, ==, ECONNREFUSED);
      g_assert_true (nice_address_equal (&error.to, &closed->local));
      g_assert_cmpmem (error.quoted, error.n_quoted, "hello", 5);
      g_assert_false (nice_endpoint_take_error (sender, &error));
    }
}

static void
test_port_range (void)
{
  const guint16 first = find_ports (3);
  NiceEndpoint *taken[3], *none = NULL;
  NiceAddress local;

  g_assert_true (nice_address_set_from_string (&local, "127.0.0.1"));
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (nice_udp_endpoint_new (&local, first, first + 2, &taken[i]), ==,
                       0);
      g_assert_cmpuint (nice_address_get_port (&taken[i]->local), >=, first);
      g_assert_cmpuint (nice_address_get_port (&taken[i]->local), <=, first + 2);
    }
  g_assert_cmpint (nice_udp_endpoint_new (&local, first, first + 2, &none), ==,
                   -EADDRINUSE);
  g_assert_null (none);
  for (guint i = 0; i < 3; i++)
    nice_endpoint_unref (taken[i]);
}

static void
test_gsocket_ends_with_endpoint (void)
{
  NiceEndpoint *endpoint = make_endpoint (&kinds[0], "127.0.0.1");
  g_autoptr (GSocket) socket = g_object_ref (nice_endpoint_get_socket (endpoint));

  g_assert_true (nice_endpoint_get_socket (endpoint) == socket);
  g_assert_cmpint (g_socket_get_fd (socket), ==, endpoint->fd);
  nice_endpoint_unref (endpoint);
  g_assert_true (g_socket_is_closed (socket));
}

static void
test_traffic_class_travels (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (NiceEndpoint) sender = make_endpoint (&kinds[k], "::1");
      g_autoptr (NiceEndpoint) receiver = make_endpoint (&kinds[k], "::1");
      const GOutputVector vector = { "hello", 5 };
      NiceOutPacket packet = { .vectors = &vector, .n_vectors = 1, .size = 5 };
      NicePool pool = { NULL };
      NiceSlab *slab = nice_pool_take (&pool);

      nice_udp_endpoint_want_tos (receiver);
      nice_endpoint_set_tos (sender, 0xb8);
      packet.to = receiver->local;
      g_assert_cmpint (nice_endpoint_send (sender, &packet, 1), ==, 1);
      await (receiver, POLLIN);
      g_assert_cmpint (nice_endpoint_receive (receiver, slab), ==, 1);
      g_assert_cmpuint (slab->packets[0].flags, ==, NICE_PACKET_HAS_TOS);
      g_assert_cmpuint (slab->packets[0].tos, ==, 0xb8);
      packet.tos = 0x02;
      g_assert_cmpint (nice_endpoint_send (sender, &packet, 1), ==, 1);
      await (receiver, POLLIN);
      g_assert_cmpint (nice_endpoint_receive (receiver, slab), ==, 1);
      g_assert_cmpuint (slab->packets[0].tos, ==, 0x02);
      nice_pool_give (&pool, slab);
      nice_pool_clear (&pool);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/udp/same-bytes/ipv4", "127.0.0.1", test_same_bytes);
  g_test_add_data_func ("/udp/same-bytes/ipv6", "::1", test_same_bytes);
  g_test_add_func ("/udp/many-pieces", test_many_pieces);
  g_test_add_func ("/udp/oversized-is-refused-alone", test_oversized_is_refused_alone);
  g_test_add_func ("/udp/refused-port-is-named", test_refused_port_is_named);
  g_test_add_func ("/udp/port-range", test_port_range);
  g_test_add_func ("/udp/gsocket-ends-with-endpoint", test_gsocket_ends_with_endpoint);
  g_test_add_func ("/udp/traffic-class-travels", test_traffic_class_travels);
  return g_test_run ();
}
