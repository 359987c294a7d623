#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No six lines of code stand in the library or the tools twice.

Blank lines, comments, lone braces, #include lines and the indentation are left out before
lines are compared, so that six lines are six lines of logic.
"""

import re

import house

RUN = 6
FOLDERS = house.LIBRARY + ('tools',)


def significant(text):
    for number, line in enumerate(house.without_comments(text).splitlines(), 1):
        line = ' '.join(line.split())
        if re.search(r'\w', line) and not line.startswith('#include'):
            yield number, line


def windows():
    seen = {}
    for name in house.walk(FOLDERS, ('.c', '.h')):
        rows = list(significant(house.read(name)))
        for start in range(len(rows) - RUN + 1):
            key = tuple(line for _, line in rows[start:start + RUN])
            seen.setdefault(key, []).append((name, rows[start][0], start))
    return seen


def main():
    faults = []
    reported = set()
    for places in windows().values():
        if len(places) < 2:
            continue
        # One finding for a long run: skip what continues the run reported a line before.
        starts = [(name, start) for name, _, start in places]
        continued = tuple((name, start - 1) for name, start in starts) in reported
        reported.add(tuple(starts))
        if not continued:
            faults.append(' = '.join(f'{name}:{line}' for name, line, _ in places))
    house.finish(faults, f'no run of {RUN} lines stands twice')


main()
