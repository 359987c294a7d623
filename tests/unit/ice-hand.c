/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One engine and a peer by hand, in virtual time. */
#include "config.h"

#include "ice-hand.h"

#include "stun/fingerprint.h"
#include "stun/integrity.h"

static void
make_random (gpointer data, guint8 *dest, gsize len)
{
  IceHand *self = data;

  if (self->dice != 0 && len == sizeof (guint32))
    {
      memset (dest, self->dice, len);
      return;
    }
  for (gsize i = 0; i < len; i++)
    {
      self->random = self->random * G_GUINT64_CONSTANT (6364136223846793005) + 1442695041;
      dest[i] = self->random >> 56;
    }
}

static gint64
take_slot (gpointer data, gint64 now)
{
  IceHand *self = data;
  gint64 slot = now;

  if (self->next_slot != NULL)
    {
      slot = MAX (now, *self->next_slot);
      *self->next_slot = slot + 5 * MS;
    }
  return slot;
}

NiceAddress
ice_hand_address (guint8 host, guint16 port)
{
  NiceAddress address;

  nice_address_init (&address);
  nice_address_set_ipv4 (&address, 0x0a000000 + host);
  nice_address_set_port (&address, port);
  return address;
}

NiceAddress
ice_hand_local (IceBaseId base)
{
  NiceAddress address;

  nice_address_init (&address);
  nice_address_set_ipv4 (&address, 0x0a000001 + ((base - 1) << 8));
  nice_address_set_port (&address, 1000 + base);
  return address;
}

void
ice_hand_make_config (IceConfig *config)
{
  ice_config_init (config);
  config->nomination = ICE_NOMINATION_REGULAR;
  config->ice_tcp = FALSE;
}

void
ice_hand_init (IceHand *self, const IceConfig *config, guint n_components,
               guint n_addresses)
{
  IceEnv env = { .random = make_random, .take_slot = take_slot, .data = self };
  IceConfig usual;
  NiceAddress addresses[4];

  *self = (IceHand) { .random = 1 };
  self->candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
  self->needs = g_array_new (FALSE, FALSE, sizeof (IceBaseRequest));
  self->dropped = g_array_new (FALSE, FALSE, sizeof (IceBaseId));
  self->names = g_array_new (FALSE, FALSE, sizeof (guint));
  self->permissions = g_array_new (FALSE, FALSE, sizeof (NiceAddress));
  self->paths = g_array_new (FALSE, FALSE, sizeof (IceEvent));
  self->states = g_string_new (NULL);
  ice_hand_make_config (&usual);
  self->engine = ice_engine_new (config != NULL ? config : &usual, &env, 0);
  ice_engine_add_stream (self->engine, n_components, 0);
  for (guint i = 0; i < n_addresses; i++)
    addresses[i] = ice_hand_local (i + 1);
  ice_engine_gather (self->engine, 1, addresses, n_addresses, 0);
  ice_engine_set_remote_credentials (self->engine, 1, HAND_UFRAG, HAND_PWD, 0);
  ice_hand_drain (self);
}

void
ice_hand_begin (IceHand *self, const IceConfig *config, const NiceAddress *candidate)
{
  ice_hand_init (self, config, 1, 1);
  ice_hand_signal (self, 1, candidate, HAND_PRIORITY, "1");
}

void
ice_hand_clear (IceHand *self)
{
  g_queue_clear_full (&self->sent, g_free);
  g_array_unref (self->candidates);
  g_array_unref (self->needs);
  g_array_unref (self->dropped);
  g_array_unref (self->names);
  g_array_unref (self->permissions);
  g_array_unref (self->paths);
  g_string_free (self->states, TRUE);
  ice_engine_free (self->engine);
}

/* --- what the engine does --- */

static void
answer_need (IceHand *self, const IceBaseRequest *request)
{
  IceBaseResult result = { .local = request->local };

  nice_address_set_port (&result.local, 1000 + request->id);
  if (request->kind != ICE_BASE_UDP)
    {
      g_array_append_val (self->needs, *request);
      return;
    }
  nice_address_init (&result.mapped);
  ice_engine_handle_base (self->engine, request->id, &result, self->now);
}

static void
forget_name (IceHand *self, guint name)
{
  for (guint i = 0; i < self->names->len; i++)
    if (g_array_index (self->names, guint, i) == name)
      {
        g_array_remove_index (self->names, i);
        return;
      }
  g_assert_not_reached ();
}

