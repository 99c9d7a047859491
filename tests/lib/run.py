"""Runs suites, each within its time budget, and counts their cases.

A suite is a program in tests/suites/. It prints one line per case, "ok - GROUP: CASE" or
"not ok - GROUP: CASE" ("GROUP: " may be left out), or "skip - WHY" if it cannot run on this
machine. Whatever else it prints is shown only when it fails.
"""

import argparse
import collections
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Name and time budget in seconds, on two cores. A suite that takes longer has failed.
# All of them together are an hour at most.
PLAIN = {"plain": 520}
DEEP = {
    "format": 30,
    "install": 20,
    "lint": 840,
    "sanitize": 720,
    "threads": 430,
    "faults": 140,
    "histories": 125,
    "crash": 80,
    "disk": 40,
    "fuzz": 370,
    "endpoint": 145,
    "browser": 60,
    "agents": 80,
}
TAIL = 120


class Outcome:
    """What one suite reported."""

    def __init__(self):
        self.groups = collections.OrderedDict()
        self.passed = 0
        self.failures = []
        self.skip = ""
        self.other = collections.deque(maxlen=TAIL)

    def read(self, line):
        word, dash, text = line.partition(" - ")
        if dash and word == "ok":
            self.passed += 1
            self._group(text)[0] += 1
        elif dash and word == "not ok":
            self.fail(text)
        elif dash and word == "skip":
            self.skip = text
        else:
            self.other.append(line)

    def fail(self, text):
        self.failures.append(text)
        self._group(text)[1] += 1

    def _group(self, text):
        name, colon, _ = text.partition(": ")
        return self.groups.setdefault(name if colon else "", [0, 0])


def end(process):
    """Ends the suite and all it started: they share a process group."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def run_suite(name, budget):
    """Runs tests/suites/NAME. Returns its outcome; a suite without a single case has failed."""
    outcome = Outcome()
    process = subprocess.Popen(
        [ROOT / "tests" / "suites" / name], cwd=ROOT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        start_new_session=True)
    late = threading.Event()
    timer = threading.Timer(budget, lambda: (late.set(), end(process)))
    timer.start()
    try:
        for line in process.stdout:
            outcome.read(line.rstrip("\n"))
        code = process.wait()
    finally:
        timer.cancel()
        end(process)
    if late.is_set():
        outcome.fail(f"{name} took longer than its budget of {budget} s")
    elif code != 0 and not outcome.failures:
        outcome.fail(f"{name} ended with code {code}")
    elif outcome.passed == 0 and not outcome.failures and not outcome.skip:
        outcome.fail(f"{name} ran no case")
    return outcome


def show(name, budget, outcome, seconds):
    if outcome.failures:
        for line in outcome.other:
            print(f"    {line}")
        for text in outcome.failures:
            print(f"  FAILED {text}")
    for group, (passed, failed) in outcome.groups.items():
        if group:
            print(f"  {group:<28} {passed:5d} passed {failed:3d} failed")
    if outcome.skip:
        print(f"{name}: skipped: {outcome.skip}", flush=True)
        return
    print(f"{name}: {outcome.passed} passed, {len(outcome.failures)} failed "
          f"({seconds:.0f} s of {budget} s)", flush=True)


def chosen(arguments):
    suites = {**PLAIN, **DEEP}
    if arguments.suite:
        return {name: suites[name] for name in arguments.suite}
    return suites if arguments.deep else PLAIN


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/run", description="Builds and tests.")
    parser.add_argument("--deep", action="store_true",
                        help="the plain run, then the long suites: " + ", ".join(DEEP))
    parser.add_argument("--suite", action="append", choices=[*PLAIN, *DEEP], metavar="NAME",
                        help="only this suite (repeatable)")
    parser.add_argument("--list", action="store_true", help="print the suites and their budgets")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if arguments.list:
        for name, budget in {**PLAIN, **DEEP}.items():
            print(f"{name:<10} {budget:5d} s")
        return 0
    passed = failed = 0
    for name, budget in chosen(arguments).items():
        print(f"== {name}", flush=True)
        start = time.monotonic()
        outcome = run_suite(name, budget)
        show(name, budget, outcome, time.monotonic() - start)
        passed += outcome.passed
        failed += len(outcome.failures)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    # A stop from outside unwinds, so that the suite under way is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
