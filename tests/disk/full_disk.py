"""A real file system runs full, or is read-only, and is put right again."""

import harness
import lives
import volume
from harness import seconds_ago


class Full(volume.Story):
    """The last values stay served; with space again all goes on, without a restart."""

    def __init__(self, name, before_start):
        super().__init__(name)
        self.before_start = before_start

    def attempt(self):
        self.begin()
        self.exporter.start()
        before = harness.completed(self.all_counted())
        if self.before_start:
            self.end_well()
        self.volume.fill()
        for queue in ("backup", "restore", "plan"):
            self.simulator.add_tasks(queue=queue, count=500, completed_at=seconds_ago(5))
        if self.before_start:
            self.exporter.start()
        page = self.watch(lives.store_is_out, "the store to fail")
        self.assertLessEqual(before.items(), harness.completed(page).items())
        self.assertTrue(page.sum("acronis_exporter_store_errors_total"))
        self.volume.free()
        self.all_counted()
        self.end_well()


class Refused(volume.Story):
    """A start that cannot do anything says which store it is about, and works once it can."""

    def __init__(self, name, spoil, mend, counted_before):
        super().__init__(name)
        self.spoil, self.mend, self.counted_before = spoil, mend, counted_before

    def attempt(self):
        self.begin()
        if self.counted_before:
            self.exporter.start()
            self.all_counted()
            self.end_well()
            self.simulator.add_tasks(count=5, completed_at=seconds_ago(5))
        self.spoil(self.volume)
        self.exporter.launch()
        self.assertEqual(self.exporter.process.wait(), 1)
        self.assertRegex(self.exporter.process.output(),
                         f'level=error msg="cannot start" error=".*{self.exporter.store}')
        self.mend(self.volume)
        self.exporter.start()
        self.all_counted()
        self.end_well()


def make_read_only(disk):
    disk.remount("ro")


def make_writable(disk):
    disk.remount("rw")


def cases():
    return [Full("full disk: while running", before_start=False),
            Full("full disk: from the start, with a store to go on with", before_start=True),
            Refused("full disk: no store yet", volume.Volume.fill, volume.Volume.free, False),
            Refused("read-only disk: no store yet", make_read_only, make_writable, False),
            Refused("read-only disk: a store to go on with", make_read_only, make_writable, True)]
