#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sums the test logs of several builds into one line.

Decides what counts as one test: each case of a program that speaks TAP, else the program;
and what of a failed program's words stands beside its name. Knows meson's testlog.json
and nothing of the tests.
"""

import json
import re
import sys

LAST_WORDS = 20  # lines

CASE = re.compile(r'^(not )?ok \d+(?: -)? ?(.*)$')
SKIP = re.compile(r'#\s*skip\b\s*(.*)$', re.IGNORECASE)
REASON = re.compile(r'^(?:#\s*)?skip(?:ped)?:?\s*(.*)$', re.IGNORECASE)


class Sum:
    def __init__(self):
        self.passed = 0
        self.failures = []
        self.skips = []
        self.last_words = []

    def add_cases(self, where, cases):
        """The cases of one program; returns how many of them failed."""
        failed = 0
        for bad, text in cases:
            skip = SKIP.search(text)
            name = text.split('#')[0].strip()
            if bad:
                failed += 1
                self.failures.append(f'{where} {name}')
            elif skip:
                self.skips.append(f'{where} {name}: {skip.group(1) or "no reason given"}')
            else:
                self.passed += 1
        return failed

    def add_test(self, label, test):
        where = f'{label}: {test["name"]}'
        output = test.get('stdout') or ''
        cases = [m.groups() for m in map(CASE.match, output.splitlines()) if m]
        failed = self.add_cases(where, cases)
        if test['result'] in ('OK', 'EXPECTEDFAIL'):
            if not cases:
                self.passed += 1
        elif test['result'] == 'SKIP':
            if not cases:
                self.skips.append(f'{where}: {skip_reason(output)}')
        else:
            if failed == 0:
                self.failures.append(f'{where} ({test["result"].lower()})')
            self.last_words.append((where, last_words(output + (test.get('stderr') or ''))))


def last_words(output):
    lines = [line for line in output.splitlines() if line and not line.startswith('ok ')]
    return lines[-LAST_WORDS:]


def skip_reason(output):
    lines = [line for line in output.splitlines() if line.strip()]
    for line in lines:
        match = REASON.match(line.strip())
        if match and match.group(1):
            return match.group(1)
    return lines[-1].strip() if lines else 'no reason given'


def main(logs):
    total = Sum()
    for log in logs:
        label, path = log.split('=', 1)
        if path == 'failed-build':
            total.failures.append(f'{label}: does not build')
            continue
        with open(path, encoding='utf-8') as lines:
            for line in lines:
                total.add_test(label, json.loads(line))
    for line in total.skips:
        print('skipped', line)
    for where, lines in total.last_words:
        print('the last words of', where)
        for line in lines:
            print('   ', line)
    for line in total.failures:
        print('FAILED', line)
    print(f'{total.passed} passed, {len(total.failures)} failed, {len(total.skips)} skipped')
    return 1 if total.failures or total.passed == 0 else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
