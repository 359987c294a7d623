#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# With force-relay not one packet leaves but to the TURN server, and no description shows
# where an agent is; over UDP and over TCP.
# Usage: force-relay.sh PROGRAM
set -eu
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

program=$(realpath "$1")

lab_start
lab_space client
lab_space server
lab_wire client eth0 server eth0
lab_address client eth0 192.0.2.1/24
lab_address server eth0 192.0.2.2/24
lab_turn_server server 192.0.2.2

for transport in udp tcp; do
  lab_in client "$program" eth0 192.0.2.1 192.0.2.2 "$transport" ||
    lab_fail "over $transport"
done
