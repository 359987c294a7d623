/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Media of a simulated peer, and the rules about it that no driver may break: it goes
 * only where a success response came from (RFC 8445 12.1), under consent only within its
 * thirty seconds (RFC 7675 5.1), and what comes in counts only on a valid path. It must
 * not ask the engine what it thinks of that. */
#include "config.h"

#include "sim-peer-private.h"
#include "sim-stun.h"

#define MEDIA_SIZE 100
#define MEDIA_MARK 0x80 /* RTP version 2 (RFC 7983) */
#define CONSENT_LIFETIME (30 * SIM_SECOND)

guint
sim_path_hash (gconstpointer data)
{
  const SimPath *path = data;

  return sim_address_hash (&path->remote) * 31u + path->base;
}

gboolean
sim_path_equal (gconstpointer a, gconstpointer b)
{
  const SimPath *left = a, *right = b;

  return left->base == right->base && sim_address_equal (&left->remote, &right->remote);
}

void
sim_peer_note_stun (SimPeer *self, IceBaseId base, const NiceAddress *from,
                    const guint8 *data, gsize size)
{
  SimPath key = { base, *from };
  gint64 now = sim_world_get_now (self->world);
  gint64 *when;

  if (!sim_stun_is_message (data, size) || sim_stun_get_class (data) != SIM_STUN_SUCCESS)
    return;
  when = g_hash_table_lookup (self->proven, &key);
  if (when != NULL)
    *when = now;
  else
    g_hash_table_insert (self->proven, g_memdup2 (&key, sizeof key),
                         g_memdup2 (&now, sizeof now));
}

gint64
sim_peer_get_last_answer (SimPeer *self, guint stream_id, guint component_id)
{
  SimComponent *component = sim_peer_get_component (self, stream_id, component_id);
  SimPath key = { component->base, component->to };
  gint64 *when = g_hash_table_lookup (self->proven, &key);

  return when != NULL ? *when : SIM_NEVER;
}

static void
check_may_send (SimPeer *self, const SimComponent *component)
{
  SimPath key = { component->base, component->to };
  gint64 *when = g_hash_table_lookup (self->proven, &key);
  gint64 now = sim_world_get_now (self->world);
  gchar text[SIM_ADDRESS_TEXT];

  if (self->config.lite)
    return;
  sim_address_format (&component->to, text);
  if (when == NULL)
    sim_fail (self->world, "%s sends media to %s, which never answered a check",
              self->name, text);
  if (self->config.consent && now - *when > CONSENT_LIFETIME)
    sim_fail (self->world, "%s sends media to %s, silent for %.3f s", self->name, text,
              (gdouble)(now - *when) / SIM_SECOND);
}

gboolean
sim_peer_send (SimPeer *self, guint stream_id, guint component_id)
{
  SimComponent *component = sim_peer_get_component (self, stream_id, component_id);
  gint64 now = sim_world_get_now (self->world);
  guint8 data[MEDIA_SIZE] = { MEDIA_MARK, (guint8)stream_id, (guint8)component_id };

  if (component == NULL || !(component->is_selected || component->has_data_path)
      || !component->has_consent)
    return FALSE;
  check_may_send (self, component);
  sim_peer_transmit (self, component->base, &component->to, data, sizeof data);
  component->n_sent++;
  component->last_sent_at = now;
  ice_engine_note_traffic (self->engine, stream_id, component_id, TRUE, FALSE, now);
  sim_peer_drain (self);
  return TRUE;
}

void
sim_peer_handle_media (SimPeer *self, IceBaseId base, const NiceAddress *from,
                       const guint8 *data, gsize size)
{
  SimPath key = { base, *from };
  gint64 now = sim_world_get_now (self->world);
  SimComponent *component;

  if (size != MEDIA_SIZE || data[0] != MEDIA_MARK)
    return;
  component = sim_peer_get_component (self, data[1], data[2]);
  if (component == NULL)
    return;
  if (!g_hash_table_contains (self->paths, &key))
    {
      component->n_refused++;
      return;
    }
  if (component->n_received++ > 0)
    component->longest_silence =
        MAX (component->longest_silence, now - component->last_received_at);
  component->last_received_at = now;
  component->last_base = base;
  component->last_from = *from;
  ice_engine_note_traffic (self->engine, data[1], data[2], FALSE, TRUE, now);
  sim_peer_drain (self);
}

static void
on_media_timer (gpointer data)
{
  SimPeer *self = data;

  self->media_timer = NULL;
  for (guint i = 0; i < self->components->len; i++)
    {
      SimComponent *component = g_ptr_array_index (self->components, i);

      sim_peer_send (self, component->stream_id, component->component_id);
    }
  sim_peer_start_media (self, self->media_interval);
}

void
sim_peer_start_media (SimPeer *self, gint64 interval)
{
  SimClock *clock = sim_world_get_clock (self->world);

  if (self->media_timer != NULL)
    sim_clock_cancel (clock, self->media_timer);
  self->media_timer = NULL;
  self->media_interval = interval;
  if (interval > 0)
    self->media_timer = sim_clock_at (clock, sim_world_get_now (self->world) + interval,
                                      on_media_timer, self, NULL);
}
