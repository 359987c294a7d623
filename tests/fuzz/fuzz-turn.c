/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a TURN server may send: runs of ChannelData and messages, to a client that holds
 * an allocation, a permission and a channel, or on a data connection of RFC 6062 that is
 * not bound yet; the first bytes choose which, the transport and the stride. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "socket/chain.h"
#include "socket/layer-turn-bind.h"
#include "socket/layer-turn-stream.h"
#include "socket/layer-turn.h"
#include "stun/attributes.h"
#include "stun/integrity.h"

#define REALM "example.org"

typedef struct
{
  NiceChain *chain;
  NiceChainIo io;
  NiceLayer *turn;
  NiceAddress server, peer;
  gint64 now;
} Client;

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  memset (dest, 7, len);
}

/* Begins the answer to the request that the client sent last. */
static void
begin_reply (Client *self, StunWriter *writer, guint8 *buffer, gsize size,
             StunWireClass klass)
{
  const NiceOutPacket *packet;
  StunView view;

  g_assert_cmpuint (self->io.down->len, >, 0);
  packet = nice_chain_io_get_down (&self->io, self->io.down->len - 1);
  g_assert_cmpint (stun_view_parse (&view, packet->vectors[0].buffer,
                                    packet->vectors[0].size, STUN_WIRE_NORMAL),
                   ==, STUN_RULE_KEPT);
  stun_writer_init_reply (writer, buffer, size, klass, &view);
}

static void
receive (Client *self, guint8 *data, gsize size, guint stride)
{
  NicePacket run = { .data = data, .size = size, .stride = stride, .from = self->server };

  nice_chain_receive (self->chain, &run, 1, ++self->now, &self->io);
}

static void
challenge (Client *self)
{
  guint8 buffer[500];
  StunWriter writer;

  begin_reply (self, &writer, buffer, sizeof buffer, STUN_CLASS_ERROR);
  stun_attr_write_error (&writer, 401, NULL);
  stun_attr_write_string (&writer, STUN_ATTR_REALM, REALM);
  stun_attr_write_string (&writer, STUN_ATTR_NONCE, "nonce");
  receive (self, buffer, stun_writer_end (&writer), sizeof buffer);
}

static void
accept_request (Client *self, const NiceAddress *relayed)
{
  guint8 buffer[500], key[STUN_LONG_TERM_KEY_MAX_SIZE];
  StunWriter writer;
  StunHmac hmac;
  const gsize len = stun_long_term_key (
      STUN_PASSWORD_ALGORITHM_MD5, stun_bytes_of_string ("ann"),
      stun_bytes_of_string (REALM), stun_bytes_of_string ("secret"), key);

  begin_reply (self, &writer, buffer, sizeof buffer, STUN_CLASS_SUCCESS);
  if (relayed != NULL)
    stun_attr_write_xor_address (&writer, STUN_ATTR_XOR_RELAYED_ADDRESS,
                                 (const StunAddress *)relayed);
  stun_hmac_init (&hmac, STUN_HMAC_SHA1, key, len);
  stun_integrity_write (&writer, &hmac);
  receive (self, buffer, stun_writer_end (&writer), sizeof buffer);
}

/* Up to an allocation with a channel to 192.0.2.9 port 9. */
static void
open_client (Client *self, gboolean reliable)
{
  static const NiceLayerEnv env = { fill_random, NULL };
  TurnConfig config = { .username = "ann", .password = "secret", .reliable = reliable };
  NiceAddress relayed;

  g_assert_true (nice_address_set_from_string (&self->server, "192.0.2.1"));
  g_assert_true (nice_address_set_from_string (&self->peer, "192.0.2.9"));
  nice_address_set_port (&self->peer, 9);
  relayed = self->server;
  nice_address_set_port (&relayed, 50000);
  self->chain = nice_chain_new ();
  self->turn = nice_layer_turn_new (&config, &env, &self->server);
  if (reliable)
    nice_chain_add (self->chain, nice_layer_turn_stream_new ());
  nice_chain_add (self->chain, self->turn);
  nice_chain_start (self->chain, 0, &self->io);
  challenge (self);
  accept_request (self, &relayed);
  nice_layer_turn_bind_channel (self->turn, &self->peer, self->now);
  nice_chain_handle_timeout (self->chain, ++self->now, &self->io);
  accept_request (self, NULL);
  g_assert_cmpint (nice_chain_get_state (self->chain), ==, NICE_LAYER_OPEN);
}

static void
read_up (NiceChainIo *io)
{
  volatile guint8 sink;

  for (guint i = 0; i < io->up->len; i++)
    {
      const NicePacket *run = nice_chain_io_get_up (io, i);

      for (guint at = 0; at + run->skip < run->size; at += MAX (run->stride, 1))
        sink = run->data[at + run->skip];
    }
  (void)sink;
}

static void
receive_on_data_connection (Client *self, guint8 *data, gsize size)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = nice_chain_new ();
  NicePacket piece = { .data = data, .size = size, .stride = size };

  nice_chain_add (chain, nice_layer_turn_bind_new (
                             nice_layer_turn_make_bind (self->turn, 7), &self->peer));
  nice_chain_start (chain, self->now, &io);
  nice_chain_receive (chain, &piece, 1, ++self->now, &io);
  read_up (&io);
  nice_chain_handle_timeout (chain, 1000000000, &io);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const gsize len = size > 2 ? size - 2 : 0;
  g_autofree guint8 *copy = NULL;
  Client client = { 0 };
  TurnEvent event;

  if (len == 0)
    return 0;
  copy = g_memdup2 (data + 2, len);
  open_client (&client, data[0] & 1);
  receive (&client, copy, len, data[1] != 0 && !(data[0] & 1) ? MIN (data[1], len) : len);
  read_up (&client.io);
  if (data[0] & 2)
    receive_on_data_connection (&client, copy, len);
  while (nice_layer_turn_poll_event (client.turn, &event))
    ;
  nice_chain_handle_timeout (client.chain, 1000000000, &client.io);
  nice_chain_free (client.chain);
  nice_chain_io_clear (&client.io);
  return 0;
}
