"""Every alert: when it fires, with which labels and words, and when it must not.

A value is a minute. The times and texts are written down, not worked out from the rules.
"""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e")]

import tap  # noqa: E402  (The path comes first.)
from rule_case import DAY, HOUR, Alert, all_alerts, clock, failures_of, series  # noqa: E402

QUIET = []


class Rules(unittest.TestCase):
    def check(self, alert, inputs, expected, every=1):
        """`every` so many minutes the rules are evaluated."""
        said = failures_of(inputs, {(alert.name, minute): alerts
                                    for minute, alerts in expected.items()}, every)
        self.assertFalse(said, said)


class Exporter(Rules):
    """Layer exporter: is there one?"""

    def test_down(self):
        alert = Alert("AcronisExporterDown", "critical", "exporter",
                      "The Acronis exporter cannot be scraped.")
        one = alert.fires("Prometheus gets no answer from one:10977. No failed task is reported while "
                          "this lasts; none is lost.", account=None)
        self.check(alert, [
            series("up", "1 1 0x6 1x5", account=None),
            series("up", "1x20", account=None, instance="two:10977"),
            series("up", "0x20", account=None, job="other"),
        ], {6: QUIET, 7: [one], 8: [one], 9: QUIET})

    def test_down_is_silent_on_a_restart(self):
        alert = Alert("AcronisExporterDown", "critical", "exporter", "")
        self.check(alert, [series("up", "1x5 0x3 1x20", account=None)],
                   {minute: QUIET for minute in range(25)})

    def test_absent(self):
        alert = Alert("AcronisExporterAbsent", "critical", "exporter",
                      "Prometheus has no Acronis exporter to scrape.")
        gone = alert.fires(
            'No target matches {job="acronis"}: it was taken out of the scrape configuration, or '
            "service discovery does not find it.", account=None, instance=None)
        # A series without an end mark is seen for five minutes more.
        self.check(alert, [
            series("up", "1x5 _x30 1x5", account=None),
            series("up", "1x60", account=None, job="other"),
        ], {5: QUIET, 25: QUIET, 26: [gone], 36: QUIET})

    def test_absent_is_silent_while_one_is_down(self):
        alert = Alert("AcronisExporterAbsent", "critical", "exporter", "")
        self.check(alert, [series("up", "0x60", account=None)], {30: QUIET, 60: QUIET})

    def test_store_failing(self):
        alert = Alert("AcronisStoreFailing", "critical", "exporter",
                      "The store of the Acronis exporter fails.")
        said = "Errors of the store of one:10977 within 15 minutes: 1. What cannot be stored is not " \
               "counted, and polls are repeated."
        fires = alert.fires(said, account=None)
        self.check(alert, [
            series("acronis_exporter_store_errors_total", "0x20 1x60", account=None,
                   operation="commit"),
            series("acronis_exporter_store_errors_total", "0x80", account=None, operation="open"),
            series("acronis_exporter_store_errors_total", "7x80", account=None,
                   instance="two:10977", operation="open"),
        ], {20: QUIET, 21: [fires], 35: [fires], 50: [fires], 52: QUIET})

    def test_reload_failed(self):
        alert = Alert("AcronisReloadFailed", "warning", "exporter",
                      "The Acronis exporter refused its new configuration.")
        fires = alert.fires("one:10977 runs on with the configuration of before. The log names file, "
                            "line and what is wrong.", account=None)
        self.check(alert, [
            series("acronis_exporter_config_last_reload_successful", "1x2 0x10 1x5", account=None),
            series("acronis_exporter_config_last_reload_successful", "1x20", account=None,
                   instance="two:10977"),
        ], {7: QUIET, 8: [fires], 13: [fires], 14: QUIET})


