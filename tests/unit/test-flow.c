/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The flow of `icecold connect` in virtual time: two of them, and a network that is a
 * function call. */
#include "config.h"

#include "flow.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000)

typedef struct
{
  Flow flow;
  GByteArray *got;
} End;

typedef struct
{
  End a, b;
  gint64 now;
} World;

static void
world_init (World *self)
{
  flow_init (&self->a.flow, FLOW_WINDOW);
  flow_init (&self->b.flow, FLOW_WINDOW);
  self->a.got = g_byte_array_new ();
  self->b.got = g_byte_array_new ();
  self->now = 0;
}

static void
world_clear (World *self)
{
  g_byte_array_unref (self->a.got);
  g_byte_array_unref (self->b.got);
}

static void
deliver (World *self, End *to, const guint8 *data, gsize len)
{
  gsize payload_len = 0;
  const guint8 *payload =
      flow_handle_datagram (&to->flow, data, len, self->now, &payload_len);

  if (payload != NULL)
    {
      g_byte_array_append (to->got, payload, payload_len);
      flow_consume (&to->flow);
    }
}

/* Sends one byte as a datagram; @to NULL: it is lost. */
static void
send_byte (World *self, End *from, End *to, guint8 byte)
{
  guint8 datagram[FLOW_HEADER + 1];

  g_assert_cmpuint (flow_get_room (&from->flow), >, 0);
  flow_wrap (&from->flow, datagram, self->now);
  datagram[FLOW_HEADER] = byte;
  if (to != NULL)
    deliver (self, to, datagram, sizeof datagram);
}

static void
exchange_control (World *self)
{
  guint8 control[FLOW_CONTROL];
  gsize len;
  gboolean any;

  do
    {
      any = FALSE;
      while ((len = flow_poll_control (&self->a.flow, control, self->now)) > 0)
        {
          any = TRUE;
          deliver (self, &self->b, control, len);
        }
      while ((len = flow_poll_control (&self->b.flow, control, self->now)) > 0)
        {
          any = TRUE;
          deliver (self, &self->a, control, len);
        }
    }
  while (any);
}

static void
pass_deadline (World *self, Flow *flow)
{
  self->now = flow_get_deadline (flow);
  g_assert_cmpint (self->now, !=, FLOW_NEVER);
  flow_handle_timeout (flow, self->now);
}

static void
test_bytes_and_end_arrive (void)
{
  World world;

  world_init (&world);
  for (guint i = 0; i < 10; i++)
    send_byte (&world, &world.a, &world.b, i);
  flow_end (&world.a.flow);
  g_assert_false (flow_is_sent (&world.a.flow));
  exchange_control (&world);
  g_assert_true (flow_is_sent (&world.a.flow));
  g_assert_true (flow_is_received (&world.b.flow));
  g_assert_cmpuint (world.b.got->len, ==, 10);
  g_assert_cmpuint (world.b.flow.lost, ==, 0);
  g_assert_cmpint (flow_get_deadline (&world.a.flow), ==, FLOW_NEVER);
  world_clear (&world);
}

static void
test_window_closes_and_opens (void)
{
  World world;

  world_init (&world);
  for (guint i = 0; i < FLOW_WINDOW; i++)
    send_byte (&world, &world.a, &world.b, i);
  g_assert_cmpuint (flow_get_room (&world.a.flow), ==, 0);
  exchange_control (&world);
  g_assert_cmpuint (flow_get_room (&world.a.flow), ==, FLOW_WINDOW);
  world_clear (&world);
}

static void
test_slow_reader_stops_the_sender (void)
{
  World world;
  guint8 datagram[FLOW_HEADER + 1] = { 0 };
  gsize len;

  world_init (&world);
  for (guint i = 0; i < FLOW_WINDOW; i++)
    {
      flow_wrap (&world.a.flow, datagram, world.now);
      g_assert_nonnull (flow_handle_datagram (&world.b.flow, datagram, sizeof datagram,
                                              world.now, &len));
    }
  exchange_control (&world);
  g_assert_cmpuint (flow_get_room (&world.a.flow), ==, 0);
  flow_end (&world.a.flow);
  exchange_control (&world);
  g_assert_false (flow_is_received (&world.b.flow));
  for (guint i = 0; i < FLOW_WINDOW; i++)
    flow_consume (&world.b.flow);
  g_assert_true (flow_is_received (&world.b.flow));
  exchange_control (&world);
  g_assert_true (flow_is_sent (&world.a.flow));
  world_clear (&world);
}

