#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every link of a page leads to a file of the tree, and not to what is only made of it."""

import os
import re

import house

LINK = re.compile(r'\]\(([^)#:\s]+)(?:#[^)]*)?\)')


def main():
    faults = []
    for name, text in house.tracked():
        if not name.endswith('.md'):
            continue
        for match in LINK.finditer(text):
            path = os.path.join(house.ROOT, os.path.dirname(name), match.group(1))
            if not os.path.exists(path):
                line = text.count('\n', 0, match.start()) + 1
                faults.append(f'{name}:{line}: no such file: {match.group(1)}')
    house.finish(faults, 'links lead somewhere')


main()
