# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the style checks share: which files there are, C without its comments, how to report.

Knows no rule; each check is a program of its own beside this file and runs alone:
    tests/style/check-sizes.py
"""

import os
import re
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
LIBRARY = ('stun', 'socket', 'agent', 'gst')
ALL = LIBRARY + ('tools', 'examples', 'tests')
SKIPPED = 77

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.DOTALL)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')


def walk(folders, endings):
    for folder in folders:
        for where, below, names in os.walk(os.path.join(ROOT, folder)):
            below[:] = sorted(d for d in below if not d.startswith(('.', '__')))
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(where, name), ROOT)


def tracked():
    """Every text file of the repository, or of the archive when there is no git."""
    git = subprocess.run(['git', '-C', ROOT, 'ls-files', '-z'], capture_output=True, text=True)
    if git.returncode == 0:
        names = [name for name in git.stdout.split('\0') if name]
    else:
        names = list(walk(('.',), ''))
    for name in names:
        if not os.path.isfile(os.path.join(ROOT, name)):
            continue
        try:
            yield name, read(name)
        except UnicodeDecodeError:
            continue


def read(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as file:
        return file.read()


def blank(text):
    """The same number of lines, and nothing on them."""
    return ''.join(c if c == '\n' else ' ' for c in text)


def without_comments(text):
    """Comments blanked, strings kept; a comment mark inside a string is no comment."""
    both = re.compile(f'({STRING.pattern})|{COMMENT.pattern}', re.DOTALL)
    return both.sub(lambda m: m.group(1) if m.group(1) else blank(m.group(0)), text)


def code_only(text):
    """Comments, the insides of strings, and preprocessor lines blanked."""
    text = STRING.sub(lambda m: '"' + ' ' * (len(m.group(0)) - 2) + '"', without_comments(text))
    return re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', lambda m: blank(m.group(0)), text,
                  flags=re.MULTILINE)


def run(*command):
    """What a command prints; a command that fails fails the check."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f'{command[0]} failed: {done.stderr}')
    return done.stdout


def libraries():
    """The static libraries that meson named, relative to its build folder."""
    paths = [os.path.abspath(name) for name in sys.argv[1:]]
    if not paths:
        skip('no library was named; meson test runs this')
    return paths


# Of these libraries only some modules are pure: the layers, not the endpoints.
PARTLY_PURE = {'libsocket.a': re.compile(r'(?:layer|chain|recipes)')}


def is_pure(library, member):
    pure = PARTLY_PURE.get(os.path.basename(library))
    return pure is None or pure.match(member) is not None


def skip(reason):
    print(f'skip: {reason}')
    sys.exit(SKIPPED)


def finish(faults, rule):
    """Prints what was found and ends the program."""
    for fault in faults:
        print(fault)
    if faults:
        print(f'{len(faults)} against the rule: {rule}')
        sys.exit(1)
    print(f'holds: {rule}')
    sys.exit(0)
