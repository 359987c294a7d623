#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The used one of two TURN servers dies in the middle of a call, and a firewall swallows
# what its kernel says about that: the call moves to the other one. Who gathers with the
# dead one is told so, in bounded time.
# Usage: relay-falls.sh RELAY-FALLS CANDIDATES
set -eu
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

program=$(realpath "$1")
candidates=$(realpath "$2")
command -v nft >/dev/null || lab_skip "nftables is not installed"

lab_start
lab_space client
for place in 1 2; do
  lab_space "server$place"
  lab_wire client "eth$place" "server$place" eth0
  lab_address client "eth$place" "192.0.$place.1/24"
  lab_address "server$place" eth0 "192.0.$place.2/24"
  lab_route "server$place" "192.0.$place.1"
  lab_in "server$place" nft -f - <<EOF
table ip silent {
  chain output {
    type filter hook output priority 0
    ip protocol icmp drop
  }
}
EOF
  lab_coturn "server$place" --lt-cred-mech --user=ann:secret --realm=example.org \
    --relay-ip="192.0.$place.2" -- "192.0.$place.2"
done

mkfifo "$lab_scratch/says"
lab_in client timeout 30 "$program" 192.0.1.1 turn:192.0.1.2 turn:192.0.2.2 \
  >"$lab_scratch/says" &
call=$!
exec 3<"$lab_scratch/says"
read -r relay <&3 || lab_fail "no call"
place=${relay#192.0.}
for pid in $(ip netns pids "$(lab_name "server${place%.2}")"); do
  kill -KILL "$pid"
done
wait "$call" || lab_fail "the call ended with its relay"
cat <&3

lab_in client timeout 10 "$candidates" 192.0.1.1 "turn:$relay" /dev/null \
  >"$lab_scratch/answer" || lab_fail "gathering ended with $?"
cat "$lab_scratch/answer"
grep -qx "error turn: no answer" "$lab_scratch/answer" || lab_fail "no reason is told"
