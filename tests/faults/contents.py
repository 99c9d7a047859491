"""What pages hold: fields of the wrong kind, records that nobody can read, too many names, pages
without measure, tasks that are late, again or of two accounts.
"""

import datetime

import harness
import scene
from harness import seconds_ago, until
from scene import by_label, polls, value


FIRST_ID = 170_000_000_000_000_000


class EveryField(scene.Trial):
    """Each field in each wrong kind: only the record is lost, and only for want of what is needed."""

    KINDS = 9  # missing null string number array object empty long bool
    # Without these nobody can tell whether and when a task has completed.
    NEEDED = {"state", "completedAt"}
    FIELDS = ("uuid", "type", "id", "queue", "priority", "state", "result", "result.code", "tenant",
              "tenant.id", "tenant.uuid", "enqueuedAt", "assignedAt", "startedAt", "updatedAt",
              "completedAt", "policy", "resource", "executor", "issuer", "context", "progress")

    def attempt(self):
        self.simulator = harness.Simulator(self, rate=0)
        self.simulator.add_tasks(queue="backup", count=20)
        self.exporter = scene.Watched(self, self.simulator.base_url, page_size=100,
                                      ca_file=self.simulator.ca_file)
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")
        wrong = 0
        for field in self.FIELDS:
            self.switch("wrong_type", value=f"{field}=each")
            page, _ = self.look_and_clear(1)
            new = self.added(page, "tasks_processed_total", "outcome")
            # One page a poll; what was read before is a duplicate.
            invalid = self.KINDS if field in self.NEEDED else 0
            good = self.good(page)
            self.assertEqual(self.failed(page), 0)
            self.assertEqual(new, {outcome: count * good for outcome, count in
                                   (("duplicate", 20 - invalid), ("invalid", invalid)) if count},
                             field)
            wrong += invalid
        self.line = 0
        self.recover()
        # Of the kinds of a result code two are texts.
        self.check_log(warnings={"task record cannot be used": wrong,
                                 "new result code, counted as unknown": 2})
        self.end()


class NumberForAnId(scene.Trial):
    """An id that is another one is another task; one that is none leaves `id`, which counts."""

    def attempt(self):
        self.simulator = harness.Simulator(self, rate=0)
        self.simulator.add_tasks(queue="backup", count=20)
        self.exporter = scene.Watched(self, self.simulator.base_url, page_size=100,
                                      ca_file=self.simulator.ca_file)
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")
        self.switch("wrong_type", value="idString=each")
        page, _ = self.look_and_clear(2)
        # The number 42 is the one kind that is an id.
        self.assertEqual(self.added(page, "tasks_processed_total", "outcome"),
                         {"counted": 1, "duplicate": 20 * self.good(page) - 1})
        self.check_log()
        self.end()


class Unreadable(scene.Trial):
    """Records that spoil every page: found, passed over and counted; all others count."""

    def attempt(self):
        self.simulator = harness.Simulator(self, rate=0)
        now = datetime.datetime.now(datetime.timezone.utc).timestamp()
        for number in range(150):
            # Which of them are unreadable follows from the id.
            self.simulator.add_tasks(queue="backup", id=FIRST_ID + number,
                                     completed_at=at(now - 600 + number / 3))
        self.simulator.set_fault("unreadable", value="40")
        self.exporter = scene.Watched(self, self.simulator.base_url, page_size=20,
                                      ca_file=self.simulator.ca_file)
        page = self.exporter.scrape_when(
            lambda page: page.value("acronis_exporter_watermark_timestamp_seconds", **scene.ACCOUNT),
            "the baseline")
        shown, there = (sum(rows.values()) for rows in (self.simulator.shown(),
                                                        self.simulator.truth()))
        lost = there - shown
        self.assertGreater(lost, 0)
        self.assertEqual(value(page, "tasks_processed_total", outcome="invalid"), lost)
        self.assertEqual(value(page, "tasks_processed_total", outcome="counted"), shown)
        self.base, self.line = page, 0
        done = self.exporter.polls()
        until(lambda: self.exporter.polls() >= done + 2, "two polls")
        page = self.exporter.scrape()
        self.assertEqual(value(page, "tasks_processed_total", outcome="invalid"), lost)
        self.check_page(page.text)
        self.simulator.clear_faults()
        until(lambda: self.counted() == self.simulator.shown(), "the counts")
        self.check_log(warnings={
            "record cannot be read and is passed over from now on": lost})
        self.end()


