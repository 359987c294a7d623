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
command -v turnserver >/dev/null || lab_skip "coturn is not installed"

lab_start
lab_space client
lab_space server
lab_wire client eth0 server eth0
lab_address client eth0 192.0.2.1/24
lab_address server eth0 192.0.2.2/24
lab_in server turnserver -n --no-cli --no-tls --no-dtls --log-file=stdout --simple-log \
  --lt-cred-mech --user=ann:secret --realm=example.org --listening-ip=192.0.2.2 \
  --relay-ip=192.0.2.2 --userdb="$lab_scratch/users" \
  --pidfile="$lab_scratch/turnserver.pid" >"$lab_scratch/turnserver.log" 2>&1 &
lab_pids+=($!)
lab_await server udp 192.0.2.2 3478 || lab_fail "$(cat "$lab_scratch/turnserver.log")"

for transport in udp tcp; do
  lab_in client "$program" eth0 192.0.2.1 192.0.2.2 "$transport" ||
    lab_fail "over $transport"
done
