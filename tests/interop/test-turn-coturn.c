/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TURN layers over real sockets against coturn: every road to it, both families,
 * stale nonces, short lives, wrong credentials and certificates. */
#include "config.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "coturn.h"
#include "socket/layer-turn.h"
#include "socket/recipes.h"

#define N_DATAGRAMS 1000
#define WINDOW 16 /* in flight at once: nothing is lost to full buffers */
#define SIZE 1000
#define PATIENCE (10 * G_USEC_PER_SEC)

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  g_assert_cmpint (RAND_bytes (dest, len), ==, 1);
}

typedef struct
{
  NiceRecipe recipe;
  gint fd;
  NiceChain *chain;
  NiceChainIo io;
  NiceLayer *turn;
  TurnEvent event; /* the last one */
  gboolean has_event;
  NiceAddress server;
  guint n_down; /* datagrams that left, in whatever the server is sent */
  guint n_kept; /* those that did not when they were sent: they waited for something */
  guint n_up;   /* datagrams that came */
  NiceAddress from; /* the last one's */
  gint64 end;
} Client;

static void
client_clear (Client *self)
{
  if (self->chain == NULL)
    return;
  nice_chain_free (self->chain);
  nice_chain_io_clear (&self->io);
  close (self->fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Client, client_clear)

static NiceAddress
make_address (const gchar *host, guint port)
{
  NiceAddress address;

  g_assert_true (nice_address_set_from_string (&address, host));
  nice_address_set_port (&address, port);
  return address;
}

static socklen_t
get_length (const NiceAddress *address)
{
  return address->s.addr.sa_family == AF_INET6 ? sizeof address->s.ip6
                                               : sizeof address->s.ip4;
}

static gint
connect_to (const NiceAddress *server, gint type)
{
  const gint fd = socket (server->s.addr.sa_family, type | SOCK_CLOEXEC, 0);

  g_assert_cmpint (connect (fd, &server->s.addr, get_length (server)), ==, 0);
  g_assert_cmpint (fcntl (fd, F_SETFL, O_NONBLOCK), ==, 0);
  return fd;
}

/* --- one client and its socket --- */

static void
write_all (gint fd, const struct iovec *vectors, gint n)
{
  struct pollfd poll_fd = { fd, POLLOUT, 0 };
  gsize total = 0;
  gssize sent;

  for (gint i = 0; i < n; i++)
    total += vectors[i].iov_len;
  while ((sent = writev (fd, vectors, n)) < 0)
    poll (&poll_fd, 1, -1);
  g_assert_cmpint (sent, ==, total);
}

static void
flush (Client *self)
{
  static guint8 zeros[NICE_OUT_PACKET_MAX_TAIL];
  TurnEvent event;

  for (guint i = 0; i < self->io.down->len; i++)
    {
      const NiceOutPacket *packet = nice_chain_io_get_down (&self->io, i);
      struct iovec vectors[8];
      gint n = 0;

      vectors[n++] = (struct iovec) { (gpointer)nice_out_packet_get_head (packet),
                                      packet->head_len };
      for (guint j = 0; j < packet->n_vectors; j++)
        vectors[n++] = (struct iovec) { (gpointer)packet->vectors[j].buffer,
                                        packet->vectors[j].size };
      vectors[n++] = (struct iovec) { zeros, packet->tail_len };
      write_all (self->fd, vectors, n);
      self->n_down += packet->head_len + packet->size >= SIZE;
    }
  for (guint i = 0; i < self->io.up->len; i++)
    {
      const NicePacket *packet = nice_chain_io_get_up (&self->io, i);

      g_assert_cmpuint (packet->size - packet->skip, ==, SIZE);
      self->n_up++;
      self->from = packet->from;
    }
  while (self->turn != NULL && nice_layer_turn_poll_event (self->turn, &event))
    {
      self->event = event;
      self->has_event = TRUE;
    }
}

/* Waits for one thing to happen: bytes, a deadline, or another descriptor. */
static void
step (Client *self, gint other)
{
  struct pollfd fds[2] = { { self->fd, POLLIN, 0 }, { other, POLLIN, 0 } };
  const gint64 now = g_get_monotonic_time ();
  const gint64 deadline = MIN (nice_chain_get_deadline (self->chain), self->end);
  static guint8 buffer[65536];
  gssize n;

  g_assert_cmpint (now, <, self->end);
  poll (fds, other >= 0 ? 2 : 1, MAX (0, (deadline - now + 999) / 1000));
  if (fds[0].revents == 0)
    {
      nice_chain_handle_timeout (self->chain, g_get_monotonic_time (), &self->io);
      flush (self);
      return;
    }
  n = read (self->fd, buffer, sizeof buffer);
  if (n > 0)
    {
      NicePacket packet = {
        .data = buffer, .size = n, .stride = n, .from = self->server
      };

      nice_chain_receive (self->chain, &packet, 1, g_get_monotonic_time (), &self->io);
      flush (self);
    }
  else if (n == 0 && nice_recipe_is_stream (self->recipe))
    nice_chain_handle_end (self->chain);
}

static gboolean
wait_for_event (Client *self, TurnEventType type)
{
  self->has_event = FALSE;
  while (!self->has_event && nice_chain_get_failed (self->chain) == NULL)
    step (self, -1);
  return self->has_event && self->event.type == type;
}

typedef struct
{
  NiceRecipe recipe;
  const gchar *host; /* "127.0.0.1" */
  const gchar *name; /* to find in the certificate; NULL: the right one */
  const gchar *password;
  TurnFamily family;
  gint64 permission_lifetime, channel_lifetime;
  const gchar *username;
} Road;

static void
client_start (Client *self, const Coturn *coturn, const Road *road)
{
  const gboolean is_secure =
      road->recipe == NICE_RECIPE_TURN_TLS || road->recipe == NICE_RECIPE_TURN_DTLS;
  NiceIngredients ingredients = {
    .remote = make_address (road->host, is_secure ? coturn->tls_port : coturn->port),
    .tls = { .host = road->name != NULL ? road->name : COTURN_NAME,
             .trust_file = coturn->trust_file,
             .validate = G_TLS_CERTIFICATE_VALIDATE_ALL },
    .turn = { .username = road->username != NULL ? road->username : COTURN_USER,
              .password = road->password != NULL ? road->password : COTURN_PASSWORD,
              .family = road->family,
              .permission_lifetime = road->permission_lifetime,
              .channel_lifetime = road->channel_lifetime },
    .env = { fill_random, NULL },
  };

  self->recipe = road->recipe;
  self->server = ingredients.remote;
  self->end = g_get_monotonic_time () + PATIENCE;
  self->chain = nice_recipe_make (road->recipe, &ingredients, &self->turn);
  self->fd = connect_to (&self->server,
                         nice_recipe_is_stream (road->recipe) ? SOCK_STREAM : SOCK_DGRAM);
  nice_chain_start (self->chain, g_get_monotonic_time (), &self->io);
  flush (self);
}

/* --- data --- */

typedef struct
{
  gint fd;
  NiceAddress address;
  guint n_received;
} Peer;

static Peer
make_peer (const gchar *host)
{
  Peer self = { 0 };
  socklen_t length = sizeof self.address;

  self.address = make_address (host, 0);
  self.fd = socket (self.address.s.addr.sa_family,
                    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (self.fd, &self.address.s.addr, get_length (&self.address)), ==,
                   0);
  g_assert_cmpint (getsockname (self.fd, &self.address.s.addr, &length), ==, 0);
  return self;
}

/* Sends back all that has come. */
static void
echo (Peer *self)
{
  guint8 data[2000];
  struct sockaddr_in6 from;
  socklen_t length = sizeof from;
  gssize n;

  while (
      (n = recvfrom (self->fd, data, sizeof data, 0, (struct sockaddr *)&from, &length))
      >= 0)
    {
      self->n_received++;
      g_assert_cmpint (sendto (self->fd, data, n, 0, (struct sockaddr *)&from, length),
                       ==, n);
      length = sizeof from;
    }
}

static void
send_one (Client *self, const Peer *peer, guint number)
{
  guint8 data[SIZE] = { number >> 8, number & 0xFF };
  const GOutputVector vector = { data, sizeof data };
  NiceOutPacket packet = {
    .vectors = &vector, .n_vectors = 1, .size = SIZE, .to = peer->address
  };
  const guint before = self->n_down;

  nice_chain_send (self->chain, &packet, 1, g_get_monotonic_time (), &self->io);
  flush (self);
  self->n_kept += self->n_down == before;
}

/* Sends datagrams through the relay and waits for each to come back. */
static void
converse (Client *self, Peer *peer, guint n)
{
  const guint before = self->n_up;
  guint sent = 0;

  self->end = g_get_monotonic_time () + PATIENCE;
  while (self->n_up - before < n)
    {
      while (sent < n && sent - (self->n_up - before) < WINDOW)
        send_one (self, peer, sent++);
      step (self, peer->fd);
      echo (peer);
    }
  g_assert_cmpuint (peer->n_received, >=, n);
  g_assert_true (nice_address_equal (&self->from, &peer->address));
}

static void
test_road (gconstpointer data)
{
  const Road *road = data;
  g_auto (Coturn) coturn = { 0 };
  g_auto (Client) client = { 0 };
  Peer peer = make_peer (road->family == TURN_FAMILY_IPV6 ? "::1" : "127.0.0.1");

  if (!coturn_start (&coturn, NULL))
    return;
  client_start (&client, &coturn, road);
  if (!wait_for_event (&client, TURN_EVENT_ALLOCATED))
    g_error ("%s", nice_chain_get_failed (client.chain)->detail);
  converse (&client, &peer, 100);
  nice_layer_turn_bind_channel (client.turn, &peer.address, g_get_monotonic_time ());
  converse (&client, &peer, N_DATAGRAMS);
  nice_layer_turn_release (client.turn, g_get_monotonic_time ());
  client.end = g_get_monotonic_time () + PATIENCE;
  g_assert_true (wait_for_event (&client, TURN_EVENT_RELEASED));
  close (peer.fd);
}

/* A server that grants one family of two (Debian's coturn 4.6 does) is used for that one.
 * What happens with both is in test-turn-client.c. */
static void
test_both_families (void)
{
  const Road road = { NICE_RECIPE_TURN_UDP, "127.0.0.1", .family = TURN_FAMILY_BOTH };
  g_auto (Coturn) coturn = { 0 };
  g_auto (Client) client = { 0 };
  Peer four = make_peer ("127.0.0.1"), six = make_peer ("::1");

  if (!coturn_start (&coturn, NULL))
    return;
  client_start (&client, &coturn, &road);
  g_assert_true (wait_for_event (&client, TURN_EVENT_ALLOCATED));
  g_assert_cmpuint (client.event.allocated.n_relayed, >=, 1);
  converse (&client, &four, 100);
  if (client.event.allocated.n_relayed == 2)
    converse (&client, &six, 100);
  close (four.fd);
  close (six.fd);
}

/* Nonces that live a second, and an allocation that is to be refreshed meanwhile. */
static void
test_stale_nonces (void)
{
  const Road road = { NICE_RECIPE_TURN_UDP, "127.0.0.1" };
  g_auto (Coturn) coturn = { 0 };
  g_auto (Client) client = { 0 };
  Peer peer = make_peer ("127.0.0.1"), other = make_peer ("127.0.0.2");
  gint64 later;

  if (!coturn_start (&coturn, "stale-nonce=1"))
    return;
  client_start (&client, &coturn, &road);
  g_assert_true (wait_for_event (&client, TURN_EVENT_ALLOCATED));
  later = g_get_monotonic_time () + 2500 * 1000;
  while (g_get_monotonic_time () < later)
    converse (&client, &peer, 100);
  converse (&client, &other, 10);
  nice_layer_turn_bind_channel (client.turn, &other.address, g_get_monotonic_time ());
  converse (&client, &other, 100);
  close (peer.fd);
  close (other.fd);
}

/* Allocation, permission and channel each live shorter than the conversation: renewed
 * ahead, nothing is lost and nothing waits for an answer of the server first.
 * covers TURN-8656-8-a, TURN-8656-12-b */
static void
test_short_lives (gconstpointer data)
{
  Road road = *(const Road *)data;
  g_auto (Coturn) coturn = { 0 };
  g_auto (Client) client = { 0 };
  Peer peer = make_peer ("127.0.0.1"), other = make_peer ("127.0.0.2");
  gint64 end;

  if (!coturn_start (&coturn, "max-allocate-lifetime=4\npermission-lifetime=3\n"
                              "channel-lifetime=3\nstale-nonce=2"))
    return;
  road.permission_lifetime = road.channel_lifetime = 3 * G_USEC_PER_SEC;
  client_start (&client, &coturn, &road);
  g_assert_true (wait_for_event (&client, TURN_EVENT_ALLOCATED));
  converse (&client, &other, 1);
  converse (&client, &peer, 1);
  nice_layer_turn_bind_channel (client.turn, &peer.address, g_get_monotonic_time ());
  client.n_kept = 0;
  end = g_get_monotonic_time () + 7 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < end)
    {
      converse (&client, &peer, 1);
      converse (&client, &other, 1);
    }
  g_assert_cmpuint (client.n_kept, ==, 0);
  g_assert_null (nice_chain_get_failed (client.chain));
  close (peer.fd);
  close (other.fd);
}

