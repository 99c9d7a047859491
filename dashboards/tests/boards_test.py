"""The dashboards: what Grafana and its readers need is there, and every query brings something.

The rules are those of Grafana's dashboard-linter, and some more; exceptions are here, with reasons.
"""

import collections
import json
import math
import pathlib
import re
import subprocess
import sys
import time
import unittest
import urllib.parse

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e")]

import boards  # noqa: E402  (The path comes first.)
import catalogue  # noqa: E402
import harness  # noqa: E402
import runbooks  # noqa: E402
import tap  # noqa: E402
from prometheus import Prometheus, tool  # noqa: E402

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Ids of units as Grafana knows them; each is used by a panel.
UNITS = {"none", "s", "percentunit", "bytes", "Bps", "reqps", "cps"}
# Functions that make something of a counter.
RATES = ("rate(", "irate(", "increase(", "resets(", "changes(")
COUNTER = re.compile(r"\b\w+_total\b")
WINDOW = re.compile(r"\[([^\]]*)\]")
# Counters that are compared with one another, not over a time.
RAW_COUNTERS = {"Do the books balance?": "both sides of the books at one moment"}
# Windows that are not $__rate_interval.
WINDOWS = {"$__range": "a number for the whole range that is shown",
           "2m": "annotations know no $__rate_interval"}
TYPES = {"stat", "timeseries", "table", "heatmap"}
MOST_SERIES = 200


class Frame(unittest.TestCase):
    """What a whole dashboard needs."""

    def test_each_is_importable_and_found_again(self):
        all_boards = boards.all_boards()
        self.assertEqual([board.json["uid"] for board in all_boards],
                         ["acronis-exporter", "acronis-overview", "acronis-queue"])
        for board in all_boards:
            self.assertNotIn("id", board.json)
            self.assertNotIn("version", board.json)
            self.assertNotIn("__inputs", board.json)
            self.assertEqual((board.json["schemaVersion"], board.json["editable"],
                              board.json["graphTooltip"]), (39, False, 1))
            self.assertRegex(board.json["title"], r"^Acronis / [A-Z]")
            self.assertTrue(board.json["description"].endswith("."))
            self.assertEqual([(link["tags"], link["includeVars"], link["keepTime"])
                              for link in board.json["links"]], [(board.json["tags"], True, True)])

    def test_annotations_tell_restarts_and_gaps(self):
        for board in boards.all_boards():
            names = {each["name"] for each in board.json["annotations"]["list"]}
            self.assertLessEqual({"Restarts of the exporter", "Data gaps"}, names)

    def test_variables(self):
        for board in boards.all_boards():
            first, *others = board.variables()
            self.assertEqual((first["name"], first["type"], first["query"], first["label"]),
                             ("datasource", "datasource", "prometheus", "Data source"))
            names = [variable["name"] for variable in others]
            self.assertEqual(names[:3], ["job", "instance", "account"])
            for place, variable in enumerate(others):
                self.assertEqual(
                    (variable["type"], variable["datasource"], variable["refresh"],
                     variable["multi"], variable["includeAll"], variable["allValue"]),
                    ("query", DATASOURCE, 2, True, True, ".+"))
                for earlier in names[:place]:
                    self.assertIn(f'{earlier}=~"${earlier}"', variable["query"]["query"])


class Panels(unittest.TestCase):
    """What each panel needs."""

    def setUp(self):
        self.panels = [panel for board in boards.all_boards() for panel in board.panels()]
        self.assertGreater(len(self.panels), 30)

    def test_words(self):
        for panel in self.panels:
            defaults = panel["fieldConfig"]["defaults"]
            self.assertIn(panel["type"], TYPES, panel["title"])
            self.assertGreater(len(panel["title"]), 5)
            self.assertGreater(len(panel["description"]), 15)
            self.assertRegex(panel["description"], r"[.?]$")
            self.assertTrue(defaults["noValue"], panel["title"])
            self.assertIn(defaults["unit"], UNITS, panel["title"])

    def test_colour_is_never_all_that_tells_a_state(self):
        for panel in self.panels:
            defaults = panel["fieldConfig"]["defaults"]
            if panel["type"] == "stat" and len(defaults["thresholds"]["steps"]) > 1:
                # Either words stand in its place, or the description names the thresholds.
                self.assertTrue(defaults.get("mappings") or re.search(r"\d", panel["description"]),
                                panel["title"])

    def test_targets(self):
        for panel in self.panels:
            self.assertEqual(panel["datasource"], DATASOURCE)
            self.assertTrue(panel["targets"])
            refs = [target["refId"] for target in panel["targets"]]
            self.assertEqual(len(set(refs)), len(refs))
            for target in panel["targets"]:
                self.assertEqual(target["datasource"], DATASOURCE)
                self.assertNotEqual(target["instant"], target["range"])
                self.assertEqual(target["instant"], panel["type"] in {"stat", "table"})
                if panel["type"] == "timeseries":
                    self.assertTrue(target["legendFormat"])

    def test_places(self):
        for board in boards.all_boards():
            ids = [panel["id"] for panel in board.json["panels"]] + [
                panel["id"] for row in board.json["panels"] for panel in row.get("panels", [])]
            self.assertEqual(len(set(ids)), len(ids))
            folded = [row["panels"] for row in board.json["panels"] if row["type"] == "row"]
            for together in [board.json["panels"], *folded]:
                taken = collections.Counter(
                    (x, y) for place in (panel["gridPos"] for panel in together)
                    for x in range(place["x"], place["x"] + place["w"])
                    for y in range(place["y"], place["y"] + place["h"]))
                self.assertEqual(set(taken.values()), {1}, board.name)
                self.assertLessEqual(max(x for x, _ in taken), 23)

    def test_overview_answers_on_one_screen(self):
        (overview,) = [board for board in boards.all_boards() if board.name == "overview.json"]
        open_ones = [panel["gridPos"] for panel in overview.json["panels"] if panel["type"] != "row"]
        # A unit is 38 pixels with its gap; a laptop shows some 16 of them.
        self.assertLessEqual(max(place["y"] + place["h"] for place in open_ones), 16)


