"""Short lives of an exporter that end by themselves, to be cut or spoiled at any system call."""

import shutil
import signal

import harness
import store
import syscalls
from harness import completed, seconds_ago, until

CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "unlink", "openat")
READS = ("pread64", "read")
# strace counts in each thread; file by file, the calls of one thread hide few of another.
FILES = (".", "ledger.db", "ledger.db-journal", "ledger.db-wal", "ledger.db.lock", "ledger.db.new",
         "ledger.db.new-journal", "ledger.db.new-wal", "ledger.guard", "ledger.guard.new")
# One poll by one session, then nothing: every life makes the same calls.
SETTINGS = {"interval": "1h", "page_size": 8, "concurrency": 1, "overlap": "1m", "series_hold": "20ms"}
# One sweep as well, which lets the older ids be forgotten.
SWEEP = {"every": "1ms", "window": "1m"}
ACCOUNT = {"account": "e2e"}
WRONG_SECRET = "not-this-one"  # Who polls with it writes nothing.
# Frames that are in the log when a life begins in which it gets long: just below 1000.
LONG = 950


class Scene:
    """What a life begins with, and when it is over."""

    def __init__(self, name, simulator, remembered, template=None, secret=harness.SECRET, **settings):
        self.name, self.simulator, self.template, self.secret = name, simulator, template, secret
        self.settings = {**SETTINGS, **settings}
        self.truth, self.remembered = simulator.truth(), remembered
        self.prunes = remembered < sum(self.truth.values())

    def prepare(self, case, name="life"):
        if self.template:
            shutil.copytree(self.template, case.folder / name)
        return harness.Exporter(case, self.simulator.base_url, folder=case.folder / name,
                                secret=self.secret, begin=False, **self.settings)

    def settled(self, page):
        """Polled, swept, revealed: nothing more will be written."""
        return (page.value("acronis_up", **ACCOUNT) == 1 and completed(page) == self.truth
                and page.value("acronis_exporter_dedupe_entries", **ACCOUNT) == self.remembered)

    def over(self, page):
        if self.secret == WRONG_SECRET:
            return page.sum("acronis_exporter_polls_total", result="error")
        return self.settled(page)


def live(exporter, shown, over, end=signal.SIGTERM):
    """Scrapes until the program is dead, or ends it when its life is over. Returns its exit code."""
    def step():
        if exporter.process.process.poll() is not None:
            return True
        page = exporter.try_scrape()
        if page:
            shown.note(page)
        return page and over(page)
    until(step, lambda: f"death or a good end\n{exporter.process.output()}", every=0.02)
    return exporter.process.signal(end)[0]


def watch(exporter, shown, condition, what):
    """Scrapes until the condition holds; the program must not end meanwhile."""
    def step():
        assert exporter.process.process.poll() is None, f"it has ended\n{exporter.process.output()}"
        page = exporter.try_scrape()
        if page:
            shown.note(page)
        return page if page and condition(page) else None
    return until(step, lambda: f"{what}\n{exporter.process.output()}", every=0.02)


def store_is_out(page):
    """Polls fail because of the store, and it shows."""
    failures = page.sum("acronis_exporter_poll_failures_total", reason="store")
    return failures and page.value("acronis_up", **ACCOUNT) == 0


def recover(exporter, scene, shown):
    """Starts again on what is left; everything must come out right."""
    exporter.write_secret(harness.SECRET)
    exporter.start()
    code = live(exporter, shown, scene.settled)
    assert code == 0, f"ended with {code}"
    check_settled(exporter, scene)


def check_settled(exporter, scene):
    """What a proper end leaves is the truth, and no file too many."""
    held = store.check(exporter.store, scene.prunes)
    assert held.completed == scene.truth, f"{held.completed} is not {scene.truth}"
    assert held.seen == scene.remembered, held
    left = {file.name for file in exporter.folder.glob("ledger.db*")}
    assert left == {"ledger.db", "ledger.db.lock"}, f"left behind: {left}"


def remains(case, scene, *killing):
    """The folder that a life leaves that ends with a kill: when it is over, or where `killing` is."""
    exporter = scene.prepare(case, f"{scene.name}-killed")
    exporter.launch(*killing)
    over = (lambda page: False) if killing else scene.over
    code = live(exporter, store.Shown(), over, end=signal.SIGKILL)
    assert code == -signal.SIGKILL, f"{scene.name} ended with {code}\n{exporter.process.output()}"
    return exporter.folder


def record(case, scene, names=CALLS):
    """Lives the scene once. Returns the calls that it makes on each file, in order."""
    exporter = scene.prepare(case, f"{scene.name}-recorded")
    trace = case.folder / f"{scene.name}.trace"
    paths = {file: str(exporter.folder / file) for file in FILES}
    exporter.launch(*syscalls.recording(trace, paths.values(), names))
    code = live(exporter, store.Shown(), scene.over)
    assert code == 0, f"{scene.name} ended with {code}\n{exporter.process.output()}"
    calls = syscalls.recorded(trace)
    print(f"{scene.name}: {len(calls)} calls", flush=True)
    return {file: [call for call in calls if call.path == path] for file, path in paths.items()}


def place(file):
    return "the folder" if file == "." else file


def add_history(simulator, each):
    """Half of the tasks are old enough to be forgotten, the others are not. Returns how many."""
    for minutes, queue, code in ((180, "backup", "ok"), (120, "cloud", "error"),
                                 (20, "backup", "warning"), (10, "plan", "ok")):
        enqueued, started, ended = (seconds_ago(60 * (minutes + more)) for more in (9, 4, 0))
        simulator.add_tasks(queue=queue, result_code=code, count=each, enqueued_at=enqueued,
                            started_at=started, completed_at=ended)
    return 4 * each


def add_news(simulator):
    """Tasks in a new queue, to be revealed, and in a known one. Returns how many."""
    for queue, count in (("restore", 3), ("backup", 9)):
        simulator.add_tasks(queue=queue, count=count, completed_at=seconds_ago(6))
    return 12


def nearly_long(case, simulator, tasks):
    """The folder of an exporter that was killed when its log was about to be moved."""
    scene = Scene("long", simulator, tasks, page_size=1)
    log = case.folder / "long-killed" / "ledger.db-wal"
    return remains(case, scene, *syscalls.killing([log], "pwrite64", 2 * LONG))
