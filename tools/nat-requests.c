/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends one request after the other, at the pace of RFC 5780 5, repeats each as RFC 8489
 * 6.2.1 has it, and believes an answer only where it may come from: the address that the
 * request names by CHANGE-REQUEST (RFC 5780 6.1), or the one that was asked. */
#include "config.h"

#include "nat-requests.h"

#include <string.h>

#include "stun/attributes.h"

/* What an answer may hold that must be understood (RFC 8489 6.3.3), RFC 3489's names of
 * the addresses among them, which servers of both kinds send along. */
static const guint16 known[] = { STUN_ATTR_MAPPED_ADDRESS,
                                 STUN_ATTR_SOURCE_ADDRESS,
                                 STUN_ATTR_CHANGED_ADDRESS,
                                 STUN_ATTR_ERROR_CODE,
                                 STUN_ATTR_REALM,
                                 STUN_ATTR_NONCE,
                                 STUN_ATTR_UNKNOWN_ATTRIBUTES,
                                 STUN_ATTR_PADDING,
                                 STUN_ATTR_XOR_MAPPED_ADDRESS,
                                 STUN_ATTR_MESSAGE_INTEGRITY,
                                 0 };

NatRequest *
nat_requests_ask (NatRequests *self, const NatQuestion *question)
{
  for (guint i = 0; i < NAT_MAX_REQUESTS; i++)
    {
      NatRequest *request = &self->requests[i];

      if (request->state != NAT_REQUEST_FREE)
        continue;
      *request = (NatRequest) { .state = NAT_REQUEST_QUEUED,
                                .question = *question,
                                .turn = self->n_asked++ };
      self->random (self->random_data, request->id, sizeof request->id);
      return request;
    }
  g_assert_not_reached ();
}

void
nat_requests_forget (NatRequest *request)
{
  if (request != NULL)
    request->state = NAT_REQUEST_FREE;
}

gboolean
nat_request_is_over (const NatRequest *request)
{
  return request->state > NAT_REQUEST_SENT;
}

/* --- time --- */

static NatRequest *
find_next (const NatRequests *self)
{
  const NatRequest *next = NULL;

  for (guint i = 0; i < NAT_MAX_REQUESTS; i++)
    {
      const NatRequest *request = &self->requests[i];

      if (request->state == NAT_REQUEST_QUEUED
          && (next == NULL || request->turn < next->turn))
        next = request;
    }
  return (NatRequest *)next;
}

static void
start_next (NatRequests *self, gint64 now)
{
  NatRequest *request = now >= self->next_start ? find_next (self) : NULL;
  StunTiming timing;

  if (request == NULL)
    return;
  timing = stun_timing_halved (
      stun_rto_cache_get (&self->round_trips, &request->question.to, STUN_RTO_US, now),
      request->question.sends);
  stun_transaction_start (&request->transaction, &timing, now);
  request->state = NAT_REQUEST_SENT;
  request->is_due = TRUE;
  self->next_start = now + NAT_PACE_US;
}

void
nat_requests_handle_timeout (NatRequests *self, gint64 now)
{
  for (guint i = 0; i < NAT_MAX_REQUESTS; i++)
    {
      NatRequest *request = &self->requests[i];

      if (request->state != NAT_REQUEST_SENT)
        continue;
      switch (stun_transaction_handle_timeout (&request->transaction, now))
        {
        case STUN_TRANSACTION_RESEND:
          request->is_due = TRUE;
          break;
        case STUN_TRANSACTION_FAILED:
          request->state = NAT_REQUEST_SILENT;
          break;
        case STUN_TRANSACTION_WAIT:
          break;
        }
    }
  start_next (self, now);
}

gint64
nat_requests_get_deadline (const NatRequests *self)
{
  gint64 deadline = find_next (self) != NULL ? self->next_start : STUN_NEVER;

  for (guint i = 0; i < NAT_MAX_REQUESTS; i++)
    if (self->requests[i].state == NAT_REQUEST_SENT)
      deadline =
          MIN (deadline, stun_transaction_get_deadline (&self->requests[i].transaction));
  return deadline;
}

/* --- out --- */

