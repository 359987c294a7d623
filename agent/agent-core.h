/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the shell share: the instance, its streams, and the way into the
 * engine. Everything mutable here is guarded by the driver's lock, that is, it is touched
 * between nice_agent_enter() and nice_agent_leave() only; the queue of signals has a lock
 * of its own. Nothing here knows a socket, a timer or a packet. */
#pragma once

#include "agent.h"
#include "candidate-core.h"
#include "ice/list.h"
#include "io/driver.h"
#include "mdns.h"
#include "reliable.h"
#include "udpmux.h"

G_BEGIN_DECLS

/* Properties as they read. Those that the engine knows too are copied to its IceConfig by
 * nice_agent_fill_config(). */
typedef struct
{
  guint compatibility;
  GMainContext *main_context;
  gchar *stun_server;
  guint stun_server_port;
  gboolean controlling_mode;
  gboolean full_mode;
  guint stun_pacing_timer;
  gboolean process_pacing;
  gboolean data_before_nomination;
  gboolean free_candidates;
  gboolean gather_continually;
  gboolean relay_dual_stack;
  gboolean relay_tcp;
  guint max_connectivity_checks;
  guint proxy_type;
  gchar *proxy_ip;
  guint proxy_port;
  gchar *proxy_username;
  gchar *proxy_password;
  GHashTable *proxy_extra_headers;
  gboolean use_system_proxy;
  gboolean upnp;
  guint upnp_timeout;
  gboolean reliable;
  gboolean ice_udp;
  gboolean ice_tcp;
  gboolean bytestream_tcp;
  gboolean tcp_simultaneous_open;
  gboolean keepalive_conncheck;
  gboolean force_relay;
  guint stun_max_retransmissions;
  guint stun_initial_timeout;
  guint stun_reliable_timeout;
  gint nomination_mode;
  gboolean ice_trickle;
  gboolean support_renomination;
  guint idle_timeout;
  gboolean consent_freshness;
  gboolean close_forced;
  gboolean recv_tos;
  gchar *tls_trust_file;
  GTlsCertificateFlags tls_validation_flags;
  NiceUdpMux *udp_mux;
  gint send_coalescing_time;
  gchar **mapped_addresses;
  GArray *mappings; /* IceMapping: what mapped_addresses means */
  gboolean mapped_addresses_only;
  gboolean hide_host_addresses;
} NiceAgentSettings;

typedef struct
{
  GPtrArray
      *handed_out; /* NiceCandidates that nice_agent_get_selected_pair() gave away */
  NiceReliable *reliable; /* of a reliable agent */
  GIOStream *io_stream;   /* made when asked for */
  IceReason reason;       /* why it failed last */
  guint n_selections;     /* how often a pair was selected */
} NiceAgentComponent;

typedef struct _NiceAgentSignal NiceAgentSignal;

/* What is to be emitted, by whichever thread causes something first. */
typedef struct
{
  GMutex lock; /* a leaf */
  NiceAgentSignal *items;
  guint first, end, size;
} NiceAgentSignals;

typedef struct _NiceAgentFilter NiceAgentFilter;
typedef struct _NiceUpnp NiceUpnp;
typedef struct _NiceUpnpJob NiceUpnpJob; /* upnp.h */

typedef struct
{
  guint id;
  guint n_components;
  gchar *name;
  gboolean gathered;
  gboolean gathering_done;
  gboolean stun_server_added;
  guint n_leaving; /* components that are removed and not over yet, and their remover */
  NiceUpnp *upnp;  /* has ports for it; NULL: none were asked for */
  NiceAgentComponent components[]; /* n_components of them */
} NiceAgentStream;

struct _NiceAgent
{
  GObject parent_instance;

  NiceAgentSettings settings;
  gchar *software;
  NiceDriver *driver;
  IceList streams; /* NiceAgentStream, in order of creation */
  IceList leaving; /* NiceAgentStream, removed, until their bytes are delivered */
  GTask *closing;  /* (nullable): returns when the last of these is over */
  /* NiceAddress, as given to nice_agent_add_local_address(). NULL: there were none. */
  GArray *local_addresses;
  NiceAgentFilter *filter; /* of the addresses of interfaces, NULL: none */
  NiceUpnp *upnp;          /* made when first needed */
  NiceMdns *mdns;          /* made when first needed */
  NiceAgentSignals signals;
};

/* What every function checks of its caller first; "no" is what it then returns. */
#define nice_check_stream(agent, stream_id, no)                                          \
  G_STMT_START                                                                           \
  {                                                                                      \
    g_return_val_if_fail (NICE_IS_AGENT (agent), no);                                    \
    g_return_val_if_fail ((stream_id) >= 1, no);                                         \
  }                                                                                      \
  G_STMT_END

#define nice_check_component(agent, stream_id, component_id, no)                         \
  G_STMT_START                                                                           \
  {                                                                                      \
    nice_check_stream (agent, stream_id, no);                                            \
    g_return_val_if_fail ((component_id) >= 1, no);                                      \
  }                                                                                      \
  G_STMT_END

#define nice_check_call(buffers, n_buffers, cancellable, error, no)                      \
  G_STMT_START                                                                           \
  {                                                                                      \
    g_return_val_if_fail ((n_buffers) == 0 || (buffers) != NULL, no);                    \
    g_return_val_if_fail ((cancellable) == NULL || G_IS_CANCELLABLE (cancellable), no);  \
    g_return_val_if_fail ((error) == NULL || *(error) == NULL, no);                      \
  }                                                                                      \
  G_STMT_END

