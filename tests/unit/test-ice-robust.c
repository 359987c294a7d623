/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever happens, in whatever order: nothing aborts, and when the wire is calm again
 * the two ends agree. A failing seed replays exactly. */
#include "config.h"

#include "ice-wire.h"
#include "stun/fingerprint.h"

#define N_SEEDS 300

typedef struct
{
  GRand *rand;
  guint loss; /* of 100 */
  gboolean mangle;
  IceWire *wire;
  GArray *mangled; /* of GBytes */
} Chaos;

static gboolean
lose (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  Chaos *self = data;

  return (guint)g_rand_int_range (self->rand, 0, 100) < self->loss;
}

static gboolean
agree (IceWire *wire, guint stream_id, guint component_id)
{
  IceCandidate local[2], remote[2];

  for (guint i = 0; i < 2; i++)
    if (ice_wire_get_state (wire, i, stream_id, component_id) != ICE_COMPONENT_READY
        || !ice_engine_get_selected_pair (wire->ends[i].engine, stream_id, component_id,
                                          &local[i], &remote[i]))
      return FALSE;
  return nice_address_equal (&local[0].addr, &remote[1].addr)
         && nice_address_equal (&local[1].addr, &remote[0].addr);
}

static void
restart_both (IceWire *wire, guint id)
{
  for (guint i = 0; i < 2; i++)
    ice_engine_restart_stream (wire->ends[i].engine, id, wire->now);
  ice_wire_drain (wire);
  ice_wire_swap_credentials (wire, id);
  ice_wire_swap_candidates (wire, id);
}

static void
run_seed (guint seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  Chaos self = { .rand = rand };
  IceConfig a, b;
  IceWire wire;
  guint n_components = g_rand_int_range (rand, 1, 4), id;

  ice_wire_make_configs (&a, &b, g_rand_int_range (rand, 0, 2));
  b.nomination = g_rand_int_range (rand, 0, 2);
  a.controlling = g_rand_int_range (rand, 0, 2);
  b.controlling = g_rand_int_range (rand, 0, 2);
  a.consent = b.consent = g_rand_int_range (rand, 0, 2);
  a.max_pairs = g_rand_int_range (rand, 3, 20);
  ice_wire_init (&wire, &a, &b, g_rand_int_range (rand, 0, 200) * MS);
  wire.n_addresses = g_rand_int_range (rand, 1, 4);
  wire.filter = lose;
  wire.filter_data = &self;
  self.loss = g_rand_int_range (rand, 0, 60);
  id = ice_wire_add_stream (&wire, n_components);
  ice_wire_gather (&wire, id);
  if (g_rand_boolean (rand))
    {
      ice_wire_swap_candidates (&wire, id);
      ice_wire_run_until (&wire, g_rand_int_range (rand, 0, 3000) * MS);
      ice_wire_swap_credentials (&wire, id);
    }
  else
    {
      ice_wire_swap_credentials (&wire, id);
      ice_wire_run_until (&wire, g_rand_int_range (rand, 0, 3000) * MS);
      ice_wire_swap_candidates (&wire, id);
    }
  for (guint i = g_rand_int_range (rand, 0, 4); i > 0; i--)
    {
      ice_wire_run_until (&wire, wire.now + g_rand_int_range (rand, 0, 4000) * MS);
      restart_both (&wire, id);
    }
  ice_wire_run_until (&wire, wire.now + 20 * SECOND);
  self.loss = 0;
  ice_wire_run_until (&wire, wire.now + 60 * SECOND);
  for (guint i = 1; i <= n_components; i++)
    if (!agree (&wire, id, i))
      {
        /* Lost beyond recovery, by more than a tenth of the packets: a restart mends it.
         */
        restart_both (&wire, id);
        ice_wire_run_until (&wire, wire.now + 20 * SECOND);
        break;
      }
  for (guint i = 1; i <= n_components; i++)
    if (!agree (&wire, id, i))
      g_error ("seed %u, component %u: no agreement\n%s", seed, i, wire.log->str);
  ice_wire_clear (&wire);
}

static void
test_any_course_ends_in_agreement (void)
{
  const gchar *only = g_getenv ("ICE_SEED");

  if (only != NULL)
    {
      run_seed (g_ascii_strtoull (only, NULL, 10));
      return;
    }
  for (guint seed = 0; seed < N_SEEDS; seed++)
    run_seed (seed);
}

/* --- bytes --- */

