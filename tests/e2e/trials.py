"""Runs the trials of a long suite, several at a time, and prints what tests/run counts."""

import concurrent.futures
import contextlib
import time
import traceback

import harness


class Trial(harness.Case):
    """A case that a pool runs, not unittest. Trials of one group pass together, as one line."""

    group = ""

    def __init__(self, name):
        super().__init__("attempt")
        self.name = name
        self.processes = []

    def attempt(self):
        raise NotImplementedError

    def start(self, *command, environment=None):
        process = super().start(*command, environment=environment)
        self.processes.append(process)
        return process

    def outcome(self):
        """What went wrong; empty if nothing did."""
        trouble = ""
        try:
            self.setUp()
            self.attempt()
        except Exception:  # Whatever it is, it is the trial's failure.
            logs = "".join(f"\n{process.command}\n{process.output()}" for process in self.processes)
            trouble = traceback.format_exc() + logs
        self.doCleanups()
        return trouble + "\n".join(self.told)


@contextlib.contextmanager
def stage():
    """A case for what many trials share."""
    case = Trial("stage")
    case.setUp()
    try:
        yield case
    finally:
        case.doCleanups()
        if case.told:
            report("secrets: what the trials share keeps them", False, "\n".join(case.told))


def report(name, good, details=""):
    """A line for something that is no trial of its own."""
    print(f"{details}\nok - {name}" if good else f"{details}\nnot ok - {name}", flush=True)


def run(trials, at_a_time):
    """Runs them all. Prints a line per trial, or one for a whole group that passed."""
    begin = time.monotonic()
    groups = {}
    with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
        for trial, trouble in zip(trials, pool.map(lambda trial: trial.outcome(), trials)):
            groups.setdefault(trial.group or trial.name, []).append((trial, trouble))
            if trouble:
                print(f"{trouble}\nnot ok - {trial.name}", flush=True)
    for group, outcomes in groups.items():
        if not any(trouble for _, trouble in outcomes):
            number = len(outcomes)
            points = f", {number} point{'s'[:number - 1]}" if outcomes[0][0].group else ""
            print(f"ok - {group}{points}", flush=True)
    print(f"{len(trials)} trials in {time.monotonic() - begin:.0f} s", flush=True)
