#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dialects of ICE that libnice knows: ours and the system's libnice connect in each,
whoever controls.

Usage: dialects.py PROGRAM FOLDER-OF-OUR-LIBRARY [DIALECT…]
"""
import sys

from ends import run, run_rows

DIALECTS = {"rfc5245": 0, "google": 1, "msn": 2, "wlm2009": 3, "oc2007": 4, "oc2007r2": 5}


def complain(name, program, folders, ours):
    ends = run(program, folders,
               [(role, str(DIALECTS[name])) for role in ("offer", "answer")])
    return [end.lines for end in ends
            if end.process.returncode != 0 or "over" not in end.lines]


if __name__ == "__main__":
    sys.exit(run_rows(DIALECTS, complain))
