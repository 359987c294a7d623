#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `icecold stun` tells the address that a server sees, over IPv4 and IPv6, and says so when
# nobody answers.
# Usage: stun.sh ICECOLD
set -eu
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

icecold=$(realpath "$1")
command -v turnserver >/dev/null || lab_skip "coturn is not installed"

lab_start
lab_space client
lab_space server
lab_wire client eth0 server eth0
lab_address client eth0 192.0.2.1/24 2001:db8::1/64
lab_address server eth0 192.0.2.2/24 2001:db8::2/64
lab_stun_server server 192.0.2.2 2001:db8::2

# ask SERVER CLIENT
ask ()
{
  lab_in client env LC_ALL=C "$icecold" stun "$1" >"$lab_scratch/answer" ||
    lab_fail "no answer from $1"
  cat "$lab_scratch/answer"
  grep -qF "mapped    $2:" "$lab_scratch/answer" || lab_fail "$1 sees another address"
  grep -q "^software  Coturn" "$lab_scratch/answer" || lab_fail "$1 has no name"
}

ask 192.0.2.2 192.0.2.1
ask 192.0.2.2:3478 192.0.2.1
ask 2001:db8::2 '[2001:db8::1]'
ask '[2001:db8::2]:3478' '[2001:db8::1]'

if lab_in client "$icecold" stun 192.0.2.2:9 2>"$lab_scratch/refused"; then
  lab_fail "an answer from a port where nobody is"
fi
grep -q '192.0.2.2:9' "$lab_scratch/refused" || lab_fail "the message does not name the server"
