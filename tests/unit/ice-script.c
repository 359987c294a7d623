/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The peer by hand: writes checks and answers, keeps what the engine says. */
#include "config.h"

#include "ice-script.h"

#include "stun/attributes.h"
#include "stun/fingerprint.h"

#define PEER_UFRAG "peer"
#define PEER_PWD "the-password-of-the-peer"
#define HOST_PRIORITY 1862270975u /* 110 << 24 | 65535 << 8 | 255 */

static void
make_random (gpointer data, guint8 *dest, gsize len)
{
  IceScript *self = data;

  for (gsize i = 0; i < len; i++)
    {
      self->random = self->random * G_GUINT64_CONSTANT (6364136223846793005) + 1442695041;
      dest[i] = self->random >> 56;
    }
}

static NiceAddress
make_address (guint32 ip, guint16 port)
{
  NiceAddress address;

  nice_address_init (&address);
  nice_address_set_ipv4 (&address, ip);
  nice_address_set_port (&address, port);
  return address;
}

NiceAddress
ice_script_address (guint8 host, guint16 port)
{
  return make_address (0x0a000100u + host, port);
}

static void
learn_credentials (IceScript *self)
{
  const gchar *ufrag, *pwd;

  ice_engine_get_local_credentials (self->engine, 1, &ufrag, &pwd);
  g_free (self->ufrag);
  self->ufrag = g_strdup (ufrag);
  stun_hmac_clear (&self->own_key);
  stun_hmac_init (&self->own_key, STUN_HMAC_SHA1, pwd, strlen (pwd));
}

void
ice_script_init (IceScript *self, const IceConfig *config, guint n_addresses)
{
  IceEnv env = { .random = make_random, .data = self };
  IceConfig plain;
  NiceAddress addresses[8];

  memset (self, 0, sizeof *self);
  self->random = 7;
  self->sent = g_ptr_array_new_with_free_func (g_free);
  self->events = g_array_new (FALSE, FALSE, sizeof (IceScriptEvent));
  if (config == NULL)
    {
      ice_config_init (&plain);
      plain.ice_tcp = plain.controlling = FALSE;
      plain.nomination = ICE_NOMINATION_REGULAR;
      config = &plain;
    }
  self->engine = ice_engine_new (config, &env, 0);
  ice_engine_add_stream (self->engine, 1, 0);
  for (guint i = 0; i < n_addresses; i++)
    addresses[i] = make_address (0x0a000001u + i, 0);
  ice_engine_gather (self->engine, 1, addresses, n_addresses, 0);
  ice_script_drain (self);
  stun_hmac_init (&self->peer_key, STUN_HMAC_SHA1, PEER_PWD, strlen (PEER_PWD));
  ice_engine_set_remote_credentials (self->engine, 1, PEER_UFRAG, PEER_PWD, 0);
  learn_credentials (self);
  ice_script_drain (self);
}

void
ice_script_clear (IceScript *self)
{
  ice_engine_free (self->engine);
  g_ptr_array_unref (self->sent);
  g_array_unref (self->events);
  g_free (self->ufrag);
  stun_hmac_clear (&self->own_key);
  stun_hmac_clear (&self->peer_key);
}

static void
answer_need (IceScript *self, const IceBaseRequest *request)
{
  IceBaseResult result = { .error = ICE_REASON_NONE, .local = request->local };

  nice_address_init (&result.mapped);
  nice_address_set_port (&result.local, 1000 + request->id);
  ice_engine_handle_base (self->engine, request->id, &result, self->now);
}