class Data(Rules):
    """Layer data: is what is known fresh and complete?"""

    def test_poll_failing(self):
        alert = Alert("AcronisPollFailing", "warning", "data", "Polls of an Acronis account fail.")
        fires = alert.fires("No poll of account emea has succeeded for 15 minutes. The exporter "
                            "dashboard shows the reason.")
        self.check(alert, [
            series("acronis_up", "1x4 0x20 1x5"),
            series("acronis_up", "1x40", account="apac"),
        ], {19: QUIET, 20: [fires], 25: [fires], 26: QUIET})

    def test_poll_failing_is_silent_on_a_restart(self):
        # 0 before the first poll has ended; gone while nothing answers.
        alert = Alert("AcronisPollFailing", "warning", "data", "")
        self.check(alert, [series("acronis_up", "1x5 stale _ 0 0 1x30")],
                   {minute: QUIET for minute in range(0, 40, 2)})

    def test_authentication_failing(self):
        alert = Alert("AcronisAuthenticationFailing", "critical", "data",
                      "Acronis refuses the credentials of an account.")
        fires = alert.fires("Account emea is refused: its secret was changed or revoked, or the API "
                            "client may not read tasks.")
        failures = "acronis_exporter_poll_failures_total"
        self.check(alert, [
            series("acronis_up", "1x3 0x20 1x5"),
            series(failures, "0x3 1+1x19 20x5", reason="auth"),
            series(failures, "0x30", reason="forbidden"),
            series("acronis_up", "0x30", account="apac"),
            series(failures, "0+1x30", account="apac", reason="network"),
            series(failures, "0x30", account="apac", reason="auth"),
        ], {8: QUIET, 9: [fires], 24: [fires], 25: QUIET})

    def test_data_stale(self):
        alert = Alert("AcronisDataStale", "critical", "data",
                      "Tasks of an Acronis account are known too late.")
        fires = alert.fires("What account emea completed within the last 41m 0s is not known yet.")
        watermark = "acronis_exporter_watermark_timestamp_seconds"
        # Stands at minute 10; more than 30 minutes old from minute 41 on.
        self.check(alert, [
            series(watermark, "0+60x10 600x50 3660+60x10"),
            series(watermark, clock(80, behind=2), account="apac"),
        ], {50: QUIET, 51: [fires], 62: QUIET})

    def test_data_stale_is_silent_on_a_restart_and_without_a_watermark(self):
        alert = Alert("AcronisDataStale", "critical", "data", "")
        self.check(alert, [
            series("acronis_exporter_watermark_timestamp_seconds", "0+60x10 stale _x3 900+60x50"),
            series("acronis_up", "1x60", account="new"),
        ], {minute: QUIET for minute in range(0, 60, 3)})

    def test_baseline_unfinished(self):
        alert = Alert("AcronisBaselineUnfinished", "warning", "data",
                      "The first catch-up of an Acronis account does not end.")
        fires = alert.fires("Account emea has been read for 6 hours and is not complete: nothing is "
                            "shown of its tasks.")
        watermark = "acronis_exporter_watermark_timestamp_seconds"
        self.check(alert, [
            series("acronis_up", "1x500"),
            series(watermark, clock(500, begins=400)),
            series("acronis_up", "1x500", account="apac"),
            series(watermark, clock(500), account="apac"),
        ], {359: QUIET, 360: [fires], 399: [fires], 400: QUIET})

    def test_nothing_received(self):
        alert = Alert("AcronisNothingReceived", "warning", "data",
                      "An Acronis account shows no task any more.")
        fires = alert.fires("Polls of account emea succeed, and no task has come for 24 hours. Is the "
                            "filter right? Do its agents still run?")
        received = "acronis_exporter_tasks_received_total"
        self.check(alert, [
            series("acronis_up", "1x2000"),
            series(received, "0+1x100 100x1700 101+1x100"),
            series("acronis_up", "1x2000", account="busy"),
            series(received, "0+1x2000", account="busy"),
            series("acronis_up", "1x2000", account="new"),  # Never had a task.
            series(received, "0x2000", account="new"),
        ], {100 + DAY + 14: QUIET, 100 + DAY + 15: [fires], 1801: [fires], 1802: QUIET})

    def test_nothing_received_is_silent_when_polls_fail(self):
        alert = Alert("AcronisNothingReceived", "warning", "data", "")
        self.check(alert, [
            series("acronis_up", "1x100 0x1900"),
            series("acronis_exporter_tasks_received_total", "0+1x100 100x1900"),
        ], {1700: QUIET, 1900: QUIET})

    def test_books_unbalanced(self):
        alert = Alert("AcronisBooksUnbalanced", "critical", "data",
                      "The books of the Acronis exporter do not balance.")
        fires = alert.fires("Account emea has received 10 tasks, and their outcomes add up to something "
                            "else. The counts cannot be trusted.")
        processed = "acronis_exporter_tasks_processed_total"
        self.check(alert, [
            series("acronis_exporter_tasks_received_total", "9x4 10x20 10x5"),
            series(processed, "8x4 8x20 9x5", outcome="counted"),
            series(processed, "1x30", outcome="duplicate"),
            series("acronis_exporter_tasks_received_total", "5x30", account="apac"),
            series(processed, "5x30", account="apac", outcome="counted"),
        ], {14: QUIET, 15: [fires], 25: [fires], 26: QUIET})

    def test_rate_limited(self):
        alert = Alert("AcronisRateLimited", "warning", "data", "Polls of an Acronis account mostly wait.")
        fires = alert.fires("Account emea has waited 75% of the time for the server or for its own "
                            "request limit.")
        last = alert.fires("Account emea has waited 55% of the time for the server or for its own "
                           "request limit.")
        self.check(alert, [
            series("acronis_exporter_api_throttled_seconds_total", "0x30 0+45x60 2700x60"),
            series("acronis_exporter_api_throttled_seconds_total", "0+20x160", account="apac"),
        ], {56: QUIET, 57: [fires], 95: [last], 96: QUIET})

    def test_data_gap(self):
        alert = Alert("AcronisDataGap", "critical", "data",
                      "Acronis could not give all tasks of an account any more.")
        fires = alert.fires("The exporter was away for longer than the API remembers: 2h 0m 0s of "
                            "account emea may be missing.")
        self.check(alert, [
            series("acronis_exporter_data_gap_seconds_total", "0x70 7200x80"),
            series("acronis_exporter_data_gap_seconds_total", "7200x150", account="apac"),
        ], {70: QUIET, 71: [fires], 130: [fires], 132: QUIET})

    def test_late_tasks_discarded(self):
        alert = Alert("AcronisLateTasksDiscarded", "warning", "data",
                      "Tasks of an Acronis account came too late to be counted.")
        fires = alert.fires("Tasks of account emea that showed so late that their ids may have been "
                            "forgotten: 1.")
        processed = "acronis_exporter_tasks_processed_total"
        self.check(alert, [
            series(processed, "0x70 1x80", outcome="discarded_late"),
            series(processed, "0+1x150", outcome="duplicate"),
            series(processed, "4x150", outcome="discarded_late", account="apac"),
        ], {70: QUIET, 71: [fires], 130: [fires], 132: QUIET})

    def test_invalid_tasks(self):
        alert = Alert("AcronisInvalidTasks", "warning", "data",
                      "Acronis sent tasks that cannot be read.")
        fires = alert.fires("Records of account emea without a usable id, state or time, which were "
                            "passed over: 1.")
        processed = "acronis_exporter_tasks_processed_total"
        self.check(alert, [
            series(processed, "0x70 1x80", outcome="invalid"),
            series(processed, "0+1x150", outcome="counted"),
            series(processed, "0x150", outcome="invalid", account="apac"),
        ], {70: QUIET, 71: [fires], 130: [fires], 132: QUIET})

    def test_clock_skew(self):
        alert = Alert("AcronisClockSkew", "warning", "data",
                      "The clock of the Acronis exporter is not the server's.")
        fires = alert.fires("The clocks of one:10977 and of the server of account emea are 1m 1s apart.")
        self.check(alert, [
            series("acronis_exporter_clock_skew_seconds", "1x4 -61x20 0x5"),
            series("acronis_exporter_clock_skew_seconds", "60x40", account="apac"),
        ], {19: QUIET, 20: [fires], 25: [fires], 26: QUIET})

    def test_counter_reset(self):
        alert = Alert("AcronisCounterReset", "warning", "data",
                      "Counts of the Acronis exporter went back.")
        fires = alert.fires("Counts of account emea became smaller, and the store is the same. Two "
                            "exporters may answer on one address.")
        completed = "acronis_tasks_completed_total"
        common = {"queue": "backup", "state": "completed"}
        self.check(alert, [
            series("acronis_exporter_store_info", "1x300", account=None, store_id="a"),
            series(completed, "50x100 20x150", result_code="ok", **common),
            series(completed, "5x250", result_code="error", **common),
            series(completed, "50x250", result_code="ok", account="apac", **common),
        ], {100: QUIET, 101: [fires], 130: [fires], 132: QUIET})

    def test_counter_reset_is_silent_with_another_store_and_on_a_restart(self):
        alert = Alert("AcronisCounterReset", "warning", "data", "")
        completed = "acronis_tasks_completed_total"
        common = {"queue": "backup", "state": "completed", "result_code": "ok"}
        self.check(alert, [
            series("acronis_exporter_store_info", "1x99 stale", account=None, store_id="a"),
            series("acronis_exporter_store_info", "_x100 1x200", account=None, store_id="b"),
            series(completed, "50x100 20x150", **common),
            series("acronis_exporter_store_info", "1x300", account=None, store_id="c",
                   instance="two:10977"),
            series(completed, "50x100 stale _x3 51x150", instance="two:10977", **common),
        ], {minute: QUIET for minute in range(90, 170, 2)})

    def test_series_limit_reached(self):
        alert = Alert("AcronisSeriesLimitReached", "warning", "data",
                      "An Acronis account nearly has as many series as it may.")
        fires = alert.fires("Account emea has 950 series. Behind the limit, new queues are counted "
                            "together as _other.")
        self.check(alert, [
            series("acronis_exporter_series_limit", "1000x60", account=None),
            series("acronis_exporter_series", "400x4 450x20 400x10", family="a"),
            series("acronis_exporter_series", "500x60", family="b"),
            series("acronis_exporter_series", "900x60", family="a", account="apac"),
        ], {19: QUIET, 20: [fires], 25: [fires], 26: QUIET})


