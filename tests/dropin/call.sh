#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Debian's webrtcbin on our library calls another one, a browser, or Debian's Janus on our
# library: sound, pictures and a data channel, over the only kind of path that the network
# leaves. Or Farstream calls itself. Their nicesrc and nicesink are Debian's too, or those
# of our plugin.
# Usage: call.sh FOLDER-OF-THE-LIBRARY KIND [FOLDER-OF-OUR-PLUGIN]
# KIND: host, srflx, relay, browser, farstream, janus, janus-lite, janus-tcp, janus-relay,
# janus-restart
set -eu -o pipefail
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/../netlab/lab.sh"

folder=$(realpath "$1")
kind=$2
elements=${3:+$(realpath "$3")}
here=$(realpath "$(dirname "$0")")
server=192.0.2.1

# run SPACE SCRIPT ARGUMENT…
run ()
{
  local space=$1 script=$2
  shift 2
  lab_in "$space" env LD_LIBRARY_PATH="$folder" GST_REGISTRY="$lab_scratch/$space.registry" \
    GST_PLUGIN_PATH="$elements" \
    timeout -s KILL 60 /usr/bin/python3 "$here/$script" "$@" 2>"$lab_scratch/$space.log"
}

# side SPACE OPTION…: one end, in its namespace.
side ()
{
  local space=$1
  shift
  run "$space" webrtc-end.py "$@"
}

