#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `icecold stun` tells the address that a server sees, over IPv4 and IPv6 and over UDP, TCP,
# TLS and DTLS; and names what is wrong: a server that refuses, one that is silent, and a
# certificate of somebody else or of somebody unknown.
# Usage: stun.sh ICECOLD
set -eu
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

icecold=$(realpath "$1")
command -v turnserver >/dev/null || lab_skip "coturn is not installed"
command -v openssl >/dev/null || lab_skip "openssl is not installed"

lab_start
lab_space client
lab_space server
lab_wire client eth0 server eth0
lab_address client eth0 192.0.2.1/24 2001:db8::1/64
lab_address server eth0 192.0.2.2/24 192.0.2.3/24 2001:db8::2/64
lab_certificate DNS:localhost IP:192.0.2.2 IP:2001:db8::2
lab_stun_server server 127.0.0.1 192.0.2.2 192.0.2.3 2001:db8::2
ca=--ca=$lab_scratch/ca.pem

# ask_from NAMESPACE CLIENT SERVER [OPTION…]
ask_from ()
{
  local space=$1 client=$2 server=$3
  shift 3
  lab_in "$space" env LC_ALL=C "$icecold" stun "$server" "$@" >"$lab_scratch/answer" ||
    lab_fail "no answer from $server $*"
  cat "$lab_scratch/answer"
  grep -qF "mapped    $client:" "$lab_scratch/answer" ||
    lab_fail "$server $* sees another address"
  grep -q "^software  Coturn" "$lab_scratch/answer" || lab_fail "$server $* has no name"
}

# ask SERVER CLIENT [OPTION…]
ask ()
{
  local server=$1 client=$2
  shift 2
  ask_from client "$client" "$server" "$@"
}

# expect_security PATTERN: what protected the last answer
expect_security ()
{
  grep -qx "security  $1" "$lab_scratch/answer" || lab_fail "not protected by $1"
}

# refuse_from NAMESPACE REASON SERVER [OPTION…]
refuse_from ()
{
  local space=$1 reason=$2
  shift 2
  if lab_in "$space" env LC_ALL=C "$icecold" stun "$@" 2>"$lab_scratch/refused"; then
    lab_fail "an answer where there should be none: $*"
  fi
  cat "$lab_scratch/refused"
  grep -qF "$reason" "$lab_scratch/refused" || lab_fail "$*: the reason is not $reason"
}

ask 192.0.2.2 192.0.2.1
ask 192.0.2.2:3478 192.0.2.1
ask 2001:db8::2 '[2001:db8::1]'
ask '[2001:db8::2]:3478' '[2001:db8::1]'
ask stun:192.0.2.2 192.0.2.1

ask 192.0.2.2 192.0.2.1 --transport=tcp
ask 'stun:[2001:db8::2]:3478?transport=tcp' '[2001:db8::1]'
ask 192.0.2.2 192.0.2.1 --transport=tls "$ca"
expect_security "TLSv1\.[23]"
ask 'stuns:[2001:db8::2]' '[2001:db8::1]' "$ca" --name=localhost
ask 192.0.2.2 192.0.2.1 --transport=dtls "$ca"
expect_security "DTLSv1\.2"
ask 'stuns:[2001:db8::2]:5349?transport=udp' '[2001:db8::1]' "$ca" --name=localhost
ask_from server 127.0.0.1 stuns:localhost "$ca"

refuse_from client 'whose certificate?' stuns:192.0.2.2 "$ca"
for transport in tls dtls; do
  refuse_from client 'certificate for "stun.example.org": hostname mismatch' \
    192.0.2.2 --transport=$transport "$ca" --name=stun.example.org
  refuse_from client 'certificate for "192.0.2.2": unable to get local issuer certificate' \
    192.0.2.2 --transport=$transport
  refuse_from client 'certificate for "192.0.2.3": IP address mismatch' \
    192.0.2.3 --transport=$transport "$ca"
  # All names below localhost are this host (RFC 6761 6.3).
  refuse_from server 'certificate for "other.localhost": hostname mismatch' \
    other.localhost --transport=$transport "$ca"
  refuse_from client 'cannot read authorities from "/nowhere"' \
    192.0.2.2 --transport=$transport --ca=/nowhere
done

for transport in udp tcp tls dtls; do
  refuse_from client '192.0.2.2:9: ' 192.0.2.2:9 --transport=$transport
  grep -qi 'refused' "$lab_scratch/refused" || lab_fail "nothing says who refused"
done

# Packets to a host that is not there are lost without a word.
lab_in client ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0
for transport in udp dtls; do
  refuse_from client 'within 1 s' 192.0.2.9 --transport=$transport --timeout=1
done
refuse_from client 'no connection within 1 s' 192.0.2.9 --transport=tcp --timeout=1
