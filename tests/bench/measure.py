# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the benchmarks measure: times that take turns, counts by difference.

A figure is measured of OURS, of the system's LIBNICE and of bare SOCKETS (whoever can do
the work), in turns, so that whatever else the machine does hits all of them; it is the
median. What is counted (instructions, system calls, allocations, locks) is counted in a
run of few and a run of many, and the difference divided: what happens once cancels out.
"""

import os
import re
import shutil
import statistics
import subprocess

OURS, LIBNICE, SOCKETS = 'icecold', 'libnice', 'bare sockets'


def system_folder():
    """Where the system's own libnice.so.10 is, or None."""
    listing = subprocess.run(['/sbin/ldconfig', '-p'], capture_output=True, text=True,
                             check=False).stdout
    for line in listing.splitlines():
        if 'libnice.so.10' in line and '=>' in line:
            return os.path.dirname(line.split('=>')[1].strip())
    return None


class Bench:
    """The programs of one build folder, and the libraries that they run on."""

    def __init__(self, build):
        self.programs = os.path.join(build, 'tests', 'bench')
        self.folders = {OURS: os.path.join(build, 'agent'), LIBNICE: system_folder()}

    def program(self, name):
        return os.path.join(self.programs, name)

    def run(self, who, command, timeout=120, wrap=(), **environment):
        """What the program printed (both streams), or None where it failed or hung."""
        full = dict(os.environ)
        full.pop('LD_LIBRARY_PATH', None)
        if who != SOCKETS:
            if self.folders[who] is None:
                return None
            full['LD_LIBRARY_PATH'] = self.folders[who]
        full.update(environment)
        command = [*wrap, self.program(command[0]), *command[1:]]
        try:
            done = subprocess.run(command, env=full, text=True, timeout=timeout,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=True)
        except subprocess.SubprocessError:
            return None
        return done.stdout

    def figure(self, who, command, name=None, **environment):
        """The number that the program printed, behind NAME where it prints several."""
        text = self.run(who, command, **environment)
        pattern = rf'^{name} (-?[\d.]+)' if name else r'^(-?[\d.]+)'
        found = re.search(pattern, text or '', re.MULTILINE)
        return float(found.group(1)) if found else None

    def turns(self, commands, rounds, name=None, **environment):
        """Medians by who, of {who: command} run in turns."""
        figures = {who: [] for who in commands}
        for _ in range(rounds):
            for who, command in commands.items():
                figures[who].append(self.figure(who, command, name, **environment))
        return {who: median(values) for who, values in figures.items()}

    # --- counts ---

    def count(self, who, kind, command, **environment):
        """How many of KIND one run of the command needs, or None."""
        tool = {'instructions': 'valgrind', 'system calls': 'strace'}.get(kind)
        if tool and not shutil.which(tool):
            return None
        if kind == 'instructions':
            text = self.run(who, command, wrap=[
                'valgrind', '--tool=callgrind', f'--callgrind-out-file={os.devnull}'],
                            timeout=300, **environment)
            found = re.search(r'Collected : (\d+)', text or '')
        elif kind == 'system calls':
            text = self.run(who, command, wrap=['strace', '-f', '-c', '-U', 'calls,name'],
                            **environment)
            found = re.search(r'^ *(\d+) total', text or '', re.MULTILINE)
        else:
            text = self.run(who, command, G_SLICE='always-malloc',
                            LD_PRELOAD=self.program('libcount-calls.so'), **environment)
            found = re.search(rf'^{kind} (\d+)', text or '', re.MULTILINE)
        return int(found.group(1)) if found else None

    def each(self, who, kind, few, many, items):
        """How many of KIND one item costs: FEW and MANY are (command, environment)."""
        a, b = (self.count(who, kind, command, **environment)
                for command, environment in (few, many))
        return None if a is None or b is None else (b - a) / items


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None
