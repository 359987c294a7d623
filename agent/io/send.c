/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends an application's messages on the selected path of a component, without the
 * agent's lock. Decides what a call returns; must not know how datagrams leave. */
#include "config.h"

#include <errno.h>

#include "io/bundle.h"
#include "io/driver-private.h"

void
nice_path_report_failure (const NicePath *path, gint error)
{
  NiceDriver *driver = path->base->driver;
  g_autoptr (GObject) owner = nice_driver_dup_owner (driver);
  IceEngine *engine;
  gint64 now;

  if (owner == NULL || error == EMSGSIZE || error == EINVAL || error == ENOMEM
      || error == ENOBUFS)
    return; /* says nothing of the path */
  engine = nice_driver_enter (driver, &now);
  ice_engine_handle_base_error (engine, path->base->id, &path->to,
                                nice_reason_from_errno (error), now);
  nice_driver_leave (driver);
}

void
nice_component_io_count_sent (NiceComponentIo *self, const NicePath *path, guint n,
                              gsize bytes)
{
  const gint64 now = g_get_monotonic_time ();

  nice_tally_add (&path->meter->sent, n, bytes, now);
  nice_tally_add (&self->meter->sent, n, bytes, now);
  nice_component_io_note (self, NICE_TRAFFIC_SENT);
}

gint
nice_path_send (const NicePath *path, const NiceSendMessage *messages, guint n_messages,
                gsize *bytes)
{
  const NiceOutRun run = { messages, n_messages, 0, &path->to };

  return nice_base_send_run (path->base, &run, bytes);
}

/* The component, if it can be sent on, and a reference to its path. */
static NicePath *
dup_path (NiceDriver *self, guint stream_id, guint component_id,
          NiceComponentIo **component, GError **error)
{
  NicePath *path = NULL;

  nice_guard_enter (&self->senders);
  *component = nice_driver_find_component (self, stream_id, component_id);
  if (*component != NULL)
    path = g_atomic_pointer_get (&(*component)->path);
  if (path != NULL)
    nice_path_ref (path);
  nice_guard_leave (&self->senders);

  /* The path keeps its base, and that the component. */
  if (*component == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
                         "Invalid stream/component.");
  else if (path == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, g_strerror (EAGAIN));
  return path;
}

/* --- One by one --- */

static NiceBundle *
ensure_bundle (NiceComponentIo *component)
{
  NiceBundle *bundle = g_atomic_pointer_get (&component->bundle);

  if (bundle != NULL)
    return bundle;
  bundle = nice_bundle_new (component);
  if (!g_atomic_pointer_compare_and_exchange (&component->bundle, NULL, bundle))
    {
      nice_bundle_free (bundle);
      bundle = g_atomic_pointer_get (&component->bundle);
    }
  return bundle;
}

static gint
send_now (NiceComponentIo *component, const NicePath *path,
          const NiceSendMessage *messages, guint n_messages)
{
  gsize bytes = 0;
  const gint sent = nice_path_send (path, messages, n_messages, &bytes);

  if (sent > 0)
    nice_component_io_count_sent (component, path, sent, bytes);
  else if (sent < 0 && sent != -EAGAIN)
    nice_path_report_failure (path, -sent);
  return sent;
}

static gint
send_or_keep (NiceComponentIo *component, NicePath *path, const NiceSendMessage *messages,
              guint n_messages)
{
  const gint wait = g_atomic_int_get (&component->driver->coalescing);

  if (wait != 0)
    return nice_bundle_send (ensure_bundle (component), path, messages, n_messages,
                             MAX (wait, 0));
  if (G_UNLIKELY (g_atomic_pointer_get (&component->bundle) != NULL))
    nice_bundle_flush (component->bundle); /* it was on before */
  return send_now (component, path, messages, n_messages);
}

/* --- The call --- */

static void
set_send_error (GError **error, gint code)
{
  if (code == 0 || code == -EAGAIN)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, g_strerror (EAGAIN));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                         "Error writing data to socket.");
}

gint
nice_driver_send (NiceDriver *self, guint stream_id, guint component_id,
                  const NiceSendMessage *messages, guint n_messages, GError **error)
{
  NiceComponentIo *component;
  g_autoptr (NicePath) path = dup_path (self, stream_id, component_id, &component, error);
  gint sent;

  if (path == NULL)
    return -1;
  if (!g_atomic_int_get (&component->has_consent))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           "Consent to send has been revoked by the peer");
      return -1;
    }

  sent = send_or_keep (component, path, messages, n_messages);
  if (sent > 0)
    return sent;
  set_send_error (error, sent);
  return -1;
}
