"""Clocks that are wrong, or jump; and a service that forgets what nobody has read yet."""

import os
import re
import struct

import harness
import scene
from harness import until
from scene import ACCOUNT, PREFIX, polls, value

MODULE = harness.ROOT / "build/tests/faults/shifted_clock.so"
HOUR = 3600
DAY = 24 * HOUR
YEAR = 365 * DAY


class Shift:
    """By how much the clock of a program is off."""

    def __init__(self, case, seconds):
        assert MODULE.exists(), f"{MODULE} is not built"
        self.file = case.folder / "shift"
        self.file.write_bytes(bytes(8))
        self.set(seconds)

    def set(self, seconds):
        with self.file.open("r+b") as file:
            file.write(struct.pack("=q", seconds))

    def prefix(self):
        return ["env", f"LD_PRELOAD={MODULE}", f"SHIFTED_CLOCK={self.file}"]


class LocalClock(scene.Trial):
    """The clock of the exporter's machine is off. Only what is for people depends on it."""

    lag = 5  # Seconds that a poll may take.

    def __init__(self, name, seconds):
        super().__init__(f"A23: a local clock that is {name}")
        self.seconds = seconds

    def attempt(self):
        self.simulator = harness.Simulator(self, rate=0.5, history="1h", tls=False)
        shift = Shift(self, self.seconds)
        self.exporter = scene.Watched(self, self.simulator.base_url, begin=False)
        self.exporter.exporter.start(*shift.prefix())
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")
        for step in self.steps():
            self.strike(lambda step=step: shift.set(step))
            page = self.exporter.scrape_when(lambda page: self.good(page) >= 2, "two more polls")
            self.look(page, step)
        self.recover()
        self.assertEqual(self.failed(self.exporter.scrape()), 0)
        self.check_log()
        self.end()

    def steps(self):
        return [self.seconds]

    def look(self, page, step):
        """The times are the server's; how far the machine is off can be seen."""
        self.assertAlmostEqual(value(page, "clock_skew_seconds"), -step, delta=2.5)
        watermark = value(page, "watermark_timestamp_seconds")
        self.assertAlmostEqual(os.stat(self.exporter.exporter.store).st_mtime, watermark, delta=self.lag)
        self.assertAlmostEqual(
            value(page, "last_successful_poll_timestamp_seconds") - step, watermark, delta=self.lag)


class SteppingClock(LocalClock):
    """It is set while polls are under way."""

    lag = 20

    def __init__(self):
        super().__init__("set back and forth, also during polls", 0)

    def steps(self):
        yield HOUR
        yield -HOUR
        self.simulator.set_fault("latency", value="60")  # Polls take longer than their interval.
        yield 2 * DAY
        yield 0

    def strike(self, act):
        self.base = self.exporter.scrape()
        self.line = 0
        act()


class CertificateOfThePast(scene.Trial):
    """For a machine that is years ahead every certificate has expired."""

    def attempt(self):
        self.simulator = harness.Simulator(self)
        shift = Shift(self, 0)
        self.exporter = scene.Watched(self, self.simulator.base_url, begin=False,
                                      ca_file=self.simulator.ca_file)
        self.exporter.exporter.start(*shift.prefix())
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")

        def leap():
            shift.set(10 * YEAR)
            self.simulator.hang_up()
        self.strike(leap)

        def back():
            shift.set(0)
        page, _ = self.look_and_clear(2, back)
        self.assertEqual(self.added(page, "poll_failures_total", "reason"),
                         {"tls": self.failed(page)})
        self.recover()
        self.check_log(failures=1)
        self.end()


class Gap(scene.Trial):
    """The service forgets while the exporter is down: how much is told, exactly."""

    AWAY = 30 * HOUR
    KEPT = 2 * HOUR

    def attempt(self):
        shift = Shift(self, -self.AWAY)
        self.simulator = harness.Simulator(self, rate=0.05, history="1h", tls=False,
                                           prefix=shift.prefix())
        exporter = harness.Exporter(self, self.simulator.base_url, interval="500ms")
        until(lambda: exporter.completed() == self.simulator.shown() != {}, "the past")
        reached = exporter.scrape().value(f"{PREFIX}watermark_timestamp_seconds", **ACCOUNT)
        exporter.process.end()
        shift.set(0)
        self.simulator.set_fault("forgetful", value=str(self.KEPT))
        self.exporter = scene.Watched(self, self.simulator.base_url)
        page = self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")
        self.line = 0
        self.base = page
        gap = value(page, "data_gap_seconds_total")
        line = self.exporter.process.said(r"tasks were removed by the service.*from=(\S+) to=(\S+)")
        begin, end = (instant(text) for text in line.groups())
        self.assertAlmostEqual(end - begin, gap, delta=0.001)
        self.assertAlmostEqual(begin, reached, delta=2)  # A poll may have come in between.
        self.assertAlmostEqual(gap, self.AWAY - self.KEPT, delta=15 * 60)
        self.recover(alone=False)
        loud = {key: count for key, count in self.exporter.log().items()
                if key[0] in ("warn", "error")}
        self.assertEqual(loud, {
            ("error", "tasks were removed by the service before they could be read"): 1})
        self.end()


def instant(text):
    """Seconds since 1970 of an RFC 3339 time, to the nanosecond or nearly so."""
    import datetime
    whole, fraction = re.fullmatch(r"([\d:T-]+)(\.\d+)?Z", text).groups()
    at = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return at.timestamp() + float(fraction or 0)


def cases():
    return [LocalClock("an hour ahead", HOUR), LocalClock("an hour behind", -HOUR),
            LocalClock("ten years ahead", 10 * YEAR), SteppingClock(),
            CertificateOfThePast("A23: certificates under a clock that is ten years ahead"),
            Gap("A24: more downtime than retention")]
