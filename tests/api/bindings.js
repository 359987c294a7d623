#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a program in JavaScript sees: bytes with zeros in them that may be kept, a source with a
 * plain callback, a filter, statistics, and the reason of a failure. */

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Nice from 'gi://Nice?version=0.1';
import System from 'system';

Gio._promisify(Nice.Agent.prototype, 'gather_candidates_async');
Gio._promisify(Nice.Agent.prototype, 'connect_async');

function assert(condition, what) {
    if (!condition)
        throw new Error(what);
}

function makeAgent(controlling) {
    const agent = Nice.Agent.new(null, Nice.Compatibility.RFC5245);
    const address = Nice.Address.new();
    agent.controlling_mode = controlling;
    agent.upnp = false;
    agent.set_address_filter(() => assert(false, 'addresses by hand are not asked about'));
    assert(address.set_from_string('127.0.0.1'), 'address');
    agent.add_local_address(address);
    assert(agent.add_stream(1) === 1, 'stream');
    return agent;
}

function introduce(one, other) {
    const [, ufrag, pwd] = one.get_local_credentials(1);
    other.set_remote_credentials(1, ufrag, pwd);
    other.set_remote_candidates(1, 1, one.get_local_candidates(1, 1));
}

/* Kept until the end, so that bytes that somebody else owns would be gone. */
const kept = [];

function echoUntil(left, right, count) {
    return new Promise((resolve, reject) => {
        const source = left.create_source(1, 1, null);
        source.set_callback(() => {
            try {
                kept.push(left.recv_bytes_nonblocking(1, 1, null));
            } catch (error) {
                if (!error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.WOULD_BLOCK))
                    reject(error);
            }
            if (kept.length < 2 * count)
                return GLib.SOURCE_CONTINUE;
            resolve();
            return GLib.SOURCE_REMOVE;
        });
        source.attach(null);
        right.attach_recv_bytes(1, 1, null, (agent, stream, component, bytes) => {
            kept.push(bytes.ref()); // gjs itself takes no reference to what a callback gets
            agent.send_bytes(stream, component, bytes);
        });
        for (let i = 0; i < count; i++)
            left.send_bytes(1, 1, new GLib.Bytes(new Uint8Array([0, i, 0, 255])));
    });
}

async function run() {
    const left = makeAgent(true);
    const right = makeAgent(false);
    await left.gather_candidates_async(1, null);
    await right.gather_candidates_async(1, null);
    introduce(left, right);
    introduce(right, left);
    await left.connect_async(1, 1, null);
    await right.connect_async(1, 1, null);
    await echoUntil(left, right, 20);
    System.gc();
    for (const bytes of kept) {
        const data = bytes.toArray();
        assert(data.length === 4 && data[0] === 0 && data[2] === 0 && data[3] === 255, 'bytes');
    }
    const stats = JSON.parse(left.get_stats_json());
    assert(stats['T1-1'].packetsReceived === 20, 'statistics');
    const reason = await left.connect_async(7, 1, null).catch(error => error);
    assert(reason.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND), 'reason');
}

const loop = new GLib.MainLoop(null, false);
let failure = null;
run().catch(error => (failure = error)).finally(() => loop.quit());
loop.run();
if (failure !== null) {
    printerr(failure, failure.stack);
    System.exit(1);
}
