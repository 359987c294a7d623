/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams: their making and unmaking, credentials, and what is common to their
 * components. Must not know of messages. */
#include "config.h"

#include "ice/stream.h"

#include "ice/base.h"
#include "ice/check-request.h"
#include "ice/checklist.h"
#include "ice/component.h"
#include "ice/credentials.h"
#include "ice/dialect.h"
#include "ice/gather.h"
#include "ice/gather-server.h"
#include "ice/names.h"
#include "ice/ready.h"
#include "ice/session.h"
#include "ice/valid.h"

IceStream *
ice_stream_add (IceSession *session, guint n_components)
{
  IceStream *self = g_malloc0 (sizeof *self + n_components * sizeof self->components[0]);

  self->session = session;
  self->id = ++session->last_stream_id;
  self->n_components = n_components;
  for (guint i = 0; i < n_components; i++)
    ice_component_init (&self->components[i], self, i + 1);
  ice_timer_init (&self->gather_timer, ICE_TIMER_GATHERING, self);
  ice_timer_init (&self->freeing_timer, ICE_TIMER_FREEING, self);
  ice_credentials_generate (&self->local, session);
  ice_list_add (&session->streams, self);
  return self;
}

static void
drop_bases (IceStream *self)
{
  IceList *bases = &self->session->bases;

  for (guint i = bases->len; i > 0; i--)
    {
      IceBase *base = ice_list_get (bases, i - 1);

      if (base->component->stream == self)
        ice_base_drop (base);
    }
}

static void
free_stream (IceStream *self)
{
  ice_gather_cancel (self);
  ice_gather_server_cancel (self);
  ice_timer_stop (&self->gather_timer, &self->session->timers);
  ice_timer_stop (&self->freeing_timer, &self->session->timers);
  for (guint i = 0; i < self->n_components; i++)
    ice_valid_drop_selected (&self->components[i]);
  ice_checklist_clear (self);
  for (guint i = 0; i < self->n_components; i++)
    ice_component_clear (&self->components[i]);
  ice_names_clear (self);
  ice_ready_forget (self);
  drop_bases (self);
  ice_credentials_clear (&self->local);
  ice_credentials_clear (&self->remote);
  ice_credentials_clear (&self->old_local);
  ice_credentials_clear (&self->old_remote);
  g_free (self);
}

void
ice_stream_remove (IceStream *self)
{
  ice_list_remove (&self->session->streams, self);
  free_stream (self);
}

void
ice_stream_set_local_credentials (IceStream *self, const gchar *ufrag, const gchar *pwd)
{
  if (ice_dialect_of (self->session)->naming == ICE_NAMES_OF_STREAM)
    ice_credentials_set (&self->local, self->session, ufrag, pwd);
}

void
ice_stream_set_remote_credentials (IceStream *self, const gchar *ufrag, const gchar *pwd)
{
  if (ice_dialect_of (self->session)->naming == ICE_NAMES_OF_STREAM)
    ice_stream_learn_remote_credentials (self, ufrag, pwd);
}

void
ice_stream_learn_remote_credentials (IceStream *self, const gchar *ufrag,
                                     const gchar *pwd)
{
  ice_credentials_set (&self->remote, self->session, ufrag, pwd);
  ice_stream_start_patience (self);
  ice_ready_wake (self);
  for (guint i = 0; i < self->n_components; i++)
    ice_check_replay (&self->components[i]);
}

void
ice_stream_remove_all (IceSession *session)
{
  while (session->streams.len > 0)
    ice_stream_remove (ice_list_get (&session->streams, session->streams.len - 1));
}