void
ice_script_drain (IceScript *self)
{
  IceTransmit message;
  IceScriptEvent record;
  gboolean more;

  do
    {
      more = FALSE;
      while (ice_engine_poll_transmit (self->engine, &message))
        {
          IceScriptSent *sent = g_new0 (IceScriptSent, 1);

          *sent = (IceScriptSent) { .when = self->now,
                                    .base = message.base,
                                    .to = message.to,
                                    .size = message.size };
          memcpy (sent->data, message.data, message.size);
          g_ptr_array_add (self->sent, sent);
        }
      while (ice_engine_poll_event (self->engine, &record.event))
        {
          record.when = self->now;
          g_array_append_val (self->events, record);
          if (record.event.type == ICE_EVENT_NEED_BASE)
            answer_need (self, &record.event.need_base);
          more = TRUE;
        }
    }
  while (more);
}

void
ice_script_run_until (IceScript *self, gint64 time)
{
  gint64 next;

  while ((next = ice_engine_get_deadline (self->engine)) <= time)
    {
      g_assert_cmpint (next, >=, self->now);
      self->now = next;
      ice_engine_handle_timeout (self->engine, next);
      ice_script_drain (self);
    }
  self->now = time;
}

void
ice_script_add_remote (IceScript *self, const NiceAddress *addr, IceCandidateType type,
                       guint32 priority)
{
  IceCandidate candidate = { .type = type,
                             .transport = ICE_TRANSPORT_UDP,
                             .component_id = 1,
                             .priority = priority,
                             .addr = *addr };

  nice_address_init (&candidate.base_addr);
  nice_address_init (&candidate.server);
  g_snprintf (candidate.foundation, ICE_FOUNDATION_SIZE, "%x",
              ntohl (addr->s.ip4.sin_addr.s_addr));
  ice_engine_add_remote_candidates (self->engine, 1, 1, &candidate, 1, self->now);
  ice_script_drain (self);
}

/* --- checks of the peer --- */

static void
write_check (IceScript *self, StunWriter *writer, const IceScriptCheck *check)
{
  gboolean controlling = ice_engine_is_controlling (self->engine) == check->same_role;
  g_autofree gchar *username = g_strdup_printf (
      "%s:" PEER_UFRAG, check->ufrag != NULL ? check->ufrag : self->ufrag);

  if (check->use_candidate)
    stun_attr_write_flag (writer, STUN_ATTR_USE_CANDIDATE);
  stun_attr_write_u32 (writer, STUN_ATTR_PRIORITY,
                       check->priority != 0 ? check->priority : HOST_PRIORITY);
  stun_attr_write_u64 (writer,
                       controlling ? STUN_ATTR_ICE_CONTROLLING : STUN_ATTR_ICE_CONTROLLED,
                       check->tie_breaker != 0 ? check->tie_breaker : G_MAXUINT64);
  if (check->nomination != 0)
    stun_attr_write_u32 (writer, STUN_ATTR_NOMINATION, check->nomination);
  if (check->extra != 0)
    stun_attr_write_flag (writer, check->extra);
  stun_attr_write_string (writer, STUN_ATTR_USERNAME, username);
  stun_integrity_write (writer, &self->own_key);
  stun_fingerprint_write (writer);
}

static void
make_id (IceScript *self, guint32 number, guint8 *id)
{
  memset (id, 0x55, STUN_TRANSACTION_ID_SIZE);
  stun_store32 (id, number != 0 ? number : 0x80000000u + ++self->next_id);
}

static gint
get_code (const IceScriptSent *sent)
{
  StunErrorValue error;
  StunView view;

  g_assert_cmpint (stun_view_parse (&view, sent->data, sent->size, STUN_WIRE_NORMAL), ==,
                   STUN_RULE_KEPT);
  if (view.klass == STUN_CLASS_SUCCESS)
    return 0;
  g_assert_cmpint (stun_attr_read_error (&view, &error), ==, STUN_RULE_KEPT);
  return error.code;
}

