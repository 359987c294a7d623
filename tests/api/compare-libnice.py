#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the programs of this folder on this library and on the system's libnice, case by case.

Usage: compare-libnice.py FOLDER-OF-OURS PROGRAM... [-p PATTERN]

Prints a table with both columns. Fails when a case fails on ours; when one fails on libnice
that libnice.tsv does not list; and when one passes there that it lists. A case that needs a
function that the system's libnice lacks has nothing to say about it. Exits with 77 (skipped)
where there is no libnice to compare with.
"""

import concurrent.futures
import fnmatch
import os
import re
import subprocess
import sys

TAGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'libnice.tsv')
LIMIT = 20  # seconds a case may take
LIMIT_TAGGED = 5  # where libnice is known to fail, which it may do by waiting for ever
JOBS = 6  # cases wait more than they work
GOOD = ('passes', 'skipped')


def system_folder():
    """Where the system's own libnice.so.10 is, or None."""
    listing = subprocess.run(['/sbin/ldconfig', '-p'], capture_output=True, text=True,
                             check=False).stdout
    found = re.search(r'libnice\.so\.10 .*=> (\S+)', listing)
    return os.path.dirname(found.group(1)) if found else None


def read_tags():
    with open(TAGS, encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file][1:]
    return {path: (kind, why) for path, kind, why in rows}


def environment(folder):
    return dict(os.environ, LD_LIBRARY_PATH=folder, G_DEBUG='fatal-criticals')


def list_cases(program, ours):
    done = subprocess.run([program, '-l'], env=environment(ours), capture_output=True, text=True,
                          check=True)
    return [line for line in done.stdout.splitlines() if line.startswith('/')]


def run_case(program, case, folder, limit):
    """What became of it, in a word or two, and the last it said."""
    try:
        done = subprocess.run([program, '-p', case], env=environment(folder), text=True,
                              errors='replace', capture_output=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return 'hangs', ''
    lacking = re.search(r'undefined symbol: (\w+)', done.stderr)
    if lacking:
        return 'lacks', lacking.group(1)
    if done.returncode != 0:
        said = [line for line in (done.stdout + done.stderr).splitlines()
                if re.search(r'ERROR|CRITICAL|assert|Bail', line)]
        return 'fails', said[-1] if said else f'status {done.returncode}'
    return ('skipped' if '# SKIP' in done.stdout else 'passes'), ''


def judge(case, mine, theirs, tags):
    """The note of a row, and whether it is a fault."""
    kind, why = tags.get(case, (None, ''))
    if mine[0] not in GOOD:
        return f'FAULT: {mine[1]}', True
    if theirs[0] == 'lacks':
        return f'needs {theirs[1]}', False
    if kind == 'unsteady':
        return f'{kind}: {why}', False
    if theirs[0] in GOOD:
        return ('FAULT: listed in libnice.tsv, and passes', True) if kind else ('', False)
    return (f'{kind}: {why}', False) if kind else (f'FAULT: {theirs[1]}', True)


def main():
    arguments = sys.argv[1:]
    pattern = '*'
    if '-p' in arguments:
        at = arguments.index('-p')
        pattern = arguments[at + 1]
        del arguments[at:at + 2]
    ours, programs = arguments[0], arguments[1:]
    theirs = system_folder()
    if theirs is None:
        print('there is no libnice.so.10 in the system: nothing to compare with')
        return 77
    tags = read_tags()
    cases = [(program, case) for program in programs for case in list_cases(program, ours)
             if fnmatch.fnmatch(case, pattern)]

    def run_both(row):
        program, case = row
        limit = LIMIT_TAGGED if case in tags else LIMIT
        return run_case(program, case, ours, LIMIT), run_case(program, case, theirs, limit)

    faults = 0
    print('| case | icecold | libnice | note |')
    print('|---|---|---|---|')
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for (_, case), (mine, other) in zip(cases, pool.map(run_both, cases)):
            note, is_fault = judge(case, mine, other, tags)
            faults += is_fault
            print(f'| {case} | {mine[0]} | {other[0]} | {note} |', flush=True)
    unknown = sorted(set(tags) - {case for _, case in cases}) if pattern == '*' else []
    for case in unknown:
        print(f'libnice.tsv lists {case}, which is no case')
    print(f'{len(cases)} cases, {faults} faults')
    return 1 if faults or unknown else 0


if __name__ == '__main__':
    sys.exit(main())