def at(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


class ManyQueues(scene.Trial):
    """More queues than may have a name: the totals stay right, and what has no name is told."""

    NAMED = 200

    def attempt(self):
        self.simulator = harness.Simulator(self, rate=0.1, history="3h", tls=False)
        self.simulator.set_fault("many_queues", value="queue-")
        self.exporter = scene.Watched(self, self.simulator.base_url, page_size=1000)
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")
        page, _ = self.agree_on_sums()
        queues = {queue: sum(count for (name, _), count in harness.completed(page).items()
                             if name == queue) for queue, _ in harness.completed(page)}
        self.assertLessEqual(len(queues), self.NAMED + 1)
        nameless = queues["_other"]
        self.assertEqual(sum(queues.values()) - nameless, len(queues) - 1)  # One task each.
        self.assertEqual(by_label(page, "label_overflow_total", "label"), {})
        overflow = page.sum("acronis_exporter_label_overflow_total", by=("label",))
        self.assertEqual(overflow, {("queue",): nameless})
        self.check_page(page.text)
        self.end()

    def agree_on_sums(self):
        def same():
            before = self.simulator.shown()
            page = self.exporter.scrape()
            counted = harness.completed(page)
            return (page, counted) if sum(before.values()) == sum(counted.values()) else None
        return until(same, "the sums to be equal", every=0.2)


class LongPage(scene.Trial):
    """Pages that keep to no limit: one that is too long is refused as a whole, one that fits is
    read, and what is left is read in halves.
    """

    def __init__(self, items, rate, failures, memory):
        super().__init__(f"A13: pages of {items} items, "
                         f"{'too long at first' if failures else 'which fit'}")
        self.items, self.rate, self.failures, self.memory = items, rate, failures, memory

    def attempt(self):
        self.simulator = harness.Simulator(self, rate=self.rate, history="24h", tls=False)
        self.simulator.set_fault("status", value="503")
        self.exporter = scene.Watched(self, self.simulator.base_url, interval="2s",
                                      request_timeout="60s")
        # What it needs before there is any page, the fault of today apart.
        until(lambda: self.traffic().count(status=503) >= 1, "a refusal")
        self.resident = self.exporter.memory()[0]
        self.simulator.clear_faults()
        self.simulator.set_fault("long_page", value=str(self.items))
        page = self.exporter.scrape_when(lambda page: polls(page, "success") >= 1, "a good poll",
                                         deadline=120)
        self.assertEqual(by_label(page, "poll_failures_total", "reason").get("invalid_response", 0),
                         self.failures)
        until(lambda: sum(self.counted().values()) == sum(self.simulator.shown().values())
              > self.rate * 80_000, "all to be counted")
        # With the next page the parser lets go of its large buffers.
        page = self.exporter.scrape_when(lambda page: polls(page, "success") >= 3, "two more polls")
        self.check_page(page.text)
        # The ids of a day stay in memory.
        self.check_memory(self.memory, left_behind=24)
        self.end()


class EqualTimes(scene.Trial):
    """Many tasks of one instant, over the borders of pages that show whole seconds only."""

    def attempt(self):
        self.begin()
        self.switch("time_format", value="seconds")
        moment = seconds_ago(30)
        self.simulator.add_tasks(queue="backup", completed_at=moment, count=90)
        page, _ = self.look_and_clear(3)
        self.assertEqual(self.failed(page), 0)
        self.recover()
        self.check_log()
        self.end()


class Late(scene.Trial):
    """A task that appears late is met by the next sweep; beyond its window it is not."""

    def attempt(self):
        simulator = harness.Simulator(self, rate=0)
        simulator.add_tasks(queue="backup", count=5)
        self.begin(simulator, overlap="1m", sweep={"every": "500ms", "window": "2h"})
        # The first sweep goes back to the start, further than those that follow.
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 8, "the first sweep")
        self.base, self.line = self.exporter.scrape(), len(self.exporter.process.stderr)
        self.simulator.add_tasks(queue="late", completed_at=seconds_ago(3600))
        self.simulator.add_tasks(queue="too late", completed_at=seconds_ago(3 * 3600))
        page = self.exporter.scrape_when(
            lambda page: scene.value(page, "tasks_late_total") == 1, "the late task")
        self.assertEqual(harness.completed(page)["late", "ok"], 1)
        sweeps = self.exporter.polls()
        until(lambda: self.exporter.polls() >= sweeps + 4, "some more sweeps")
        self.assertNotIn(("too late", "ok"), self.counted())
        until(lambda: self.counted() == self.simulator.shown(), "the counts")
        self.assertEqual(value(self.exporter.scrape(), "tasks_late_total"), 1)
        self.assertEqual(self.failed(self.exporter.scrape()), 0)
        self.check_log()
        self.end()