show_logs ()
{
  cat "$lab_scratch"/*.log
}

# call OPTION…: both ends have the same.
call ()
{
  local answerer status=0
  mkfifo "$lab_scratch/to-left" "$lab_scratch/to-right"
  side right answer "$@" <"$lab_scratch/to-right" >"$lab_scratch/to-left" &
  answerer=$!
  lab_pids+=("$answerer")
  side left offer "$@" >"$lab_scratch/to-right" <"$lab_scratch/to-left" || status=$?
  [ "$status" -ne 77 ] || lab_skip "$(cat "$lab_scratch/left.log")"
  [ "$status" -eq 0 ] || lab_fail "the offering end: $status: $(show_logs)"
  wait "$answerer" || lab_fail "the answering end: $?: $(show_logs)"
  show_logs
}

# behind_nat SIDE N [FLAGS]: host SIDE, 10.0.N.2, behind a router, 198.51.N.2.
behind_nat ()
{
  lab_space "$1"
  lab_space "$1-nat"
  lab_wire "$1" wan "$1-nat" lan
  lab_address "$1" wan "10.0.$2.2/24"
  lab_address "$1-nat" lan "10.0.$2.1/24"
  lab_route "$1" "10.0.$2.1"
  lab_wire "$1-nat" wan public "$1"
  lab_address "$1-nat" wan "198.51.$2.2/24"
  lab_address public "$1" "198.51.$2.1/24"
  lab_route "$1-nat" "198.51.$2.1"
  lab_nat "$1-nat" wan "${3:-}"
}

make_public ()
{
  lab_space public
  lab_forward public
  lab_elsewhere public
  lab_address public lo "$server/32"
  lab_turn_server public "$server"
}

make_neighbours ()
{
  lab_space left
  lab_space right
  lab_wire left eth0 right eth0
  lab_address left eth0 198.51.100.1/24
  lab_address right eth0 198.51.100.2/24
}

case_host ()
{
  make_neighbours
  call
}

case_srflx ()
{
  make_public
  behind_nat left 1
  behind_nat right 2
  call --stun="stun://$server:3478"
}

case_relay ()
{
  make_public
  behind_nat left 1 random,fully-random
  behind_nat right 2 random,fully-random
  call --turn="turn://ann:secret@$server:3478" --relay
}

case_farstream ()
{
  local status=0
  make_neighbours
  run left farstream.py || status=$?
  [ "$status" -ne 77 ] || lab_skip "$(cat "$lab_scratch/left.log")"
  [ "$status" -eq 0 ] || lab_fail "$status: $(show_logs)"
}

# browse SPACE NEIGHBOUR PAGE
browse ()
{
  lab_route "$1" "$2" # the browser tells nothing of interfaces that lead nowhere
  lab_in "$1" env HOME="$lab_scratch" chromium-headless-shell --no-sandbox --disable-gpu \
    --user-data-dir="$lab_scratch/profile" --remote-debugging-port=9222 \
    --autoplay-policy=no-user-gesture-required --enable-logging=stderr "$3" \
    >"$lab_scratch/browser.log" 2>&1
}

has_browser ()
{
  command -v chromium-headless-shell >/dev/null || lab_skip "there is no Chromium"
}

case_browser ()
{
  local browser status=0
  has_browser
  make_neighbours
  side left offer --page=198.51.100.1 &
  lab_pids+=($!)
  lab_await left tcp 198.51.100.1 8000 || lab_fail "nobody serves the page: $(show_logs)"
  browse right 198.51.100.1 http://198.51.100.1:8000/ &
  browser=$!
  lab_pids+=("$browser")
  wait "${lab_pids[0]}" || status=$?
  [ "$status" -ne 77 ] || lab_skip "$(cat "$lab_scratch/left.log")"
  [ "$status" -eq 0 ] || lab_fail "the offering end: $status: $(show_logs)"
  show_logs
}

# start_janus PORTS SETTING…: in "right", with the EchoTest, HTTP and nothing else. (Unix
# sockets need no port, but their thread in Janus 1.1.2 may look for a flag before that is
# set, and end.)
start_janus ()
{
  local ports=$1 plugins
  shift
  plugins=$(dpkg -L janus 2>/dev/null | grep '/janus/plugins$') ||
    lab_skip "there is no Janus of Debian"
  mkdir "$lab_scratch/plugins" "$lab_scratch/transports"
  ln -s "$plugins/libjanus_echotest.so" "$lab_scratch/plugins"
  ln -s "$plugins/../transports/libjanus_http.so" "$lab_scratch/transports"
  cat >"$lab_scratch/janus.jcfg" <<END
general: {
  plugins_folder = "$lab_scratch/plugins"
  transports_folder = "$lab_scratch/transports"
}
media: {
  rtp_port_range = "$ports"
  dscp = 46
}
nat: {
$(printf '  %s\n' "$@")
}
END
  cat >"$lab_scratch/janus.transport.http.jcfg" <<END
general: {
  http = true
  ip = "198.51.100.2"
  port = 8088
}
END
  lab_in right env LD_LIBRARY_PATH="$folder" G_DEBUG=fatal-criticals janus \
    --config="$lab_scratch/janus.jcfg" --configs-folder="$lab_scratch" \
    --pid-file="$lab_scratch/janus.pid" --interface=198.51.100.2 --debug-level=5 \
    --disable-colors >"$lab_scratch/right.log" 2>&1 &
  janus_shell=$!
  lab_pids+=("$janus_shell")
  lab_await right tcp 198.51.100.2 8088 || lab_fail "Janus does not listen: $(show_logs)"
  janus=$(cat "$lab_scratch/janus.pid")
  # By its number: in a chroot the name is another one.
  grep -q " $(stat -Lc %i "$folder/libnice.so.10") " "/proc/$janus/maps" ||
    lab_fail "Janus runs on another library: $(grep libnice "/proc/$janus/maps")"
}

descriptors ()
{
  find "/proc/$janus/fd" -mindepth 1 2>/dev/null | wc -l || true
}

# await COMMAND…: until it succeeds, 20 s at most. It starts processes, so this does not spin.
await ()
{
  local end=$((SECONDS + 20))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
  done
}

has_only ()
{
  [ "$(descriptors)" -le "$1" ]
}

# end_janus COUNT: it has no more descriptors than at its start, and ends in order.
end_janus ()
{
  # GLib makes two main contexts that stay: the default one, and that of the first GTask.
  await has_only $(($1 + 2)) || lab_fail "$1 descriptors before: $(ls -l "/proc/$janus/fd")"
  kill "$janus"
  wait "$janus_shell" || lab_fail "Janus ended with $?: $(show_logs)"
  show_logs
}

# call_janus: three handles, one after the other; then Janus ends.
call_janus ()
{
  local count status
  count=$(descriptors)
  for _ in 1 2 3; do
    status=0
    side left offer --janus=http://198.51.100.2:8088/janus || status=$?
    [ "$status" -ne 77 ] || lab_skip "$(cat "$lab_scratch/left.log")"
    [ "$status" -eq 0 ] || lab_fail "the calling end: $status: $(show_logs)"
  done
  end_janus "$count"
}

case_janus ()
{
  make_neighbours
  lab_drop right "udp dport != 40000-40001"
  start_janus 40000-40001 "full_trickle = true" "ice_keepalive_conncheck = true" \
    'ice_nomination = "regular"'
  call_janus
}

case_janus-lite ()
{
  make_neighbours
  start_janus 40000-40001 "ice_lite = true"
  call_janus
}

case_janus-tcp ()
{
  make_neighbours
  lab_drop right "meta l4proto udp"
  start_janus 40000-40009 "ice_lite = true" "ice_tcp = true"
  call_janus
}

# Nothing gets to Janus but through its relay.
case_janus-relay ()
{
  make_neighbours
  lab_turn_server left 198.51.100.1
  lab_drop right "udp sport != 3478"
  start_janus 40000-40001 'stun_server = "198.51.100.1"' 'stun_port = 3478' \
    'turn_server = "198.51.100.1"' 'turn_port = 3478' 'turn_type = "udp"' \
    'turn_user = "ann"' 'turn_pwd = "secret"'
  call_janus
}

has_verdict ()
{
  grep -q '"verdict: ' "$lab_scratch/browser.log"
}

case_janus-restart ()
{
  local count
  has_browser
  make_neighbours
  start_janus 40000-40001
  count=$(descriptors)
  : >"$lab_scratch/browser.log"
  browse left 198.51.100.2 "file://$here/janus-page.html#http://198.51.100.2:8088/janus" &
  lab_pids+=("$!")
  await has_verdict || lab_fail "no verdict: $(show_logs)"
  grep -qF '"verdict: echoed"' "$lab_scratch/browser.log" || lab_fail "$(show_logs)"
  lab_empty left
  end_janus "$count"
}

lab_start
"case_$kind"