static gsize
write_request (const NatRequest *request, guint8 *buffer)
{
  const NatQuestion *question = &request->question;
  StunWriter writer;

  stun_writer_init (&writer, buffer, NAT_REQUEST_MAX_SIZE, STUN_CLASS_REQUEST,
                    STUN_METHOD_BINDING, request->id);
  if (question->change != 0)
    stun_attr_write_u32 (&writer, STUN_ATTR_CHANGE_REQUEST, question->change);
  if (question->response_port != 0)
    stun_attr_write_u16_rffu (&writer, STUN_ATTR_RESPONSE_PORT, question->response_port);
  stun_attr_write_string (&writer, STUN_ATTR_SOFTWARE, PACKAGE_STRING);
  return stun_writer_end (&writer);
}

gboolean
nat_requests_poll_transmit (NatRequests *self, NatTransmit *transmit)
{
  for (guint i = 0; i < NAT_MAX_REQUESTS; i++)
    {
      NatRequest *request = &self->requests[i];

      if (request->state != NAT_REQUEST_SENT || !request->is_due)
        continue;
      request->is_due = FALSE;
      transmit->socket = request->question.socket;
      transmit->to = request->question.to;
      transmit->len = write_request (request, transmit->data);
      return TRUE;
    }
  return FALSE;
}

/* --- in --- */

static NatRequest *
find_sent (NatRequests *self, const StunView *view)
{
  for (guint i = 0; i < NAT_MAX_REQUESTS; i++)
    {
      NatRequest *request = &self->requests[i];

      if (request->state == NAT_REQUEST_SENT
          && memcmp (request->id, stun_view_get_id (view), sizeof request->id) == 0)
        return request;
    }
  return NULL;
}

static gboolean
is_answer_to (const NatRequest *request, guint socket, const StunAddress *from)
{
  const NatQuestion *question = &request->question;

  /* RESPONSE-PORT sends it to another port on purpose. */
  if (socket != question->socket && question->response_port == 0)
    return FALSE;
  return stun_address_equal (from, &question->answer_from)
         || (question->change != 0 && stun_address_equal (from, &question->to));
}

static NatRequestState
read_success (NatRequest *request, const StunView *view, const StunAddress *from)
{
  StunAddress mapped;

  if (stun_attr_read_xor_address (view, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped)
          != STUN_RULE_KEPT
      || mapped.s.addr.sa_family != from->s.addr.sa_family)
    return NAT_REQUEST_SENT;
  if (!stun_address_equal (from, &request->question.answer_from))
    return NAT_REQUEST_UNCHANGED;
  request->mapped = mapped;
  stun_attr_read_address (view, STUN_ATTR_MAPPED_ADDRESS, &request->plain);
  stun_attr_read_address (view, STUN_ATTR_OTHER_ADDRESS, &request->other);
  return NAT_REQUEST_ANSWERED;
}

static NatRequestState
read_error (NatRequest *request, const StunView *view)
{
  StunErrorValue error;

  if (stun_attr_read_error (view, &error) != STUN_RULE_KEPT)
    return NAT_REQUEST_SENT;
  request->code = error.code;
  return NAT_REQUEST_REFUSED;
}

/* What the message makes of the request; SENT: it is none that counts. */
static NatRequestState
judge (NatRequest *request, const StunView *view, guint socket, const StunAddress *from)
{
  guint16 unknown;

  /* RFC 5780 3.4: it was sent to our own public address, and came in. */
  if (view->klass == STUN_CLASS_REQUEST)
    return request->question.to_ourselves ? NAT_REQUEST_RETURNED : NAT_REQUEST_SENT;
  if (request->question.to_ourselves || !is_answer_to (request, socket, from)
      || stun_view_list_unknown (view, known, &unknown, 1) > 0)
    return NAT_REQUEST_SENT;
  request->arrived_at = socket;
  if (view->klass == STUN_CLASS_SUCCESS)
    return read_success (request, view, from);
  return view->klass == STUN_CLASS_ERROR ? read_error (request, view) : NAT_REQUEST_SENT;
}

void
nat_requests_handle_packet (NatRequests *self, guint socket, const StunAddress *from,
                            const guint8 *data, gsize len, gint64 now)
{
  StunView view;
  NatRequest *request;

  if (stun_view_parse (&view, data, len, STUN_WIRE_NORMAL) != STUN_RULE_KEPT
      || view.method != STUN_METHOD_BINDING)
    return;
  request = find_sent (self, &view);
  if (request == NULL)
    return;
  request->state = judge (request, &view, socket, from);
  if (request->state == NAT_REQUEST_ANSWERED)
    stun_rto_cache_learn (&self->round_trips, &request->question.to,
                          stun_transaction_get_round_trip (&request->transaction, now),
                          now);
}
