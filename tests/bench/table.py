#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures icecold beside the system's libnice and bare sockets; prints tables.

Usage: table.py BUILD [--rounds N] [--write FILE] [SECTION…]

Sections: packets, wire, relay, reliable, connecting, scale, stun. All of them without any
named. With --write the tables take the place of those between the two marks of the Markdown FILE.
A row says what it asks for: at least or at most so many times what libnice or bare sockets
do in the same run, or a bound of its own.
"""

import argparse
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from measure import Bench, LIBNICE, OURS, SOCKETS, median

BEGIN, END = '<!-- figures: ./dev bench -->', '<!-- end of figures -->'
ALL = (OURS, LIBNICE)
DURATION = .5  # of a work of bench-packets and bench-sockets, in seconds


def show(value):
    if value is None:
        return '-'
    if value >= 1e6:
        return f'{value / 1e6:,.2f} M'
    return f'{value:,.0f}' if value >= 1000 else f'{value:.2f}'.rstrip('0').rstrip('.')


class Table:
    """Rows printed as they are measured, and kept as Markdown."""

    def __init__(self, title):
        self.lines = [f'### {title}', '',
                      f'| work | unit | {OURS} | {LIBNICE} | {SOCKETS} | target | |',
                      '|---|---|---:|---:|---:|---|---|']
        print('\n'.join(['', *self.lines]), flush=True)
        self.missed = []

    def row(self, name, unit, values, *targets):
        """A target is (of whom, '>=' or '<=', number); of None: the number itself."""
        words, met = [], values.get(OURS) is not None
        for whom, relation, number in targets:
            other = 1 if whom is None else values.get(whom)
            text = f'{number:,}' if whom is None else f'{number} x {whom}'
            words.append(('at least ' if relation == '>=' else 'at most ') + text)
            if other is None or not met:
                words[-1] += ' (not measured)'
            elif relation == '>=':
                met = values[OURS] >= number * other
            else:
                met = values[OURS] <= number * other
        verdict = '' if not targets else 'met' if met else 'missed'
        cells = [show(values.get(who)) for who in (OURS, LIBNICE, SOCKETS)]
        self.lines.append(f'| {name} | {unit} | {" | ".join(cells)} | {", ".join(words)} '
                          f'| {verdict} |')
        print(self.lines[-1], flush=True)
        if verdict == 'missed':
            self.missed.append(name)


# --- packets ---

def times(bench, rounds, ours, bare, **environment):
    """A work of bench-packets on both libraries, and of bench-sockets, in turns."""
    commands = {who: ['bench-packets', *ours] for who in ALL}
    commands[SOCKETS] = ['bench-sockets', *bare]
    return bench.turns(commands, rounds, **environment)


def a_packet(bench, kind, batch, few, many, bare=None):
    """What a packet costs of KIND, in one thread."""
    commands = {who: ['bench-packets', 'one', batch] for who in ALL}
    if bare:
        commands[SOCKETS] = ['bench-sockets', 'one', *bare]
    values = {who: bench.each(who, kind, (command, {'PACKETS': str(few)}),
                              (command, {'PACKETS': str(many)}), many - few)
              for who, command in commands.items()}
    # A timer of the engine that happens to be due in the longer run is nobody's packet.
    return {who: value and round(value, 2) for who, value in values.items()}


def packets(bench, rounds):
    table = Table('Packets: 1,200 bytes, loopback')
    for batch, of_sockets, of_libnice in (('64', .75, 10), ('16', .7, 7)):
        table.row(f'one thread, batches of {batch}', 'packets/s',
                  times(bench, rounds, ['one', batch], ['one', batch, 'merged']),
                  (SOCKETS, '>=', of_sockets), (LIBNICE, '>=', of_libnice))
    table.row('two processes, batches of 64', 'packets/s',
              times(bench, rounds, ['two', '64'], ['two', '64', 'merged']),
              (SOCKETS, '>=', .75), (LIBNICE, '>=', 5))
    table.row('two processes, the sender floods', '% lost',
              times(bench, rounds, ['flood', '64'], ['flood', '64', 'merged']),
              (SOCKETS, '<=', 1.0))
    table.row('`nice_agent_send ()`, 64 in a row', 'packets/s',
              times(bench, rounds, ['one', '64x'], ['one', '64', 'plain']),
              (SOCKETS, '>=', round(1 / 1.06, 2)))
    table.row('round trip, two processes on two processors', 'us',
              times(bench, rounds, ['trip'], ['trip', '1', 'plain']), (SOCKETS, '<=', 1.07))
    table.row('the same, bare sockets in a main loop of GLib', 'us',
              times(bench, rounds, ['trip'], ['trip', '1', 'loop']), (SOCKETS, '<=', 1.07))
    table.row('batches of 64 without segmentation offload', 'packets/s',
              times(bench, rounds, ['one', '64'], ['one', '64', 'mmsg'],
                    NICE_UDP_OFFLOAD='0'), (SOCKETS, '>=', .95))
    one, two = (times(bench, rounds, [work, '64'], [work, '64', 'merged'])
                for work in ('one', 'threads'))
    # More than bare sockets gain, which stands beside it, is not to be had.
    table.row('two threads', 'times one',
              {who: two[who] / one[who] for who in one if one[who] and two[who]},
              (None, '>=', 1.8))
    counts(bench, table)
    return table


def counts(bench, table):
    for kind, of_one, of_many, awake in (('instructions', 900, 120, 2500),
                                         ('system calls', 2.0, .05, 3),
                                         ('allocations', 0, 0, 0), ('locks', 0, 0, 0)):
        table.row(f'{kind} a packet, one a call, 64 in a row', '',
                  a_packet(bench, kind, '64x', 6400, 64000), (None, '<=', of_one))
        table.row(f'{kind} a packet, batches of 64', '',
                  a_packet(bench, kind, '64', 6400, 64000), (None, '<=', of_many))
        table.row(f'{kind} a packet, one a wake-up (bare sockets in a main loop)', '',
                  a_packet(bench, kind, '1x', 2000, 12000, ['1', 'loop']),
                  (None, '<=', awake))


# --- two hosts ---

def ip(*arguments):
    subprocess.run(['ip', *arguments], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def two_namespaces():
    """Two network namespaces with a veth pair between them; gives PLACES."""
    names = [f'bench-{os.getpid()}-{end}' for end in 'ab']
    try:
        for name in names:
            ip('netns', 'add', name)
        ip('-n', names[0], 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth0',
           'netns', names[1])
        for name, address in zip(names, ('10.99.0.1', '10.99.0.2')):
            ip('-n', name, 'address', 'add', f'{address}/24', 'dev', 'veth0')
            ip('-n', name, 'link', 'set', 'veth0', 'up')
        yield names, f'{names[0]}=10.99.0.1,{names[1]}=10.99.0.2'
    finally:
        for name in names:
            subprocess.run(['ip', 'netns', 'del', name], check=False, capture_output=True)


def wire(bench, rounds):
    table = Table('Packets: two network namespaces, a veth pair between them')
    if os.geteuid() != 0:
        print('not root: left out')
        return table
    with two_namespaces() as (names, places):
        for offload in 'on', 'off':
            for name in names:
                subprocess.run(['ip', 'netns', 'exec', name, 'ethtool', '-K', 'veth0',
                                'tx-udp-segmentation', offload, 'gro', offload],
                               check=False, capture_output=True)
            table.row(f'batches of 64, offload of the device {offload}', 'packets/s',
                      times(bench, rounds, ['two', '64'], ['two', '64', 'merged'],
                            PLACES=places), (SOCKETS, '>=', .75))
        table.row('the sender floods', '% lost',
                  times(bench, rounds, ['flood', '64'], ['flood', '64', 'merged'],
                        PLACES=places), (SOCKETS, '<=', 1.0))
        table.row('round trip', 'us',
                  times(bench, rounds, ['trip'], ['trip', '1', 'plain'], PLACES=places),
                  (SOCKETS, '<=', 1.07))
    return table


# --- reliable mode ---

def lose(name, percent):
    """So many of a hundred packets that come to the namespace are dropped."""
    subprocess.run(['ip', 'netns', 'exec', name, 'nft', '-f', '-'], check=True, text=True,
                   input=f'''table inet loss
delete table inet loss
table inet loss {{
  chain input {{
    type filter hook prerouting priority -300
    iifname {{ "veth0", "slow0" }} meta l4proto {{ tcp, udp }} numgen random mod 100 < {percent} drop
  }}
}}
''')


def carry(bench, rounds, over, megabytes, seconds, **environment):
    """MB/s and milliseconds a MB, of both libraries and of the kernel's TCP."""
    commands = {who: ['bench-reliable', over, megabytes, seconds] for who in ALL}
    commands[SOCKETS] = ['bench-reliable', 'kernel', megabytes, seconds]
    return [bench.turns(commands, rounds, name, **environment) for name in (None, 'cpu')]


