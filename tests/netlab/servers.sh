#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An agent behind a NAT finds its servers by URI in a real DNS, and learns from them over
# UDP, TCP, TLS and DTLS where the NAT lets it out.
# Usage: servers.sh CANDIDATES
set -eu
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

program=$(realpath "$1")
command -v openssl >/dev/null || lab_skip "openssl is not installed"

lab_start
lab_space client
lab_space router
lab_space server
lab_wire client eth0 router inside
lab_wire router outside server eth0
lab_address client eth0 10.0.0.2/24
lab_address router inside 10.0.0.1/24
lab_address router outside 192.0.2.1/24
lab_address server eth0 192.0.2.2/24
lab_route client 10.0.0.1
lab_nat router outside
lab_certificate DNS:turn.example.org DNS:stun.example.org DNS:naptr.example.org \
  DNS:secure.example.org
lab_turn_server server 192.0.2.2

# 192.0.2.77 is nobody's.
lab_dns server 192.0.2.2 \
  --host-record=turn.example.org,192.0.2.2 \
  --host-record=stun.example.org,192.0.2.2 \
  --host-record=secure.example.org,192.0.2.2 \
  --host-record=machine.example.org,192.0.2.2 \
  --host-record=dead.example.org,192.0.2.77 \
  --srv-host=_stun._udp.records.example.org,machine.example.org,3478,1,1 \
  --srv-host=_stun._tcp.records.example.org,machine.example.org,3478,1,1 \
  --srv-host=_turn._udp.records.example.org,dead.example.org,3478,1,1 \
  --srv-host=_turn._udp.records.example.org,machine.example.org,3478,2,1 \
  --naptr-record=naptr.example.org,10,0,s,RELAY:turn.tls,,_turns._tcp.naptr.example.org \
  --srv-host=_turns._tcp.naptr.example.org,machine.example.org,5349,1,1 \
  --naptr-record=plain.example.org,10,0,a,RELAY:turn.udp,,dead.example.org \
  --naptr-record=plain.example.org,20,0,,RELAY:turn.tcp:turn.udp,,deeper.example.org \
  --naptr-record=deeper.example.org,10,0,a,RELAY:turn.tcp,,machine.example.org

# gather URI: what comes of it, in $lab_scratch/answer.
gather ()
{
  lab_in_with_dns client 192.0.2.2 timeout 30 "$program" 10.0.0.2 "$1" \
    "$lab_scratch/ca.pem" >"$lab_scratch/answer" || lab_fail "$1: ended with $?"
  grep -v '^host ' "$lab_scratch/answer" | sed "s|^|$1: |"
}

# expect URI LINE…: these beside the host candidates, in any order.
expect ()
{
  local uri=$1
  shift
  gather "$uri"
  grep -v '^host ' "$lab_scratch/answer" | sort >"$lab_scratch/got" || true
  printf '%s\n' "$@" | sort | diff - "$lab_scratch/got" || lab_fail "$uri"
}

# What a NAT maps is measured from the very socket, that of the listener included.
# covers STUN-8489-8.1-b, DTLS-7350-3-a
for uri in stun:192.0.2.2 stun:stun.example.org stun:records.example.org \
  stuns:stun.example.org stuns:secure.example.org:5349; do
  expect "$uri" "srflx udp 192.0.2.1" "srflx tcp-act 192.0.2.1" "srflx tcp-pass 192.0.2.1"
done

# covers RES-5928-3-c, RES-5928-3-e
for uri in turn:turn.example.org turn:turn.example.org:3478 turn:records.example.org \
  "turns:turn.example.org?transport=udp" "turn:records.example.org?transport=udp"; do
  expect "$uri" "srflx udp 192.0.2.1" "relay udp 192.0.2.2"
done
for uri in "turn:turn.example.org?transport=tcp" turns:turn.example.org \
  turns:naptr.example.org turn:plain.example.org; do
  expect "$uri" "relay udp 192.0.2.2"
done

# covers STUN-8489-6.2.3-a
# over TLS and over DTLS; the last one to refuse is told
gather stuns:machine.example.org
grep -q '^error d*tls: certificate for "machine.example.org": hostname mismatch' \
  "$lab_scratch/answer" || lab_fail "a certificate for others will do"
if grep -q '^srflx' "$lab_scratch/answer"; then
  lab_fail "a server that is not trusted is believed"
fi
expect stun:nowhere.example.org "error The name of the server is unknown"
echo "found: every server"
