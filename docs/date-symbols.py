#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""date-symbols.py GIR DATED: "Since: icecold 1.0" of a comment becomes the version 1.0.

For the reference alone, which shows no version but figures. In the installed GIR such a version
would be measured by that of nice.pc, which is libnice's: valac refuses what is newer.
"""

import sys
import xml.etree.ElementTree as ElementTree

CORE = 'http://www.gtk.org/introspection/core/1.0'
NAMESPACES = {
    '': CORE,
    'c': 'http://www.gtk.org/introspection/c/1.0',
    'glib': 'http://www.gtk.org/introspection/glib/1.0',
}


def main():
    for prefix, uri in NAMESPACES.items():
        ElementTree.register_namespace(prefix, uri)
    tree = ElementTree.parse(sys.argv[1])
    for symbol in tree.iter():
        since = symbol.findtext(f'{{{CORE}}}doc-version', default='')
        if since.startswith('icecold '):
            symbol.set('version', since.removeprefix('icecold '))
    tree.write(sys.argv[2], encoding='utf-8', xml_declaration=True)


main()
