#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `icecold nat` says of each router what that router does: hosts behind all kinds of them ask
# one coturn with two addresses, all at the same time, since silence takes time.
# Usage: behaviour.sh ICECOLD
set -eu -o pipefail
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

icecold=$(realpath "$1")
server=192.0.2.1
lone=192.0.2.3
declare -A jobs ended

# The public network: a router, on which the servers run. What is for addresses it does not
# know vanishes without an error.
make_public ()
{
  lab_space public
  lab_forward public
  lab_elsewhere public
  lab_address public lo $server/32 192.0.2.2/32 $lone/32 2001:db8::1/128 2001:db8::2/128
}

# make_open SIDE N: a host at 198.51.N.2.
make_open ()
{
  lab_space "$1"
  lab_uplink "$1" public "198.51.$2"
}

# make_home SIDE N [FLAGS]: a host at 10.0.N.2 behind the router SIDE-nat, 198.51.N.2.
make_home ()
{
  lab_space "$1"
  make_open "$1-nat" "$2"
  lab_uplink "$1" "$1-nat" "10.0.$2"
  lab_nat "$1-nat" wan "${3:-}"
}

# rule SIDE: more of nftables for that namespace, on standard input.
rule ()
{
  lab_in "$1" nft -f -
}

# ask SIDE [OPTION…] SERVER: begins; what comes of it is in SIDE.out and SIDE.err.
ask ()
{
  local side=$1
  shift
  lab_in "$side" env LC_ALL=C "$icecold" nat "$@" >"$side.out" 2>"$side.err" &
  jobs[$side]=$!
  lab_pids+=($!)
}

# Every one ends by itself: it gives up whoever is silent.
await_all ()
{
  local side
  for side in "${!jobs[@]}"; do
    ended[$side]=0
    wait "${jobs[$side]}" || ended[$side]=$?
    echo "$side: $(cat "$side.out" "$side.err")"
  done
}

# expect SIDE STATUS TEXT…: how it ended, and what it printed.
expect ()
{
  local side=$1 status=$2 text
  shift 2
  [ "${ended[$side]}" = "$status" ] || lab_fail "$side ended with ${ended[$side]}"
  for text in "$@"; do
    grep -qF -- "$text" "$side.out" "$side.err" || lab_fail "$side: no $text"
  done
}

# expect_nat SIDE MAPPING FILTERING [TEXT…]
expect_nat ()
{
  local side=$1 mapping=$2 filtering=$3
  shift 3
  expect "$side" 0 '"nat":true' "\"mapping\":\"$mapping\"" "\"filtering\":\"$filtering\"" "$@"
}

lab_start
cd "$lab_scratch"
make_public
lab_stun_server public $server 192.0.2.2 2001:db8::1 2001:db8::2
lab_stun_server public $lone

# Those that take the longest. A binding has to outlive the time that a busy machine takes
# from the packet that makes it to the one that asks whether it is there.
make_home ageing 9
lab_in ageing-nat sh -c 'echo 2 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout'
ask ageing --json --lifetime=4 $server

make_open silence 10
ask silence --json 192.0.2.99

make_open open 1
ask open --json $server

# A host whose firewall lets answers in, with IPv6 beside.
make_open firewall 2
lab_address firewall wan 2001:db8:2::2/64
lab_address public firewall 2001:db8:2::1/64
lab_route firewall 2001:db8:2::1
rule firewall <<'END'
table inet guard {
  chain input {
    type filter hook input priority 0
    meta l4proto udp ct state new drop
  }
}
END
ask firewall --json '2001:db8::1'

make_home cone 3
ask cone --json $server

make_home random 4 random
ask random --json $server

make_home fully 5 random,fully-random
ask fully --json stun:$server:3478

# One public address for one host, from inside too.
make_home mapped 6
lab_dmz mapped-nat wan 10.0.6.2
rule mapped-nat <<'END'
table ip nat {
  chain prerouting {
    ip daddr 198.51.6.2 dnat to 10.0.6.2
  }
  chain postrouting {
    ip saddr 10.0.6.2 ip daddr 10.0.6.2 snat to 198.51.6.2
  }
}
END
ask mapped --json $server

# Who was sent to may answer from any port.
make_home restricted 7
rule restricted-nat <<'END'
flush table ip guard
table ip nat {
  set known {
    type ipv4_addr
    flags dynamic
  }
  chain forward {
    type filter hook forward priority 0
    oifname "wan" add @known { ip daddr }
  }
  chain prerouting {
    type nat hook prerouting priority -100
    iifname "wan" ip saddr @known dnat to 10.0.7.2
  }
}
table ip guard {
  chain input {
    iifname "wan" ct state new drop
  }
}
END
ask restricted --json $server

# A router that answers what comes unasked, and remembers it.
make_home talkative 8
rule talkative-nat <<'END'
flush table ip guard
END
ask talkative $server

make_open lone 11
ask lone --json $lone

await_all

expect open 0 '"nat":false' '"filtering":"endpoint-independent"' '"kind":"open"'
expect firewall 0 '"ipv6":{' '"nat":false' '"filtering":"address-and-port-dependent"' \
  '"kind":"firewall"'
expect_nat cone endpoint-independent address-and-port-dependent '"portsPreserved":true' \
  '"hairpinning":false' '"kind":"port-restricted"' '"symmetric":"relayed"'
for side in random fully; do
  expect_nat $side address-and-port-dependent address-and-port-dependent \
    '"portsPreserved":false' '"kind":"symmetric"'
done
expect_nat mapped endpoint-independent endpoint-independent '"hairpinning":true' \
  '"kind":"full cone"' '"symmetric":"direct"'
expect_nat restricted endpoint-independent address-dependent '"kind":"restricted"'
expect talkative 0 'NAT          yes' 'mapping      endpoint-independent: ' \
  'filtering    address and port-dependent: ' '5 port-restricted cone    directly'
expect ageing 0 '"lifetimeMin":' '"lifetimeMax":'
expect lone 1 '"nat":false' 'no second address (RFC 5780)'
expect silence 1 'no answer'
