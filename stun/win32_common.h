/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Types of POSIX that the STUN headers use, for Windows; elsewhere nothing but includes.
 */
#pragma once

#include <sys/types.h>
#include <stdint.h>
#include <stdbool.h>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#endif
