/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks routers for ports, through gupnp-igd, and turns what they map into candidates with
 * the preference of a NAT that was asked (RFC 8445 5.1.1.1, 5.1.2.2). Decides what is
 * asked for and for how long gathering waits; must not know UPnP.
 *
 * gupnp-igd may be touched in one thread only, and what it works with attaches sources to
 * the context that is the thread's default while they run: in an agent's own context,
 * which its thread need not have pushed, they went to the program's main context, half
 * made. So one thread of ours, for all agents, has gupnp-igd, and everything is a task
 * for it; the last reference goes there too. What it learns is a task for the agent's
 * context. */
#include "config.h"

#include "upnp.h"

#include <libgupnp-igd/gupnp-simple-igd.h>
#include <netinet/in.h>

/* Seconds; gupnp-igd renews it. A mapping of a program that crashed ends by itself. */
#define LEASE 3600
/* Seconds for a router to be told that ports are free again. */
#define FAREWELL 5
/* Of one agent: what routers have in their tables is scarce, RFC 8445 leaves us at most
 * that many addresses, times transports. */
#define MAX_PORTS 256

typedef struct
{
  guint stream_id, component_id;
  IceTransport transport;
  NiceAddress local;
  NiceUpnpJob *job;      /* NULL: nobody waits for the answer any more */
  gboolean is_permanent; /* asked again, for a router that knows no leases */
} Port;

/* What follows agent is touched in the worker's thread only. */
struct _NiceUpnp
{
  gatomicrefcount refs;
  GMainContext *agent_context;
  GWeakRef *agent; /* an atomic rc box, of all news too */
  GUPnPSimpleIgd *igd;
  GArray *ports; /* of Port */
};

struct _NiceUpnpJob
{
  NiceUpnp *upnp;
  guint stream_id;
  guint timeout;  /* ms */
  GArray *wanted; /* of Port */
  guint n_open;
  GSource *timer;
};

/* The worker never has a reference on an agent, which would end there. */
static void
release_weak_ref (GWeakRef *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify)g_weak_ref_clear);
}

static void
upnp_unref (NiceUpnp *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->igd != NULL)
    g_signal_handlers_disconnect_by_data (self->igd, self);
  g_clear_object (&self->igd);
  g_array_unref (self->ports);
  release_weak_ref (self->agent);
  g_main_context_unref (self->agent_context);
  g_free (self);
}

