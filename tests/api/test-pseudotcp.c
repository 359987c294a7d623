/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public PseudoTcpSocket, alone: two of them and the packets between. Facts of the
 * contract 1.23. */
#include <nice/agent.h>
#include <nice/pseudotcp.h>

#include <errno.h>
#include <string.h>

#define CONVERSATION 0x01020304u
#define MB (1024 * 1024)

/* RFC 793's header as libjingle arranged it */
enum
{
  AT_SEQUENCE = 4,
  AT_ACK = 8,
  AT_FLAGS = 13,
  HEADER_SIZE = 24,
  FLAG_CONTROL = 2,
  CONTROL_CONNECT = 0,
  OPTION_MSS = 2,
  OPTION_WINDOW_SCALE = 3,
};

typedef struct
{
  PseudoTcpSocket *ends[2];
  GQueue packets[2]; /* of GBytes, on their way to that end */
  guint n_opened, n_closed;
} Link;

static guint
index_of (const Link *self, const PseudoTcpSocket *socket)
{
  return socket == self->ends[1];
}

static void
on_opened (PseudoTcpSocket *socket, gpointer data)
{
  ((Link *)data)->n_opened++;
}

static void
on_nothing (PseudoTcpSocket *socket, gpointer data)
{
}

static void
on_closed (PseudoTcpSocket *socket, guint32 error, gpointer data)
{
  ((Link *)data)->n_closed++;
}

static PseudoTcpWriteResult
on_packet (PseudoTcpSocket *socket, const gchar *buffer, guint32 len, gpointer data)
{
  Link *self = data;

  g_queue_push_tail (&self->packets[1 - index_of (self, socket)],
                     g_bytes_new (buffer, len));
  return WR_SUCCESS;
}

static Link *
link_new (void)
{
  Link *self = g_new0 (Link, 1);
  PseudoTcpCallbacks callbacks = { self,       on_opened, on_nothing,
                                   on_nothing, on_closed, on_packet };

  for (guint i = 0; i < 2; i++)
    {
      self->ends[i] = pseudo_tcp_socket_new (CONVERSATION, &callbacks);
      g_object_set (self->ends[i], "ack-delay", 0, NULL);
      pseudo_tcp_socket_notify_mtu (self->ends[i], 1400);
    }
  return self;
}

static void
link_free (Link *self)
{
  for (guint i = 0; i < 2; i++)
    {
      g_queue_clear_full (&self->packets[i], (GDestroyNotify)g_bytes_unref);
      g_object_unref (self->ends[i]);
    }
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Link, link_free)

static gboolean
deliver_to (Link *self, guint i)
{
  g_autoptr (GBytes) packet = g_queue_pop_head (&self->packets[i]);
  gsize len;
  const gchar *bytes;

  if (packet == NULL)
    return FALSE;
  bytes = g_bytes_get_data (packet, &len);
  pseudo_tcp_socket_notify_packet (self->ends[i], bytes, (guint32)len);
  return TRUE;
}

/* All packets that are under way, and those that they cause. */
static void
link_run (Link *self)
{
  gboolean moved;

  do
    {
      pseudo_tcp_socket_notify_clock (self->ends[0]);
      pseudo_tcp_socket_notify_clock (self->ends[1]);
      moved = deliver_to (self, 0);
      moved |= deliver_to (self, 1);
    }
  while (moved);
}

static PseudoTcpState
state_of (const Link *self, guint i)
{
  PseudoTcpState state;

  g_object_get (self->ends[i], "state", &state, NULL);
  return state;
}

static Link *
open_link (void)
{
  Link *self = link_new ();

  g_assert_true (pseudo_tcp_socket_connect (self->ends[0]));
  while (self->n_opened < 2)
    link_run (self);
  return self;
}

/* contract 1.23-d 1.23-b */
static void
test_connect_only_while_listening (void)
{
  g_autoptr (Link) link = link_new ();

  g_assert_cmpint (state_of (link, 0), ==, PSEUDO_TCP_LISTEN);
  g_assert_true (pseudo_tcp_socket_connect (link->ends[0]));
  g_assert_cmpint (state_of (link, 0), ==, PSEUDO_TCP_SYN_SENT);
  g_assert_cmpuint (link->packets[1].length, ==, 1);
  g_assert_false (pseudo_tcp_socket_connect (link->ends[0]));
  g_assert_cmpint (pseudo_tcp_socket_get_error (link->ends[0]), ==, EINVAL);
  g_assert_cmpuint (link->packets[1].length, ==, 1);
  while (link->n_opened < 2)
    link_run (link);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (state_of (link, i), ==, PSEUDO_TCP_ESTABLISHED);
      g_assert_false (pseudo_tcp_socket_connect (link->ends[i]));
      g_assert_cmpint (pseudo_tcp_socket_get_error (link->ends[i]), ==, EINVAL);
    }
}

