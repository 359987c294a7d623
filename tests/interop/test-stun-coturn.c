/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* STUN against coturn on loopback: the questions that turnutils_stunclient asks, and the
 * long-term login of an Allocate. One server a case. */
#include "config.h"

#include <arpa/inet.h>
#include <gio/gio.h>

#include "coturn.h"
#include "stun/attributes.h"
#include "stun/credentials.h"
#include "stun/fingerprint.h"
#include "stun/stunagent.h"
#include "stun/usages/bind.h"

typedef struct
{
  Coturn coturn;
  GSocket *socket;
  struct sockaddr_in address;
} Server;

static gboolean
start (Server *self)
{
  g_autoptr (GError) error = NULL;

  if (!coturn_start (&self->coturn, "fingerprint"))
    return FALSE;
  self->address.sin_family = AF_INET;
  self->address.sin_port = htons (self->coturn.port);
  self->address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (self->socket, 5);
  return TRUE;
}

static void
stop (Server *self)
{
  coturn_stop (&self->coturn);
  g_clear_object (&self->socket);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Server, stop)

/* Ends what was written, sends it and reads the answer into buffer. */
static void
exchange (Server *self, const StunWriter *writer, guint8 *buffer, gsize size,
          StunView *view)
{
  g_autoptr (GSocketAddress) to =
      g_socket_address_new_from_native (&self->address, sizeof self->address);
  g_autoptr (GError) error = NULL;
  gssize len;

  g_assert_cmpuint (stun_writer_end (writer), >, 0);
  g_socket_send_to (self->socket, to, (const char *)writer->data, writer->len, NULL,
                    &error);
  g_assert_no_error (error);
  len = g_socket_receive (self->socket, (char *)buffer, size, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stun_view_parse (view, buffer, len, STUN_WIRE_NORMAL), ==,
                   STUN_RULE_KEPT);
  g_assert_cmpint (stun_attr_check_all (view), ==, STUN_RULE_KEPT);
  g_assert_cmpmem (stun_view_get_id (view), 12, writer->data + 8, 12);
}

static void
begin (StunWriter *writer, guint8 *buffer, gsize size, guint method)
{
  static guint32 serial;
  guint8 id[STUN_TRANSACTION_ID_SIZE] = { 0 };

  stun_store32 (id, ++serial);
  stun_writer_init (writer, buffer, size, STUN_CLASS_REQUEST, method, id);
}

/* covers STUN-8489-6.3.1.1-a OLD-5389-12.1-a OLD-5389-12.2-a */
static void
test_binding_in_the_old_and_the_new_form (void)
{
  static const StunCompatibility dialects[] = { STUN_COMPATIBILITY_RFC5389,
                                                STUN_COMPATIBILITY_RFC3489 };
  g_auto (Server) server = { 0 };

  if (!start (&server))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      struct sockaddr_storage mapped;
      struct sockaddr_in *ip4 = (struct sockaddr_in *)&mapped;
      socklen_t len = sizeof mapped;

      g_assert_cmpint (stun_usage_bind_run_compat ((struct sockaddr *)&server.address,
                                                   sizeof server.address, &mapped, &len,
                                                   dialects[i]),
                       ==, STUN_USAGE_BIND_RETURN_SUCCESS);
      g_assert_cmpint (ip4->sin_family, ==, AF_INET);
      g_assert_cmphex (ip4->sin_addr.s_addr, ==, htonl (INADDR_LOOPBACK));
      g_assert_cmpint (ip4->sin_port, !=, 0);
    }
}

/* covers STUN-8489-6.3.1-a STUN-8489-14.7-a STUN-8489-14.13-a */
static void
test_unknown_attribute_is_named_in_a_420 (void)
{
  g_auto (Server) server = { 0 };
  guint8 request[200], answer[1500];
  StunWriter writer;
  StunView view;
  StunErrorValue error;
  guint16 types[4];
  guint n;

  if (!start (&server))
    return;
  begin (&writer, request, sizeof request, STUN_METHOD_BINDING);
  stun_attr_write_u32 (&writer, 0x7777, 1);
  stun_fingerprint_write (&writer);
  exchange (&server, &writer, answer, sizeof answer, &view);
  g_assert_cmpint (stun_attr_read_error (&view, &error), ==, STUN_RULE_KEPT);
  g_assert_cmpint (error.code, ==, 420);
  g_assert_cmpint (stun_attr_read_unknown (&view, types, 4, &n), ==, STUN_RULE_KEPT);
  g_assert_cmphex (types[0], ==, 0x7777);
  g_assert_cmpint (stun_fingerprint_verify (&view), ==, STUN_RULE_KEPT);
}