static void
handle_event (IceHand *self, const IceEvent *event)
{
  static const gchar *const names[] = { "disconnected", "gathering", "connecting",
                                        "connected",    "ready",     "failed" };

  if (event->type == ICE_EVENT_NEED_BASE)
    answer_need (self, &event->need_base);
  else if (event->type == ICE_EVENT_DROP_BASE)
    g_array_append_val (self->dropped, event->base);
  else if (event->type == ICE_EVENT_NEED_NAME)
    g_array_append_val (self->names, event->name);
  else if (event->type == ICE_EVENT_DROP_NAME)
    forget_name (self, event->name);
  else if (event->type == ICE_EVENT_GATHERING_DONE)
    self->gathered_at = self->now;
  else if (event->type == ICE_EVENT_NEED_PERMISSION)
    g_array_append_val (self->permissions, event->path.remote);
  else if (event->type == ICE_EVENT_VALID_PATH)
    g_array_append_val (self->paths, *event);
  else if (event->type == ICE_EVENT_LOCAL_CANDIDATE)
    g_array_append_val (self->candidates, event->candidate);
  else if (event->type == ICE_EVENT_COMPONENT_STATE)
    g_string_append_printf (self->states, "%u.%u %s\n", event->stream_id,
                            event->component_id, names[event->state.state]);
}

static void
keep (IceHand *self, const IceTransmit *transmit)
{
  IceHandMessage *message = g_new (IceHandMessage, 1);

  g_assert_cmpuint (transmit->size, <=, sizeof message->data);
  message->when = self->now;
  message->base = transmit->base;
  message->to = transmit->to;
  message->size = transmit->size;
  memcpy (message->data, transmit->data, transmit->size);
  g_assert_cmpint (
      stun_view_parse (&message->view, message->data, message->size, STUN_WIRE_NORMAL),
      ==, STUN_RULE_KEPT);
  g_queue_push_tail (&self->sent, message);
}

void
ice_hand_drain (IceHand *self)
{
  IceTransmit transmit;
  IceEvent event;
  gboolean more;

  do
    {
      more = FALSE;
      while (ice_engine_poll_transmit (self->engine, &transmit))
        keep (self, &transmit);
      while (ice_engine_poll_event (self->engine, &event))
        {
          handle_event (self, &event);
          more = TRUE;
        }
    }
  while (more);
}

void
ice_hand_run_until (IceHand *self, gint64 time)
{
  gint64 next;

  while ((next = ice_engine_get_deadline (self->engine)) <= time)
    {
      g_assert_cmpint (next, >=, self->now);
      self->now = next;
      ice_engine_handle_timeout (self->engine, next);
      ice_hand_drain (self);
    }
  self->now = time;
}

IceHandMessage *
ice_hand_take (IceHand *self, StunWireClass klass)
{
  for (GList *item = self->sent.head; item != NULL; item = item->next)
    {
      IceHandMessage *message = item->data;

      if (message->view.klass != klass)
        continue;
      g_queue_delete_link (&self->sent, item);
      return message;
    }
  return NULL;
}

IceHandMessage *
ice_hand_take_request (IceHand *self)
{
  IceHandMessage *request = ice_hand_take (self, STUN_CLASS_REQUEST);

  g_assert_nonnull (request);
  return request;
}

guint
ice_hand_take_answer (IceHand *self)
{
  g_autofree IceHandMessage *success = ice_hand_take (self, STUN_CLASS_SUCCESS);
  g_autofree IceHandMessage *failure = NULL;
  StunErrorValue error;

  if (success != NULL)
    return 0;
  failure = ice_hand_take (self, STUN_CLASS_ERROR);
  g_assert_nonnull (failure);
  g_assert_cmpint (stun_attr_read_error (&failure->view, &error), ==, STUN_RULE_KEPT);
  return error.code;
}

/* --- what the peer does --- */

void
ice_hand_signal (IceHand *self, guint component_id, const NiceAddress *addr,
                 guint32 priority, const gchar *foundation)
{
  IceCandidate candidate = {
    .type = ICE_CANDIDATE_HOST, .priority = priority, .addr = *addr, .base_addr = *addr
  };

  nice_address_init (&candidate.server);
  g_strlcpy (candidate.foundation, foundation, sizeof candidate.foundation);
  ice_engine_add_remote_candidates (self->engine, 1, component_id, &candidate, 1,
                                    self->now);
  ice_hand_drain (self);
}

gboolean
ice_hand_signal_name (IceHand *self, guint component_id, const gchar *name, guint16 port)
{
  IceCandidate candidate = { .type = ICE_CANDIDATE_HOST,
                             .priority = HAND_PRIORITY,
                             .foundation = "1" };
  gboolean taken;

  nice_address_init (&candidate.base_addr);
  nice_address_init (&candidate.server);
  nice_address_init (&candidate.addr);
  nice_address_set_ipv4 (&candidate.addr, 0);
  nice_address_set_port (&candidate.addr, port);
  taken = ice_engine_add_remote_name (self->engine, 1, component_id, &candidate, name,
                                      self->now);
  ice_hand_drain (self);
  return taken;
}