class World:
    """Series of one account that has long been watched, at the end of `minutes`."""

    def __init__(self, minutes, account="emea", instance="one:10977", store="a"):
        self.minutes, self.of = minutes, {"account": account, "instance": instance}
        self.series = [
            series("acronis_up", f"1x{minutes}", **self.of),
            series("acronis_exporter_watermark_timestamp_seconds", clock(minutes), **self.of),
            series("acronis_exporter_store_info", f"1x{minutes}", account=None, instance=instance,
                   store_id=store, engine="sqlite"),
        ]

    def without(self, metric):
        self.series = [each for each in self.series if not each["series"].startswith(metric)]
        return self

    def add(self, metric, values, **labels):
        self.series.append(series(metric, values, **self.of, **labels))
        return self

    def completed(self, values, code="error", queue="backup"):
        return self.add("acronis_tasks_completed_total", values, queue=queue, state="completed",
                        result_code=code)


class Everything(unittest.TestCase):
    """All alerts at once, in lives in which there is nothing to be said."""

    MINUTES = 400

    def healthy(self, up, grows, moves, instance="one:10977"):
        """An exporter with every metric that an alert looks at; `up`, `grows` and `moves` are the
        values of what stays, of what counts and of the watermark."""
        own = {"account": None, "instance": instance}
        of = {"instance": instance}
        return [
            series("up", f"1x{self.MINUTES}", **own),
            series("acronis_up", up, **of),
            series("acronis_exporter_store_info", up, store_id="a", engine="sqlite", **own),
            series("acronis_exporter_watermark_timestamp_seconds", moves, **of),
            series("acronis_exporter_tasks_received_total", grows, **of),
            series("acronis_exporter_tasks_processed_total", grows, outcome="counted", **of),
            series("acronis_exporter_config_last_reload_successful", up, **own),
            series("acronis_exporter_series_limit", up.replace("1x", "20000x"), **own),
            series("acronis_exporter_series", up.replace("1x", "600x"), family="a", **of),
            *[series(name, up.replace("1x", "5x"), **labels) for name, labels in (
                ("acronis_exporter_store_errors_total", {"operation": "commit", **own}),
                ("acronis_exporter_poll_failures_total", {"reason": "auth", **of}),
                ("acronis_exporter_data_gap_seconds_total", of),
                ("acronis_exporter_api_throttled_seconds_total", of),
                ("acronis_exporter_clock_skew_seconds", of))],
            series("acronis_tasks_completed_total", grows, queue="backup", state="completed",
                   result_code="ok", **of),
            series("acronis_tasks_completed_total", up.replace("1x", "3x"), queue="backup",
                   state="completed", result_code="error", **of),
            series("acronis_tasks_last_success_timestamp_seconds", moves, queue="backup", **of),
            series("acronis_tasks_last_completion_timestamp_seconds", moves, queue="backup",
                   result_code="ok", **of)]

    def check_silence(self, inputs, but=()):
        names = [name for name in all_alerts() if name not in but]
        self.assertGreater(len(names), 15)
        said = failures_of(inputs, {(name, minute): QUIET for name in names
                                    for minute in range(0, self.MINUTES, 7)}, 1)
        self.assertFalse(said, said)

    def test_a_good_life(self):
        self.check_silence(self.healthy("1x400", "0+2x400", clock(400)))

    def test_a_restart(self):
        # Three minutes without an exporter; it goes on where it was.
        inputs = self.healthy("1x200 stale _x2 1x196", "0+2x200 stale _x2 406+2x196",
                              "0+60x200 stale _x2 12180+60x196")
        self.check_silence([series("up", "1x200 0x2 1x196", account=None), *inputs[1:]])

    def test_a_catch_up(self):
        # Nothing is known for two hours, then all comes at once. That data is stale is to be said.
        self.check_silence(
            self.healthy("1x400", "0+2x100 200x119 440+2x180", "0+60x100 6000x119 13200+60x180"),
            but={"AcronisDataStale"})

    def test_nothing_at_all(self):
        self.check_silence([], but={"AcronisExporterAbsent"})

    def test_another_job(self):
        inputs = [{**each, "series": each["series"].replace('job="acronis"', 'job="other"')}
                  for each in self.healthy("0x400", "0x400", "0x400")]
        self.check_silence(inputs, but={"AcronisExporterAbsent"})


