/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a bare socket hears and says. It knows STUN by the public functions alone. RFC
 * 8445 7. */
#include "stranger.h"

#include <string.h>

static void
heard_free (gpointer data)
{
  Heard *self = data;

  g_object_unref (self->from);
  g_free (self);
}

/* Requests are made for the stranger's password, answers for the agent's, which the
 * transaction knows. */
static bool
validate (StunAgent *agent, StunMessage *message, uint8_t *username, uint16_t len,
          uint8_t **password, size_t *password_len, void *data)
{
  *password = (uint8_t *)STRANGER_PWD;
  *password_len = strlen (STRANGER_PWD);
  return true;
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer data)
{
  Stranger *self = data;
  Heard *heard = g_new0 (Heard, 1);
  gssize n = g_socket_receive_from (socket, &heard->from, (gchar *)heard->data,
                                    sizeof heard->data, NULL, NULL);

  if (n < 0)
    {
      g_free (heard);
      return G_SOURCE_CONTINUE;
    }
  heard->len = (gsize)n;
  heard->status = stun_agent_validate (&self->stun, &heard->msg, heard->data, heard->len,
                                       validate, self);
  g_ptr_array_add (self->heard, heard);
  if (self->answers && heard->status == STUN_VALIDATION_SUCCESS
      && stun_message_get_class (&heard->msg) == STUN_REQUEST)
    stranger_answer (self, heard);
  return G_SOURCE_CONTINUE;
}

Stranger *
stranger_new (void)
{
  Stranger *self = g_new0 (Stranger, 1);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;
  struct sockaddr_storage native;

  stun_agent_init (&self->stun, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
                       | STUN_AGENT_USAGE_USE_FINGERPRINT);
  self->heard = g_ptr_array_new_with_free_func (heard_free);
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, NULL);
  g_socket_set_blocking (self->socket, FALSE);
  g_assert_true (g_socket_bind (self->socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (self->socket, NULL);
  g_assert_true (g_socket_address_to_native (bound, &native, sizeof native, NULL));
  nice_address_init (&self->address);
  nice_address_set_from_sockaddr (&self->address, (struct sockaddr *)&native);
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

void
stranger_free (Stranger *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_ptr_array_unref (self->heard);
  g_free (self->ufrag);
  g_free (self->pwd);
  g_free (self);
}

void
stranger_learn (Stranger *self, NiceAgent *agent, guint stream)
{
  g_clear_pointer (&self->ufrag, g_free);
  g_clear_pointer (&self->pwd, g_free);
  g_assert_true (
      nice_agent_get_local_credentials (agent, stream, &self->ufrag, &self->pwd));
}

void
stranger_meet (Stranger *self, NiceAgent *agent, guint stream, guint priority)
{
  NiceCandidate *candidate = nice_candidate_new (NICE_CANDIDATE_TYPE_HOST);
  GSList list = { candidate, NULL };

  stranger_learn (self, agent, stream);
  candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  candidate->addr = self->address;
  candidate->priority = priority;
  g_snprintf (candidate->foundation, sizeof candidate->foundation, "%u", priority % 1000);
  g_assert_true (
      nice_agent_set_remote_credentials (agent, stream, STRANGER_UFRAG, STRANGER_PWD));
  g_assert_cmpint (nice_agent_set_remote_candidates (agent, stream, 1, &list), ==, 1);
  nice_candidate_free (candidate);
}

Heard *
stranger_wait (Stranger *self, guint n)
{
  while (self->heard->len <= n)
    g_main_context_iteration (NULL, TRUE);
  return g_ptr_array_index (self->heard, n);
}

static gboolean
is_sent_again (const Stranger *self, guint n)
{
  const Heard *heard = g_ptr_array_index (self->heard, n);

  for (guint i = 0; i < n; i++)
    {
      const Heard *earlier = g_ptr_array_index (self->heard, i);

      if (earlier->len == heard->len
          && memcmp (earlier->data, heard->data, heard->len) == 0)
        return TRUE;
    }
  return FALSE;
}

Heard *
stranger_wait_for_new (Stranger *self, guint *n)
{
  Heard *heard;

  do
    heard = stranger_wait (self, (*n)++);
  while (is_sent_again (self, *n - 1));
  return heard;
}

static void
send_to (Stranger *self, GSocketAddress *to, const guint8 *data, gsize len)
{
  g_assert_cmpint (
      g_socket_send_to (self->socket, to, (const gchar *)data, len, NULL, NULL), ==,
      (gssize)len);
}

void
stranger_answer (Stranger *self, Heard *request)
{
  guint8 buffer[500];
  StunMessage answer;
  struct sockaddr_storage from;
  gsize len;

  g_socket_address_to_native (request->from, &from, sizeof from, NULL);
  g_assert_true (stun_agent_init_response (&self->stun, &answer, buffer, sizeof buffer,
                                           &request->msg));
  g_assert_cmpint (stun_message_append_xor_addr (
                       &answer, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &from,
                       (socklen_t)g_socket_address_get_native_size (request->from)),
                   ==, STUN_MESSAGE_RETURN_SUCCESS);
  len = stun_agent_finish_message (&self->stun, &answer, NULL, 0);
  send_to (self, request->from, buffer, len);
}

void
stranger_refuse (Stranger *self, Heard *request, StunError code)
{
  guint8 buffer[500];
  StunMessage answer;
  gsize len;

  g_assert_true (stun_agent_init_error (&self->stun, &answer, buffer, sizeof buffer,
                                        &request->msg, code));
  len = stun_agent_finish_message (&self->stun, &answer, NULL, 0);
  send_to (self, request->from, buffer, len);
}

void
stranger_send (Stranger *self, NiceAgent *agent, guint stream, const guint8 *data,
               gsize len)
{
  GSList *candidates = nice_agent_get_local_candidates (agent, stream, 1);
  struct sockaddr_storage native;
  g_autoptr (GSocketAddress) to = NULL;

  nice_address_copy_to_sockaddr (&((NiceCandidate *)candidates->data)->addr,
                                 (struct sockaddr *)&native);
  to = g_socket_address_new_from_native (&native, sizeof (struct sockaddr_in));
  send_to (self, to, data, len);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

void
stranger_check (Stranger *self, NiceAgent *agent, guint stream, const Check *check)
{
  g_autofree gchar *username = g_strconcat (self->ufrag, ":", STRANGER_UFRAG, NULL);
  const gchar *password = check->password != NULL ? check->password : self->pwd;
  guint8 buffer[500];
  StunMessage message;
  gsize len;

  stun_agent_init (&self->stun, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
                       | (check->no_fingerprint ? 0 : STUN_AGENT_USAGE_USE_FINGERPRINT));
  stun_agent_init_request (&self->stun, &message, buffer, sizeof buffer, STUN_BINDING);
  stun_message_append32 (&message, STUN_ATTRIBUTE_PRIORITY, 12345);
  stun_message_append64 (&message,
                         check->controlling ? STUN_ATTRIBUTE_ICE_CONTROLLING
                                            : STUN_ATTRIBUTE_ICE_CONTROLLED,
                         0);
  stun_message_append_string (&message, STUN_ATTRIBUTE_USERNAME, username);
  if (check->extra != 0)
    stun_message_append32 (&message, (StunAttribute)check->extra, 1);
  len = stun_agent_finish_message (&self->stun, &message, (const uint8_t *)password,
                                   strlen (password));
  g_assert_cmpuint (len, >, 0);
  stranger_send (self, agent, stream, buffer, len);
}
