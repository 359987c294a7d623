/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the system's resolver for NAPTR records, in a thread, because it blocks. Decides
 * nothing about what they mean. RFC 3403 4.1. */
#include "config.h"

#include "io/naptr.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <string.h>

#define MAX_ANSWER 4096 /* more than EDNS0 gets through a path */

/* --- parsing --- */

/* <character-string> of RFC 1035 3.3. Returns what follows it, NULL: it does not fit. */
static const guint8 *
read_string (const guint8 *at, const guint8 *end, gchar *to, gsize size)
{
  const gsize length = at < end ? *at : 0;

  if (at >= end || length > (gsize)(end - at - 1) || length >= size)
    return NULL;
  memcpy (to, at + 1, length);
  to[length] = '\0';
  return at + 1 + length;
}

static gboolean
read_record (ns_msg message, const ns_rr *rr, TurnNaptrRecord *record)
{
  const guint8 *at = ns_rr_rdata (*rr), *const end = at + ns_rr_rdlen (*rr);
  gchar pattern[256];

  if (ns_rr_type (*rr) != ns_t_naptr || end - at < 4)
    return FALSE;
  record->order = ns_get16 (at);
  record->preference = ns_get16 (at + 2);
  at = read_string (at + 4, end, record->flags, sizeof record->flags);
  if (at != NULL)
    at = read_string (at, end, record->service, sizeof record->service);
  if (at != NULL) /* RFC 3958 2.2.4: S-NAPTR has none */
    at = read_string (at, end, pattern, sizeof pattern);
  return at != NULL && at < end
         && dn_expand (ns_msg_base (message), ns_msg_end (message), at,
                       record->replacement, sizeof record->replacement)
                >= 0;
}

guint
nice_naptr_parse (const guint8 *answer, gsize size, TurnNaptrRecord *records)
{
  ns_msg message;
  ns_rr rr;
  guint n = 0;

  if (ns_initparse (answer, size, &message) < 0)
    return 0;
  for (gint i = 0; i < ns_msg_count (message, ns_s_an) && n < TURN_MAX_RECORDS; i++)
    if (ns_parserr (&message, ns_s_an, i, &rr) == 0
        && read_record (message, &rr, &records[n]))
      n++;
  return n;
}

/* --- asking --- */

typedef struct
{
  NiceNaptrFunc func;
  gpointer data;
} LookUp;

typedef struct
{
  guint n;
  TurnNaptrRecord records[TURN_MAX_RECORDS];
} Found;

static void
look_up (GTask *task, gpointer source, gpointer name, GCancellable *cancellable)
{
  guint8 answer[MAX_ANSWER];
  struct __res_state state = { 0 };
  Found *found = g_new0 (Found, 1);
  int size = -1;

  if (res_ninit (&state) == 0)
    size = res_nquery (&state, name, ns_c_in, ns_t_naptr, answer, sizeof answer);
  res_nclose (&state);
  if (size > 0)
    found->n =
        nice_naptr_parse (answer, MIN ((gsize)size, sizeof answer), found->records);
  g_task_return_pointer (task, found, g_free);
}

static void
looked_up (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree LookUp *self = data;
  g_autofree Found *found = g_task_propagate_pointer (G_TASK (result), NULL);

  if (found != NULL)
    self->func (self->data, found->records, found->n);
  else
    self->func (self->data, NULL, 0);
}

void
nice_naptr_look_up (GMainContext *context, const gchar *name, GCancellable *cancellable,
                    NiceNaptrFunc func, gpointer data)
{
  g_autoptr (GTask) task = NULL;
  LookUp *self = g_new (LookUp, 1);

  self->func = func;
  self->data = data;
  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, cancellable, looked_up, self);
  g_main_context_pop_thread_default (context);
  g_task_set_task_data (task, g_strdup (name), g_free);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, look_up);
}
