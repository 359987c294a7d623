# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two programs as peers, of which each runs on our library or on the system's libnice: what
they tell each other before they connect, where they meet, and the report of how they fared.
"""
import os
import subprocess
import sys
import threading

SKIPPED = 77
PATIENCE = 20  # seconds, for what hangs


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
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line == "meet\n":
                meeting.enter(self)
        self.process.wait()
        meeting.leave()


class Meeting:
    """Where an end waits for the other one; in vain, once that is over."""

    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = []
        self.is_over = False

    def enter(self, end):
        with self.lock:
            self.waiting.append(end)
            self.settle()

    def leave(self):
        with self.lock:
            self.is_over = True
            self.settle()

    def settle(self):
        if len(self.waiting) == 2:
            for end in self.waiting:
                end.say("\n")
        elif self.is_over:
            for end in self.waiting:
                end.process.stdin.close()
        else:
            return
        self.waiting = []


def run(program, folders, arguments):
    """Two ends, each with its library and its arguments, until both are over."""
    ends = [End(program, *both) for both in zip(folders, arguments)]
    timer = threading.Timer(PATIENCE, lambda: [end.process.kill() for end in ends])
    timer.start()
    ends[1].say(ends[0].description())
    ends[0].say(ends[1].description())
    meeting = Meeting()
    threads = [threading.Thread(target=end.follow, args=(meeting,)) for end in ends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    timer.cancel()
    return ends


def run_rows(rows, complain):
    """Runs the rows, or those that are named as arguments, with each pair of libraries.

    complain(row, program, folders, ours) lists what is wrong; None: not for that pair.
    """
    program, ours = sys.argv[1:3]
    theirs = system_library()
    if theirs is None:
        print("1..0 # SKIP there is no libnice on this system")
        return SKIPPED
    pairs = {"ours-theirs": (ours, theirs), "theirs-ours": (theirs, ours),
             "ours-ours": (ours, ours)}
    failed = number = 0
    for row in sys.argv[3:] or rows:
        for pair, folders in pairs.items():
            wrong = complain(row, program, folders, ours)
            if wrong is None:
                continue
            number += 1
            print("not ok" if wrong else "ok", number, f"{row}/{pair}", flush=True)
            for line in wrong:
                print("#", line)
            failed += bool(wrong)
    print(f"1..{number}")
    return 1 if failed else 0
