/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the engine's cost grows: forming and finishing checklists of more and more remote
 * candidates, and of more and more streams, each figure with its growth exponent beside
 * the target; what dead candidates cost, and what an idle connected engine keeps. No
 * sockets: packets go from engine to engine in virtual time.
 *
 *   bench-ice            prints the tables, with instructions where valgrind is installed
 *   bench-ice counted    runs the measured work once, for callgrind */
#include "config.h"

#include "ice/engine.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <math.h>
#include <time.h>

#define DELAY (10 * ICE_MS)
#define N_LOCAL 10
#define N_IDLE 200
#define FIRST_PORT 1000
#define TARGET_EXPONENT 1.2

typedef struct
{
  gint64 arrival;
  guint to; /* end */
  IceBaseId base;
  NiceAddress from;
  gsize size;
  guint8 data[];
} Packet;

/* End 0 is at 10.0.x.1, end 1 at 10.0.x.2; a base's port tells its id. */
typedef struct
{
  gint64 now;
  IceEngine *engines[2]; /* the second is NULL: nobody answers */
  guint64 random;
  GQueue packets;
  GArray *candidates[2];
  guint n_ready, n_failed; /* components, of both ends */
} Call;

typedef struct
{
  Call call;
  guint n_remote;  /* dead remote candidates of one component, or */
  guint n_streams; /* streams of two components, with a peer */
} Work;

typedef struct
{
  const gchar *title;
  guint size, n_local, n_remote, n_streams, max_pairs;
  gboolean first; /* of its series */
} Row;

typedef struct
{
  gdouble ms[2], instructions[2]; /* to form, to finish */
} Cost;

static const Row rows[] = {
  { "remote x 10 local", 25, N_LOCAL, 25, 0, 0, TRUE },
  { "remote x 10 local", 50, N_LOCAL, 50, 0, 0, FALSE },
  { "remote x 10 local", 100, N_LOCAL, 100, 0, 0, FALSE },
  { "remote x 10 local", 200, N_LOCAL, 200, 0, 0, FALSE },
  { "streams x 2", 10, 1, 0, 10, 100, TRUE },
  { "streams x 2", 25, 1, 0, 25, 100, FALSE },
  { "streams x 2", 50, 1, 0, 50, 100, FALSE },
  { "streams x 2", 100, 1, 0, 100, 100, FALSE },
  { "dead remote x 1", 50, 1, 50, 0, 100, TRUE },
  { "dead remote x 1", 100, 1, 100, 0, 100, FALSE },
};

/* --- two engines --- */

static void
make_random (gpointer data, guint8 *dest, gsize len)
{
  guint64 *state = data;

  for (gsize i = 0; i < len; i++)
    {
      *state = *state * G_GUINT64_CONSTANT (6364136223846793005) + 1442695041;
      dest[i] = *state >> 56;
    }
}

static void
transmit (Call *self, guint end, const IceTransmit *message)
{
  const guint32 host = g_ntohl (message->to.s.ip4.sin_addr.s_addr);
  Packet *packet;

  if ((host & 0xff) > 2 || self->engines[1 - end] == NULL)
    return;
  packet = g_malloc (sizeof *packet + message->size);
  packet->arrival = self->now + DELAY;
  packet->to = 1 - end;
  packet->base = nice_address_get_port (&message->to) - FIRST_PORT;
  packet->size = message->size;
  memcpy (packet->data, message->data, message->size);
  nice_address_init (&packet->from);
  nice_address_set_ipv4 (&packet->from, 0x0a000000 + 1 + end);
  nice_address_set_port (&packet->from, FIRST_PORT + message->base);
  g_queue_push_tail (&self->packets, packet);
}

