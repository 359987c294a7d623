/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The road that bare sockets take through a TURN server on the loopback: an allocation
 * and one channel on it. RFC 8656 7, 12. */
#pragma once

#include <netinet/in.h>

#define BARE_RELAY_CHANNEL 0x4000
#define BARE_RELAY_HEADER 4 /* of ChannelData */

/* Binds the channel to peer and connects fd to the server, at port of the loopback (user
 * ann, password secret), whose address is told. Ends the program where that fails. */
void bare_relay_open (int fd, const char *port, const struct sockaddr_in *peer,
                      struct sockaddr_in *server);
