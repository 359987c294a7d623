#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every file with messages is in po/POTFILES.in, and every language translates them all."""

import os
import re
import shutil
import subprocess
import tempfile

import house

MARKED = re.compile(r'\b(?:_|N_|g_dngettext) \(')
KEYWORDS = ('_', 'N_', 'g_dngettext:2,3')


def listed(name):
    lines = house.read(os.path.join('po', name)).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith('#')]


def unlisted():
    files = set(listed('POTFILES.in'))
    for name in house.walk(house.LIBRARY + ('tools',), '.c'):
        if name not in files and MARKED.search(house.code_only(house.read(name))):
            yield f'{name}:1: has messages and is not in po/POTFILES.in'
    for name in sorted(files):
        if not os.path.isfile(os.path.join(house.ROOT, name)):
            yield f'po/POTFILES.in:1: names {name}, which is not there'


def missing(language, template, scratch):
    """The messages that a catalogue lacks, or has only by guessing."""
    merged = os.path.join(scratch, language)
    subprocess.run(['msgmerge', '--quiet', '--no-fuzzy-matching', '-o', merged,
                    f'po/{language}.po', template], cwd=house.ROOT, check=True)
    left = subprocess.run(['msgattrib', '--no-obsolete', '--untranslated', merged],
                          capture_output=True, text=True, check=True).stdout
    for entry in left.split('\n\n')[1:]:
        text = ' '.join(re.findall(r'^(?:msgid )?"(.*)"$', entry, re.MULTILINE))
        yield f'po/{language}.po:1: not translated: {text.strip()}'
    check = subprocess.run(['msgfmt', '--check', '-o', os.devnull, f'po/{language}.po'],
                           cwd=house.ROOT, capture_output=True, text=True)
    if check.returncode != 0:
        yield check.stderr.strip()


def main():
    if not shutil.which('xgettext'):
        house.skip('gettext is not installed')
    faults = list(unlisted())
    with tempfile.TemporaryDirectory() as scratch:
        template = os.path.join(scratch, 'template.pot')
        house.run('xgettext', '--from-code=UTF-8', '--files-from=po/POTFILES.in',
                  *[f'--keyword={word}' for word in KEYWORDS], '-o', template)
        for language in listed('LINGUAS'):
            faults.extend(missing(language, template, scratch))
    house.finish(faults, 'all messages are listed and translated')


main()
