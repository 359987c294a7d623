#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A router (miniupnpd) maps ports for host candidates, over UDP and TCP, also for the address that
# the host has at a restart, and is told when they are no longer needed.
# Usage: upnp.sh UPNP UPNP-PARTING
set -eu
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

program=$(realpath "$1")
parting=$(realpath "$2")
PATH=$PATH:/usr/sbin
command -v miniupnpd >/dev/null || lab_skip "miniupnpd is not installed"
command -v nft >/dev/null || lab_skip "nftables is not installed"

lab_start
lab_space host
lab_space router
lab_wire host eth0 router lan
lab_wire router wan router internet
lab_address host eth0 192.168.77.2/24
lab_address router lan 192.168.77.1/24
lab_address router wan 192.0.2.1/24
lab_route host 192.168.77.1
lab_in host "$parting" || lab_fail "an agent that nobody needs is still there"
lab_in router nft -f - <<'END'
table inet filter {
  chain forward { type filter hook forward priority 0; jump miniupnpd; }
  chain miniupnpd { }
  chain prerouting { type nat hook prerouting priority -100; jump prerouting_miniupnpd; }
  chain prerouting_miniupnpd { }
  chain postrouting { type nat hook postrouting priority 100; jump postrouting_miniupnpd; }
  chain postrouting_miniupnpd { }
}
END

# The address that it tells has to look public; nothing is ever sent there.
cat >"$lab_scratch/miniupnpd.conf" <<'END'
ext_ifname=wan
ext_ip=12.0.0.1
listening_ip=lan
port=5000
enable_natpmp=no
enable_upnp=yes
system_uptime=no
secure_mode=yes
uuid=b8a7b1c2-93a5-4d6b-8d1f-0d1c2b3a4f5e
allow 1024-65535 192.168.77.0/24 1024-65535
END
lab_in router miniupnpd -d -f "$lab_scratch/miniupnpd.conf" -P "$lab_scratch/router.pid" \
  >"$lab_scratch/router.log" 2>&1 &
lab_pids+=($!)
for listener in "tcp 5000" "udp 1900"; do
  lab_await router "${listener% *}" "" "${listener#* }" \
    || lab_fail "$(cat "$lab_scratch/router.log")"
done

mkfifo "$lab_scratch/input"
lab_in host "$program" <"$lab_scratch/input" >"$lab_scratch/output" 2>&1 &
client=$!
lab_pids+=("$client")
exec 3>"$lab_scratch/input"

# until_true COMMAND…: fails when the client has ended, as it does a minute after its agent
# is gone. Each turn is a process or two, so it does not spin.
until_true ()
{
  until "$@"; do
    kill -0 "$client" 2>/dev/null || return 1
  done
}

rules ()
{
  lab_in router nft list table inet filter
}

count_rules ()
{
  rules | grep -c "dnat ip to $1:"
}

has_no_rules ()
{
  ! rules | grep -q "dnat ip to $1:"
}

has_gathered ()
{
  [ "$(grep -cx gathered "$lab_scratch/output")" = "$1" ]
}

# expect_mapped ADDRESS: over both transports.
expect_mapped ()
{
  for transport in "udp preference 105" "tcp preference 52"; do
    grep -qE "^mapped 12\.0\.0\.1 [0-9]+ $1 $transport$" "$lab_scratch/output" \
      || lab_fail "no mapped candidate: $1 $transport: $(cat "$lab_scratch/router.log")"
  done
  [ "$(count_rules "$1")" = 2 ] || lab_fail "not two rules for $1: $(rules)"
}

until_true has_gathered 1 \
  || lab_fail "no end: $(cat "$lab_scratch/output" "$lab_scratch/router.log")"
expect_mapped 192.168.77.2

# The host moves. What the router mapped for the old address it does not let the new one remove.
lab_in host ip address delete 192.168.77.2/24 dev eth0
lab_address host eth0 192.168.77.3/24
lab_route host 192.168.77.1
echo restart >&3
until_true has_gathered 2 \
  || lab_fail "no second end: $(cat "$lab_scratch/output" "$lab_scratch/router.log")"
cat "$lab_scratch/output"
expect_mapped 192.168.77.3

echo go >&3
until_true has_no_rules 192.168.77.3 || lab_fail "the ports were not given back: $(rules)"
