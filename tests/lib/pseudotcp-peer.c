/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads another implementation as a black box, by the names that its ABI has. */
#include "config.h"

#include "pseudotcp-peer.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libnice.so.10"
#define SHUTDOWN_WR 1
#define WRITE_SUCCESS 0

typedef struct
{
  gpointer user_data;
  void (*opened) (GObject *socket, gpointer data);
  void (*readable) (GObject *socket, gpointer data);
  void (*writable) (GObject *socket, gpointer data);
  void (*closed) (GObject *socket, guint32 error, gpointer data);
  gint (*write_packet) (GObject *socket, const gchar *bytes, guint32 len, gpointer data);
} Callbacks;

static struct
{
  GType (*get_type) (void);
  gboolean (*connect) (GObject *socket);
  void (*notify_clock) (GObject *socket);
  gboolean (*get_next_clock) (GObject *socket, guint64 *timeout);
  gboolean (*notify_packet) (GObject *socket, const gchar *bytes, guint32 len);
  gint (*recv) (GObject *socket, char *bytes, size_t len);
  gint (*send) (GObject *socket, const char *bytes, guint32 len);
  void (*close) (GObject *socket, gboolean force);
  void (*shutdown) (GObject *socket, gint how);
} library;

static gint64 virtual_now = G_USEC_PER_SEC;

/* Taken by the loaded library instead of GLib's. */
gint64
g_get_monotonic_time (void)
{
  return virtual_now;
}

static gboolean
look_up (void *handle, const char *name, gpointer slot)
{
  g_autofree char *symbol = g_strconcat ("pseudo_tcp_socket_", name, NULL);

  *(void **)slot = dlsym (handle, symbol);
  return *(void **)slot != NULL;
}

gboolean
ptcp_peer_load (void)
{
  void *handle = dlopen (LIBRARY, RTLD_NOW | RTLD_LOCAL);

  return handle != NULL && look_up (handle, "get_type", &library.get_type)
         && look_up (handle, "connect", &library.connect)
         && look_up (handle, "notify_clock", &library.notify_clock)
         && look_up (handle, "get_next_clock", &library.get_next_clock)
         && look_up (handle, "notify_packet", &library.notify_packet)
         && look_up (handle, "recv", &library.recv)
         && look_up (handle, "send", &library.send)
         && look_up (handle, "close", &library.close)
         && look_up (handle, "shutdown", &library.shutdown);
}

/* --- Its callbacks --- */

static void
on_opened (GObject *socket, gpointer data)
{
  ((PtcpPeerEnd *)data)->n_opened++;
}

static void
on_readable (GObject *socket, gpointer data)
{
  ((PtcpPeerEnd *)data)->n_readable++;
}

static void
on_writable (GObject *socket, gpointer data)
{
  ((PtcpPeerEnd *)data)->n_writable++;
}

static void
on_closed (GObject *socket, guint32 error, gpointer data)
{
  ((PtcpPeerEnd *)data)->n_closed++;
  ((PtcpPeerEnd *)data)->error = error;
}

static gint
on_write (GObject *socket, const gchar *bytes, guint32 len, gpointer data)
{
  PtcpPeerEnd *self = data;

  ptcp_link_send (self->link, self->side, (const guint8 *)bytes, len);
  return WRITE_SUCCESS;
}

/* --- As an end of the link --- */

static void
end_handle_packet (gpointer data, const guint8 *packet, gsize len, gint64 now)
{
  PtcpPeerEnd *self = data;

  virtual_now = now;
  library.notify_packet (self->socket, (const gchar *)packet, (guint32)len);
}

static void
end_handle_timeout (gpointer data, gint64 now)
{
  PtcpPeerEnd *self = data;

  virtual_now = now;
  library.notify_clock (self->socket);
}

/* It asks for a moment that is past when it wants to be called at once. */
static gint64
end_get_deadline (gpointer data, gint64 now)
{
  PtcpPeerEnd *self = data;
  guint64 timeout = 0;

  virtual_now = now;
  if (!library.get_next_clock (self->socket, &timeout))
    return G_MAXINT64;
  return MAX ((gint64)timeout * 1000, now);
}

static void
end_drain (gpointer data, PtcpLink *link, guint side, gint64 now)
{
}

static gssize
end_send (gpointer data, const guint8 *bytes, gsize len, gint64 now)
{
  PtcpPeerEnd *self = data;

  virtual_now = now;
  return library.send (self->socket, (const char *)bytes, (guint32)len);
}

static gssize
end_recv (gpointer data, guint8 *bytes, gsize len, gint64 now)
{
  PtcpPeerEnd *self = data;

  virtual_now = now;
  return library.recv (self->socket, (char *)bytes, len);
}

void
ptcp_peer_end_init (PtcpPeerEnd *self, guint32 conversation, gboolean fin_ack,
                    PtcpLink *link, guint side)
{
  Callbacks callbacks = {
    self, on_opened, on_readable, on_writable, on_closed, on_write
  };

  memset (self, 0, sizeof *self);
  self->link = link;
  self->side = side;
  virtual_now = link->now;
  self->socket = g_object_new (library.get_type (), "conversation", conversation,
                               "callbacks", &callbacks, "support-fin-ack", fin_ack, NULL);
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
ptcp_peer_end_clear (PtcpPeerEnd *self)
{
  g_clear_object (&self->socket);
}

void
ptcp_peer_connect (PtcpPeerEnd *self)
{
  virtual_now = self->link->now;
  library.connect (self->socket);
}

void
ptcp_peer_close (PtcpPeerEnd *self, gboolean force)
{
  virtual_now = self->link->now;
  library.close (self->socket, force);
}

void
ptcp_peer_shutdown_write (PtcpPeerEnd *self)
{
  virtual_now = self->link->now;
  library.shutdown (self->socket, SHUTDOWN_WR);
}

guint
ptcp_peer_get_state (PtcpPeerEnd *self)
{
  guint state;

  g_object_get (self->socket, "state", &state, NULL);
  return state;
}