/* Credentials that a web service made out of a secret that it shares with the server, as
 * those of most applications are: the name is when they expire.
 * covers REST-turn-rest-2.2-a */
static void
test_rest_credentials (void)
{
  g_autofree gchar *username =
      g_strdup_printf ("%" G_GINT64_FORMAT ":ann", g_get_real_time () / 1000000 + 3600);
  g_autofree gchar *password = NULL;
  guint8 digest[20];
  gsize size = sizeof digest;
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *)"north", 5);
  g_auto (Coturn) coturn = { 0 };
  g_auto (Client) client = { 0 };
  Peer peer = make_peer ("127.0.0.1");
  Road road = { NICE_RECIPE_TURN_TCP, "127.0.0.1", .username = username };

  g_hmac_update (hmac, (const guchar *)username, -1);
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);
  road.password = password = g_base64_encode (digest, size);
  if (!coturn_start (&coturn, "use-auth-secret\nstatic-auth-secret=north"))
    return;
  client_start (&client, &coturn, &road);
  g_assert_true (wait_for_event (&client, TURN_EVENT_ALLOCATED));
  converse (&client, &peer, 100);
  close (peer.fd);
}

static void
expect_refusal (const Road *road, NiceLayerFault fault, const gchar *detail)
{
  g_auto (Coturn) coturn = { 0 };
  g_auto (Client) client = { 0 };
  const NiceLayer *failed;

  if (!coturn_start (&coturn, "use-auth-secret\nstatic-auth-secret=north"))
    return;
  client_start (&client, &coturn, road);
  while ((failed = nice_chain_get_failed (client.chain)) == NULL)
    step (&client, -1);
  g_assert_cmpstr (nice_layer_fault_get_name (failed->fault), ==,
                   nice_layer_fault_get_name (fault));
  g_assert_cmpstr (failed->detail, ==, detail);
}

