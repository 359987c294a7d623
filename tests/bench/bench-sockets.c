/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's limit for the works of bench-packets: the same, with bare sockets.
 *
 *   bench-sockets one|threads|two|flood|trip BATCH KIND
 *
 * KIND: "plain" (sendto and recvfrom), "mmsg" (sendmmsg and recvmmsg), "merged"
 * (UDP_SEGMENT and UDP_GRO), "loop" (as plain, but a GMainContext waits for what is to be
 * received: what every program of GLib pays). With PACKETS in the environment the work of
 * one process ends after so many. With RELAY, the port of a TURN server on the loopback,
 * what is sent goes through it as ChannelData, and who waits for it sleeps. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <glib-unix.h>

#include "bare-relay.h"
#include "place.h"

#define SIZE 1200
#define MAX_BATCH 64
#define MAX_RUNS 16
#define GROUP 54 /* datagrams of SIZE in one UDP_SEGMENT message */
#define DURATION 0.5
#define WINDOW 128

static char
    frame[BARE_RELAY_HEADER + SIZE]; /* a header, where one is sent, and payload */
static char *payload = frame + BARE_RELAY_HEADER;
static unsigned frame_size = SIZE;
static _Thread_local char buffers[MAX_RUNS][65536];
static int is_mmsg, is_merged, is_loop, is_relayed;
static GMainContext *context; /* of loop */
static int is_readable;

static double
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static int
make_socket (struct sockaddr_in *address, const char *text)
{
  const int yes = 1, fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  socklen_t length = sizeof *address;

  *address = (struct sockaddr_in) { .sin_family = AF_INET };
  address->sin_addr.s_addr = inet_addr (text);
  if (bind (fd, (struct sockaddr *)address, sizeof *address) != 0
      || getsockname (fd, (struct sockaddr *)address, &length) != 0)
    abort ();
  if (is_merged)
    setsockopt (fd, SOL_UDP, UDP_GRO, &yes, sizeof yes);
  return fd;
}

/* From here on everything goes to the relay, which sends it to the peer at *to. */
static void
use_relay (int fd, struct sockaddr_in *to)
{
  const uint16_t header[] = { htons (BARE_RELAY_CHANNEL), htons (SIZE) };
  struct sockaddr_in server;

  is_relayed = 1;
  bare_relay_open (fd, getenv ("RELAY"), to, &server);
  *to = server;
  payload = frame;
  frame_size = sizeof frame;
  memcpy (frame, header, sizeof header);
}

/* --- Sending --- */

static unsigned
send_merged (int fd, const struct sockaddr_in *to, unsigned n)
{
  struct iovec vectors[GROUP];
  union
  {
    char bytes[CMSG_SPACE (sizeof (uint16_t))];
    struct cmsghdr aligned;
  } control;
  struct msghdr header = { .msg_name = (void *)to,
                           .msg_namelen = sizeof *to,
                           .msg_iov = vectors,
                           .msg_iovlen = n < GROUP ? n : GROUP,
                           .msg_control = &control,
                           .msg_controllen = sizeof control };
  struct cmsghdr *c = CMSG_FIRSTHDR (&header);
  const uint16_t segment_size = frame_size;

  for (unsigned i = 0; i < header.msg_iovlen; i++)
    vectors[i] = (struct iovec) { payload, frame_size };
  c->cmsg_level = SOL_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN (sizeof segment_size);
  memcpy (CMSG_DATA (c), &segment_size, sizeof segment_size);
  return sendmsg (fd, &header, 0) < 0 ? 0 : header.msg_iovlen;
}

