/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* icecold stun: one Binding transaction (RFC 8489 section 6.2.1) with each address of a
 * server until one answers; tells which address the server sees, how long it took and
 * what the server calls itself. A plain program of the public STUN interface. */
#include "config.h"

#include "commands.h"
#include "i18n.h"
#include "options.h"
#include "pairs.h"

#include <stdio.h>
#include <string.h>

#include <gio/gio.h>
#include <stun/stunagent.h>
#include <stun/usages/bind.h>
#include <stun/usages/timer.h>

#define STUN_PORT 3478
/* Over UDP no answer is longer (RFC 8489 section 6.1). */
#define ANSWER_SIZE 1500

typedef struct
{
  StunAgent agent;
  StunMessage request;
  guint8 buffer[STUN_MAX_MESSAGE_SIZE_IPV6];
  gsize len;
  GSocket *socket;
  gint64 sent_at;
} Query;

typedef struct
{
  char *mapped;
  char *local;
  char *software;
  double rtt_ms;
} Answer;

static void
answer_clear (Answer *self)
{
  g_free (self->mapped);
  g_free (self->local);
  g_free (self->software);
}

static char *
format_address (GSocketAddress *address)
{
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);
  g_autofree char *text =
      g_inet_address_to_string (g_inet_socket_address_get_address (inet));

  return pairs_format_address (text, g_inet_socket_address_get_port (inet));
}

