/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two engines on a wire. The input lets time pass, loses packets, forges messages that
 * carry the right password, and calls everything in any order. Whatever it does, nothing
 * aborts, polls come to an end, no deadline lies behind, and nothing outgrows its limit.
 */
#include "config.h"

#include "fuzz.h"
#include "ice-wire.h"
#include "ice/model.h" /* the limits, and nothing else of it */
#include "stun/attributes.h"
#include "stun/fingerprint.h"
#include "stun/integrity.h"

#define MAX_OPERATIONS 200
#define SERVER 9 /* 10.0.0.9 */

typedef struct
{
  const guint8 *data;
  gsize size;
} Input;

typedef struct
{
  IceWire wire;
  Input input;
  guint8 loss;
  guint8 last_id[12]; /* of the last request that anybody sent */
  gboolean late;      /* some bases take their time */
  IceBaseRequest pending;
  IceWireEnd *pending_end; /* whose request that is, NULL: none */
} World;

static guint8
take (Input *input)
{
  if (input->size == 0)
    return 0;
  input->size--;
  return *input->data++;
}

static gboolean
lose (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  World *world = data;

  if (transmit->size >= 20 && (transmit->data[0] | transmit->data[1]) == 1)
    memcpy (world->last_id, transmit->data + 8, sizeof world->last_id);
  world->loss = world->loss >> 1 | world->loss << 7;
  return world->loss & 1;
}

static gboolean
answer_need (IceWireEnd *end, const IceBaseRequest *request)
{
  World *world = (World *)end->wire;
  IceBaseResult result = { .local = request->local };

  if (world->late && world->pending_end == NULL && request->id % 3 == 1)
    {
      world->pending = *request;
      world->pending_end = end;
      return TRUE;
    }
  if (request->kind != ICE_BASE_RELAY)
    return FALSE;
  nice_address_init (&result.mapped);
  nice_address_set_port (&result.local, 1000 + request->id);
  if (request->id % 3 == 0)
    result.error = ICE_REASON_TIMEOUT;
  else
    g_hash_table_insert (end->bases, GUINT_TO_POINTER (request->id),
                         g_memdup2 (&result.local, sizeof result.local));
  ice_engine_handle_base (end->engine, request->id, &result, end->wire->now);
  return TRUE;
}

static void
take_address (Input *input, NiceAddress *address)
{
  guint8 host = take (input);

  nice_address_init (address);
  if (host & 0x80)
    g_assert_true (nice_address_set_from_string (address, "2001:db8::1"));
  else
    nice_address_set_ipv4 (address, 0x0a000000 + (host & 0x40 ? SERVER : host & 3));
  nice_address_set_port (address, host & 0x40 ? 3478 : 1000 + take (input) % 8);
}

static void
take_candidate (Input *input, IceCandidate *candidate)
{
  memset (candidate, 0, sizeof *candidate);
  take_address (input, &candidate->addr);
  nice_address_init (&candidate->base_addr);
  nice_address_init (&candidate->server);
  candidate->type = take (input) % 4;
  candidate->transport = take (input) % 4;
  candidate->priority = (guint32)take (input) << 24 | take (input);
  candidate->foundation[0] = 'a' + take (input) % 4;
}

/* --- messages with the right password --- */

static void
write_attributes (Input *input, StunWriter *writer, guint8 flags)
{
  NiceAddress mapped;

  if (flags & 1)
    stun_attr_write_u32 (writer, STUN_ATTR_PRIORITY, (guint32)take (input) << 23);
  if (flags & 2)
    stun_attr_write_flag (writer, STUN_ATTR_USE_CANDIDATE);
  if (flags & 4)
    stun_attr_write_u64 (writer, STUN_ATTR_ICE_CONTROLLING, (guint64)take (input) << 56);
  if (flags & 8)
    stun_attr_write_u64 (writer, STUN_ATTR_ICE_CONTROLLED, (guint64)take (input) << 56);
  if (flags & 16)
    stun_attr_write_u32 (writer, STUN_ATTR_NOMINATION, take (input));
  if (flags & 32)
    {
      take_address (input, &mapped);
      stun_attr_write_xor_address (writer, STUN_ATTR_XOR_MAPPED_ADDRESS,
                                   (const StunAddress *)&mapped);
    }
  if (flags & 64)
    stun_attr_write_error (writer, 300 + take (input) % 200, NULL);
  if (flags & 128)
    stun_attr_write_u32 (writer, take (input), take (input));
}

