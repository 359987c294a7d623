#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A laptop with a cable and a radio changes its network in the middle of a call: how much of
# it is lost?
# Usage: roam.sh ROAM CASE [WORDS [LIMIT]]
#   CASE: PLACE-CHANGE, and after another dash what is a name and no more.
#   PLACE: lan (nothing is translated) or nat (each way out has its own router that does).
#   CHANGE: down (the cable's interface), carrier (the cable is pulled), lost (its address is),
#   new (from a cable to a radio that was not on),
#   route (what goes out, goes out by the radio from now on, with either address).
#   WORDS, LIMIT: see roam.c.
set -eu
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/lab.sh"

roam=$(realpath "$1")
IFS=- read -r place change _ <<<"$2"
words=${3:-,}
limit=${4:-6000}
server=192.0.2.1

# uplink INSIDE OUTSIDE INTERFACE NET [METRIC]: a way out of INSIDE, which gets NET.2 on
# INTERFACE, to OUTSIDE, which gets NET.1.
uplink ()
{
  lab_wire "$1" "$3" "$2" "$1-$3"
  lab_address "$1" "$3" "$4.2/24"
  lab_address "$2" "$1-$3" "$4.1/24"
  ip -n "$(lab_name "$1")" route add default via "$4.1" metric "${5:-0}"
}

# attach INTERFACE N METRIC: one of the ways of the left side. Sets outside and net.
attach ()
{
  outside=public
  net=198.51.$2
  if [ "$place" = nat ]; then
    outside=nat$2
    lab_space "$outside"
    uplink "$outside" public wan "$net"
    lab_nat "$outside" wan
    net=10.0.$2
  fi
  uplink left "$outside" "$1" "$net" "$3"
}

lab_start
cd "$lab_scratch"
lab_space public
lab_forward public
lab_elsewhere public
lab_address public lo "$server/32"
lab_space right
uplink right public wan 203.0.113
lab_space left
attach eth 1 100
cable="$outside" address="$net.2/24"
attach wlan 2 600
[ "$place" = lan ] || lab_turn_server public "$server"

left="ip -n $(lab_name left)"
case $change in
  down) command="$left link set eth down" ;;
  carrier)
    # As whoever manages the network does when it hears of it.
    command="ip -n $(lab_name "$cable") link set left-eth down &&
      $left route del default dev eth"
    ;;
  lost) command="$left address del $address dev eth" ;;
  new)
    $left link set wlan down
    command="$left link set eth down && $left link set wlan up &&
      $left route add default via $net.1"
    ;;
  route) command="$left route del default dev eth" ;;
  *) lab_fail "no change $change" ;;
esac
timeout 60 "$roam" "$(lab_name left)" "$(lab_name right)" "$words" "$limit" "$command"