static NiceUpnp *
upnp_ref (NiceUpnp *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/* --- Tasks for the worker --- */

static gpointer
work (gpointer data)
{
  GMainContext *context = data;
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  return NULL;
}

/* Of the thread that is started when first asked for, and stays. */
static GMainContext *
get_worker (void)
{
  static GMainContext *context;

  if (g_once_init_enter (&context))
    {
      GMainContext *fresh = g_main_context_new ();

      g_thread_unref (g_thread_new ("upnp", work, fresh));
      g_once_init_leave (&context, fresh);
    }
  return context;
}

typedef struct
{
  NiceUpnp *upnp;
  void (*run) (NiceUpnp *self, gpointer data);
  gpointer data;
} Task;

static gboolean
run_task (gpointer data)
{
  Task *task = data;

  task->run (task->upnp, task->data);
  return G_SOURCE_REMOVE;
}

static void
free_task (gpointer data)
{
  Task *task = data;

  upnp_unref (task->upnp);
  g_free (task);
}

/* Returns the source, which is attached; after is in milliseconds. */
static GSource *
run_later (NiceUpnp *self, guint after, void (*run) (NiceUpnp *self, gpointer data),
           gpointer data)
{
  GSource *source = g_timeout_source_new (after);
  Task *task = g_new (Task, 1);

  *task = (Task) { upnp_ref (self), run, data };
  g_source_set_callback (source, run_task, task, free_task);
  g_source_attach (source, get_worker ());
  return source;
}

static void
run_soon (NiceUpnp *self, void (*run) (NiceUpnp *self, gpointer data), gpointer data)
{
  g_source_unref (run_later (self, 0, run, data));
}

/* --- News for the agent --- */

typedef struct
{
  GWeakRef *agent;
  Port port;
  NiceAddress mapped; /* not valid: gathering of the stream need not wait any more */
} News;

static void
tell_engine (NiceAgent *agent, const Port *port, const NiceAddress *mapped)
{
  gint64 now;
  IceEngine *engine = nice_agent_enter (agent, &now);

  if (nice_address_is_valid (mapped))
    ice_engine_add_mapping (engine, port->stream_id, port->component_id, port->transport,
                            &port->local, mapped, now);
  else
    ice_engine_hold_gathering (engine, port->stream_id, FALSE, now);
  nice_agent_leave (agent);
}

static gboolean
tell_agent (gpointer data)
{
  News *news = data;
  g_autoptr (GObject) agent = g_weak_ref_get (news->agent);

  if (agent != NULL)
    tell_engine (NICE_AGENT (agent), &news->port, &news->mapped);
  return G_SOURCE_REMOVE;
}

static void
free_news (gpointer data)
{
  News *news = data;

  release_weak_ref (news->agent);
  g_free (news);
}

static void
post_news (NiceUpnp *self, const Port *port, const NiceAddress *mapped)
{
  g_autoptr (GSource) source = g_timeout_source_new (0);
  News *news = g_new0 (News, 1);

  news->agent = g_atomic_rc_box_acquire (self->agent);
  news->port = *port;
  news->mapped = *mapped;
  g_source_set_callback (source, tell_agent, news, free_news);
  g_source_attach (source, self->agent_context);
}

/* --- The end of a job --- */

static void
job_free (NiceUpnpJob *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_array_unref (self->wanted);
  upnp_unref (self->upnp);
  g_free (self);
}

static void
end_job (NiceUpnpJob *self)
{
  const Port none = { .stream_id = self->stream_id };
  NiceUpnp *upnp = self->upnp;
  NiceAddress no_address;

  for (guint i = 0; i < upnp->ports->len; i++)
    {
      Port *port = &g_array_index (upnp->ports, Port, i);

      if (port->job == self)
        port->job = NULL;
    }
  nice_address_init (&no_address);
  post_news (upnp, &none, &no_address);
  job_free (self);
}

static void
on_timeout (NiceUpnp *self, gpointer data)
{
  end_job (data);
}

static void
note_answer (Port *port)
{
  NiceUpnpJob *job = g_steal_pointer (&port->job);

  if (job != NULL && --job->n_open == 0)
    end_job (job);
}

/* --- What gupnp-igd says --- */

static const gchar *
get_protocol (IceTransport transport)
{
  return transport == ICE_TRANSPORT_UDP ? "UDP" : "TCP";
}

static Port *
find_port (NiceUpnp *self, const gchar *protocol, const gchar *ip, guint number)
{
  NiceAddress local;

  nice_address_init (&local);
  if (ip == NULL || number > G_MAXUINT16 || !nice_address_set_from_string (&local, ip))
    return NULL;
  nice_address_set_port (&local, number);
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = &g_array_index (self->ports, Port, i);

      if (nice_address_equal (&port->local, &local)
          && g_strcmp0 (protocol, get_protocol (port->transport)) == 0)
        return port;
    }
  return NULL;
}

/* The signals of gupnp-igd have more arguments than a function should, so these are
 * marshallers: values[0] is the object, the closure's data ours. */

/* (protocol, external address, the one it replaces, external port, local address, local
 * port, description) */
static void
on_mapped (GClosure *closure, GValue *result, guint n_values, const GValue *values,
           gpointer hint, gpointer data)
{
  NiceUpnp *self = closure->data;
  const gchar *protocol = g_value_get_string (&values[1]);
  const gchar *external_ip = g_value_get_string (&values[2]);
  const guint external_port = g_value_get_uint (&values[4]);
  const gchar *local_ip = g_value_get_string (&values[5]);
  const guint local_port = g_value_get_uint (&values[6]);
  Port *port = find_port (self, protocol, local_ip, local_port);
  NiceAddress mapped;

  nice_address_init (&mapped);
  if (port == NULL || external_ip == NULL || external_port == 0
      || external_port > G_MAXUINT16
      || !nice_address_set_from_string (&mapped, external_ip))
    return;
  nice_address_set_port (&mapped, external_port);
  post_news (self, port, &mapped);
  note_answer (port);
}