static void
forge (World *world, IceWireEnd *end, guint stream_id)
{
  Input *input = &world->input;
  IceWireEnd *other = &world->wire.ends[end == &world->wire.ends[0]];
  StunWireClass klass = take (input) % 4;
  const gchar *ufrag, *pwd;
  g_autofree gchar *username = NULL;
  g_auto (StunHmac) key = { 0 };
  guint8 buffer[300];
  StunWriter writer;
  NiceAddress from;

  /* A request is signed for its receiver, an answer by its sender. */
  if (!ice_engine_get_local_credentials (
          (klass == STUN_CLASS_REQUEST ? end : other)->engine, stream_id, &ufrag, &pwd))
    return;
  username = g_strconcat (ufrag, ":x", NULL);
  stun_hmac_init (&key, STUN_HMAC_SHA1, pwd, strlen (pwd));
  stun_writer_init (&writer, buffer, sizeof buffer, klass, STUN_METHOD_BINDING,
                    world->last_id);
  write_attributes (input, &writer, take (input));
  stun_attr_write_string (&writer, STUN_ATTR_USERNAME, username);
  stun_integrity_write (&writer, &key);
  stun_fingerprint_write (&writer);
  take_address (input, &from);
  ice_engine_handle_packet (end->engine, 1 + take (input) % 8, &from, buffer,
                            stun_writer_end (&writer), world->wire.now);
}

static void
feed_raw (World *world, IceWireEnd *end)
{
  Input *input = &world->input;
  gsize size = take (input);
  g_autofree guint8 *copy = NULL;
  NiceAddress from;

  size = MIN (size, input->size);
  copy = g_malloc (size + 1);
  memcpy (copy, input->data, size);
  input->data += size;
  input->size -= size;
  take_address (input, &from);
  ice_engine_handle_packet (end->engine, 1 + take (input) % 8, &from, copy, size,
                            world->wire.now);
}

/* --- calls --- */

static void
reconfigure (World *world, IceWireEnd *end)
{
  guint8 flags = take (&world->input);
  IceConfig config;

  ice_config_init (&config);
  config.controlling = flags & 1;
  config.renomination = flags >> 1 & 1;
  config.consent = flags >> 2 & 1;
  config.trickle = flags >> 3 & 1;
  config.keepalive_check = flags >> 4 & 1;
  config.max_pairs = flags >> 5;
  config.data_before_nomination = flags >> 7;
  config.free_candidates = flags >> 6 & 1;
  ice_engine_set_config (end->engine, &config, world->wire.now);
}

static void
change_servers (World *world, IceWireEnd *end, guint stream_id)
{
  IceServer server = { .kind = take (&world->input) % 8,
                       .host = take (&world->input) & 1 ? "10.0.0.9" : "name",
                       .port = 3478,
                       .username = "u",
                       .password = "p" };
  IceTarget target;

  ice_engine_add_server (end->engine, stream_id, stream_id != 0, &server,
                         world->wire.now);
  take_address (&world->input, &target.address);
  target.kind = take (&world->input) % 8;
  ice_engine_handle_addresses (end->engine, take (&world->input) % 4, &target,
                               take (&world->input) & 1, take (&world->input) & 1,
                               world->wire.now);
  if (take (&world->input) & 1)
    ice_engine_forget_relays (end->engine, stream_id, 1, world->wire.now);
}

static void
select_something (World *world, IceWireEnd *end, guint stream_id)
{
  IceCandidate candidate;

  take_candidate (&world->input, &candidate);
  if (candidate.priority & 1)
    ice_engine_select_remote (end->engine, stream_id, 1, &candidate, world->wire.now);
  else
    ice_engine_select_pair (end->engine, stream_id, 1, "1", candidate.foundation,
                            world->wire.now);
}

static void
break_base (World *world, IceWireEnd *end)
{
  IceBaseId base = 1 + take (&world->input) % 8;
  NiceAddress to;

  take_address (&world->input, &to);
  if (take (&world->input) & 1)
    ice_engine_handle_base_error (end->engine, base, &to, ICE_REASON_REFUSED,
                                  world->wire.now);
  else
    ice_wire_lose_base (&world->wire, end == &world->wire.ends[1], base);
}

static void
answer_late (World *world)
{
  IceWireEnd *end = world->pending_end;
  IceBaseResult result = { .error = take (&world->input) & 1 ? ICE_REASON_REFUSED
                                                             : ICE_REASON_NONE };

  if (end == NULL)
    return;
  world->pending_end = NULL;
  result.local = world->pending.local;
  nice_address_set_port (&result.local, 1000 + world->pending.id);
  take_address (&world->input, &result.mapped);
  if (result.error == ICE_REASON_NONE)
    g_hash_table_insert (end->bases, GUINT_TO_POINTER (world->pending.id),
                         g_memdup2 (&result.local, sizeof result.local));
  ice_engine_handle_base (end->engine, world->pending.id, &result, world->wire.now);
}

