"""Kills the exporter before every write, sync, rename, unlink and open of its store and its guard.

Each scene is lived once with all its calls recorded, and then once for each call, up to that call.
After each death the exporter starts again on what is left and must come to the truth.
"""

import signal

import harness
import lives
import store
import syscalls
import trials

AT_A_TIME = 4
# Fewer points than that, and something is not watched any more.
LEAST = {"begin": 45, "baseline": 50, "end": 15, "sweep": 55, "checkpoint": 35}


class Point(trials.Trial):
    """One death and what comes after it."""

    def __init__(self, scene, file, call, number):
        super().__init__(f"kill matrix: {scene.name}, {call} {number} of {lives.place(file)}")
        self.group = f"kill matrix: {scene.name}, {call} of {lives.place(file)}"
        self.scene, self.file, self.call, self.number = scene, file, call, number

    def attempt(self):
        exporter, shown = self.scene.prepare(self), store.Shown()
        path = exporter.folder / self.file
        exporter.launch(*syscalls.killing([path], self.call, self.number))
        code = lives.live(exporter, shown, self.scene.over)
        assert code == -signal.SIGKILL, f"ended with {code}: the call was never made"
        store.check(exporter.store, self.scene.prunes)
        lives.recover(exporter, self.scene, shown)


def points(scene, calls):
    """A trial for each call of a scene."""
    # How often the guard is written depends on how long it takes: once is sure.
    found = [Point(scene, file, call, number)
             for file, own in calls.items() for call, number in syscalls.reached(own)
             if number == 1 or not file.startswith("ledger.guard")]
    assert len(found) >= LEAST[scene.name], [point.name for point in found]
    return found


def points_of_checkpoint(scene, calls):
    """The store's own calls, and the log's behind the checkpoint: there it begins anew."""
    log, moved = calls["ledger.db-wal"], calls["ledger.db"]
    first = next(call for call in moved if call.name == "pwrite64")
    assert first.thread in {call.thread for call in log if call.name == "pwrite64"}, \
        "the log was moved at the end only"
    before = sum(call.name == "pwrite64" and call.at < first.at for call in log)
    begun_anew = [call for call in log if call.name == "pwrite64"][:before + 30]
    return [point for point in points(scene, {"ledger.db": moved, "ledger.db-wal": begun_anew})
            if point.file == "ledger.db" or point.number > before]


def scenes(case):
    """Each scene with its points, when its world is ready: one begins where another was killed."""
    world = harness.Simulator(case, rate=0, tls=False)
    history = lives.add_history(world, 10)
    begin = lives.Scene("begin", world, history, secret=lives.WRONG_SECRET)
    baseline = lives.Scene("baseline", world, history, template=lives.remains(case, begin))
    counted = lives.remains(case, baseline)
    end = lives.Scene("end", world, history, template=counted, secret=lives.WRONG_SECRET)
    for scene in (begin, baseline, end):
        yield points(scene, lives.record(case, scene))
    sweep = lives.Scene("sweep", world, history // 2 + lives.add_news(world), template=counted,
                        sweep=lives.SWEEP)
    yield points(sweep, lives.record(case, sweep))

    world = harness.Simulator(case, rate=0, tls=False)
    history = lives.add_history(world, 100)
    checkpoint = lives.Scene("checkpoint", world, history,
                             template=lives.nearly_long(case, world, history))
    yield points_of_checkpoint(checkpoint, lives.record(case, checkpoint))


def run():
    """Scene by scene: the next one changes the world."""
    with trials.stage() as case:
        for found in scenes(case):
            trials.run(found, AT_A_TIME)
