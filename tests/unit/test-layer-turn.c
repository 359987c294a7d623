/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TURN layer in a chain, against a server that the test plays: runs of ChannelData
 * kept whole, streams in any split, and nothing believed that is not the server's. */
#include "config.h"

#include "socket/layer-turn-bind.h"
#include "socket/layer-turn-stream.h"
#include "socket/layer-turn.h"

#include "count-bench.h"
#include "layer-bench.h"
#include "stun/integrity.h"

typedef struct
{
  NiceChainIo io;
  NiceChain *chain;
  NiceLayer *turn;
  gint64 now;
  guint8 reply[500];
  gsize reply_size;
} Table;

static void
table_clear (Table *self)
{
  g_clear_pointer (&self->chain, nice_chain_free);
  nice_chain_io_clear (&self->io);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  guint8 *counter = data;

  memset (dest, ++*counter, len);
}

static NiceAddress
make_address (const gchar *host, guint port)
{
  NiceAddress address;

  g_assert_true (nice_address_set_from_string (&address, host));
  nice_address_set_port (&address, port);
  return address;
}

/* Takes the request that goes down and begins its answer. */
/* What it says to the server; view lasts as long as that. */
static GBytes *
take_message (Table *self, StunView *view)
{
  GBytes *bytes = bench_take_down (&self->io);

  g_assert_cmpint (
      stun_view_parse (view, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), 0),
      ==, STUN_RULE_KEPT);
  return bytes;
}

static void
begin_reply (Table *self, StunWireClass klass, StunWriter *writer)
{
  StunView view;
  GBytes *request = take_message (self, &view);

  stun_writer_init_reply (writer, self->reply, sizeof self->reply, klass, &view);
  g_bytes_unref (request);
}

static void
sign (StunWriter *writer)
{
  guint8 key[STUN_LONG_TERM_KEY_MAX_SIZE];
  StunHmac hmac;
  const gsize len = stun_long_term_key (
      STUN_PASSWORD_ALGORITHM_MD5, stun_bytes_of_string ("ann"),
      stun_bytes_of_string ("r"), stun_bytes_of_string ("secret"), key);

  stun_hmac_init (&hmac, STUN_HMAC_SHA1, key, len);
  stun_integrity_write (writer, &hmac);
}

static void
allocate (Table *self, gboolean reliable)
{
  static guint8 counter;
  static const NiceLayerEnv env = { fill_random, &counter };
  const TurnConfig config = { .username = "ann",
                              .password = "secret",
                              .reliable = reliable };
  const NiceAddress server = make_address ("192.0.2.1", 3478);
  const NiceAddress relayed = make_address ("192.0.2.1", 50000);
  StunWriter writer;
  TurnEvent event;

  self->chain = nice_chain_new ();
  self->turn = nice_layer_turn_new (&config, &env, &server);
  if (reliable)
    nice_chain_add (self->chain, nice_layer_turn_stream_new ());
  nice_chain_add (self->chain, self->turn);
  nice_chain_start (self->chain, 0, &self->io);
  begin_reply (self, STUN_CLASS_ERROR, &writer);
  stun_attr_write_error (&writer, 401, NULL);
  stun_attr_write_string (&writer, STUN_ATTR_REALM, "r");
  stun_attr_write_string (&writer, STUN_ATTR_NONCE, "n");
  bench_receive (self->chain, &self->io, self->reply, writer.len, 0);
  begin_reply (self, STUN_CLASS_SUCCESS, &writer);
  stun_attr_write_xor_address (&writer, STUN_ATTR_XOR_RELAYED_ADDRESS,
                               (const StunAddress *)&relayed);
  stun_attr_write_u32 (&writer, STUN_ATTR_LIFETIME, 600);
  sign (&writer);
  bench_receive (self->chain, &self->io, self->reply, writer.len, 0);
  g_assert_cmpint (nice_chain_get_state (self->chain), ==, NICE_LAYER_OPEN);
  g_assert_true (nice_layer_turn_poll_event (self->turn, &event));
  g_assert_cmpint (event.type, ==, TURN_EVENT_ALLOCATED);
}