static void
test_lost_ones_are_counted (void)
{
  World world;

  world_init (&world);
  send_byte (&world, &world.a, &world.b, 'a');
  send_byte (&world, &world.a, NULL, 'b');
  send_byte (&world, &world.a, &world.b, 'c');
  g_assert_cmpuint (world.b.flow.lost, ==, 1);
  send_byte (&world, &world.a, NULL, 'd');
  flow_end (&world.a.flow);
  exchange_control (&world);
  g_assert_cmpuint (world.b.flow.lost, ==, 2);
  g_assert_true (flow_is_sent (&world.a.flow));
  g_assert_cmpmem (world.b.got->data, world.b.got->len, "ac", 2);
  world_clear (&world);
}

static void
test_whole_window_is_lost (void)
{
  World world;

  world_init (&world);
  for (guint i = 0; i < FLOW_WINDOW; i++)
    send_byte (&world, &world.a, NULL, i);
  g_assert_cmpuint (flow_get_room (&world.a.flow), ==, 0);
  pass_deadline (&world, &world.a.flow);
  g_assert_cmpint (world.now, ==, 100 * MS);
  exchange_control (&world);
  g_assert_cmpuint (flow_get_room (&world.a.flow), ==, FLOW_WINDOW);
  g_assert_cmpuint (world.b.flow.lost, ==, FLOW_WINDOW);
  world_clear (&world);
}

static void
test_question_is_repeated_until_answered (void)
{
  World world;
  guint8 control[FLOW_CONTROL];

  world_init (&world);
  flow_end (&world.a.flow);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpuint (flow_poll_control (&world.a.flow, control, world.now), >, 0);
      pass_deadline (&world, &world.a.flow);
      g_assert_cmpint (world.now, ==, (i + 1) * 100 * MS);
    }
  g_assert_cmpuint (flow_get_unanswered (&world.a.flow), ==, 5);
  exchange_control (&world);
  g_assert_cmpuint (flow_get_unanswered (&world.a.flow), ==, 0);
  g_assert_true (flow_is_sent (&world.a.flow));
  world_clear (&world);
}

static void
test_late_and_doubled_ones_are_dropped (void)
{
  World world;
  guint8 first[FLOW_HEADER + 1] = { 0 };

  world_init (&world);
  flow_wrap (&world.a.flow, first, world.now);
  first[FLOW_HEADER] = 'a';
  send_byte (&world, &world.a, &world.b, 'b');
  deliver (&world, &world.b, first, sizeof first);
  deliver (&world, &world.b, first, sizeof first);
  g_assert_cmpmem (world.b.got->data, world.b.got->len, "b", 1);
  world_clear (&world);
}

static void
test_numbers_go_round (void)
{
  World world;

  world_init (&world);
  world.a.flow.next = world.a.flow.confirmed = G_MAXUINT32 - 4;
  world.b.flow.expected = world.b.flow.consumed = world.b.flow.reported = G_MAXUINT32 - 4;
  for (guint i = 0; i < 10; i++)
    send_byte (&world, &world.a, &world.b, i);
  flow_end (&world.a.flow);
  exchange_control (&world);
  g_assert_cmpuint (world.b.got->len, ==, 10);
  g_assert_cmpuint (world.b.flow.lost, ==, 0);
  g_assert_true (flow_is_sent (&world.a.flow));
  world_clear (&world);
}

static void
test_nonsense_changes_nothing (void)
{
  World world;
  guint8 noise[FLOW_HEADER + 1];
  gsize len;

  world_init (&world);
  for (guint kind = 0; kind < 256; kind++)
    {
      memset (noise, 0xff, sizeof noise);
      noise[0] = kind;
      g_assert_null (
          flow_handle_datagram (&world.b.flow, noise, sizeof noise, world.now, &len));
      g_assert_null (flow_handle_datagram (&world.b.flow, noise, kind % FLOW_HEADER,
                                           world.now, &len));
    }
  g_assert_cmpuint (world.b.flow.expected, ==, 0);
  g_assert_cmpuint (world.b.flow.confirmed, ==, 0);
  g_assert_cmpuint (world.b.flow.lost, ==, 0);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/flow/end", test_bytes_and_end_arrive);
  g_test_add_func ("/tools/flow/window", test_window_closes_and_opens);
  g_test_add_func ("/tools/flow/slow-reader", test_slow_reader_stops_the_sender);
  g_test_add_func ("/tools/flow/lost", test_lost_ones_are_counted);
  g_test_add_func ("/tools/flow/lost-window", test_whole_window_is_lost);
  g_test_add_func ("/tools/flow/unanswered", test_question_is_repeated_until_answered);
  g_test_add_func ("/tools/flow/late", test_late_and_doubled_ones_are_dropped);
  g_test_add_func ("/tools/flow/round", test_numbers_go_round);
  g_test_add_func ("/tools/flow/nonsense", test_nonsense_changes_nothing);
  return g_test_run ();
}
