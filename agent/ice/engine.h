/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's facade, and the whole of what its users may call.
 *
 * An IceEngine is a value that is told things and polled for things: it does no I/O,
 * reads no clock, has no randomness of its own, takes no lock and calls nobody back.
 * After each input its user drains both polls until they are empty and then reads the
 * deadline:
 *
 *     input (one of the functions that take now)
 *     while (ice_engine_poll_transmit (...)) send
 *     while (ice_engine_poll_event (...)) act
 *     ice_engine_get_deadline ()
 *
 * NEED_... events are answered by further inputs, at once or later.
 *
 * Times are microseconds of one monotonic clock; now never goes back. Ids of streams
 * start at 1 and are never reused; components of a stream are 1 to n. A call that names
 * an unknown stream, component, base or server returns FALSE, 0 or NULL as its type has
 * it, and changes nothing. */
#pragma once

#include "ice/events.h"
#include "ice/settings.h"
#include "ice/types.h"

G_BEGIN_DECLS

typedef struct _IceSession IceEngine;

/* --- Life, input, output --- */

IceEngine *ice_engine_new (const IceConfig *config, const IceEnv *env, gint64 now);
void ice_engine_free (IceEngine *self);
void ice_engine_set_config (IceEngine *self, const IceConfig *config, gint64 now);

/* One STUN datagram or frame; data is the caller's and may be changed in place. FALSE:
 * not for the engine (not STUN after all); the caller may treat it as application data.
 */
gboolean
ice_engine_handle_packet (IceEngine *self, IceBaseId base, const NiceAddress *from,
                          guint8 *data, gsize len, gint64 now);
/* The answer to NEED_BASE; of a RELAY that is there: its end, when result has an error.
 */
void ice_engine_handle_base (IceEngine *self, IceBaseId base, const IceBaseResult *result,
                             gint64 now);
/* A connection came in on a listening base; returns the id of its new base, 0: refuse it.
 */
IceBaseId ice_engine_handle_accept (IceEngine *self, IceBaseId listener,
                                    const NiceAddress *from, gint64 now);
/* A base ended, or, with to, sending to that address (port 0: to that host) failed
 * hard. */
void ice_engine_handle_base_error (IceEngine *self, IceBaseId base, const NiceAddress *to,
                                   IceReason reason, gint64 now);
/* The answer to NEED_ADDRESSES, best first, or a part of it. is_last: there will be no
 * more; where that was all, and nothing, there is no such server. */
void ice_engine_handle_addresses (IceEngine *self, guint server, const IceTarget *targets,
                                  guint n, gboolean is_last, gint64 now);
/* The answer to NEED_NAME: the name's one address, whose port is ignored; NULL: it has
 * none, or several. */
void ice_engine_handle_name (IceEngine *self, guint name, const NiceAddress *address,
                             gint64 now);
/* The host has lost that address, or has it again; its port is ignored. Bases on it stay,
 * for it may come back, but are not counted on meanwhile. */
void ice_engine_handle_address (IceEngine *self, const NiceAddress *address,
                                gboolean is_there, gint64 now);
/* The host sends by another way than before, perhaps: through another NAT, of whose
 * mapping the peer has to see a check. */
void ice_engine_handle_reroute (IceEngine *self, gint64 now);
void ice_engine_handle_timeout (IceEngine *self, gint64 now);
/* Media in aggregate, once per drain: that data came from, or went to, the selected pair.
 */
void ice_engine_note_traffic (IceEngine *self, guint stream_id, guint component_id,
                              gboolean sent, gboolean received, gint64 now);

/* What the component's data went through is over, whatever its pairs are worth. */
void ice_engine_fail_component (IceEngine *self, guint stream_id, guint component_id,
                                IceReason reason, gint64 now);

gint64 ice_engine_get_deadline (const IceEngine *self); /* ICE_NEVER: none */
gboolean ice_engine_poll_transmit (IceEngine *self, IceTransmit *transmit);
gboolean ice_engine_poll_event (IceEngine *self, IceEvent *event);

/* --- Streams, credentials, gathering --- */

guint ice_engine_add_stream (IceEngine *self, guint n_components, gint64 now);
gboolean ice_engine_remove_stream (IceEngine *self, guint stream_id, gint64 now);
guint ice_engine_get_n_components (const IceEngine *self, guint stream_id);

gboolean
ice_engine_set_local_credentials (IceEngine *self, guint stream_id, const gchar *ufrag,
                                  const gchar *pwd, gint64 now);
gboolean ice_engine_get_local_credentials (const IceEngine *self, guint stream_id,
                                           const gchar **ufrag, const gchar **pwd);
gboolean
ice_engine_set_remote_credentials (IceEngine *self, guint stream_id, const gchar *ufrag,
                                   const gchar *pwd, gint64 now);