/* Channel 0x4000 is the peer of bench_send(). */
static void
bind_channel (Table *self)
{
  const NiceAddress peer = make_address ("198.51.100.7", 5000);
  StunWriter writer;

  nice_layer_turn_bind_channel (self->turn, &peer, 0);
  nice_chain_handle_timeout (self->chain, 0, &self->io);
  begin_reply (self, STUN_CLASS_SUCCESS, &writer);
  sign (&writer);
  bench_receive (self->chain, &self->io, self->reply, writer.len, 0);
}

/* GRO: what the kernel merged stays merged, and costs one packet. */
static void
test_run_goes_up_whole (void)
{
  g_auto (Table) table = { 0 };
  guint8 data[64 * 8];
  NicePacket run = { .data = data, .size = sizeof data, .stride = 8 };

  allocate (&table, FALSE);
  bind_channel (&table);
  for (guint i = 0; i < 64; i++)
    memcpy (data + 8 * i, "\x40\0\0\4data", 8);
  run.from = make_address ("192.0.2.1", 3478);
  nice_chain_receive (table.chain, &run, 1, 0, &table.io);
  g_assert_cmpuint (table.io.up->len, ==, 1);
  g_assert_cmpuint (nice_chain_io_get_up (&table.io, 0)->stride, ==, 8);
  g_assert_cmpuint (nice_chain_io_get_up (&table.io, 0)->skip, ==, 4);
  g_assert_true (nice_chain_io_get_up (&table.io, 0)->data == data);
  g_assert_cmpuint (nice_address_get_port (&nice_chain_io_get_up (&table.io, 0)->from),
                    ==, 5000);
}

/* covers TURN-8656-3.1-a, DEMUX-7983-6-a, TURN-8656-21.1.4-a */
static void
test_strangers_are_not_the_server (void)
{
  g_auto (Table) table = { 0 };
  guint8 data[] = { 0x40, 0, 0, 1, 'x' };
  NicePacket run = { .data = data, .size = sizeof data, .stride = sizeof data };

  allocate (&table, FALSE);
  bind_channel (&table);
  run.from = make_address ("192.0.2.1", 3479);
  nice_chain_receive (table.chain, &run, 1, 0, &table.io);
  g_assert_cmpuint (table.io.up->len, ==, 0);
}

/* Payload is not copied: a header in the headroom, and the server's address. */
static void
test_send_on_a_channel (void)
{
  g_auto (Table) table = { 0 };
  const NiceOutPacket *packet;

  allocate (&table, FALSE);
  bind_channel (&table);
  bench_send (table.chain, &table.io, "hello", 5, 0);
  packet = nice_chain_io_get_down (&table.io, 0);
  g_assert_cmpuint (nice_address_get_port (&packet->to), ==, 3478);
  g_assert_cmpuint (packet->n_vectors, ==, 1);
  g_assert_cmpuint (packet->tail_len, ==, 0);
  bench_assert_down (&table.io, "\x40\0\0\5hello", 9);
}

/* GSO: what the endpoint would merge without a relay it merges with one: one size, one
 * destination, nothing behind. */
static void
test_batch_goes_down_alike (void)
{
  g_auto (Table) table = { 0 };
  const GOutputVector vector = { "datagram", 8 };
  NiceOutPacket batch[16];

  allocate (&table, FALSE);
  bind_channel (&table);
  for (guint i = 0; i < G_N_ELEMENTS (batch); i++)
    batch[i] = (NiceOutPacket) { .vectors = &vector,
                                 .n_vectors = 1,
                                 .size = 8,
                                 .to = make_address ("198.51.100.7", 5000) };
  nice_chain_send (table.chain, batch, G_N_ELEMENTS (batch), 0, &table.io);
  g_assert_cmpuint (table.io.down->len, ==, G_N_ELEMENTS (batch));
  for (guint i = 0; i < table.io.down->len; i++)
    {
      const NiceOutPacket *packet = nice_chain_io_get_down (&table.io, i);

      g_assert_cmpuint (nice_out_packet_get_size (packet), ==, 12);
      g_assert_cmpuint (packet->head_len, ==, 4);
      g_assert_cmpuint (packet->tail_len, ==, 0);
      g_assert_true (packet->vectors == &vector);
      g_assert_true (
          nice_address_equal (&packet->to, &nice_chain_io_get_down (&table.io, 0)->to));
    }
}

