/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a program may do to an agent, done from inside each of its signals and its
 * receive function: a matrix. What counts is that nothing is used after it is gone, which
 * a build with AddressSanitizer sees. covers A25 */
#include "agents.h"

#include <string.h>

typedef enum
{
  ACT_UNREF,
  ACT_REMOVE_STREAM,
  ACT_RESTART,
  ACT_CLOSE,
  ACT_DETACH,
  ACT_ANOTHER_STREAM,
  N_ACTS
} Act;

static const gchar *const act_names[N_ACTS] = {
  "unref", "remove-stream", "restart", "close", "detach", "another-stream"
};

/* A state stands for component-state-changed to it; the last is the receive function. */
static const gchar *const moments[] = { "gathering",
                                        "connecting",
                                        "connected",
                                        "ready",
                                        "new-candidate-full",
                                        "new-candidate",
                                        "candidate-gathering-done",
                                        "new-remote-candidate-full",
                                        "new-remote-candidate",
                                        "initial-binding-request-received",
                                        "new-selected-pair-full",
                                        "new-selected-pair",
                                        "reliable-transport-writable",
                                        "streams-removed",
                                        "data" };

typedef struct
{
  Act act;
  const gchar *moment;
  NiceAgentOption options;
  Pair *pair;
  gboolean done;
} Case;

static void
do_act (Case *self)
{
  Peer *left = self->pair->left;
  NiceAddress address;

  if (self->done)
    return;
  self->done = TRUE;
  switch (self->act)
    {
    case ACT_UNREF:
      g_object_unref (left->agent);
      left->agent = NULL;
      break;
    case ACT_REMOVE_STREAM:
      nice_agent_remove_stream (left->agent, 1);
      break;
    case ACT_RESTART:
      g_assert_true (nice_agent_restart (left->agent));
      break;
    case ACT_CLOSE:
      nice_agent_close_async (left->agent, NULL, NULL);
      break;
    case ACT_DETACH:
      if (nice_agent_get_component_state (left->agent, 1, 1)
          != NICE_COMPONENT_STATE_FAILED)
        nice_agent_attach_recv (left->agent, 1, 1, NULL, NULL, NULL);
      break;
    case ACT_ANOTHER_STREAM:
      nice_address_init (&address);
      nice_address_set_from_string (&address, "127.0.0.1");
      nice_agent_gather_candidates (left->agent, nice_agent_add_stream (left->agent, 1));
      break;
    case N_ACTS:
      g_assert_not_reached ();
    }
}

static void
on_state (NiceAgent *agent, guint stream_id, guint component_id, guint state, Case *self)
{
  if (strcmp (nice_component_state_to_string (state), self->moment) == 0)
    do_act (self);
}

static void
on_data (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
         gpointer data)
{
  Case *self = data;

  if (strcmp (self->moment, "data") == 0)
    do_act (self);
}

/* The steps of a call, as far as the agent and its stream are still there. */
static void
take_steps (Case *self)
{
  Peer *left = self->pair->left, *right = self->pair->right;
  const gboolean learn = g_str_has_prefix (self->moment, "new-remote-candidate");

  nice_agent_gather_candidates (left->agent, 1);
  nice_agent_gather_candidates (right->agent, 1);
  if (self->done)
    return;
  peer_tell_credentials (left, right);
  peer_tell_credentials (right, left);
  peer_tell_candidates (right, left);
  /* Left has to learn right's candidate from a check, or is told. */
  if (!learn)
    peer_tell_candidates (left, right);
  wait_until (self->done || peer_is_in (left, NICE_COMPONENT_STATE_READY));
  if (!self->done && strcmp (self->moment, "streams-removed") == 0)
    nice_agent_remove_stream (left->agent, 1);
  while (!self->done)
    {
      nice_agent_send (right->agent, 1, 1, 4, "data");
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_case (gconstpointer data)
{
  Case self = *(const Case *)data;
  Peer *left;

  self.pair = pair_new (self.options, 1);
  left = self.pair->left;
  g_signal_connect (left->agent, "component-state-changed", G_CALLBACK (on_state), &self);
  if (g_signal_lookup (self.moment, NICE_TYPE_AGENT) != 0)
    g_signal_connect_swapped (left->agent, self.moment, G_CALLBACK (do_act), &self);
  nice_agent_attach_recv (left->agent, 1, 1, NULL, on_data, &self);
  take_steps (&self);
  g_assert_true (self.done);
  run_pending ();
  if (left->agent != NULL)
    g_signal_handlers_disconnect_by_data (left->agent, &self);
  pair_free (self.pair);
  run_pending ();
}

static void
add_cases (NiceAgentOption options, const gchar *kind)
{
  for (guint m = 0; m < G_N_ELEMENTS (moments); m++)
    for (guint a = 0; a < N_ACTS; a++)
      {
        g_autofree gchar *name =
            g_strdup_printf ("/destroy/%s/%s/%s", kind, moments[m], act_names[a]);
        Case *one = g_new0 (Case, 1);

        one->act = (Act)a;
        one->moment = moments[m];
        one->options = options;
        g_test_add_data_func_full (name, one, test_case, g_free);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_cases (NICE_AGENT_OPTION_NONE, "datagrams");
  add_cases (NICE_AGENT_OPTION_REGULAR_NOMINATION | NICE_AGENT_OPTION_CONSENT_FRESHNESS,
             "consent");
  add_cases (NICE_AGENT_OPTION_RELIABLE, "reliable");
  return g_test_run ();
}