static void
ask_for (NiceUpnp *self, const Port *port)
{
  g_autofree gchar *ip = nice_address_dup_string (&port->local);

  gupnp_simple_igd_add_port (self->igd, get_protocol (port->transport), 0, ip,
                             nice_address_get_port (&port->local),
                             port->is_permanent ? 0 : LEASE, PACKAGE_STRING);
}

/* (error, protocol, external port, local address, local port, description). Old routers
 * know no leases (error 725), and gupnp-igd does not ask again. */
static void
on_failed (GClosure *closure, GValue *result, guint n_values, const GValue *values,
           gpointer hint, gpointer data)
{
  NiceUpnp *self = closure->data;
  const GError *error = g_value_get_boxed (&values[1]);
  const gchar *protocol = g_value_get_string (&values[2]);
  const gchar *local_ip = g_value_get_string (&values[4]);
  const guint local_port = g_value_get_uint (&values[5]);
  Port *port = find_port (self, protocol, local_ip, local_port);

  g_debug ("UPnP: no port for %s:%u: %s", local_ip, local_port,
           error != NULL ? error->message : "?");
  if (port == NULL)
    return;
  if (port->is_permanent)
    {
      note_answer (port);
      return;
    }
  port->is_permanent = TRUE;
  ask_for (self, port);
}

/* --- Asking --- */

static void
watch_signal (NiceUpnp *self, const gchar *signal, GClosureMarshal marshal)
{
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), self);

  g_closure_set_marshal (closure, marshal);
  g_signal_connect_closure (self->igd, signal, closure, FALSE);
}

static void
make_igd (NiceUpnp *self)
{
  self->igd = gupnp_simple_igd_new (); /* in the worker's context */
  watch_signal (self, "mapped-external-port", on_mapped);
  watch_signal (self, "error-mapping-port", on_failed);
}

static gboolean
is_asked_for (NiceUpnp *self, const Port *wanted)
{
  for (guint i = 0; i < self->ports->len; i++)
    {
      const Port *port = &g_array_index (self->ports, Port, i);

      if (port->transport == wanted->transport
          && nice_address_equal (&port->local, &wanted->local))
        return TRUE;
    }
  return FALSE;
}

static void
start (NiceUpnp *self, gpointer data)
{
  NiceUpnpJob *job = data;
  const guint first = self->ports->len;
  guint end;

  if (self->igd == NULL)
    make_igd (self);
  job->timer = run_later (self, job->timeout, on_timeout, job);
  for (guint i = 0; i < job->wanted->len; i++)
    {
      Port *port = &g_array_index (job->wanted, Port, i);

      port->job = job;
      if (!is_asked_for (self, port))
        g_array_append_val (self->ports, *port);
    }
  end = self->ports->len;
  job->n_open = end - first;
  if (job->n_open == 0)
    end_job (job);
  for (guint i = first; i < end; i++)
    ask_for (self, &g_array_index (self->ports, Port, i));
}

/* The task has a reference, whose end is in the worker's thread, as the last one's must.
 */
static void
let_go (NiceUpnp *self, gpointer data)
{
}

static gboolean
take_port (NiceUpnp *self, guint stream_id, Port *port)
{
  for (guint i = 0; i < self->ports->len; i++)
    {
      *port = g_array_index (self->ports, Port, i);
      if (port->stream_id == stream_id)
        {
          g_array_remove_index (self->ports, i);
          return TRUE;
        }
    }
  return FALSE;
}

static void
forget (NiceUpnp *self, gpointer data)
{
  guint n = 0;

  for (Port port; take_port (self, GPOINTER_TO_UINT (data), &port); n++)
    {
      g_autofree gchar *ip = nice_address_dup_string (&port.local);

      gupnp_simple_igd_remove_port_local (self->igd, get_protocol (port.transport), ip,
                                          nice_address_get_port (&port.local));
      note_answer (&port);
    }
  if (n > 0)
    g_source_unref (run_later (self, FAREWELL * 1000, let_go, NULL));
}