/* Both ways over a channel, once everything has found its place. */
static void
send_and_receive (Table *self, guint n)
{
  static guint8 run_data[64 * 1204];
  static const GOutputVector vector = { run_data, 1200 };
  NicePacket run = { .data = run_data, .size = n * 1204, .stride = 1204 };
  NiceOutPacket packets[64];

  for (guint i = 0; i < n; i++)
    {
      packets[i] = (NiceOutPacket) { .vectors = &vector, .n_vectors = 1, .size = 1200 };
      nice_address_set_ipv4 (&packets[i].to, 0xc6336407); /* 198.51.100.7 */
      nice_address_set_port (&packets[i].to, 5000);
      memcpy (run_data + 1204 * i, "\x40\0\x04\xb0", 4);
    }
  nice_address_set_ipv4 (&run.from, 0xc0000201); /* 192.0.2.1 */
  nice_address_set_port (&run.from, 3478);
  nice_chain_send (self->chain, packets, n, 0, &self->io);
  g_assert_cmpuint (self->io.down->len, ==, n);
  nice_chain_receive (self->chain, &run, 1, 0, &self->io);
  g_assert_cmpuint (self->io.up->len, ==, 1);
}

static void
test_steady_state_allocates_nothing (gconstpointer data)
{
  g_auto (Table) table = { 0 };
  gint before;

  if (!CAN_COUNT)
    {
      g_test_skip ("a sanitizer has its own malloc");
      return;
    }
  allocate (&table, FALSE);
  bind_channel (&table);
  for (guint i = 0; i < 10; i++)
    send_and_receive (&table, GPOINTER_TO_UINT (data));
  before = n_allocations;
  g_assert_cmpint (before, >, 0); /* it counts */
  for (guint i = 0; i < 100; i++)
    send_and_receive (&table, GPOINTER_TO_UINT (data));
  g_assert_cmpint (n_allocations, ==, before);
}

static gboolean
carry_down (Table *self, const gchar *peer, guint port, gint64 now)
{
  static const GOutputVector vector = { "hello", 5 };
  const NiceOutPacket packet = {
    .vectors = &vector, .n_vectors = 1, .size = 5, .to = make_address (peer, port)
  };

  return nice_chain_carry_down (self->chain, &packet, 1, now, &self->io);
}

static gboolean
carry_up (Table *self, gconstpointer data, guint size)
{
  guint8 *copy = g_memdup2 (data, size);
  const NicePacket packet = {
    .data = copy, .size = size, .stride = size, .from = make_address ("192.0.2.1", 3478)
  };
  const gboolean result = nice_chain_carry_up (self->chain, &packet, 1, 0, &self->io);

  if (result)
    bench_assert_up (&self->io, "hello", 5);
  g_free (copy);
  return result;
}

/* What changes nothing is carried, the same as it is sent and received; all else is
 * not. */
static void
test_carries_what_is_on_a_channel (void)
{
  g_auto (Table) table = { 0 };

  allocate (&table, FALSE);
  g_assert_false (carry_down (&table, "198.51.100.7", 5000, 0));
  g_assert_false (carry_up (&table, "\x40\0\0\5hello", 9));
  bind_channel (&table);
  g_assert_true (carry_down (&table, "198.51.100.7", 5000, 0));
  bench_assert_down (&table.io, "\x40\0\0\5hello", 9);
  g_assert_false (carry_down (&table, "198.51.100.7", 5001, 0));
  g_assert_false (carry_down (&table, "198.51.100.8", 5000, 0));
  g_assert_true (carry_up (&table, "\x40\0\0\5hello", 9));
  g_assert_false (carry_up (&table, "\x40\1\0\5hello", 9)); /* nobody's */
  g_assert_false (carry_up (&table, "\x40\0\0\6hello", 9)); /* cut */
  g_assert_false (carry_up (&table, "\0\1\0\0", 4));
}