static void
handle_event (Call *self, guint end, const IceEvent *event)
{
  IceBaseResult result = { .error = ICE_REASON_NONE };

  if (event->type == ICE_EVENT_NEED_BASE)
    {
      result.local = event->need_base.local;
      nice_address_init (&result.mapped);
      nice_address_set_port (&result.local, FIRST_PORT + event->need_base.id);
      ice_engine_handle_base (self->engines[end], event->need_base.id, &result,
                              self->now);
    }
  else if (event->type == ICE_EVENT_LOCAL_CANDIDATE)
    g_array_append_val (self->candidates[end], event->candidate);
  else if (event->type == ICE_EVENT_COMPONENT_STATE)
    {
      self->n_ready += event->state.state == ICE_COMPONENT_READY;
      self->n_failed += event->state.state == ICE_COMPONENT_FAILED;
    }
}

static void
drain (Call *self, guint end)
{
  IceTransmit message;
  IceEvent event;

  if (self->engines[end] == NULL)
    return;
  while (ice_engine_poll_transmit (self->engines[end], &message))
    transmit (self, end, &message);
  while (ice_engine_poll_event (self->engines[end], &event))
    {
      handle_event (self, end, &event);
      while (ice_engine_poll_transmit (self->engines[end], &message))
        transmit (self, end, &message);
    }
}

static void
deliver_due (Call *self)
{
  Packet *packet;

  while ((packet = g_queue_peek_head (&self->packets)) != NULL
         && packet->arrival <= self->now)
    {
      g_queue_pop_head (&self->packets);
      ice_engine_handle_packet (self->engines[packet->to], packet->base, &packet->from,
                                packet->data, packet->size, self->now);
      drain (self, packet->to);
      g_free (packet);
    }
}

/* Lets time pass until so many components are ready or failed, or until then. */
static void
run (Call *self, guint n_over, gint64 until)
{
  while (self->n_ready + self->n_failed < n_over)
    {
      const Packet *first = g_queue_peek_head (&self->packets);
      gint64 next = first != NULL ? first->arrival : ICE_NEVER;

      for (guint i = 0; i < 2; i++)
        if (self->engines[i] != NULL)
          next = MIN (next, ice_engine_get_deadline (self->engines[i]));
      if (next > until)
        break;
      self->now = next;
      deliver_due (self);
      for (guint i = 0; i < 2; i++)
        if (self->engines[i] != NULL
            && ice_engine_get_deadline (self->engines[i]) <= next)
          {
            ice_engine_handle_timeout (self->engines[i], next);
            drain (self, i);
          }
    }
}

static void
add_streams (Call *self, guint end, guint n_streams, guint n_components, guint n_local)
{
  NiceAddress addresses[N_LOCAL];

  for (guint i = 0; i < n_local; i++)
    {
      nice_address_init (&addresses[i]);
      nice_address_set_ipv4 (&addresses[i], 0x0a000000 + (i << 8) + 1 + end);
    }
  for (guint i = 0; i < n_streams; i++)
    {
      guint id = ice_engine_add_stream (self->engines[end], n_components, self->now);

      ice_engine_gather (self->engines[end], id, addresses, n_local, self->now);
      drain (self, end);
    }
}

static void
call_init (Call *self, guint n_ends, guint max_pairs)
{
  IceEnv env = { .random = make_random, .data = &self->random };
  IceConfig config;

  memset (self, 0, sizeof *self);
  ice_config_init (&config);
  config.nomination = ICE_NOMINATION_REGULAR;
  config.ice_tcp = FALSE;
  config.max_pairs = max_pairs;
  for (guint i = 0; i < n_ends; i++)
    {
      config.controlling = i == 0;
      self->candidates[i] = g_array_new (FALSE, FALSE, sizeof (IceCandidate));
      self->engines[i] = ice_engine_new (&config, &env, 0);
    }
}

static void
call_clear (Call *self)
{
  g_queue_clear_full (&self->packets, g_free);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&self->engines[i], ice_engine_free);
      g_clear_pointer (&self->candidates[i], g_array_unref);
    }
}

