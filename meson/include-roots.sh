#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the include roots of the build: one folder of links for each thing that a library may see.
set -eu
source=$1
inc=$2/inc
link() { # link NAME TARGET
  mkdir -p "$(dirname "$inc/$1")"
  ln -sfn "$2" "$inc/$1"
}
link config/config.h "$2/config.h"
link stun/stun "$source/stun"
link turn/turn "$source/stun/turn"
link socket/socket "$source/socket"
for header in address packet; do # all that the engine sees of socket/
  link "socket-values/socket/$header.h" "$source/socket/$header.h"
done
link ice/ice "$source/agent/ice"
link pseudotcp/pseudotcp "$source/agent/pseudotcp"
link io/io "$source/agent/io"
link agent/agent "$source/agent" # for tests
# The installed layout: <nice/...> and <stun/...>
link public/stun "$source/stun"
link public/nice/address.h "$source/socket/address.h"
for header in agent candidate debug interfaces nice pseudotcp udpmux; do
  link "public/nice/$header.h" "$source/agent/$header.h"
done
link public/nice/nice-version.h "$2/agent/nice-version.h"
