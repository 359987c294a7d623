/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a shared socket to the sessions: decides whose each datagram is, a run of one
 * source at a time where nothing in it says otherwise. It must not know what a session
 * does with it. RFC 8445 7.2.2 (USERNAME), RFC 7983 7. */
#include "config.h"

#include "io/ports.h"

#include <string.h>

#include "stun/code-points.h"
#include "stun/demux.h"
#include "stun/wire.h"

/* Batches that one socket may read before others have their turn. */
#define MAX_BATCHES 4

/* RFC 8445 5.3: 256 characters, and the NUL. */
#define MAX_UFRAG 257

/* What one look at the port has found out. A run with STUN in it may be many sessions', a
 * piece each. */
#define MAX_PIECES 256
#define MAX_SEGMENTS 128 /* of a run: UDP_MAX_SEGMENTS, which the loopback passes on */

typedef struct
{
  NicePort *port;
  guint n;
  NiceBase *bases[MAX_PIECES]; /* with a reference */
  NicePacket pieces[MAX_PIECES];
} Post;

/* --- Whose it is, by what it says; with the port's lock --- */

/* The session that is called in front of the colon. */
static NiceSeat *
find_by_username (NicePort *port, const StunView *view)
{
  gchar ufrag[MAX_UFRAG];
  const guint8 *colon;
  StunAttr username;
  gsize len;

  if (!stun_view_find (view, STUN_ATTR_USERNAME, &username))
    return NULL;
  colon = memchr (username.value, ':', username.len);
  len = colon != NULL ? (gsize)(colon - username.value) : username.len;
  if (len >= MAX_UFRAG || memchr (username.value, '\0', len) != NULL)
    return NULL;
  memcpy (ufrag, username.value, len);
  ufrag[len] = '\0';
  return g_hash_table_lookup (port->ufrags, ufrag);
}

static NiceSeat *
find_by_transaction (NicePort *port, const guint8 *id)
{
  const NiceKey key = nice_key_of_transaction (id);
  NiceTransaction *found =
      (NiceTransaction *)nice_node_index_find (&port->transactions, &key);
  NiceSeat *seat;

  if (found == NULL)
    return NULL;
  seat = found->seat;
  nice_seat_forget (seat, found);
  return seat;
}

/* seat: whose data from the same source would be. */
static NiceSeat *
find_by_message (NicePort *port, const guint8 *data, guint len, NiceSeat *seat)
{
  NiceSeat *found = NULL;
  StunView view;

  if (!stun_demux_is_stun (data, len)
      || stun_view_parse (&view, data, len, STUN_WIRE_NORMAL) != STUN_RULE_KEPT)
    return seat;
  switch ((StunWireClass)view.klass)
    {
    case STUN_CLASS_REQUEST:
      return find_by_username (port, &view);
    case STUN_CLASS_SUCCESS:
    case STUN_CLASS_ERROR:
      found = find_by_transaction (port, stun_view_get_id (&view));
      break;
    case STUN_CLASS_INDICATION:
      break;
    }
  return found != NULL ? found : seat;
}

/* --- Sorting; with the port's lock, or inside its gate where there is no STUN --- */

static inline guint
count_segments (const NicePacket *packet)
{
  return packet->stride >= packet->size || packet->stride == 0
             ? 1
             : (packet->size + packet->stride - 1) / packet->stride;
}

static void
add_piece (Post *self, NiceSeat *seat, const NicePacket *piece)
{
  const guint n = count_segments (piece);
  NicePacket *last = self->n > 0 ? &self->pieces[self->n - 1] : NULL;
  const gboolean is_next = last != NULL && self->bases[self->n - 1] == seat->base
                           && last->data + last->size == piece->data;

  if (!is_next && self->n == MAX_PIECES)
    {
      nice_count (&self->port->counts.dropped, n);
      return;
    }
  nice_count (&self->port->counts.received, n);
  nice_count (&seat->counts.received, n);
  if (is_next) /* in the same run */
    {
      last->size += piece->size;
      return;
    }
  self->bases[self->n] = nice_base_ref (seat->base);
  self->pieces[self->n++] = *piece;
}

/* claim: of the first session that has that source, NULL: nobody has. */
static void
count_lost (Post *self, NiceClaim *claim, const NicePacket *piece)
{
  const guint n = count_segments (piece);

  if (claim == NULL)
    {
      nice_count (&self->port->counts.unroutable, n);
      return;
    }
  nice_count (&self->port->counts.dropped, n);
  nice_count (&claim->seat->counts.dropped, n);
  nice_count (&claim->next->seat->counts.dropped, n);
}

static void
sort_piece (Post *self, NiceSeat *seat, NiceClaim *claim, const NicePacket *piece)
{
  if (seat != NULL)
    add_piece (self, seat, piece);
  else
    count_lost (self, claim != NULL && claim->next != NULL ? claim : NULL, piece);
}

/* Not of what is cut, or empty. */
static gboolean
may_have_stun (const NicePacket *packet)
{
  for (guint at = 0; packet->stride > 0 && at < packet->size; at += packet->stride)
    if (packet->data[at] < 4)
      return TRUE;
  return FALSE;
}

static NiceClaim *
find_claim (const Post *self, const NicePacket *packet)
{
  const NiceKey key = nice_key_of_address (&packet->from);

  return (NiceClaim *)nice_node_index_find (&self->port->claims, &key);
}

