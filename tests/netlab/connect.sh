#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `icecold connect` carries a file of 100 MB each way between two hosts, at the same time,
# and both arrive as they left.
# Usage: connect.sh ICECOLD [tcp|udp|loss|datagrams]
#   tcp: whatever path the agents like; udp: a firewall drops TCP; loss: that, and one in a
#   hundred datagrams each way is lost, with 10 MB; datagrams: --datagrams
set -eu
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

icecold=$(realpath "$1")
kind=${2:-tcp}
size=100000000
options=()

lab_start
lab_space left
lab_space right
lab_wire left eth0 right eth0
lab_address left eth0 192.0.2.1/24 2001:db8::1/64
lab_address right eth0 192.0.2.2/24 2001:db8::2/64

case $kind in
  udp) lab_drop_tcp left ;;
  loss)
    lab_drop_tcp left
    lab_lose left 1
    lab_lose right 1
    size=10000000
    ;;
  datagrams) options+=(--datagrams) ;;
esac

cd "$lab_scratch"
head -c "$size" /dev/urandom >to-right
head -c "$size" /dev/urandom >to-left
mkfifo offer answer

lab_in left "$icecold" connect "${options[@]}" --write=offer --read=answer <to-right >from-right &
left=$!
lab_pids+=("$left")
offer=$(timeout 30 cat offer) || lab_fail "the left side makes no offer"
lab_in right "$icecold" connect "${options[@]}" --pairs --write=answer "$offer" \
  <to-left >from-left ||
  lab_fail "the right side ended with $?"
wait "$left" || lab_fail "the left side ended with $?"

cmp to-right from-left || lab_fail "what the left side sent arrived changed"
cmp to-left from-right || lab_fail "what the right side sent arrived changed"
echo "carried: 2 x $size bytes"
