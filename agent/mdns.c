/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes names for addresses, and has Avahi answer for them, by its D-Bus interface
 * (draft-ietf-mmusic-mdns-ice-candidates 3.1.1, RFC 6762). Must not know an agent, nor
 * where names are told.
 *
 * A name is good before it is published, and where it cannot be: who is told of it learns
 * nothing of the network here.
 *
 * NOTES: an mDNS responder of our own was the other way. It would share port 5353 with
 * Avahi, resolved and browsers, and compete with them for unicast answers. The connection
 * to the bus is not the process's: when it ends, Avahi withdraws what came by it, and
 * g_bus_get () would end the process with the bus. */
#include "config.h"

#include "mdns.h"

#include "io/random.h"

#define AVAHI "org.freedesktop.Avahi"

/* AvahiPublishFlags: nobody else has made up that name; and its address has another. */
#define PUBLISH_NO_PROBE 2
#define PUBLISH_NO_REVERSE 16
#define PUBLISH_ANYWHERE -1 /* interfaces, protocols */

typedef struct
{
  gchar ip[NICE_ADDRESS_STRING_LEN];
  gchar *text;
} Name;

struct _NiceMdns
{
  gint ref_count; /* atomic */
  GMainContext *context;
  GCancellable *cancellable;
  GMutex lock;      /* a leaf */
  GPtrArray *names; /* Name, under lock; never fewer */
  gboolean wakes;   /* under lock: publish_new() will run */
  /* In the context only. */
  GDBusConnection *bus; /* NULL: there is none, or not yet */
  gboolean has_asked;   /* for the bus */
  guint n_published;
};

/* --- Life --- */

static void
free_name (gpointer data)
{
  Name *self = data;

  g_free (self->text);
  g_free (self);
}

static NiceMdns *
ref (NiceMdns *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
unref (gpointer data)
{
  NiceMdns *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  if (self->bus != NULL)
    g_dbus_connection_close (self->bus, NULL, NULL, NULL);
  g_clear_object (&self->bus);
  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->names);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

NiceMdns *
nice_mdns_new (GMainContext *context)
{
  NiceMdns *self = g_new0 (NiceMdns, 1);

  self->ref_count = 1;
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->cancellable = g_cancellable_new ();
  self->names = g_ptr_array_new_with_free_func (free_name);
  g_mutex_init (&self->lock);
  return self;
}

void
nice_mdns_free (NiceMdns *self)
{
  g_cancellable_cancel (self->cancellable);
  unref (self);
}

/* --- Publishing, in the context --- */

typedef struct
{
  NiceMdns *mdns;
  const Name *name;
} Publication;

static void
call_group (const Publication *self, const gchar *group, const gchar *method,
            GVariant *parameters)
{
  g_dbus_connection_call (self->mdns->bus, AVAHI, group, AVAHI ".EntryGroup", method,
                          parameters, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL,
                          NULL, NULL);
}

static void
add_to_group (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autofree Publication *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);
  const gchar *group;

  if (reply != NULL)
    {
      g_variant_get (reply, "(&o)", &group);
      call_group (self, group, "AddAddress",
                  g_variant_new ("(iiuss)", PUBLISH_ANYWHERE, PUBLISH_ANYWHERE,
                                 PUBLISH_NO_PROBE | PUBLISH_NO_REVERSE, self->name->text,
                                 self->name->ip));
      call_group (self, group, "Commit", NULL);
    }
  else
    g_debug ("Avahi publishes no name: %s", error->message);
  unref (self->mdns);
}

static void
publish (NiceMdns *self, const Name *name)
{
  Publication *publication = g_new (Publication, 1);

  *publication = (Publication) { ref (self), name };
  g_main_context_push_thread_default (self->context);
  g_dbus_connection_call (self->bus, AVAHI, "/", AVAHI ".Server", "EntryGroupNew", NULL,
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, -1,
                          self->cancellable, add_to_group, publication);
  g_main_context_pop_thread_default (self->context);
}

/* Names are never taken away, so that they need no lock once they are in hand. */
static const Name *
next_to_publish (NiceMdns *self)
{
  const Name *name = NULL;

  g_mutex_lock (&self->lock);
  self->wakes = FALSE;
  if (self->n_published < self->names->len)
    name = g_ptr_array_index (self->names, self->n_published++);
  g_mutex_unlock (&self->lock);
  return name;
}

static void
publish_new (NiceMdns *self)
{
  const Name *name;

  while (self->bus != NULL && (name = next_to_publish (self)) != NULL)
    publish (self, name);
}

static void
connected (GObject *source, GAsyncResult *result, gpointer data)
{
  NiceMdns *self = data;
  g_autoptr (GError) error = NULL;

  self->bus = g_dbus_connection_new_for_address_finish (result, &error);
  if (error != NULL)
    g_debug ("no bus to reach Avahi by: %s", error->message);
  publish_new (self);
  unref (self);
}

static void
connect_bus (NiceMdns *self)
{
  g_autofree gchar *address =
      g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL); /* asks nobody */

  self->has_asked = TRUE;
  if (address == NULL)
    return;
  g_main_context_push_thread_default (self->context);
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, connected, ref (self));
  g_main_context_pop_thread_default (self->context);
}

static gboolean
wake (gpointer data)
{
  NiceMdns *self = data;

  if (!self->has_asked && !g_cancellable_is_cancelled (self->cancellable))
    connect_bus (self);
  publish_new (self);
  return G_SOURCE_REMOVE;
}

/* --- Names --- */

/* RFC 9562 5.4: version 4. g_uuid_string_random() can be foretold. */
static gchar *
make_text (void)
{
  guint8 b[16];

  nice_random_fill (NULL, b, sizeof b);
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  return g_strdup_printf ("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                          "%02x%02x%02x%02x%02x%02x.local",
                          b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
                          b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void
attach_wake (NiceMdns *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, wake, ref (self), unref);
  g_source_attach (source, self->context);
}

/* With the lock. */
static Name *
add_name (NiceMdns *self, const gchar *ip)
{
  Name *name = g_new0 (Name, 1);

  g_strlcpy (name->ip, ip, sizeof name->ip);
  name->text = make_text ();
  g_ptr_array_add (self->names, name);
  if (!self->wakes)
    attach_wake (self);
  self->wakes = TRUE;
  return name;
}

const gchar *
nice_mdns_get_name (NiceMdns *self, const NiceAddress *address)
{
  gchar ip[NICE_ADDRESS_STRING_LEN];
  const Name *found = NULL;

  nice_address_to_string (address, ip);
  g_mutex_lock (&self->lock);
  for (guint i = 0; found == NULL && i < self->names->len; i++)
    {
      const Name *name = g_ptr_array_index (self->names, i);

      if (g_str_equal (name->ip, ip))
        found = name;
    }
  if (found == NULL)
    found = add_name (self, ip);
  g_mutex_unlock (&self->lock);
  return found->text;
}