/* A connection from anywhere, as far as the engine wants it. */
static void
accept_connection (World *world, IceWireEnd *end)
{
  IceBaseId listener = 1 + take (&world->input) % 8, accepted;
  NiceAddress from;

  take_address (&world->input, &from);
  accepted = ice_engine_handle_accept (end->engine, listener, &from, world->wire.now);
  if (accepted != 0)
    g_hash_table_insert (end->bases, GUINT_TO_POINTER (accepted),
                         g_memdup2 (&from, sizeof from));
}

/* More candidates than anybody has. */
static void
flood (World *world, IceWireEnd *end, guint stream_id)
{
  IceCandidate candidates[128];
  guint8 first = take (&world->input);

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      IceCandidate *candidate = &candidates[i];

      memset (candidate, 0, sizeof *candidate);
      nice_address_init (&candidate->addr);
      nice_address_set_ipv4 (&candidate->addr, 0x0a010000 + (first << 8) + i);
      nice_address_set_port (&candidate->addr, 1000);
      nice_address_init (&candidate->base_addr);
      nice_address_init (&candidate->server);
      candidate->priority = 1 + i * first;
      candidate->foundation[0] = 'a' + i % 26;
    }
  ice_engine_add_remote_candidates (end->engine, stream_id, 1, candidates,
                                    G_N_ELEMENTS (candidates), world->wire.now);
}

/* A candidate behind one of a few names, and an answer about any of them. */
static void
tell_name (World *world, IceWireEnd *end, guint stream_id)
{
  Input *input = &world->input;
  const gchar name[] = { 'a' + take (input) % 40, '\0' };
  gint64 now = world->wire.now;
  guint id = take (input) % 32;
  gboolean is_known = id & 1;
  IceCandidate candidate;

  take_candidate (input, &candidate);
  ice_engine_add_remote_name (end->engine, stream_id, 1 + take (input) % 3, &candidate,
                              name, now);
  take_address (input, &candidate.addr);
  ice_engine_get_name (end->engine, id);
  ice_engine_handle_name (end->engine, id, is_known ? &candidate.addr : NULL, now);
}

/* What changes little, and what only asks. */
static void
tell_and_ask (World *world, IceWireEnd *end, guint stream_id)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  gint64 now = world->wire.now;
  guint8 what = take (&world->input);
  IceCandidate local, remote;

  ice_engine_get_pairs (end->engine, stream_id, 1, pairs);
  ice_engine_get_selected_pair (end->engine, stream_id, 1, &local, &remote);
  if (what & 32)
    tell_name (world, end, stream_id);
  switch (what & 3)
    {
    case 0:
      ice_engine_note_traffic (end->engine, stream_id, 1 + (what >> 2 & 1), what & 8,
                               what & 16, now);
      break;
    case 1:
      ice_engine_fail_component (end->engine, stream_id, 1 + (what >> 2 & 1),
                                 ICE_REASON_BASE_LOST, now);
      break;
    case 2:
      ice_engine_set_port_range (end->engine, stream_id, 1, what, 2 * what);
      break;
    case 3:
      ice_engine_set_remote_credentials (end->engine, stream_id,
                                         what & 4 ? "abcd" : "efgh", "password", now);
      break;
    }
}

static void
call_rarer (World *world, IceWireEnd *end, guint stream_id, guint what)
{
  switch (what)
    {
    case 0:
      tell_and_ask (world, end, stream_id);
      break;
    case 1:
      answer_late (world);
      break;
    case 2:
      accept_connection (world, end);
      break;
    case 3:
      flood (world, end, stream_id);
      break;
    }
}

