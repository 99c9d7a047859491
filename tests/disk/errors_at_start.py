"""Every call by which the exporter opens or closes its store fails once.

A start either does without the call, or ends with code 1 and says which store it is about. An end
does what it can. The next start must come to the truth, whatever was left.
"""

import re

import harness
import lives
import store
import syscalls
import trials

AT_A_TIME = 4
ERRORS = {"pwrite64": ("EIO", "ENOSPC"), "write": ("EIO", "ENOSPC"), "openat": ("EIO", "EMFILE"),
          "fdatasync": ("EIO",), "fsync": ("EIO",), "ftruncate": ("EIO",), "rename": ("EIO",),
          "unlink": ("EIO",), "pread64": ("EIO",), "read": ("EIO",)}
# What a start can do without: the number in the lock is for people, the guard for a store that is
# put back, the main file alone is looked at before it is opened, and SQLite syncs the folder where
# we do so ourselves.
SPARED = {"ledger.db.lock": ("ftruncate", "pwrite64"), "ledger.db": ("openat", "pread64"),
          "ledger.guard": ("openat", "read"), ".": ("openat", "fdatasync")}
# At least so many starts are refused in each scene.
LEAST = {"begin": 80, "end": 38}


class Failure(trials.Trial):
    """One call that fails."""

    def __init__(self, scene, file, call, number, error):
        where = "at the end" if self.AT_END else "at start"
        super().__init__(f"errors {where}: {scene.name}, {error} from {call} {number} of "
                         + lives.place(file))
        self.group = f"errors {where}: {scene.name}, {error} from {call} of {lives.place(file)}"
        self.scene, self.file, self.call = scene, file, call
        self.number, self.error, self.refused = number, error, False

    def attempt(self):
        exporter, shown = self.scene.prepare(self), store.Shown()
        exporter.launch(*syscalls.injecting([exporter.folder / self.file], self.call,
                                            f"error={self.error}", self.number))
        code = lives.live(exporter, shown, self.scene.over)
        self.judge(code, exporter)
        lives.recover(exporter, self.scene, shown)


class AtStart(Failure):
    AT_END = False

    def judge(self, code, exporter):
        self.refused = code == 1
        if self.refused:
            self.assertRegex(exporter.process.output(),
                             rf"level=error .*{re.escape(str(exporter.store))}")
        else:
            self.assertEqual(code, 0)
            self.assertIn(self.call, SPARED.get(self.file, ()))


class AtEnd(Failure):
    AT_END = True

    def judge(self, code, exporter):
        self.assertIn(code, (0, 1))


def failures(scene, calls):
    """A trial for each call, but those that scrapes bring about."""
    found = []
    for file, own in calls.items():
        for (name, number), call in syscalls.reached(own).items():
            if file != "ledger.guard.new":
                kind = AtStart if call.main else AtEnd
                found += [kind(scene, file, name, number, error) for error in ERRORS[name]]
    return found


def run():
    with trials.stage() as case:
        world = harness.Simulator(case, rate=0, tls=False)
        history = lives.add_history(world, 10)
        begin = lives.Scene("begin", world, history, secret=lives.WRONG_SECRET)
        baseline = lives.Scene("baseline", world, history, template=lives.remains(case, begin))
        end = lives.Scene("end", world, history, template=lives.remains(case, baseline),
                          secret=lives.WRONG_SECRET)
        for scene in (begin, end):
            found = failures(scene, lives.record(case, scene, lives.CALLS + lives.READS))
            trials.run(found, AT_A_TIME)
            refused = sum(trial.refused for trial in found)
            trials.report(f"errors at start: {scene.name}, enough is refused",
                          refused >= LEAST[scene.name], f"{refused} of {len(found)}")
