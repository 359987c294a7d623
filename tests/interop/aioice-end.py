#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same end of a call as sdp-end.c, made of aioice.

Usage: aioice-end.py offer|answer controlling|controlled COMPONENTS [TURN-SERVER]
With a server, user "ann" and password "secret", nothing but its relay is used.
"""
import asyncio
import sys

N_WORDS = 50


async def read_line(reader):
    return (await reader.readline()).decode().strip()


async def learn(connection, reader):
    connection.remote_username, connection.remote_password = (
        await read_line(reader)).split()
    while (line := await read_line(reader)) != '.':
        candidate = aioice.Candidate.from_sdp(line.partition('candidate:')[2])
        await connection.add_remote_candidate(candidate)
    await connection.add_remote_candidate(None)


def tell(connection):
    print(connection.local_username, connection.local_password)
    for candidate in connection.local_candidates:
        print('a=candidate:' + candidate.to_sdp())
    print('.', flush=True)


async def talk(connection, offers, n_components):
    for n in range(N_WORDS):
        for component in range(1, n_components + 1):
            word = b'word %d' % n
            if offers:
                await connection.sendto(word, component)
            data, heard_on = await connection.recvfrom()
            assert (data, heard_on) == (word, component), (data, heard_on)
            if not offers:
                await connection.sendto(word, component)


async def main(kind, role, n_components, server=None):
    relay = {'turn_server': (server, 3478), 'turn_username': 'ann', 'turn_password': 'secret',
             'transport_policy': aioice.ice.TransportPolicy.RELAY} if server else {}
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    connection = aioice.Connection(ice_controlling=role == 'controlling',
                                   components=int(n_components), **relay)
    await connection.gather_candidates()
    tell(connection)
    await learn(connection, reader)
    await connection.connect()
    await talk(connection, kind == 'offer', int(n_components))
    await connection.close()


if __name__ == '__main__':
    try:
        import aioice
    except ImportError:
        sys.exit(77)
    asyncio.run(main(*sys.argv[1:]))
