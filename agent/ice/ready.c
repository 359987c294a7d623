/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two queues: streams with something to check, in the round robin of RFC 8445 6.1.4.2,
 * and pairs that are urgent. Knows neither Ta nor what a check is. */
#include "config.h"

#include "ice/ready.h"

#include "ice/session.h"

static gboolean
has_work (const IceStream *stream)
{
  const IceChecklist *list = &stream->checklist;

  return list->triggered_first != NULL || list->waiting.len > 0
         || list->ripe_first != NULL;
}

void
ice_ready_wake (IceStream *stream)
{
  IceSession *session = stream->session;

  if (stream->ready || !ice_stream_may_check (stream) || !has_work (stream))
    return;
  stream->ready = TRUE;
  stream->next_ready = NULL;
  if (session->ready_last != NULL)
    session->ready_last->next_ready = stream;
  else
    session->ready_first = stream;
  session->ready_last = stream;
}

IceStream *
ice_ready_take (IceSession *session)
{
  IceStream *stream = session->ready_first;

  if (stream == NULL)
    return NULL;
  session->ready_first = stream->next_ready;
  if (session->ready_first == NULL)
    session->ready_last = NULL;
  stream->ready = FALSE;
  return stream;
}

void
ice_ready_forget (IceStream *stream)
{
  IceSession *session = stream->session;
  IceStream *last = session->ready_last, *first;

  if (!stream->ready)
    return;
  /* Rare: turn the round once. */
  do
    {
      first = ice_ready_take (session);
      if (first != stream)
        ice_ready_wake (first);
    }
  while (first != last);
}

void
ice_ready_urge (IcePair *pair)
{
  IceSession *session = pair->component->stream->session;

  if (pair->urgent)
    return;
  pair->urgent = TRUE;
  pair->next_urgent = NULL;
  if (session->urgent_last != NULL)
    session->urgent_last->next_urgent = pair;
  else
    session->urgent_first = pair;
  session->urgent_last = pair;
}

IcePair *
ice_ready_take_urgent (IceSession *session)
{
  IcePair *pair = session->urgent_first;

  if (pair != NULL)
    ice_ready_calm (pair);
  return pair;
}

void
ice_ready_calm (IcePair *pair)
{
  IceSession *session = pair->component->stream->session;
  IcePair **link = &session->urgent_first, *previous = NULL;

  if (!pair->urgent)
    return;
  for (; *link != pair; link = &(*link)->next_urgent)
    previous = *link;
  *link = pair->next_urgent;
  if (session->urgent_last == pair)
    session->urgent_last = previous;
  pair->urgent = FALSE;
}
