#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The icecold command as a person meets it: what it prints, where, and how it ends.
# Usage: command.sh ICECOLD
set -eu
icecold=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C

# expect STATUS ARGUMENT…: runs it, without a terminal
expect ()
{
  status=$1
  shift
  ended=0
  "$icecold" "$@" </dev/null >"$scratch/out" 2>"$scratch/err" || ended=$?
  if [ "$ended" -ne "$status" ]; then
    echo "icecold $* ended with $ended, not $status:"
    cat "$scratch/out" "$scratch/err"
    exit 1
  fi
}

# says FILE TEXT
says ()
{
  if ! grep -qF -- "$2" "$scratch/$1"; then
    echo "no \"$2\" in:"
    cat "$scratch/$1"
    exit 1
  fi
}

expect 0 demo
says out "ready"
says out "R W N S"
says out "selected   host"
says out "moved      10.0 MB"
if grep -q "$(printf '\033')" "$scratch/out"; then
  echo "escape sequences without a terminal"
  exit 1
fi

expect 0 --version
says out "icecold "
expect 0 --help
says out "connect"
expect 0 connect --help
says out "--server"
expect 2
says err "demo"
expect 2 nonsense
says err "nonsense"
expect 2 demo nonsense
says err "nonsense"
says err "icecold demo --help"
expect 2 stun --nonsense
says err "icecold stun --help"
expect 2 stun
expect 0 nat --help
says out "--lifetime"
expect 2 nat
says err "icecold nat HOST"
expect 2 nat --ipv4 --ipv6 127.0.0.1
expect 2 nat --lifetime=-1 127.0.0.1
expect 2 nat stuns:example.org
says err "over UDP"
expect 1 nat --ipv6 127.0.0.1
says err "no IPv6 address"
expect 2 connect --server=stun:host:port x
says err "stun:host:port"
expect 2 connect --server=example.org x
says err "example.org"
expect 2 connect --server=turn:example.org x
says err "user name"
expect 2 connect --user=secret x
says err "USER:PASSWORD"
expect 2 connect --server=turn:host:port --user=ann:secret x
says err "turn:host:port"
if grep -q secret "$scratch/err"; then
  echo "a message shows the password"
  exit 1
fi

expect 1 connect ""
says err "Nothing was pasted"
expect 1 connect "v=0"
says err "icecold1-"
expect 1 connect icecold9-0
says err "another version"
expect 1 connect icecold1-01234567abcdef
says err "missing or changed"
expect 1 connect --read=/nonexistent/answer
says err "/nonexistent/answer"
expect 1 connect --loopback --server=stun:127.0.0.1:9 --read=/nonexistent/answer
says err "stun:127.0.0.1:9"
