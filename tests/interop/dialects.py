#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dialects of ICE that libnice knows: ours and the system's libnice connect in each,
whoever controls.

Usage: dialects.py PROGRAM FOLDER-OF-OUR-LIBRARY [DIALECT…]
"""
import sys

from reliable import SKIPPED, run, system_library

DIALECTS = {"rfc5245": 0, "google": 1, "msn": 2, "wlm2009": 3, "oc2007": 4, "oc2007r2": 5}


def main():
    program, ours = sys.argv[1:3]
    theirs = system_library()
    if theirs is None:
        print("1..0 # SKIP there is no libnice on this system")
        return SKIPPED
    pairs = {"ours-theirs": (ours, theirs), "theirs-ours": (theirs, ours),
             "ours-ours": (ours, ours)}
    failed = number = 0
    for name in sys.argv[3:] or DIALECTS:
        for pair, folders in pairs.items():
            number += 1
            ends = run(program, folders,
                       [(role, str(DIALECTS[name])) for role in ("offer", "answer")])
            wrong = [end.lines for end in ends
                     if end.process.returncode != 0 or "over" not in end.lines]
            print("not ok" if wrong else "ok", number, f"{name}/{pair}", flush=True)
            for lines in wrong:
                print("#", lines)
            failed += bool(wrong)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