class Failed(Rules):
    """AcronisTasksFailed: any failure, once, whatever lies between the scrapes."""

    alert = Alert("AcronisTasksFailed", "warning", "tasks", "Acronis tasks have failed.")

    def fires(self, tasks, queue="backup", code="error", account="emea", **labels):
        return self.alert.fires(
            f"Tasks of queue {queue} in account {account} that ended with {code} within 15 minutes: "
            f"{tasks}.",
            queue=queue, result_code=code, account=account, **labels)

    def test_failures(self):
        world = World(200).completed("4x100 7x99").completed("0+3x199", code="ok")
        world.completed("2x200", code="timedout").completed("0+1x200", code="cancelled")
        other = World(200, account="apac").completed("9x200")
        second = World(200, instance="two:10977", store="b").completed("3x200")
        self.check(self.alert, world.series + other.series[:2] + other.series[3:] + second.series,
                   {100: QUIET, 101: [self.fires(3)], 115: [self.fires(3)], 116: QUIET})

    def test_each_queue_code_account_and_instance_on_its_own(self):
        world = World(200).completed("0x100 1x99").completed("0x100 2x99", code="abandoned")
        world.completed("0x100 3x99", queue="plan", code="timedout")
        other = World(200, account="apac").completed("0x100 4x99")
        second = World(200, instance="two:10977", store="b").completed("0x100 5x99")
        self.check(self.alert, world.series + other.series[:2] + other.series[3:] + second.series,
                   {100: QUIET, 101: [
                       self.fires(1), self.fires(2, code="abandoned"),
                       self.fires(3, queue="plan", code="timedout"),
                       self.fires(4, account="apac"), self.fires(5, instance="two:10977")]})

    def test_numbers_are_exact_where_increase_would_extrapolate(self):
        self.check(self.alert, World(200).completed("0x100 7x4 19x50").series,
                   {101: [self.fires(7)], 106: [self.fires(19)], 117: [self.fires(12)], 121: QUIET})

    def test_a_series_that_begins_with_1(self):
        world = World(200).completed("_x100 1x99", queue="brand new")
        self.check(self.alert, world.series,
                   {99: QUIET, 100: [self.fires(1, queue="brand new")],
                    114: [self.fires(1, queue="brand new")], 115: QUIET})

    def test_an_account_that_is_seen_for_the_first_time_brings_no_history(self):
        world = World(200)
        world.series = [series("acronis_exporter_store_info", "1x200", account=None, store_id="a"),
                        series("acronis_up", "_x90 1x110"),
                        series("acronis_exporter_watermark_timestamp_seconds",
                               clock(200, begins=100))]
        world.completed("_x100 300x99")
        self.check(self.alert, world.series, {minute: QUIET for minute in range(95, 140)})

    def test_a_restart_of_the_exporter(self):
        world = World(200).completed("4x100 stale _x2 4x90")
        self.check(self.alert, world.series, {minute: QUIET for minute in range(95, 140)})

    def test_failures_of_a_night_without_an_exporter(self):
        # Away for eight hours; the first scrape shows what failed meanwhile.
        night = 8 * HOUR
        world = World(100 + night + 100).without("acronis_up").without("acronis_exporter_watermark")
        world.completed(f"4x99 stale _x{night} 9x99")
        world.add("acronis_up", f"1x99 stale _x{night} 1x99")
        world.add("acronis_exporter_watermark_timestamp_seconds",
                  f"0+60x99 stale _x{night} {60 * (100 + night)}+60x99")
        self.check(self.alert, world.series,
                   {100 + night: QUIET, 101 + night: [self.fires(5)], 114 + night: [self.fires(5)]})

    def test_failures_of_a_night_without_a_prometheus(self):
        # No end marks: nothing was there to write them.
        night = 8 * HOUR
        world = World(0)
        world.series = []
        for metric, labels in (("acronis_up", {}), ("acronis_exporter_store_info",
                                                    {"account": None, "store_id": "a"})):
            world.series.append(series(metric, f"1x99 _x{night} 1x99", **labels))
        world.add("acronis_exporter_watermark_timestamp_seconds",
                  f"0+60x99 _x{night} {60 * (100 + night)}+60x99")
        world.completed(f"4x99 _x{night} 9x99")
        self.check(self.alert, world.series,
                   {100 + night: [self.fires(5)], 114 + night: [self.fires(5)]})

    def test_another_store_brings_its_first_catch_up(self):
        world = World(300).without("acronis_exporter_store_info").completed("4x100 90x99")
        world.series += [
            series("acronis_exporter_store_info", "1x99 stale", account=None, store_id="a"),
            series("acronis_exporter_store_info", "_x100 1x200", account=None, store_id="b")]
        self.check(self.alert, world.series, {minute: QUIET for minute in range(95, 161, 3)})

    def test_a_counter_that_goes_back(self):
        self.check(self.alert, World(200).completed("90x100 4x99").series,
                   {minute: QUIET for minute in range(95, 140, 3)})


