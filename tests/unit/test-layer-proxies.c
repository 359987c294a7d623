/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tunnels: what is said to SOCKS5 and HTTP proxies and pseudo-SSL relays, byte by byte,
 * and what each answer means, in any split. */
#include "config.h"

#include "socket/layer-http-digest.h"
#include "socket/layer-http.h"
#include "socket/layer-pseudossl.h"
#include "socket/layer-socks5.h"

#include "layer-bench.h"

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  memset (dest, 0xAB, len);
}

static const NiceLayerEnv env = { fill_random, NULL };

typedef struct
{
  NiceChainIo io;
  NiceChain *chain;
} Tunnel;

static void
tunnel_clear (Tunnel *self)
{
  g_clear_pointer (&self->chain, nice_chain_free);
  nice_chain_io_clear (&self->io);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tunnel, tunnel_clear)

static void
start (Tunnel *self, NiceLayer *layer)
{
  self->chain = nice_chain_new ();
  nice_chain_add (self->chain, layer);
  nice_chain_start (self->chain, 0, &self->io);
}

static NiceAddress
make_target (const gchar *host)
{
  NiceAddress target;

  g_assert_true (nice_address_set_from_string (&target, host));
  nice_address_set_port (&target, 3478);
  return target;
}

static void
start_http (Tunnel *self, const gchar *host, const gchar *username, GHashTable *headers)
{
  const NiceHttpConfig config = { .target = make_target (host),
                                  .username = username,
                                  .password = "secret",
                                  .headers = headers };

  start (self, nice_layer_http_new (&config, &env));
}

static void
start_socks5 (Tunnel *self, const gchar *host, const gchar *username)
{
  const NiceSocks5Config config = { .target = make_target (host),
                                    .username = username,
                                    .password = "secret" };

  start (self, nice_layer_socks5_new (&config));
}

static void
say (Tunnel *self, const gchar *bytes, gsize size)
{
  bench_receive (self->chain, &self->io, bytes, size, 1);
}

static void
say_text (Tunnel *self, const gchar *text)
{
  say (self, text, strlen (text));
}

static void
assert_open (const Tunnel *self)
{
  g_assert_cmpint (nice_chain_get_state (self->chain), ==, NICE_LAYER_OPEN);
  g_assert_cmpint (nice_chain_get_deadline (self->chain), ==, NICE_LAYER_NEVER);
}

static void
assert_failed (const Tunnel *self, NiceLayerFault fault, const gchar *detail)
{
  const NiceLayer *failed = nice_chain_get_failed (self->chain);

  g_assert_nonnull (failed);
  g_assert_cmpstr (nice_layer_fault_get_name (failed->fault), ==,
                   nice_layer_fault_get_name (fault));
  g_assert_cmpstr (failed->detail, ==, detail);
}

#define assert_said(tunnel, text) bench_assert_down (&(tunnel)->io, text, strlen (text))

/* --- HTTP --- */

/* covers PROXY-7231-4.3.6-a */
static void
test_http_in_every_split (void)
{
  static const gchar reply[] = "HTTP/1.1 200 OK\r\nVia: x\r\n\r\nhello";

  for (gsize cut = 0; cut < sizeof reply; cut++)
    {
      g_auto (Tunnel) tunnel = { 0 };
      g_autoptr (GString) got = g_string_new (NULL);
      const gsize sizes[] = { cut, sizeof reply - 1 - cut };
      const gchar *at = reply;

      start_http (&tunnel, "192.0.2.1", NULL, NULL);
      assert_said (&tunnel, "CONNECT 192.0.2.1:3478 HTTP/1.1\r\n"
                            "Host: 192.0.2.1:3478\r\n\r\n");
      for (guint i = 0; i < 2 && cut < sizeof reply - 1; at += sizes[i++])
        {
          g_autoptr (GBytes) up = NULL;

          say (&tunnel, at, sizes[i]);
          up = bench_take_up (&tunnel.io);
          g_string_append_len (got, g_bytes_get_data (up, NULL), g_bytes_get_size (up));
        }
      if (cut < sizeof reply - 1)
        {
          assert_open (&tunnel);
          g_assert_cmpstr (got->str, ==, "hello");
        }
    }
}

/* covers PROXY-7231-4.3.6-a */
static void
test_http_basic_and_headers (void)
{
  g_auto (Tunnel) tunnel = { 0 };
  g_autoptr (GHashTable) headers = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (headers, (gpointer) "X-Site", (gpointer) "7");
  g_hash_table_insert (headers, (gpointer) "X-Evil", (gpointer) "7\r\nX-Injected: 1");
  start_http (&tunnel, "2001:db8::1", "ann", headers);
  assert_said (&tunnel, "CONNECT [2001:db8::1]:3478 HTTP/1.1\r\n"
                        "Host: [2001:db8::1]:3478\r\n"
                        "Proxy-Authorization: Basic YW5uOnNlY3JldA==\r\n"
                        "X-Site: 7\r\n\r\n");
}

