#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Includes point downward only, and never in a circle.

A module is a .c file with the header of its name. The build already refuses most upward
includes, having no such path; this says it by name and finds the circles.
"""

import os
import re

import house

# What each folder may include, by the first word of the path; "" is the folder itself.
ENGINE_SEES = {'socket/address.h', 'socket/packet.h'}
MAY = {
    'stun': {'stun'},
    'stun/turn': {'turn', 'stun'},
    'socket': {'socket', 'turn', 'stun'},
    'agent/ice': {'ice', 'stun'},
    'agent/pseudotcp': {'pseudotcp'},
    'agent/io': {'io', 'ice', 'socket', 'turn', 'stun', 'pseudotcp'},
    'agent': {'io', 'ice', 'socket', 'turn', 'stun', 'pseudotcp', 'agent', 'nice'},
    'gst': {'nice'},
}
FOLDER_OF = {'stun': 'stun', 'turn': 'stun/turn', 'socket': 'socket', 'ice': 'agent/ice',
             'pseudotcp': 'agent/pseudotcp', 'io': 'agent/io', 'nice': 'agent'}
# Both public: a program that includes either has always got both.
KNOWN_CIRCLES = [['stun/stunagent', 'stun/stunmessage']]
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)


def folder_of(name):
    folder = os.path.dirname(name)
    while folder and folder not in MAY:
        folder = os.path.dirname(folder)
    return folder


def target(name, include):
    """The file in the tree that an include means, or None for the system's."""
    root, _, rest = include.partition('/')
    here = os.path.join(os.path.dirname(name), include)
    if os.path.isfile(os.path.join(house.ROOT, here)):
        return os.path.normpath(here)
    if rest and root in FOLDER_OF:
        path = os.path.join(FOLDER_OF[root], rest)
        if os.path.isfile(os.path.join(house.ROOT, path)):
            return path
    if not rest and os.path.isfile(os.path.join(house.ROOT, 'agent', include)):
        return os.path.join('agent', include)
    return None


def upward(name, line, include):
    root = include.split('/')[0]
    if '/' not in include or root not in FOLDER_OF:
        return None
    folder = folder_of(name)
    if root in MAY[folder] or (folder == 'agent/ice' and include in ENGINE_SEES):
        return None
    return f'{name}:{line}: {folder}/ may not include "{include}"'


def circles(graph):
    """Each circle once, as the list of its modules (Tarjan's strongly connected components)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def main():
    faults = []
    graph = {}
    for name in house.walk(house.LIBRARY, ('.c', '.h')):
        text = house.read(name)
        for match in INCLUDE.finditer(house.without_comments(text)):
            include = match.group(1)
            line = text.count('\n', 0, match.start()) + 1
            fault = upward(name, line, include) if folder_of(name) else None
            if fault:
                faults.append(fault)
            to = target(name, include)
            if not to and '/' in include and include.split('/')[0] in FOLDER_OF:
                faults.append(f'{name}:{line}: "{include}" is not in the tree: a libnice that '
                              'is installed would lend its own')
            modules = os.path.splitext(name)[0], to and os.path.splitext(to)[0]
            if to and modules[0] != modules[1]:
                graph.setdefault(modules[0], set()).add(modules[1])
    for circle in circles(graph):
        if circle in KNOWN_CIRCLES:
            continue
        faults.append(f'{circle[0]}.h:1: modules include each other: {", ".join(circle)}')
    house.finish(faults, 'includes point downward and never in a circle')


main()