class Burst(Rules):
    """AcronisFailureBurst: many at once, but not those of a catch-up."""

    alert = Alert("AcronisFailureBurst", "critical", "tasks", "Many Acronis tasks fail at once.")

    def fires(self, tasks, account="emea"):
        return self.alert.fires(f"{tasks} tasks of account {account} failed within 15 minutes.",
                                account=account)

    def test_burst(self):
        world = World(300).completed("0x100 12x199").completed("0x100 8x199", queue="plan")
        other = World(300, account="apac").completed("0x100 19x199")
        # 15 minutes of failures, and 15 more in which it keeps firing.
        self.check(self.alert, world.series + other.series[:2] + other.series[3:],
                   {100: QUIET, 101: [self.fires(20)], 115: [self.fires(20)],
                    130: [self.fires(20)], 132: QUIET})

    def test_a_catch_up_is_none(self):
        # The watermark stands for 40 minutes, then all comes at once.
        world = World(0)
        world.series = World(300).without("acronis_exporter_watermark").series
        world.add("acronis_exporter_watermark_timestamp_seconds",
                  "0+60x60 3600x39 6060+60x199")
        world.completed("0x101 500x199")
        self.check(self.alert, world.series, {minute: QUIET for minute in range(95, 140)})

    def test_a_first_catch_up_is_none(self):
        world = World(0)
        world.series = World(300).without("acronis_exporter_watermark").series
        world.add("acronis_exporter_watermark_timestamp_seconds", clock(300, begins=101))
        world.completed("0x101 500x199")
        self.check(self.alert, world.series, {minute: QUIET for minute in range(95, 140)})

    def test_another_store_is_none(self):
        world = World(300).without("acronis_exporter_store_info").completed("0x110 500x180")
        world.series += [
            series("acronis_exporter_store_info", "1x99 stale", account=None, store_id="a"),
            series("acronis_exporter_store_info", "_x100 1x200", account=None, store_id="b")]
        self.check(self.alert, world.series, {minute: QUIET for minute in range(95, 161, 3)})