gboolean ice_engine_set_port_range (IceEngine *self, guint stream_id, guint component_id,
                                    guint16 min_port, guint16 max_port);
/* Adds a server to one component, or to all of a stream (component_id 0), or to every
 * stream of now and later (stream_id 0). Returns its id, 0 on an unknown stream or
 * component, or past 8 TURN servers. */
guint ice_engine_add_server (IceEngine *self, guint stream_id, guint component_id,
                             const IceServer *server, gint64 now);
const IceServer *ice_engine_get_server (const IceEngine *self, guint server);
gboolean ice_engine_forget_relays (IceEngine *self, guint stream_id, guint component_id,
                                   gint64 now);

/* addresses: where to make bases, in order of rising preference of equals; ports are
 * ignored. */
gboolean ice_engine_gather (IceEngine *self, guint stream_id,
                            const NiceAddress *addresses, guint n_addresses, gint64 now);

/* Asks the servers that gave nothing; there may be a way to them now. */
void ice_engine_ask_again (IceEngine *self, guint stream_id, gint64 now);

/* Lets gathering of the stream wait for others than servers: as often as it was told
 * TRUE, it has to be told FALSE. */
gboolean
ice_engine_hold_gathering (IceEngine *self, guint stream_id, gboolean hold, gint64 now);
/* The host candidate whose base has the address local can be reached at mapped, because
 * the NAT was asked for that. */
gboolean ice_engine_add_mapping (IceEngine *self, guint stream_id, guint component_id,
                                 IceTransport transport, const NiceAddress *local,
                                 const NiceAddress *mapped, gint64 now);

/* --- Remote side --- */

/* Returns how many were taken: new ones and updates. Fields type, transport, addr,
 * base_addr, priority, foundation, username and password are read. */
guint
ice_engine_add_remote_candidates (IceEngine *self, guint stream_id, guint component_id,
                                  const IceCandidate *candidates, guint n_candidates,
                                  gint64 now);
/* One whose address is what that name stands for; its addr has 0.0.0.0 and its port. It
 * is as if it came when the name is found, but for the end of candidates, and is never
 * paired with a relay. FALSE: it is not taken. */
gboolean
ice_engine_add_remote_name (IceEngine *self, guint stream_id, guint component_id,
                            const IceCandidate *candidate, const gchar *name, gint64 now);
gboolean
ice_engine_end_of_remote_candidates (IceEngine *self, guint stream_id, gint64 now);

/* --- Course of a session --- */

gboolean ice_engine_restart_stream (IceEngine *self, guint stream_id, gint64 now);
gboolean ice_engine_revoke_consent (IceEngine *self, guint stream_id, guint component_id,
                                    gint64 now);
gboolean ice_engine_select_pair (IceEngine *self, guint stream_id, guint component_id,
                                 const gchar *local_foundation,
                                 const gchar *remote_foundation, gint64 now);
gboolean ice_engine_select_remote (IceEngine *self, guint stream_id, guint component_id,
                                   const IceCandidate *remote, gint64 now);

/* --- Questions --- */

/* What NEED_NAME asks for; NULL: nobody waits for it any more. */
const gchar *ice_engine_get_name (const IceEngine *self, guint name);
/* Appends IceServerInfo values, in order of creation. */
void ice_engine_get_servers (const IceEngine *self, GArray *servers);

gboolean ice_engine_is_controlling (const IceEngine *self);
IceComponentState ice_engine_get_component_state (const IceEngine *self, guint stream_id,
                                                  guint component_id);
/* The last thing that could not be had for it, or that failed. */
IceReason
ice_engine_get_last_error (const IceEngine *self, guint stream_id, guint component_id);
/* Append IceCandidate values, in order of creation. */
gboolean ice_engine_get_local_candidates (const IceEngine *self, guint stream_id,
                                          guint component_id, GArray *candidates);
gboolean ice_engine_get_remote_candidates (const IceEngine *self, guint stream_id,
                                           guint component_id, GArray *candidates);
gboolean
ice_engine_get_selected_pair (const IceEngine *self, guint stream_id, guint component_id,
                              IceCandidate *local, IceCandidate *remote);
/* Whether gathering of the stream has begun, and was not taken back. */
gboolean ice_engine_has_gathered (const IceEngine *self, guint stream_id);
/* Whether a host candidate was gathered on that address, whatever it shows. */
gboolean ice_engine_has_host (const IceEngine *self, guint stream_id, guint component_id,
                              const NiceAddress *addr);
/* Appends IcePairInfo values, best first. */
gboolean ice_engine_get_pairs (const IceEngine *self, guint stream_id, guint component_id,
                               GArray *pairs);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IceEngine, ice_engine_free)

G_END_DECLS
