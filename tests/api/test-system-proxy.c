/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* use-system-proxy: connections go as GProxyResolver says, and only when they are to; and
 * proxies of which the program tells the name. The resolvers of these tests are their
 * own, and so is the proxy, which only knows CONNECT. */
#include "agents.h"
#include "names.h"

#include <stdio.h>
#include <string.h>

/* --- What the system says --- */

typedef struct
{
  GObject parent_instance;
} FakeResolver;

typedef struct
{
  GObjectClass parent_class;
} FakeResolverClass;

static struct
{
  gchar *answer; /* NULL: none comes */
  GString *uris; /* that were asked about, each followed by a space */
  GTask *waiting;
} system_settings;

static gboolean
is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static void
lookup_async (GProxyResolver *resolver, const gchar *uri, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);
  const gchar *answer[] = { system_settings.answer, NULL };

  g_string_append_printf (system_settings.uris, "%s ", uri);
  if (answer[0] != NULL)
    g_task_return_pointer (task, g_strdupv ((gchar **)answer),
                           (GDestroyNotify)g_strfreev);
  else
    g_set_object (&system_settings.waiting, task);
}

static gchar **
lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
resolver_init (gpointer iface, gpointer data)
{
  GProxyResolverInterface *resolver = iface;

  resolver->is_supported = is_supported;
  resolver->lookup_async = lookup_async;
  resolver->lookup_finish = lookup_finish;
}

static GType fake_resolver_get_type (void);
G_DEFINE_TYPE_WITH_CODE (FakeResolver, fake_resolver, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, resolver_init))

static void
fake_resolver_class_init (FakeResolverClass *klass)
{
}

static void
fake_resolver_init (FakeResolver *self)
{
}

static void
set_answer (const gchar *answer)
{
  g_free (system_settings.answer);
  system_settings.answer = g_strdup (answer);
  g_string_truncate (system_settings.uris, 0);
}

/* --- The proxy --- */

typedef struct
{
  GSocketService *service;
  guint16 port;
  gint n_tunnels; /* atomic */
} Proxy;

/* Up to the empty line; what comes after it waits until the answer is there. */
static gboolean
read_request (GInputStream *in, gchar *host_and_port)
{
  gchar head[1024] = "";
  gsize len = 0;

  while (strstr (head, "\r\n\r\n") == NULL)
    {
      if (len + 1 == sizeof head
          || g_input_stream_read (in, head + len, 1, NULL, NULL) != 1)
        return FALSE;
      head[++len] = '\0';
    }
  return sscanf (head, "CONNECT %127s HTTP/1.", host_and_port) == 1;
}

typedef struct
{
  GIOStream *from, *to;
} Half;

static gpointer
carry (gpointer data)
{
  const Half *half = data;

  g_output_stream_splice (g_io_stream_get_output_stream (half->to),
                          g_io_stream_get_input_stream (half->from),
                          G_OUTPUT_STREAM_SPLICE_NONE, NULL, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (half->to)),
                     FALSE, TRUE, NULL);
  return NULL;
}

static gboolean
serve (GThreadedSocketService *service, GSocketConnection *client, GObject *source,
       Proxy *self)
{
  g_autoptr (GSocketClient) connector = g_socket_client_new ();
  g_autoptr (GSocketConnection) server = NULL;
  gchar target[128];
  Half there, back;
  GThread *thread;

  g_socket_client_set_enable_proxy (connector, FALSE);
  if (!read_request (g_io_stream_get_input_stream (G_IO_STREAM (client)), target))
    return TRUE;
  server = g_socket_client_connect_to_host (connector, target, 0, NULL, NULL);
  if (server == NULL)
    return TRUE;
  g_atomic_int_inc (&self->n_tunnels);
  g_output_stream_printf (g_io_stream_get_output_stream (G_IO_STREAM (client)), NULL,
                          NULL, NULL, "HTTP/1.1 200 OK\r\n\r\n");
  there = (Half) { G_IO_STREAM (client), G_IO_STREAM (server) };
  back = (Half) { G_IO_STREAM (server), G_IO_STREAM (client) };
  thread = g_thread_new ("back", carry, &back);
  carry (&there);
  g_thread_join (thread);
  return TRUE;
}

