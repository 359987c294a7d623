#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Two hosts on one network that tell of their addresses by names of mDNS, as browsers do:
# Avahi publishes and finds them, and nss-mdns asks it for whoever asks the system.
# Usage: names.sh SDP-END
set -eu -o pipefail
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/../netlab/lab.sh"

end=$(realpath "$1")
declare -A addresses=([left]=192.0.2.1 [right]=192.0.2.2)
declare -A names=([left]=1f4712db-ea17-4bcf-a596-105139dfd8bf.local
                  [right]=2579ef4b-50ae-4bfe-95af-70b3376ecb9c.local)

# publish SIDE: its name is about to be published when this returns.
publish ()
{
  mkfifo "$lab_scratch/published-$1"
  lab_in_with_avahi "$1" avahi-publish --address --no-reverse "${names[$1]}" \
    "${addresses[$1]}" >"$lab_scratch/published-$1" 2>&1 &
  lab_pids+=($!)
}

# await_name SIDE: Avahi has asked the network whether anybody else has it.
await_name ()
{
  local line
  read -r line <"$lab_scratch/published-$1"
  [[ $line = Established* ]] || lab_fail "$line: $(cat "$lab_scratch"/*.log)"
}

# tell_names SIDE: what it says, with its name for its address.
tell_names ()
{
  sed -u "s/ ${addresses[$1]//./\\.} / ${names[$1]} /"
}

# tell_nothing SIDE: its credentials alone.
tell_nothing ()
{
  grep --line-buffered -v candidate
}

# tell_all SIDE: what it says, which is kept.
tell_all ()
{
  tee "told-$1"
}

# call WHAT-LEFT-TELLS WHAT-RIGHT-TELLS [OPTION]
call ()
{
  local answerer status=0
  rm -f from-left from-right
  mkfifo from-left from-right
  lab_in_with_avahi right timeout -s KILL 30 "$end" answer controlled 1 ${3:+"$3"} 2>right.log \
    < <("$1" left <from-left) > >("$2" right >from-right) &
  answerer=$!
  lab_pids+=("$answerer")
  lab_in_with_avahi left timeout -s KILL 30 "$end" offer controlling 1 ${3:+"$3"} \
    >from-left <from-right 2>left.log || status=$?
  wait "$answerer" || status=$?
  [ "$status" -eq 0 ] \
    || lab_fail "call $1 $2: $status: $(cat left.log right.log "$lab_scratch"/*.log)"
}

# expect SIDE PAIR
expect ()
{
  [ "$(<"$1.log")" = "pair $2" ] || lab_fail "$1 has $(cat "$1.log"), not $2"
  echo "$1: $2"
}

lab_start
lab_space left
lab_space right
lab_wire left eth0 right eth0
for side in left right; do
  lab_address "$side" eth0 "${addresses[$side]}/24"
  lab_avahi "$side"
  publish "$side"
done
await_name left
await_name right
mkdir "$lab_scratch/call"
cd "$lab_scratch/call"

# The first check comes from who knows a name, and from nobody else.
call tell_names tell_nothing
expect right "host host"
expect left "host prflx"
call tell_nothing tell_names
expect left "host host"
expect right "host prflx"
call tell_names tell_names

# Names of their own, of which Avahi is told by the library.
call tell_all tell_nothing hidden
expect right "host host"
call tell_nothing tell_all hidden
expect left "host host"
for side in left right; do
  grep -q '\.local ' "told-$side" || lab_fail "no name in $(cat "told-$side")"
  if grep -qF 192.0.2. "told-$side"; then
    lab_fail "an address in $(cat "told-$side")"
  fi
done