gint
ice_script_check (IceScript *self, const NiceAddress *from, const IceScriptCheck *check)
{
  guint8 buffer[512], id[STUN_TRANSACTION_ID_SIZE];
  guint before = self->sent->len;
  StunWriter writer;

  make_id (self, check->id, id);
  stun_writer_init (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST,
                    STUN_METHOD_BINDING, id);
  write_check (self, &writer, check);
  ice_engine_handle_packet (self->engine,
                            check->base != 0 ? check->base : ICE_SCRIPT_BASE, from,
                            buffer, stun_writer_end (&writer), self->now);
  ice_script_drain (self);
  for (guint i = before; i < self->sent->len; i++)
    {
      const IceScriptSent *sent = g_ptr_array_index (self->sent, i);

      if (memcmp (sent->data + 8, id, sizeof id) == 0)
        return get_code (sent);
    }
  return -1;
}

/* --- checks of the engine --- */

static gboolean
is_request_to (const IceScriptSent *sent, const NiceAddress *to)
{
  return sent->data[0] == 0 && sent->data[1] == 1 && nice_address_equal (&sent->to, to);
}

const IceScriptSent *
ice_script_last_to (IceScript *self, const NiceAddress *to)
{
  for (guint i = self->sent->len; i > 0; i--)
    if (is_request_to (g_ptr_array_index (self->sent, i - 1), to))
      return g_ptr_array_index (self->sent, i - 1);
  return NULL;
}

guint
ice_script_count_to (IceScript *self, const NiceAddress *to)
{
  guint n = 0;

  for (guint i = 0; i < self->sent->len; i++)
    n += is_request_to (g_ptr_array_index (self->sent, i), to);
  return n;
}

gboolean
ice_script_has_attribute (const IceScriptSent *sent, guint16 type)
{
  StunView view;

  g_assert_cmpint (stun_view_parse (&view, sent->data, sent->size, STUN_WIRE_NORMAL), ==,
                   STUN_RULE_KEPT);
  return stun_view_has (&view, type);
}

void
ice_script_answer_sent (IceScript *self, const IceScriptSent *sent, guint code,
                        const NiceAddress *mapped)
{
  NiceAddress own = make_address (0x0a000000u + sent->base, 1000 + sent->base);
  guint8 buffer[512];
  StunWriter writer;

  stun_writer_init (&writer, buffer, sizeof buffer,
                    code == 0 ? STUN_CLASS_SUCCESS : STUN_CLASS_ERROR,
                    STUN_METHOD_BINDING, sent->data + 8);
  if (code == 0)
    stun_attr_write_xor_address (&writer, STUN_ATTR_XOR_MAPPED_ADDRESS,
                                 (const StunAddress *)(mapped != NULL ? mapped : &own));
  else
    stun_attr_write_error (&writer, code, NULL);
  stun_integrity_write (&writer, &self->peer_key);
  stun_fingerprint_write (&writer);
  ice_engine_handle_packet (self->engine, sent->base, &sent->to, buffer,
                            stun_writer_end (&writer), self->now);
  ice_script_drain (self);
}

void
ice_script_answer (IceScript *self, const NiceAddress *to, guint code,
                   const NiceAddress *mapped)
{
  const IceScriptSent *sent = ice_script_last_to (self, to);

  g_assert_nonnull (sent);
  ice_script_answer_sent (self, sent, code, mapped);
}

/* --- questions --- */

NiceAddress
ice_script_get_selected (IceScript *self)
{
  IceCandidate local, remote;

  if (ice_engine_get_selected_pair (self->engine, 1, 1, &local, &remote))
    return remote.addr;
  nice_address_init (&remote.addr);
  return remote.addr;
}

IceComponentState
ice_script_get_state (IceScript *self)
{
  return ice_engine_get_component_state (self->engine, 1, 1);
}

gint64
ice_script_when (const IceScript *self, IceEventType type)
{
  for (guint i = self->events->len; i > 0; i--)
    {
      const IceScriptEvent *record = &g_array_index (self->events, IceScriptEvent, i - 1);

      if (record->event.type == type)
        return record->when;
    }
  return -1;
}
