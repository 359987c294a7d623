#!/usr/bin/gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
// Two agents in one process: right echoes what left sends.

imports.gi.versions.Nice = '0.1';
const {GLib, Nice} = imports.gi;

const loop = GLib.MainLoop.new(null, false);
const stream = 1;
let left, right;

function onState(agent, streamId, componentId, state) {
  if (state === Nice.ComponentState.FAILED)
    throw new Error('no path from one agent to the other');
  if (agent === left && state === Nice.ComponentState.READY)
    left.send(streamId, componentId, 5, 'hello');
}

function onData(agent, streamId, componentId, bytes) {
  const text = new TextDecoder().decode(bytes.toArray());
  if (agent === right) {
    right.send(streamId, componentId, text.length, text);
  } else {
    print('echo:', text);
    loop.quit();
  }
}

function makeAgent(controlling) {
  const agent = Nice.Agent.new(null, Nice.Compatibility.RFC5245);
  agent.controlling_mode = controlling;
  agent.upnp = false;
  agent.connect('component-state-changed', onState);
  const address = Nice.Address.new();
  address.set_from_string('127.0.0.1');
  agent.add_local_address(address);
  agent.add_stream(1);
  agent.attach_recv_bytes(stream, 1, null, onData);
  agent.gather_candidates(stream); // host candidates: known on return
  return agent;
}

left = makeAgent(true);
right = makeAgent(false);
for (const [one, other] of [[left, right], [right, left]]) {
  const [, ufrag, pwd] = one.get_local_credentials(stream);
  other.set_remote_credentials(stream, ufrag, pwd);
  other.set_remote_candidates(stream, 1, one.get_local_candidates(stream, 1));
}
loop.run();
