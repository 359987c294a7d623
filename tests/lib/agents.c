/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents of the public interface on the loopback, and a record of what they say. It
 * must not know anything of the library's inside. */
#include "agents.h"

#ifdef ON_UDP_MUX
#include <nice/udpmux.h>
#endif

#include <string.h>

void
run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* --- The record --- */

typedef struct
{
  Peer *peer;
  const gchar *signal;
} Note;

static void
on_any (Note *note)
{
  g_mutex_lock (&note->peer->lock);
  g_string_append_printf (note->peer->log, "%s ", note->signal);
  g_mutex_unlock (&note->peer->lock);
}

static void
note_signal (Peer *self, const gchar *signal)
{
  Note *note = g_new0 (Note, 1);

  note->peer = self;
  note->signal = signal;
  g_signal_connect_data (self->agent, signal, G_CALLBACK (on_any), note,
                         (GClosureNotify)(GCallback)g_free, G_CONNECT_SWAPPED);
}

static void
on_state (NiceAgent *agent, guint stream_id, guint component_id, guint state, Peer *self)
{
  g_mutex_lock (&self->lock);
  self->state[component_id] = state;
  g_string_append_printf (self->log, "%s ", nice_component_state_to_string (state));
  g_mutex_unlock (&self->lock);
}

static void
on_gathered (NiceAgent *agent, guint stream_id, Peer *self)
{
  self->gathered = TRUE;
}

static void
on_data (NiceAgent *agent, guint stream_id, guint component_id, guint len, gchar *buf,
         gpointer data)
{
  Peer *self = data;

  self->n_messages[component_id]++;
  g_string_append_len (self->received[component_id], buf, len);
}

/* --- One --- */

#ifdef ON_UDP_MUX
/* As nice_agent_new_full(), with a socket that could be shared. */
static NiceAgent *
make_agent (NiceAgentOption options)
{
  g_autoptr (NiceUdpMux) mux = nice_udp_mux_new (NULL, 0);

  return g_object_new (
      NICE_TYPE_AGENT, "udp-mux", mux, "reliable",
      (options & NICE_AGENT_OPTION_RELIABLE) != 0, "nomination-mode",
      (options & NICE_AGENT_OPTION_REGULAR_NOMINATION) != 0
          ? NICE_NOMINATION_MODE_REGULAR
          : NICE_NOMINATION_MODE_AGGRESSIVE,
      "full-mode", (options & NICE_AGENT_OPTION_LITE_MODE) == 0, "ice-trickle",
      (options & NICE_AGENT_OPTION_ICE_TRICKLE) != 0, "support-renomination",
      (options & NICE_AGENT_OPTION_SUPPORT_RENOMINATION) != 0, "consent-freshness",
      (options & NICE_AGENT_OPTION_CONSENT_FRESHNESS) != 0, "bytestream-tcp",
      (options & NICE_AGENT_OPTION_BYTESTREAM_TCP) != 0, NULL);
}
#else
static NiceAgent *
make_agent (NiceAgentOption options)
{
  return nice_agent_new_full (NULL, NICE_COMPATIBILITY_RFC5245, options);
}
#endif

static void
connect_signals (Peer *self)
{
  static const gchar *const noted[] = { "candidate-gathering-done",
                                        "new-candidate-full",
                                        "new-candidate",
                                        "new-remote-candidate-full",
                                        "new-remote-candidate",
                                        "new-selected-pair-full",
                                        "new-selected-pair",
                                        "initial-binding-request-received",
                                        "reliable-transport-writable",
                                        "streams-removed" };

  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (on_state), self);
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (on_gathered),
                    self);
  for (guint i = 0; i < G_N_ELEMENTS (noted); i++)
    note_signal (self, noted[i]);
}

Peer *
peer_new (NiceAgentOption options, guint n_components)
{
  Peer *self = g_new0 (Peer, 1);
  NiceAddress address;

  g_assert_cmpuint (n_components, <=, PEER_MAX_COMPONENTS);
  self->agent = make_agent (options);
  g_object_set (self->agent, "upnp", FALSE, "ice-tcp", FALSE, NULL);
  self->n_components = n_components;
  self->log = g_string_new (NULL);
  g_mutex_init (&self->lock);
  connect_signals (self);
  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, "127.0.0.1"));
  nice_agent_add_local_address (self->agent, &address);
  self->stream = nice_agent_add_stream (self->agent, n_components);
  for (guint i = 1; i <= n_components; i++)
    {
      self->received[i] = g_string_new (NULL);
      nice_agent_attach_recv (self->agent, self->stream, i, NULL, on_data, self);
    }
  return self;
}