class Ratio(Rules):
    """AcronisFailureRatioHigh."""

    alert = Alert("AcronisFailureRatioHigh", "warning", "tasks", "A large share of Acronis tasks fails.")

    def test_ratio(self):
        fires = self.alert.fires("25% of the tasks of queue backup in account emea failed within six "
                                 "hours.", queue="backup")
        world = World(900).completed("0x400 5x499").completed("0x400 15x499", code="ok")
        world.completed("0x400 2x499", queue="plan").completed("0x400 38x499", code="ok", queue="plan")
        other = World(900, account="apac").completed("0x900").completed("0+1x900", code="ok")
        self.check(self.alert, world.series + other.series[:2] + other.series[3:],
                   {415: QUIET, 416: [fires], 400 + 6 * HOUR: [fires], 401 + 6 * HOUR: QUIET})

    def test_a_few_tasks_have_no_ratio(self):
        world = World(900).completed("0x400 18x499").completed("0x400 1x499", code="ok")
        self.check(self.alert, world.series, {minute: QUIET for minute in range(395, 780, 15)})

    def test_nothing_is_divided_by_no_task(self):
        world = World(900).completed("5x900").completed("100x900", code="ok")
        self.check(self.alert, world.series, {120: QUIET, 800: QUIET})

    def test_another_store_brings_its_first_catch_up(self):
        world = World(600).without("acronis_exporter_store_info")
        world.completed("0x400 90x99").completed("0x400 10x99", code="ok")
        world.series += [
            series("acronis_exporter_store_info", "1x399 stale", account=None, store_id="a"),
            series("acronis_exporter_store_info", "_x400 1x200", account=None, store_id="b")]
        self.check(self.alert, world.series, {minute: QUIET for minute in range(395, 461, 3)})


