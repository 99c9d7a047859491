"""Faults that are switched on, show for a few polls, and are switched off."""

import dataclasses

import scene
from scene import value

KINDS = ("missing", "null", "string", "number", "array", "object", "empty", "long")
NOTHING = {}


@dataclasses.dataclass(frozen=True)
class Row:
    """A fault, and all that it may do."""

    case: str  # As the catalogue of docs/faults.md has it.
    fault: str
    value: str = None  # None: the default of the simulator.
    reason: str = ""  # Why polls fail under it; empty: they go on well.
    # Requests of a failed poll that meet it, those left out that are repeated on a fresh
    # connection; 0: not the same in every poll.
    requests: int = 1
    retries: dict = dataclasses.field(default_factory=dict)  # Of a failed poll, by reason.
    retries_at_first: dict = dataclasses.field(default_factory=dict)  # Once, by reason.
    warnings: dict = dataclasses.field(default_factory=dict)  # Lines in the log, by message.
    readable: bool = None  # Pages and tokens are good; None: they are if the polls are.
    disguised: bool = False  # What is shown is not what the task is.
    polls: int = 2  # To wait for, under the fault.
    memory: int = 12  # MiB more that may be in use for a moment.
    path: str = None
    count: int = None
    revoke: bool = False  # New tokens are needed.
    renewals: int = 0  # Renewals of the token that fail: in all; -1: one a poll.
    refusals: int = None  # Answers with status 400, in all.
    interval: str = "500ms"
    settings: dict = dataclasses.field(default_factory=dict)

    @property
    def name(self):
        words = [self.fault, self.value or "", f"on {self.path}" if self.path else ""]
        return f"{self.case}: {' '.join(word for word in words if word)}"


# These meet new connections only; the kept-alive one is made to end.
AT_CONNECT = ("refuse", "tls")


class Fault(scene.Trial):
    """One row, from before the fault until all is as if it had not been."""

    def __init__(self, row):
        super().__init__(row.name)
        self.row = row
        self.readable = not row.reason if row.readable is None else row.readable

    def attempt(self):
        row = self.row
        self.begin(interval=row.interval, **row.settings)
        self.strike(self.switch_on)
        page, seen = self.look_and_clear(row.polls)
        self.check_polls(page, seen)
        self.check_retries(page, seen)
        if row.refusals is not None:
            self.assertEqual(seen.count(status=400), row.refusals)
        self.recover(row.disguised)
        self.check_memory(row.memory)
        self.check_log(failures=1 if row.reason else 0, warnings=row.warnings)
        self.end()

    def switch_on(self):
        row = self.row
        if row.fault in AT_CONNECT:
            self.simulator.hang_up()
        wanted = {"value": row.value, "path": row.path, "count": row.count}
        self.simulator.set_fault(row.fault, **{key: word for key, word in wanted.items()
                                               if word is not None})
        if row.revoke:
            self.simulator.revoke_tokens()

    def check_polls(self, page, seen):
        row, failed = self.row, self.failed(page)
        if not row.reason:
            self.assertEqual((failed, self.added(page, "poll_failures_total", "reason")), (0, {}))
            return
        self.assertEqual(self.good(page), 0)
        self.assertEqual(self.added(page, "poll_failures_total", "reason"), {row.reason: failed})
        if row.requests:
            self.assertEqual(seen.struck() - self.seen.struck(), row.requests * failed)

    def check_retries(self, page, seen):
        row, failed = self.row, self.failed(page)
        wanted = {reason: count * failed for reason, count in row.retries.items()}
        if row.fault == "idle_close":
            return  # Whether a request meets the end of the connection is chance, and not seen.
        unasked = {"network": seen.repeated - self.seen.repeated}
        for more in (row.retries_at_first, unasked):
            for reason, count in more.items():
                wanted[reason] = wanted.get(reason, 0) + count
        self.assertEqual(self.added(page, "api_retries_total", "reason"),
                         {reason: count for reason, count in wanted.items() if count})
        renewals = failed if row.renewals < 0 else row.renewals
        self.assertEqual(value(page, "token_refreshes_total", result="error"), renewals)
