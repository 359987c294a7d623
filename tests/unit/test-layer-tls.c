/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TLS and DTLS layers against OpenSSL's server in memory: whom they trust, what they
 * refuse by name, and that nothing makes them wait for ever. */
#include "config.h"

#include "socket/layer-dtls.h"
#include "socket/layer-tls.h"

#include "layer-bench.h"
#include "tls-bench.h"

static TlsIdentity authority, stranger;
static gchar *trust_file;

typedef struct
{
  NiceChainIo io;
  NiceChain *chain;
  TlsServer server;
  gboolean is_datagram;
} Meeting;

static void
meeting_clear (Meeting *self)
{
  g_clear_pointer (&self->chain, nice_chain_free);
  nice_chain_io_clear (&self->io);
  tls_server_clear (&self->server);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Meeting, meeting_clear)

static void
start (Meeting *self, const TlsIdentity *identity, GTlsCertificateFlags validate)
{
  NiceTlsConfig config = { .host = "turn.example.org",
                           .trust_file = trust_file,
                           .validate = validate,
                           .alpn = NICE_ALPN_TURN };

  g_assert_true (nice_address_set_from_string (&config.server, "192.0.2.1"));
  nice_address_set_port (&config.server, 3478);
  self->chain = nice_chain_new ();
  nice_chain_add (self->chain, self->is_datagram ? nice_layer_dtls_new (&config)
                                                 : nice_layer_tls_new (&config));
  tls_server_init (&self->server, identity, self->is_datagram);
  nice_chain_start (self->chain, 0, &self->io);
}

/* Moves what the client wants sent to the server. */
static void
pump_down (Meeting *self)
{
  for (guint i = 0; i < self->io.down->len; i++)
    {
      const NiceOutPacket *packet = nice_chain_io_get_down (&self->io, i);

      tls_server_receive (&self->server, packet->vectors[0].buffer,
                          packet->vectors[0].size);
    }
  g_array_set_size (self->io.down, 0);
}

static void
pump (Meeting *self)
{
  guint8 bytes[20000];
  gsize n;

  do
    {
      pump_down (self);
      n = tls_server_take (&self->server, bytes, sizeof bytes);
      if (n > 0)
        bench_receive (self->chain, &self->io, bytes, n, 1);
    }
  while (n > 0 && self->io.up->len == 0);
}

static void
assert_failed (const Meeting *self, NiceLayerFault fault, const gchar *detail)
{
  const NiceLayer *failed = nice_chain_get_failed (self->chain);

  g_assert_nonnull (failed);
  g_assert_cmpstr (nice_layer_fault_get_name (failed->fault), ==,
                   nice_layer_fault_get_name (fault));
  g_assert_nonnull (failed->detail);
  if (strstr (failed->detail, detail) == NULL)
    g_error ("\"%s\" does not say \"%s\"", failed->detail, detail);
  g_assert_cmpint (nice_chain_get_deadline (self->chain), ==, NICE_LAYER_NEVER);
}

/* covers ALPN-7443-2-a, STUN-8489-6.2.3-c, STUN-8489-6.2.3-b */
static void
test_meet (gconstpointer is_datagram)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", 10, &authority);
  g_auto (Meeting) meeting = { .is_datagram = is_datagram != NULL };
  const guint8 *alpn;
  unsigned int alpn_len;
  gchar text[100];
  int n;

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  pump (&meeting);
  g_assert_cmpint (nice_chain_get_state (meeting.chain), ==, NICE_LAYER_OPEN);
  g_assert_cmpstr (SSL_get_servername (meeting.server.ssl, TLSEXT_NAMETYPE_host_name), ==,
                   "turn.example.org");
  SSL_get0_alpn_selected (meeting.server.ssl, &alpn, &alpn_len);
  g_assert_cmpmem (alpn, alpn_len, "stun.turn", 9);
  g_assert_null (SSL_get_current_compression (meeting.server.ssl));

  bench_send (meeting.chain, &meeting.io, "hello", 5, 2);
  pump_down (&meeting);
  n = SSL_read (meeting.server.ssl, text, sizeof text);
  g_assert_cmpmem (text, n, "hello", 5);
  SSL_write (meeting.server.ssl, "world", 5);
  pump (&meeting);
  bench_assert_up (&meeting.io, "world", 5);

  nice_chain_close (meeting.chain, 3, &meeting.io);
  pump_down (&meeting);
  SSL_read (meeting.server.ssl, text, sizeof text);
  g_assert_cmpint (SSL_get_shutdown (meeting.server.ssl) & SSL_RECEIVED_SHUTDOWN, !=, 0);
}

/* covers STUN-8489-6.2.3-a */
static void
test_wrong_name (gconstpointer is_datagram)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("other.example.org", 10, &authority);
  g_auto (Meeting) meeting = { .is_datagram = is_datagram != NULL };

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  pump (&meeting);
  assert_failed (&meeting, NICE_FAULT_CERTIFICATE,
                 "\"turn.example.org\": hostname mismatch");
}

/* covers STUN-8489-6.2.3-a */
static void
test_wildcard (gconstpointer is_datagram)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("*.example.org", 10, &authority);
  g_auto (Meeting) meeting = { .is_datagram = is_datagram != NULL };

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  pump (&meeting);
  g_assert_cmpint (nice_chain_get_state (meeting.chain), ==, NICE_LAYER_OPEN);
}

static void
test_expired (gconstpointer is_datagram)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", -1, &authority);
  g_auto (Meeting) meeting = { .is_datagram = is_datagram != NULL };

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  pump (&meeting);
  assert_failed (&meeting, NICE_FAULT_CERTIFICATE, "certificate has expired");
}

