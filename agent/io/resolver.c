/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks GResolver what stun/turn/resolve.h wants to know of a URI, and then for the
 * addresses of the places that it names. Decides only who waits for whom: RFC 8305 3 has
 * both families asked for at once; no base can reach but one of them, so that neither
 * waits for the other, and each keeps the order of the places. */
#include "config.h"

#include "io/resolver.h"

#include "io/naptr.h"
#include "io/random.h"

#define MAX_ADDRESSES 16 /* of one name: a hostile zone has no end */

enum
{
  FAMILY_IPV4,
  FAMILY_IPV6,
  N_FAMILIES
};

typedef struct
{
  IceServerKind kind;
  gchar *host;
  guint16 port;
  GArray *found[N_FAMILIES]; /* of IceTarget; NULL: not answered yet */
} Place;

struct _NiceSearch
{
  IceServer server; /* strings are ours, or NULL */
  NiceFoundFunc func;
  gpointer data;
  GMainContext *context;
  GCancellable *cancellable;
  GResolver *resolver;
  TurnEnv env;
  TurnResolve *resolve; /* NULL: it has no URI */
  GPtrArray *places;    /* best first */
  guint n_told[N_FAMILIES];
};

/* One question about one place. */
typedef struct
{
  NiceSearch *search;
  Place *place;
  guint family;
} LookUp;

/* --- Life --- */

static void
free_place (gpointer data)
{
  Place *self = data;

  for (guint i = 0; i < N_FAMILIES; i++)
    g_clear_pointer (&self->found[i], g_array_unref);
  g_free (self->host);
  g_free (self);
}

NiceSearch *
nice_search_new (const IceServer *server, NiceFoundFunc func, gpointer data)
{
  NiceSearch *self = g_new0 (NiceSearch, 1);

  self->server = (IceServer) { .kind = server->kind,
                               .host = g_strdup (server->host),
                               .port = server->port,
                               .uri = g_strdup (server->uri) };
  self->func = func;
  self->data = data;
  self->env.random = nice_random_fill;
  self->places = g_ptr_array_new_with_free_func (free_place);
  return self;
}

static void
free_search (NiceSearch *self)
{
  g_free ((gchar *)self->server.host);
  g_free ((gchar *)self->server.uri);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->resolver);
  turn_resolve_free (self->resolve);
  g_ptr_array_unref (self->places);
  g_free (self);
}

/* --- Addresses --- */

gboolean
nice_resolver_read_address (GInetAddress *from, guint16 port, NiceAddress *address)
{
  g_autoptr (GSocketAddress) socket_address = g_inet_socket_address_new (from, port);

  nice_address_init (address);
  return g_socket_address_to_native (socket_address, address, sizeof *address, NULL);
}

static void
add_address (GArray *targets, const Place *place, GInetAddress *address)
{
  IceTarget target = { .kind = place->kind };

  if (targets->len < MAX_ADDRESSES
      && nice_resolver_read_address (address, place->port, &target.address))
    g_array_append_val (targets, target);
}

static gboolean
is_all_told (const NiceSearch *self)
{
  for (guint i = 0; i < N_FAMILIES; i++)
    if (self->n_told[i] < self->places->len)
      return FALSE;
  return TRUE;
}

/* What is known without a gap. The search ends with the last of it. */
static void
tell (NiceSearch *self)
{
  g_autoptr (GArray) news = g_array_new (FALSE, FALSE, sizeof (IceTarget));
  gboolean is_last;

  for (guint i = 0; i < N_FAMILIES; i++)
    while (self->n_told[i] < self->places->len)
      {
        const Place *place = g_ptr_array_index (self->places, self->n_told[i]);

        if (place->found[i] == NULL)
          break;
        g_array_append_vals (news, place->found[i]->data, place->found[i]->len);
        self->n_told[i]++;
      }
  is_last = is_all_told (self);
  if (news->len > 0 || is_last)
    self->func (self->data, (const IceTarget *)news->data, news->len, is_last);
  if (is_last)
    free_search (self);
}

static void
looked_up (GObject *resolver, GAsyncResult *result, gpointer data)
{
  g_autofree LookUp *self = data;
  g_autoptr (GError) error = NULL;
  GList *addresses =
      g_resolver_lookup_by_name_with_flags_finish (G_RESOLVER (resolver), result, &error);

  if (error != NULL)
    g_debug ("looking up server %s: %s", self->place->host, error->message);
  self->place->found[self->family] = g_array_new (FALSE, FALSE, sizeof (IceTarget));
  for (GList *link = addresses; link != NULL; link = link->next)
    add_address (self->place->found[self->family], self->place, link->data);
  g_resolver_free_addresses (addresses);
  tell (self->search);
}

static void
look_up (NiceSearch *self, Place *place, guint family)
{
  LookUp *look_up = g_new (LookUp, 1);

  *look_up = (LookUp) { self, place, family };
  g_main_context_push_thread_default (self->context);
  g_resolver_lookup_by_name_with_flags_async (
      self->resolver, place->host,
      family == FAMILY_IPV4 ? G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY
                            : G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY,
      self->cancellable, looked_up, look_up);
  g_main_context_pop_thread_default (self->context);
}

