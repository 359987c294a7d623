#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a packet costs with this library, with the system's libnice and with bare sockets.

Usage: compare-packets.py BENCH-PACKETS BENCH-SOCKETS FOLDER-OF-LIBNICE [ROUNDS]

The three take turns, so that whatever else the machine does hits all of them; the table
shows medians. Figures say nothing alone: the ratios do.
"""

import os
import statistics
import subprocess
import sys

# Work, its arguments, kind of bare sockets, unit, target as a ratio to bare sockets.
ROWS = [
    ('one thread, batches of 64', ['one', '64'], 'merged', 'packets/s', '>= 0.75'),
    ('one thread, batches of 16', ['one', '16'], 'merged', 'packets/s', '>= 0.70'),
    ('one thread, one by one', ['one', '0'], 'plain', 'packets/s', ''),
    ('two processes, batches of 64', ['two', '64'], 'merged', 'packets/s', '>= 0.75'),
    ('two processes, flood', ['flood', '64'], 'merged', '% lost', '<= 1'),
    ('round trip, two processes', ['trip'], 'plain', 'us', '<= 1.06'),
]


def run(command, folder=None):
    environment = dict(os.environ)
    environment.pop('LD_LIBRARY_PATH', None)
    if folder:
        environment['LD_LIBRARY_PATH'] = folder
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              timeout=20, check=True)
        return float(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return None


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def system_folder():
    """Where the system's own libnice.so.10 is, or None."""
    listing = subprocess.run(['/sbin/ldconfig', '-p'], capture_output=True, text=True,
                             check=False).stdout
    for line in listing.splitlines():
        if 'libnice.so.10' in line and '=>' in line:
            return os.path.dirname(line.split('=>')[1].strip())
    return None


def show(value):
    return '-' if value is None else f'{value:,.2f}' if value < 1000 else f'{value:,.0f}'


def ratio(value, to):
    return f'{value / to:.2f}' if value and to else '-'


def main():
    packets, sockets, ours = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    theirs = system_folder()
    print('| work | unit | icecold | libnice | bare sockets | to libnice | to sockets '
          '| target |')
    print('|---|---|---|---|---|---|---|---|')
    for name, arguments, kind, unit, target in ROWS:
        figures = {'ours': [], 'theirs': [], 'bare': []}
        bare = [sockets] + arguments + (['1'] if len(arguments) == 1 else []) + [kind]
        for _ in range(rounds):
            figures['ours'].append(run([packets] + arguments, ours))
            if theirs:
                figures['theirs'].append(run([packets] + arguments, theirs))
            figures['bare'].append(run(bare))
        mine, other, limit = (median(figures[who]) for who in ('ours', 'theirs', 'bare'))
        print(f'| {name} | {unit} | {show(mine)} | {show(other)} | {show(limit)} '
              f'| {ratio(mine, other)} | {ratio(mine, limit)} | {target} |', flush=True)


if __name__ == '__main__':
    main()
