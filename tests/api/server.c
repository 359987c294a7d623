/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server answers that is a bare socket. It knows STUN by the public functions
 * alone. RFC 8489 12; RFC 8656 7. */
#include "server.h"

#include <stun/usages/turn.h>

#include <string.h>

typedef struct
{
  guint8 data[1500];
  gsize len;
  StunMessage msg;
  GSocketAddress *from;
  gboolean is_new;
} Request;

static bool
validate (StunAgent *agent, StunMessage *message, uint8_t *username, uint16_t len,
          uint8_t **password, size_t *password_len, void *data)
{
  *password = (uint8_t *)SERVER_PASSWORD;
  *password_len = strlen (SERVER_PASSWORD);
  return len == strlen (SERVER_USER) && memcmp (username, SERVER_USER, len) == 0;
}

static void
append_address (StunMessage *answer, StunAttribute type, const gchar *ip,
                GSocketAddress *from)
{
  const guint port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (from));
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (ip, port);
  const socklen_t len = (socklen_t)g_socket_address_get_native_size (address);
  struct sockaddr_storage native;

  g_assert_true (g_socket_address_to_native (address, &native, sizeof native, NULL));
  if (stun_message_has_cookie (answer))
    stun_message_append_xor_addr (answer, type, &native, len);
  else
    stun_message_append_addr (answer, STUN_ATTRIBUTE_MAPPED_ADDRESS,
                              (struct sockaddr *)&native, len);
}

static void
finish (Server *self, Request *request, StunMessage *answer)
{
  const gsize len = stun_agent_finish_message (&self->stun, answer, NULL, 0);

  g_assert_cmpuint (len, >, 0);
  g_assert_cmpint (g_socket_send_to (self->socket, request->from,
                                     (const gchar *)answer->buffer, len, NULL, NULL),
                   ==, (gssize)len);
}

static void
challenge (Server *self, Request *request)
{
  guint8 buffer[500];
  StunMessage answer;

  g_assert_true (stun_agent_init_error (&self->stun, &answer, buffer, sizeof buffer,
                                        &request->msg, STUN_ERROR_UNAUTHORIZED));
  stun_message_append_string (&answer, STUN_ATTRIBUTE_REALM, "realm");
  stun_message_append_string (&answer, STUN_ATTRIBUTE_NONCE, "nonce");
  finish (self, request, &answer);
}

static void
give (Server *self, Request *request)
{
  const StunMethod method = stun_message_get_method (&request->msg);
  guint8 buffer[500];
  StunMessage answer;

  g_assert_true (stun_agent_init_response (&self->stun, &answer, buffer, sizeof buffer,
                                           &request->msg));
  append_address (&answer, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, self->mapped,
                  request->from);
  if (method == STUN_ALLOCATE)
    append_address (&answer, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, self->relayed,
                    request->from);
  self->n_bindings += request->is_new && method == STUN_BINDING;
  self->n_allocations += request->is_new && method == STUN_ALLOCATE;
  if (method != STUN_BINDING)
    stun_message_append32 (&answer, STUN_ATTRIBUTE_LIFETIME, 600);
  finish (self, request, &answer);
}

/* A binding request bears no credentials, all others must. libnice asks a STUN server in
 * RFC 3489's way. */
static void
answer (Server *self, Request *request)
{
  static const guint8 cookie[4] = { 0x21, 0x12, 0xa4, 0x42 };
  const gboolean is_old = memcmp (request->data + 4, cookie, sizeof cookie) != 0;
  const gboolean is_binding = request->data[1] == STUN_BINDING;
  StunValidationStatus status;

  stun_agent_init (&self->stun, STUN_ALL_KNOWN_ATTRIBUTES,
                   is_old ? STUN_COMPATIBILITY_RFC3489 : STUN_COMPATIBILITY_RFC5389,
                   is_binding ? STUN_AGENT_USAGE_IGNORE_CREDENTIALS
                              : STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
  status = stun_agent_validate (&self->stun, &request->msg, request->data, request->len,
                                validate, self);
  if (status == STUN_VALIDATION_SUCCESS
      && stun_message_get_class (&request->msg) == STUN_REQUEST)
    give (self, request);
  else if (status == STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST
           || status == STUN_VALIDATION_UNAUTHORIZED)
    challenge (self, request);
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer data)
{
  Server *self = data;
  Request request = { .from = NULL };
  const gssize n = g_socket_receive_from (socket, &request.from, (gchar *)request.data,
                                          sizeof request.data, NULL, NULL);

  if (n < 20)
    return G_SOURCE_CONTINUE;
  request.len = (gsize)n;
  request.is_new =
      g_hash_table_add (self->transactions, g_bytes_new (request.data + 4, 16));
  self->n_heard += request.is_new;
  if (!self->is_silent)
    answer (self, &request);
  g_object_unref (request.from);
  return G_SOURCE_CONTINUE;
}

Server *
server_new (const gchar *mapped, const gchar *relayed)
{
  Server *self = g_new0 (Server, 1);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  self->mapped = mapped;
  self->relayed = relayed;
  self->transactions = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                              (GDestroyNotify)g_bytes_unref, NULL);
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, NULL);
  g_socket_set_blocking (self->socket, FALSE);
  g_assert_true (g_socket_bind (self->socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (self->socket, NULL);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

void
server_free (Server *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_hash_table_unref (self->transactions);
  g_free (self);
}

void
server_serve_stun (const Server *self, NiceAgent *agent)
{
  g_object_set (agent, "stun-server", "127.0.0.1", "stun-server-port", self->port, NULL);
}

void
server_serve_relay (const Server *self, NiceAgent *agent, guint stream, guint component)
{
  g_assert_true (nice_agent_set_relay_info (agent, stream, component, "127.0.0.1",
                                            self->port, SERVER_USER, SERVER_PASSWORD,
                                            NICE_RELAY_TYPE_TURN_UDP));
}