/* A literal has nothing to be looked up. */
static gboolean
take_literal (Place *self)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (self->host);

  if (address == NULL)
    return FALSE;
  for (guint i = 0; i < N_FAMILIES; i++)
    self->found[i] = g_array_new (FALSE, FALSE, sizeof (IceTarget));
  add_address (self->found[FAMILY_IPV4], self, address);
  return TRUE;
}

static void
add_place (NiceSearch *self, IceServerKind kind, const gchar *host, guint16 port)
{
  Place *place = g_new0 (Place, 1);

  place->kind = kind;
  place->host = g_strdup (host);
  place->port = port;
  g_ptr_array_add (self->places, place);
}

static void
look_up_places (NiceSearch *self)
{
  gboolean waits = FALSE;

  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = g_ptr_array_index (self->places, i);

      if (take_literal (place))
        continue;
      waits = TRUE;
      for (guint family = 0; family < N_FAMILIES; family++)
        look_up (self, place, family);
    }
  if (!waits)
    tell (self);
}

/* --- Records --- */

static IceServerKind
get_kind (gboolean is_turn, TurnRoad road)
{
  switch (road)
    {
    case TURN_ROAD_UDP:
      return is_turn ? ICE_SERVER_TURN_UDP : ICE_SERVER_STUN_UDP;
    case TURN_ROAD_TCP:
      return is_turn ? ICE_SERVER_TURN_TCP : ICE_SERVER_STUN_TCP;
    case TURN_ROAD_TLS:
      return is_turn ? ICE_SERVER_TURN_TLS : ICE_SERVER_STUN_TLS;
    case TURN_ROAD_DTLS:
      return is_turn ? ICE_SERVER_TURN_DTLS : ICE_SERVER_STUN_DTLS;
    case TURN_N_ROADS:
      break;
    }
  g_assert_not_reached ();
}

static void
take_targets (NiceSearch *self)
{
  const gboolean is_turn = self->server.kind >= ICE_SERVER_TURN_UDP;
  const TurnTarget *targets;
  guint n;

  targets = turn_resolve_get_targets (self->resolve, &n);
  for (guint i = 0; i < n; i++)
    add_place (self, get_kind (is_turn, targets[i].road), targets[i].host,
               targets[i].port);
  look_up_places (self);
}

static void ask (NiceSearch *self);

static void
answer_naptr (gpointer data, const TurnNaptrRecord *records, guint n)
{
  NiceSearch *self = data;

  turn_resolve_answer_naptr (self->resolve, records, n);
  ask (self);
}

static void
answer_srv (GObject *resolver, GAsyncResult *result, gpointer data)
{
  NiceSearch *self = data;
  TurnSrvRecord records[TURN_MAX_RECORDS];
  GList *found = g_resolver_lookup_records_finish (G_RESOLVER (resolver), result, NULL);
  const gchar *target;
  guint n = 0;

  for (GList *link = found; link != NULL && n < TURN_MAX_RECORDS; link = link->next)
    {
      g_variant_get (link->data, "(qqq&s)", &records[n].priority, &records[n].weight,
                     &records[n].port, &target);
      if (g_strlcpy (records[n].target, target, sizeof records[n].target)
          < sizeof records[n].target)
        n++;
    }
  g_list_free_full (found, (GDestroyNotify)g_variant_unref);
  turn_resolve_answer_srv (self->resolve, records, n);
  ask (self);
}

static void
ask (NiceSearch *self)
{
  TurnQuestion question;

  if (!turn_resolve_ask (self->resolve, &question))
    {
      take_targets (self);
      return;
    }
  if (question.type == TURN_QUESTION_NAPTR)
    {
      nice_naptr_look_up (self->context, question.name, self->cancellable, answer_naptr,
                          self);
      return;
    }
  g_main_context_push_thread_default (self->context);
  g_resolver_lookup_records_async (self->resolver, question.name, G_RESOLVER_RECORD_SRV,
                                   self->cancellable, answer_srv, self);
  g_main_context_pop_thread_default (self->context);
}

/* What the library can, in the order of its liking: what costs a server least is first.
 */
static TurnResolve *
begin (NiceSearch *self)
{
  static const TurnRoad roads[] = { TURN_ROAD_UDP, TURN_ROAD_TCP, TURN_ROAD_TLS,
                                    TURN_ROAD_DTLS };
  TurnResolveResult result;
  TurnUri uri;

  if (turn_uri_parse (&uri, self->server.uri) != TURN_URI_OK)
    return NULL;
  return turn_resolve_new (&uri, roads, G_N_ELEMENTS (roads), &self->env, &result);
}

void
nice_search_start (NiceSearch *self, GMainContext *context, GCancellable *cancellable)
{
  self->context = g_main_context_ref (context);
  self->cancellable = g_object_ref (cancellable);
  self->resolver = g_resolver_get_default ();
  if (self->server.uri == NULL)
    {
      add_place (self, self->server.kind, self->server.host, self->server.port);
      look_up_places (self);
      return;
    }
  self->resolve = begin (self);
  if (self->resolve != NULL)
    ask (self);
  else
    tell (self);
}