/* --- For the agent --- */

static NiceUpnp *
upnp_new (NiceAgent *agent)
{
  GMainContext *context = agent->settings.main_context;
  NiceUpnp *self = g_new0 (NiceUpnp, 1);

  g_atomic_ref_count_init (&self->refs);
  self->agent_context =
      g_main_context_ref (context != NULL ? context : g_main_context_default ());
  self->ports = g_array_new (FALSE, FALSE, sizeof (Port));
  self->agent = g_atomic_rc_box_new0 (GWeakRef);
  g_weak_ref_init (self->agent, agent);
  return self;
}

NiceUpnpJob *
nice_upnp_job_new (NiceAgent *agent, IceEngine *engine, NiceAgentStream *stream,
                   gint64 now)
{
  NiceUpnpJob *self;

  if (!agent->settings.upnp || !agent->settings.full_mode || agent->settings.force_relay)
    return NULL;
  if (agent->upnp == NULL)
    agent->upnp = upnp_new (agent);
  if (stream->upnp == NULL)
    stream->upnp = upnp_ref (agent->upnp);
  self = g_new0 (NiceUpnpJob, 1);
  self->upnp = upnp_ref (agent->upnp);
  self->stream_id = stream->id;
  self->timeout = agent->settings.upnp_timeout;
  self->wanted = g_array_new (FALSE, TRUE, sizeof (Port));
  ice_engine_hold_gathering (engine, stream->id, TRUE, now);
  return self;
}

/* IPv4 only: what there is for IPv6 opens firewalls, and gives no other address. */
static gboolean
is_mappable (const IceCandidate *candidate)
{
  static const guint32 loopback = 0x7f000000;

  return candidate->type == ICE_CANDIDATE_HOST
         && (candidate->transport == ICE_TRANSPORT_UDP
             || candidate->transport == ICE_TRANSPORT_TCP_PASSIVE)
         && nice_address_ip_version (&candidate->addr) == 4
         && !nice_address_is_linklocal (&candidate->addr)
         && (ntohl (candidate->addr.s.ip4.sin_addr.s_addr) & 0xff000000) != loopback;
}

static void
collect (NiceUpnpJob *self, const IceEngine *engine, const NiceAgentStream *stream)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (IceCandidate));

  for (guint i = 1; i <= stream->n_components; i++)
    ice_engine_get_local_candidates (engine, stream->id, i, candidates);
  for (guint i = 0; i < candidates->len && self->wanted->len < MAX_PORTS; i++)
    {
      const IceCandidate *candidate = &g_array_index (candidates, IceCandidate, i);
      const Port port = { .stream_id = stream->id,
                          .component_id = candidate->component_id,
                          .transport = candidate->transport,
                          .local = candidate->addr };

      if (is_mappable (candidate))
        g_array_append_val (self->wanted, port);
    }
}

void
nice_upnp_job_run (NiceUpnpJob *self, NiceAgent *agent, gboolean has_gathered)
{
  const NiceAgentStream *stream;
  gint64 now;
  IceEngine *engine;

  if (self == NULL)
    return;
  engine = nice_agent_enter (agent, &now);
  stream = nice_agent_find_stream (agent, self->stream_id);
  if (stream != NULL && has_gathered)
    collect (self, engine, stream);
  if (self->wanted->len == 0)
    ice_engine_hold_gathering (engine, self->stream_id, FALSE, now);
  nice_agent_leave (agent);
  if (self->wanted->len > 0)
    run_soon (self->upnp, start, self);
  else
    job_free (self);
}

void
nice_upnp_forget (NiceUpnp *self, guint stream_id)
{
  run_soon (self, forget, GUINT_TO_POINTER (stream_id));
  nice_upnp_release (self);
}

void
nice_upnp_release (NiceUpnp *self)
{
  run_soon (self, let_go, NULL);
  upnp_unref (self);
}