static unsigned
send_mmsg (int fd, const struct sockaddr_in *to, unsigned n)
{
  struct mmsghdr messages[MAX_BATCH];
  struct iovec vector = { payload, frame_size };
  int sent;

  memset (messages, 0, sizeof messages[0] * n);
  for (unsigned i = 0; i < n; i++)
    {
      messages[i].msg_hdr.msg_name = (void *)to;
      messages[i].msg_hdr.msg_namelen = sizeof *to;
      messages[i].msg_hdr.msg_iov = &vector;
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  sent = sendmmsg (fd, messages, n, 0);
  return sent < 0 ? 0 : sent;
}

static unsigned
send_batch (int fd, const struct sockaddr_in *to, unsigned batch)
{
  unsigned sent = 0, n = 1;

  while (sent < batch && n > 0)
    {
      if (is_merged)
        n = send_merged (fd, to, batch - sent);
      else if (is_mmsg)
        n = send_mmsg (fd, to, batch - sent);
      else
        n = sendto (fd, payload, frame_size, 0, (struct sockaddr *)to, sizeof *to)
            == frame_size;
      sent += n;
    }
  return sent;
}

/* --- Receiving --- */

static unsigned
receive_mmsg (int fd)
{
  struct mmsghdr messages[MAX_RUNS];
  struct sockaddr_in from[MAX_RUNS];
  struct iovec vectors[MAX_RUNS];
  char controls[MAX_RUNS][64];
  unsigned count = 0;
  int n;

  for (unsigned i = 0; i < MAX_RUNS; i++)
    {
      vectors[i] = (struct iovec) { buffers[i], sizeof buffers[i] };
      messages[i].msg_hdr = (struct msghdr) { .msg_name = &from[i],
                                              .msg_namelen = sizeof from[i],
                                              .msg_iov = &vectors[i],
                                              .msg_iovlen = 1,
                                              .msg_control = controls[i],
                                              .msg_controllen = sizeof controls[i] };
    }
  n = recvmmsg (fd, messages, MAX_RUNS, MSG_DONTWAIT, NULL);
  for (int i = 0; i < n; i++)
    count += messages[i].msg_len / SIZE;
  return count;
}

static unsigned
receive_some (int fd)
{
  struct sockaddr_in from;
  socklen_t length = sizeof from;

  if (is_merged || is_mmsg)
    return receive_mmsg (fd);
  return recvfrom (fd, buffers[0], sizeof buffers[0], MSG_DONTWAIT,
                   (struct sockaddr *)&from, &length)
         == SIZE;
}

static gboolean
note_readable (int fd, GIOCondition condition, gpointer data)
{
  is_readable = 1;
  return G_SOURCE_CONTINUE;
}

static void
watch_in_loop (int fd)
{
  GSource *source = g_unix_fd_source_new (fd, G_IO_IN);

  context = g_main_context_new ();
  g_source_set_callback (source, (GSourceFunc)(void (*) (void))note_readable, NULL, NULL);
  /* Else GLib takes the descriptor out of its poll and puts it back at each call. */
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);
}

static int
wait_readable (int fd, int timeout)
{
  struct pollfd one = { .fd = fd, .events = POLLIN };

  if (context != NULL && timeout < 0)
    {
      for (is_readable = 0; !is_readable;)
        g_main_context_iteration (context, TRUE);
      return 1;
    }
  return poll (&one, 1, timeout) > 0;
}

/* --- Works --- */

/* Returns packets a second. */
static double
run_one_thread (unsigned batch)
{
  struct sockaddr_in a_address, b_address;
  const int a = make_socket (&a_address, "127.0.0.1");
  const int b = make_socket (&b_address, "127.0.0.1");
  const char *packets = getenv ("PACKETS");
  const uint64_t enough = packets != NULL ? strtoul (packets, NULL, 10) : UINT64_MAX;
  uint64_t sent = 0, received = 0;
  double start;

  if (is_loop)
    watch_in_loop (b);
  if (getenv ("RELAY") != NULL)
    use_relay (a, &b_address);
  start = get_time ();
  while (packets != NULL ? sent < enough : get_time () - start < DURATION)
    {
      sent += send_batch (a, &b_address, batch);
      while (received < sent)
        {
          if (is_loop || is_relayed)
            wait_readable (b, -1);
          received += receive_some (b);
        }
    }
  return received / (get_time () - start);
}

static gpointer
run_thread (gpointer batch)
{
  double *rate = g_new (double, 1);

  *rate = run_one_thread (GPOINTER_TO_UINT (batch));
  return rate;
}

static double
run_two_threads (unsigned batch)
{
  GThread *thread = g_thread_new ("second", run_thread, GUINT_TO_POINTER (batch));
  const double mine = run_one_thread (batch);
  g_autofree double *other = g_thread_join (thread);

  return mine + *other;
}

static uint64_t
hear_count (int control, int waits, uint64_t last)
{
  uint64_t counts[512];
  const ssize_t n = recv (control, counts, sizeof counts, waits ? 0 : MSG_DONTWAIT);

  return n >= (ssize_t)sizeof counts[0] ? counts[n / sizeof counts[0] - 1] : last;
}

