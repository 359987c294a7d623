/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a request goes again, in new words after a challenge or in the same ones
 * after silence, and which answer counts. RFC 8489 6.2, 6.3.3, 6.3.4, 9.2.5. */
#include "config.h"

#include "turn/requests.h"

#include <string.h>

#include "stun/attributes.h"
#include "stun/fingerprint.h"

typedef struct
{
  TurnTopic topic;
  guint8 id[STUN_TRANSACTION_ID_SIZE];
  StunTransaction transaction;
  StunStamp stamp;
  gboolean saw_forgery;
  GBytes *message;
} Request;

struct _TurnRequests
{
  const TurnEnv *env;
  TurnWriteFunc write;
  gpointer data;
  gboolean reliable;
  gchar *software;
  StunCredentials *credentials;
  GArray *requests; /* of Request; few, and in no order */
  GQueue output;    /* of GBytes */
};

/* RFC 8489 6.3.3: what a response may demand us to understand. */
static const guint16 known_types[] = {
  STUN_ATTR_MAPPED_ADDRESS,
  STUN_ATTR_USERNAME,
  STUN_ATTR_MESSAGE_INTEGRITY,
  STUN_ATTR_ERROR_CODE,
  STUN_ATTR_UNKNOWN_ATTRIBUTES,
  STUN_ATTR_CHANNEL_NUMBER,
  STUN_ATTR_LIFETIME,
  STUN_ATTR_BANDWIDTH,
  STUN_ATTR_XOR_PEER_ADDRESS,
  STUN_ATTR_DATA,
  STUN_ATTR_REALM,
  STUN_ATTR_NONCE,
  STUN_ATTR_XOR_RELAYED_ADDRESS,
  STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
  STUN_ATTR_EVEN_PORT,
  STUN_ATTR_REQUESTED_TRANSPORT,
  STUN_ATTR_DONT_FRAGMENT,
  STUN_ATTR_MESSAGE_INTEGRITY_SHA256,
  STUN_ATTR_PASSWORD_ALGORITHM,
  STUN_ATTR_USERHASH,
  STUN_ATTR_XOR_MAPPED_ADDRESS,
  STUN_ATTR_RESERVATION_TOKEN,
  STUN_ATTR_CONNECTION_ID,
  0,
};

static void
clear_request (gpointer item)
{
  Request *request = item;

  g_clear_pointer (&request->message, g_bytes_unref);
}

/* Takes the credentials. */
static TurnRequests *
requests_new (StunCredentials *credentials, const TurnEnv *env, TurnWriteFunc write,
              gpointer data)
{
  TurnRequests *self = g_new0 (TurnRequests, 1);

  self->env = env;
  self->write = write;
  self->data = data;
  self->credentials = credentials;
  self->requests = g_array_new (FALSE, FALSE, sizeof (Request));
  g_array_set_clear_func (self->requests, clear_request);
  g_queue_init (&self->output);
  return self;
}

TurnRequests *
turn_requests_new (const TurnConfig *config, const TurnEnv *env, TurnWriteFunc write,
                   gpointer data)
{
  StunCredentialsFlags flags = STUN_CREDENTIALS_TURN;
  TurnRequests *self;

  if (config->reliable)
    flags |= STUN_CREDENTIALS_RELIABLE;
  self = requests_new (
      stun_credentials_new_long_term (stun_bytes_of_string (config->username),
                                      stun_bytes_of_string (config->password), flags),
      env, write, data);
  self->reliable = config->reliable;
  self->software = g_strdup (config->software);
  return self;
}

TurnRequests *
turn_requests_new_like (const TurnRequests *other, const TurnEnv *env,
                        TurnWriteFunc write, gpointer data)
{
  TurnRequests *self =
      requests_new (stun_credentials_dup (other->credentials), env, write, data);

  self->reliable = other->reliable;
  self->software = g_strdup (other->software);
  return self;
}

void
turn_requests_free (TurnRequests *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->output, (GDestroyNotify)g_bytes_unref);
  g_array_unref (self->requests);
  stun_credentials_free (self->credentials);
  g_free (self->software);
  g_free (self);
}

static Request *
get_request (const TurnRequests *self, guint i)
{
  return &g_array_index (self->requests, Request, i);
}

static void
queue_output (TurnRequests *self, Request *request)
{
  g_queue_push_tail (&self->output, g_bytes_ref (request->message));
}

/* Each writing is a transaction of its own (RFC 8489 9.2.3.2). */
static void
write_request (TurnRequests *self, Request *request, gint64 now)
{
  const StunTiming timing = request->transaction.timing;
  guint8 buffer[TURN_REQUEST_SIZE];
  StunWriter writer;

  self->env->random (self->env->data, request->id, sizeof request->id);
  stun_writer_init (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST,
                    request->topic.method, request->id);
  self->write (self->data, &request->topic, &writer);
  if (self->software != NULL)
    stun_attr_write_string (&writer, STUN_ATTR_SOFTWARE, self->software);
  request->stamp = stun_credentials_write (self->credentials, &writer);
  stun_fingerprint_write (&writer);
  g_clear_pointer (&request->message, g_bytes_unref);
  request->message = g_bytes_new (buffer, stun_writer_end (&writer));
  request->saw_forgery = FALSE;
  stun_transaction_start (&request->transaction, &timing, now);
  if (stun_writer_end (&writer) > 0)
    queue_output (self, request);
}