static void
test_http_digest (void)
{
  g_auto (Tunnel) tunnel = { 0 };
  g_autoptr (GBytes) said = NULL;
  g_autofree gchar *text = NULL;

  start_http (&tunnel, "192.0.2.1", "ann", NULL);
  say_text (&tunnel, "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                     "Proxy-Authenticate: Digest realm=\"a \\\"b\\\"\", nonce=\"n1\", "
                     "qop=\"auth,auth-int\", algorithm=SHA-256, opaque=\"o\"\r\n"
                     "Content-Length: 6\r\n\r\nsorry\n");
  said = bench_take_down (&tunnel.io);
  text = g_strndup (g_bytes_get_data (said, NULL), g_bytes_get_size (said));
  g_assert_nonnull (strstr (text, "Digest username=\"ann\", realm=\"a \\\"b\\\"\", "
                                  "nonce=\"n1\", uri=\"192.0.2.1:3478\""));
  g_assert_nonnull (strstr (text, "qop=auth, nc=00000001"));
  say_text (&tunnel, "HTTP/1.1 200 Fine\r\n\r\n");
  assert_open (&tunnel);
}

/* The example of RFC 7616 3.9.1. */
static void
test_digest_vector (void)
{
  const NiceHttpRequest request = { "Mufasa", "Circle of Life", "GET", "/dir/index.html",
                                    "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" };
  g_autofree gchar *answer = nice_http_digest (
      "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
      "algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
      &request);

  g_assert_nonnull (strstr (answer,
                            "response=\"753927fa0e85d155564e2e272a28d1802ca10daf449"
                            "6794697cf8db5856cb6c1\""));
}

static void
test_http_wrong_password (void)
{
  g_auto (Tunnel) tunnel = { 0 };
  static const gchar challenge[] =
      "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
      "Content-Length: 0\r\n\r\n";

  start_http (&tunnel, "192.0.2.1", "ann", NULL);
  say_text (&tunnel, challenge);
  say_text (&tunnel, challenge);
  assert_failed (&tunnel, NICE_FAULT_UNAUTHORIZED, "HTTP proxy said: HTTP/1.1 407 Who?");
}

static void
test_http_refusals (void)
{
  static const struct
  {
    const gchar *reply;
    NiceLayerFault fault;
    const gchar *detail;
  } rows[] = {
    { "HTTP/1.0 403 Forbidden \033[2J\r\n\r\n", NICE_FAULT_REFUSED,
      "HTTP proxy said: HTTP/1.0 403 Forbidden ?[2J" },
    { "HTTP/1.1 302 Found\r\n\r\n", NICE_FAULT_REFUSED,
      "HTTP proxy said: HTTP/1.1 302 Found" },
    { "SSH-2.0-OpenSSH\r\n\r\n", NICE_FAULT_PROTOCOL, "HTTP proxy: no status line" },
    { "HTTP/1.1 2x0\r\n\r\n", NICE_FAULT_PROTOCOL, "HTTP proxy: no status code" },
    { "\r\n\r\n", NICE_FAULT_PROTOCOL, "HTTP proxy: no status line" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Tunnel) tunnel = { 0 };

      start_http (&tunnel, "192.0.2.1", NULL, NULL);
      say_text (&tunnel, rows[i].reply);
      assert_failed (&tunnel, rows[i].fault, rows[i].detail);
    }
}

static void
test_http_endless_and_silent (void)
{
  g_auto (Tunnel) tunnel = { 0 }, silent = { 0 };
  g_autofree gchar *noise = g_strnfill (NICE_HTTP_MAX_REPLY, 'a');

  start_http (&tunnel, "192.0.2.1", NULL, NULL);
  say_text (&tunnel, noise);
  assert_failed (&tunnel, NICE_FAULT_PROTOCOL, "HTTP proxy: endless reply");
  start_http (&silent, "192.0.2.1", NULL, NULL);
  nice_chain_handle_timeout (silent.chain, nice_chain_get_deadline (silent.chain),
                             &silent.io);
  assert_failed (&silent, NICE_FAULT_TIMEOUT, "HTTP proxy: no reply");
}

/* --- SOCKS5 --- */

/* covers SOCKS-1928-3-a, SOCKS-1928-4-a */
static void
test_socks5_one_byte_a_time (void)
{
  g_auto (Tunnel) tunnel = { 0 };
  static const gchar replies[] = "\5\2\1\0\5\0\0\3\4name\1\2hi";

  start_socks5 (&tunnel, "192.0.2.1", "ann");
  bench_assert_down (&tunnel.io, "\5\2\0\2", 4);
  for (guint i = 0; i < sizeof replies - 3; i++)
    {
      say (&tunnel, replies + i, 1);
      if (i == 1)
        bench_assert_down (&tunnel.io, "\1\3ann\6secret", 12);
      else if (i == 3)
        bench_assert_down (&tunnel.io, "\5\1\0\1\xC0\0\2\1\x0D\x96", 10);
      else
        g_assert_cmpuint (tunnel.io.down->len, ==, 0);
      g_assert_cmpuint (tunnel.io.up->len, ==, 0);
    }
  assert_open (&tunnel);
  say (&tunnel, "hi", 2);
  bench_assert_up (&tunnel.io, "hi", 2);
}

