/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a Binding request goes, and when the answer, or its absence, is certain.
 * Messages are the public interface's, what carries them is the library's own chain of
 * layers. RFC 8489 6.2.1 to 6.2.3; RFC 7350. */
#include "config.h"

#include "stun-query.h"

#include <stun/stunagent.h>
#include <stun/usages/bind.h>

#include "i18n.h"
#include "pairs.h"
#include "socket/recipes.h"
#include "stun/transaction.h"

typedef struct
{
  const StunQuery *query;
  StunAnswer *answer;
  GSocket *socket;
  NiceAddress remote;
  NiceChain *chain;
  NiceChainIo io;
  StunAgent agent;
  StunMessage request;
  guint8 buffer[STUN_MAX_MESSAGE_SIZE_IPV6];
  gsize len;
  StunTransaction transaction; /* once is_asked */
  gint64 sent_at, end;
  gboolean is_asked, is_answered;
} Session;

static void
session_clear (Session *self)
{
  g_clear_object (&self->socket);
  g_clear_pointer (&self->chain, nice_chain_free);
  nice_chain_io_clear (&self->io);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

void
stun_answer_clear (StunAnswer *self)
{
  g_clear_pointer (&self->mapped, g_free);
  g_clear_pointer (&self->local, g_free);
  g_clear_pointer (&self->software, g_free);
  g_clear_pointer (&self->security, g_free);
}

char *
stun_query_format_address (GSocketAddress *address)
{
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);
  g_autofree char *text =
      g_inet_address_to_string (g_inet_socket_address_get_address (inet));

  return pairs_format_address (text, g_inet_socket_address_get_port (inet));
}

static gboolean
is_stream (const Session *self)
{
  return self->query->server->transport == STUN_SERVER_TCP
         || self->query->server->transport == STUN_SERVER_TLS;
}

/* --- what the server says --- */

static void
read_software (const StunMessage *message, StunAnswer *answer)
{
  uint16_t len = 0;
  const void *text = stun_message_find (message, STUN_ATTRIBUTE_SOFTWARE, &len);
  g_autofree char *valid = NULL;

  if (text == NULL)
    return;
  /* Whatever a server says goes to a terminal: valid text without control characters. */
  valid = g_utf8_make_valid (text, len);
  answer->software = g_strescape (valid, NULL);
}

static void
read_security (Session *self)
{
  if (stun_server_is_secure (self->query->server))
    self->answer->security =
        g_strdup (nice_layer_tls_get_version (nice_chain_get_layer (self->chain, 0)));
}

static gboolean
read_success (Session *self, const StunMessage *message, GSocketAddress *mapped,
              GError **error)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (self->socket, error);

  if (local == NULL)
    return FALSE;
  self->is_answered = TRUE;
  self->answer->rtt_ms = (g_get_monotonic_time () - self->sent_at) / 1000.0;
  self->answer->mapped = stun_query_format_address (mapped);
  self->answer->local = stun_query_format_address (local);
  read_software (message, self->answer);
  read_security (self);
  return TRUE;
}

/* TRUE for what is not our answer, too. */
static gboolean
read_message (Session *self, const guint8 *data, gsize len, GError **error)
{
  StunMessage message;
  struct sockaddr_storage mapped;
  socklen_t mapped_len = sizeof mapped;
  g_autoptr (GSocketAddress) address = NULL;
  int code = 0;

  if (stun_agent_validate (&self->agent, &message, data, len, NULL, NULL)
      != STUN_VALIDATION_SUCCESS)
    return TRUE;
  switch (stun_usage_bind_process (&message, (struct sockaddr *)&mapped, &mapped_len,
                                   NULL, NULL))
    {
    case STUN_USAGE_BIND_RETURN_SUCCESS:
      address = g_socket_address_new_from_native (&mapped, mapped_len);
      return read_success (self, &message, address, error);
    case STUN_USAGE_BIND_RETURN_ERROR:
    case STUN_USAGE_BIND_RETURN_ALTERNATE_SERVER:
      stun_message_find_error (&message, &code);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _ ("the server answers with error %d"), code);
      return FALSE;
    case STUN_USAGE_BIND_RETURN_INVALID:
    case STUN_USAGE_BIND_RETURN_TIMEOUT:
      return TRUE;
    }
  g_assert_not_reached ();
}

