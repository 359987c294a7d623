/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The checklist as a table. Reads only. */
#include "config.h"

#include "ice/stats.h"

static void
fill (IcePairInfo *info, const IcePair *pair)
{
  const IceComponent *component = pair->component;
  /* A valid pair's traffic is that of the pair that was checked. */
  const IcePair *counted = pair->checked != NULL ? pair->checked : pair;
  gboolean selected = component->selected == pair;

  *info = (IcePairInfo) { .local = pair->local->value,
                          .remote = pair->remote->value,
                          .base = pair->base,
                          .priority = pair->priority,
                          .state = pair->state,
                          .valid = pair->valid,
                          .nominated = pair->nominated,
                          .selected = selected,
                          .requests_sent = counted->requests_sent,
                          .requests_received = counted->requests_received,
                          .responses_sent = counted->responses_sent,
                          .responses_received = counted->responses_received,
                          .consent_requests_sent = pair->consent_requests_sent,
                          .rtt = counted->rtt,
                          .total_rtt = counted->total_rtt,
                          .consent_until = selected ? component->consent_until : 0,
                          .last_error = counted->last_error,
                          .last_error_code = counted->last_error_code };
}

static gint
compare_best (gconstpointer a, gconstpointer b)
{
  const IcePairInfo *x = a, *y = b;

  return (x->priority < y->priority) - (x->priority > y->priority);
}

void
ice_stats_get_pairs (const IceComponent *component, GArray *pairs)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (IcePairInfo));
  const IcePair *selected = component->selected;
  IcePairInfo info;

  for (guint i = 0; i < component->pairs.len; i++)
    {
      fill (&info, ice_list_get (&component->pairs, i));
      g_array_append_val (rows, info);
    }
  if (selected != NULL && selected->index == G_MAXUINT)
    {
      fill (&info, selected);
      g_array_append_val (rows, info);
    }
  g_array_sort (rows, compare_best);
  g_array_append_vals (pairs, rows->data, rows->len);
}

void
ice_stats_get_candidates (const IceList *ends, GArray *candidates)
{
  for (guint i = 0; i < ends->len; i++)
    {
      const IceEnd *end = ice_list_get (ends, i);

      if (!end->hidden)
        g_array_append_val (candidates, end->value);
    }
}
