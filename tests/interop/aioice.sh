#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# aioice, the ICE of Python's asyncio, as the peer: in a network of its own, behind a router,
# or through a relay alone; controlling, controlled, and both at once.
# Usage: aioice.sh SDP-END [CASE…]
set -eu -o pipefail
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/../netlab/lab.sh"

end=$(realpath "$1")
shift
here=$(realpath "$(dirname "$0")")
server=192.0.2.1
[ $# -gt 0 ] || set -- controlled controlling conflict answered components nat relay

make_networks ()
{
  local side n=0
  lab_space public
  lab_forward public
  lab_address public lo "$server/32"
  for side in ours theirs nat; do
    n=$((n + 1))
    lab_space "$side"
    lab_wire "$side" wan public "$side"
    lab_address "$side" wan "198.51.$n.2/24"
    lab_address public "$side" "198.51.$n.1/24"
    lab_route "$side" "198.51.$n.1"
  done
  lab_space hidden
  lab_wire hidden wan nat hidden
  lab_address hidden wan 10.0.0.2/24
  lab_address nat hidden 10.0.0.1/24
  lab_route hidden 10.0.0.1
  lab_nat nat wan
  lab_turn_server public "$server"
}

# call THEIR-SPACE OUR-WORDS THEIR-WORDS: sets pair, that which ours selected.
call ()
{
  local words theirs status=0
  rm -f to-ours to-theirs
  mkfifo to-ours to-theirs
  read -ra words <<<"$3"
  lab_in "$1" timeout -s KILL 30 /usr/bin/python3 "$here/aioice-end.py" "${words[@]}" \
    <to-theirs >to-ours 2>theirs.log &
  theirs=$!
  lab_pids+=("$theirs")
  read -ra words <<<"$2"
  lab_in ours timeout -s KILL 30 "$end" "${words[@]}" >to-theirs <to-ours 2>ours.log ||
    status=$?
  if wait "$theirs" && [ "$status" -eq 0 ]; then
    pair=$(<ours.log)
  else
    [ "$?" -ne 77 ] || lab_skip "aioice is not installed"
    pair="ours ended with $status: $(cat ours.log theirs.log)"
  fi
}

# expect PAIR
expect ()
{
  number=$((number + 1))
  if [ "$pair" = "pair $1" ]; then
    echo "ok $number $kind"
  else
    echo "not ok $number $kind"
    echo "# ${pair//$'\n'/$'\n# '}"
  fi
}

case_controlled () { call theirs 'offer controlled 1' 'answer controlling 1'; expect 'host host'; }
case_controlling () { call theirs 'offer controlling 1' 'answer controlled 1'; expect 'host host'; }
case_conflict () { call theirs 'offer controlling 1' 'answer controlling 1'; expect 'host host'; }
case_answered () { call theirs 'answer controlled 1' 'offer controlling 1'; expect 'host host'; }
case_components () { call theirs 'offer controlling 2' 'answer controlled 2'; expect 'host host'; }

# Its address is learned from its checks.
case_nat () { call hidden 'answer controlled 1' 'offer controlling 1'; expect 'host prflx'; }

# It gathers nothing but the relay, but sends checks from its own address as well: these
# do not get through.
case_relay ()
{
  lab_drop ours 'ip saddr 198.51.2.2 meta l4proto udp'
  call theirs 'offer controlling 1' "answer controlled 1 $server"
  expect 'host relay'
}

lab_start
cd "$lab_scratch"
make_networks
number=0
echo "1..$#"
for kind in "$@"; do
  "case_$kind"
done