class NoSuccess(Rules):
    """AcronisNoSuccess: tasks run, and none succeeds."""

    alert = Alert("AcronisNoSuccess", "critical", "tasks", "Acronis tasks run, and none succeeds.")
    SUCCESS = "acronis_tasks_last_success_timestamp_seconds"
    COMPLETION = "acronis_tasks_last_completion_timestamp_seconds"

    def fires(self, account="emea"):
        return self.alert.fires(f"Queue backup in account {account} has had no success for 26 hours, "
                                "or never, although tasks complete.", account=account, queue="backup")

    def test_no_success(self):
        # A task fails every hour; the last success is of minute 60.
        world = World(2000).add(self.SUCCESS, "3600x1800 108060x100", queue="backup")
        world.add(self.COMPLETION, "0+60x2000", queue="backup", result_code="error")
        world.add(self.COMPLETION, "3600x1800 108060x100", queue="backup", result_code="ok")
        other = World(2000, account="apac").add(self.SUCCESS, clock(2000, behind=20), queue="backup")
        other.add(self.COMPLETION, clock(2000, behind=20), queue="backup", result_code="ok")
        too_old = 60 + 26 * HOUR + 1
        self.check(self.alert, world.series + other.series[:2] + other.series[3:],
                   {too_old + 59: QUIET, too_old + 60: [self.fires()], 1800: [self.fires()],
                    1801: QUIET})

    def test_never_a_success(self):
        world = World(200).add(self.COMPLETION, clock(200), queue="backup", result_code="error")
        self.check(self.alert, world.series, {59: QUIET, 60: [self.fires()]})

    def test_a_queue_without_tasks_is_not_meant(self):
        world = World(4000).add(self.SUCCESS, "3600x4000", queue="backup")
        world.add(self.COMPLETION, "3600x4000", queue="backup", result_code="ok")
        self.check(self.alert, world.series, {minute: QUIET for minute in range(1500, 4000, 100)}, every=10)

    def test_a_blind_exporter_is_not_meant(self):
        # Nothing is known since minute 100: not that there was no success.
        world = World(0)
        world.series = World(3000).without("acronis_exporter_watermark").series
        world.add("acronis_exporter_watermark_timestamp_seconds", "0+60x100 6000x2900")
        world.add(self.SUCCESS, "5400x3000", queue="backup")
        world.add(self.COMPLETION, "5940x3000", queue="backup", result_code="error")
        self.check(self.alert, world.series, {minute: QUIET for minute in range(0, 3000, 100)}, every=10)

    def test_silent_without_a_watermark(self):
        world = World(3000).without("acronis_exporter_watermark")
        world.add(self.SUCCESS, "0x3000", queue="backup")
        world.add(self.COMPLETION, "0+60x3000", queue="backup", result_code="error")
        self.check(self.alert, world.series, {2000: QUIET, 3000: QUIET}, every=10)


