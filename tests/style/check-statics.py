#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pure libraries hold no variable outside their objects.

Called with the static libraries; whatever stands in .data or .bss is state that two agents
would share. Constants that only the linker writes (.data.rel.ro) are constants.
"""

import os

import house

# GObject's registration of a type happens once a process and is no state of ours.
TYPES = ('g_define_type_id', 'static_g_define_type_id', '_parent_class', '_private_offset')


def main():
    faults = []
    for library in house.libraries():
        for line in house.run('nm', '-A', '-f', 'sysv', library).splitlines():
            fields = [field.strip() for field in line.split('|')]
            if len(fields) < 7 or 'OBJECT' not in fields[3] and 'TLS' not in fields[3]:
                continue
            section = fields[6]
            if not section.startswith(('.data', '.bss', '.tdata', '.tbss', '*COM*')):
                continue
            if section.startswith('.data.rel.ro'):
                continue
            where, _, symbol = fields[0].rpartition(':')
            member = os.path.basename(where)
            if any(kind in symbol for kind in TYPES) or not house.is_pure(library, member):
                continue
            faults.append(f'{member}: {symbol} is mutable ({section})')
    house.finish(faults, 'no mutable file statics in the pure folders')


main()
