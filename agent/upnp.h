/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ports that routers of the local network map for candidates of an agent (UPnP Internet
 * Gateway Device). Without gupnp-igd there is never a job, and the property `upnp` says
 * so. */
#pragma once

#include "agent-core.h"

G_BEGIN_DECLS

/* What a stream asks for; gathering waits for it until the answers are there or
 * upnp-timeout is over. Each job is run once. */

#ifdef HAVE_GUPNP_IGD

/* Inside, before gathering starts; NULL: nothing is to be asked for. */
NiceUpnpJob *nice_upnp_job_new (NiceAgent *agent, IceEngine *engine,
                                NiceAgentStream *stream, gint64 now);
/* Outside, when the host candidates are known; takes the job, which may be NULL. Asks for
 * what was not asked for before, and for nothing if gathering failed. */
void nice_upnp_job_run (NiceUpnpJob *self, NiceAgent *agent, gboolean has_gathered);

#else

static inline NiceUpnpJob *
nice_upnp_job_new (NiceAgent *agent, IceEngine *engine, NiceAgentStream *stream,
                   gint64 now)
{
  return NULL;
}

static inline void
nice_upnp_job_run (NiceUpnpJob *self, NiceAgent *agent, gboolean has_gathered)
{
}

#endif

G_END_DECLS