/* covers SOCKS-1928-4-a */
static void
test_socks5_data_behind_the_reply (void)
{
  g_auto (Tunnel) tunnel = { 0 };

  start_socks5 (&tunnel, "2001:db8::1", NULL);
  bench_assert_down (&tunnel.io, "\5\1\0", 3);
  say (&tunnel, "\5\0", 2);
  bench_assert_down (&tunnel.io,
                     "\5\1\0\4\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x0D\x96", 22);
  say (&tunnel, "\5\0\0\1\1\2\3\4\0\1hello", 15);
  assert_open (&tunnel);
  bench_assert_up (&tunnel.io, "hello", 5);
}

/* covers SOCKS-1928-3-a, SOCKS-1928-4-a */
static void
test_socks5_refusals (void)
{
  static const struct
  {
    const gchar *replies;
    gsize size;
    NiceLayerFault fault;
    const gchar *detail;
  } rows[] = {
    { "\5\xFF", 2, NICE_FAULT_UNAUTHORIZED,
      "SOCKS proxy: no acceptable method of authentication" },
    { "\5\1", 2, NICE_FAULT_PROTOCOL,
      "SOCKS proxy: chose a method that was not offered" },
    { "\4\0", 2, NICE_FAULT_PROTOCOL, "SOCKS proxy: wrong version" },
    { "\5\2\1\1", 4, NICE_FAULT_UNAUTHORIZED, "SOCKS proxy: wrong name or password" },
    { "\5\0\5\5", 4, NICE_FAULT_REFUSED, "SOCKS proxy: connection refused (5)" },
    { "\5\0\5\x63", 4, NICE_FAULT_REFUSED, "SOCKS proxy: unassigned (99)" },
    { "\5\0\5\0\0\7\1", 7, NICE_FAULT_PROTOCOL, "SOCKS proxy: unknown type of address" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Tunnel) tunnel = { 0 };

      start_socks5 (&tunnel, "192.0.2.1", "ann");
      say (&tunnel, rows[i].replies, rows[i].size);
      assert_failed (&tunnel, rows[i].fault, rows[i].detail);
    }
}

/* --- pseudo-SSL --- */

static void
test_pseudossl (void)
{
  g_auto (Tunnel) tunnel = { 0 };
  guint8 hello[79 + 2] = { 0x16, 3, 1, 0, 0x4A, 2, [79] = 'h', [80] = 'i' };
  g_autoptr (GBytes) said = NULL;

  start (&tunnel, nice_layer_pseudossl_new ());
  said = bench_take_down (&tunnel.io);
  g_assert_cmpuint (g_bytes_get_size (said), ==, 72);
  say (&tunnel, (gchar *)hello, 78);
  g_assert_cmpint (nice_chain_get_state (tunnel.chain), ==, NICE_LAYER_OPENING);
  say (&tunnel, (gchar *)hello + 78, 3);
  assert_open (&tunnel);
  bench_assert_up (&tunnel.io, "hi", 2);
}

static void
test_pseudossl_garbage (void)
{
  g_auto (Tunnel) tunnel = { 0 };

  start (&tunnel, nice_layer_pseudossl_new ());
  say (&tunnel, "HTTP/1.0 ", 9);
  assert_failed (&tunnel, NICE_FAULT_PROTOCOL, "pseudo-SSL: no server hello");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-http/in-every-split", test_http_in_every_split);
  g_test_add_func ("/layer-http/basic-and-headers", test_http_basic_and_headers);
  g_test_add_func ("/layer-http/digest", test_http_digest);
  g_test_add_func ("/layer-http/digest-vector", test_digest_vector);
  g_test_add_func ("/layer-http/wrong-password", test_http_wrong_password);
  g_test_add_func ("/layer-http/refusals", test_http_refusals);
  g_test_add_func ("/layer-http/endless-and-silent", test_http_endless_and_silent);
  g_test_add_func ("/layer-socks5/one-byte-a-time", test_socks5_one_byte_a_time);
  g_test_add_func ("/layer-socks5/data-behind-the-reply",
                   test_socks5_data_behind_the_reply);
  g_test_add_func ("/layer-socks5/refusals", test_socks5_refusals);
  g_test_add_func ("/layer-pseudossl/hello", test_pseudossl);
  g_test_add_func ("/layer-pseudossl/garbage", test_pseudossl_garbage);
  return g_test_run ();
}
