/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns the statistics of nice_agent_get_stats() (a{sv}: an identifier, and a{sv} in the
 * words of W3C webrtc-stats) into rows. What is missing or of another type reads as
 * nothing; statistics grow, and a table must not break by it. */
#include "config.h"

#include "pairs.h"

#include "table.h"

#include <string.h>

static const char *
lookup_text (GVariant *dict, const char *key)
{
  const char *text = NULL;

  if (dict == NULL || !g_variant_lookup (dict, key, "&s", &text))
    return NULL;
  return text;
}

static guint64
lookup_number (GVariant *dict, const char *key)
{
  g_autoptr (GVariant) value = NULL;

  if (dict != NULL)
    value = g_variant_lookup_value (dict, key, NULL);
  if (value == NULL)
    return 0;
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_UINT16:
      return g_variant_get_uint16 (value);
    case G_VARIANT_CLASS_UINT32:
      return g_variant_get_uint32 (value);
    case G_VARIANT_CLASS_UINT64:
      return g_variant_get_uint64 (value);
    case G_VARIANT_CLASS_INT32:
      return MAX (0, g_variant_get_int32 (value));
    case G_VARIANT_CLASS_INT64:
      return MAX (0, g_variant_get_int64 (value));
    default:
      return 0;
    }
}

static gboolean
lookup_flag (GVariant *dict, const char *key)
{
  gboolean flag = FALSE;

  return g_variant_lookup (dict, key, "b", &flag) && flag;
}

char *
pairs_format_address (const char *address, guint port)
{
  const gboolean ipv6 = strchr (address, ':') != NULL;

  return g_strdup_printf (ipv6 ? "[%s]:%u" : "%s:%u", address, port);
}

static void
fill_candidate (GVariant *stats, GVariant *pair, const char *key, char **address,
                char **type)
{
  const char *id = lookup_text (pair, key);
  g_autoptr (GVariant) candidate = NULL;
  const char *text;

  if (id != NULL)
    candidate = g_variant_lookup_value (stats, id, G_VARIANT_TYPE_VARDICT);
  text = lookup_text (candidate, "address");
  if (text != NULL)
    *address = pairs_format_address (text, lookup_number (candidate, "port"));
  *type = g_strdup (lookup_text (candidate, "candidateType"));
  text = lookup_text (candidate, "protocol");
  if (*type != NULL && g_strcmp0 (text, "tcp") == 0)
    {
      g_autofree char *plain = *type;

      *type = g_strconcat (plain, "/tcp", NULL);
    }
}

static PairRow *
row_of (GVariant *stats, GVariant *pair)
{
  PairRow *row = pair_row_new ();

  fill_candidate (stats, pair, "localCandidateId", &row->local, &row->local_type);
  fill_candidate (stats, pair, "remoteCandidateId", &row->remote, &row->remote_type);
  row->priority = lookup_number (pair, "priority");
  row->checks_sent = lookup_number (pair, "requestsSent");
  row->checks_received = lookup_number (pair, "requestsReceived");
  row->state = g_strdup (lookup_text (pair, "state"));
  row->readable = lookup_flag (pair, "readable");
  row->writable = lookup_flag (pair, "writable");
  row->nominated = lookup_flag (pair, "nominated");
  row->selected = lookup_flag (pair, "selected");
  return row;
}

static gint
compare_rows (gconstpointer a, gconstpointer b)
{
  const PairRow *left = *(PairRow *const *)a;
  const PairRow *right = *(PairRow *const *)b;

  if (left->priority != right->priority)
    return left->priority > right->priority ? -1 : 1;
  return g_strcmp0 (left->local, right->local);
}

GPtrArray *
pairs_from_stats (GVariant *stats)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)pair_row_free);
  GVariantIter iter;
  GVariant *value;

  g_variant_iter_init (&iter, stats);
  while (g_variant_iter_loop (&iter, "{sv}", NULL, &value))
    if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT)
        && g_strcmp0 (lookup_text (value, "type"), "candidate-pair") == 0)
      g_ptr_array_add (rows, row_of (stats, value));
  g_ptr_array_sort (rows, compare_rows);
  return rows;
}
