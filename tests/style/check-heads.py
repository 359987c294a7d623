#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every source opens with its licence and a paragraph about itself; headers have #pragma once."""

import os
import re

import house

LICENCE = 'SPDX-License-Identifier: LGPL-2.1-or-later'
CODE = ('.c', '.h', '.py', '.js', '.sh', '.vala')
PLAIN = ('meson.build', 'meson_options.txt', 'dev', 'run')
# Published include guards that other programs test for.
GUARDED = set()


def check(name, text):
    base = os.path.basename(name)
    head = '\n'.join(text.splitlines()[:4])
    if base.endswith(CODE) or base in PLAIN:
        if LICENCE not in head:
            yield f'{name}:1: no "{LICENCE}" in the first lines'
    if base.endswith(('.c', '.h')):
        comment = re.match(r'(?:\s*/\*.*?\*/)+', text, re.DOTALL)
        words = re.sub(r'[*/]', ' ', comment.group(0).replace(LICENCE, '')).split() \
            if comment else []
        if len(words) < 5:
            yield f'{name}:1: no opening paragraph that says what this module decides'
    if base.endswith('.h') and name not in GUARDED:
        if not re.search(r'^#pragma once$', text, re.MULTILINE):
            yield f'{name}:1: no #pragma once'


def main():
    faults = []
    for name, text in house.tracked():
        if not name.startswith('tests/fuzz/corpus/'):
            faults.extend(check(name, text))
    house.finish(faults, 'licence line, opening paragraph, #pragma once')


main()
