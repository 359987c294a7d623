#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Chromium calls an agent on the same network, which it does not tell its address but a name
# that it answers for itself: the agent has to ask mDNS for it.
# Usage: browser.sh FOLDER-OF-THE-LIBRARY
set -eu -o pipefail
# shellcheck source=tests/netlab/lab.sh
. "$(dirname "$0")/../netlab/lab.sh"

folder=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
status=0

command -v chromium-headless-shell >/dev/null || lab_skip "there is no Chromium"
lab_start
lab_space agent
lab_space browser
lab_wire agent eth0 browser eth0
lab_address agent eth0 198.51.100.1/24
lab_address browser eth0 198.51.100.2/24
lab_route browser 198.51.100.1 # it tells nothing of interfaces that lead nowhere
lab_avahi agent
lab_in_with_avahi agent env LD_LIBRARY_PATH="$folder" GI_TYPELIB_PATH="$folder" \
  timeout -s KILL 50 /usr/bin/python3 "$here/browser-end.py" 198.51.100.1 \
  >"$lab_scratch/pair" 2>"$lab_scratch/agent.log" &
agent=$!
lab_pids+=("$agent")
lab_await agent tcp 198.51.100.1 8000 || {
  wait "$agent" || status=$?
  [ "$status" -ne 77 ] || lab_skip "$(cat "$lab_scratch/agent.log")"
  lab_fail "nobody serves the page: $(cat "$lab_scratch"/*.log)"
}
lab_in browser env HOME="$lab_scratch" chromium-headless-shell --no-sandbox --disable-gpu \
  --user-data-dir="$lab_scratch/profile" --remote-debugging-port=9222 \
  http://198.51.100.1:8000/ >"$lab_scratch/browser.log" 2>&1 &
lab_pids+=($!)
wait "$agent" || lab_fail "$?: $(cat "$lab_scratch"/*.log)"
grep -q '\.local ' "$lab_scratch/agent.log" \
  || lab_fail "it told no name: $(cat "$lab_scratch/agent.log")"
grep -qx 'remote host' "$lab_scratch/pair" || lab_fail "$(cat "$lab_scratch/pair")"
cat "$lab_scratch/agent.log"