static GSocket *
connect_socket (GSocketAddress *server, GError **error)
{
  g_autoptr (GSocket) socket =
      g_socket_new (g_socket_address_get_family (server), G_SOCKET_TYPE_DATAGRAM,
                    G_SOCKET_PROTOCOL_UDP, error);

  if (socket == NULL || !g_socket_connect (socket, server, NULL, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static gboolean
send_request (Query *self, GError **error)
{
  self->sent_at = g_get_monotonic_time ();
  return g_socket_send (self->socket, (const char *)self->buffer, self->len, NULL, error)
         >= 0;
}

static void
read_software (const StunMessage *message, Answer *answer)
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

static gboolean
read_answer (Query *self, const guint8 *data, gsize len, Answer *answer)
{
  StunMessage message;
  struct sockaddr_storage mapped;
  socklen_t mapped_len = sizeof mapped;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocketAddress) local = NULL;

  if (stun_agent_validate (&self->agent, &message, data, len, NULL, NULL)
          != STUN_VALIDATION_SUCCESS
      || stun_usage_bind_process (&message, (struct sockaddr *)&mapped, &mapped_len, NULL,
                                  NULL)
             != STUN_USAGE_BIND_RETURN_SUCCESS)
    return FALSE;
  answer->rtt_ms = (g_get_monotonic_time () - self->sent_at) / 1000.0;
  address = g_socket_address_new_from_native (&mapped, mapped_len);
  local = g_socket_get_local_address (self->socket, NULL);
  if (address == NULL || local == NULL)
    return FALSE;
  answer->mapped = format_address (address);
  answer->local = format_address (local);
  read_software (&message, answer);
  return TRUE;
}

/* Reads until the timer is due; TRUE when the answer came. */
static gboolean
await_answer (Query *self, guint wait_ms, Answer *answer, GError **error)
{
  const gint64 until = g_get_monotonic_time () + wait_ms * G_GINT64_CONSTANT (1000);
  guint8 data[ANSWER_SIZE];

  for (;;)
    {
      const gint64 left = until - g_get_monotonic_time ();
      gssize len;

      if (left <= 0
          || !g_socket_condition_timed_wait (self->socket, G_IO_IN, left, NULL, NULL))
        return FALSE;
      len = g_socket_receive (self->socket, (char *)data, sizeof data, NULL, error);
      if (len < 0)
        return FALSE;
      if (read_answer (self, data, len, answer))
        return TRUE;
    }
}

/* RFC 8489 6.2.1: the request again and again, the wait doubled each time. */
static gboolean
query_run (Query *self, Answer *answer, GError **error)
{
  StunTimer timer;
  g_autoptr (GError) failure = NULL;

  stun_timer_start (&timer, STUN_TIMER_DEFAULT_TIMEOUT,
                    STUN_TIMER_DEFAULT_MAX_RETRANSMISSIONS);
  if (!send_request (self, error))
    return FALSE;
  for (;;)
    {
      if (await_answer (self, stun_timer_remainder (&timer), answer, &failure))
        return TRUE;
      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      switch (stun_timer_refresh (&timer))
        {
        case STUN_USAGE_TIMER_RETURN_RETRANSMIT:
          if (!send_request (self, error))
            return FALSE;
          break;
        case STUN_USAGE_TIMER_RETURN_TIMEOUT:
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _ ("no answer"));
          return FALSE;
        case STUN_USAGE_TIMER_RETURN_SUCCESS:
          break;
        }
    }
}

static gboolean
ask (GSocketAddress *server, Answer *answer, GError **error)
{
  static const uint16_t known[] = {
    STUN_ATTRIBUTE_MAPPED_ADDRESS, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
    STUN_ATTRIBUTE_ERROR_CODE,     STUN_ATTRIBUTE_ALTERNATE_SERVER,
    STUN_ATTRIBUTE_SOFTWARE,       0,
  };
  g_autofree Query *query = g_new0 (Query, 1);
  g_autoptr (GSocket) socket = connect_socket (server, error);

  if (socket == NULL)
    return FALSE;
  query->socket = socket;
  stun_agent_init (&query->agent, known, STUN_COMPATIBILITY_RFC5389, 0);
  stun_agent_set_software (&query->agent, PACKAGE_STRING);
  query->len = stun_usage_bind_create (&query->agent, &query->request, query->buffer,
                                       sizeof query->buffer);
  return query_run (query, answer, error);
}

static void
print_answer (const char *server, const Answer *answer)
{
  printf (_ ("server    %s\n"), server);
  printf (_ ("mapped    %s\n"), answer->mapped);
  printf (_ ("local     %s\n"), answer->local);
  printf (_ ("rtt       %.1f ms\n"), answer->rtt_ms);
  if (answer->software != NULL)
    printf (_ ("software  %s\n"), answer->software);
}

/* The first address of the server that answers is enough. */
static int
stun_run (const char *host, guint port)
{
  g_autoptr (GSocketConnectable) name = g_network_address_new (host, port);
  g_autoptr (GSocketAddressEnumerator) addresses = g_socket_connectable_enumerate (name);
  g_autoptr (GError) error = NULL;

  for (;;)
    {
      g_autoptr (GSocketAddress) server =
          g_socket_address_enumerator_next (addresses, NULL, &error);
      g_autoptr (GError) failure = NULL;
      g_autofree char *text = NULL;
      Answer answer = { NULL };

      if (server == NULL)
        break;
      text = format_address (server);
      if (ask (server, &answer, &failure))
        {
          print_answer (text, &answer);
          answer_clear (&answer);
          return 0;
        }
      answer_clear (&answer);
      fprintf (stderr, "icecold: %s: %s\n", text, failure->message);
    }
  if (error != NULL)
    fprintf (stderr, "icecold: %s: %s\n", host, error->message);
  return 1;
}

int
command_stun (int argc, char **argv)
{
  const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
  g_autofree char *host = NULL;
  guint port = 0;

  if (!options_parse (&argc, &argv, entries, "stun",
                      _ ("Asks a STUN server over UDP which address it sees."),
                      _ ("HOST[:PORT]"), 1))
    return EXIT_USAGE;
  if (argc < 2)
    {
      fputs (_ ("icecold: which server? icecold stun HOST[:PORT]\n"), stderr);
      return EXIT_USAGE;
    }
  if (!options_parse_host (argv[1], STUN_PORT, &host, &port))
    return EXIT_USAGE;
  return stun_run (host, port);
}
