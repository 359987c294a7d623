#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No .c file above 800 lines, no header above 400 without its comments, no line above 90."""

import house

C_LINES = 800
HEADER_LINES = 400
COLUMNS = 90
# The shape of these is libnice's, not ours.
PUBLIC = {'agent/agent.h'}


def main():
    faults = []
    for name in house.walk(house.ALL, ('.c', '.h')):
        text = house.read(name)
        lines = text.splitlines()
        if name.endswith('.c') and len(lines) > C_LINES:
            faults.append(f'{name}:{C_LINES + 1}: {len(lines)} lines, limit {C_LINES}')
        if name.endswith('.h') and name not in PUBLIC:
            code = [line for line in house.without_comments(text).splitlines() if line.strip()]
            if len(code) > HEADER_LINES:
                faults.append(f'{name}:1: {len(code)} lines of declarations, limit {HEADER_LINES}')
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS and 'http' not in line:
                faults.append(f'{name}:{number}: {len(line)} columns, limit {COLUMNS}')
    house.finish(faults, f'.c <= {C_LINES} lines, .h <= {HEADER_LINES}, columns <= {COLUMNS}')


main()
