/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GResolver that answers out of two tables, in the caller's context as any does. */
#include "names.h"

struct _Names
{
  GResolver parent_instance;
  GHashTable *addresses; /* name -> GPtrArray of GInetAddress */
  GHashTable *services;  /* name -> GPtrArray of GVariant (qqqs) */
  GString *log;
  gboolean is_silent;
  GPtrArray *waiting; /* GTask, with a Question as its data */
};

G_DEFINE_TYPE (Names, names, G_TYPE_RESOLVER)

typedef struct
{
  gchar *name;
  GSocketFamily family;
} Question;

static void
free_question (gpointer data)
{
  Question *self = data;

  g_free (self->name);
  g_free (self);
}

static GPtrArray *
get_row (GHashTable *table, const gchar *name, GDestroyNotify free_item)
{
  GPtrArray *row = g_hash_table_lookup (table, name);

  if (row == NULL)
    {
      row = g_ptr_array_new_with_free_func (free_item);
      g_hash_table_insert (table, g_strdup (name), row);
    }
  return row;
}

static void
free_addresses (gpointer list)
{
  g_list_free_full (list, g_object_unref);
}

static void
free_records (gpointer list)
{
  g_list_free_full (list, (GDestroyNotify)g_variant_unref);
}

static void
give (GTask *task, const gchar *name, GList *found, GDestroyNotify free_list)
{
  if (found != NULL)
    g_task_return_pointer (task, found, free_list);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
                             "Nobody knows %s", name);
}

static void
answer (Names *self, GTask *task)
{
  const Question *question = g_task_get_task_data (task);
  GPtrArray *row = g_hash_table_lookup (self->addresses, question->name);
  GList *found = NULL;

  for (guint i = row != NULL ? row->len : 0; i > 0; i--)
    {
      GInetAddress *address = g_ptr_array_index (row, i - 1);

      if (question->family == G_SOCKET_FAMILY_INVALID
          || g_inet_address_get_family (address) == question->family)
        found = g_list_prepend (found, g_object_ref (address));
    }
  give (task, question->name, found, free_addresses);
}

static void
look_up_family (GResolver *resolver, const gchar *name, GSocketFamily family,
                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  Names *self = NAMES_NAMES (resolver);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  const Question question = { g_strdup (name), family };

  g_string_append_printf (self->log, "%s ", name);
  g_task_set_task_data (task, g_memdup2 (&question, sizeof question), free_question);
  if (!self->is_silent)
    {
      answer (self, task);
      return;
    }
  g_task_set_check_cancellable (task, FALSE);
  g_ptr_array_add (self->waiting, g_steal_pointer (&task));
}
static void
look_up_name (GResolver *resolver, const gchar *name, GResolverNameLookupFlags flags,
              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  look_up_family (resolver, name,
                  flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY ? G_SOCKET_FAMILY_IPV6
                                                                 : G_SOCKET_FAMILY_IPV4,
                  cancellable, callback, data);
}

/* libnice's way to ask */
static void
look_up_any (GResolver *resolver, const gchar *name, GCancellable *cancellable,
             GAsyncReadyCallback callback, gpointer data)
{
  look_up_family (resolver, name, G_SOCKET_FAMILY_INVALID, cancellable, callback, data);
}

static void
look_up_records (GResolver *resolver, const gchar *name, GResolverRecordType type,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  Names *self = NAMES_NAMES (resolver);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  GPtrArray *row = g_hash_table_lookup (self->services, name);
  GList *found = NULL;

  g_assert_cmpint (type, ==, G_RESOLVER_RECORD_SRV);
  g_string_append_printf (self->log, "%s ", name);
  for (guint i = 0; row != NULL && i < row->len; i++)
    found = g_list_append (found, g_variant_ref (g_ptr_array_index (row, i)));
  give (task, name, found, free_records);
}

static GList *
finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
names_finalize (GObject *object)
{
  Names *self = NAMES_NAMES (object);

  g_hash_table_unref (self->addresses);
  g_hash_table_unref (self->services);
  g_ptr_array_unref (self->waiting);
  g_string_free (self->log, TRUE);
  G_OBJECT_CLASS (names_parent_class)->finalize (object);
}

static void
names_class_init (NamesClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = names_finalize;
  resolver_class->lookup_by_name_async = look_up_any;
  resolver_class->lookup_by_name_finish = finish;
  resolver_class->lookup_by_name_with_flags_async = look_up_name;
  resolver_class->lookup_by_name_with_flags_finish = finish;
  resolver_class->lookup_records_async = look_up_records;
  resolver_class->lookup_records_finish = finish;
}

static void
names_init (Names *self)
{
  self->addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify)g_ptr_array_unref);
  self->services = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                          (GDestroyNotify)g_ptr_array_unref);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->log = g_string_new (NULL);
}

Names *
names_new (void)
{
  Names *self = g_object_new (NAMES_TYPE, NULL);

  g_resolver_set_default (G_RESOLVER (self));
  return self;
}

void
names_add (Names *self, const gchar *name, const gchar *address)
{
  g_ptr_array_add (get_row (self->addresses, name, g_object_unref),
                   g_inet_address_new_from_string (address));
}

void
names_add_srv (Names *self, const gchar *name, guint16 priority, guint16 port,
               const gchar *target)
{
  GVariant *record = g_variant_new ("(qqqs)", priority, (guint16)0, port, target);

  g_ptr_array_add (get_row (self->services, name, (GDestroyNotify)g_variant_unref),
                   g_variant_ref_sink (record));
}

const gchar *
names_get_log (Names *self)
{
  return self->log->str;
}

guint
names_count_cancelled (Names *self)
{
  guint n = 0;

  for (guint i = 0; i < self->waiting->len; i++)
    n += g_cancellable_is_cancelled (
        g_task_get_cancellable (g_ptr_array_index (self->waiting, i)));
  return n;
}

void
names_set_silent (Names *self, gboolean is_silent)
{
  self->is_silent = is_silent;
  for (guint i = 0; !is_silent && i < self->waiting->len; i++)
    answer (self, g_ptr_array_index (self->waiting, i));
  if (!is_silent)
    g_ptr_array_set_size (self->waiting, 0);
}