static void
run_receiver (int fd, int control)
{
  uint64_t received = 0;
  unsigned n;

  for (;;)
    {
      wait_readable (fd, -1);
      n = receive_some (fd);
      received += n;
      if (n > 0 && write (control, &received, sizeof received) < 0)
        return;
    }
}

static void
run_echo (int fd)
{
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  ssize_t size;

  for (;;)
    {
      wait_readable (fd, -1);
      size = recvfrom (fd, buffers[0], SIZE, 0, (struct sockaddr *)&from, &length);
      if (size > 0)
        sendto (fd, buffers[0], size, 0, (struct sockaddr *)&from, length);
    }
}

static void
run_round_trips (int fd, const struct sockaddr_in *to)
{
  uint64_t n = 0;
  const double start = get_time ();

  while (get_time () - start < DURATION)
    {
      send_batch (fd, to, 1);
      wait_readable (fd, -1);
      n += receive_some (fd);
    }
  printf ("%.2f\n", (get_time () - start) * 1e6 / n);
}

static void
run_sender (int fd, const struct sockaddr_in *to, int control, unsigned batch, int floods)
{
  uint64_t sent = 0, arrived = 0;
  const double start = get_time ();

  while (get_time () - start < DURATION)
    {
      sent += send_batch (fd, to, batch);
      arrived = hear_count (control, 0, arrived);
      while (!floods && sent - arrived > WINDOW)
        arrived = hear_count (control, 1, arrived);
    }
  if (floods)
    {
      while (wait_readable (control, 200)) /* what is under way arrives, or is lost */
        arrived = hear_count (control, 0, arrived);
      printf ("%.2f\n", 100.0 * (sent - arrived) / sent);
    }
  else
    printf ("%.0f\n", arrived / (get_time () - start));
}

/* Tells the other process where this one is, and hears where that is. */
static void
exchange (int control, const struct sockaddr_in *mine, struct sockaddr_in *theirs)
{
  if (write (control, mine, sizeof *mine) != sizeof *mine
      || recv (control, theirs, sizeof *theirs, MSG_WAITALL) != sizeof *theirs)
    abort ();
}

static void
run_process (const char *work, unsigned batch, int control, int is_sender)
{
  struct sockaddr_in mine, theirs;
  const int fd = make_socket (&mine, place_enter (is_sender ? 0 : 1));

  exchange (control, &mine, &theirs);
  if (strcmp (work, "trip") == 0)
    place_pin (is_sender);
  if (is_loop)
    watch_in_loop (fd);
  if (is_sender && getenv ("RELAY") != NULL)
    use_relay (fd, &theirs);
  if (is_sender && strcmp (work, "trip") == 0)
    run_round_trips (fd, &theirs);
  else if (is_sender)
    run_sender (fd, &theirs, control, batch, strcmp (work, "flood") == 0);
  else if (strcmp (work, "trip") == 0)
    run_echo (fd);
  else
    run_receiver (fd, control);
}

static void
run_two_processes (const char *work, unsigned batch)
{
  int control[2];
  pid_t child;

  if (socketpair (AF_UNIX, SOCK_STREAM, 0, control) != 0)
    abort ();
  child = fork ();
  if (child == 0)
    {
      close (control[0]);
      run_process (work, batch, control[1], 0);
      _exit (0);
    }
  close (control[1]);
  run_process (work, batch, control[0], 1);
  kill (child, SIGTERM);
  waitpid (child, NULL, 0);
}

int
main (int argc, char **argv)
{
  const char *work = argc > 1 ? argv[1] : "one";
  unsigned batch = argc > 2 ? (unsigned)atoi (argv[2]) : 64;
  const char *kind = argc > 3 ? argv[3] : "plain";

  batch = batch == 0 ? 1 : batch > MAX_BATCH ? MAX_BATCH : batch;
  is_mmsg = strcmp (kind, "mmsg") == 0;
  is_merged = strcmp (kind, "merged") == 0;
  is_loop = strcmp (kind, "loop") == 0;
  memset (payload, 0x80, SIZE);
  if (strcmp (work, "one") == 0)
    printf ("%.0f\n", run_one_thread (batch));
  else if (strcmp (work, "threads") == 0)
    printf ("%.0f\n", run_two_threads (batch));
  else
    run_two_processes (work, batch);
  return 0;
}
