/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state common to an agent's streams, and what every module asks of a stream: whether
 * it may check, how it nominates, what its gathering waits for, and that it changed. Must
 * not know of pairs. */
#include "config.h"

#include "ice/session.h"

#include "ice/dialect.h"

void
ice_session_random (IceSession *self, gpointer dest, gsize len)
{
  self->env.random (self->env.data, dest, len);
}

guint32
ice_session_random32 (IceSession *self)
{
  guint32 value;

  ice_session_random (self, &value, sizeof value);
  return value;
}

void
ice_session_init (IceSession *self, const IceConfig *config, const IceEnv *env,
                  gint64 now)
{
  memset (self, 0, sizeof *self);
  self->env = *env;
  self->now = now;
  self->pace_next = now;
  ice_timer_init (&self->pace_timer, ICE_TIMER_PACE, self);
  ice_session_random (self, &self->tie_breaker, sizeof self->tie_breaker);
  self->config = *config;
  ice_session_set_config (self, config);
  self->controlling = config->controlling != FALSE;
}

void
ice_session_set_config (IceSession *self, const IceConfig *config)
{
  IceConfig fixed = *config;

  fixed.dialect = self->config.dialect;
  fixed.nomination = self->config.nomination;
  /* A check that cannot nominate does so by its success. */
  if (!stun_quirks_get_ice (ice_dialect_get (fixed.dialect)->ice)->has_ice_attributes)
    fixed.nomination = ICE_NOMINATION_AGGRESSIVE;
  fixed.lite = self->config.lite;
  fixed.ta = MAX (1, config->ta);
  g_free (self->software);
  self->software = g_strndup (config->software, ICE_MAX_SOFTWARE);
  fixed.software = self->software;
  g_free (self->mappings);
  self->mappings = g_memdup2 (config->mappings, config->n_mappings * sizeof (IceMapping));
  self->n_mappings = config->n_mappings;
  fixed.mappings = self->mappings;
  self->config = fixed;
}

void
ice_session_clear (IceSession *self)
{
  g_assert (self->streams.len == 0 && self->servers.len == 0 && self->tasks.len == 0);

  ice_list_clear (&self->streams);
  ice_list_clear (&self->bases);
  ice_list_clear (&self->tasks);
  for (guint i = 0; i < self->foundations.len; i++)
    g_free (ice_list_get (&self->foundations, i));
  ice_list_clear (&self->foundations);
  ice_index_clear (&self->remotes);
  ice_index_clear (&self->pairs);
  ice_index_clear (&self->groups);
  ice_index_clear (&self->requests);
  ice_timer_stop (&self->pace_timer, &self->timers);
  ice_list_clear (&self->timers);
  ice_outbox_clear (&self->outbox);
  g_free (self->software);
  g_free (self->mappings);
}

IceStream *
ice_session_find_stream (const IceSession *self, guint stream_id)
{
  guint low = 0, high = self->streams.len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      IceStream *stream = ice_list_get (&self->streams, middle);

      if (stream->id == stream_id)
        return stream;
      if (stream->id < stream_id)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

IceComponent *
ice_session_find_component (const IceSession *self, guint stream_id, guint component_id)
{
  const IceStream *stream = ice_session_find_stream (self, stream_id);

  return stream != NULL ? ice_stream_get_component (stream, component_id) : NULL;
}

IceComponent *
ice_stream_get_component (const IceStream *self, guint component_id)
{
  if (component_id == 0 || component_id > self->n_components)
    return NULL;
  return (IceComponent *)&self->components[component_id - 1];
}

/* --- streams --- */

gboolean
ice_stream_may_check (const IceStream *self)
{
  return self->remote.ufrag != NULL && !self->session->config.lite;
}

void
ice_stream_start_patience (IceStream *self)
{
  if (self->pac_until != 0 || self->remote.ufrag == NULL || !self->gather_started)
    return;
  self->pac_until = self->session->now + ICE_PAC;
  ice_stream_unsettle (self);
}

IceNominationMode
ice_stream_get_nomination (const IceStream *self)
{
  const IceConfig *config = &self->session->config;

  return config->ice_tcp && self->has_tcp ? ICE_NOMINATION_REGULAR : config->nomination;
}

gboolean
ice_stream_nominates_once (const IceStream *self)
{
  return (ice_stream_get_nomination (self) == ICE_NOMINATION_REGULAR
          || self->peer_is_regular)
         && !self->session->config.renomination;
}

void
ice_stream_unsettle (IceStream *self)
{
  for (guint i = 0; i < self->n_components; i++)
    ice_component_unsettle (&self->components[i]);
}

void
ice_component_unsettle (IceComponent *self)
{
  IceSession *session = self->stream->session;

  self->last_sign = session->now;
  if (self->unsettled)
    return;
  self->unsettled = TRUE;
  self->next_unsettled = session->unsettled;
  session->unsettled = self;
}

gboolean
ice_component_is_concluded (const IceComponent *self)
{
  return self->selected != NULL && !self->selected_is_old;
}

/* --- gathering --- */

void
ice_stream_start_waiting (IceStream *self)
{
  self->gathering_done = FALSE;
  ice_timer_start (&self->gather_timer, &self->session->timers,
                   self->session->now + ICE_GATHERING_LIMIT);
}

void
ice_stream_stop_waiting (IceStream *self)
{
  if (self->gathering_done)
    return;
  ice_timer_stop (&self->gather_timer, &self->session->timers);
  self->gathering_done = TRUE;
  self->gathered_at = self->session->now;
  ice_outbox_add_event (&self->session->outbox, ICE_EVENT_GATHERING_DONE, self->id, 0);
  ice_stream_unsettle (self);
}

void
ice_stream_update_gathering (IceStream *self)
{
  if (self->gather_started && self->gathering == NULL && self->n_pending == 0
      && self->n_holds == 0)
    ice_stream_stop_waiting (self);
}

void
ice_stream_hold_gathering (IceStream *self, gboolean hold)
{
  if (hold)
    self->n_holds++;
  else if (self->n_holds > 0)
    self->n_holds--;
  ice_stream_update_gathering (self);
}
