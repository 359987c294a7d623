#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""C files are as clang-format 14 writes them."""

import re
import shutil
import subprocess

import house

VERSION = 14
FIRST = re.compile(r'^(\S+?):(\d+):\d+: error: code should be clang-formatted')


def formatter():
    for name in (f'clang-format-{VERSION}', 'clang-format'):
        if shutil.which(name):
            version = re.search(r'version (\d+)', house.run(name, '--version'))
            if version and int(version.group(1)) == VERSION:
                return name
    return None


def main():
    command = formatter()
    if not command:
        house.skip(f'clang-format {VERSION} is not installed')
    names = list(house.walk(house.ALL, ('.c', '.h')))
    if not names:
        house.finish([], 'nothing to format')
    done = subprocess.run([command, '--dry-run', '-Werror', *names], cwd=house.ROOT,
                          capture_output=True, text=True)
    faults = {}
    for line in done.stderr.splitlines():
        match = FIRST.match(line)
        if match:
            faults.setdefault(match.group(1), f'{match.group(1)}:{match.group(2)}: not formatted')
    if done.returncode != 0 and not faults:
        faults['?'] = done.stderr
    house.finish(list(faults.values()), 'formatted; ./dev format does it')


main()
