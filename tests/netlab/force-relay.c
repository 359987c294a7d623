/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents of which nothing may be seen but their TURN server: connects them, moves
 * data, and reads off the wire where every packet went. Prints what it saw. */
#include "config.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agents.h"

#define N_DATAGRAMS 200

static gint
open_wire (const gchar *interface)
{
  struct sockaddr_ll where = { .sll_family = AF_PACKET,
                               .sll_protocol = htons (ETH_P_ALL),
                               .sll_ifindex = if_nametoindex (interface) };
  const gint size = 16 * 1024 * 1024;
  const gint fd =
      socket (AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons (ETH_P_ALL));

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size), ==,
                   0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&where, sizeof where), ==, 0);
  return fd;
}

/* Whether the bytes of an address stand in there, as they are or as STUN hides them
 * (RFC 8489 14.2). */
static gboolean
shows_address (const guint8 *data, gsize size, in_addr_t address)
{
  const in_addr_t hidden = address ^ htonl (0x2112A442);

  return memmem (data, size, &address, sizeof address) != NULL
         || memmem (data, size, &hidden, sizeof hidden) != NULL;
}

/* Ends the program when a packet went elsewhere, or tells where it came from but in its
 * IP header. Returns how many went to the server. */
static guint
read_wire (gint fd, in_addr_t local, in_addr_t server)
{
  guint8 packet[65536];
  struct sockaddr_ll from;
  socklen_t length = sizeof from;
  guint n = 0;
  gssize size;

  while (
      (size = recvfrom (fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &length))
      > 0)
    {
      const struct iphdr *header = (const struct iphdr *)packet;
      struct in_addr to = { header->daddr };

      length = sizeof from;
      if (from.sll_pkttype != PACKET_OUTGOING || from.sll_protocol == htons (ETH_P_ARP))
        continue;
      g_assert_cmphex (from.sll_protocol, ==, htons (ETH_P_IP));
      g_assert_cmpint (size, >=, sizeof *header);
      if (to.s_addr != server)
        g_error ("a packet of protocol %u left for %s", header->protocol, inet_ntoa (to));
      if (shows_address (packet + sizeof *header, size - sizeof *header, local))
        g_error ("a packet of protocol %u shows where the agent is", header->protocol);
      n++;
    }
  return n;
}

static void
prepare (Peer *peer, const gchar *local, const gchar *uri, const gchar *trust_file)
{
  g_autoptr (GError) error = NULL;
  NiceAddress address;

  g_assert_true (nice_address_set_from_string (&address, local));
  g_assert_true (nice_agent_add_local_address (peer->agent, &address));
  g_object_set (peer->agent, "force-relay", TRUE, "tls-trust-file", trust_file, NULL);
  g_assert_true (
      nice_agent_add_server (peer->agent, peer->stream, 1, uri, "ann", "secret", &error));
  g_assert_no_error (error);
}

/* What is told to the peer does not say where the agent is. */
static void
assert_hidden (Peer *peer, const gchar *local)
{
  g_autofree gchar *sdp = nice_agent_generate_local_sdp (peer->agent);
  GSList *candidates = nice_agent_get_local_candidates (peer->agent, peer->stream, 1);
  NiceAddress address;

  g_assert_true (nice_address_set_from_string (&address, local));
  g_assert_nonnull (candidates);
  for (GSList *link = candidates; link != NULL; link = link->next)
    {
      const NiceCandidate *candidate = link->data;

      g_assert_false (nice_address_equal_no_port (&candidate->addr, &address));
      g_assert_false (nice_address_equal_no_port (&candidate->base_addr, &address));
    }
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
  if (strstr (sdp, local) != NULL || strstr (sdp, "127.0.0.1") != NULL)
    g_error ("the description shows an address of the host:\n%s", sdp);
}

static void
exchange (Pair *pair)
{
  gchar data[500] = { 0 };

  for (guint i = 0; i < N_DATAGRAMS; i++)
    {
      nice_agent_send (pair->left->agent, pair->left->stream, 1, sizeof data, data);
      nice_agent_send (pair->right->agent, pair->right->stream, 1, sizeof data, data);
      wait_until (pair->left->n_messages[1] > i && pair->right->n_messages[1] > i);
    }
}

/* force-relay INTERFACE LOCAL SERVER URI TRUST-FILE */
int
main (int argc, char **argv)
{
  g_autoptr (Pair) pair = pair_new (NICE_AGENT_OPTION_NONE, 1);
  gint wire;
  guint n;

  g_assert_cmpint (argc, ==, 6);
  wire = open_wire (argv[1]);
  prepare (pair->left, argv[2], argv[4], argv[5]);
  prepare (pair->right, argv[2], argv[4], argv[5]);
  pair_connect (pair);
  assert_hidden (pair->left, argv[2]);
  assert_hidden (pair->right, argv[2]);
  exchange (pair);
  n = read_wire (wire, inet_addr (argv[2]), inet_addr (argv[3]));
  close (wire);
  g_print ("%s: %u packets left, all for the server\n", argv[4], n);
  g_assert_cmpuint (n, >, 2 * N_DATAGRAMS);
  return 0;
}