/* RFC 8656 9: a permission that nobody uses ends; what is carried uses it. */
static void
test_what_is_carried_is_refreshed (void)
{
  g_auto (Table) table = { 0 };
  g_autoptr (GBytes) said = NULL;
  gint64 refresh;
  StunView view;

  allocate (&table, FALSE);
  bind_channel (&table);
  refresh = nice_chain_get_deadline (table.chain);
  g_assert_true (carry_down (&table, "198.51.100.7", 5000, refresh - 1));
  g_assert_false (carry_down (&table, "198.51.100.7", 5000, refresh));
  nice_chain_handle_timeout (table.chain, refresh, &table.io);
  said = take_message (&table, &view);
  g_assert_true (stun_view_is (&view, STUN_CLASS_REQUEST, STUN_METHOD_CREATE_PERMISSION));
}

/* covers TURN-8656-12.5-a */
static void
test_padding_on_a_stream (void)
{
  g_auto (Table) table = { 0 };

  allocate (&table, TRUE);
  bind_channel (&table);
  bench_send (table.chain, &table.io, "hello", 5, 0);
  bench_assert_down (&table.io, "\x40\0\0\5hello\0\0\0", 12);
}

/* covers STUN-8489-6.2.2-f, TURN-8656-12.5-a */
static void
test_stream_in_every_split (void)
{
  static const gchar stream[] = "\x40\0\0\5hello\0\0\0\x40\0\0\0\x40\0\0\1!";
  const gsize size = sizeof stream - 1;
  g_auto (Table) table = { 0 };

  allocate (&table, TRUE);
  bind_channel (&table);
  for (gsize cut = 0; cut <= size; cut++)
    {
      g_autoptr (GString) got = g_string_new (NULL);
      const gsize parts[] = { cut, size - cut, 3 };
      const gchar *const from[] = { stream, stream + cut, "\0\0\0" };

      for (guint i = 0; i < 3; i++)
        {
          g_autoptr (GBytes) up = NULL;

          bench_receive (table.chain, &table.io, from[i], parts[i], 0);
          up = bench_take_up (&table.io);
          g_string_append_len (got, g_bytes_get_data (up, NULL), g_bytes_get_size (up));
        }
      g_assert_cmpstr (got->str, ==, "hello!");
    }
}

/* covers STUN-8489-6.2.2-g */
static void
test_garbage_ends_the_stream (void)
{
  g_auto (Table) table = { 0 };

  allocate (&table, TRUE);
  bench_receive (table.chain, &table.io, "\x16\3\1\0\x2A\1\0\0", 8, 0);
  g_assert_nonnull (nice_chain_get_failed (table.chain));
  g_assert_cmpstr (nice_chain_get_failed (table.chain)->detail, ==,
                   "neither STUN nor ChannelData");
}

/* covers TURN-8656-8.1-a: without waiting */
static void
test_close_says_goodbye (void)
{
  g_auto (Table) table = { 0 };
  g_autoptr (GBytes) said = NULL;
  StunView view;
  guint32 lifetime;

  allocate (&table, FALSE);
  nice_chain_close (table.chain, 0, &table.io);
  said = take_message (&table, &view);
  g_assert_true (stun_view_is (&view, STUN_CLASS_REQUEST, STUN_METHOD_REFRESH));
  stun_attr_read_u32 (&view, STUN_ATTR_LIFETIME, &lifetime);
  g_assert_cmpuint (lifetime, ==, 0);
}

/* --- data connections (RFC 6062) --- */

static void
start_binding (Table *control, Table *data)
{
  const NiceAddress peer = make_address ("198.51.100.7", 5000);

  allocate (control, TRUE);
  data->chain = nice_chain_new ();
  nice_chain_add (data->chain,
                  nice_layer_turn_bind_new (
                      nice_layer_turn_make_bind (control->turn, 0x01020304), &peer));
  nice_chain_start (data->chain, 0, &data->io);
}

/* Signed at once with what the control connection was challenged for; and the bytes right
 * behind the answer are the peer's, however the stream is cut.
 * covers TTCP-6062-4.3-a, TTCP-6062-4.5-a */
static void
test_bytes_behind_the_answer_are_data (void)
{
  static const gsize steps[] = { 1, 7, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_auto (Table) control = { 0 };
      g_auto (Table) data = { 0 };
      StunWriter writer;

      start_binding (&control, &data);
      g_assert_cmpint (nice_chain_get_state (data.chain), ==, NICE_LAYER_OPENING);
      begin_reply (&data, STUN_CLASS_SUCCESS, &writer);
      sign (&writer);
      memcpy (data.reply + writer.len, "hello", 5);
      bench_receive (data.chain, &data.io, data.reply, writer.len + 5, steps[i]);
      g_assert_cmpint (nice_chain_get_state (data.chain), ==, NICE_LAYER_OPEN);
      bench_assert_up (&data.io, "hello", 5);
    }
}