static void
signal_peer (Call *self, guint from, guint n_streams)
{
  for (guint id = 1; id <= n_streams; id++)
    {
      const gchar *ufrag, *pwd;

      ice_engine_get_local_credentials (self->engines[from], id, &ufrag, &pwd);
      ice_engine_set_remote_credentials (self->engines[1 - from], id, ufrag, pwd,
                                         self->now);
    }
  for (guint i = 0; i < self->candidates[from]->len; i++)
    {
      const IceCandidate *candidate =
          &g_array_index (self->candidates[from], IceCandidate, i);

      ice_engine_add_remote_candidates (self->engines[1 - from], candidate->stream_id,
                                        candidate->component_id, candidate, 1, self->now);
      drain (self, 1 - from);
    }
}

/* --- the measured work --- */

static void
signal_dead (Call *self, guint n)
{
  ice_engine_set_remote_credentials (self->engines[0], 1, "dead",
                                     "abcdefghijklmnopqrstuv", self->now);
  for (guint i = 0; i < n; i++)
    {
      IceCandidate candidate = { .type = ICE_CANDIDATE_HOST,
                                 .priority = 0x7e0000ff + (i << 8) };

      nice_address_init (&candidate.addr);
      nice_address_set_ipv4 (&candidate.addr, 0x0a010003 + (i << 8));
      nice_address_set_port (&candidate.addr, FIRST_PORT);
      nice_address_init (&candidate.base_addr);
      nice_address_init (&candidate.server);
      g_snprintf (candidate.foundation, sizeof candidate.foundation, "%u", i);
      ice_engine_add_remote_candidates (self->engines[0], 1, 1, &candidate, 1, self->now);
      drain (self, 0);
    }
}

static void
form (Work *work)
{
  if (work->n_remote > 0)
    {
      signal_dead (&work->call, work->n_remote);
      return;
    }
  signal_peer (&work->call, 0, work->n_streams);
  signal_peer (&work->call, 1, work->n_streams);
}

/* To the last component ready, or to the last pair failed. */
static void
finish (Work *work)
{
  guint n_over = work->n_remote > 0 ? 1 : 4 * work->n_streams;

  if (work->n_remote > 0)
    ice_engine_end_of_remote_candidates (work->call.engines[0], 1, work->call.now);
  run (&work->call, n_over, 1000 * ICE_SECOND);
  g_assert_cmpuint (work->n_remote > 0 ? work->call.n_failed : work->call.n_ready, ==,
                    n_over);
}

/* The one function that callgrind looks at: it dumps when this returns. */
void measured (Work *work, gboolean to_finish);

__attribute__ ((noinline)) void
measured (Work *work, gboolean to_finish)
{
  if (to_finish)
    finish (work);
  else
    form (work);
}

static gdouble
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void
work_through (const Row *row, Cost *cost)
{
  Work work = { .n_remote = row->n_remote, .n_streams = row->n_streams };
  const guint n_ends = row->n_remote > 0 ? 1 : 2;

  call_init (&work.call, n_ends, row->max_pairs);
  for (guint i = 0; i < n_ends; i++)
    add_streams (&work.call, i, MAX (1, row->n_streams), row->n_remote > 0 ? 1 : 2,
                 row->n_local);
  for (guint phase = 0; phase < 2; phase++)
    {
      const gdouble start = now_ms ();

      measured (&work, phase);
      cost->ms[phase] = now_ms () - start;
    }
  call_clear (&work.call);
}

/* --- instructions --- */

static gdouble
read_total (const gchar *folder, guint dump)
{
  g_autofree gchar *path = g_strdup_printf ("%s/out.%u", folder, dump);
  g_autofree gchar *text = NULL;
  const gchar *at;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  g_remove (path);
  at = strstr (text, "\nsummary: ");
  if (at == NULL)
    at = strstr (text, "\ntotals: ");
  return at != NULL ? g_ascii_strtod (strchr (at, ' '), NULL) : 0;
}