/* A forger knows no password but can count: the fingerprint is right again. */
static gsize
sign (guint8 *data, gsize size)
{
  StunWriter writer;

  stun_store16 (data + 2, size - 28);
  stun_writer_resume (&writer, data, size, size - 8, STUN_WIRE_NORMAL);
  stun_fingerprint_write (&writer);
  return stun_writer_end (&writer);
}

static gboolean
mangle (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  Chaos *self = data;
  gsize size = transmit->size;
  g_autofree guint8 *copy = g_memdup2 (transmit->data, size);
  GBytes *bytes;

  for (guint i = g_rand_int_range (self->rand, 1, 4); i > 0; i--)
    copy[g_rand_int_range (self->rand, 20, size - 8)] ^=
        1 << g_rand_int_range (self->rand, 0, 8);
  if (g_rand_boolean (self->rand))
    size = sign (copy, size);
  else
    size = g_rand_int_range (self->rand, 0, size);
  bytes = g_bytes_new (copy, size);
  g_array_append_val (self->mangled, bytes);
  return FALSE;
}

static void
feed (Chaos *self)
{
  IceWire *wire = self->wire;
  NiceAddress from;

  nice_address_init (&from);
  nice_address_set_ipv4 (&from, 0x0a000000 + g_rand_int_range (self->rand, 1, 4));
  nice_address_set_port (&from, g_rand_int_range (self->rand, 1000, 1004));
  for (guint i = 0; i < self->mangled->len; i++)
    {
      GBytes *bytes = g_array_index (self->mangled, GBytes *, i);
      gsize size;
      g_autofree guint8 *data =
          g_memdup2 (g_bytes_get_data (bytes, &size), MAX (1, g_bytes_get_size (bytes)));

      size = g_bytes_get_size (bytes);
      for (guint j = 0; j < 2; j++)
        ice_engine_handle_packet (wire->ends[j].engine,
                                  g_rand_int_range (self->rand, 1, 4), &from, data, size,
                                  wire->now);
      ice_wire_drain (wire);
      g_bytes_unref (bytes);
    }
  g_array_set_size (self->mangled, 0);
}

/* covers ICE-8445-19.2-a: what is not authenticated moves nothing. */
static void
test_mangled_packets_change_nothing (void)
{
  for (guint seed = 0; seed < 50; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (GArray) mangled = g_array_new (FALSE, FALSE, sizeof (GBytes *));
      Chaos self = { .rand = rand, .mangled = mangled };
      IceConfig a, b;
      IceWire wire;

      ice_wire_make_configs (&a, &b, seed & 1);
      a.consent = b.consent = TRUE;
      ice_wire_init (&wire, &a, &b, 10 * MS);
      self.wire = &wire;
      wire.n_addresses = 2;
      wire.filter = mangle;
      wire.filter_data = &self;
      ice_wire_connect (&wire, 2);
      for (guint i = 0; i < 100; i++)
        {
          feed (&self);
          ice_wire_run_until (&wire, wire.now + 100 * MS);
        }
      g_assert_true (agree (&wire, 1, 1));
      g_assert_true (agree (&wire, 1, 2));
      feed (&self);
      ice_wire_clear (&wire);
    }
}

static gboolean
answer_never (IceWireEnd *end, const IceBaseRequest *request)
{
  return TRUE;
}

/* Nothing can be sent from a base that is not there yet. */
static void
test_packets_on_a_pending_base_are_refused (void)
{
  static const guint8 id[STUN_TRANSACTION_ID_SIZE];
  guint8 buffer[64];
  StunWriter writer;
  NiceAddress from;
  IceConfig a, b;
  IceWire wire;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_REGULAR);
  ice_wire_init (&wire, &a, &b, 10 * MS);
  wire.need = answer_never;
  ice_wire_gather (&wire, ice_wire_add_stream (&wire, 1));
  nice_address_init (&from);
  nice_address_set_ipv4 (&from, 0x0a000002);
  nice_address_set_port (&from, 1000);
  stun_writer_init (&writer, buffer, sizeof buffer, STUN_CLASS_REQUEST,
                    STUN_METHOD_BINDING, id);
  stun_fingerprint_write (&writer);
  g_assert_false (ice_engine_handle_packet (wire.ends[0].engine, 1, &from, buffer,
                                            stun_writer_end (&writer), wire.now));
  ice_wire_drain (&wire);
  g_assert_cmpuint (wire.ends[0].n_sent, ==, 0);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/robust/any-course", test_any_course_ends_in_agreement);
  g_test_add_func ("/ice/robust/mangled-packets", test_mangled_packets_change_nothing);
  g_test_add_func ("/ice/robust/pending-base",
                   test_packets_on_a_pending_base_are_refused);
  return g_test_run ();
}
