/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of outstanding requests, by transaction id. Knows when they are sent again,
 * not what they say or what an answer means. */
#include "config.h"

#include "ice/request.h"

#include "ice/session.h"

static guint
hash_id (const guint8 *id)
{
  return stun_load32 (id) ^ stun_load32 (id + 4) ^ stun_load32 (id + 8);
}

IceRequest *
ice_request_new (IceSession *session, IceRequestKind kind)
{
  IceRequest *self = g_new0 (IceRequest, 1);

  self->session = session;
  self->kind = kind;
  ice_timer_init (&self->timer, ICE_TIMER_REQUEST, self);
  do
    ice_session_random (session, self->id, sizeof self->id);
  while (ice_request_find (session, self->id) != NULL);
  ice_index_add (&session->requests, &self->link, hash_id (self->id));
  return self;
}

void
ice_request_attach (IceRequest *self, IcePair *pair)
{
  IceRequest *last;
  guint n = 1;

  self->pair = pair;
  self->base = pair->base;
  self->next = pair->requests;
  pair->requests = self;
  for (last = self; last->next != NULL; last = last->next)
    n++;
  if (n > ICE_MAX_REQUESTS)
    ice_request_free (last);
}

void
ice_request_free (IceRequest *self)
{
  if (self->pair != NULL)
    {
      IceRequest **link = &self->pair->requests;

      while (*link != self)
        link = &(*link)->next;
      *link = self->next;
    }
  ice_timer_stop (&self->timer, &self->session->timers);
  ice_index_remove (&self->session->requests, &self->link);
  g_free (self);
}

IceRequest *
ice_request_find (const IceSession *session, const guint8 *id)
{
  IceLink *link = ice_index_find (&session->requests, hash_id (id));

  for (; link != NULL; link = ice_index_find_next (link))
    {
      IceRequest *request = ICE_LINK_TO (link, IceRequest, link);

      if (memcmp (request->id, id, sizeof request->id) == 0)
        return request;
    }
  return NULL;
}

void
ice_request_start (IceRequest *self, const StunTiming *timing)
{
  stun_transaction_start (&self->transaction, timing, self->session->now);
  ice_timer_start (&self->timer, &self->session->timers, self->transaction.deadline);
}

void
ice_request_cancel_all (IcePair *pair)
{
  for (IceRequest *request = pair->requests; request != NULL; request = request->next)
    if (!request->cancelled && request->kind == ICE_REQUEST_CHECK)
      {
        request->cancelled = TRUE;
        stun_transaction_cancel (&request->transaction);
        ice_timer_start (&request->timer, &request->session->timers,
                         request->transaction.deadline);
      }
}

void
ice_request_free_all (IcePair *pair)
{
  while (pair->requests != NULL)
    ice_request_free (pair->requests);
}
