/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The second process of the demo. */
#pragma once

/* Speaks the demo's signalling on standard input and output; returns the exit status. */
int demo_peer_run (void);