static guint32
read32 (const guint8 *at)
{
  return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

static gboolean
has_option (const guint8 *options, gsize len, guint8 kind)
{
  for (gsize at = 0; at + 1 < len; at += 2 + options[at + 1])
    if (options[at] == kind)
      return TRUE;
  return FALSE;
}

/* contract 1.23-f: the packet that opens */
static void
test_the_first_packet (void)
{
  g_autoptr (Link) link = link_new ();
  const guint8 *packet;
  gsize len;

  pseudo_tcp_socket_connect (link->ends[0]);
  packet = g_bytes_get_data (g_queue_peek_head (&link->packets[1]), &len);
  g_assert_cmpuint (len, >, HEADER_SIZE);
  g_assert_cmphex (read32 (packet), ==, CONVERSATION);
  g_assert_cmpuint (read32 (packet + AT_SEQUENCE), ==, 0);
  g_assert_cmpuint (read32 (packet + AT_ACK), ==, 0);
  g_assert_cmphex (packet[AT_FLAGS], ==, FLAG_CONTROL);
  g_assert_cmpuint (packet[HEADER_SIZE], ==, CONTROL_CONNECT);
  g_assert_true (
      has_option (packet + HEADER_SIZE + 1, len - HEADER_SIZE - 1, OPTION_WINDOW_SCALE));
}

/* contract 1.23-f: a packet of data, and one of another conversation */
static void
test_a_packet_of_data (void)
{
  g_autoptr (Link) link = open_link ();
  guint8 stranger[HEADER_SIZE] = { 0x04, 0x03, 0x02, 0x01 };
  const guint8 *packet;
  gsize len;

  g_assert_cmpint (pseudo_tcp_socket_send (link->ends[0], "hello", 5), ==, 5);
  g_assert_cmpuint (link->packets[1].length, ==, 1);
  packet = g_bytes_get_data (g_queue_peek_head (&link->packets[1]), &len);
  g_assert_cmpuint (len, ==, HEADER_SIZE + 5);
  g_assert_cmphex (read32 (packet), ==, CONVERSATION);
  g_assert_cmpuint (read32 (packet + AT_SEQUENCE), >, 0);
  g_assert_cmpuint (read32 (packet + AT_ACK), >, 0);
  g_assert_cmphex (packet[AT_FLAGS] & FLAG_CONTROL, ==, 0);
  g_assert_cmpmem (packet + HEADER_SIZE, 5, "hello", 5);

  g_assert_false (pseudo_tcp_socket_notify_packet (link->ends[1], (const gchar *)stranger,
                                                   sizeof stranger));
  g_assert_false (pseudo_tcp_socket_notify_packet (link->ends[1], (const gchar *)packet,
                                                   HEADER_SIZE - 1));
  g_assert_cmpint (state_of (link, 1), ==, PSEUDO_TCP_ESTABLISHED);
}

/* contract 1.23-g: more than any buffer holds, by no other road than the packets */
static void
test_two_sockets_carry_a_stream (void)
{
  g_autoptr (Link) link = open_link ();
  g_autofree gchar *bytes = g_malloc (MB);
  g_autofree gchar *found = g_malloc (MB);
  guint32 sent = 0;
  gsize got = 0;

  for (gsize i = 0; i < MB; i++)
    bytes[i] = (gchar)(i * 31 + (i >> 8));
  while (got < MB)
    {
      gint n;

      while (sent < MB
             && (n = pseudo_tcp_socket_send (link->ends[0], bytes + sent, MB - sent)) > 0)
        sent += (guint32)n;
      link_run (link);
      while (got < MB
             && (n = pseudo_tcp_socket_recv (link->ends[1], found + got, MB - got)) > 0)
        got += (gsize)n;
    }
  g_assert_cmpmem (bytes, MB, found, got);
  g_assert_cmpint (pseudo_tcp_socket_recv (link->ends[1], found, 1), ==, -1);
  g_assert_cmpint (pseudo_tcp_socket_get_error (link->ends[1]), ==, EWOULDBLOCK);
}

/* contract 1.23-c 1.23-e: what was sent before the end arrives before it */
static void
test_the_end_comes_after_the_bytes (void)
{
  g_autoptr (Link) link = open_link ();
  gchar bytes[8];

  g_assert_cmpint (pseudo_tcp_socket_send (link->ends[0], "last", 4), ==, 4);
  pseudo_tcp_socket_close (link->ends[0], FALSE);
  g_assert_cmpint (pseudo_tcp_socket_send (link->ends[0], "x", 1), ==, -1);
  g_assert_cmpint (pseudo_tcp_socket_get_error (link->ends[0]), ==, EPIPE);
  while (!pseudo_tcp_socket_is_closed_remotely (link->ends[1]))
    link_run (link);
  g_assert_cmpint (pseudo_tcp_socket_recv (link->ends[1], bytes, sizeof bytes), ==, 4);
  g_assert_cmpmem (bytes, 4, "last", 4);
  g_assert_cmpint (pseudo_tcp_socket_recv (link->ends[1], bytes, sizeof bytes), ==, 0);
  pseudo_tcp_socket_close (link->ends[1], FALSE);
  while (!pseudo_tcp_socket_is_closed (link->ends[0])
         || !pseudo_tcp_socket_is_closed (link->ends[1]))
    link_run (link);
  g_assert_cmpuint (link->n_closed, ==, 0);
}

/* contract 1.23-e: by force, with a reset that the other end is told of */
static void
test_closed_by_force (void)
{
  g_autoptr (Link) link = open_link ();

  pseudo_tcp_socket_close (link->ends[0], TRUE);
  g_assert_true (pseudo_tcp_socket_is_closed (link->ends[0]));
  link_run (link);
  g_assert_true (pseudo_tcp_socket_is_closed (link->ends[1]));
  g_assert_cmpuint (link->n_closed, ==, 2);
}

#define ADD(name, function) g_test_add_func ("/pseudotcp/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("connect-only-while-listening", test_connect_only_while_listening);
  ADD ("the-first-packet", test_the_first_packet);
  ADD ("a-packet-of-data", test_a_packet_of_data);
  ADD ("two-sockets-carry-a-stream", test_two_sockets_carry_a_stream);
  ADD ("the-end-comes-after-the-bytes", test_the_end_comes_after_the_bytes);
  ADD ("closed-by-force", test_closed_by_force);
  return g_test_run ();
}