class Queries(harness.Case):
    def test_they_parse_and_use_what_there_is(self):
        queries = [entry for board in boards.all_boards() for entry in board.queries()]
        self.assertGreater(len(queries), 40)
        rules = [{"record": f"query_{number}", "expr": boards.filled(query, "5m", "6h")}
                 for number, (_, query) in enumerate(queries)]
        file = self.folder / "queries.yml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}),
                        encoding="utf-8")
        done = subprocess.run([tool("promtool"), "check", "rules", file], check=False,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for where, query in queries:
            self.assertEqual(catalogue.unknown(query, set()), [], where)

    def test_they_ask_for_what_is_chosen(self):
        for board in boards.all_boards():
            for where, query in board.queries():
                for selector in catalogue.SELECTOR.finditer(query):
                    labels = catalogue.METRICS[selector.group(1)]
                    wanted = {"job", "instance"} | ({"account"} & set(labels))
                    chosen = set(re.findall(r'(\w+)=~"\$\1"', selector.group(2)))
                    self.assertLessEqual(wanted, chosen, where)

    def test_counters_are_seen_over_a_time_that_grafana_chooses(self):
        for board in boards.all_boards():
            for where, query in board.queries():
                title = where.partition(": ")[2].rpartition(" ")[0]
                for counter in COUNTER.finditer(query):
                    self.assertTrue(query[:counter.start()].endswith(RATES) or title in RAW_COUNTERS,
                                    f"{where}: {counter.group()}")
                for window in WINDOW.findall(query):
                    self.assertIn(window, {"$__rate_interval", *WINDOWS}, where)

    def live(self):
        """Prometheus over an exporter to which everything has happened that dashboards show."""
        simulator = harness.Simulator(self, rate=5, history="10m", tls=False)
        exporter = harness.Exporter(self, simulator.base_url, interval="500ms",
                                    max_requests_per_minute=300)
        prometheus = Prometheus(self, exporter.address)
        simulator.add_tasks(queue="backup", result_code="error", count=3)
        exporter.scrape_when(lambda page: page.sum("acronis_exporter_polls_total", result="success"),
                             "a good poll")
        self.fail_a_poll(simulator, exporter)
        return prometheus, simulator, exporter

    def fail_a_poll(self, simulator, exporter):
        def failed(page):
            return page.sum("acronis_exporter_polls_total", by=(), result="error").get((), 0)
        before = failed(exporter.scrape())
        simulator.set_fault("status", value=500, path="tasks")
        exporter.scrape_when(lambda page: failed(page) > before, "a bad poll")
        simulator.clear_faults()
        self.failed_at = time.monotonic()

    def test_each_brings_something(self):
        prometheus, simulator, exporter = self.live()
        for board in boards.all_boards():
            for where, query in board.queries():
                if where.endswith(("Restarts of the exporter", "Data gaps")):
                    continue  # They have nothing to tell of a good life.
                with self.subTest(where):
                    self.check_query(prometheus, simulator, exporter, where,
                                     boards.filled(query, "30s", "1h"))
            for where, selector, label in board.variable_queries():
                with self.subTest(where):
                    match = urllib.parse.urlencode({"match[]": boards.filled(selector, "", "")})
                    answer = harness.fetch(f"{prometheus.url}/api/v1/label/{label}/values?{match}")
                    self.assertTrue(json.loads(answer.body)["data"], where)

    def test_queries_of_runbooks_run(self):
        prometheus, _, _ = self.live()
        for name, query in runbooks.queries():
            with self.subTest(name):
                prometheus.query(query)  # An answer with an error fails.

    def check_query(self, prometheus, simulator, exporter, where, query):
        def values():
            found = prometheus.query(query).values()
            if not found:  # What is shown as a failure has to go on happening.
                simulator.add_tasks(queue="backup", result_code="error")
                if time.monotonic() - self.failed_at > 10:
                    self.fail_a_poll(simulator, exporter)
            return [value for value in found if not math.isnan(value)]
        harness.until(values, lambda: f"{where}: {query} is empty", deadline=30, every=0.2)
        self.assertLessEqual(len(prometheus.query(query)), MOST_SERIES)


if __name__ == "__main__":
    tap.main()
