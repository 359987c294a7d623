/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The dialects of ICE: what a check of each is made of, as libnice has it on the wire,
 * and that two ends that speak the same find each other. */
#include "config.h"

#include "ice-wire.h"

#include "ice/dialect.h"
#include "stun/wire.h"

typedef struct
{
  IceDialect dialect;
  const gchar *name;
  const gchar *check; /* types and lengths of the attributes of the first one */
  guint32 priority;   /* of a host candidate of the first component */
  gboolean has_names;
} Row;

/* Lengths of USERNAME count its padding, but in RFC 8445. */
static const Row rows[] = {
  { ICE_DIALECT_RFC5245, "rfc5245", "25:0 24:4 802a:8 6:9 8:20 8028:4 ", 0x782000ff,
    FALSE },
  { ICE_DIALECT_GOOGLE, "google", "6:32 ", 1000, TRUE },
  { ICE_DIALECT_MSN, "msn", "6:72 8:20 ", 830, TRUE },
  { ICE_DIALECT_WLM2009, "wlm2009", "25:0 24:4 802a:8 6:12 8054:4 8070:4 8:20 8028:4 ",
    0x782000ff, FALSE },
  { ICE_DIALECT_OC2007, "oc2007", "6:72 8:20 ", 830, TRUE },
  { ICE_DIALECT_OC2007R2, "oc2007r2", "25:0 24:4 802a:8 6:12 8054:4 8070:4 8:20 8028:4 ",
    0x78f000ff, FALSE },
};

typedef struct
{
  const Row *row;
  GString *check; /* NULL: none of the controlling side yet */
} Heard;

static gboolean
on_datagram (IceWireEnd *from, const IceTransmit *transmit, gint64 now, gpointer data)
{
  Heard *heard = data;
  const StunQuirks *stun = stun_quirks_get (ice_dialect_get (heard->row->dialect)->stun);
  StunView view;
  StunAttr attr = { 0 };

  if (heard->check != NULL || from->host != from->wire->ends[0].host
      || stun_view_parse (&view, transmit->data, transmit->size, stun->wire)
             != STUN_RULE_KEPT
      || view.klass != STUN_CLASS_REQUEST)
    return FALSE;
  heard->check = g_string_new (NULL);
  while (stun_view_next (&view, &attr))
    g_string_append_printf (heard->check, "%x:%u ", attr.type, attr.len);
  return FALSE;
}

static void
test_both_ends_find_each_other (gconstpointer data)
{
  const Row *row = data;
  Heard heard = { row, NULL };
  const IceCandidate *candidate;
  IceConfig a, b;
  IceWire wire;
  guint stream;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_AGGRESSIVE);
  a.dialect = b.dialect = row->dialect;
  ice_wire_init (&wire, &a, &b, 10 * MS);
  wire.filter = on_datagram;
  wire.filter_data = &heard;
  stream = ice_wire_connect (&wire, 2);
  ice_wire_run_until (&wire, wire.now + SECOND);
  for (guint i = 0; i < 2; i++)
    for (guint component = 1; component <= 2; component++)
      g_assert_cmpint (ice_wire_get_state (&wire, i, stream, component), ==,
                       ICE_COMPONENT_READY);
  g_assert_cmpstr (heard.check->str, ==, row->check);
  candidate = &g_array_index (wire.ends[0].candidates, IceCandidate, 0);
  g_assert_cmphex (candidate->priority, ==, row->priority);
  g_assert_cmpint (candidate->username != NULL, ==, row->has_names);
  g_string_free (heard.check, TRUE);
  ice_wire_clear (&wire);
}

/* Names and key of a reply are then the peer's, which a lite agent may not know yet. */
static void
test_unknown_peer_gets_no_reply_in_its_own_words (void)
{
  IceConfig a, b;
  IceWire wire;

  ice_wire_make_configs (&a, &b, ICE_NOMINATION_AGGRESSIVE);
  a.dialect = b.dialect = ICE_DIALECT_MSN;
  a.lite = TRUE;
  ice_wire_init (&wire, &a, &b, 10 * MS);
  ice_wire_gather (&wire, ice_wire_add_stream (&wire, 1));
  ice_engine_add_remote_candidates (wire.ends[1].engine, 1, 1,
                                    (const IceCandidate *)wire.ends[0].candidates->data,
                                    wire.ends[0].candidates->len, wire.now);
  ice_wire_drain (&wire);
  ice_wire_run_until (&wire, SECOND);
  g_assert_cmpuint (wire.ends[1].n_sent, >, 0);
  g_assert_cmpuint (wire.ends[0].n_sent, ==, 0);
  ice_wire_clear (&wire);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree gchar *path = g_strdup_printf ("/ice/dialect/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_both_ends_find_each_other);
    }
  g_test_add_func ("/ice/dialect/lite", test_unknown_peer_gets_no_reply_in_its_own_words);
  return g_test_run ();
}
