#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reliable agents of ours and of the system's libnice as peers, in all orders of closing.

Each row is a pair of scripts for tests/interop/reliable-end.c, which runs once on either
library. What one end sent is what the other heard, by its sum; and both come to the end.

Usage: reliable.py PROGRAM FOLDER-OF-OUR-LIBRARY [ROW…]
"""
import os
import subprocess
import sys
import threading

SKIPPED = 77
PATIENCE = 20  # seconds, for what hangs

# name: (transport, manner, script of the offering end, script of the answering end)
ROWS = {
    "offerer-closes-first": (
        "udp", "streams",
        "send:100000 read:50000 meet close",
        "read:100000 send:50000 meet end close"),
    "answerer-closes-first": (
        "udp", "streams",
        "read:100000 send:50000 meet end close",
        "send:100000 read:50000 meet close"),
    "both-close": (
        "udp", "streams",
        "send:3000000 read:3000000 meet close",
        "send:3000000 read:3000000 meet close"),
    "both-shut": (
        "udp", "streams",
        "send:100000 read:100000 meet shut end close",
        "send:100000 read:100000 meet shut end close"),
    "offerer-shuts-first": (
        "udp", "streams",
        "send:100000 read:50000 shut end close",
        "send:50000 end shut close"),
    "answerer-shuts-first": (
        "udp", "streams",
        "send:50000 end shut close",
        "send:100000 read:50000 shut end close"),
    "offerer-closes-at-once": (
        "udp", "streams", "send:100000 close meet", "end close meet"),
    "answerer-closes-at-once": (
        "udp", "streams", "end close meet", "send:100000 close meet"),
    "offerer-removes": (
        "udp", "streams", "send:100000 remove meet", "end failed meet"),
    "answerer-removes": (
        "udp", "calls", "end failed meet", "send:100000 remove meet"),
    "both-remove": (
        "udp", "callback",
        "send:100000 read:100000 meet remove", "send:100000 read:100000 meet remove"),
    "offerer-removes-while-sending": (
        "udp", "callback", "send:500000 remove meet meet", "meet read:500000 failed meet"),
    "answerer-removes-while-sending": (
        "udp", "callback", "meet read:500000 failed meet", "send:500000 remove meet meet"),
    "calls": (
        "udp", "calls",
        "send:3000000 read:2000000 meet remove", "read:3000000 send:2000000 meet end"),
    "tcp": (
        "tcp", "streams",
        "send:3000000 read:2000000 meet close", "read:3000000 send:2000000 meet close"),
    "tcp-removes": (
        "tcp", "callback",
        "send:3000000 read:2000000 meet remove", "read:3000000 send:2000000 meet failed"),
    # libnice has no way to send after the end that it hears.
    "offerer-shuts-and-hears": (
        "udp", "streams", "send:100000 shut end close meet",
        "end send:50000 shut close meet"),
    "answerer-shuts-and-hears": (
        "udp", "streams", "end send:50000 shut close meet",
        "send:100000 shut end close meet"),
}

# In one of thirty runs the peer hears other bytes than were sent, as docs/compatibility.md
# says. Runs when it is named.
UNSURE = {("tcp", "ours-theirs")}
OURS_ONLY = {"offerer-shuts-and-hears": 1, "answerer-shuts-and-hears": 0}


def system_library():
    """The folder in which the loader finds the system's libnice, or None."""
    output = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    for line in output.splitlines():
        if line.strip().startswith("libnice.so.10 "):
            return os.path.dirname(line.split()[-1])
    return None


class End:
    """One process."""

    def __init__(self, program, folder, arguments):
        environment = dict(os.environ, LD_LIBRARY_PATH=folder)
        self.lines = []
        self.process = subprocess.Popen(
            [program, *arguments], env=environment, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def description(self):
        text = ""
        for line in self.process.stdout:
            text += line
            if line == ".\n":
                return text
        return None

    def say(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def follow(self, meeting):
        try:
            for line in self.process.stdout:
                self.lines.append(line.strip())
                if line == "meet\n":
                    meeting.wait()
                    self.say("\n")
        except (BrokenPipeError, threading.BrokenBarrierError):
            pass
        meeting.abort()
        self.process.wait()


def run(program, folders, arguments):
    """Two ends, each with its library and its arguments, until both are over."""
    ends = [End(program, *both) for both in zip(folders, arguments)]
    timer = threading.Timer(PATIENCE, lambda: [end.process.kill() for end in ends])
    timer.start()
    ends[1].say(ends[0].description())
    ends[0].say(ends[1].description())
    meeting = threading.Barrier(2)
    threads = [threading.Thread(target=end.follow, args=(meeting,)) for end in ends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    timer.cancel()
    return ends


def last(end, what):
    """Amount and sum of what an end sent or heard in all."""
    lines = [line.split() for line in end.lines if line.startswith(what + " ")]
    return lines[-1][1:3] if lines else None


def complaints(ends, scripts):
    for name, end, other, script in zip(("offerer", "answerer"), ends, reversed(ends),
                                        scripts):
        if end.process.returncode != 0 or "over" not in end.lines:
            yield f"{name} ended with {end.process.returncode} after {end.lines}"
        elif last(other, "sent") != last(end, "heard"):
            yield f"{name} heard {last(end, 'heard')} of {last(other, 'sent')}"
        elif "end" in script.split() and not any(
                line.startswith("heard ") and line.endswith(" end") for line in end.lines):
            yield f"{name} heard no end: {end.lines}"


def main():
    program, ours = sys.argv[1:3]
    theirs = system_library()
    if theirs is None:
        print("1..0 # SKIP there is no libnice on this system")
        return SKIPPED
    pairs = {"ours-theirs": (ours, theirs), "theirs-ours": (theirs, ours),
             "ours-ours": (ours, ours)}
    failed = number = 0
    for row in sys.argv[3:] or ROWS:
        transport, manner, *scripts = ROWS[row]
        for pair, folders in pairs.items():
            if row in OURS_ONLY and folders[OURS_ONLY[row]] != ours:
                continue
            if not sys.argv[3:] and (row, pair) in UNSURE:
                continue
            number += 1
            ends = run(program, folders, [(role, transport, manner, *script.split())
                                          for role, script in zip(("offer", "answer"),
                                                                  scripts)])
            wrong = list(complaints(ends, scripts))
            print("not ok" if wrong else "ok", number, f"{row}/{pair}", flush=True)
            for line in wrong:
                print("#", line)
            failed += bool(wrong)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
