/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides what to ask DNS about a server, and in which order to try what it says. RFC
 * 5928 3, RFC 7350 4.6, RFC 8489 8.1, RFC 2782 (weights), RFC 3958 2.2 (S-NAPTR).
 *
 * What is left to do is a stack, the best on top: each answer puts its own finds there,
 * so that targets come out in order however deep a delegation goes. */
#include "config.h"

#include "turn/resolve.h"

#include <stdlib.h>
#include <string.h>

typedef enum
{
  STEP_NAPTR_FIRST, /* of all roads */
  STEP_NAPTR,       /* of one */
  STEP_SRV_FIRST,   /* with no answer, the host itself */
  STEP_SRV,
  STEP_TARGET
} StepType;

typedef struct
{
  StepType type;
  TurnRoad road;
  guint depth;       /* of NAPTR */
  TurnTarget target; /* host: the name that the question is about */
} Step;

struct _TurnResolve
{
  TurnUri uri;
  TurnRoad roads[TURN_N_ROADS]; /* that will do, best first */
  guint n_roads;
  const TurnEnv *env;
  GArray *steps;   /* of Step; the last is the next */
  GArray *targets; /* of TurnTarget */
  Step asked;
};

typedef struct
{
  gboolean is_secure;
  const gchar *protocol; /* of SRV */
  const gchar *tag;      /* of NAPTR, RFC 5928 6, RFC 7350 8 */
} RoadInfo;

static const RoadInfo infos[TURN_N_ROADS] = {
  [TURN_ROAD_UDP] = { FALSE, "_udp", "turn.udp" },
  [TURN_ROAD_TCP] = { FALSE, "_tcp", "turn.tcp" },
  [TURN_ROAD_TLS] = { TRUE, "_tcp", "turn.tls" },
  [TURN_ROAD_DTLS] = { TRUE, "_udp", "turn.dtls" },
};

/* --- Steps --- */

static void
push (TurnResolve *self, StepType type, TurnRoad road, const gchar *host, guint16 port)
{
  Step step = { .type = type, .road = road };

  step.depth = self->asked.depth + 1;
  step.target.road = road;
  step.target.port = port;
  g_strlcpy (step.target.host, host, sizeof step.target.host);
  if (self->steps->len < TURN_MAX_TARGETS)
    g_array_append_val (self->steps, step);
}

static guint16
get_default_port (TurnRoad road)
{
  return infos[road].is_secure ? TURNS_PORT : TURN_PORT;
}

/* One step for each road, the best on top. */
static void
push_for_roads (TurnResolve *self, StepType type, guint16 port)
{
  for (guint i = self->n_roads; i > 0; i--)
    {
      const TurnRoad road = self->roads[i - 1];

      push (self, type, road, self->uri.host, port != 0 ? port : get_default_port (road));
    }
}

/* --- Life --- */

/* Table 1 of RFC 5928 3, with the row that RFC 7350 adds. */
static gboolean
fits (const TurnUri *uri, TurnRoad road)
{
  if (infos[road].is_secure != uri->is_secure)
    return FALSE;
  switch (uri->transport)
    {
    case TURN_URI_UNSPECIFIED:
      return TRUE;
    case TURN_URI_UDP:
      return road == TURN_ROAD_UDP || road == TURN_ROAD_DTLS;
    case TURN_URI_TCP:
      return road == TURN_ROAD_TCP || road == TURN_ROAD_TLS;
    case TURN_URI_DTLS:
      return road == TURN_ROAD_DTLS;
    case TURN_URI_UNKNOWN:
      return FALSE;
    }
  g_assert_not_reached ();
}

static void
begin (TurnResolve *self)
{
  const TurnUri *uri = &self->uri;

  if (uri->is_literal || uri->port != 0)
    push_for_roads (self, STEP_TARGET, uri->port);
  else if (uri->is_turn && uri->transport == TURN_URI_UNSPECIFIED)
    push (self, STEP_NAPTR_FIRST, self->roads[0], uri->host, 0);
  else
    push_for_roads (self, STEP_SRV_FIRST, 0);
}

TurnResolve *
turn_resolve_new (const TurnUri *uri, const TurnRoad *roads, guint n_roads,
                  const TurnEnv *env, TurnResolveResult *result)
{
  TurnResolve *self = g_new0 (TurnResolve, 1);

  self->uri = *uri;
  self->env = env;
  self->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  self->targets = g_array_new (FALSE, FALSE, sizeof (TurnTarget));
  for (guint i = 0; i < n_roads && self->n_roads < TURN_N_ROADS; i++)
    if (fits (uri, roads[i]))
      self->roads[self->n_roads++] = roads[i];
  if (self->n_roads > 0)
    {
      *result = TURN_RESOLVE_OK;
      begin (self);
      return self;
    }
  *result = uri->transport == TURN_URI_UNKNOWN ? TURN_RESOLVE_UNKNOWN_TRANSPORT
                                               : TURN_RESOLVE_UNSUPPORTED;
  turn_resolve_free (self);
  return NULL;
}

void
turn_resolve_free (TurnResolve *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->steps);
  g_array_unref (self->targets);
  g_free (self);
}

/* --- Questions --- */

/* SRV has the service in front of the host's name; NAPTR's "s" gives the whole name. */
static void
write_name (const TurnResolve *self, const Step *step, TurnQuestion *question)
{
  if (step->type == STEP_SRV_FIRST)
    g_snprintf (question->name, sizeof question->name, "_%s%s.%s.%s",
                self->uri.is_turn ? "turn" : "stun", self->uri.is_secure ? "s" : "",
                infos[step->road].protocol, step->target.host);
  else
    g_strlcpy (question->name, step->target.host, sizeof question->name);
}

