#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs bench-stun against ours and against the system's libnice; prints a table.

Arguments: the program, the folder of our libnice.so.10, the folder of the system's.

The two take turns, so that whatever else the machine does hits both; the times are medians.
Where valgrind is installed, instructions are counted too: those say the same on every run.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys

ROUNDS = 5
# Calls counted; those of the shorter run are taken off, and with them all that happens once.
CALLS = (200, 1200)
# Work, name in the program, and what is asked for: ns, instructions, times faster.
ROWS = [
    ('build a check', 'build', 350, 3500, 2),
    ('validate a check', 'validate', 350, 3500, 2),
    ('tell media apart', 'demux', 3, None, None),
]


def run(folder, *command):
    environment = dict(os.environ, LD_LIBRARY_PATH=folder)
    return subprocess.run(command, env=environment, check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def measure(program, folder):
    lines = run(folder, program).splitlines()
    return {line.split()[0]: float(line.split()[1]) for line in lines}


def count(program, folder, work):
    """Instructions of one call; None: nothing here counts them."""
    if not shutil.which('valgrind'):
        return None
    few, many = (
        int(re.search(r'Collected : (\d+)', run(
            folder, 'valgrind', '--tool=callgrind', f'--callgrind-out-file={os.devnull}',
            program, work, str(calls))).group(1))
        for calls in CALLS)
    return (many - few) / (CALLS[1] - CALLS[0])


def text(figure, digits=0):
    return '' if figure is None else f'{figure:,.{digits}f}'


def main():
    program, ours, theirs = sys.argv[1:]
    if not os.path.exists(os.path.join(theirs, 'libnice.so.10')):
        print('the system has no libnice to compare with')
        return 77
    figures = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for folder, rounds in figures.items():
            rounds.append(measure(program, folder))
    form = '{:18} {:>9} {:>9} {:>9} {:>9} {:>7} {:>9}'
    print(form.format('', 'ours', 'target', 'libnice', 'unit', 'ratio', 'target'))
    missed = 0
    for name, work, most_ns, most_instructions, least_ratio in ROWS:
        a, b = (statistics.median(round[work] for round in figures[folder])
                for folder in (ours, theirs))
        missed += least_ratio is not None and b / a < least_ratio
        print(form.format(name, text(a, 1), text(most_ns), text(b, 1), 'ns', text(b / a, 2),
                          f'>= {least_ratio}' if least_ratio else ''))
        a, b = (count(program, folder, work) for folder in (ours, theirs))
        if a is not None:
            print(form.format('', text(a), text(most_instructions), text(b), 'instr.',
                              text(b / a, 2), ''))
    return 1 if missed else 0


sys.exit(main())