class Silent(Rules):
    """AcronisQueueSilent: what ran every day has stopped."""

    alert = Alert("AcronisQueueSilent", "warning", "tasks",
                  "Acronis tasks that ran every day have stopped.")
    COMPLETION = "acronis_tasks_last_completion_timestamp_seconds"
    STOPS = 9 * DAY

    def queue(self, world, a_day, stops, queue="backup"):
        """A queue with so many tasks a day until that minute."""
        end = world.minutes - stops
        world.completed(f"0+{a_day / DAY}x{stops} {a_day * stops / DAY}x{end}", code="ok", queue=queue)
        return world.add(self.COMPLETION, f"0+60x{stops} {60 * stops}x{end}", queue=queue,
                         result_code="ok")

    def test_silent(self):
        fires = self.alert.fires("Queue backup in account emea had a task a day last week, and none for "
                                 "1d 2h 30m 0s.", queue="backup")
        world = self.queue(World(self.STOPS + 3 * DAY), 2, self.STOPS)
        self.queue(world, 2, world.minutes, queue="plan")
        stopped = self.STOPS + 26 * HOUR
        self.check(self.alert, world.series,
                   {stopped: QUIET, stopped + 20: QUIET, stopped + 30: [fires]}, every=10)

    def test_a_weekly_queue_is_not_meant(self):
        world = self.queue(World(self.STOPS + 3 * DAY), 1 / 7, self.STOPS)
        self.check(self.alert, world.series,
                   {minute: QUIET for minute in range(self.STOPS, world.minutes, 120)}, every=10)

    def test_a_blind_exporter_is_not_meant(self):
        world = World(self.STOPS + 3 * DAY).without("acronis_exporter_watermark")
        world.add("acronis_exporter_watermark_timestamp_seconds",
                  f"0+60x{self.STOPS} {60 * self.STOPS}x{3 * DAY}")
        self.queue(world, 2, self.STOPS)
        self.check(self.alert, world.series,
                   {minute: QUIET for minute in range(self.STOPS, world.minutes, 120)}, every=10)


if __name__ == "__main__":
    tap.main()
