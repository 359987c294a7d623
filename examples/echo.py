#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two agents in one process: right echoes what left sends."""

import gi

gi.require_version('Nice', '0.1')
from gi.repository import GLib, Nice  # noqa: E402

loop = GLib.MainLoop()
stream = 1
left = right = None


def on_state(agent, stream_id, component_id, state):
    if state == Nice.ComponentState.FAILED:
        raise SystemExit('no path from one agent to the other')
    if agent is left and state == Nice.ComponentState.READY:
        left.send(stream_id, component_id, 5, 'hello')


def on_data(agent, stream_id, component_id, data, *_):
    if agent is right:
        text = data.get_data().decode()
        right.send(stream_id, component_id, len(text), text)
    else:
        print('echo:', data.get_data().decode())
        loop.quit()


def make_agent(controlling):
    agent = Nice.Agent.new(None, Nice.Compatibility.RFC5245)
    agent.props.controlling_mode = controlling
    agent.props.upnp = False
    agent.connect('component-state-changed', on_state)
    address = Nice.Address.new()
    address.set_from_string('127.0.0.1')
    agent.add_local_address(address)
    agent.add_stream(1)
    agent.attach_recv_bytes(stream, 1, None, on_data, None)
    agent.gather_candidates(stream)  # host candidates: known on return
    return agent


left = make_agent(True)
right = make_agent(False)
for one, other in ((left, right), (right, left)):
    _, ufrag, pwd = one.get_local_credentials(stream)
    other.set_remote_credentials(stream, ufrag, pwd)
    other.set_remote_candidates(stream, 1, one.get_local_candidates(stream, 1))
loop.run()
