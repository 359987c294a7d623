# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which test claims what: reads the comments of all tests for IDs behind a word."""

import os
import re

DOCS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(DOCS)
FUNCTION = re.compile(r'^(?:static void\n)?((?:test|scenario|def test)_?\w+|def \w+)', re.MULTILINE)


def read_table(name):
    """The rows below the head of a table in this folder."""
    with open(os.path.join(DOCS, name), encoding='utf-8') as file:
        return [line.rstrip('\n').split('\t') for line in file][1:]


def walk_tests():
    for folder, folders, names in os.walk(os.path.join(ROOT, 'tests')):
        folders.sort()
        for name in sorted(names):
            if name.endswith(('.c', '.h', '.py', '.sh', '.js')) or '.' not in name:
                yield os.path.relpath(os.path.join(folder, name), ROOT)


def read_claims(path, word, identifier):
    """Pairs of an ID and the case that claims it."""
    with open(os.path.join(ROOT, path), encoding='utf-8', errors='replace') as file:
        text = file.read()
    for claim in re.finditer(word + r'((?:[\s*#,]+(?:' + identifier + r')\b)+)', text):
        case = FUNCTION.search(text, claim.end())
        name = case.group(1).replace('def ', '') if case else ''
        for found in re.findall(identifier, claim.group(1)):
            yield found, f'{path[len("tests/"):]} {name}'.strip()


def render_sections(rows, claims, what, reasons=None):
    """Lines of tables, one a section: ID, what it is, the tests that claim it, or the reason
    why none does."""
    sections = {}
    for identifier, section, title in rows:
        sections.setdefault(section, []).append((identifier, title))
    lines = []
    for section, entries in sections.items():
        done = sum(1 for identifier, _ in entries if identifier in claims)
        excused = sum(1 for identifier, _ in entries if identifier in (reasons or {}))
        excuse = f', {excused} not ours' if excused else ''
        lines += [f'## {section} ({done} of {len(entries)}{excuse})', '',
                  f'| ID | {what} | tests |', '|---|---|---|']
        for identifier, title in entries:
            cases = '<br>'.join(sorted(claims.get(identifier, [])))
            cases = cases or (reasons or {}).get(identifier, '-')
            lines.append(f'| {identifier} | {title.replace("|", "/")} | {cases} |')
        lines.append('')
    return lines


def write_or_check(path, text, is_check):
    """A fault if the page is not current, else None."""
    if not is_check:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return None
    if os.path.exists(path):
        with open(path, encoding='utf-8') as file:
            if file.read() == text:
                return None
    return f'{os.path.basename(path)} is not current: run ./dev format'
