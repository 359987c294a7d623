#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests on real sockets share: network namespaces with names of their own, removed
# on every way out. Sourced, not run. It knows networks, not what is tested on them.
# shellcheck disable=SC2034

lab_skip ()
{
  echo "skip: $*"
  exit 77
}

lab_fail ()
{
  echo "failed: $*"
  exit 1
}

# Everything that lab_clean removes.
lab_spaces=()
lab_pids=()
lab_scratch=

# How many ends of cables there are.
lab_wires=0

# What lab_clean and lab_empty share: the full name of a namespace, in which nothing runs
# when this returns, nor writes to files that are to be removed.
lab_end_in ()
{
  local pids pid
  while pids=$(ip netns pids "$1" 2>/dev/null) && [ -n "$pids" ]; do
    for pid in $pids; do
      kill -KILL "$pid" 2>/dev/null || true
    done
  done
}

lab_clean ()
{
  local item
  for item in "${lab_pids[@]}"; do
    kill "$item" 2>/dev/null || true
    wait "$item" 2>/dev/null || true
  done
  # What a function started in the background is the child of a shell, whose end it survives.
  for item in "${lab_spaces[@]}"; do
    lab_end_in "$item"
    ip netns delete "$item" 2>/dev/null || true
  done
  [ -z "$lab_scratch" ] || rm -rf "$lab_scratch"
}

# lab_start: checks what the machine can do; afterwards $lab_scratch is an empty folder.
lab_start ()
{
  [ "$(id -u)" -eq 0 ] || lab_skip "network namespaces need root"
  command -v ip >/dev/null || lab_skip "iproute2 is not installed"
  trap lab_clean EXIT
  trap 'exit 1' INT TERM HUP
  lab_scratch=$(mktemp -d)
  lab_space probe || lab_skip "this kernel or container gives no network namespaces"
}

# lab_name NAME: the real name of a namespace of this run.
lab_name ()
{
  echo "icecold-$$-$1"
}

# lab_empty NAMESPACE: ends whatever runs in it.
lab_empty ()
{
  lab_end_in "$(lab_name "$1")"
}

lab_space ()
{
  local name
  name=$(lab_name "$1")
  ip netns add "$name" 2>/dev/null || return 1
  lab_spaces+=("$name")
  ip -n "$name" link set lo up
}

lab_in ()
{
  local name
  name=$(lab_name "$1")
  shift
  ip netns exec "$name" "$@"
}

# lab_wire A INTERFACE B INTERFACE: a cable between two namespaces, without addresses; both
# ends have their carrier when this returns. Ends of the same number, as they have by chance,
# would be told of it up to a second later: Linux hurries for an interface on another one
# (linkwatch_urgent_event), and knows it by a number that is not its own. Until then neither
# carries a packet, and an agent takes no address from there.
lab_wire ()
{
  local a b
  a=$(lab_name "$1")
  b=$(lab_name "$3")
  lab_wires=$((lab_wires + 2))
  ip link add name "$2" index $((lab_wires + 100)) netns "$a" \
    type veth peer name "$4" index $((lab_wires + 101)) netns "$b"
  ip -n "$a" link set "$2" addrgenmode none up
  ip -n "$b" link set "$4" addrgenmode none up
  lab_await_carrier "$1" "$2"
  lab_await_carrier "$3" "$4"
}

# lab_await_carrier NAMESPACE INTERFACE
lab_await_carrier ()
{
  until lab_in "$1" grep -qx up "/sys/class/net/$2/operstate"; do
    :
  done
}

# lab_address NAMESPACE INTERFACE ADDRESS/LENGTH…
lab_address ()
{
  local space=$1 interface=$2 address
  shift 2
  for address in "$@"; do
    case $address in
      *:*) ip -n "$(lab_name "$space")" address add "$address" dev "$interface" nodad ;;
      *) ip -n "$(lab_name "$space")" address add "$address" dev "$interface" ;;
    esac
  done
}

# lab_certificate NAME…: ca.pem, server.pem and key.pem in $lab_scratch, the server's for
# these names ("DNS:localhost", "IP:192.0.2.2").
lab_certificate ()
{
  local names
  names=$(IFS=,; echo "$*")
  (
    cd "$lab_scratch"
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 2 \
      -keyout ca-key.pem -out ca.pem
    openssl req -newkey rsa:2048 -nodes -subj /CN=server -keyout key.pem -out request.pem
    openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -set_serial 1 -days 2 \
      -extfile <(echo "subjectAltName=$names") -out server.pem
  ) 2>"$lab_scratch/openssl.log" || lab_fail "$(cat "$lab_scratch/openssl.log")"
}

# lab_stun_server NAMESPACE ADDRESS…: coturn on port 3478, with the certificate of
# lab_certificate, if there is one, on 5349; ready when this returns.
lab_stun_server ()
{
  local space=$1
  shift
  lab_coturn "$space" --stun-only -- "$@"
}