/* Runs this very program once more, under callgrind, which dumps after each phase. */
static void
count_instructions (const gchar *program, Cost *costs)
{
  g_autofree gchar *folder = g_dir_make_tmp ("bench-ice-XXXXXX", NULL);
  g_autofree gchar *out = g_strconcat ("--callgrind-out-file=", folder, "/out", NULL);
  const gchar *argv[] = { "valgrind",
                          "-q",
                          "--tool=callgrind",
                          out,
                          "--toggle-collect=measured",
                          "--dump-after=measured",
                          program,
                          "counted",
                          NULL };
  g_autoptr (GError) error = NULL;
  g_autofree gchar *rest = g_build_filename (folder, "out", NULL);

  if (!g_spawn_sync (NULL, (gchar **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                     NULL, NULL, &error))
    {
      g_print ("no instructions: %s\n", error->message);
      return;
    }
  for (guint i = 0; i < 2 * G_N_ELEMENTS (rows); i++)
    costs[i / 2].instructions[i % 2] = read_total (folder, i + 1);
  g_remove (rest);
  g_rmdir (folder);
}

/* --- the tables --- */

static void
print_phase (const Row *row, const Cost *cost, guint phase)
{
  const gboolean counted = cost->instructions[phase] > 0;

  g_print (" %10.2f %8.2f", cost->instructions[phase] / 1e6, cost->ms[phase]);
  if (row->first)
    g_print ("          ");
  else
    {
      const Cost *before = cost - 1;
      const gdouble ratio = counted
                                ? cost->instructions[phase] / before->instructions[phase]
                                : cost->ms[phase] / before->ms[phase];
      const gdouble exponent = log (ratio) / log ((gdouble)row->size / row[-1].size);

      g_print (" %5.2f%-4s", exponent, exponent > TARGET_EXPONENT ? " (!)" : "");
    }
}

static void
print_costs (const Cost *costs)
{
  g_print ("%-22s %10s %8s %-9s %10s %8s %s\n", "", "form Minst", "ms", "exponent",
           "end Minst", "ms", "exponent");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_print ("%3u %-18s", rows[i].size, rows[i].title);
      print_phase (&rows[i], &costs[i], 0);
      print_phase (&rows[i], &costs[i], 1);
      g_print ("\n");
    }
  g_print ("Exponents: target at most %.1f. 50 dead: target 3 Minst in all, here %.2f.\n"
           "Streams: both ends together.\n",
           TARGET_EXPONENT,
           (costs[G_N_ELEMENTS (rows) - 2].instructions[0]
            + costs[G_N_ELEMENTS (rows) - 2].instructions[1])
               / 1e6);
}

static void
print_idle (void)
{
  Call *calls = g_new0 (Call, N_IDLE);
  const gsize before = mallinfo2 ().uordblks;
  gsize after;

  for (guint i = 0; i < N_IDLE; i++)
    {
      call_init (&calls[i], 2, 100);
      for (guint end = 0; end < 2; end++)
        add_streams (&calls[i], end, 1, 1, 1);
      signal_peer (&calls[i], 0, 1);
      signal_peer (&calls[i], 1, 1);
      for (guint end = 0; end < 2; end++)
        g_clear_pointer (&calls[i].candidates[end], g_array_unref);
      run (&calls[i], 2, 60 * ICE_SECOND);
      g_assert_cmpuint (calls[i].n_ready, ==, 2);
      run (&calls[i], G_MAXUINT, calls[i].now + 20 * ICE_SECOND);
    }
  after = mallinfo2 ().uordblks;
  g_print ("Heap of an idle connected engine: %.0f bytes.\n",
           (gdouble)(after - before) / (2 * N_IDLE));
  for (guint i = 0; i < N_IDLE; i++)
    call_clear (&calls[i]);
  g_free (calls);
}

int
main (int argc, char **argv)
{
  g_autofree gchar *valgrind = g_find_program_in_path ("valgrind");
  Cost costs[G_N_ELEMENTS (rows)] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    work_through (&rows[i], &costs[i]);
  if (argc > 1)
    return 0;
  if (valgrind != NULL)
    count_instructions (argv[0], costs);
  print_costs (costs);
  print_idle ();
  return 0;
}
