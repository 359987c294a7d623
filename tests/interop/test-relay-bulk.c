/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A hundred thousand datagrams each way through coturn, over each transport to it: each
 * arrives, once, in order, whole. One agent may only speak through its server. A batch
 * over UDP leaves as one run, with a channel's header before each. */
#include "config.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/socket.h>

#include "relays.h"

#define N_DATAGRAMS 100000
#define SIZE 400
#define UDP "turn:127.0.0.1:%u"
#define BATCH 16
#define WINDOW                                                                           \
  64 /* in flight each way: less than the smallest buffer on the way holds               \
      */

typedef struct
{
  Peer *peer;
  gboolean is_udp; /* whatever it sends leaves as datagrams */
  guint n_sent, n_received;
} End;

static guint n_handed; /* messages that the kernel got to send: a run is one */

ssize_t
sendto (int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
        socklen_t length)
{
  static ssize_t (*real) (int, const void *, size_t, int, const struct sockaddr *,
                          socklen_t);

  n_handed++;
  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "sendto");
  return real (fd, data, size, flags, to, length);
}

ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  static ssize_t (*real) (int, const struct msghdr *, int);

  n_handed++;
  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "sendmsg");
  return real (fd, message, flags);
}

int
sendmmsg (int fd, struct mmsghdr *messages, unsigned int n, int flags)
{
  static int (*real) (int, struct mmsghdr *, unsigned int, int);

  n_handed += n;
  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "sendmmsg");
  return real (fd, messages, n, flags);
}

/* Its number, and bytes that tell one from another. */
static void
fill (gchar *data, guint number)
{
  memset (data, number % 251, SIZE);
  memcpy (data, &number, sizeof number);
}

static void
check (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
       gpointer data)
{
  End *self = data;
  guint number;

  g_assert_cmpuint (len, ==, SIZE);
  memcpy (&number, buf, sizeof number);
  g_assert_cmpuint (number, ==, self->n_received);
  g_assert_cmpint ((guint8)buf[SIZE - 1], ==, number % 251);
  self->n_received++;
}

/* As many as there is room for. */
static void
send_some (End *self, const End *other)
{
  static gchar data[BATCH][SIZE];
  GOutputVector vectors[BATCH];
  NiceOutputMessage messages[BATCH];
  const guint room = WINDOW - (self->n_sent - other->n_received);
  const guint n = MIN (MIN (room, BATCH), N_DATAGRAMS - self->n_sent);
  const guint calls_before = n_handed;
  gint sent;

  if (n == 0)
    return;
  for (guint i = 0; i < n; i++)
    {
      fill (data[i], self->n_sent + i);
      vectors[i] = (GOutputVector) { data[i], SIZE };
      messages[i] = (NiceOutputMessage) { &vectors[i], 1 };
    }
  sent = nice_agent_send_messages_nonblocking (self->peer->agent, self->peer->stream, 1,
                                               messages, n, NULL, NULL);
  if (self->is_udp)
    g_assert_cmpuint (n_handed - calls_before, ==, 1);
  if (sent > 0) /* else it is full: once more when the other end has had some */
    self->n_sent += sent;
}

/* covers TURN-8656-12.5-a, TURN-8656-11.4-b, TURN-8656-12.4-a */
static void
test_bulk (gconstpointer uri)
{
  g_auto (Coturn) coturn = { 0 };
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  End left = { pair->left, g_str_equal (uri, UDP) };
  End right = { pair->right, TRUE };
  gint64 start;

  if (!coturn_start (&coturn, NULL))
    return;
  peer_use_only (pair->left, &coturn, uri);
  pair_connect (pair);
  nice_agent_attach_recv (left.peer->agent, left.peer->stream, 1, NULL, check, &left);
  nice_agent_attach_recv (right.peer->agent, right.peer->stream, 1, NULL, check, &right);
  start = g_get_monotonic_time ();
  while (left.n_received < N_DATAGRAMS || right.n_received < N_DATAGRAMS)
    {
      send_some (&left, &right);
      send_some (&right, &left);
      /* Blocks where nothing more may be sent. */
      g_main_context_iteration (NULL,
                                left.n_sent - right.n_received == WINDOW
                                    || right.n_sent - left.n_received == WINDOW
                                    || left.n_sent + right.n_sent == 2 * N_DATAGRAMS);
    }
  g_test_message ("%u datagrams each way in %.2f s", N_DATAGRAMS,
                  (gdouble)(g_get_monotonic_time () - start) / G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/relay-bulk/udp", UDP, test_bulk);
  g_test_add_data_func ("/relay-bulk/tcp", "turn:127.0.0.1:%u?transport=tcp", test_bulk);
  g_test_add_data_func ("/relay-bulk/tls", "turns:localhost:%u", test_bulk);
  g_test_add_data_func ("/relay-bulk/dtls", "turns:localhost:%u?transport=dtls",
                        test_bulk);
  return g_test_run ();
}