static void
test_wrong_password (void)
{
  const Road road = { NICE_RECIPE_TURN_UDP, "127.0.0.1", .password = "wrong" };

  expect_refusal (&road, NICE_FAULT_UNAUTHORIZED, "wrong credentials (401 Unauthorized)");
}

static void
test_wrong_name (gconstpointer data)
{
  const Road road = { GPOINTER_TO_INT (data), "127.0.0.1", .name = "evil.example.org" };

  expect_refusal (&road, NICE_FAULT_CERTIFICATE,
                  "certificate for \"evil.example.org\": hostname mismatch");
}

int
main (int argc, char **argv)
{
  static const Road udp = { NICE_RECIPE_TURN_UDP, "127.0.0.1" };
  static const Road udp6 = { NICE_RECIPE_TURN_UDP, "::1", .family = TURN_FAMILY_IPV6 };
  static const Road tcp = { NICE_RECIPE_TURN_TCP, "127.0.0.1" };
  static const Road tls = { NICE_RECIPE_TURN_TLS, "127.0.0.1" };
  static const Road dtls = { NICE_RECIPE_TURN_DTLS, "127.0.0.1" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/turn-coturn/udp", &udp, test_road);
  g_test_add_data_func ("/turn-coturn/udp-ipv6", &udp6, test_road);
  g_test_add_data_func ("/turn-coturn/tcp", &tcp, test_road);
  g_test_add_data_func ("/turn-coturn/tls", &tls, test_road);
  g_test_add_data_func ("/turn-coturn/dtls", &dtls, test_road);
  g_test_add_func ("/turn-coturn/both-families", test_both_families);
  g_test_add_func ("/turn-coturn/stale-nonces", test_stale_nonces);
  g_test_add_func ("/turn-coturn/rest-credentials", test_rest_credentials);
  g_test_add_data_func ("/turn-coturn/short-lives", &udp, test_short_lives);
  g_test_add_func ("/turn-coturn/wrong-password", test_wrong_password);
  g_test_add_data_func ("/turn-coturn/wrong-name-tls",
                        GINT_TO_POINTER (NICE_RECIPE_TURN_TLS), test_wrong_name);
  g_test_add_data_func ("/turn-coturn/wrong-name-dtls",
                        GINT_TO_POINTER (NICE_RECIPE_TURN_DTLS), test_wrong_name);
  return g_test_run ();
}