/* --- to and from the chain --- */

static gboolean
send_packet (Session *self, const NiceOutPacket *packet, GError **error)
{
  static const guint8 zeros[NICE_OUT_PACKET_MAX_TAIL];
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, nice_out_packet_get_head (packet), packet->head_len);
  for (guint i = 0; i < packet->n_vectors; i++)
    g_byte_array_append (bytes, packet->vectors[i].buffer, packet->vectors[i].size);
  g_byte_array_append (bytes, zeros, packet->tail_len);
  /* A few kilobytes at most, on a socket with nothing else to send. */
  return g_socket_send (self->socket, (const char *)bytes->data, bytes->len, NULL, error)
         >= 0;
}

/* Takes what a call of the chain gave out, its last words included, before its failure.
 */
static gboolean
drain (Session *self, GError **error)
{
  const NiceLayer *failed;

  for (guint i = 0; i < self->io.down->len; i++)
    if (!send_packet (self, nice_chain_io_get_down (&self->io, i), error))
      return FALSE;
  for (guint i = 0; i < self->io.up->len && !self->is_answered; i++)
    {
      const NicePacket *packet = nice_chain_io_get_up (&self->io, i);

      if (!read_message (self, packet->data + packet->skip, packet->size - packet->skip,
                         error))
        return FALSE;
    }
  failed = nice_chain_get_failed (self->chain);
  if (failed == NULL || self->is_answered)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       failed->detail != NULL
                           ? failed->detail
                           : nice_layer_fault_get_name (failed->fault));
  return FALSE;
}

static gboolean
send_request (Session *self, GError **error)
{
  const GOutputVector vector = { self->buffer, self->len };
  const NiceOutPacket packet = {
    .vectors = &vector, .n_vectors = 1, .size = self->len, .to = self->remote
  };

  self->sent_at = g_get_monotonic_time ();
  nice_chain_send (self->chain, &packet, 1, self->sent_at, &self->io);
  return drain (self, error);
}

/* Drains; once the chain is open, asks. */
static gboolean
advance (Session *self, GError **error)
{
  const StunTiming timing = is_stream (self) ? stun_timing_stream (STUN_TI_US)
                                             : stun_timing_rfc8489 (STUN_RTO_US);

  if (!drain (self, error))
    return FALSE;
  if (self->is_asked || nice_chain_get_state (self->chain) != NICE_LAYER_OPEN)
    return TRUE;
  self->is_asked = TRUE;
  stun_transaction_start (&self->transaction, &timing, g_get_monotonic_time ());
  return send_request (self, error);
}

static gboolean
receive (Session *self, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (G_MAXUINT16);
  const gssize len =
      g_socket_receive (self->socket, (char *)buffer, G_MAXUINT16, NULL, error);
  NicePacket packet = { .data = buffer, .from = self->remote };

  if (len < 0)
    return FALSE;
  packet.size = packet.stride = len;
  if (len == 0 && is_stream (self))
    nice_chain_handle_end (self->chain);
  nice_chain_receive (self->chain, &packet, len > 0 ? 1 : 0, g_get_monotonic_time (),
                      &self->io);
  return advance (self, error);
}

static gboolean
fail_late (const Session *self, GError **error)
{
  const char *text =
      self->is_asked ? _ ("no answer within %u s") : _ ("no connection within %u s");

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, text, self->query->timeout_s);
  return FALSE;
}

static gboolean
handle_timers (Session *self, GError **error)
{
  const gint64 now = g_get_monotonic_time ();

  if (now >= self->end)
    return fail_late (self, error);
  nice_chain_handle_timeout (self->chain, now, &self->io);
  if (!advance (self, error))
    return FALSE;
  if (!self->is_asked)
    return TRUE;
  switch (stun_transaction_handle_timeout (&self->transaction, now))
    {
    case STUN_TRANSACTION_RESEND:
      return send_request (self, error);
    case STUN_TRANSACTION_FAILED:
      return fail_late (self, error);
    case STUN_TRANSACTION_WAIT:
      return TRUE;
    }
  g_assert_not_reached ();
}