# lab_turn_server NAMESPACE ADDRESS: the same that also relays, for user ann with the
# password "secret", over UDP and TCP.
lab_turn_server ()
{
  lab_coturn "$1" --lt-cred-mech --user=ann:secret --realm=example.org --relay-ip="$2" \
    -- "$2"
}

# lab_coturn NAMESPACE OPTION… -- ADDRESS…: what the two above share.
lab_coturn ()
{
  local space=$1 address options=() run=$lab_scratch/coturn-${#lab_pids[@]}
  command -v turnserver >/dev/null || lab_skip "coturn is not installed"
  shift
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  if [ -f "$lab_scratch/server.pem" ]; then
    options+=("--cert=$lab_scratch/server.pem" "--pkey=$lab_scratch/key.pem")
  else
    options+=(--no-tls --no-dtls)
  fi
  for address in "$@"; do
    options+=("--listening-ip=$address")
  done
  lab_in "$space" turnserver -n --no-cli --log-file=stdout --simple-log \
    --pidfile="$run.pid" --userdb="$run.users" "${options[@]}" >"$run.log" 2>&1 &
  lab_pids+=($!)
  # Its users are the last thing it opens, when all listeners are there: several for each
  # address, among which the kernel divides who asks.
  lab_await_line "$run.log" "DB connection success"
}

# lab_await NAMESPACE PROTOCOL ADDRESS PORT: until what was started last listens there; fails
# when that has ended.
lab_await ()
{
  local server=${lab_pids[-1]} wanted="$3:$4"
  case $3 in
    *:*) wanted="[$3]:$4" ;;
  esac
  # Every turn of this loop is a process or two, so it does not spin.
  until [[ $(lab_in "$1" ss -Hln -A "$2" "sport = :$4") = *"$wanted"* ]]; do
    kill -0 "$server" 2>/dev/null || return 1
  done
}

# lab_await_line FILE TEXT: until what was started last has written that there.
lab_await_line ()
{
  local writer=${lab_pids[-1]}
  until grep -qsF -- "$2" "$1"; do # a process, so that this does not spin
    kill -0 "$writer" 2>/dev/null || lab_fail "$(cat "$lab_scratch"/*.log)"
  done
}

# lab_dns NAMESPACE ADDRESS OPTION…: dnsmasq, which knows what its options say and nobody
# else to ask; ready when this returns.
lab_dns ()
{
  local space=$1 address=$2
  command -v dnsmasq >/dev/null || lab_skip "dnsmasq is not installed"
  shift 2
  lab_in "$space" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
    --user=root --pid-file= --bind-interfaces --listen-address="$address" \
    --local=/example.org/ "$@" >"$lab_scratch/dnsmasq.log" 2>&1 &
  lab_pids+=($!)
  lab_await "$space" udp "$address" 53 || lab_fail "$(cat "$lab_scratch/dnsmasq.log")"
}

# lab_in_with_dns NAMESPACE ADDRESS COMMAND…: as lab_in, with that server of names.
lab_in_with_dns ()
{
  local space=$1
  echo "nameserver $2" >"$lab_scratch/resolv.conf"
  shift 2
  # Each `ip netns exec` has a mount namespace of its own.
  # shellcheck disable=SC2016
  lab_in "$space" sh -c 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"' sh \
    "$lab_scratch/resolv.conf" "$@"
}

# lab_avahi NAMESPACE: Avahi on its eth0, and nss-mdns that asks it; ready when this returns.
lab_avahi ()
{
  local program
  for program in dbus-daemon avahi-daemon avahi-publish; do
    PATH=$PATH:/usr/sbin command -v "$program" >/dev/null ||
      lab_skip "$program is not installed"
  done
  PATH=$PATH:/sbin ldconfig -p | grep libnss_mdns4_minimal >/dev/null ||
    lab_skip "nss-mdns is not installed"
  echo "hosts: files mdns4_minimal [NOTFOUND=return] dns" >"$lab_scratch/nsswitch.conf"
  mkdir -p "$lab_scratch/run-$1/dbus" "$lab_scratch/run-$1/avahi-daemon"
  lab_in_with_avahi "$1" dbus-daemon --system --nofork --nopidfile --print-address \
    >"$lab_scratch/bus-$1.log" 2>&1 &
  lab_pids+=($!)
  lab_await_line "$lab_scratch/bus-$1.log" unix:path=
  printf '%s\n' "[server]" "host-name=$1" "use-ipv6=no" "allow-interfaces=eth0" \
    >"$lab_scratch/avahi-$1.conf"
  lab_in_with_avahi "$1" /usr/sbin/avahi-daemon --no-drop-root --no-chroot --no-rlimits \
    -f "$lab_scratch/avahi-$1.conf" >"$lab_scratch/avahi-$1.log" 2>&1 &
  lab_pids+=($!)
  # It is on the bus after it has the socket that nss-mdns asks.
  lab_in_with_avahi "$1" gdbus wait --system --timeout 20 org.freedesktop.Avahi ||
    lab_fail "$(cat "$lab_scratch"/*.log)"
}

