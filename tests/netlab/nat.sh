#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Two hosts in private networks, each behind a router that translates addresses, and a
# public network with a STUN and TURN server between: `icecold connect` finds the path that
# theory allows and no worse one, and carries 1 MB each way over it.
# Usage: nat.sh ICECOLD [CASE…]
#   CASE-datagrams: with --datagrams, so that the path is UDP where there is one.
#   Without CASE all of them, one after the other, as a table. Each prints how long it took
#   from the start of the offering side to its line, from there (where the answering side
#   starts) to READY, and the pair that either side selected.
set -eu -o pipefail
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

icecold=$(realpath "$1")
shift
if [ $# -ne 1 ]; then
  [ $# -gt 0 ] || set -- cone cone-datagrams public-peer symmetric half-symmetric no-udp \
    double-nat double-nat-datagrams broken-ipv6 broken-ipv6-datagrams tcp-public-peer \
    tcp-mapped tcp-both
  for kind in "$@"; do
    output=$("$0" "$icecold" "$kind") || {
      status=$?
      echo "$output"
      exit "$status"
    }
    echo "${output##*$'\n'}"
  done
  exit
fi
kind=$1
network=${kind%-datagrams}
common=
[ "$kind" = "$network" ] || common=--datagrams
server=192.0.2.1
turn="--server=stun:$server --server=turn:$server --user=ann:secret"

# The public network: a router, on which the server runs. To it the world goes on: what is
# for addresses it does not know vanishes, without an error that no server out there gets.
make_public ()
{
  lab_space public
  lab_forward public
  lab_elsewhere public
  lab_address public lo "$server/32"
}

# make_side SIDE N [FLAGS]: host SIDE, 10.0.N.2, behind the router SIDE-nat, 198.51.N.2.
# FLAGS: lab_nat.
make_side ()
{
  lab_space "$1"
  lab_space "$1-nat"
  lab_uplink "$1" "$1-nat" "10.0.$2"
  lab_uplink "$1-nat" public "198.51.$2"
  lab_nat "$1-nat" wan "${3:-}"
}

now_ms ()
{
  echo $((${EPOCHREALTIME/./} / 1000))
}

# watch_side SIDE: reads what the command says; leaves when it was READY, and its pair.
watch_side ()
{
  local line
  while IFS= read -r line; do
    echo "$1: $line"
    case $line in
      "Connected: "*)
        now_ms >"$1-ready"
        echo "${line#Connected: }" >"$1-pair"
        ;;
    esac
  done
}

# run_side SIDE OTHER OPTION…
run_side ()
{
  local side=$1 other=$2
  shift 2
  lab_in "$side" env LC_ALL=C "$icecold" connect --pairs "$@" \
    <"to-$other" 2>&1 >"at-$side" | watch_side "$side" >"$side-log"
}

show_logs ()
{
  cat left-log right-log 2>/dev/null || true
}

# connect_sides LEFT-OPTIONS RIGHT-OPTIONS: words each, beside $common. Sets left_pair and right_pair.
connect_sides ()
{
  local left left_options right_options start offered answered offer
  read -ra left_options <<<"$common $1"
  read -ra right_options <<<"$common $2"
  head -c 1000000 /dev/urandom >to-left
  head -c 1000000 /dev/urandom >to-right
  mkfifo offer answer
  start=$(now_ms)
  run_side left right "${left_options[@]}" --write=offer --read=answer &
  left=$!
  lab_pids+=("$left")
  offer=$(timeout 30 cat offer) || lab_fail "the left side makes no offer"
  offered=$(now_ms)
  run_side right left "${right_options[@]}" --write=answer "$offer" &
  right=$!
  lab_pids+=("$right")
  wait "$right" || lab_fail "the right side ended with $?: $(show_logs)"
  wait "$left" || lab_fail "the left side ended with $?: $(show_logs)"
  cmp to-left at-left || lab_fail "what the left side got is not what was sent"
  cmp to-right at-right || lab_fail "what the right side got is not what was sent"
  read -r left_pair <left-pair
  read -r right_pair <right-pair
  read -r answered <right-ready
  show_logs
  printf '%-21s gathered %5d ms, READY %5d ms; left %s; right %s\n' "$kind" \
    $((offered - start)) $((answered - offered)) "$left_pair" "$right_pair"
}

# expect LEFT RIGHT: what the selected pairs are, as extended regular expressions in which
# ":" stands for a port, too.
expect ()
{
  [[ $left_pair =~ ^${1//:/:[0-9]+}$ ]] || lab_fail "left selected $left_pair, not $1"
  [[ $right_pair =~ ^${2//:/:[0-9]+}$ ]] || lab_fail "right selected $right_pair, not $2"
}

# expect_relayed: one side at least goes through the server. The other may send to it from
# its own address, or from that of a server of its own.
expect_relayed ()
{
  case $left_pair$right_pair in
    *relay*) ;;
    *) lab_fail "selected a path that cannot be: $left_pair, $right_pair" ;;
  esac
}

# Mappings that are the same for every destination: what STUN tells is where the other side
# gets through, once both have sent.
case_cone ()
{
  make_side left 1
  make_side right 2
  lab_turn_server public "$server"
  connect_sides "$turn" "$turn"
  expect_mapped
}

# expect_mapped: the selected pairs are the public addresses of the routers.
expect_mapped ()
{
  expect '(srflx|prflx) 198.51.1.2: – (srflx|prflx) 198.51.2.2:' \
    '(srflx|prflx) 198.51.2.2: – (srflx|prflx) 198.51.1.2:'
}

# Without STUN nobody knows the public address of the left side until its check arrives.
case_public_peer ()
{
  make_side left 1
  lab_space right
  lab_uplink right public 203.0.113
  connect_sides "--server=stun:192.0.2.99" "--server=stun:192.0.2.99"
  expect 'prflx 198.51.1.2: – host 203.0.113.2:' 'host 203.0.113.2: – prflx 198.51.1.2:'
}

case_symmetric ()
{
  make_side left 1 random,fully-random
  make_side right 2 random,fully-random
  lab_turn_server public "$server"
  connect_sides "$turn" "$turn"
  expect_relayed
}

# The left router lets in only who it sent to, and the right one sends from elsewhere.
case_half_symmetric ()
{
  make_side left 1
  make_side right 2 random,fully-random
  lab_turn_server public "$server"
  connect_sides "$turn" "$turn"
  expect_relayed
}

# Nor do the routers let both connect at once over TCP.
case_no_udp ()
{
  make_side left 1
  make_side right 2 random,fully-random
  lab_drop left-nat 'meta l4proto udp'
  lab_turn_server public "$server"
  connect_sides "$turn" "--server=stun:$server"
  expect "relay $server: – (srflx|prflx) 198.51.2.2:" \
    "(srflx|prflx) 198.51.2.2: – (relay|prflx) $server:"
}

# A router at home behind one of the provider.
case_double_nat ()
{
  local side n=0
  for side in left right; do
    n=$((n + 1))
    make_side "$side-home" "$n"
    lab_space "$side"
    lab_uplink "$side" "$side-home" "192.168.$n"
    lab_nat "$side-home" wan
  done
  lab_turn_server public "$server"
  connect_sides "$turn" "$turn"
  expect_mapped
}

# Addresses and routes of IPv6 are there, and nothing that is sent arrives.
case_broken_ipv6 ()
{
  local side n=0
  for side in left right; do
    n=$((n + 1))
    make_side "$side" "$n"
    lab_address "$side" wan "2001:db8:$n::2/64"
    lab_address "$side-nat" "$side" "2001:db8:$n::1/64"
    lab_route "$side" "2001:db8:$n::1"
    lab_drop "$side-nat" 'meta nfproto ipv6 meta l4proto { tcp, udp }'
  done
  lab_turn_server public "$server"
  connect_sides "--server=stun:$server" "--server=stun:$server"
  expect_mapped
  # It was not waited for: the better pairs are still being tried. (TCP is not, to have its
  # sockets closed.)
  [ -z "$common" ] ||
    grep -q '^right: .* in-progress *\[2001:' right-log || lab_fail "no pair of IPv6 is in progress"
}

# No UDP at all. Whoever is behind a router connects, whoever is not is connected to: RFC
# 6544 7.1.
case_tcp_public_peer ()
{
  make_side left 1
  lab_space right
  lab_uplink right public 203.0.113
  lab_drop left-nat 'meta l4proto udp'
  connect_sides "--server=stun:$server" "--server=stun:$server" # which refuses
  expect 'prflx 198.51.1.2: – host 203.0.113.2:' 'host 203.0.113.2: – prflx 198.51.1.2:'
}

# The same with a router in front of the right side too, which lets strangers in: where, a
# server says that was asked from the port which is listened on (RFC 6544 5.2).
case_tcp_mapped ()
{
  make_side left 1
  make_side right 2
  lab_dmz right-nat wan 10.0.2.2
  lab_drop left-nat 'meta l4proto udp'
  lab_turn_server public "$server"
  connect_sides "--server=stun:192.0.2.99" "--server=stun:$server"
  expect 'prflx 198.51.1.2: – srflx 198.51.2.2:' 'srflx 198.51.2.2: – prflx 198.51.1.2:'
}

# Each router lets in only who was sent to, and nobody relays: both sides connect at once,
# from ports that a server was asked from (RFC 6544 4.1).
case_tcp_both ()
{
  make_side left 1
  make_side right 2
  lab_drop left-nat 'meta l4proto udp'
  lab_drop right-nat 'meta l4proto udp'
  lab_turn_server public "$server"
  connect_sides "--server=stun:$server" "--server=stun:$server"
  expect_mapped
}

lab_start
cd "$lab_scratch"
make_public
"case_${network//-/_}"