static void
test_binding_outlives_its_allocation (void)
{
  g_auto (Table) control = { 0 };
  g_auto (Table) data = { 0 };
  StunWriter writer;

  start_binding (&control, &data);
  table_clear (&control);
  begin_reply (&data, STUN_CLASS_ERROR, &writer);
  stun_attr_write_error (&writer, 438, NULL);
  stun_attr_write_string (&writer, STUN_ATTR_REALM, "r");
  stun_attr_write_string (&writer, STUN_ATTR_NONCE, "another");
  bench_receive (data.chain, &data.io, data.reply, writer.len, 0);
  begin_reply (&data, STUN_CLASS_SUCCESS, &writer);
  sign (&writer);
  bench_receive (data.chain, &data.io, data.reply, writer.len, 0);
  g_assert_cmpint (nice_chain_get_state (data.chain), ==, NICE_LAYER_OPEN);
}

static void
test_binding_that_fails (void)
{
  g_auto (Table) control = { 0 };
  g_auto (Table) data = { 0 };
  g_auto (Table) garbage = { 0 };
  StunWriter writer;

  start_binding (&control, &data);
  begin_reply (&data, STUN_CLASS_ERROR, &writer);
  stun_attr_write_error (&writer, 400, NULL);
  sign (&writer);
  bench_receive (data.chain, &data.io, data.reply, writer.len, 0);
  g_assert_cmpint (nice_chain_get_failed (data.chain)->fault, ==, NICE_FAULT_REFUSED);
  table_clear (&control);
  start_binding (&control, &garbage);
  bench_receive (garbage.chain, &garbage.io, (guint8 *)"\xff\xff\xff\xff", 4, 0);
  g_assert_cmpint (nice_chain_get_failed (garbage.chain)->fault, ==, NICE_FAULT_PROTOCOL);
}

static void
test_binding_without_an_answer (void)
{
  g_auto (Table) control = { 0 };
  g_auto (Table) data = { 0 };

  start_binding (&control, &data);
  nice_chain_handle_timeout (data.chain, nice_chain_get_deadline (data.chain), &data.io);
  g_assert_cmpint (nice_chain_get_failed (data.chain)->fault, ==, NICE_FAULT_TIMEOUT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-turn/run-goes-up-whole", test_run_goes_up_whole);
  g_test_add_func ("/layer-turn/strangers-are-not-the-server",
                   test_strangers_are_not_the_server);
  g_test_add_func ("/layer-turn/send-on-a-channel", test_send_on_a_channel);
  g_test_add_func ("/layer-turn/batch-goes-down-alike", test_batch_goes_down_alike);
  g_test_add_func ("/layer-turn/carries-what-is-on-a-channel",
                   test_carries_what_is_on_a_channel);
  g_test_add_func ("/layer-turn/what-is-carried-is-refreshed",
                   test_what_is_carried_is_refreshed);
  g_test_add_func ("/layer-turn/padding-on-a-stream", test_padding_on_a_stream);
  g_test_add_func ("/layer-turn/stream-in-every-split", test_stream_in_every_split);
  g_test_add_func ("/layer-turn/garbage-ends-the-stream", test_garbage_ends_the_stream);
  g_test_add_func ("/layer-turn/close-says-goodbye", test_close_says_goodbye);
  g_test_add_func ("/layer-turn/bind", test_bytes_behind_the_answer_are_data);
  g_test_add_func ("/layer-turn/bind-outlives", test_binding_outlives_its_allocation);
  g_test_add_func ("/layer-turn/bind-fails", test_binding_that_fails);
  g_test_add_func ("/layer-turn/bind-silence", test_binding_without_an_answer);
  g_test_add_data_func ("/layer-turn/no-allocation/1", GUINT_TO_POINTER (1),
                        test_steady_state_allocates_nothing);
  g_test_add_data_func ("/layer-turn/no-allocation/64", GUINT_TO_POINTER (64),
                        test_steady_state_allocates_nothing);
  return g_test_run ();
}
