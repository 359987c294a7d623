/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of bases. Knows how to ask for one and how to let it go, not what for. */
#include "config.h"

#include "ice/base.h"

#include "ice/candidate.h"
#include "ice/trace.h"

static const gchar *const kind_names[] = { "udp",    "tcp-listen", "tcp-connect",
                                           "tcp-so", "relay",      "server" };

static guint
lower_bound (const IceList *bases, IceBaseId id)
{
  guint low = 0, high = bases->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (((const IceBase *)ice_list_get (bases, middle))->id < id)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

IceBase *
ice_base_add (IceComponent *component, IceBaseKind kind, const NiceAddress *local)
{
  IceSession *session = component->stream->session;
  IceBase *self = g_new0 (IceBase, 1);

  self->id = ++session->last_base_id;
  self->kind = kind;
  self->component = component;
  self->local = *local;
  nice_address_init (&self->remote);
  ice_timer_init (&self->connect_timer, ICE_TIMER_CONNECT, self);
  ice_list_add (&session->bases, self);
  return self;
}

void
ice_base_request (IceBase *self)
{
  IceComponent *component = self->component;
  IceSession *session = component->stream->session;
  IceEvent *event = ice_outbox_add_event (&session->outbox, ICE_EVENT_NEED_BASE,
                                          component->stream->id, component->id);

  event->need_base = (IceBaseRequest) { .id = self->id,
                                        .kind = self->kind,
                                        .local = self->local,
                                        .min_port = component->min_port,
                                        .max_port = component->max_port,
                                        .remote = self->remote,
                                        .server = self->server,
                                        .server_kind = self->server_kind,
                                        .via = self->via,
                                        .relay_family = self->relay_family,
                                        .relays_tcp = self->relays_tcp };
  ICE_TRACE (session, "base %u wanted: %s", self->id, kind_names[self->kind]);
}

void
ice_base_forget (IceBase *self)
{
  IceSession *session = self->component->stream->session;
  guint at = lower_bound (&session->bases, self->id);

  g_assert (at < session->bases.len && ice_list_get (&session->bases, at) == self);
  ice_list_remove_index (&session->bases, at);
  session->n_held -= self->held;
  ice_timer_stop (&self->connect_timer, &session->timers);
  if (self->candidate != NULL)
    ice_end_unref (self->candidate);
  g_free (self);
}

void
ice_base_drop (IceBase *self)
{
  IceComponent *component = self->component;
  IceSession *session = component->stream->session;

  if (!self->held)
    ice_outbox_add_event (&session->outbox, ICE_EVENT_DROP_BASE, component->stream->id,
                          component->id)
        ->base = self->id;
  ICE_TRACE (session, "base %u dropped", self->id);
  ice_base_forget (self);
}

IceBase *
ice_base_find (const IceSession *session, IceBaseId id)
{
  guint at = lower_bound (&session->bases, id);
  IceBase *found;

  if (at == session->bases.len)
    return NULL;
  found = ice_list_get (&session->bases, at);
  return found->id == id ? found : NULL;
}

const IceBase *
ice_base_get_origin (const IceSession *session, const IceBase *base)
{
  return base->kind == ICE_BASE_RELAY ? ice_base_find (session, base->host) : base;
}

gboolean
ice_base_is_cut_off (const IceSession *session, IceBaseId id)
{
  const IceBase *base = ice_base_find (session, id);

  if (base != NULL)
    base = ice_base_get_origin (session, base);
  return base != NULL && base->is_cut_off;
}

IceTransport
ice_base_get_transport (const IceBase *self)
{
  switch (self->kind)
    {
    case ICE_BASE_TCP_LISTEN:
      return self->is_so ? ICE_TRANSPORT_TCP_SO : ICE_TRANSPORT_TCP_PASSIVE;
    case ICE_BASE_TCP_CONNECT:
      return ICE_TRANSPORT_TCP_ACTIVE;
    case ICE_BASE_TCP_SO:
      return ICE_TRANSPORT_TCP_SO;
    case ICE_BASE_UDP:
    case ICE_BASE_RELAY:
    case ICE_BASE_SERVER:
      return ICE_TRANSPORT_UDP;
    }
  g_assert_not_reached ();
}

gboolean
ice_base_is_stream (const IceBase *self)
{
  return self->kind != ICE_BASE_UDP && self->kind != ICE_BASE_RELAY;
}

void
ice_base_release_pair (IcePair *pair)
{
  IceSession *session = pair->component->stream->session;
  const IcePair *selected = pair->component->selected;

  if (pair->local->value.transport == ICE_TRANSPORT_UDP)
    return;
  for (guint i = session->bases.len; i > 0; i--)
    {
      IceBase *base = ice_list_get (&session->bases, i - 1);

      if (base->pair != pair)
        continue;
      base->pair = NULL;
      /* RFC 6544 9.2: it carries media until another pair is selected. The selected pair
       * need not be the one that opened it, but what the peer saw of that. */
      if (selected == NULL || selected->base != base->id)
        ice_base_drop (base);
    }
}
