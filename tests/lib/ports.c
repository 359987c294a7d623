/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds ports; knows nothing of who uses them. */
#include "ports.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* Below the ports that the kernel gives to whoever asks for any, one of which could
 * otherwise take it before the program that is to have it, or connect to itself while it
 * waits for that program. */
#define FIRST_PORT 10000
#define N_PORTS 20000
/* Who holds the first port of a block has all of them, also while nobody listens there.
 */
#define BLOCK 16

/* Returns the socket; negative: it is somebody's. */
static gint
take (guint16 port, gint type)
{
  const struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons (port),
                                       .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  const gint fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  if (bind (fd, (const struct sockaddr *)&address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

/* Its first port; held as long as this program lives. */
static guint16
take_block (void)
{
  static guint n_tried;
  guint16 first;

  do
    first = FIRST_PORT + ((guint)getpid () + n_tried++) % (N_PORTS / BLOCK) * BLOCK;
  while (take (first, SOCK_STREAM) < 0);
  return first;
}

static gboolean
can_bind (guint16 port, gint type)
{
  const gint fd = take (port, type);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static gboolean
are_free (guint16 first, guint n)
{
  guint n_free = 0;

  while (n_free < n && can_bind (first + n_free, SOCK_STREAM)
         && can_bind (first + n_free, SOCK_DGRAM))
    n_free++;
  return n_free == n;
}

guint16
find_ports (guint n)
{
  static guint16 block;
  static guint n_given = BLOCK;

  g_assert_cmpuint (n, <, BLOCK);
  do
    {
      if (n_given + n > BLOCK)
        {
          block = take_block ();
          n_given = 1;
        }
      n_given += n;
    }
  while (!are_free (block + n_given - n, n));
  return block + n_given - n;
}

guint16
find_port (void)
{
  return find_ports (1);
}
