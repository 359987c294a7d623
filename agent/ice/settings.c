/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The defaults that a NiceAgent starts with. Knows no state. */
#include "config.h"

#include "ice/settings.h"

void
ice_config_init (IceConfig *config)
{
  *config = (IceConfig) {
    .dialect = ICE_DIALECT_RFC5245,
    .nomination = ICE_NOMINATION_AGGRESSIVE,
    .ufrag_length = 4,
    .controlling = TRUE,
    .ice_udp = TRUE,
    .ice_tcp = TRUE,
    .max_pairs = 100,
    .ta = 20 * ICE_MS,
    .idle_timeout = 5 * ICE_SECOND,
    .initial_timeout = 500 * ICE_MS,
    .max_retransmissions = 3,
    .reliable_timeout = 2 * ICE_SECOND,
  };
}
