/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By which proxy a connection goes where its address is not known: that which the
 * system's settings want, or one of which only the name is. */
#pragma once

#include "io/driver-private.h"

G_BEGIN_DECLS

/* One base whose connection waits for that answer. */
typedef struct _NiceProxyAsk NiceProxyAsk;

/* With the driver's lock: connections have to ask first. */
gboolean nice_proxies_are_asked (const NiceDriver *driver);
/* In an open scope: that of a base has to. */
gboolean nice_proxies_decide (const NiceDriver *driver, const IceBaseRequest *request);
/* In an open scope: asks when the agent's context is iterated, and then opens the base.
 */
void nice_proxies_ask (NiceDriver *driver, const IceEvent *event);
/* With the driver's lock: nobody wants that base any more. */
void nice_proxies_forget (NiceDriver *driver, IceBaseId id);

/* In the agent's context, without a lock. */
void nice_proxy_ask_start (NiceProxyAsk *self);
void nice_proxy_ask_free (NiceProxyAsk *self);

G_END_DECLS
