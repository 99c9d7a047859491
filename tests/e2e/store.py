"""Looks at a store from outside: what its files hold, and what scrapes may never take back."""

import pathlib
import re
import shutil
import sqlite3
import tempfile
import types

# Kept in the store: none of these goes back as long as there is the store.
LASTING = re.compile(
    r"acronis_tasks_completed_total|acronis_task_(duration|queue_wait)_seconds_(bucket|count|sum)"
    r"|acronis_tasks_last_(completion|success)_timestamp_seconds"
    r"|acronis_exporter_tasks_(received|processed|changed|late)_total"
    r"|acronis_exporter_data_gap_seconds_total|acronis_exporter_watermark_timestamp_seconds")
CODES = ("ok", "warning", "error", "cancelled", "abandoned", "timedout", "unknown")
FILES = ("", "-wal", "-journal")  # What makes up a store, behind its name.


class Shown:
    """What scrapes have shown, over all restarts: no lasting value may be seen to go back."""

    def __init__(self):
        self.highest = {}
        self.scrapes = 0

    def note(self, page):
        self.scrapes += 1
        back = {key: (value, page.samples.get(key)) for key, value in self.highest.items()
                if page.samples.get(key, 0.0) < value}
        assert not back, f"went back (shown before, now): {back}"
        received = page.sum("acronis_exporter_tasks_received_total", by=("account",))
        fates = page.sum("acronis_exporter_tasks_processed_total", by=("account",))
        assert received == fates, f"the books do not balance: {received} received, {fates}"
        self.highest |= {key: value for key, value in page.samples.items()
                         if LASTING.fullmatch(key[0])}


def read(path):
    """What the store at `path` holds; None when there is none. The files themselves are not touched:
    it is a copy that gets repaired, if need be."""
    path = pathlib.Path(path)
    if not path.exists():
        return None
    with tempfile.TemporaryDirectory(prefix="store-") as folder:
        copy = pathlib.Path(folder, path.name)
        for suffix in FILES:
            if path.with_name(path.name + suffix).exists():
                shutil.copy(path.with_name(path.name + suffix), folder)
        database = sqlite3.connect(copy)
        try:
            return _read(database)
        finally:
            database.close()


def _read(database):
    def one(sql):
        return database.execute(sql).fetchone()[0]
    columns = " + ".join(CODES)
    return types.SimpleNamespace(
        integrity=one("PRAGMA integrity_check"),
        loose=database.execute("PRAGMA foreign_key_check").fetchall(),
        commits=one("SELECT commits FROM store"),
        accounts=one("SELECT COUNT(*) FROM account"),
        seen=one("SELECT COUNT(*) FROM seen"),
        counted=one("SELECT TOTAL(counted) FROM account"),
        sum=one(f"SELECT TOTAL({columns}) FROM queue"),
        completed={(row[0], code): count
                   for row in database.execute(f"SELECT name, {', '.join(CODES)} FROM queue")
                   for code, count in zip(CODES, row[1:]) if count})


def check(path, pruned=False):
    """Ids and counters belong to one another in the store at `path`. Returns what it holds."""
    held = read(path)
    if held is None:
        return None
    assert (held.integrity, held.loose) == ("ok", []), held
    assert held.sum == held.counted, held
    assert held.seen <= held.counted if pruned else held.seen == held.counted, held
    return held
