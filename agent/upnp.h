/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ports that routers of the local network map for candidates of an agent (UPnP Internet
 * Gateway Device). Without gupnp-igd there is never a job, and the property `upnp` says
 * so. */
#pragma once

#include "agent-core.h"

G_BEGIN_DECLS

/* What a stream asks for; gathering waits for it until the answers are there or
 * upnp-timeout is over. */
typedef struct _NiceUpnpJob NiceUpnpJob;

#ifdef HAVE_GUPNP_IGD

/* Inside, before gathering starts; NULL: nothing is to be asked for. */
NiceUpnpJob *nice_upnp_job_new (NiceAgent *agent, IceEngine *engine,
                                NiceAgentStream *stream, gint64 now);
/* Inside, when the host candidates are known; FALSE: there is nothing to ask for. */
gboolean nice_upnp_job_collect (NiceUpnpJob *self, const IceEngine *engine,
                                const NiceAgentStream *stream);
/* Outside. Both take the job, the second gives it up. */
void nice_upnp_job_start (NiceUpnpJob *self);
void nice_upnp_job_cancel (NiceUpnpJob *self);

#else

static inline NiceUpnpJob *
nice_upnp_job_new (NiceAgent *agent, IceEngine *engine, NiceAgentStream *stream,
                   gint64 now)
{
  return NULL;
}

static inline gboolean
nice_upnp_job_collect (NiceUpnpJob *self, const IceEngine *engine,
                       const NiceAgentStream *stream)
{
  return FALSE;
}

static inline void
nice_upnp_job_start (NiceUpnpJob *self)
{
}

static inline void
nice_upnp_job_cancel (NiceUpnpJob *self)
{
}

#endif

G_END_DECLS