static NiceSeat *
get_only_seat (const NiceClaim *claim)
{
  return claim != NULL && claim->next == NULL ? claim->seat : NULL;
}

static void
sort_data_run (Post *self, const NicePacket *packet)
{
  NiceClaim *claim;

  if (packet->stride == 0)
    return; /* cut, or empty */
  claim = find_claim (self, packet);
  sort_piece (self, get_only_seat (claim), claim, packet);
}

static void
sort_mixed_run (Post *self, const NicePacket *packet)
{
  NiceClaim *claim = find_claim (self, packet);
  NiceSeat *seat = get_only_seat (claim);
  NicePacket piece = *packet;

  for (guint at = 0; at < packet->size; at += packet->stride)
    {
      piece.data = packet->data + at;
      piece.size = MIN (packet->size - at, packet->stride);
      sort_piece (self, find_by_message (self->port, piece.data, piece.size, seat), claim,
                  &piece);
    }
}

static gboolean
has_room (const Post *self)
{
  return self->n + MAX_SEGMENTS <= MAX_PIECES;
}

/* What there is of data up to a run with STUN in it; returns of how many runs. */
static guint
sort_data (Post *self, const NicePacket *packets, guint n)
{
  const gboolean is_free = nice_gate_enter (&self->port->gate);
  guint done = 0;

  while (done < n && has_room (self) && !may_have_stun (&packets[done]))
    sort_data_run (self, &packets[done++]);
  nice_gate_leave (&self->port->gate, is_free);
  return done;
}

/* The same the other way round. */
static guint
sort_mixed (Post *self, const NicePacket *packets, guint n)
{
  guint done = 0;

  g_mutex_lock (&self->port->lock);
  while (done < n && has_room (self) && may_have_stun (&packets[done]))
    sort_mixed_run (self, &packets[done++]);
  g_mutex_unlock (&self->port->lock);
  return done;
}

/* --- Handing out --- */

static void
hand_out (Post *self, NiceReactor *reactor)
{
  for (guint i = 0, n; i < self->n; i += n)
    {
      NiceBase *base = self->bases[i];

      for (n = 1; i + n < self->n && self->bases[i + n] == base; n++)
        nice_base_unref (base); /* one is enough */
      if (reactor != NULL && g_atomic_pointer_get (&base->seat->home) == reactor)
        nice_receive_routed (base, reactor, &self->pieces[i], n);
      else
        nice_seat_put_off (base->seat, &self->pieces[i], n);
      nice_base_unref (base);
    }
  self->n = 0;
}

static void
post_batch (NicePort *port, NiceReactor *reactor, NicePacket *packets, guint n)
{
  Post post;
  guint done = 0;

  post.port = port;
  post.n = 0;
  while (done < n)
    {
      while (done < n && has_room (&post))
        done += may_have_stun (&packets[done])
                    ? sort_mixed (&post, &packets[done], n - done)
                    : sort_data (&post, &packets[done], n - done);
      hand_out (&post, reactor);
    }
}

/* --- Errors --- */

/* What was sent says whose error it is, as far as routers quote it (RFC 1812 4.3.2.3). */
static NiceBase *
find_sender (NicePort *port, const NiceSendError *error)
{
  const NiceKey key = nice_key_of_address (&error->to);
  NiceSeat *seat = NULL;
  NiceBase *base;
  NiceClaim *claim;

  g_mutex_lock (&port->lock);
  claim = (NiceClaim *)nice_node_index_find (&port->claims, &key);
  if (error->n_quoted == sizeof error->quoted && error->quoted[0] < 4)
    seat = find_by_transaction (port, error->quoted + STUN_MESSAGE_TRANS_ID_POS + 4);
  else if (claim != NULL && claim->next == NULL)
    seat = claim->seat;
  base = seat != NULL ? nice_base_ref (seat->base) : NULL;
  g_mutex_unlock (&port->lock);
  return base;
}

static void
read_errors (NiceShard *self)
{
  NiceSendError error;

  while (nice_endpoint_take_error (self->endpoint, &error))
    {
      g_autoptr (NiceBase) base = find_sender (self->port, &error);

      if (base != NULL)
        nice_receive_error (base, &error);
    }
}

/* --- Reading --- */

void
nice_shard_ready (NiceShard *self, NiceReactor *reactor, gboolean has_error)
{
  NicePool *pool = nice_reactor_get_pool (reactor);
  NiceSlab *slab;
  gint n = 1;

  if (has_error)
    read_errors (self);
  slab = nice_pool_take (pool);
  slab->has_more = TRUE;
  for (guint i = 0; i < MAX_BATCHES && n > 0 && slab->has_more; i++)
    {
      n = nice_endpoint_receive (self->endpoint, slab);
      if (n > 0)
        post_batch (self->port, reactor, slab->packets, n);
    }
  nice_pool_give (pool, slab);
}

gboolean
nice_shard_read (NiceShard *self, NicePool *pool)
{
  NiceSlab *slab = nice_pool_take (pool);
  const gint n = nice_endpoint_receive (self->endpoint, slab);
  gboolean has_more = FALSE;

  if (n > 0)
    {
      has_more = slab->has_more;
      post_batch (self->port, NULL, slab->packets, n);
    }
  nice_pool_give (pool, slab);
  return has_more;
}