gboolean
turn_resolve_ask (TurnResolve *self, TurnQuestion *question)
{
  while (self->steps->len > 0)
    {
      self->asked = g_array_index (self->steps, Step, self->steps->len - 1);
      g_array_set_size (self->steps, self->steps->len - 1);
      if (self->asked.type != STEP_TARGET)
        {
          question->type =
              self->asked.type == STEP_SRV || self->asked.type == STEP_SRV_FIRST
                  ? TURN_QUESTION_SRV
                  : TURN_QUESTION_NAPTR;
          write_name (self, &self->asked, question);
          return TRUE;
        }
      if (self->targets->len < TURN_MAX_TARGETS)
        g_array_append_val (self->targets, self->asked.target);
    }
  return FALSE;
}

const TurnTarget *
turn_resolve_get_targets (const TurnResolve *self, guint *n)
{
  *n = self->targets->len;
  return (const TurnTarget *)self->targets->data;
}

/* --- SRV --- */

static int
compare_srv (const void *a, const void *b)
{
  const TurnSrvRecord *one = a, *other = b;

  if (one->priority != other->priority)
    return one->priority < other->priority ? -1 : 1;
  return (one->weight != 0) - (other->weight != 0);
}

/* RFC 2782: among records of one priority a running sum of weights, and a random number
 * not above their total, choose the next. */
static guint
choose (TurnResolve *self, const TurnSrvRecord *records, guint n)
{
  guint32 total = 0, sum = 0, drawn;
  guint of_priority = 0;

  while (of_priority < n && records[of_priority].priority == records[0].priority)
    total += records[of_priority++].weight;
  self->env->random (self->env->data, (guint8 *)&drawn, sizeof drawn);
  drawn %= total + 1;
  for (guint i = 0; i < of_priority; i++)
    {
      sum += records[i].weight;
      if (sum >= drawn)
        return i;
    }
  return 0;
}

static gboolean
is_nowhere (const gchar *target)
{
  return target[0] == '\0' || strcmp (target, ".") == 0;
}

void
turn_resolve_answer_srv (TurnResolve *self, const TurnSrvRecord *records, guint n)
{
  TurnSrvRecord sorted[TURN_MAX_RECORDS], ordered[TURN_MAX_RECORDS];
  const TurnRoad road = self->asked.road;
  guint n_ordered = 0;

  n = MIN (n, TURN_MAX_RECORDS);
  if (n == 0 && self->asked.type == STEP_SRV_FIRST)
    push (self, STEP_TARGET, road, self->uri.host, get_default_port (road));
  if (n > 0)
    memcpy (sorted, records, n * sizeof *records);
  qsort (sorted, n, sizeof *sorted, compare_srv);
  while (n > 0)
    {
      const guint i = choose (self, sorted, n);

      ordered[n_ordered++] = sorted[i];
      memmove (&sorted[i], &sorted[i + 1], (--n - i) * sizeof *sorted);
    }
  for (guint i = n_ordered; i > 0; i--)
    if (!is_nowhere (ordered[i - 1].target))
      push (self, STEP_TARGET, road, ordered[i - 1].target, ordered[i - 1].port);
}

/* --- NAPTR --- */

static int
compare_naptr (const void *a, const void *b)
{
  const TurnNaptrRecord *one = a, *other = b;

  if (one->order != other->order)
    return one->order < other->order ? -1 : 1;
  return (int)one->preference - (int)other->preference;
}

/* "RELAY:turn.udp:turn.tcp" */
static gboolean
serves (const TurnNaptrRecord *record, TurnRoad road)
{
  g_auto (GStrv) parts = g_strsplit (record->service, ":", -1);

  if (parts[0] == NULL || g_ascii_strcasecmp (parts[0], "RELAY") != 0)
    return FALSE;
  for (guint i = 1; parts[i] != NULL; i++)
    if (g_ascii_strcasecmp (parts[i], infos[road].tag) == 0)
      return TRUE;
  return FALSE;
}

static void
follow (TurnResolve *self, const TurnNaptrRecord *record, TurnRoad road)
{
  if (!serves (record, road))
    return;
  if (g_ascii_strcasecmp (record->flags, "s") == 0)
    push (self, STEP_SRV, road, record->replacement, 0);
  else if (g_ascii_strcasecmp (record->flags, "a") == 0)
    push (self, STEP_TARGET, road, record->replacement, get_default_port (road));
  else if (record->flags[0] == '\0' && self->asked.depth < TURN_MAX_NAPTR_DEPTH)
    push (self, STEP_NAPTR, road, record->replacement, 0);
}

void
turn_resolve_answer_naptr (TurnResolve *self, const TurnNaptrRecord *records, guint n)
{
  TurnNaptrRecord sorted[TURN_MAX_RECORDS];
  const gboolean is_first = self->asked.type == STEP_NAPTR_FIRST;

  n = MIN (n, TURN_MAX_RECORDS);
  if (n == 0 && is_first) /* RFC 5928 3, step 5 */
    push_for_roads (self, STEP_SRV_FIRST, 0);
  if (n > 0)
    memcpy (sorted, records, n * sizeof *records);
  qsort (sorted, n, sizeof *sorted, compare_naptr);
  for (; n > 0; n--)
    {
      if (!is_first)
        follow (self, &sorted[n - 1], self->asked.road);
      for (guint i = is_first ? self->n_roads : 0; i > 0; i--)
        follow (self, &sorted[n - 1], self->roads[i - 1]);
    }
}
