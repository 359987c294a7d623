/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which names of the peer are asked for, and when
 * (draft-ietf-mmusic-mdns-ice-candidates 7.1). Must not know what a candidate is good
 * for, nor how names are looked up.
 *
 * A name is asked for once in a generation, however many candidates have it: those of all
 * components and transports of one interface do, and descriptions are told again. */
#include "config.h"

#include "ice/names.h"

#include "ice/trace.h"

static void
free_name (IceName *self)
{
  g_free (self->text);
  g_array_unref (self->candidates);
  g_free (self);
}

static IceName *
find (const IceStream *stream, const gchar *text)
{
  for (guint i = 0; i < stream->names.len; i++)
    {
      IceName *name = ice_list_get (&stream->names, i);

      if (g_ascii_strcasecmp (name->text, text) == 0)
        return name;
    }
  return NULL;
}

static IceName *
find_asked (const IceSession *session, guint id)
{
  for (guint i = 0; i < session->streams.len; i++)
    {
      const IceStream *stream = ice_list_get (&session->streams, i);

      for (guint j = 0; j < stream->names.len; j++)
        {
          IceName *name = ice_list_get (&stream->names, j);

          if (name->id == id && name->state == ICE_NAME_ASKED)
            return name;
        }
    }
  return NULL;
}

/* --- questions --- */

static void
tell (const IceName *self, IceEventType event)
{
  ice_outbox_add_event (&self->stream->session->outbox, event, self->stream->id, 0)
      ->name = self->id;
}

static void
ask_of (IceStream *stream)
{
  IceSession *session = stream->session;

  for (guint i = 0; i < stream->names.len; i++)
    {
      IceName *name = ice_list_get (&stream->names, i);

      if (session->n_names_asked >= ICE_MAX_NAMES_ASKED)
        return;
      if (name->state != ICE_NAME_QUEUED)
        continue;
      name->state = ICE_NAME_ASKED;
      session->n_names_asked++;
      stream->name_asked_at = session->now;
      tell (name, ICE_EVENT_NEED_NAME);
      ICE_TRACE (session, "name %u of stream %u is asked for", name->id, stream->id);
    }
}

static void
ask_more (IceSession *session)
{
  for (guint i = 0; i < session->streams.len; i++)
    ask_of (ice_list_get (&session->streams, i));
}

IceName *
ice_names_ask (IceStream *stream, const gchar *text)
{
  IceName *self = find (stream, text);

  if (self != NULL || stream->names.len >= ICE_MAX_NAMES)
    return self;
  self = g_new0 (IceName, 1);
  self->stream = stream;
  self->id = ++stream->session->last_name_id;
  self->text = g_strdup (text);
  self->candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  ice_list_add (&stream->names, self);
  ask_of (stream);
  return self;
}

/* --- answers --- */

IceName *
ice_names_answer (IceSession *session, guint id, const NiceAddress *address)
{
  IceName *self = find_asked (session, id);

  if (self == NULL)
    return NULL;
  self->state = ICE_NAME_ANSWERED;
  if (address != NULL)
    self->address = *address;
  else
    nice_address_init (&self->address);
  ICE_TRACE (session, "name %u has %s", id, address != NULL ? "an address" : "none");
  session->n_names_asked--;
  ask_more (session);
  return self;
}

const gchar *
ice_names_get_text (const IceSession *session, guint id)
{
  const IceName *name = find_asked (session, id);

  return name != NULL ? name->text : NULL;
}

guint
ice_names_count_waiting (const IceStream *stream)
{
  guint n = 0;

  for (guint i = 0; i < stream->names.len; i++)
    n += ((const IceName *)ice_list_get (&stream->names, i))->candidates->len;
  return n;
}

void
ice_names_clear (IceStream *stream)
{
  IceSession *session = stream->session;

  for (guint i = 0; i < stream->names.len; i++)
    {
      IceName *name = ice_list_get (&stream->names, i);

      if (name->state == ICE_NAME_ASKED)
        {
          session->n_names_asked--;
          tell (name, ICE_EVENT_DROP_NAME);
        }
      free_name (name);
    }
  ice_list_clear (&stream->names);
  ask_more (session);
}
