/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A road between two network namespaces that takes its time: a TUN device in each, and
 * what one gets the other gives out later. For kernels without netem. It must not know
 * what is in the packets.
 *
 * Usage: bench-delay NAMESPACE NAMESPACE MILLISECONDS
 *   Both devices are called "slow0". Says "ready", and ends with its standard input. */
#include <glib-unix.h>

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAX_PACKET 65536
#define MAX_QUEUE 60000 /* packets under way in one direction; more are lost */

typedef struct
{
  gint64 due; /* us */
  gsize size;
  guint8 data[];
} Packet;

typedef struct
{
  int from, to;
  GQueue packets; /* of Packet, by time */
} Lane;

static int
open_device (const char *name)
{
  g_autofree char *path = g_strdup_printf ("/run/netns/%s", name);
  struct ifreq request = { .ifr_name = "slow0", .ifr_flags = IFF_TUN | IFF_NO_PI };
  const int there = open (path, O_RDONLY | O_CLOEXEC);
  int fd = -1;

  /* It belongs to the namespace in which it is opened. */
  if (there >= 0 && setns (there, CLONE_NEWNET) == 0)
    fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || ioctl (fd, TUNSETIFF, &request) != 0)
    g_error ("no device in %s: %s", name, g_strerror (errno));
  close (there);
  return fd;
}

static void
take_in (Lane *lane, gint64 due)
{
  guint8 data[MAX_PACKET];
  gssize size;

  while ((size = read (lane->from, data, sizeof data)) > 0)
    {
      Packet *packet;

      if (g_queue_get_length (&lane->packets) >= MAX_QUEUE)
        continue;
      packet = g_malloc (sizeof *packet + (gsize)size);
      packet->due = due;
      packet->size = (gsize)size;
      memcpy (packet->data, data, (gsize)size);
      g_queue_push_tail (&lane->packets, packet);
    }
}

/* Returns when the next one is due. */
static gint64
give_out (Lane *lane, gint64 now)
{
  Packet *packet;

  while ((packet = g_queue_peek_head (&lane->packets)) != NULL && packet->due <= now)
    {
      if (write (lane->to, packet->data, packet->size) < 0 && errno != EINVAL)
        g_debug ("lost: %s", g_strerror (errno));
      g_free (g_queue_pop_head (&lane->packets));
    }
  return packet != NULL ? packet->due : G_MAXINT64;
}

int
main (int argc, char **argv)
{
  const gint64 delay = argc > 3 ? (gint64)(atof (argv[3]) * 1e3) : 0;
  struct pollfd polls[3] = { { .events = POLLIN }, { .events = POLLIN } };
  Lane lanes[2] = { { .from = -1 }, { .from = -1 } };

  if (argc != 4)
    return 2;
  for (guint i = 0; i < 2; i++)
    {
      g_queue_init (&lanes[i].packets);
      lanes[i].from = lanes[1 - i].to = polls[i].fd = open_device (argv[1 + i]);
    }
  polls[2] = (struct pollfd) { .fd = 0, .events = POLLIN };
  puts ("ready");
  fflush (stdout);
  while (polls[2].revents == 0)
    {
      const gint64 now = g_get_monotonic_time ();
      gint64 due = G_MAXINT64;
      struct timespec pause;

      for (guint i = 0; i < 2; i++)
        {
          take_in (&lanes[i], now + delay);
          due = MIN (due, give_out (&lanes[i], g_get_monotonic_time ()));
        }
      due = CLAMP (due - g_get_monotonic_time (), 0, G_USEC_PER_SEC);
      pause = (struct timespec) { due / G_USEC_PER_SEC, due % G_USEC_PER_SEC * 1000 };
      ppoll (polls, 3, &pause, NULL);
    }
  for (guint i = 0; i < 2; i++)
    g_queue_clear_full (&lanes[i].packets, g_free);
  return 0;
}