@contextlib.contextmanager
def slow_road(bench, milliseconds):
    """Two network namespaces with a round trip of so long between them; gives PLACES."""
    with two_namespaces() as (names, _):
        with subprocess.Popen([bench.program('bench-delay'), *names, str(milliseconds / 2)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as road:
            road.stdout.readline()
            for name, address, peer in zip(names, ('10.98.0.1', '10.98.0.2'),
                                           ('10.98.0.2', '10.98.0.1')):
                ip('-n', name, 'address', 'add', address, 'peer', peer, 'dev', 'slow0')
                ip('-n', name, 'link', 'set', 'slow0', 'txqueuelen', '60000', 'up')
            yield names, f'{names[0]}=10.98.0.1,{names[1]}=10.98.0.2'
            road.stdin.close()


def in_memory(bench, table):
    """Pseudo-TCP alone, over a link in virtual time: exact, so once is enough."""
    for loss in 0, 1, 5:
        for rtt in 1, 50, 200:
            figures = {who: bench.figure(who, ['bench-pseudotcp', whose, '100', str(rtt),
                                               str(loss)])
                       for who, whose in ((OURS, 'ours'), (LIBNICE, 'libnice'))}
            least = [(None, '>=', 7.5)] if (loss, rtt) == (1, 50) else []
            table.row(f'in memory: 100 Mbit/s, round trip {rtt} ms, {loss} % loss', 'MB/s',
                      figures, (LIBNICE, '>=', 1), *least)


def reliable(bench, rounds):
    table = Table('Reliable mode: two processes; bare sockets are a TCP of the kernel')
    rates, costs = carry(bench, rounds, 'agents', '500', '5')
    table.row('loopback', 'MB/s', rates, (None, '>=', 500), (LIBNICE, '>=', 1))
    table.row('loopback, both processes', 'ms of CPU a MB', costs, (None, '<=', 2))
    table.row('loopback, over ICE-TCP', 'MB/s',
              carry(bench, rounds, 'tcp', '1000', '5')[0], (LIBNICE, '>=', 1))
    in_memory(bench, table)
    if os.geteuid() != 0:
        print('not root: loss left out')
        return table
    with two_namespaces() as (names, places):
        for name in names:  # a run that the device takes whole would be lost whole
            subprocess.run(['ip', 'netns', 'exec', name, 'ethtool', '-K', 'veth0',
                            'tx-udp-segmentation', 'off', 'tso', 'off', 'gso', 'off'],
                           check=False, capture_output=True)
        for percent, least in ((0, None), (1, 100), (5, 10)):
            for name in names:
                lose(name, percent)
            targets = [(LIBNICE, '>=', 1)] + ([(None, '>=', least)] if least else [])
            if percent == 5:
                targets.append((SOCKETS, '>=', 1))
            table.row(f'two namespaces, {percent} % loss each way', 'MB/s',
                      carry(bench, rounds, 'agents', '200', '5', PLACES=places)[0],
                      *targets)
    with slow_road(bench, 50) as (names, places):
        for percent, least in ((0, 1), (1, 3)):
            for name in names:
                lose(name, percent)
            table.row(f'two namespaces, round trip 50 ms, {percent} % loss each way', 'MB/s',
                      carry(bench, rounds, 'agents', '50', '5', PLACES=places)[0],
                      (LIBNICE, '>=', least))
    return table


# --- through a TURN server ---

COTURN = """listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port={port}
realm=example.org
lt-cred-mech
user=ann:secret
allow-loopback-peers
no-cli
no-tls
no-dtls
no-rfc5780
log-file=stdout
simple-log
pidfile={folder}/pid
userdb={folder}/users
"""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def coturn():
    """A TURN server on the loopback; gives its process and port, None where there is none."""
    if not shutil.which('turnserver'):
        yield None, None
        return
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(COTURN.format(port=port, folder=folder))
        with subprocess.Popen(['turnserver', '-c', path], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as server:
            for line in server.stdout:
                if 'DB connection success' in line:  # the last that it does
                    break
            yield server, str(port)
            server.kill()


@contextlib.contextmanager
def apart(server):
    """The server on a processor of its own: what else runs there is not its limit."""
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        yield
        return
    for thread in os.listdir(f'/proc/{server.pid}/task'):
        os.sched_setaffinity(int(thread), processors[:1])
    os.sched_setaffinity(0, processors[1:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, processors)


def cpu_seconds(process):
    return time.clock_gettime((~process.pid << 3) | 2)  # clock_getcpuclockid (3)


def through_relay(bench, rounds, server, port, work):
    """Packets a second, and what the server's processor does for each, in microseconds."""
    commands = {who: ['bench-packets', work, '16'] for who in ALL}
    commands[SOCKETS] = ['bench-sockets', work, '16', 'merged']
    rates, costs = {who: [] for who in commands}, {who: [] for who in commands}
    for _ in range(rounds):
        for who, command in commands.items():
            before = cpu_seconds(server)
            rate = bench.figure(who, command, RELAY=port)
            rates[who].append(rate)
            if rate:
                costs[who].append((cpu_seconds(server) - before) * 1e6 / (rate * DURATION))
    return [{who: median(values) for who, values in kind.items()} for kind in (rates, costs)]


def relay(bench, rounds):
    table = Table('Packets: 1,200 bytes, loopback, through coturn over UDP')
    with coturn() as (server, port):
        if server is None:
            print('coturn is not installed: left out')
            return table
        command = ['bench-packets', 'one', '16']
        with apart(server):
            for name, work in (('two processes', 'two'), ('one thread', 'one')):
                rates, costs = through_relay(bench, rounds, server, port, work)
                table.row(f'{name}, batches of 16', 'packets/s', rates, (LIBNICE, '>=', 2))
                table.row(f'{name}: what a packet costs coturn', 'us of CPU', costs)
            table.row('what a packet costs both agents', 'us of CPU',
                      bench.turns({who: command for who in ALL}, rounds, 'cpu-us-per-packet',
                                  RELAY=port))
        few, many = ((command, {'PACKETS': str(n), 'RELAY': port}) for n in (1600, 16000))
        for kind in 'instructions', 'system calls':
            table.row(f'{kind} a packet, batches of 16', '',
                      {who: bench.each(who, kind, few, many, 14400) for who in ALL})
    return table


# --- connecting ---

def pairs(bench, rounds, name, *options):
    return bench.turns({who: ['bench-many', *options] for who in ALL}, rounds, name)


def a_pair(bench, kind, work):
    """What a pair of agents costs of KIND; "gather": what one agent costs."""
    few, many = ((['bench-many', f'--{work}', '-n', str(n)], {}) for n in (5, 45))
    return {who: bench.each(who, kind, few, many, 80 if work == 'gather' else 40)
            for who in ALL}


def connecting(bench, rounds):
    table = Table('Connecting: loopback')
    for mode in 'aggressive', 'regular':
        values = bench.turns({who: ['bench-connect'] for who in ALL}, 1, mode)
        table.row(f'{mode} nomination, two processes, gathering to READY', 'ms',
                  {who: value / 1000 for who, value in values.items() if value},
                  (None, '<=', 3))
    for kind, a_connection, a_gathering in (('instructions', 250000, 60000),
                                            ('allocations', 120, 40)):
        table.row(f'{kind}: a pair, both agents', '', a_pair(bench, kind, 'connect'),
                  (None, '<=', a_connection))
        table.row(f'{kind}: gathering, one component', '', a_pair(bench, kind, 'gather'),
                  (None, '<=', a_gathering))
    streams = ['-n', '1', '-s', '8', '-c', '2', '--connect']
    table.row('8 streams of 2 components, both agents', 'ms of CPU',
              pairs(bench, rounds, 'cpu-ms', *streams), (None, '<=', 3))
    table.row('the same, to READY of all', 'ms', pairs(bench, 1, 'ms-to-ready', *streams))
    for dead, most in ((50, 1050), (100, 2050)):
        options = ['-n', '1', '--connect', '-d', str(dead)]
        values = {who: bench.figure(who, ['bench-many', *options], 'ms-to-connected')
                  for who in ALL}
        table.row(f'{dead} dead candidates of higher priority at both ends, to CONNECTED',
                  'ms', values, (None, '<=', most))
    return table


# --- scale ---

def among(bench, rounds, n):
    """What a packet of one pair costs with N pairs in the process, to with that pair alone."""
    alone, crowded = (pairs(bench, rounds, 'us-per-packet-of-one-pair', '-n', str(count))
                      for count in (1, n))
    return {who: crowded[who] / alone[who] for who in ALL if crowded[who] and alone[who]}


def scale(bench, rounds):
    table = Table('Many in one process')
    some = ['-n', '1000', '--connect']
    table.row('1,000 pairs connect', 'pairs/s',
              pairs(bench, rounds, 'pairs-per-second', *some), (None, '>=', 2000))
    table.row('resident memory an agent', 'kB',
              pairs(bench, 1, 'resident-kB-per-agent', *some), (None, '<=', 8))
    table.row('descriptors an agent, UDP only', '',
              pairs(bench, 1, 'descriptors-per-agent', *some), (None, '<=', 1))
    table.row('descriptors an agent, UDP and TCP', '',
              pairs(bench, 1, 'descriptors-per-agent', '-n', '100', '--tcp', '--connect'),
              (None, '<=', 3))
    table.row('idle, no consent', 'us/s an agent',
              pairs(bench, 1, 'idle-us-per-agent-and-second', '-n', '300'), (None, '<=', 1))
    table.row('idle, consent, 1,000 pairs', 'us/s an agent',
              {OURS: bench.figure(OURS, ['bench-many', '-n', '1000', '--consent'],
                                  'idle-us-per-agent-and-second'),
               LIBNICE: bench.figure(LIBNICE, ['bench-many', '-n', '1000', '--consent'],
                                     'idle-us-per-agent-and-second')}, (None, '<=', 12))
    table.row('a packet among 600 agents', 'times among two', among(bench, 3, 300),
              (None, '<=', 1.1))
    table.row('9,000 pairs connect under 20,000 descriptors', 'pairs/s',
              {OURS: bench.figure(OURS, ['bench-many', '-n', '9000', '--connect'],
                                  'pairs-per-second')}, (None, '>=', 2000))
    text = bench.run(SOCKETS, ['bench-ice'], timeout=300) or ''
    dead = re.search(r'here (\d+\.\d+)', text)
    table.row('checklist of 50 dead candidates', 'instructions',
              {OURS: float(dead.group(1)) * 1e6 if dead else None}, (None, '<=', 3000000))
    table.row('growth with candidates and streams', 'largest exponent',
              {OURS: max(growths(text), default=None)}, (None, '<=', 1.2))
    return table


def growths(text):
    """The exponents that bench-ice printed: fourth and last column of its lines."""
    for line in text.splitlines():
        found = re.match(r'.{18} +[\d.]+ +[\d.]+ +([\d.]+) +[\d.]+ +[\d.]+ +([\d.]+)', line)
        if found:
            yield from map(float, found.groups())


# --- STUN ---

def stun(bench, rounds):
    table = Table('STUN: the public functions')
    for name, work, instructions, least in (('build a check', 'build', 3500, 350),
                                            ('validate a check', 'validate', 3500, 350),
                                            ('tell media apart', 'demux', None, 3)):
        table.row(name, 'ns', bench.turns({who: ['bench-stun'] for who in ALL}, rounds, work),
                  (None, '<=', least))
        few, many = ((['bench-stun', work, str(n)], {}) for n in (200, 1200))
        table.row(name, 'instructions',
                  {who: bench.each(who, 'instructions', few, many, 1000) for who in ALL},
                  *([(None, '<=', instructions)] if instructions else []))
    return table


SECTIONS = {'packets': packets, 'wire': wire, 'relay': relay, 'reliable': reliable,
            'connecting': connecting, 'scale': scale, 'stun': stun}


def write(path, tables):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f'{path}: the marks for the figures are not there')
    figures = '\n\n'.join('\n'.join(table.lines) for table in tables)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'{before}{BEGIN}\n{figures}\n\n{END}{after}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--write', metavar='FILE')
    parser.add_argument('sections', metavar='SECTION', nargs='*')
    arguments = parser.parse_intermixed_args()
    unknown = set(arguments.sections) - set(SECTIONS)
    if unknown:
        parser.error(f'no section {", ".join(sorted(unknown))}; there are {", ".join(SECTIONS)}')
    bench = Bench(arguments.build)
    sections = arguments.sections or list(SECTIONS)
    tables = [SECTIONS[name](bench, arguments.rounds) for name in sections]
    missed = [name for table in tables for name in table.missed]
    print(f'\n{len(missed)} targets missed' + ''.join(f'\n  {name}' for name in missed))
    if arguments.write:
        write(arguments.write, tables)


if __name__ == '__main__':
    main()
