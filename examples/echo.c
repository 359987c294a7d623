/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents in one process: right echoes what left sends. Builds with libnice too. */
#include <nice/agent.h>

static GMainLoop *loop;
static NiceAgent *left, *right;
static guint stream = 1;

static void
on_state (NiceAgent *agent, guint stream_id, guint component_id, guint state)
{
  if (state == NICE_COMPONENT_STATE_FAILED)
    g_error ("no path between the agents");
  if (agent == left && state == NICE_COMPONENT_STATE_READY)
    nice_agent_send (left, stream_id, component_id, 5, "hello");
}

static void
on_data (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
         gpointer user_data)
{
  if (agent == right)
    nice_agent_send (right, stream_id, component_id, len, buf);
  else
    {
      g_print ("echo: %.*s\n", (int)len, buf);
      g_main_loop_quit (loop);
    }
}

static NiceAgent *
make_agent (gboolean controlling)
{
  NiceAgent *agent = nice_agent_new (NULL, NICE_COMPATIBILITY_RFC5245);
  NiceAddress address;
  g_object_set (agent, "controlling-mode", controlling, "upnp", FALSE, NULL);
  g_signal_connect (agent, "component-state-changed", G_CALLBACK (on_state), NULL);
  nice_address_init (&address);
  nice_address_set_from_string (&address, "127.0.0.1");
  nice_agent_add_local_address (agent, &address);
  stream = nice_agent_add_stream (agent, 1);
  nice_agent_attach_recv (agent, stream, 1, NULL, on_data, NULL);
  nice_agent_gather_candidates (agent, stream); /* host candidates: known on return */
  return agent;
}

int
main (void)
{
  loop = g_main_loop_new (NULL, FALSE);
  left = make_agent (TRUE);
  right = make_agent (FALSE);
  g_autofree char *offer = nice_agent_generate_local_sdp (left);
  g_autofree char *answer = nice_agent_generate_local_sdp (right);
  nice_agent_parse_remote_sdp (right, offer);
  nice_agent_parse_remote_sdp (left, answer);
  g_main_loop_run (loop);
  g_object_unref (left), g_object_unref (right);
}