static void
proxy_start (Proxy *self)
{
  self->service = g_threaded_socket_service_new (-1);
  self->port =
      g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->service), NULL, NULL);
  g_signal_connect (self->service, "run", G_CALLBACK (serve), self);
}

static void
proxy_stop (Proxy *self)
{
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
}

/* --- Tests --- */

/* Only the left one connects, and only the right one is connected to. */
static Pair *
new_pair (gboolean use)
{
  Pair *pair = pair_new (NICE_AGENT_OPTION_NONE, 1);

  g_object_set (pair->left->agent, "ice-tcp", TRUE, "ice-udp", FALSE, "use-system-proxy",
                use, NULL);
  g_object_set (pair->right->agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  peer_gather (pair->left);
  peer_gather (pair->right);
  return pair;
}

static void
tell (Pair *pair)
{
  peer_tell_credentials (pair->left, pair->right);
  peer_tell_credentials (pair->right, pair->left);
  peer_tell_candidates_of (pair->right, pair->left, NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE);
  peer_tell_candidates_of (pair->left, pair->right, NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE);
}

static void
connect_pair (Pair *pair)
{
  tell (pair);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (pair->right, NICE_COMPONENT_STATE_READY));
  nice_agent_send (pair->left->agent, 1, 1, 5, "hello");
  nice_agent_send (pair->right->agent, 1, 1, 5, "hello");
  wait_until (pair->left->n_messages[1] == 1 && pair->right->n_messages[1] == 1);
}

static void
test_through_the_proxy (void)
{
  Proxy proxy = { 0 };
  Pair *pair;
  g_autofree gchar *uri = NULL;

  proxy_start (&proxy);
  uri = g_strdup_printf ("http://localhost:%u", proxy.port);
  set_answer (uri);
  pair = new_pair (TRUE);
  connect_pair (pair);
  g_assert_cmpint (g_atomic_int_get (&proxy.n_tunnels), ==, 1);
  g_assert_true (g_str_has_prefix (system_settings.uris->str, "https://127.0.0.1:"));
  pair_free (pair);
  proxy_stop (&proxy);
}

/* To a TURN server over TCP, but not over UDP. That one is the proxy itself, which does
 * not know what to say to an Allocate request. */
static void
test_to_a_relay (void)
{
  Proxy proxy = { 0 };
  g_autofree gchar *uri = NULL, *asked = NULL;
  Peer *peer = peer_new (NICE_AGENT_OPTION_NONE, 1);

  proxy_start (&proxy);
  uri = g_strdup_printf ("http://127.0.0.1:%u", proxy.port);
  asked = g_strdup_printf ("https://127.0.0.1:%u ", proxy.port);
  set_answer (uri);
  g_object_set (peer->agent, "use-system-proxy", TRUE, "stun-reliable-timeout", 100,
                NULL);
  nice_agent_set_relay_info (peer->agent, 1, 1, "127.0.0.1", proxy.port, "ann", "secret",
                             NICE_RELAY_TYPE_TURN_UDP);
  nice_agent_set_relay_info (peer->agent, 1, 1, "127.0.0.1", proxy.port, "ann", "secret",
                             NICE_RELAY_TYPE_TURN_TCP);
  peer_gather (peer);
  g_assert_cmpint (g_atomic_int_get (&proxy.n_tunnels), ==, 1);
  g_assert_cmpstr (system_settings.uris->str, ==, asked);
  peer_free (peer);
  proxy_stop (&proxy);
}

static void
test_directly (gconstpointer answer)
{
  Pair *pair;

  set_answer (answer);
  pair = new_pair (TRUE);
  connect_pair (pair);
  g_assert_cmpstr (system_settings.uris->str, !=, "");
  pair_free (pair);
}

static void
test_not_asked (void)
{
  Pair *pair;

  set_answer ("http://127.0.0.1:9");
  pair = new_pair (FALSE);
  connect_pair (pair);
  g_assert_cmpstr (system_settings.uris->str, ==, "");
  pair_free (pair);
}

