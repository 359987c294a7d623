#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each header compiles alone, seen through the include roots of its own folder.

Called by meson with the build folder and the compiler; `meson test -C build headers` runs it.
"""

import concurrent.futures
import os
import subprocess
import sys

import house

# The include roots of each folder, lowest first (meson/include-roots.sh makes them).
ROOTS = {
    'stun': ('stun',),
    'stun/turn': ('stun', 'turn'),
    'socket': ('stun', 'turn', 'socket'),
    'agent/ice': ('stun', 'socket-values', 'ice'),
    'agent/pseudotcp': ('pseudotcp',),
    'agent/io': ('stun', 'turn', 'socket', 'ice', 'pseudotcp', 'io'),
    'agent': ('stun', 'turn', 'socket', 'ice', 'pseudotcp', 'io', 'public', 'public/nice'),
    'gst': (),
}
GSTREAMER = 'gstreamer-base-1.0'


def folder_of(name):
    folder = os.path.dirname(name)
    while folder and folder not in ROOTS:
        folder = os.path.dirname(folder)
    return folder


def compile_alone(compiler, build, name):
    scratch = os.path.join(build, 'tests', 'style', 'alone')
    os.makedirs(scratch, exist_ok=True)
    stem = os.path.join(scratch, name.replace('/', '-')[:-2])
    with open(stem + '.c', 'w', encoding='utf-8') as file:
        file.write('#include "config.h"\n')
        file.write(f'#include "{os.path.join(house.ROOT, name)}"\n')
        file.write('typedef int compiled_alone;\n')
    roots = [f'-I{build}/inc/{root}' for root in ('config',) + ROOTS[folder_of(name)]]
    roots += [f'-I{build}/inc/{root}' for root in ('public', 'public/nice')]
    done = subprocess.run([*compiler, *roots, '-c', stem + '.c', '-o', stem + '.o'],
                          capture_output=True, text=True)
    return None if done.returncode == 0 else f'{name}:1: does not compile alone\n{done.stderr}'


def main():
    build, compiler = sys.argv[1], sys.argv[2:]
    compiler += house.run('pkg-config', '--cflags', 'gio-2.0', 'libcrypto').split()
    folders = ['stun', 'socket', 'agent']
    if subprocess.run(['pkg-config', '--exists', GSTREAMER]).returncode == 0:
        folders.append('gst')
        compiler += house.run('pkg-config', '--cflags', GSTREAMER).split()
    names = list(house.walk(folders, '.h'))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda name: compile_alone(compiler, build, name), names)
        faults = [fault for fault in results if fault]
    house.finish(faults, f'each of {len(names)} headers compiles alone')


main()
