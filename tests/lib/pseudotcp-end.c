/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drives a connection of ours as its owners do: input, drain both polls, deadline. */
#include "config.h"

#include "pseudotcp-end.h"

#include <string.h>

static void
end_handle_packet (gpointer data, const guint8 *packet, gsize len, gint64 now)
{
  PtcpOurEnd *self = data;

  ptcp_connection_handle_packet (self->connection, packet, len, now);
}

static void
end_handle_timeout (gpointer data, gint64 now)
{
  PtcpOurEnd *self = data;

  ptcp_connection_handle_timeout (self->connection, now);
}

static gint64
end_get_deadline (gpointer data, gint64 now)
{
  PtcpOurEnd *self = data;

  return ptcp_connection_get_deadline (self->connection);
}

static void
end_drain (gpointer data, PtcpLink *link, guint side, gint64 now)
{
  PtcpOurEnd *self = data;
  PtcpTransmit transmit;
  PtcpEvent event;
  guint8 packet[65536];

  while (ptcp_connection_poll_transmit (self->connection, &transmit, now))
    {
      gsize at = transmit.header_len;

      memcpy (packet, transmit.header, at);
      for (guint i = 0; i < transmit.n_vectors; i++)
        {
          memcpy (packet + at, transmit.vectors[i].buffer, transmit.vectors[i].size);
          at += transmit.vectors[i].size;
        }
      g_assert_cmpuint (at, ==, transmit.size);
      ptcp_link_send (link, side, packet, at);
    }
  while (ptcp_connection_poll_event (self->connection, &event))
    switch (event.kind)
      {
      case PTCP_EVENT_OPENED:
        self->n_opened++;
        break;
      case PTCP_EVENT_READABLE:
        self->n_readable++;
        break;
      case PTCP_EVENT_WRITABLE:
        self->n_writable++;
        break;
      case PTCP_EVENT_CLOSED:
        self->n_closed++;
        self->error = event.error;
        break;
      }
}

static gssize
end_send (gpointer data, const guint8 *bytes, gsize len, gint64 now)
{
  PtcpOurEnd *self = data;

  return ptcp_connection_send (self->connection, bytes, len, now);
}

static gssize
end_recv (gpointer data, guint8 *bytes, gsize len, gint64 now)
{
  PtcpOurEnd *self = data;

  return ptcp_connection_recv (self->connection, bytes, len, now);
}

void
ptcp_our_end_init (PtcpOurEnd *self, const PtcpConfig *config, PtcpLink *link, guint side)
{
  memset (self, 0, sizeof *self);
  self->connection = ptcp_connection_new (config);
  link->ends[side] = (PtcpEnd) {
    .self = self,
    .handle_packet = end_handle_packet,
    .handle_timeout = end_handle_timeout,
    .get_deadline = end_get_deadline,
    .drain = end_drain,
    .send = end_send,
    .recv = end_recv,
  };
}

void
ptcp_our_end_clear (PtcpOurEnd *self)
{
  g_clear_pointer (&self->connection, ptcp_connection_free);
}
