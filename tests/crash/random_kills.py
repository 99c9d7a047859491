"""Kills the exporter at random moments while tasks keep coming; every scrape is remembered.

CRASH_SEED repeats the moments, as far as a machine repeats anything; CRASH_ROUNDS sets how many.
"""

import os
import random
import signal
import subprocess
import threading

import harness
import store
import syscalls
import trials
from harness import completed, seconds_ago, until

LANES = 4  # Exporters at a time, each with a store of its own.
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "80"))  # In each lane.
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
LONGEST = 0.6  # Seconds that a life lasts at most.
QUEUES = ("backup", "restore", "plan", "cloud", "archive")
CODES = ("ok", "ok", "ok", "warning", "error", "cancelled", "")
SETTINGS = {"interval": "10ms", "page_size": 20, "overlap": "1m"}


class Load:
    """Adds tasks until it is stopped; some complete a while ago, or are not complete yet."""

    def __init__(self, simulator, seed, pause=0.005):
        self.simulator, self.dice, self.pause = simulator, random.Random(seed), pause
        self.stopping = threading.Event()
        self.trouble = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while not self.stopping.wait(self.pause):
                self.add()
        except Exception as trouble:  # Shown by stop().
            self.trouble = trouble

    def add(self):
        order = {"queue": self.dice.choice(QUEUES), "count": self.dice.randint(1, 3)}
        if self.dice.random() < 0.1:
            self.simulator.add_tasks(state="started", **order)
            return
        late = self.dice.random() * 20
        self.simulator.add_tasks(
            result_code=self.dice.choice(CODES), completed_at=seconds_ago(late),
            started_at=seconds_ago(3 * late), enqueued_at=seconds_ago(4 * late), **order)

    def stop(self):
        self.stopping.set()
        self.thread.join()
        assert self.trouble is None, self.trouble


class Scraper:
    """Scrapes whatever runs, all the time, and remembers what it saw."""

    def __init__(self, exporter):
        self.exporter, self.shown, self.trouble = exporter, store.Shown(), None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while not self.stopping.wait(0.005):
                page = self.exporter.try_scrape()
                if page:
                    self.shown.note(page)
        except Exception as trouble:  # Shown by check().
            self.trouble = trouble

    def check(self):
        assert self.trouble is None, self.trouble

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.check()


class Lane(trials.Trial):
    """One store, killed again and again; on a slow disk most deaths are in the middle of a commit."""

    def __init__(self, number, slow):
        super().__init__(f"random kills: {ROUNDS} on a {'slow' if slow else 'fast'} disk, lane "
                         f"{number}, seed {SEED}")
        self.number, self.slow, self.dice = number, slow, random.Random(SEED + number)

    def attempt(self):
        self.simulator = harness.Simulator(self, rate=0, tls=False)
        load = Load(self.simulator, SEED + self.number)
        self.addCleanup(load.stopping.set)
        # An address of its own: the port of a dead exporter may soon be that of another lane.
        exporter = harness.Exporter(self, self.simulator.base_url, begin=False,
                                    listen_address=f"127.0.0.{2 + self.number}:0", **SETTINGS)
        log = exporter.store.with_name("ledger.db-wal")
        slowed = syscalls.injecting([log], "pwrite64", "delay_enter=10ms", "1+") if self.slow else []
        scraper = Scraper(exporter)
        self.addCleanup(scraper.stopping.set)
        for _ in range(ROUNDS):
            exporter.launch(*slowed)
            self.end_somewhere(exporter)
            scraper.check()
            store.check(exporter.store)
        exporter.launch()
        load.stop()
        self.compare(exporter, scraper)

    def end_somewhere(self, exporter):
        """Most lives end by a kill, a few properly: that moves the log into the store."""
        if self.slow:  # Killed while strace takes hold of it, it may leave a strace that waits.
            exporter.process.wait_for(harness.LISTENING)
        sign = signal.SIGKILL if self.dice.random() < 0.9 else signal.SIGTERM
        process = exporter.process.process
        try:
            code = process.wait(timeout=self.dice.random() * LONGEST)
            raise AssertionError(f"ended by itself with {code}")
        except subprocess.TimeoutExpired:
            process.send_signal(sign)
        code = exporter.process.wait()
        # Before it awaits signals, a termination is as good as a kill.
        assert code == -sign or (sign, code) == (signal.SIGTERM, 0), f"{sign}: {code}"
        self.processes.remove(exporter.process)

    def compare(self, exporter, scraper):
        truth = self.simulator.truth()
        until(lambda: (page := exporter.try_scrape()) and completed(page) == truth,
              lambda: f"{exporter.completed()} to equal {truth}")
        scraper.stop()
        self.assertEqual(exporter.process.signal(signal.SIGTERM)[0], 0)
        self.assertEqual(store.check(exporter.store).completed, truth)
        print(f"{self.name}: {sum(truth.values())} tasks, {scraper.shown.scrapes} scrapes", flush=True)


def cases():
    return [Lane(number, slow=number % 2 == 1) for number in range(LANES)]