gboolean
turn_requests_start (TurnRequests *self, const TurnTopic *topic, const StunTiming *timing,
                     gint64 now)
{
  Request request = { .topic = *topic };

  if (self->requests->len >= TURN_MAX_REQUESTS)
    return FALSE;
  if (timing != NULL && timing->sends > 0)
    request.transaction.timing = *timing;
  else if (self->reliable)
    request.transaction.timing = stun_timing_stream (STUN_TI_US);
  else
    request.transaction.timing = stun_timing_rfc8489 (STUN_RTO_US);
  write_request (self, &request, now);
  g_array_append_val (self->requests, request);
  return TRUE;
}

gboolean
turn_requests_is_going (const TurnRequests *self, const TurnTopic *topic)
{
  for (guint i = 0; i < self->requests->len; i++)
    {
      const Request *request = get_request (self, i);

      if (request->topic.method == topic->method
          && request->topic.subject == topic->subject)
        return TRUE;
    }
  return FALSE;
}

void
turn_requests_drop_all (TurnRequests *self)
{
  g_array_set_size (self->requests, 0);
}

static gboolean
find_request (const TurnRequests *self, const StunView *view, guint *found)
{
  for (guint i = 0; i < self->requests->len; i++)
    {
      const Request *request = get_request (self, i);

      if (request->topic.method == view->method
          && memcmp (request->id, stun_view_get_id (view), sizeof request->id) == 0)
        {
          *found = i;
          return TRUE;
        }
    }
  return FALSE;
}

/* What a judged answer means. An error without a code cannot be told from a bad request.
 */
static void
read_fault (const StunView *view, StunVerdict verdict, TurnOutcome *outcome)
{
  StunErrorValue error;
  guint16 unknown[1];

  outcome->view = *view;
  if (view->klass == STUN_CLASS_ERROR)
    {
      const gboolean is_told = stun_attr_read_error (view, &error) == STUN_RULE_KEPT;

      outcome->code = is_told ? error.code : 0;
      outcome->fault = is_told ? turn_fault_of_code (error.code) : TURN_FAULT_BAD_REQUEST;
    }
  else if (verdict == STUN_VERDICT_FAIL)
    outcome->fault = TURN_FAULT_FORGED;
  else if (stun_view_list_unknown (view, known_types, unknown, 1) > 0)
    outcome->fault = TURN_FAULT_BAD_REQUEST;
}

gboolean
turn_requests_handle_response (TurnRequests *self, const StunView *view, gint64 now,
                               TurnOutcome *outcome)
{
  Request *request;
  StunVerdict verdict;
  guint i;

  if (!find_request (self, view, &i))
    return FALSE;
  request = get_request (self, i);
  verdict =
      stun_credentials_handle_response (self->credentials, request->stamp, view, NULL);
  if (verdict == STUN_VERDICT_RETRY)
    write_request (self, request, now);
  else if (verdict == STUN_VERDICT_IGNORE)
    request->saw_forgery = TRUE;
  else
    {
      *outcome = (TurnOutcome) { .topic = request->topic };
      read_fault (view, verdict, outcome);
      g_array_remove_index_fast (self->requests, i);
      return TRUE;
    }
  return FALSE;
}

gboolean
turn_requests_handle_timeout (TurnRequests *self, gint64 now, TurnOutcome *outcome)
{
  for (guint i = 0; i < self->requests->len; i++)
    {
      Request *request = get_request (self, i);

      switch (stun_transaction_handle_timeout (&request->transaction, now))
        {
        case STUN_TRANSACTION_WAIT:
          continue;
        case STUN_TRANSACTION_RESEND:
          queue_output (self, request);
          continue;
        case STUN_TRANSACTION_FAILED:
          *outcome = (TurnOutcome) {
            .topic = request->topic,
            .fault = request->saw_forgery ? TURN_FAULT_FORGED : TURN_FAULT_TIMEOUT,
          };
          g_array_remove_index_fast (self->requests, i);
          return TRUE;
        }
    }
  return FALSE;
}

gint64
turn_requests_get_deadline (const TurnRequests *self)
{
  gint64 deadline = TURN_NEVER;

  for (guint i = 0; i < self->requests->len; i++)
    deadline = MIN (deadline,
                    stun_transaction_get_deadline (&get_request (self, i)->transaction));
  return deadline;
}

GBytes *
turn_requests_take_output (TurnRequests *self)
{
  return g_queue_pop_head (&self->output);
}
