#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs bench-stun against ours and against the system's libnice, alternating; prints medians.

Arguments: the program, the folder of our libnice.so.10, the folder of the system's.
"""

import os
import statistics
import subprocess
import sys

ROUNDS = 5
TARGET = 2.0  # times faster than the system's, for what does cryptography


def run(program, folder):
    environment = dict(os.environ, LD_LIBRARY_PATH=folder)
    lines = subprocess.run([program], env=environment, check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    return {line.split()[0]: float(line.split()[1]) for line in lines}


def main():
    program, ours, theirs = sys.argv[1:]
    if not os.path.exists(os.path.join(theirs, 'libnice.so.10')):
        print('the system has no libnice to compare with')
        return 77
    figures = {folder: [] for folder in (ours, theirs)}
    for _ in range(ROUNDS):
        for folder, rounds in figures.items():
            rounds.append(run(program, folder))
    missed = 0
    for work in figures[ours][0]:
        a, b = (statistics.median(figures[folder][i][work] for i in range(ROUNDS))
                for folder in (ours, theirs))
        missed += work != 'demux' and b / a < TARGET
        print(f'{work:10} ours {a:8.1f} ns   libnice {b:8.1f} ns   {b / a:5.2f} times faster')
    return 1 if missed else 0


sys.exit(main())