static void
test_untrusted (gconstpointer is_datagram)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", 10, &stranger);
  g_auto (Meeting) meeting = { .is_datagram = is_datagram != NULL };

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  pump (&meeting);
  assert_failed (&meeting, NICE_FAULT_CERTIFICATE, "unable to get local issuer");
}

static void
test_relaxed (gconstpointer is_datagram)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("other.example.org", -1, &stranger);
  g_auto (Meeting) meeting = { .is_datagram = is_datagram != NULL };

  start (&meeting, &identity, G_TLS_CERTIFICATE_NO_FLAGS);
  pump (&meeting);
  g_assert_cmpint (nice_chain_get_state (meeting.chain), ==, NICE_LAYER_OPEN);
}

static void
test_no_trust_file (void)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", 10, &authority);
  g_auto (Meeting) meeting = { 0 };
  gchar *const right = trust_file;

  trust_file = (gchar *)"/nonexistent/authorities.pem";
  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  trust_file = right;
  assert_failed (&meeting, NICE_FAULT_NO_RESOURCES, "/nonexistent/authorities.pem");
  g_assert_cmpuint (meeting.io.down->len, ==, 0);
}

/* covers STUN-8489-6.2.3-b */
static void
test_old_protocol (void)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", 10, &authority);
  g_auto (Meeting) meeting = { 0 };

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  SSL_set_min_proto_version (meeting.server.ssl, TLS1_VERSION);
  SSL_set_max_proto_version (meeting.server.ssl, TLS1_1_VERSION);
  pump (&meeting);
  assert_failed (&meeting, NICE_FAULT_PROTOCOL, "");
}

static void
test_stall (gconstpointer is_datagram)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", 10, &authority);
  g_auto (Meeting) meeting = { .is_datagram = is_datagram != NULL };

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  g_assert_cmpint (nice_chain_get_deadline (meeting.chain), <=,
                   NICE_TLS_HANDSHAKE_TIMEOUT);
  nice_chain_handle_timeout (meeting.chain, NICE_TLS_HANDSHAKE_TIMEOUT, &meeting.io);
  assert_failed (&meeting, NICE_FAULT_TIMEOUT, "hand-shake");
}

static void
test_early_end (void)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", 10, &authority);
  g_auto (Meeting) meeting = { 0 };

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  nice_chain_handle_end (meeting.chain);
  assert_failed (&meeting, NICE_FAULT_ENDED, "closed during tls set-up");
}

static void
test_garbage (void)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", 10, &authority);
  g_auto (Meeting) meeting = { 0 };

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  bench_receive (meeting.chain, &meeting.io, "HTTP/1.0 400 Bad Request\r\n", 26, 1);
  assert_failed (&meeting, NICE_FAULT_PROTOCOL, "");
}

/* Garbage from whoever guesses the port must not end a session. */
static void
test_garbage_datagrams (void)
{
  g_auto (TlsIdentity) identity = tls_identity_new ("turn.example.org", 10, &authority);
  g_auto (Meeting) meeting = { .is_datagram = TRUE };
  guint8 noise[200];

  start (&meeting, &identity, G_TLS_CERTIFICATE_VALIDATE_ALL);
  for (guint i = 0; i < 256; i++)
    {
      GArray *kept = g_steal_pointer (&meeting.io.down);

      meeting.io.down = g_array_new (FALSE, FALSE, sizeof (NiceOutPacket));
      memset (noise, i, sizeof noise);
      if (i == 0)
        {
          /* keep the first flight out of the arena's way */
          for (guint j = 0; j < kept->len; j++)
            tls_server_receive (&meeting.server,
                                g_array_index (kept, NiceOutPacket, j).vectors[0].buffer,
                                g_array_index (kept, NiceOutPacket, j).vectors[0].size);
        }
      bench_receive (meeting.chain, &meeting.io, noise, sizeof noise, 1);
      g_array_unref (kept);
    }
  pump (&meeting);
  g_assert_cmpint (nice_chain_get_state (meeting.chain), ==, NICE_LAYER_OPEN);
}

static void
add_both (const gchar *name, void (*test) (gconstpointer))
{
  g_autofree gchar *tls = g_strdup_printf ("/layer-tls/%s", name);
  g_autofree gchar *dtls = g_strdup_printf ("/layer-dtls/%s", name);

  g_test_add_data_func (tls, NULL, test);
  g_test_add_data_func (dtls, GINT_TO_POINTER (TRUE), test);
}

int
main (int argc, char **argv)
{
  gint result;

  g_test_init (&argc, &argv, NULL);
  authority = tls_identity_new ("authority", 10, NULL);
  stranger = tls_identity_new ("stranger", 10, NULL);
  trust_file = tls_write_certificate (authority.certificate);
  add_both ("meet", test_meet);
  add_both ("wrong-name", test_wrong_name);
  add_both ("wildcard", test_wildcard);
  add_both ("expired", test_expired);
  add_both ("untrusted", test_untrusted);
  add_both ("relaxed", test_relaxed);
  add_both ("stall", test_stall);
  g_test_add_func ("/layer-tls/no-trust-file", test_no_trust_file);
  g_test_add_func ("/layer-tls/old-protocol", test_old_protocol);
  g_test_add_func ("/layer-tls/early-end", test_early_end);
  g_test_add_func ("/layer-tls/garbage", test_garbage);
  g_test_add_func ("/layer-dtls/garbage-datagrams", test_garbage_datagrams);
  result = g_test_run ();
  g_unlink (trust_file);
  g_free (trust_file);
  tls_identity_clear (&authority);
  tls_identity_clear (&stranger);
  return result;
}
