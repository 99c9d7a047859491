"""From a failed task at Acronis to the person who is called: simulator, exporter, Prometheus with the
shipped rules, Alertmanager with the shipped routes, each the real program."""

import json
import pathlib
import re
import subprocess
import sys
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e")]

import harness  # noqa: E402  (The path comes first.)
import tap  # noqa: E402
from alertmanager import Alertmanager, Receiver  # noqa: E402
from harness import until  # noqa: E402
from prometheus import Prometheus, tool  # noqa: E402

# Of the past that Prometheus is given: an exporter that has been well for hours.
HOURS, STEP = 3, 30
STALE_SECONDS = 12


def past_of(exporter):
    """OpenMetrics of the hours before now: what the exporter shows, as if it had always been so."""
    page = exporter.scrape().text
    families = {}
    for line in page.splitlines():
        name = re.split(r"[{ ]", line)[0]
        if re.fullmatch(r"acronis_(up|tasks_completed_total|exporter_store_info"
                        r"|exporter_watermark_timestamp_seconds)", name):
            families.setdefault(name, []).append(line.rpartition(" "))
    now = int(time.time()) - 60
    lines = []
    for name, samples in families.items():
        lines.append(f"# TYPE {name.removesuffix('_total')} "
                     f"{'counter' if name.endswith('_total') else 'gauge'}")
        for series, _, value in samples:
            series = series.replace("{", f'{{job="acronis",instance="{exporter.address}",')
            moves = "watermark" in name
            lines += [f"{series} {at if moves else value} {at}"
                      for at in range(now - 3600 * HOURS, now, STEP)]
    return "\n".join([*lines, "# EOF\n"])


def hurried_rules(folder):
    """The shipped rules, but for their patience."""
    program = ("local mixin = (import 'mixin/mixin.libsonnet') "
               f"+ {{ _config+:: {{ staleMinutes: {STALE_SECONDS / 60} }} }}; "
               "[mixin.prometheusRules, mixin.prometheusAlerts]")
    made = json.loads(subprocess.run(["jsonnet", "-e", program], cwd=ROOT / "dashboards",
                                     check=True, stdout=subprocess.PIPE, text=True).stdout)
    files = []
    for number, content in enumerate(made):
        for group in content["groups"]:
            for rule in group["rules"]:
                rule.pop("keep_firing_for", None)
                if "for" in rule:
                    rule["for"] = "1s"
        files.append(folder / f"rules{number}.yml")
        files[-1].write_text(yaml.safe_dump(content), encoding="utf-8")
    return files


class AlertingTest(harness.Case):
    """A night of somebody on call."""

    def watch(self):
        """Everything that is between a task and a person, with a past."""
        self.simulator = harness.Simulator(self, rate=0, history="1h", tls=False)
        self.exporter = harness.Exporter(self, self.simulator.base_url)
        self.exporter.scrape_when(
            lambda page: page.value("acronis_exporter_watermark_timestamp_seconds", account="e2e"),
            "a first poll")
        past = self.folder / "past.om"
        past.write_text(past_of(self.exporter), encoding="utf-8")
        subprocess.run([tool("promtool"), "tsdb", "create-blocks-from", "openmetrics", past,
                        self.folder / "tsdb"], check=True, capture_output=True)
        self.receiver = Receiver(self)
        self.alertmanager = Alertmanager(self, self.receiver)
        self.prometheus = Prometheus(self, self.exporter.address, hurried_rules(self.folder),
                                     self.alertmanager.address)

    def wait_for_state(self, name, state):
        """What Alertmanager holds of the alert once it is in that state."""
        def reached():
            return next((alert for alert in self.alertmanager.alerts(name)
                         if alert["status"]["state"] == state), None)
        return until(reached, lambda: f"{name} {state}: {self.alertmanager.alerts(name)}")

    def test_failed_task_calls_somebody_and_a_blind_exporter_does_not(self):
        self.watch()
        self.simulator.add_tasks(queue="backup", result_code="error", count=3)
        _, failed = self.receiver.wait_for("AcronisTasksFailed", "firing", queue="backup")
        self.assertEqual(failed["labels"]["result_code"], "error")
        self.assertEqual(failed["labels"]["account"], "e2e")
        self.assertIn("Tasks of queue backup in account e2e that ended with error within 15 minutes: 3.",
                      failed["annotations"]["description"])

        self.simulator.set_fault("status", value=500, path="tasks")
        receiver, stale = self.receiver.wait_for("AcronisDataStale", "firing", account="e2e")
        self.assertEqual(stale["labels"]["severity"], "critical")
        self.assertNotEqual(receiver, "")
        muted = self.wait_for_state("AcronisTasksFailed", "suppressed")
        self.assertTrue(muted["status"]["inhibitedBy"], muted)

        self.simulator.clear_faults()
        self.receiver.wait_for("AcronisDataStale", "resolved", account="e2e")
        self.wait_for_state("AcronisTasksFailed", "active")

    def test_exporter_that_is_gone_is_all_that_is_said(self):
        self.watch()
        self.simulator.add_tasks(queue="backup", result_code="timedout")
        self.receiver.wait_for("AcronisTasksFailed", "firing", result_code="timedout")
        self.exporter.process.end()
        self.receiver.wait_for("AcronisExporterDown", "firing")
        until(lambda: not any(alert["status"]["state"] == "active"
                              for alert in self.alertmanager.alerts("AcronisTasksFailed")),
              lambda: f"nothing of tasks in {self.alertmanager.alerts('AcronisTasksFailed')}")


