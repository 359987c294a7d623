/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Local and remote credentials of streams (RFC 8445 section 5.3), given to and taken from
 * the engine, which makes them, checks them and uses them. */
#include "config.h"

#include "agent-core.h"

typedef gboolean (*SetCredentials) (IceEngine *engine, guint stream_id,
                                    const gchar *ufrag, const gchar *pwd, gint64 now);

static gboolean
set (NiceAgent *self, guint stream_id, const gchar *ufrag, const gchar *pwd,
     SetCredentials set_credentials)
{
  gint64 now;
  IceEngine *engine;
  gboolean done;

  if (ufrag == NULL || pwd == NULL)
    return FALSE;
  engine = nice_agent_enter (self, &now);
  done = nice_agent_find_stream (self, stream_id) != NULL
         && (set_credentials != ice_engine_set_local_credentials
             || nice_driver_may_use_ufrag (self->driver, stream_id, ufrag))
         && set_credentials (engine, stream_id, ufrag, pwd, now);
  nice_agent_leave (self);
  return done;
}

/**
 * nice_agent_set_local_credentials:
 * @agent: an agent
 * @stream_id: a stream
 * @ufrag: user name fragment; RFC 8839 section 5.4 wants 4 to 256 characters
 * @pwd: password; RFC 8839 section 5.4 wants 22 to 256 characters
 *
 * Replaces the local credentials that [method@Nice.Agent.add_stream] made, from the next
 * check on. Meant to be called before candidates are gathered. What is longer than 256
 * characters is cut.
 *
 * Returns: %TRUE if set; %FALSE if there is no such stream, or if another session of
 *   [property@Nice.Agent:udp-mux] has the same @ufrag
 *
 * Since: 0.1.11
 */
gboolean
nice_agent_set_local_credentials (NiceAgent *agent, guint stream_id, const gchar *ufrag,
                                  const gchar *pwd)
{
  nice_check_stream (agent, stream_id, FALSE);

  return set (agent, stream_id, ufrag, pwd, ice_engine_set_local_credentials);
}

/**
 * nice_agent_get_local_credentials:
 * @agent: an agent
 * @stream_id: a stream
 * @ufrag: (out) (transfer full): set to the user name fragment
 * @pwd: (out) (transfer full): set to the password
 *
 * Gets what the peer needs to know as our credentials. They change with each restart.
 *
 * Returns: %TRUE if got; %FALSE if there is no such stream, and then nothing is set
 */
gboolean
nice_agent_get_local_credentials (NiceAgent *agent, guint stream_id, gchar **ufrag,
                                  gchar **pwd)
{
  gint64 now;
  IceEngine *engine;
  const gchar *local_ufrag, *local_pwd;
  gboolean done;

  nice_check_stream (agent, stream_id, FALSE);

  if (ufrag == NULL || pwd == NULL)
    return FALSE;
  engine = nice_agent_enter (agent, &now);
  done =
      nice_agent_find_stream (agent, stream_id) != NULL
      && ice_engine_get_local_credentials (engine, stream_id, &local_ufrag, &local_pwd);
  if (done)
    {
      *ufrag = g_strdup (local_ufrag);
      *pwd = g_strdup (local_pwd);
    }
  nice_agent_leave (agent);
  return done;
}

/**
 * nice_agent_set_remote_credentials:
 * @agent: an agent
 * @stream_id: a stream
 * @ufrag: the peer's user name fragment
 * @pwd: the peer's password
 *
 * Sets the peer's credentials. The order of this and of
 * [method@Nice.Agent.set_remote_candidates] does not matter; checks of the peer that
 * arrived before are acted upon now. To be called again after each restart.
 *
 * Returns: %TRUE if set; %FALSE if there is no such stream
 */
gboolean
nice_agent_set_remote_credentials (NiceAgent *agent, guint stream_id, const gchar *ufrag,
                                   const gchar *pwd)
{
  nice_check_stream (agent, stream_id, FALSE);

  return set (agent, stream_id, ufrag, pwd, ice_engine_set_remote_credentials);
}