static gboolean
step (Session *self, GError **error)
{
  gint64 deadline = MIN (self->end, nice_chain_get_deadline (self->chain));

  if (self->is_asked)
    deadline = MIN (deadline, stun_transaction_get_deadline (&self->transaction));
  if (g_socket_condition_timed_wait (
          self->socket, G_IO_IN, MAX (0, deadline - g_get_monotonic_time ()), NULL, NULL))
    return receive (self, error);
  return handle_timers (self, error);
}

/* --- beginning --- */

static gboolean
connect_socket (Session *self, GError **error)
{
  g_autoptr (GError) failure = NULL;

  self->socket =
      g_socket_new (g_socket_address_get_family (self->query->address),
                    is_stream (self) ? G_SOCKET_TYPE_STREAM : G_SOCKET_TYPE_DATAGRAM,
                    G_SOCKET_PROTOCOL_DEFAULT, error);
  if (self->socket == NULL)
    return FALSE;
  g_socket_set_timeout (self->socket, self->query->timeout_s);
  if (g_socket_connect (self->socket, self->query->address, NULL, &failure))
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return fail_late (self, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static NiceChain *
make_chain (const Session *self)
{
  static const NiceRecipe recipes[STUN_SERVER_N_TRANSPORTS] = {
    [STUN_SERVER_TCP] = NICE_RECIPE_STUN_TCP,
    [STUN_SERVER_TLS] = NICE_RECIPE_STUN_TLS,
    [STUN_SERVER_DTLS] = NICE_RECIPE_STUN_DTLS,
  };
  const NiceIngredients ingredients = {
    .remote = self->remote,
    .tls = { .host = self->query->name != NULL ? self->query->name
                                               : self->query->server->host,
             .trust_file = self->query->ca_file,
             .validate = G_TLS_CERTIFICATE_VALIDATE_ALL },
  };
  NiceLayer *turn;

  if (self->query->server->transport == STUN_SERVER_UDP)
    return nice_chain_new ();
  return nice_recipe_make (recipes[self->query->server->transport], &ingredients, &turn);
}

static void
make_request (Session *self)
{
  static const uint16_t known[] = {
    STUN_ATTRIBUTE_MAPPED_ADDRESS, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
    STUN_ATTRIBUTE_ERROR_CODE,     STUN_ATTRIBUTE_ALTERNATE_SERVER,
    STUN_ATTRIBUTE_SOFTWARE,       0,
  };

  stun_agent_init (&self->agent, known, STUN_COMPATIBILITY_RFC5389, 0);
  stun_agent_set_software (&self->agent, PACKAGE_STRING);
  self->len = stun_usage_bind_create (&self->agent, &self->request, self->buffer,
                                      sizeof self->buffer);
}

gboolean
stun_query_run (const StunQuery *query, StunAnswer *answer, GError **error)
{
  g_auto (Session) self = { .query = query, .answer = answer };
  struct sockaddr_storage native;
  const gint64 now = g_get_monotonic_time ();

  self.end = now + query->timeout_s * (gint64)G_USEC_PER_SEC;
  if (!g_socket_address_to_native (query->address, &native, sizeof native, error)
      || !connect_socket (&self, error))
    return FALSE;
  nice_address_set_from_sockaddr (&self.remote, (struct sockaddr *)&native);
  self.chain = make_chain (&self);
  make_request (&self);
  nice_chain_start (self.chain, g_get_monotonic_time (), &self.io);
  if (!advance (&self, error))
    return FALSE;
  while (!self.is_answered)
    if (!step (&self, error))
      return FALSE;
  /* Good-bye; that it cannot be said does no harm. */
  nice_chain_close (self.chain, g_get_monotonic_time (), &self.io);
  drain (&self, NULL);
  return TRUE;
}