def alert(name, layer, account="emea", instance="one", severity="warning", **more):
    return {"alertname": name, "layer": layer, "job": "acronis", "instance": instance,
            "account": account, "severity": severity, **more}


class InhibitionTest(harness.Case):
    """Which alert mutes which: of the same account or instance, and of no other."""

    def setUp(self):
        super().setUp()
        self.alertmanager = Alertmanager(self, Receiver(self))

    def check(self, cause, muted, spoken):
        """`cause` fires together with the others."""
        def key(labels):
            return tuple(labels.get(name, "") for name in ("account", "instance", "alertname"))

        self.alertmanager.tell(cause, *muted, *spoken)

        def states():
            return {key(each["labels"]): each["status"]["state"]
                    for each in self.alertmanager.alerts("")}
        wanted = {**{key(each): "suppressed" for each in muted},
                  **{key(each): "active" for each in [cause, *spoken]}}
        until(lambda: states() == wanted, lambda: f"{states()} to be {wanted}")

    def test_an_exporter_that_is_down_mutes_its_accounts(self):
        self.check(alert("AcronisExporterDown", "exporter", account=""),
                   [alert("AcronisTasksFailed", "tasks"), alert("AcronisDataStale", "data"),
                    alert("AcronisNoSuccess", "tasks", account="apac")],
                   [alert("AcronisTasksFailed", "tasks", instance="two"),
                    alert("AcronisReloadFailed", "exporter")])

    def test_no_exporter_mutes_all(self):
        self.check(alert("AcronisExporterAbsent", "exporter", account="", instance=""),
                   [alert("AcronisTasksFailed", "tasks"), alert("AcronisDataStale", "data")], [])

    def test_a_blind_account_says_nothing_of_its_tasks(self):
        for cause in ("AcronisPollFailing", "AcronisDataStale", "AcronisAuthenticationFailing"):
            with self.subTest(cause):
                self.alertmanager = Alertmanager(self, Receiver(self), folder=cause)
                self.check(alert(cause, "data"), [alert("AcronisTasksFailed", "tasks")],
                           [alert("AcronisTasksFailed", "tasks", account="apac"),
                            alert("AcronisDataGap", "data")])

    def test_the_cause_is_said_and_not_its_effects(self):
        self.check(alert("AcronisAuthenticationFailing", "data"),
                   [alert("AcronisPollFailing", "data"), alert("AcronisDataStale", "data")],
                   [alert("AcronisPollFailing", "data", account="apac")])

    def test_a_burst_is_said_once(self):
        self.check(alert("AcronisFailureBurst", "tasks"), [alert("AcronisTasksFailed", "tasks")],
                   [alert("AcronisTasksFailed", "tasks", account="apac"),
                    alert("AcronisNoSuccess", "tasks")])


if __name__ == "__main__":
    tap.main()
