"""Watches a program's system calls on given files with strace, and makes chosen ones fail or kill."""

import collections
import re

Call = collections.namedtuple("Call", "at thread main name path")
OUR_CHILD = ("-D", "-qq")  # The program, not strace; and strace is silent.
LINE = re.compile(r'(\d+) +(\w+)\((?:(?:AT_FDCWD(?:<[^>]*>)?, )?"([^"]*)"|\d+<([^>]*)>)')


def _strace(paths, calls, *more):
    # Paths are compared as text, and with what a descriptor is of.
    chosen = [word for path in paths for word in ("-P", str(path))]
    return ["strace", "-f", "-y", *chosen, "-e", f"trace={','.join(calls)}", *more]


def _injection(call, what, when):
    return ["-o", "/dev/null", "-e", f"inject={call}:{what}:when={when}"]


def recording(file, paths, calls):
    """The command prefix that writes every one of `calls` on `paths` to `file`."""
    return _strace(paths, calls, *OUR_CHILD, "-s", "0", "-o", str(file))


def recorded(file):
    """The calls in such a file, in order; the main thread's come first."""
    with open(file, encoding="utf-8") as lines:
        found = [LINE.match(line) for line in lines]
    found = [match for match in found if match]
    return [Call(at, match[1], match[1] == found[0][1], match[2], match[3] or match[4])
            for at, match in enumerate(found)]


def injecting(paths, call, what, when):
    """The command prefix that does `what` to `call` on `paths`; `when` counts in each thread."""
    return _strace(paths, [call], *OUR_CHILD, *_injection(call, what, when))


def inject_from_now(process, paths, call, what, when):
    """The same to a program that runs already; returns the command that must run meanwhile, and what
    it says when it has begun."""
    return [*_strace(paths, [call], *_injection(call, what, when)), "-p", str(process.pid)], "attached"


def killing(paths, call, number):
    """The command prefix that kills the program before its call of that number in a thread."""
    return injecting(paths, call, "signal=SIGKILL", number)


def reached(calls):
    """Which of the recorded calls, by name and number, a `when` can tell: {(name, number): call}.

    strace counts in each thread, so a number stands for the thread that comes to it first."""
    counts, firsts = collections.Counter(), {}
    for call in calls:
        counts[call.thread, call.name] += 1
        firsts.setdefault((call.name, counts[call.thread, call.name]), call)
    return firsts
