#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a program in Python sees: every member of a candidate, copies of the selected pair,
bytes with zeros in them both ways, errors of asynchronous calls."""

import json

import gi

gi.require_version('Nice', '0.1')
from gi.repository import Gio, GLib, Nice  # noqa: E402

CONTEXT = GLib.MainContext.default()


def wait_until(condition):
    while not condition():
        CONTEXT.iteration(True)


def make_agent(received, controlling, mux):
    agent = Nice.Agent(udp_mux=mux)
    agent.props.controlling_mode = controlling
    agent.props.ice_tcp = False
    address = Nice.Address.new()
    assert address.set_from_string('127.0.0.1')
    assert agent.add_local_address(address)
    assert agent.add_stream(1) == 1
    agent.attach_recv_bytes(1, 1, None, lambda *a: received.append(a[3].get_data()))
    return agent


def check_candidate(candidate):
    assert candidate.type == Nice.CandidateType.HOST
    assert candidate.transport == Nice.CandidateTransport.UDP
    assert candidate.addr.dup_string() == '127.0.0.1'
    assert candidate.addr.get_port() == candidate.base_addr.get_port() != 0
    assert candidate.base_addr.equal(candidate.addr)
    assert candidate.priority >> 24 == 120
    assert (candidate.stream_id, candidate.component_id) == (1, 1)
    assert ''.join(chr(c) for c in candidate.foundation if c) == '1'
    assert candidate.username is None and candidate.password is None


heard_left, heard_right, outcome = [], [], []
mux = Nice.UdpMux.new(None, 0)
shared = Nice.Address.new()
assert shared.set_from_string('127.0.0.1')
assert mux.open(shared)
left, right = make_agent(heard_left, True, None), make_agent(heard_right, False, mux)
for agent in (left, right):
    agent.gather_candidates_async(
        1, None, lambda a, result: outcome.append(a.gather_candidates_finish(result)))
wait_until(lambda: outcome == [True, True])

for candidate in left.get_local_candidates(1, 1):
    check_candidate(candidate)
    check_candidate(candidate.copy())
for one, other in ((left, right), (right, left)):
    _, ufrag, pwd = one.get_local_credentials(1)
    assert other.set_remote_credentials(1, ufrag, pwd)
    assert other.set_remote_candidates(1, 1, one.get_local_candidates(1, 1)) == 1
left.connect_async(1, 0, None, lambda a, result: outcome.append(a.connect_finish(result)))
wait_until(lambda: len(outcome) == 3)

found, mine, theirs = left.dup_selected_pair(1, 1)
assert found
assert theirs.addr.equal(shared)
check_candidate(mine)
assert theirs.addr.equal(right.get_local_candidates(1, 1)[0].addr)
assert left.send_bytes(1, 1, GLib.Bytes.new(b'\0one\0')) == 5
wait_until(lambda: heard_right == [b'\0one\0'])
wait_until(lambda: right.send_bytes(1, 1, GLib.Bytes.new(b'two\0')) == 4)
wait_until(lambda: heard_left == [b'two\0'])
assert right.get_udp_mux_counts(1, 1).dropped == 0 < mux.props.received


# A source: its callback is a plain one, and takes what there is.
taken = []


def on_readable():
    try:
        taken.append(right.recv_bytes_nonblocking(1, 1, None).get_data())
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.WOULD_BLOCK)
    return GLib.SOURCE_CONTINUE


source = right.create_source(1, 1, None)
source.set_callback(lambda *_: on_readable())
source.attach(None)
for message in (b'a\0b', b'c'):
    assert left.send_bytes(1, 1, GLib.Bytes.new(message)) == len(message)
wait_until(lambda: taken == [b'a\0b', b'c'])
source.destroy()
stats = json.loads(left.get_stats_json())
assert stats.keys() == left.get_stats().unpack().keys()
assert stats['T1-1']['iceState'] in ('connected', 'completed')
assert stats[stats['T1-1']['selectedCandidatePairId']]['packetsSent'] == 3
right.attach_recv_bytes(1, 1, None, lambda *a: heard_right.append(a[3].get_data()))


# Errors: the reason, the stream and the component.
def await_error(start, finish, *arguments):
    errors = []

    def on_done(agent, result):
        try:
            finish(agent, result)
        except GLib.Error as error:
            errors.append(error)

    start(*arguments, None, on_done)
    wait_until(lambda: errors)
    return errors[0]


error = await_error(left.connect_async, Nice.Agent.connect_finish, 7, 0)
assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND)
lonely = make_agent([], True, None)
lonely.props.ice_trickle = True
port = lonely.add_stream(2)
for component in (1, 2):
    lonely.set_port_range(port, component, 50001, 50001)
error = await_error(lonely.gather_candidates_async, Nice.Agent.gather_candidates_finish, port)
assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.ADDRESS_IN_USE)
assert f'{port}' in error.message
assert lonely.gather_candidates(1) and lonely.set_remote_credentials(1, 'abcd', 'x' * 22)
lonely.props.idle_timeout = 50
assert lonely.peer_candidate_gathering_done(1)
error = await_error(lonely.connect_async, Nice.Agent.connect_finish, 1, 1)
assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.HOST_UNREACHABLE)