static void
call (World *world, IceWireEnd *end, guint stream_id)
{
  Input *input = &world->input;
  gint64 now = world->wire.now;
  guint what = take (input) % 16;
  IceCandidate candidate;

  if (what >= 12)
    {
      call_rarer (world, end, stream_id, what - 12);
      return;
    }
  switch (what)
    {
    case 0:
      ice_engine_restart_stream (end->engine, stream_id, now);
      break;
    case 1:
      take_candidate (input, &candidate);
      ice_engine_add_remote_candidates (end->engine, stream_id, 1 + take (input) % 3,
                                        &candidate, 1, now);
      break;
    case 2:
      ice_engine_end_of_remote_candidates (end->engine, stream_id, now);
      break;
    case 3:
      ice_engine_revoke_consent (end->engine, stream_id, 1, now);
      break;
    case 4:
      ice_engine_remove_stream (end->engine, stream_id, now);
      break;
    case 5:
      take_address (input, &candidate.addr);
      ice_engine_gather (end->engine, stream_id, &candidate.addr, 1, now);
      break;
    case 6:
      ice_engine_add_stream (end->engine, 1 + take (input) % 2, now);
      break;
    case 7:
      reconfigure (world, end);
      break;
    case 8:
      change_servers (world, end, stream_id);
      break;
    case 9:
      select_something (world, end, stream_id);
      break;
    case 10:
      break_base (world, end);
      break;
    case 11:
      ice_engine_set_local_credentials (end->engine, stream_id, "abcd", "password", now);
      break;
    }
}

/* --- what holds whatever happened --- */

static guint
count (gboolean (*get) (const IceEngine *, guint, guint, GArray *), gsize size,
       IceWireEnd *end, guint stream_id, guint component_id)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, size);

  get (end->engine, stream_id, component_id, array);
  return array->len;
}

static void
check_limits (IceWireEnd *end, guint stream_id)
{
  guint n_pairs = 0, n_components = ice_engine_get_n_components (end->engine, stream_id);

  for (guint id = 1; id <= n_components; id++)
    {
      /* Two generations at most, while a restart keeps the old selected pair. */
      g_assert_cmpuint (count (ice_engine_get_remote_candidates, sizeof (IceCandidate),
                               end, stream_id, id),
                        <=, 2 * (ICE_MAX_REMOTE_CANDIDATES + ICE_MAX_LEARNED));
      n_pairs += count (ice_engine_get_pairs, sizeof (IcePairInfo), end, stream_id, id);
    }
  /* max_pairs is at most 100 here; triggered and valid ones do not wait. */
  g_assert_cmpuint (n_pairs, <=,
                    100 + ICE_MAX_WAITING_PAIRS
                        + n_components * (ICE_MAX_VALID + 2 * ICE_MAX_LEARNED));
}

static void
operate (World *world)
{
  Input *input = &world->input;
  guint8 what = take (input);
  IceWireEnd *end = &world->wire.ends[what & 1];
  guint stream_id = what >> 1 & 3;

  switch (what >> 3 & 7)
    {
    case 0:
    case 1:
      call (world, end, stream_id);
      break;
    case 2:
      ice_wire_run_until (&world->wire, world->wire.now + take (input) * 20 * MS);
      break;
    case 3:
      world->loss = take (input);
      break;
    case 4:
      ice_wire_swap_candidates (&world->wire, 1);
      break;
    case 5:
      feed_raw (world, end);
      break;
    case 6:
    case 7:
      forge (world, end, stream_id);
      break;
    }
  ice_wire_drain (&world->wire);
  g_assert_cmpint (ice_engine_get_deadline (end->engine), >=, world->wire.now);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  World world = { .input = { data, size } };
  IceConfig a, b;
  guint8 setup;

  setup = take (&world.input);
  ice_wire_make_configs (&a, &b, setup & 1);
  a.ice_tcp = b.ice_tcp = setup >> 1 & 1;
  b.controlling = setup >> 2 & 1;
  b.lite = setup >> 3 & 1;
  a.consent = b.consent = setup >> 4 & 1;
  if (setup >> 7 & 1)
    a.dialect = b.dialect = take (&world.input) % (ICE_DIALECT_OC2007R2 + 1);
  ice_wire_init (&world.wire, &a, &b, 10 * MS);
  world.wire.filter = lose;
  world.wire.filter_data = &world;
  world.wire.need = answer_need;
  world.late = setup >> 6 & 1;
  ice_wire_gather (&world.wire, ice_wire_add_stream (&world.wire, 2));
  if (setup >> 5 & 1)
    ice_wire_swap_credentials (&world.wire, 1);
  for (guint i = 0; i < MAX_OPERATIONS && world.input.size > 0; i++)
    operate (&world);
  world.loss = 0;
  for (guint stream_id = 1; stream_id < 4; stream_id++)
    for (guint i = 0; i < 2; i++)
      check_limits (&world.wire.ends[i], stream_id);
  ice_wire_run_until (&world.wire, world.wire.now + 100 * SECOND);
  ice_wire_clear (&world.wire);
  return 0;
}
