#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No unfinished work in the tree, no half of a merge, no sleeping test, no assertion in a test
that a release build removes, no path of somebody's machine."""

import os
import re

import house

UNFINISHED = re.compile('|'.join(rf'\b{a}{b}\b' for a, b in (('TO', 'DO'), ('FIX', 'ME'),
                                                             ('X', 'XX'))))
MERGE = re.compile(r'^(?:<{7}|>{7}) ', re.MULTILINE)
SLEEP = re.compile(r'\b(g_usleep|usleep|nanosleep|sleep|time\.sleep)\s*\(|^\s*sleep\s+[\d.$]',
                   re.MULTILINE)
ASSERT = re.compile(r'\bg_assert \(')
# Folders of the Filesystem Hierarchy Standard: naming these tells nothing about a machine.
COMMON = {'bin', 'boot', 'dev', 'etc', 'lib', 'media', 'mnt', 'opt', 'proc', 'run', 'sbin',
          'srv', 'sys', 'tmp', 'usr', 'var', 'builds', 'build', 'src'}
HOMES = re.compile(r'(?<![\w.])/(?:home|Users)/[a-z][\w-]*/|(?<![\w.])/ro{2}t/')


def machine_paths():
    """The folders that this checkout stands in, as far as they are nobody else's."""
    path = house.ROOT
    while path.count('/') >= 1 and path != '/':
        if path.strip('/').split('/')[0] not in COMMON:
            yield re.compile(rf'(?<![\w.]){re.escape(path)}(?![\w-])')
        path = os.path.dirname(path)


def lines(pattern, name, text, what):
    for match in pattern.finditer(text):
        line = text.count('\n', 0, match.start()) + 1
        yield f'{name}:{line}: {what}: {match.group(0).strip()}'


def main():
    faults = []
    paths = [HOMES, *machine_paths()]
    for name, text in house.tracked():
        if name == 'COPYING':
            continue
        faults.extend(lines(UNFINISHED, name, text, 'unfinished work'))
        faults.extend(lines(MERGE, name, text, 'a conflict stands'))
        if name.startswith('tests/') and name.endswith(('.c', '.h', '.py', '.js', '.sh')):
            code = house.without_comments(text) if name.endswith(('.c', '.h')) else text
            if name != 'tests/style/check-words.py':
                faults.extend(lines(SLEEP, name, code, 'a test sleeps'))
            if os.path.basename(name).startswith('test-'):
                faults.extend(lines(ASSERT, name, code, 'g_assert_true () stays in, this not'))
        for path in paths:
            faults.extend(lines(path, name, text, 'path of one machine'))
    house.finish(faults, 'nothing unfinished, no sleep in tests, no path of one machine')


main()
