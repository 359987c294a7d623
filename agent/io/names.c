/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks GResolver for the one address of a name under .local
 * (draft-ietf-mmusic-mdns-ice-candidates 3.2). Decides what is an answer; which names are
 * asked for, and how many at one time, is the engine's.
 *
 * NOTES: systemd-resolved and Avahi on the system's bus were the other way. They are what
 * GResolver ends at, by nss-resolve or nss-mdns, and what sees to the unicast bit and to
 * rates; a bus is not there in many containers and sandboxes, and its connection would be
 * the process's, made by a library. What is lost: a look-up takes a thread of GResolver's
 * while it lasts, up to 5 s where nobody answers. */
#include "config.h"

#include "io/names.h"

#include "io/resolver.h"

struct _NiceNameSearch
{
  NiceDriver *driver;
  guint id;
  gchar *name;
  GCancellable *cancellable;
  gboolean is_started;
};

static void
free_search (NiceNameSearch *self)
{
  nice_driver_unref (self->driver);
  g_object_unref (self->cancellable);
  g_free (self->name);
  g_free (self);
}

void
nice_names_need (NiceDriver *driver, guint id)
{
  const gchar *name = ice_engine_get_name (driver->engine, id);
  NiceNameSearch *self;

  if (name == NULL)
    return;
  self = g_new0 (NiceNameSearch, 1);
  self->driver = nice_driver_ref (driver);
  self->id = id;
  self->name = g_strdup (name);
  self->cancellable = g_cancellable_new ();
  nice_driver_put_off (&driver->names, self);
}

/* Whoever waits for a cancellable may be anybody's code. */
static void
drop (NiceDriver *driver, guint index)
{
  NiceNameSearch *self = g_ptr_array_remove_index_fast (driver->names, index);

  nice_driver_put_off (&driver->cancelled, g_object_ref (self->cancellable));
  if (!self->is_started)
    free_search (self);
}

void
nice_names_drop (NiceDriver *driver, guint id)
{
  for (guint i = 0; driver->names != NULL && i < driver->names->len; i++)
    {
      const NiceNameSearch *search = g_ptr_array_index (driver->names, i);

      if (search->id == id)
        {
          drop (driver, i);
          return;
        }
    }
}

void
nice_names_drop_all (NiceDriver *driver)
{
  while (driver->names != NULL && driver->names->len > 0)
    drop (driver, 0);
}

gboolean
nice_names_are_due (const NiceDriver *driver)
{
  for (guint i = 0; driver->names != NULL && i < driver->names->len; i++)
    if (!((const NiceNameSearch *)g_ptr_array_index (driver->names, i))->is_started)
      return TRUE;
  return FALSE;
}

/* --- The answer --- */

/* The draft 3.2.2: a name of one interface has one address; what has more is somebody
 * else's. */
static gboolean
read_answer (const GList *found, NiceAddress *address)
{
  return found != NULL && found->next == NULL
         && nice_resolver_read_address (found->data, 0, address);
}

static gboolean
take_off (NiceNameSearch *self)
{
  NiceDriver *driver = self->driver;
  gboolean was_wanted;

  g_mutex_lock (&driver->lock);
  was_wanted = g_ptr_array_remove_fast (driver->names, self);
  g_mutex_unlock (&driver->lock);
  return was_wanted;
}

static void
answer (NiceNameSearch *self, const NiceAddress *address)
{
  g_autoptr (GObject) owner = nice_driver_dup_owner (self->driver);
  IceEngine *engine;
  gint64 now;

  if (take_off (self) && owner != NULL)
    {
      engine = nice_driver_enter (self->driver, &now);
      ice_engine_handle_name (engine, self->id, address, now);
      nice_driver_leave (self->driver);
    }
  free_search (self);
}

static void
looked_up (GObject *resolver, GAsyncResult *result, gpointer data)
{
  NiceNameSearch *self = data;
  g_autoptr (GError) error = NULL;
  GList *found = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &error);
  NiceAddress address;

  if (error != NULL)
    g_debug ("looking up a candidate's name: %s", error->message);
  answer (self, read_answer (found, &address) ? &address : NULL);
  g_resolver_free_addresses (found);
}

static void
start (NiceNameSearch *self)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  g_main_context_push_thread_default (nice_reactor_get_context (self->driver->reactor));
  g_resolver_lookup_by_name_async (resolver, self->name, self->cancellable, looked_up,
                                   self);
  g_main_context_pop_thread_default (nice_reactor_get_context (self->driver->reactor));
}

void
nice_names_start (NiceDriver *driver)
{
  g_autoptr (GPtrArray) searches = g_ptr_array_new ();

  g_mutex_lock (&driver->lock);
  for (guint i = 0; driver->names != NULL && i < driver->names->len; i++)
    {
      NiceNameSearch *search = g_ptr_array_index (driver->names, i);

      if (!search->is_started)
        g_ptr_array_add (searches, search);
      search->is_started = TRUE;
    }
  g_mutex_unlock (&driver->lock);
  for (guint i = 0; i < searches->len; i++)
    start (g_ptr_array_index (searches, i));
}
