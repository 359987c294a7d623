/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two connections whose packets the input delivers, drops, doubles, delays and damages,
 * while it reads, writes, closes and lets time pass on either side. Whatever it does,
 * nothing aborts, nobody keeps more than the limits, and polls come to an end. */
#include "config.h"

#include "fuzz.h"
#include "pseudotcp/connection.h"

#include <string.h>

#define MAX_PACKETS 64      /* under way */
#define MAX_POLLS 20000     /* of one drain: PTCP_MAX_BUFFER in segments and then some */
#define MAX_OPERATIONS 2000 /* of one input */
#define CONVERSATION 7

typedef enum
{
  DELIVER,
  DROP,
  DOUBLE,
  DAMAGE,
  LAST_FIRST,
  INJECT,
  WRITE,
  READ,
  WAIT,
  STOP,
  TUNE,
  N_OPERATIONS
} Operation;

typedef struct
{
  const guint8 *data;
  gsize size;
} Input;

typedef struct
{
  PtcpConnection *ends[2];
  GQueue packets[2]; /* GBytes on their way to that end */
  gint64 now;
} World;

static guint8
take (Input *input)
{
  if (input->size == 0)
    return 0;
  input->size--;
  return *input->data++;
}

static void
drain (World *world, guint side)
{
  PtcpTransmit transmit;
  PtcpEvent event;
  guint n = 0;

  while (ptcp_connection_poll_transmit (world->ends[side], &transmit, world->now))
    {
      GByteArray *packet = g_byte_array_new ();

      g_byte_array_append (packet, transmit.header, (guint)transmit.header_len);
      for (guint i = 0; i < transmit.n_vectors; i++)
        g_byte_array_append (packet, transmit.vectors[i].buffer,
                             (guint)transmit.vectors[i].size);
      g_assert_cmpuint (packet->len, ==, transmit.size);
      g_queue_push_tail (&world->packets[!side], g_byte_array_free_to_bytes (packet));
      if (world->packets[!side].length > MAX_PACKETS)
        g_bytes_unref (g_queue_pop_head (&world->packets[!side]));
      g_assert_cmpuint (++n, <, MAX_POLLS);
    }
  while (ptcp_connection_poll_event (world->ends[side], &event))
    g_assert_cmpuint (++n, <, MAX_POLLS);
  g_assert_cmpuint (ptcp_connection_get_available_bytes (world->ends[side]), <=,
                    PTCP_MAX_BUFFER);
}

/* Lets a copy arrive, exactly as long as it is, so that reading beyond it shows. */
static void
arrive (World *world, guint side, const guint8 *data, gsize size, Input *damage)
{
  g_autofree guint8 *packet = g_memdup2 (data, size);

  if (damage != NULL && size > 4)
    for (guint i = take (damage) % 4 + 1; i > 0; i--)
      {
        gsize at = 4 + take (damage) % MIN (size - 4, 60);

        packet[at] ^= take (damage);
      }
  ptcp_connection_handle_packet (world->ends[side], packet, size, world->now);
}

static void
handle_packets (World *world, guint side, Operation operation, Input *input)
{
  GQueue *queue = &world->packets[side];
  g_autoptr (GBytes) packet =
      operation == LAST_FIRST ? g_queue_pop_tail (queue) : g_queue_pop_head (queue);
  const guint8 *data;
  gsize size;

  if (packet == NULL || operation == DROP)
    return;
  data = g_bytes_get_data (packet, &size);
  arrive (world, side, data, size, operation == DAMAGE ? input : NULL);
  if (operation == DOUBLE)
    arrive (world, side, data, size, NULL);
}

static void
inject (World *world, guint side, Input *input)
{
  guint8 packet[200] = { 0, 0, 0, CONVERSATION };
  gsize size = take (input) % (sizeof packet - 4) + 4;

  for (gsize i = 4; i < size; i++)
    packet[i] = take (input);
  arrive (world, side, packet, size, NULL);
}

static void
stop (World *world, guint side, guint8 how)
{
  PtcpConnection *end = world->ends[side];

  switch (how % 4)
    {
    case 0:
      ptcp_connection_close (end, world->now);
      break;
    case 1:
      ptcp_connection_shutdown_write (end, world->now);
      break;
    case 2:
      ptcp_connection_shutdown_read (end);
      break;
    case 3:
      ptcp_connection_abort (end, world->now);
      break;
    }
}

static void
tune (World *world, guint side, Input *input)
{
  PtcpConnection *end = world->ends[side];
  guint8 value = take (input);

  switch (take (input) % 5)
    {
    case 0:
      ptcp_connection_set_mtu (end, value * 16);
      break;
    case 1:
      ptcp_connection_set_receive_buffer (end, value * 64 + 1);
      break;
    case 2:
      ptcp_connection_set_send_buffer (end, value * 64 + 1);
      break;
    case 3:
      ptcp_connection_handle_too_large (end, value * 8);
      break;
    case 4:
      ptcp_connection_set_no_delay (end, value & 1);
      break;
    }
}

static void
wait (World *world, guint side, guint8 value)
{
  gint64 deadline = ptcp_connection_get_deadline (world->ends[side]);

  if (value == 0 && deadline != PTCP_NEVER)
    world->now = MAX (world->now, deadline);
  else
    world->now += value * (gint64)value * 1000;
  for (guint i = 0; i < 2; i++)
    {
      ptcp_connection_handle_timeout (world->ends[i], world->now);
      drain (world, i);
    }
}

static void
operate (World *world, Input *input)
{
  guint8 bytes[20000] = { 0 };
  guint8 code = take (input);
  guint side = code & 1;
  Operation operation = (Operation)((code >> 1) % N_OPERATIONS);

  switch (operation)
    {
    case DELIVER:
    case DROP:
    case DOUBLE:
    case DAMAGE:
    case LAST_FIRST:
      handle_packets (world, side, operation, input);
      break;
    case INJECT:
      inject (world, side, input);
      break;
    case WRITE:
      ptcp_connection_send (world->ends[side], bytes, take (input) * 64u, world->now);
      break;
    case READ:
      ptcp_connection_recv (world->ends[side], bytes, take (input) * 64u, world->now);
      break;
    case WAIT:
      wait (world, side, take (input));
      break;
    case STOP:
      stop (world, side, take (input));
      break;
    case TUNE:
      tune (world, side, input);
      break;
    case N_OPERATIONS:
      g_assert_not_reached ();
    }
  drain (world, side);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Input input = { data, size };
  World world = { .now = G_USEC_PER_SEC };
  guint8 settings = take (&input);

  for (guint i = 0; i < 2; i++)
    {
      PtcpConfig config;

      ptcp_config_init (&config, CONVERSATION);
      config.fin_ack = !(settings & 1 << i);
      config.sack = !(settings & 4);
      config.congestion = settings & 8 ? PTCP_CONGESTION_CUBIC : PTCP_CONGESTION_MODEL;
      world.ends[i] = ptcp_connection_new (&config);
      g_queue_init (&world.packets[i]);
    }
  ptcp_connection_connect (world.ends[0], world.now);
  if (settings & 16)
    ptcp_connection_connect (world.ends[1], world.now);
  drain (&world, 0);
  drain (&world, 1);
  for (guint i = 0; i < MAX_OPERATIONS && input.size > 0; i++)
    operate (&world, &input);
  for (guint i = 0; i < 2; i++)
    {
      ptcp_connection_free (world.ends[i]);
      g_queue_clear_full (&world.packets[i], (GDestroyNotify)g_bytes_unref);
    }
  return 0;
}
