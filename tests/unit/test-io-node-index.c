/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nodes by their key: what was put is found until it is taken, however often the place
 * was used before. */
#include "config.h"

#include "io/node-index.h"

#include <string.h>

#define N_NODES 300

static NiceNode *
make_nodes (void)
{
  NiceNode *nodes = g_new0 (NiceNode, N_NODES);
  NiceAddress address;

  for (guint i = 0; i < N_NODES; i++)
    {
      if (i % 2 == 0)
        nice_address_set_ipv4 (&address, 0x7f000001 + i / 20);
      else
        g_assert_true (nice_address_set_from_string (&address, "2001:db8::1"));
      nice_address_set_port (&address, 1000 + i);
      nodes[i].key = nice_key_of_address (&address);
    }
  return nodes;
}

static void
assert_index_is (const NiceNodeIndex *index, NiceNode *nodes, const gboolean *is_in)
{
  guint n = 0;

  for (guint i = 0; i < N_NODES; i++)
    {
      n += is_in[i];
      g_assert_true (nice_node_index_find (index, &nodes[i].key)
                     == (is_in[i] ? &nodes[i] : NULL));
    }
  g_assert_cmpuint (index->n_nodes, ==, n);
}

static void
test_put_and_take_at_random (void)
{
  g_autofree NiceNode *nodes = make_nodes ();
  gboolean is_in[N_NODES] = { FALSE };
  NiceNodeIndex index;

  nice_node_index_init (&index, g_test_rand_int ());
  for (guint round = 0; round < 20000; round++)
    {
      const guint i = g_test_rand_int_range (0, N_NODES);

      if (is_in[i])
        nice_node_index_take (&index, &nodes[i].key);
      else
        g_assert_null (nice_node_index_put (&index, &nodes[i]));
      is_in[i] = !is_in[i];
      if (round % 500 == 0)
        assert_index_is (&index, nodes, is_in);
    }
  assert_index_is (&index, nodes, is_in);
  nice_node_index_clear (&index);
}

static void
test_the_last_of_a_key_wins (void)
{
  NiceNode first = { nice_key_of_transaction ((const guint8 *)"twelve bytes") };
  NiceNode second = first;
  NiceNodeIndex index;

  nice_node_index_init (&index, 1);
  g_assert_null (nice_node_index_put (&index, &first));
  g_assert_true (nice_node_index_put (&index, &second) == &first);
  g_assert_true (nice_node_index_find (&index, &first.key) == &second);
  nice_node_index_take (&index, &first.key);
  nice_node_index_take (&index, &first.key);
  g_assert_null (nice_node_index_find (&index, &first.key));
  g_assert_cmpuint (index.n_nodes, ==, 0);
  nice_node_index_clear (&index);
}

/* ::ffff and friends are other addresses than those of IPv4; scopes make a difference. */
static void
test_families_do_not_meet (void)
{
  NiceAddress a, b;
  NiceKey one, other;

  g_assert_true (nice_address_set_from_string (&a, "1.2.3.4"));
  g_assert_true (nice_address_set_from_string (&b, "102:304::"));
  one = nice_key_of_address (&a);
  other = nice_key_of_address (&b);
  g_assert_true (memcmp (&one, &other, sizeof one) != 0);
  g_assert_true (nice_address_set_from_string (&a, "fe80::1"));
  b = a;
  b.s.ip6.sin6_scope_id = 2;
  one = nice_key_of_address (&a);
  other = nice_key_of_address (&b);
  g_assert_true (memcmp (&one, &other, sizeof one) != 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node-index/put-and-take-at-random", test_put_and_take_at_random);
  g_test_add_func ("/node-index/the-last-of-a-key-wins", test_the_last_of_a_key_wins);
  g_test_add_func ("/node-index/families-do-not-meet", test_families_do_not_meet);
  return g_test_run ();
}
