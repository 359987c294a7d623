/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Receiving by calls that wait: they read the component's sockets themselves, whether or
 * not a main loop runs, and answer checks on the way. Decides in which order data is
 * taken and when a call returns. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/driver-private.h"
#include "io/reading.h"

typedef struct
{
  NiceDriver *driver;
  NiceComponentIo *component;
  NiceReceiveMessage *messages;
  guint n_messages, n_filled;
  gboolean was_woken;
} Call;

static guint
count_buffers (const NiceReceiveMessage *message)
{
  guint n = 0;

  if (message->n_buffers >= 0)
    return message->n_buffers;
  while (message->buffers[n].buffer != NULL)
    n++;
  return n;
}

/* What does not fit the message's buffers is cut off, as recv() does. */
static void
fill (Call *self, const guint8 *data, guint len, const NiceAddress *from)
{
  NiceReceiveMessage *message = &self->messages[self->n_filled++];
  const guint n_buffers = count_buffers (message);

  message->length = 0;
  for (guint i = 0; i < n_buffers && message->length < len; i++)
    {
      const gsize part = MIN (message->buffers[i].size, len - message->length);

      memcpy (message->buffers[i].buffer, data + message->length, part);
      message->length += part;
    }
  if (message->from != NULL)
    *message->from = *from;
}

static gboolean
is_full (const Call *self)
{
  return self->n_filled == self->n_messages;
}

static gboolean
catch_data (gpointer data, const NiceReceived *received, const NiceAddress *from)
{
  Call *self = data;

  if (is_full (self))
    return FALSE;
  fill (self, received->data, received->len, from);
  return TRUE;
}

static void
take_pending (Call *self)
{
  NicePendingItem *item;

  while (!is_full (self) && (item = nice_pending_pop (&self->component->pending)) != NULL)
    {
      fill (self, item->data, item->len, &item->from);
      g_free (item);
    }
}

/* Those that bring data. */
static GPtrArray *
dup_bases (const Call *self)
{
  GPtrArray *bases = g_ptr_array_new_with_free_func ((GDestroyNotify)nice_base_unref);

  g_mutex_lock (&self->driver->lock);
  for (guint i = 0; i < self->driver->bases.len; i++)
    {
      NiceBase *base = ice_list_get (&self->driver->bases, i);

      if (base->component == self->component && nice_base_brings_data (base))
        g_ptr_array_add (bases, nice_base_ref (base));
    }
  g_mutex_unlock (&self->driver->lock);
  return bases;
}

/* Takes what is there. */
static void
collect (Call *self, GPtrArray *bases, GObject *owner)
{
  NicePool *pool = nice_reactor_get_pool (self->driver->reactor);
  gboolean has_more;

  do
    {
      has_more = FALSE;
      take_pending (self);
      for (guint i = 0; i < bases->len && !is_full (self); i++)
        has_more |= nice_receive_directly (g_ptr_array_index (bases, i), owner, pool,
                                           catch_data, self);
    }
  while (has_more && !is_full (self));
  take_pending (self); /* behind which what was read had to queue */
}

/* --- Waiting --- */

/* Before the call looks at anything: what changes after that wakes it. */
static gboolean
open_wake_fd (NiceComponentIo *component, GError **error)
{
  gint fd;

  if (g_atomic_int_get (&component->wake_fd) >= 0)
    return TRUE;
  fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0)
    {
      const gint cause = errno;

      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (cause),
                           g_strerror (cause));
      return FALSE;
    }
  if (!g_atomic_int_compare_and_exchange (&component->wake_fd, -1, fd))
    close (fd);
  return TRUE;
}

static gboolean
wait_for_data (Call *self, GPtrArray *bases, GCancellable *cancellable, GError **error)
{
  const guint n_max = bases->len + 2;
  g_autofree struct pollfd *fds = g_new0 (struct pollfd, n_max);
  GPollFD cancel_fd;
  const gboolean can_cancel = g_cancellable_make_pollfd (cancellable, &cancel_fd);
  const gint wake_fd = g_atomic_int_get (&self->component->wake_fd);
  guint64 count;
  gssize got;
  guint n = 0;
  gint result, cause;

  for (guint i = 0; i < bases->len; i++)
    {
      const NiceBase *base = g_ptr_array_index (bases, i);

      fds[n++] = (struct pollfd) { .fd = base->endpoint->fd, .events = POLLIN };
    }
  fds[n++] = (struct pollfd) { .fd = wake_fd, .events = POLLIN };
  if (can_cancel)
    fds[n++] = (struct pollfd) { .fd = cancel_fd.fd, .events = POLLIN };

  result = poll (fds, n, -1);
  cause = errno;
  if (can_cancel)
    g_cancellable_release_fd (cancellable);
  /* Once for however many wake-ups: the call looks at everything. */
  do
    got = read (wake_fd, &count, sizeof count);
  while (got < 0 && errno == EINTR);
  self->was_woken |= got > 0;
  if (result < 0 && cause != EINTR)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (cause),
                           g_strerror (cause));
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_removed (Call *self, GError **error)
{
  if (!g_atomic_int_get (&self->component->is_removed))
    return FALSE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
                       "Component removed during call.");
  return TRUE;
}