void
ice_hand_answer_name (IceHand *self, const NiceAddress *address)
{
  const guint name = g_array_index (self->names, guint, 0);

  forget_name (self, name);
  ice_engine_handle_name (self->engine, name, address, self->now);
  ice_hand_drain (self);
}

static void
deliver (IceHand *self, IceBaseId base, const NiceAddress *from, StunWriter *writer,
         const gchar *pwd)
{
  StunHmac key = { 0 };

  stun_hmac_init (&key, STUN_HMAC_SHA1, pwd, strlen (pwd));
  stun_integrity_write (writer, &key);
  stun_hmac_clear (&key);
  stun_fingerprint_write (writer);
  ice_engine_handle_packet (self->engine, base, from, writer->data,
                            stun_writer_end (writer), self->now);
  ice_hand_drain (self);
}

void
ice_hand_check (IceHand *self, const IceHandCheck *check)
{
  const guint8 id[STUN_TRANSACTION_ID_SIZE] = { 'h', 'a', 'n', 'd', ++self->n_checks };
  g_autofree gchar *username = NULL;
  const gchar *ufrag, *pwd;
  guint8 buffer[256];
  StunWriter writer;

  ice_engine_get_local_credentials (self->engine, 1, &ufrag, &pwd);
  username =
      g_strconcat (check->ufrag != NULL ? check->ufrag : ufrag, ":" HAND_UFRAG, NULL);
  stun_writer_init (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST,
                    STUN_METHOD_BINDING, id);
  stun_attr_write_string (&writer, STUN_ATTR_USERNAME, username);
  stun_attr_write_u32 (&writer, STUN_ATTR_PRIORITY, check->priority);
  if (check->role != ICE_HAND_NO_ROLE)
    stun_attr_write_u64 (&writer,
                         check->role == ICE_HAND_CONTROLLING ? STUN_ATTR_ICE_CONTROLLING
                                                             : STUN_ATTR_ICE_CONTROLLED,
                         check->tie_breaker);
  if (check->use_candidate)
    stun_attr_write_flag (&writer, STUN_ATTR_USE_CANDIDATE);
  deliver (self, check->base != 0 ? check->base : 1, &check->from, &writer,
           check->pwd != NULL ? check->pwd : pwd);
}

void
ice_hand_answer (IceHand *self, const IceHandMessage *request,
                 const IceHandAnswer *answer)
{
  const NiceAddress *from =
      nice_address_is_valid (&answer->from) ? &answer->from : &request->to;
  guint8 buffer[256];
  StunWriter writer;

  stun_writer_init_reply (&writer, buffer, sizeof buffer,
                          answer->code == 0 ? STUN_CLASS_SUCCESS : STUN_CLASS_ERROR,
                          &request->view);
  if (answer->code == 0)
    stun_attr_write_xor_address (&writer, STUN_ATTR_XOR_MAPPED_ADDRESS,
                                 (const StunAddress *)&answer->mapped);
  else
    stun_attr_write_error (&writer, answer->code, NULL);
  if (nice_address_is_valid (&answer->alternate))
    stun_attr_write_address (&writer, STUN_ATTR_ALTERNATE_SERVER,
                             (const StunAddress *)&answer->alternate);
  deliver (self, answer->base != 0 ? answer->base : request->base, from, &writer,
           answer->forged ? "somebody else's" : HAND_PWD);
}

void
ice_hand_accept (IceHand *self, const IceHandMessage *request)
{
  IceHandAnswer answer = { .mapped = ice_hand_local (request->base) };

  ice_hand_answer (self, request, &answer);
}

/* --- questions --- */

IcePairInfo
ice_hand_get_pair (IceHand *self, guint component_id, IceBaseId base, NiceAddress remote)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));

  ice_engine_get_pairs (self->engine, 1, component_id, pairs);
  for (guint i = 0; i < pairs->len; i++)
    {
      const IcePairInfo *pair = &g_array_index (pairs, IcePairInfo, i);

      if (pair->local.base == base && nice_address_equal (&pair->remote.addr, &remote))
        return *pair;
    }
  g_assert_not_reached ();
}

gboolean
ice_hand_hears (IceHand *self, IceBaseId base, NiceAddress remote)
{
  for (guint i = self->paths->len; i > 0; i--)
    {
      const IceEvent *told = &g_array_index (self->paths, IceEvent, i - 1);

      if (told->path.base == base && nice_address_equal (&told->path.remote, &remote))
        return told->path.valid;
    }
  return FALSE;
}

guint
ice_hand_count_pairs (IceHand *self, guint component_id)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));

  ice_engine_get_pairs (self->engine, 1, component_id, pairs);
  return pairs->len;
}
