"""What a real Prometheus makes of an exporter that is killed again and again.

Two questions: is what increase() is made of the truth, and does an alert on the first failure of a
queue fire? Prometheus is the only one who scrapes: whoever sees a new series begins its hold.
"""

import random
import signal
import subprocess

import harness
import random_kills
import store
import trials
from harness import seconds_ago, until
from prometheus import Prometheus

KILLS = 15
HOLD = "4s"  # Several of Prometheus' scrapes, on a busy machine as well.
SETTINGS = {"interval": "20ms", "page_size": 50, "overlap": "1m", "series_hold": HOLD}
COUNTERS = ("acronis_tasks_completed_total", "acronis_task_duration_seconds_bucket",
            "acronis_task_duration_seconds_count", "acronis_task_queue_wait_seconds_bucket",
            "acronis_task_queue_wait_seconds_count", "acronis_exporter_tasks_received_total",
            "acronis_exporter_tasks_processed_total")
COMPLETED = "acronis_tasks_completed_total"


class View(trials.Trial):
    """An exporter at one address for all of its lives, and a Prometheus that scrapes it."""

    def begin(self):
        self.simulator = harness.Simulator(self, rate=0, tls=False)
        self.simulator.add_tasks(queue="backup", count=5, completed_at=seconds_ago(30))
        address = f"127.0.0.1:{harness.free_port()}"
        self.exporter = harness.Exporter(self, self.simulator.base_url, listen_address=address,
                                         **SETTINGS)
        self.prometheus = Prometheus(self, address)
        until(lambda: self.sums(COMPLETED) == self.simulator.truth(), "the baseline in Prometheus")

    def sums(self, expression):
        """{(queue, result code): value}, zeros left out."""
        rows = self.prometheus.query(expression)
        pairs = {frozenset(labels): value for labels, value in rows.items() if value}
        return {(dict(labels)["queue"], dict(labels)["result_code"]): value
                for labels, value in pairs.items()}

    def kill(self, after=0.0, until_missed=False):
        """Kills the exporter and starts it again, if so wanted only when a scrape has failed."""
        process = self.exporter.process.process
        try:
            code = process.wait(timeout=after)
            raise AssertionError(f"ended by itself with {code}")
        except subprocess.TimeoutExpired:
            process.kill()
        self.exporter.process.wait()
        if until_missed:
            until(lambda: self.prometheus.query("up == 0"), "a scrape to fail")
        self.exporter.start()


class Increase(View):
    """What was added in the end is what was counted, series by series."""

    def attempt(self):
        self.begin()
        first = self.simulator.truth()
        load = random_kills.Load(self.simulator, random_kills.SEED, pause=0.05)
        self.addCleanup(load.stopping.set)
        dice = random.Random(random_kills.SEED)
        for number in range(KILLS):
            self.kill(after=1 + 2 * dice.random(), until_missed=number % 5 == 0)
        load.stop()
        truth = self.simulator.truth()
        until(lambda: self.sums(COMPLETED) == truth,
              lambda: f"{self.sums(COMPLETED)} to be {truth}\n{self.exporter.process.output()}")
        # increase() extrapolates to the ends of its range and is not exact even for a counter that
        # never goes back. What it extrapolates is the last value less the first, plus what it
        # takes for lost at resets: without resets that is highest less lowest, which is exact.
        grown = self.sums(f"max_over_time({COMPLETED}[1h]) - min_over_time({COMPLETED}[1h])")
        self.assertEqual(grown, {key: count - first.get(key, 0) for key, count in truth.items()
                                 if count > first.get(key, 0)})
        for counter in COUNTERS:
            resets = self.prometheus.query(f"resets({counter}[1h])")
            self.assertTrue(resets, counter)
            self.assertEqual({labels: count for labels, count in resets.items() if count}, {})
        (missed,) = self.prometheus.query("count_over_time(up[1h]) - sum_over_time(up[1h])").values()
        self.assertGreater(missed, 0)
        print(f"{self.name}: {sum(truth.values())} tasks, {missed:.0f} scrapes missed", flush=True)


class FirstFailure(View):
    """An alert on the first failure of a queue never seen before fires."""

    def __init__(self, name, killed):
        super().__init__(name)
        self.killed = killed

    def attempt(self):
        self.begin()
        self.simulator.add_tasks(queue="never-seen", result_code="error",
                                 completed_at=seconds_ago(1))
        self.await_commit()
        if self.killed:
            self.kill()
        alert = f'increase({COMPLETED}{{queue="never-seen",result_code="error"}}[1m]) > 0'
        until(lambda: self.prometheus.query(alert), lambda: f"{alert}\n{self.exporter.scrape().text}")

    def await_commit(self):
        """Waits until the failure is in the store, without a scrape."""
        until(lambda: store.read(self.exporter.store).completed.get(("never-seen", "error")) == 1,
              "the failure in the store", every=0.005)


def cases():
    return [Increase(f"Prometheus: increase over {KILLS} kills"),
            FirstFailure("Prometheus: first failure of a new queue fires", killed=False),
            FirstFailure("Prometheus: first failure fires after a kill", killed=True)]
