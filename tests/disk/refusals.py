"""Where a store must not be: on a network file system, in a place of others, in two hands."""

import os
import pathlib
import re
import shutil
import signal

import harness
import lives
import store
import syscalls
import trials
from harness import completed, seconds_ago, until

# As statfs(2) has them in its first eight bytes.
NETWORK = {"NFS": 0x6969, "CIFS": 0xFF534D42, "SMB2": 0xFE534D42, "9P": 0x01021997}
NOBODY = 65534


class Refusal(trials.Trial):
    """A start that ends with code 1 and says why."""

    def refuse(self, pattern, *prefix):
        self.exporter.launch(*prefix)
        self.assertEqual(self.exporter.process.wait(), 1)
        self.assertRegex(self.exporter.process.output(), f'msg="cannot start" error="?.*{pattern}')


class OnTheNetwork(Refusal):
    def __init__(self, kind):
        super().__init__(f"refusals: a store on {kind}")
        self.kind = kind

    def attempt(self):
        self.exporter = harness.Exporter(self, "http://127.0.0.1:1", begin=False)
        magic = NETWORK[self.kind].to_bytes(8, "little").hex()
        self.refuse(rf"network file system \({self.kind}\)", *syscalls.injecting(
            [self.exporter.folder], "statfs", f"retval=0:poke_exit=@arg2={magic}", 1))
        self.assertFalse(self.exporter.store.exists())


class OfSomebodyElse(Refusal):
    """An exporter without rights in a place that is not its own."""

    def __init__(self, name, own_folder, store_mode, pattern):
        super().__init__(f"refusals: {name}")
        self.own_folder, self.store_mode, self.pattern = own_folder, store_mode, pattern

    def attempt(self):
        self.folder.chmod(0o755)
        self.exporter = harness.Exporter(self, "http://127.0.0.1:1", folder=self.folder / "place",
                                         begin=False)
        # Where the build is, others may have no way in.
        self.exporter.command[0] = shutil.copy(harness.PROGRAM, self.folder)
        if self.store_mode is not None:
            self.exporter.start()
            self.exporter.process.signal(signal.SIGTERM)
            self.exporter.store.chmod(self.store_mode)
            self.exporter.store.with_name("ledger.db.lock").unlink()
        if self.own_folder:
            os.chown(self.exporter.folder, NOBODY, NOBODY)
        os.chown(self.exporter.secret_file, NOBODY, NOBODY)
        self.refuse(self.pattern, "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                    "--clear-groups")


class TwoOwners(Refusal):
    """The second process is refused, however it spells the path, and the first goes on."""

    def attempt(self):
        simulator = harness.Simulator(self, rate=0, tls=False)
        lives.add_history(simulator, 5)
        owner = harness.Exporter(self, simulator.base_url, folder=self.folder / "place",
                                 interval="100ms")
        until(lambda: owner.completed() == simulator.truth(), "the history to be counted")
        for path in self.spellings(owner.store):
            self.exporter = harness.Exporter(
                self, simulator.base_url, f"--store.path={path}", folder=self.folder / "other",
                begin=False)
            self.refuse(rf"is in use by process {owner.process.pid};")
        # By another name of the same file the lock is another one, but not SQLite's own.
        os.link(owner.store, owner.store.with_name("hard.db"))
        self.exporter.command[-1] = f"--store.path={owner.store.with_name('hard.db')}"
        self.refuse(re.escape("hard.db cannot be used: database is locked"))
        simulator.add_tasks(count=5, completed_at=seconds_ago(5))
        until(lambda: owner.completed() == simulator.truth(), "the owner to go on")
        self.assertEqual(owner.process.signal(signal.SIGTERM)[0], 0)
        self.assertEqual(store.check(owner.store).completed, simulator.truth())

    def spellings(self, path):
        (self.folder / "folder-link").symlink_to(path.parent)
        (self.folder / "file-link.db").symlink_to(path)
        return [path, f"{path.parent}/../{path.parent.name}/{path.name}",
                f"{path.parent}//./{path.name}", self.folder / "folder-link" / path.name,
                self.folder / "file-link.db", os.path.relpath(path, pathlib.Path.cwd())]


def cases():
    return [*(OnTheNetwork(kind) for kind in NETWORK),
            OfSomebodyElse("a folder of somebody else", False, None,
                           r"ledger\.db\.lock: Permission denied"),
            OfSomebodyElse("a store that may not be read", True, 0o600,
                           r"ledger\.db: Permission denied"),
            OfSomebodyElse("a store that may not be written", True, 0o644,
                           r"cannot be written \(check its owner and mode\)"),
            TwoOwners("refusals: two owners")]
