#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Debian's webrtcbin on our library calls another one, or a browser: sound, pictures and a
# data channel, over the only kind of path that the network leaves. Or Farstream calls
# itself. Their nicesrc and nicesink are Debian's too, or those of our plugin.
# Usage: call.sh FOLDER-OF-THE-LIBRARY host|srflx|relay|browser|farstream [FOLDER-OF-OUR-PLUGIN]
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

case_browser ()
{
  local browser status=0
  command -v chromium-headless-shell >/dev/null || lab_skip "there is no Chromium"
  make_neighbours
  lab_route right 198.51.100.1 # the browser tells nothing of interfaces that lead nowhere
  side left offer --page=198.51.100.1 &
  lab_pids+=($!)
  lab_await left tcp 198.51.100.1 8000 || lab_fail "nobody serves the page: $(show_logs)"
  lab_in right env HOME="$lab_scratch" chromium-headless-shell --no-sandbox --disable-gpu \
    --user-data-dir="$lab_scratch/profile" --remote-debugging-port=9222 \
    http://198.51.100.1:8000/ >"$lab_scratch/browser.log" 2>&1 &
  browser=$!
  lab_pids+=("$browser")
  wait "${lab_pids[0]}" || status=$?
  [ "$status" -ne 77 ] || lab_skip "$(cat "$lab_scratch/left.log")"
  [ "$status" -eq 0 ] || lab_fail "the offering end: $status: $(show_logs)"
  show_logs
}

lab_start
"case_$kind"
