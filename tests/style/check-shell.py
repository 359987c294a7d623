#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shell scripts pass shellcheck, each in the dialect that its first line names."""

import os
import shutil
import subprocess

import house


def main():
    if not shutil.which('shellcheck'):
        house.skip('shellcheck is not installed')
    names = [name for name, text in house.tracked()
             if text.startswith(('#!/bin/sh', '#!/bin/bash', '#!/usr/bin/env bash'))]
    faults = []
    for name in names:
        done = subprocess.run(['shellcheck', '-x', '-f', 'gcc', name], cwd=house.ROOT,
                              capture_output=True, text=True)
        faults.extend(done.stdout.splitlines())
        if not os.access(os.path.join(house.ROOT, name), os.X_OK):
            faults.append(f'{name}:1: not executable')
    house.finish(faults, 'shell scripts pass shellcheck')


main()