void
peer_free (Peer *self)
{
  if (self->agent != NULL)
    {
      g_signal_handlers_disconnect_matched (self->agent, G_SIGNAL_MATCH_DATA, 0, 0, NULL,
                                            NULL, self);
      g_object_unref (self->agent);
    }
  for (guint i = 1; i <= self->n_components; i++)
    g_string_free (self->received[i], TRUE);
  g_string_free (self->log, TRUE);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
peer_gather (Peer *self)
{
  g_assert_true (nice_agent_gather_candidates (self->agent, self->stream));
  wait_until (self->gathered);
}

Peer *
peer_new_gathered (NiceAgentOption options)
{
  Peer *self = peer_new (options, 1);

  peer_gather (self);
  return self;
}

void
peer_tell_credentials (Peer *self, const Peer *about)
{
  g_autofree gchar *ufrag = NULL;
  g_autofree gchar *pwd = NULL;

  g_assert_true (
      nice_agent_get_local_credentials (about->agent, about->stream, &ufrag, &pwd));
  g_assert_true (
      nice_agent_set_remote_credentials (self->agent, self->stream, ufrag, pwd));
}

void
peer_tell_candidates (Peer *self, const Peer *about)
{
  for (guint i = 1; i <= about->n_components; i++)
    {
      GSList *candidates =
          nice_agent_get_local_candidates (about->agent, about->stream, i);

      g_assert_cmpint (
          nice_agent_set_remote_candidates (self->agent, self->stream, i, candidates), ==,
          (gint)g_slist_length (candidates));
      g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
    }
}

void
peer_tell_candidates_of (Peer *self, const Peer *about, NiceCandidateTransport transport)
{
  for (guint i = 1; i <= about->n_components; i++)
    {
      GSList *candidates =
          nice_agent_get_local_candidates (about->agent, about->stream, i);
      GSList *told = NULL;

      for (GSList *l = candidates; l != NULL; l = l->next)
        if (((const NiceCandidate *)l->data)->transport == transport)
          told = g_slist_prepend (told, l->data);
      nice_agent_set_remote_candidates (self->agent, self->stream, i, told);
      g_slist_free (told);
      g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
    }
}

gboolean
peer_is_in (Peer *self, NiceComponentState state)
{
  guint n = 0;

  g_mutex_lock (&self->lock);
  for (guint i = 1; i <= self->n_components; i++)
    n += self->state[i] == state;
  g_mutex_unlock (&self->lock);
  return n == self->n_components;
}

guint
peer_count (Peer *self, const gchar *name)
{
  g_auto (GStrv) words = NULL;
  guint n = 0;

  g_mutex_lock (&self->lock);
  words = g_strsplit (self->log->str, " ", -1);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; words[i] != NULL; i++)
    n += strcmp (words[i], name) == 0;
  return n;
}

/* --- Two --- */

void
agent_tell (NiceAgent *agent, guint stream, NiceAgent *about, guint its_stream)
{
  g_autofree gchar *ufrag = NULL, *pwd = NULL;
  GSList *candidates;

  if (!nice_agent_get_local_credentials (about, its_stream, &ufrag, &pwd))
    return;
  nice_agent_set_remote_credentials (agent, stream, ufrag, pwd);
  candidates = nice_agent_get_local_candidates (about, its_stream, 1);
  nice_agent_set_remote_candidates (agent, stream, 1, candidates);
  g_slist_free_full (candidates, (GDestroyNotify)nice_candidate_free);
}

Pair *
pair_new (NiceAgentOption options, guint n_components)
{
  Pair *self = g_new0 (Pair, 1);

  self->left = peer_new (options, n_components);
  self->right = peer_new (options, n_components);
  g_object_set (self->right->agent, "controlling-mode", FALSE, NULL);
  return self;
}

void
pair_free (Pair *self)
{
  peer_free (self->left);
  peer_free (self->right);
  g_free (self);
}

void
pair_connect (Pair *self)
{
  peer_gather (self->left);
  peer_gather (self->right);
  peer_tell_credentials (self->left, self->right);
  peer_tell_credentials (self->right, self->left);
  peer_tell_candidates (self->left, self->right);
  peer_tell_candidates (self->right, self->left);
  wait_until (peer_is_in (self->left, NICE_COMPONENT_STATE_READY)
              && peer_is_in (self->right, NICE_COMPONENT_STATE_READY));
}

void
pair_exchange (Pair *self, guint n)
{
  const guint left = self->left->n_messages[1], right = self->right->n_messages[1];
  gchar data[1000] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (
          nice_agent_send (self->left->agent, self->left->stream, 1, sizeof data, data),
          ==, sizeof data);
      g_assert_cmpint (
          nice_agent_send (self->right->agent, self->right->stream, 1, sizeof data, data),
          ==, sizeof data);
      wait_until (self->left->n_messages[1] + 8 > left + i
                  && self->right->n_messages[1] + 8 > right + i);
    }
  wait_until (self->left->n_messages[1] == left + n
              && self->right->n_messages[1] == right + n);
}