/* Nothing goes around it. */
static void
test_no_proxy_that_we_can_speak_to (gconstpointer answer)
{
  Pair *pair;

  set_answer (answer);
  pair = new_pair (TRUE);
  g_object_set (pair->left->agent, "idle-timeout", 50, NULL);
  tell (pair);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_FAILED));
  g_assert_cmpstr (system_settings.uris->str, !=, "");
  pair_free (pair);
}

/* The answer is still to come when nobody is there any more to hear it. */
static void
test_gone_before_the_answer (void)
{
  Pair *pair;

  set_answer (NULL);
  pair = new_pair (TRUE);
  tell (pair);
  wait_until (system_settings.waiting != NULL);
  pair_free (pair);
  g_assert_true (
      g_cancellable_is_cancelled (g_task_get_cancellable (system_settings.waiting)));
  g_assert_true (g_task_return_error_if_cancelled (system_settings.waiting));
  g_clear_object (&system_settings.waiting);
  run_pending ();
}

/* The stream is gone, the agent is not. */
static void
test_not_wanted_any_more (void)
{
  const gchar *answer[] = { "direct://", NULL };
  Pair *pair;

  set_answer (NULL);
  pair = new_pair (TRUE);
  tell (pair);
  wait_until (system_settings.waiting != NULL);
  nice_agent_remove_stream (pair->left->agent, 1);
  g_task_return_pointer (system_settings.waiting, g_strdupv ((gchar **)answer),
                         (GDestroyNotify)g_strfreev);
  g_clear_object (&system_settings.waiting);
  run_pending ();
  pair_free (pair);
}

/* --- A proxy that the program names --- */

static void
name_proxy (Pair *pair, guint16 port)
{
  g_object_set (pair->left->agent, "proxy-type", NICE_PROXY_TYPE_HTTP, "proxy-ip",
                "proxy.example", "proxy-port", (guint)port, NULL);
}

static void
test_by_name (void)
{
  g_autoptr (Names) names = names_new ();
  Proxy proxy = { 0 };
  Pair *pair;

  names_add (names, "proxy.example", "127.0.0.1");
  proxy_start (&proxy);
  set_answer ("direct://");
  pair = new_pair (TRUE);
  name_proxy (pair, proxy.port);
  connect_pair (pair);
  g_assert_cmpint (g_atomic_int_get (&proxy.n_tunnels), ==, 1);
  g_assert_cmpstr (system_settings.uris->str, ==, "");
  pair_free (pair);
  proxy_stop (&proxy);
}

static void
test_by_a_name_that_nobody_knows (void)
{
  g_autoptr (Names) names = names_new ();
  Pair *pair = new_pair (FALSE);

  name_proxy (pair, 9);
  g_object_set (pair->left->agent, "idle-timeout", 50, NULL);
  tell (pair);
  wait_until (peer_is_in (pair->left, NICE_COMPONENT_STATE_FAILED));
  g_assert_cmpstr (names_get_log (names), ==, "proxy.example ");
  pair_free (pair);
}

int
main (int argc, char **argv)
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "fake", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_io_extension_point_register (G_PROXY_RESOLVER_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_PROXY_RESOLVER_EXTENSION_POINT_NAME,
                                  fake_resolver_get_type (), "fake", 1000);
  system_settings.uris = g_string_new (NULL);
  g_test_add_func ("/system-proxy/through-it", test_through_the_proxy);
  g_test_add_func ("/system-proxy/to-a-relay", test_to_a_relay);
  g_test_add_data_func ("/system-proxy/directly", "direct://", test_directly);
  g_test_add_func ("/system-proxy/not-asked", test_not_asked);
  g_test_add_data_func ("/system-proxy/unknown-kind", "socks4://127.0.0.1:9",
                        test_no_proxy_that_we_can_speak_to);
  g_test_add_data_func ("/system-proxy/nobody-there", "socks5://127.0.0.1:9",
                        test_no_proxy_that_we_can_speak_to);
  g_test_add_func ("/system-proxy/gone-before-the-answer", test_gone_before_the_answer);
  g_test_add_func ("/system-proxy/not-wanted-any-more", test_not_wanted_any_more);
  g_test_add_func ("/system-proxy/by-name", test_by_name);
  g_test_add_func ("/system-proxy/by-a-name-that-nobody-knows",
                   test_by_a_name_that_nobody_knows);
  return g_test_run ();
}