/* --- agent-core.c --- */

/* The engine, with the lock taken. Nothing may enter again before the matching leave. */
IceEngine *nice_agent_enter (NiceAgent *self, gint64 *now);
/* Drains the engine, drops the lock and emits. User code runs in here and may drop the
 * last reference: whoever goes on with self afterwards needs one of its own. */
void nice_agent_leave (NiceAgent *self);
/* (transfer full): what of a caller's text is shown in an error. */
gchar *nice_agent_quote (const gchar *text);
/* Tells engine and driver of changed settings; inside. */
void nice_agent_update_config (NiceAgent *self, IceEngine *engine, gint64 now);
/* Returns the task of nice_agent_close_async(), if nothing is to be waited for. */
void nice_agent_finish_closing (NiceAgent *self);

/* --- agent-config.c --- */

void nice_agent_fill_config (const NiceAgent *self, IceConfig *config);
/* What the dialect has. */
gboolean nice_agent_settings_allow_tcp (const NiceAgentSettings *settings);
gboolean nice_agent_settings_are_bytestream (const NiceAgentSettings *settings);

/* --- agent-properties.c --- */

void nice_agent_settings_init (NiceAgentSettings *settings);
void nice_agent_settings_clear (NiceAgentSettings *settings);
void nice_agent_install_properties (GObjectClass *klass);

/* --- agent-signals.c --- */

void nice_agent_signals_init (NiceAgentSignals *self);
void nice_agent_signals_clear (NiceAgentSignals *self);
void nice_agent_install_signals (GObjectClass *klass);
/* Queue, inside; nice_agent_emit() emits, outside. */
void nice_agent_queue_event (NiceAgent *self, const IceEvent *event);
void nice_agent_queue_streams_removed (NiceAgent *self, const guint *ids, guint n_ids);
void nice_agent_queue_writable (NiceAgent *self, guint stream_id, guint component_id);
void nice_agent_emit (NiceAgent *self);

/* --- agent-streams.c --- */

NiceAgentStream *nice_agent_find_stream (NiceAgent *self, guint stream_id);
NiceAgentComponent *
nice_agent_find_component (NiceAgent *self, guint stream_id, guint component_id);
/* (transfer full) (nullable): the bytes of a component of a reliable agent; outside. */
NiceReliable *
nice_agent_dup_reliable (NiceAgent *self, guint stream_id, guint component_id);
/* A pair was selected, and stream says whether it is TCP; outside. */
void nice_agent_reliable_selected (NiceAgent *self, guint stream_id, guint component_id,
                                   gboolean stream);
/* There is no path any more; outside. */
void nice_agent_reliable_cut (NiceAgent *self, guint stream_id, guint component_id);
void nice_agent_stream_free (NiceAgentStream *stream);

/* --- agent-leave.c --- */

/* Takes a stream out of everything that programs see; inside. To be released outside,
 * where the user code may run that this calls. */
void nice_agent_take_stream (NiceAgent *self, IceEngine *engine, NiceAgentStream *stream,
                             gint64 now);
void nice_agent_release_stream (NiceAgent *self, NiceAgentStream *stream);
/* One component of a stream that leaves is over; outside. FALSE: there is no such. */
gboolean nice_agent_component_left (NiceAgent *self, guint stream_id);

/* --- agent-gather.c --- */

/* Gathers on addresses that the host has got since; inside. (nullable): to be run
 * outside, for the ports of those. */
NiceUpnpJob *nice_agent_gather_new_addresses (NiceAgent *self, IceEngine *engine,
                                              NiceAgentStream *stream,
                                              const GArray *addresses, gint64 now);
/* The same for all streams, where gather-continually is set, and asks servers again that
 * gave nothing; outside. */
void nice_agent_gather_again (NiceAgent *self);

/* --- agent-addresses.c --- */

/* (transfer full): the NiceAddress values to gather on; outside, for it asks the program.
 */
GArray *nice_agent_list_addresses (NiceAgent *self);
/* May be NULL; outside, for it calls the program. */
void nice_agent_filter_unref (NiceAgentFilter *filter);
/* What mapped-addresses says, which is copied. */
void
nice_agent_settings_set_mappings (NiceAgentSettings *settings, const gchar *const *texts);

/* --- upnp.c, where it is built --- */

/* Gives the ports of a stream back, and takes the reference. */
void nice_upnp_forget (NiceUpnp *self, guint stream_id);
/* Takes the reference. */
void nice_upnp_release (NiceUpnp *self);

/* --- agent-relay.c --- */

/* What of the settings says how servers are reached; borrowed. */
void nice_agent_fill_roads (const NiceAgent *self, NiceRoads *roads);

/* --- agent-candidates.c --- */

/* (transfer full) (nullable): the default candidate of IPv4 or IPv6; inside. */
NiceCandidate *nice_agent_find_default (const IceEngine *engine, guint stream_id,
                                        guint component_id, gint ip_version);

/* --- udpmux-core.c --- */

/* (transfer none): what it is inside. */
NiceMux *nice_udp_mux_get_mux (NiceUdpMux *self);

G_END_DECLS
