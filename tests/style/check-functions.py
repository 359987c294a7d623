#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No function above 80 lines or complexity 15, as pmccabe counts both."""

import re
import shutil

import house

LINES = 80
COMPLEXITY = 15
SWITCH_COMPLEXITY = 25
# Switches over what stands on the wire, one case a code point: splitting one would hide it.
WIRE_SWITCHES = {
}
ROW = re.compile(r'^\d+\t(\d+)\t\d+\t\d+\t(\d+)\t(.+?)\((\d+)\): (.+)$')


def main():
    if not shutil.which('pmccabe'):
        house.skip('pmccabe is not installed')
    faults = []
    names = list(house.walk(house.ALL, ('.c', '.h')))
    rows = house.run('pmccabe', *names).splitlines() if names else []
    for row in rows:
        match = ROW.match(row)
        if not match:
            continue
        complexity, lines, name, line, function = match.groups()
        limit = SWITCH_COMPLEXITY if (name, function) in WIRE_SWITCHES else COMPLEXITY
        if int(complexity) > limit:
            faults.append(f'{name}:{line}: {function} has complexity {complexity}, limit {limit}')
        if int(lines) > LINES:
            faults.append(f'{name}:{line}: {function} has {lines} lines, limit {LINES}')
    house.finish(faults, f'functions <= {LINES} lines, complexity <= {COMPLEXITY}')


main()
