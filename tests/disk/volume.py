"""A small file system of its own for a test. The suite has a mount namespace of its own."""

import errno
import os
import signal
import subprocess

import harness
import lives
import store
import trials


class Volume:
    """A tmpfs in the folder of a case; gone with the case at the latest."""

    def __init__(self, case, name="volume", size="1m"):
        self.path = case.folder / name
        self.path.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={size}", "none", self.path)
        case.addCleanup(subprocess.run, ["umount", "--lazy", self.path], check=True)

    def _mount(self, *words):
        subprocess.run(["mount", *words], check=True)

    def remount(self, how):
        self._mount("-o", f"remount,{how}", self.path)

    def fill(self):
        """Leaves not a single block."""
        with open(self.path / "filler", "wb", buffering=0) as filler:
            size = 1 << 16
            while size:
                try:
                    filler.write(b"x" * size)
                except OSError as full:
                    assert full.errno == errno.ENOSPC, full
                    size //= 2

    def free(self):
        os.unlink(self.path / "filler")


class Story(trials.Trial):
    """An exporter with its store on a volume of its own."""

    def begin(self):
        self.volume = Volume(self)
        self.simulator = harness.Simulator(self, rate=0, tls=False)
        lives.add_history(self.simulator, 10)
        self.exporter = harness.Exporter(
            self, self.simulator.base_url, folder=self.folder / "life", begin=False,
            store=self.volume.path / "ledger.db", interval="200ms", overlap="1m")
        self.shown = store.Shown()

    def watch(self, condition, what):
        return lives.watch(self.exporter, self.shown, condition, what)

    def all_counted(self):
        """Waits until what is shown is the truth."""
        truth = self.simulator.truth()
        return self.watch(
            lambda page: harness.completed(page) == truth
            and page.value("acronis_up", **lives.ACCOUNT) == 1, f"{truth} to be counted")

    def end_well(self):
        """Ends it, and starts it once more: a start checks every row."""
        self.assertEqual(self.exporter.process.signal(signal.SIGTERM)[0], 0)
        self.exporter.start()
        self.all_counted()
        self.assertEqual(self.exporter.process.signal(signal.SIGTERM)[0], 0)
        self.assertEqual(store.check(self.exporter.store).completed, self.simulator.truth())
