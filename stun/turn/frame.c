/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides what is ChannelData and what is an indication, and how far each goes; it must
 * not know allocations or peers. RFC 8656 11, 12.4 to 12.6. */
#include "config.h"

#include "turn/frame.h"

guint
turn_frame_write_send (guint8 *header, const TurnSend *send, guint16 size)
{
  guint8 *data_header;
  StunWriter writer;

  stun_writer_init (&writer, header, TURN_INDICATION_MAX_HEADER, STUN_CLASS_INDICATION,
                    STUN_METHOD_SEND, send->id);
  stun_attr_write_xor_address (&writer, STUN_ATTR_XOR_PEER_ADDRESS, &send->peer);
  if (send->dont_fragment)
    stun_attr_write_flag (&writer, STUN_ATTR_DONT_FRAGMENT);
  data_header = stun_writer_append (&writer, STUN_ATTR_DATA, 0);
  g_assert (data_header != NULL);
  /* DATA's value is the payload, which never comes here: its length is written by hand.
   */
  stun_store16 (header + writer.len - 2, size);
  stun_store16 (header + STUN_MESSAGE_LENGTH_POS,
                writer.len - STUN_MESSAGE_HEADER_LENGTH + stun_padded (size));
  return writer.len;
}

static gsize
first_size (const TurnRun *run)
{
  return MIN (run->stride, run->size);
}

static void
drop_front (TurnRun *run, gsize size)
{
  run->data += size;
  run->size -= size;
}

gboolean
turn_frame_take_one (TurnRun *run, TurnRun *taken)
{
  const gsize whole = first_size (run);

  if (whole == 0)
    return FALSE;
  *taken = (TurnRun) { run->data, whole, whole, run->skip };
  drop_front (run, whole);
  return TRUE;
}

/* The length that the datagram's ChannelData claims; FALSE: none, or it is cut. */
static gboolean
read_channel (const guint8 *data, gsize size, guint16 *channel, gsize *length)
{
  if (size < TURN_CHANNEL_HEADER || !turn_frame_is_channel (data[0]))
    return FALSE;
  *channel = stun_load16 (data);
  *length = TURN_CHANNEL_HEADER + (gsize)stun_load16 (data + 2);
  return *length <= size;
}

gboolean
turn_frame_take_channel (TurnRun *run, TurnRun *taken, guint16 *channel)
{
  const gsize whole = first_size (run);
  gsize end = whole, length;
  guint16 next;

  if (whole < run->skip
      || !read_channel (run->data + run->skip, whole - run->skip, channel, &length))
    return FALSE;
  *taken = (TurnRun) { run->data, whole, whole, run->skip + TURN_CHANNEL_HEADER };
  if (run->skip + length < whole)
    taken->size = taken->stride = run->skip + length;
  else
    {
      while (end < run->size)
        {
          const gsize size = MIN (run->stride, run->size - end);

          if (size < run->skip
              || !read_channel (run->data + end + run->skip, size - run->skip, &next,
                                &length)
              || next != *channel || run->skip + length != size)
            break;
          end += size;
        }
      taken->size = end;
    }
  drop_front (run, end);
  return TRUE;
}

StunRule
turn_frame_measure (const guint8 *data, gsize len, gsize *size, gsize *padded)
{
  StunRule rule;

  *size = *padded = 0;
  if (len > 0 && turn_frame_is_channel (data[0]))
    {
      if (len < TURN_CHANNEL_HEADER)
        return STUN_RULE_TRUNCATED;
      *size = TURN_CHANNEL_HEADER + (gsize)stun_load16 (data + 2);
      *padded = stun_padded (*size);
      return len < *padded ? STUN_RULE_TRUNCATED : STUN_RULE_KEPT;
    }
  if (len > 0 && data[0] > 3) /* RFC 8489 5: two zero bits begin a message */
    return STUN_RULE_FIRST_BITS;
  rule = stun_wire_measure (data, len, STUN_WIRE_NORMAL, size);
  *padded = *size;
  return rule;
}

StunRule
turn_frame_read_data (const StunView *view, TurnDataIndication *indication)
{
  TurnDataIndication found = { 0 };
  StunRule rule, icmp;

  rule = stun_attr_read_xor_address (view, STUN_ATTR_XOR_PEER_ADDRESS, &found.peer);
  if (rule != STUN_RULE_KEPT)
    return rule;
  icmp = stun_attr_read_icmp (view, &found.icmp);
  found.has_icmp = icmp == STUN_RULE_KEPT;
  rule = stun_attr_read_bytes (view, STUN_ATTR_DATA, &found.data);
  if (rule != STUN_RULE_KEPT && !(rule == STUN_RULE_ABSENT && found.has_icmp))
    return rule;
  *indication = found;
  return STUN_RULE_KEPT;
}
