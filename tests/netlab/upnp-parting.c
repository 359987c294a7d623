/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who lets go of an agent when it has heard that gathering is done is rid of it, though
 * the thread that told it so has not gone on since: that one has no share in the agent,
 * which would otherwise end there, in no thread of the application's, and at the worst
 * while the program ends. Needs an address that a router could map a port for, and no
 * router. */
#include <nice/agent.h>

#include <dlfcn.h>

static GThread *thread; /* of the agent */
static GMutex lock;
static GCond changed;
static gboolean is_over;

/* What is told to the agent's context from elsewhere is told, and does not return before
 * it is all over. */
guint
g_source_attach (GSource *source, GMainContext *context)
{
  static guint (*real) (GSource *, GMainContext *);
  guint id;

  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "g_source_attach");
  id = real (source, context);
  if (g_thread_self () == thread || context != g_main_context_default ())
    return id;
  g_mutex_lock (&lock);
  while (!is_over)
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
  return id;
}

static void
on_gathered (NiceAgent *agent, guint stream_id, gpointer data)
{
  *(gboolean *)data = TRUE;
}

gint
main (void)
{
  gboolean gathered = FALSE;
  NiceAgent *agent;
  gpointer left;

  thread = g_thread_self ();
  agent = left = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  g_object_set (agent, "upnp", TRUE, "upnp-timeout", 100, NULL);
  g_signal_connect (agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    &gathered);
  nice_agent_add_stream (agent, 1);
  g_assert_true (nice_agent_gather_candidates (agent, 1));
  while (!gathered)
    g_main_context_iteration (NULL, TRUE);
  g_object_add_weak_pointer (G_OBJECT (agent), &left);
  g_object_unref (agent);
  g_assert_null (left);

  g_mutex_lock (&lock);
  is_over = TRUE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
  return 0;
}
