#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# With force-relay not one packet leaves but to the TURN server, and neither a description
# nor a packet shows where an agent is; over UDP, TCP, TLS and DTLS.
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
lab_certificate DNS:turn.example.org
lab_turn_server server 192.0.2.2

# The name is known to the program alone, and no question about it leaves.
echo 192.0.2.2 turn.example.org >"$lab_scratch/hosts"

for uri in turn:192.0.2.2 "turn:192.0.2.2?transport=tcp" turns:turn.example.org \
    "turns:turn.example.org?transport=dtls"; do
  # shellcheck disable=SC2016
  lab_in client unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' \
    "$lab_scratch/hosts" "$program" eth0 192.0.2.1 192.0.2.2 "$uri" \
    "$lab_scratch/ca.pem" || lab_fail "over $uri"
done