/* Allocates with a password; the verdict that ends it. */
static StunVerdict
allocate (Server *server, const char *password, StunView *view, guint8 *answer,
          gsize size)
{
  g_autoptr (StunCredentials) client = stun_credentials_new_long_term (
      stun_bytes_of_string (COTURN_USER), stun_bytes_of_string (password),
      STUN_CREDENTIALS_TURN);
  StunVerdict verdict;

  do
    {
      guint8 request[500];
      StunWriter writer;
      StunStamp stamp;

      begin (&writer, request, sizeof request, STUN_METHOD_ALLOCATE);
      stun_attr_write_u8_rffu (&writer, STUN_ATTR_REQUESTED_TRANSPORT, STUN_PROTOCOL_UDP);
      stamp = stun_credentials_write (client, &writer);
      stun_fingerprint_write (&writer);
      exchange (server, &writer, answer, size, view);
      verdict = stun_credentials_handle_response (client, stamp, view, NULL);
    }
  while (verdict == STUN_VERDICT_RETRY);
  return verdict;
}

/* covers STUN-8489-9.2.3.1-a STUN-8489-9.2.5-b STUN-8489-9.2.2-a */
static void
test_allocate_with_the_right_password (void)
{
  g_auto (Server) server = { 0 };
  guint8 answer[1500];
  StunView view;
  StunAddress relayed;

  if (!start (&server))
    return;
  g_assert_cmpint (allocate (&server, COTURN_PASSWORD, &view, answer, sizeof answer), ==,
                   STUN_VERDICT_ACCEPT);
  g_assert_cmpint (view.klass, ==, STUN_CLASS_SUCCESS);
  g_assert_cmpint (
      stun_attr_read_xor_address (&view, STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed), ==,
      STUN_RULE_KEPT);
  g_assert_cmphex (relayed.s.ip4.sin_addr.s_addr, ==, htonl (INADDR_LOOPBACK));
}

/* covers STUN-8489-9.2.5-b */
static void
test_allocate_with_a_wrong_password_is_given_up (void)
{
  g_auto (Server) server = { 0 };
  guint8 answer[1500];
  StunView view;

  if (!start (&server))
    return;
  g_assert_cmpint (allocate (&server, "wrong", &view, answer, sizeof answer), ==,
                   STUN_VERDICT_FAIL);
}

/* Answers one Binding request as a program would that builds a server on the public
 * functions. */
static gboolean
answer_binding (GSocket *socket, GIOCondition condition G_GNUC_UNUSED,
                gpointer user_data G_GNUC_UNUSED)
{
  guint8 request[1500], reply[1500];
  g_autoptr (GSocketAddress) from = NULL;
  struct sockaddr_storage source;
  StunAgent agent;
  StunMessage asked, answer;
  gssize len;
  gsize size;

  len =
      g_socket_receive_from (socket, &from, (char *)request, sizeof request, NULL, NULL);
  g_assert_cmpint (len, >, 0);
  g_assert_true (
      g_socket_address_to_native (from, &source, sizeof (struct sockaddr_in), NULL));
  stun_agent_init (&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389, 0);
  g_assert_cmpint (stun_agent_validate (&agent, &asked, request, len, NULL, NULL), ==,
                   STUN_VALIDATION_SUCCESS);
  g_assert_cmpint (stun_message_get_method (&asked), ==, STUN_BINDING);
  g_assert_true (stun_agent_init_response (&agent, &answer, reply, sizeof reply, &asked));
  g_assert_cmpint (stun_message_append_xor_addr (&answer,
                                                 STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
                                                 &source, sizeof (struct sockaddr_in)),
                   ==, STUN_MESSAGE_RETURN_SUCCESS);
  size = stun_agent_finish_message (&agent, &answer, NULL, 0);
  g_assert_cmpint (g_socket_send_to (socket, from, (const char *)reply, size, NULL, NULL),
                   ==, size);
  return G_SOURCE_CONTINUE;
}

static void
client_ended (GObject *client, GAsyncResult *result, gpointer output)
{
  g_assert_true (g_subprocess_communicate_utf8_finish (G_SUBPROCESS (client), result,
                                                       output, NULL, NULL));
}

/* covers STUN-8489-14.2-a */
static void
test_coturns_client_reads_our_answers (void)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                             G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GSubprocess) client = NULL;
  g_autoptr (GSource) bindings = NULL;
  g_autofree char *port = NULL, *output = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  port = g_strdup_printf ("%u",
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  client =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                        &error, "turnutils_stunclient", "-p", port, "127.0.0.1", NULL);
  if (client == NULL)
    {
      g_test_skip ("coturn is not installed");
      return;
    }
  g_subprocess_communicate_utf8_async (client, NULL, NULL, client_ended, &output);
  bindings = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (bindings, G_SOURCE_FUNC (answer_binding), NULL, NULL);
  g_source_attach (bindings, NULL);
  while (output == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_destroy (bindings);
  g_test_message ("%s", output);
  g_assert_nonnull (strstr (output, "UDP reflexive addr: 127.0.0.1:"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stun/coturn/binding-old-and-new",
                   test_binding_in_the_old_and_the_new_form);
  g_test_add_func ("/stun/coturn/unknown-attribute",
                   test_unknown_attribute_is_named_in_a_420);
  g_test_add_func ("/stun/coturn/allocate", test_allocate_with_the_right_password);
  g_test_add_func ("/stun/coturn/allocate-wrong-password",
                   test_allocate_with_a_wrong_password_is_given_up);
  g_test_add_func ("/stun/coturn/client", test_coturns_client_reads_our_answers);
  return g_test_run ();
}