static gboolean
receive_all (Call *self, GObject *owner, GCancellable *cancellable, GError **error)
{
  if (!open_wake_fd (self->component, error))
    return FALSE;
  while (!is_full (self))
    {
      g_autoptr (GPtrArray) bases = dup_bases (self);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || is_removed (self, error))
        return FALSE;
      collect (self, bases, owner);
      if (is_full (self))
        break;
      if (nice_pending_is_empty (&self->component->pending)
          && !wait_for_data (self, bases, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/* The wake-up that this call took may have been for others that wait: for data that it
 * leaves, for sockets that are new, and for the end. */
static void
pass_on (Call *self)
{
  if (self->was_woken || !nice_pending_is_empty (&self->component->pending))
    nice_component_io_wake (self->component);
}

/* What the call comes to; failure: why it ended early, or NULL. */
static gint
end_call (Call *self, GError *failure, GError **error)
{
  if (!g_atomic_int_dec_and_test (&self->component->n_waiting))
    pass_on (self);
  nice_component_io_resume (self->component);
  nice_component_io_unref (self->component);
  if (self->n_filled > 0 || self->n_messages == 0)
    g_clear_error (&failure);
  else if (failure == NULL)
    failure =
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, g_strerror (EAGAIN));

  if (failure == NULL)
    return self->n_filled;
  g_propagate_error (error, failure);
  return -1;
}

/* A function that was attached stops getting data: the two ways exclude each other. */
static gboolean
begin_call (Call *self, guint stream_id, guint component_id, GError **error)
{
  self->component =
      nice_driver_dup_component (self->driver, stream_id, component_id, error);
  if (self->component == NULL)
    return FALSE;
  g_atomic_int_inc (&self->component->n_waiting);
  if (g_atomic_pointer_get (&self->component->receiver) != NULL)
    nice_driver_attach (self->driver, stream_id, component_id, NULL, NULL, NULL, NULL);
  return TRUE;
}

gint
nice_driver_receive (NiceDriver *self, guint stream_id, guint component_id,
                     NiceReceiveMessage *messages, guint n_messages,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (self);
  Call call = { self, NULL, messages, n_messages, 0 };
  GError *failure = NULL;

  if (!begin_call (&call, stream_id, component_id, error))
    return -1;
  receive_all (&call, owner, cancellable, &failure);
  return end_call (&call, failure, error);
}

gint
nice_driver_receive_nonblocking (NiceDriver *self, guint stream_id, guint component_id,
                                 NiceReceiveMessage *messages, guint n_messages,
                                 GError **error)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (self);
  g_autoptr (GPtrArray) bases = NULL;
  Call call = { self, NULL, messages, n_messages, 0 };

  if (!begin_call (&call, stream_id, component_id, error))
    return -1;
  bases = dup_bases (&call);
  collect (&call, bases, owner);
  return end_call (&call, NULL, error);
}

void
nice_driver_read_on (NiceDriver *self, guint stream_id, guint component_id)
{
  g_autoptr (NiceComponentIo) component =
      nice_driver_dup_component (self, stream_id, component_id, NULL);
  const Call call = { self, component };
  g_autoptr (GPtrArray) bases = NULL;
  NiceReactor *reactor;

  if (component == NULL)
    return;
  bases = dup_bases (&call);
  g_mutex_lock (&self->lock);
  reactor = nice_reactor_hold (component->reactor);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < bases->len; i++)
    if (nice_reading_is_ours (g_ptr_array_index (bases, i)))
      nice_receive_ready (g_ptr_array_index (bases, i), reactor, EPOLLIN);
  nice_reactor_release (reactor);
}
