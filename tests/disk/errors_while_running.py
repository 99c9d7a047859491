"""Calls of a running exporter fail: it lives on and recovers by itself, or ends where it must.

Each trial begins with a store of which all is shown already, and new tasks to count.
"""

import signal

import harness
import lives
import store
import syscalls
import trials

AT_A_TIME = 8  # Mostly waiting: a store that failed rests for a second and more.
DEPTH = 16  # The first so many calls of a kind: three commits, and the log's own head.


class Life(trials.Trial):
    """An exporter whose calls of one kind fail on one file."""

    def __init__(self, name, scene, file, call, error, when):
        super().__init__(f"errors while running: {name}, {error} from {call} {when} of {file}")
        self.group = f"errors while running: {name}, {error} from {call} of {file}"
        self.scene, self.file, self.call, self.error, self.when = scene, file, call, error, when

    def attempt(self):
        self.exporter, self.shown = self.scene.prepare(self), store.Shown()
        self.launch([self.exporter.folder / self.file], self.call, f"error={self.error}", self.when)
        self.follow()

    def launch(self, *injection):
        self.exporter.launch(*syscalls.injecting(*injection))

    def watch(self, condition, what):
        return lives.watch(self.exporter, self.shown, condition, what)

    def end_well(self):
        page = self.watch(self.scene.settled, "all to be counted")
        code, _ = self.exporter.process.signal(signal.SIGTERM)
        assert code == 0, f"ended with {code}"
        self.log = self.exporter.process.output()
        self.check_end()
        return page

    def check_end(self):
        lives.check_settled(self.exporter, self.scene)
        lives.recover(self.exporter, self.scene, self.shown)  # It checks every row at its start.


class Outage(Life):
    """Commits fail for a while: the last values stay served, then all goes on without a restart."""

    def follow(self):
        page = self.watch(lives.store_is_out, "the store to fail")
        self.assertGreaterEqual(sum(harness.completed(page).values()), self.scene.shown_before)
        self.assertEqual(page.sum("acronis_exporter_poll_failures_total", by=("reason",)).keys(),
                         {("store",)})
        page = self.end_well()
        self.assertTrue(page.sum("acronis_exporter_store_errors_total"))
        self.assertIn("store does not work, what was committed stays served", self.log)
        self.assertIn("store works again", self.log)


class Warned(Life):
    """Something fails that no count depends on: there is a warning, and nothing else."""

    def follow(self):
        page = self.end_well()
        reasons = page.sum("acronis_exporter_poll_failures_total", by=("reason",))
        self.assertNotIn(("store",), reasons)
        self.assertRegex(self.log, self.WARNING)


class LogStays(Warned):
    WARNING = "level=warn .*write-ahead log cannot be moved into the store"

    def end_well(self):
        page = super().end_well()
        self.assertTrue(page.sum("acronis_exporter_store_errors_total"))
        return page

    def check_end(self):
        # The thread that closes the store has a count of its own and meets the error once more:
        # the log stays for the next start.
        lives.recover(self.exporter, self.scene, self.shown)


class LogUnread(LogStays):
    """The calls of the start are not counted: it reads much more of the log."""

    def launch(self, *injection):
        self.exporter.write_secret(lives.WRONG_SECRET)
        self.exporter.start()
        command, begun = syscalls.inject_from_now(self.exporter.process, *injection)
        self.start(*command).wait_for(begun)
        self.exporter.write_secret(harness.SECRET)


class NoGuard(Warned):
    WARNING = "level=warn .*guard file cannot be written"


class FailedSync(Life):
    """Nothing can be believed after it: the process ends, and the next one reads what is there."""

    def follow(self):
        code = lives.live(self.exporter, self.shown, lambda page: False)
        log = self.exporter.process.output()
        self.assertEqual(code, 1, log)
        self.assertIn("store cannot be trusted any more, an fsync failed", log)
        lives.recover(self.exporter, self.scene, self.shown)


def numbers(calls, name):
    """Which calls of that name the writer makes, the first ones."""
    return [number for (call, number), first in syscalls.reached(calls).items()
            if call == name and not first.main and number <= DEPTH]


def of_commits(scene, calls):
    log = "ledger.db-wal"
    writes, syncs = numbers(calls[log], "pwrite64"), numbers(calls[log], "fdatasync")
    assert len(writes) == DEPTH and len(syncs) >= 2, (writes, syncs)
    found = [FailedSync("commit", scene, log, "fdatasync", "EIO", when) for when in syncs]
    for error in ("EIO", "ENOSPC"):
        found += [Outage("commit", scene, log, "pwrite64", error, when) for when in writes]
        found.append(Outage("three times", scene, log, "pwrite64", error, "4..6"))
    # What a file system that was made read-only answers.
    found.append(Outage("three times", scene, log, "pwrite64", "EROFS", "4..6"))
    found += [NoGuard("scrape", scene, "ledger.guard.new", call, "EIO", 1)
              for call in ("openat", "write", "rename")]
    return found


def of_checkpoint(scene, calls):
    """The log is moved into the store: written there, read here, synced both."""
    moved, syncs = (numbers(calls["ledger.db"], name) for name in ("pwrite64", "fdatasync"))
    assert len(moved) >= 3 and syncs, (moved, syncs)
    found = [LogStays("checkpoint", scene, "ledger.db", "pwrite64", error, when)
             for error in ("EIO", "ENOSPC") for when in moved]
    found += [LogUnread("checkpoint", scene, "ledger.db-wal", "pread64", "EIO", when)
              for when in (1, 2, 3)]
    return found + [FailedSync("checkpoint", scene, "ledger.db", "fdatasync", "EIO", when)
                    for when in syncs]


def run():
    with trials.stage() as case:
        world = harness.Simulator(case, rate=0, tls=False)
        history = lives.add_history(world, 10)
        baseline = lives.Scene("baseline", world, history)
        counted = lives.remains(case, baseline)
        scene = lives.Scene("commit", world, history + lives.add_news(world), template=counted,
                            interval="200ms")
        scene.shown_before = history
        found = of_commits(scene, lives.record(case, scene))

        world = harness.Simulator(case, rate=0, tls=False)
        history = lives.add_history(world, 100)
        scene = lives.Scene("checkpoint", world, history,
                            template=lives.nearly_long(case, world, history), interval="200ms")
        found += of_checkpoint(scene, lives.record(case, scene))
        trials.run(found, AT_A_TIME)
