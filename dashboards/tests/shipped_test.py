"""What is shipped beside the program fits it, and its own parts fit one another: rules, routes,
runbooks, examples."""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e")]

import alertmanager  # noqa: E402  (The path comes first.)
import catalogue  # noqa: E402
import harness  # noqa: E402
import prometheus  # noqa: E402
import runbooks  # noqa: E402
import tap  # noqa: E402

HERE = ROOT / "dashboards"
RULES = HERE / "prometheus" / "acronis_rules.yml"
ALERTS = HERE / "prometheus" / "acronis_alerts.yml"
SEVERITIES = {"critical", "warning", "info"}
# What an alert has to do with its value, so that it is not always there.
DECIDES = re.compile(r"[<>=!]=|[<>]|\babsent\(|\bunless\b")
COUNTED = re.compile(r"acronis_\w+_total(?:\{[^}]*\})?(\[\w+\])?")


def run(*command):
    done = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def rules_of(file):
    groups = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


class Shipped(unittest.TestCase):
    def succeeds(self, *command):
        code, said = run(*command)
        self.assertEqual(code, 0, said)

    def test_everything_is_what_the_mixin_makes(self):
        self.succeeds(HERE / "generate", "--check")

    def test_the_mixin_is_formatted(self):
        self.succeeds("jsonnetfmt", "--test", *sorted((HERE / "mixin").rglob("*.libsonnet")))

    def test_promtool_has_nothing_to_say(self):
        self.succeeds(prometheus.tool("promtool"), "check", "rules", "--lint=all", "--lint-fatal",
                      RULES, ALERTS)
        self.succeeds(prometheus.tool("promtool"), "check", "config",
                      HERE / "prometheus" / "prometheus.yml")


class Names(unittest.TestCase):
    def test_rules_use_what_there_is(self):
        recorded = {rule["record"] for rule in rules_of(RULES)}
        for rule in rules_of(RULES) + rules_of(ALERTS):
            self.assertEqual(catalogue.unknown(rule["expr"], recorded), [], rule)

    def test_recorded_names_say_level_metric_and_operation(self):
        for rule in rules_of(RULES):
            self.assertRegex(rule["record"], r"^[a-z_]+:acronis_[a-z_]+:[a-z0-9]+$")

    def test_alerts_have_all_that_people_need(self):
        for alert in rules_of(ALERTS):
            with self.subTest(alert["alert"]):
                self.assertRegex(alert["alert"], r"^Acronis[A-Z][A-Za-z]+$")
                self.assertIn(alert["labels"]["severity"], SEVERITIES)
                self.assertIn(alert["labels"]["layer"], {"exporter", "data", "tasks"})
                self.assertNotIn("$value", json.dumps(alert["labels"]))
                self.assertEqual(set(alert["annotations"]),
                                 {"summary", "description", "runbook_url", "dashboard_url"})
                self.assertNotIn("{{", alert["annotations"]["summary"])
                self.assertRegex(alert["expr"], DECIDES)

    def test_no_alert_takes_a_counter_for_a_gauge(self):
        # Either over a time, or compared with itself: before, or the other side of the books.
        for alert in rules_of(ALERTS):
            raw = [found.group() for found in COUNTED.finditer(alert["expr"]) if not found.group(1)]
            self.assertTrue(not raw or len(raw) >= 2, alert["expr"])


class Runbooks(harness.Case):
    def test_every_alert_has_one(self):
        self.assertEqual({alert["alert"] for alert in rules_of(ALERTS)}, set(runbooks.names()))

    def test_all_have_the_four_parts(self):
        for name in runbooks.names():
            text = runbooks.text(name)
            self.assertEqual(text.splitlines()[0], f"# {name}")
            self.assertEqual(re.findall(r"^## (.*)$", text, re.MULTILINE),
                             ["Meaning", "Impact", "Diagnosis", "Mitigation"], name)
            for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]:
                self.assertGreater(len(part.split()), 4, f"{name}: {part}")

    def test_queries_parse_and_use_what_there_is(self):
        recorded = {rule["record"] for rule in rules_of(RULES)}
        rules = [{"record": f"query_{number}", "expr": query}
                 for number, (_, query) in enumerate(runbooks.queries())]
        self.assertGreater(len(rules), 20)
        file = self.folder / "queries.yml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}),
                        encoding="utf-8")
        code, said = run(prometheus.tool("promtool"), "check", "rules", file)
        self.assertEqual(code, 0, said)
        for name, query in runbooks.queries():
            self.assertEqual(catalogue.unknown(query, recorded), [], name)

    def test_alerts_on_tasks_name_a_command_that_names_the_tasks(self):
        named = {name for name, _ in runbooks.commands()}
        for alert in rules_of(ALERTS):
            if alert["labels"]["layer"] == "tasks":
                self.assertIn(alert["alert"], named)

    def test_commands_work(self):
        simulator = harness.Simulator(self, rate=0, tls=False)
        exporter = harness.Exporter(self, simulator.base_url, begin=False)
        for name, command in runbooks.commands():
            program, sub_command, *rest = shlex.split(command)
            self.assertEqual((program, sub_command), ("acronis_task_exporter", "list"), name)
            code, _, errors = self.run_program("list", f"--config.file={exporter.config}", *rest)
            self.assertEqual((code, errors), (0, ""), f"{name}: {command}")


class Routing(unittest.TestCase):
    CONFIG = HERE / "alertmanager" / "alertmanager.yml"

    def amtool(self, *arguments):
        return run(alertmanager.tool("amtool"), *arguments)

    def test_the_example_is_accepted(self):
        code, said = self.amtool("check-config", self.CONFIG)
        self.assertEqual(code, 0, said)

    def test_each_alert_goes_to_whom_its_severity_says(self):
        receivers = {"critical": "pager", "warning": "chat", "info": "mail"}
        labels = [(alert["alert"], alert["labels"]) for alert in rules_of(ALERTS)]
        labels.append(("Watchdog", {"severity": "info"}))
        labels.append(("WithoutSeverity", {"severity": "warning"}))
        for name, of_alert in labels:
            pairs = [f"{label}={value}" for label, value in {"alertname": name, **of_alert}.items()]
            code, said = self.amtool(
                "config", "routes", "test", f"--config.file={self.CONFIG}",
                f"--verify.receivers={receivers[of_alert['severity']]}", *pairs)
            self.assertEqual(code, 0, f"{name}: {said}")

    def test_inhibitions_name_alerts_that_there_are(self):
        known = {alert["alert"] for alert in rules_of(ALERTS)}
        config = yaml.safe_load(self.CONFIG.read_text(encoding="utf-8"))
        named = set(re.findall(r"Acronis\w+", json.dumps(config["inhibit_rules"])))
        self.assertTrue(named)
        self.assertEqual(named - known, set())


if __name__ == "__main__":
    tap.main()