class ReusedId(scene.Trial):
    """The id of a task that was counted comes again, with another result: it counts once."""

    def attempt(self):
        self.begin()
        self.base, self.line = self.exporter.scrape(), len(self.exporter.process.stderr)
        (used,) = self.simulator.add_tasks(queue="backup")
        until(lambda: self.counted().get(("backup", "ok")), "the first of the two")
        before = value(self.exporter.scrape(), "tasks_changed_total", what="result")
        self.assertEqual(self.simulator.add_tasks(id=used, queue="replication",
                                                  result_code="error"), [used])
        self.exporter.scrape_when(
            lambda page: value(page, "tasks_changed_total", what="result") > before, "the second")
        self.assertNotIn(("replication", "error"), self.counted())
        self.assertEqual(self.counted()["backup", "ok"], 1)
        self.assertEqual(self.failed(self.exporter.scrape()), 0)
        self.check_log()
        self.end()


class TwoAccounts(scene.Trial):
    """Two accounts that see the same tasks count them both, each once."""

    def attempt(self):
        self.simulator = harness.Simulator(self, rate=0.1, history="1h")
        url = self.simulator.base_url
        self.exporter = scene.Watched(self, url, others=[("second", url)],
                                      ca_file=self.simulator.ca_file)
        self.exporter.scrape_when(
            lambda page: polls(page, "success") >= 2 and page.value("acronis_up", account="second"),
            "good polls of both")

        def both_know_all():
            shown, page = self.simulator.shown(), self.exporter.scrape()
            return all(shown == page.sum("acronis_tasks_completed_total",
                                         by=("queue", "result_code"), account=account) != {}
                       for account in ("e2e", "second"))
        until(both_know_all, "both to know all", every=0.2)
        self.end()


class Catalogue(scene.Trial):
    """Every fault that the simulator knows has a row."""

    ELSEWHERE = {"unauthorized", "unreadable", "wrong_type", "long_page", "forgetful",
                 # Each field and kind of the envelope is tried without the program.
                 "wrong_envelope"}

    def __init__(self, rows):
        super().__init__("the catalogue is complete")
        self.rows = rows

    def attempt(self):
        known = harness.Simulator(self).control("GET", "/faults")["known"]
        self.assertEqual({fault["name"] for fault in known},
                         {row.fault for row in self.rows} | self.ELSEWHERE)


def cases():
    return [EveryField("A11: every field in every kind"), NumberForAnId("A11: ids in every kind"),
            Unreadable("A10: records that nobody can read"), ManyQueues("A13: more queues than names"),
            LongPage(100_000, 1.25, 1, 260), LongPage(20_000, 0.2, 0, 120),
            EqualTimes("A20: equal times over page borders"),
            Late("A21: late, and too late"), ReusedId("A21: an id that is used again"),
            TwoAccounts("A22: the same tasks in two accounts")]