# lab_in_with_avahi NAMESPACE COMMAND…: as lab_in, with a /run and a nsswitch.conf of the
# host's own, as if its system had been started.
lab_in_with_avahi ()
{
  local space=$1
  shift
  # shellcheck disable=SC2016
  lab_in "$space" sh -c 'mount --bind "$1" /run && mount --bind "$2" /etc/nsswitch.conf &&
    shift 2 && exec "$@"' sh "$lab_scratch/run-$space" "$lab_scratch/nsswitch.conf" "$@"
}

# lab_route NAMESPACE GATEWAY: everything that is not next door goes there.
lab_route ()
{
  ip -n "$(lab_name "$1")" route add default via "$2"
}

# lab_uplink INSIDE OUTSIDE NET: the way out of INSIDE, which gets NET.2 on interface wan, to
# OUTSIDE, which gets NET.1 on an interface of the name of the other.
lab_uplink ()
{
  lab_wire "$1" wan "$2" "$1"
  lab_address "$1" wan "$3.2/24"
  lab_address "$2" "$1" "$3.1/24"
  lab_route "$1" "$3.1"
}

# lab_elsewhere NAMESPACE: what has no other way is sent, without an error, to nobody: the
# other end of the wire is here too, and takes nothing as its own.
lab_elsewhere ()
{
  local space
  space=$(lab_name "$1")
  lab_wire "$1" elsewhere "$1" nobody
  ip -n "$space" link set elsewhere arp off
  ip -n "$space" -4 route add default dev elsewhere
  ip -n "$space" -6 route add default dev elsewhere
}

# lab_forward NAMESPACE: a router from now on.
lab_forward ()
{
  lab_in "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward &&
    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# lab_nat NAMESPACE INTERFACE [FLAGS]: a router that hides what is behind it behind its
# address on INTERFACE. Mappings keep their port, and only where a host sent before gets
# in: port-restricted cone. FLAGS are of masquerade; "random,fully-random" is symmetric.
# What comes unasked is dropped, as in every home router: answered, it would leave an
# entry in the connection table that takes the port from the host that sends a moment
# later.
lab_nat ()
{
  command -v nft >/dev/null || lab_skip "nftables is not installed"
  lab_forward "$1"
  lab_in "$1" nft -f - <<END || lab_skip "this kernel or container has no nftables"
table ip nat {
  chain postrouting {
    type nat hook postrouting priority 100
    oifname "$2" masquerade ${3:-}
  }
}
table ip guard {
  chain input {
    type filter hook input priority 0
    iifname "$2" ct state new drop
  }
  chain forward {
    type filter hook forward priority 0
    iifname "$2" ct state new drop
  }
}
END
}

# lab_dmz NAMESPACE INTERFACE HOST: what comes to the router unasked is for that host, as
# its owner has set it.
lab_dmz ()
{
  lab_in "$1" nft -f - <<END || lab_skip "this kernel or container has no nftables"
flush table ip guard
table ip nat {
  chain prerouting {
    type nat hook prerouting priority -100
    iifname "$2" dnat to $3
  }
}
END
}

# lab_drop NAMESPACE RULE: of what comes to this router, packets of RULE vanish.
lab_drop ()
{
  command -v nft >/dev/null || lab_skip "nftables is not installed"
  lab_in "$1" nft -f - <<END || lab_skip "this kernel or container has no nftables"
table inet icecold-drop {
  chain prerouting {
    type filter hook prerouting priority -300
    $2 drop
  }
}
END
}

# lab_drop_tcp NAMESPACE: a firewall that lets no TCP through.
lab_drop_tcp ()
{
  command -v nft >/dev/null || lab_skip "nftables is not installed"
  lab_in "$1" nft -f - <<'END' || lab_skip "this kernel or container has no nftables"
table inet icecold {
  chain input { type filter hook input priority 0; meta l4proto tcp drop; }
  chain output { type filter hook output priority 0; meta l4proto tcp drop; }
}
END
}

# lab_lose NAMESPACE PERCENT: so many of the datagrams that arrive are dropped, at random.
lab_lose ()
{
  command -v nft >/dev/null || lab_skip "nftables is not installed"
  lab_in "$1" nft -f - <<END || lab_skip "this kernel or container has no nftables"
table inet icecold-loss {
  chain input {
    type filter hook input priority 0
    meta l4proto udp numgen random mod 100 < $2 drop
  }
}
END
}
