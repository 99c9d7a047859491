"""The dashboards, drawn by Grafana's own code in Chromium from a past that is known to the last task."""

import datetime
import json
import subprocess

import boards
import history
import trials
from harness import ROOT
from prometheus import Prometheus, tool

HERE = ROOT / "dashboards" / "tests" / "npm"
PICTURES = ROOT / "build" / "dashboards"
GOOD, MIDDLING, BAD = "#009E73", "#E69F00", "#D55E00"
# What is to be read, written down from the past in history.py: {panel: (text, colour or None)}.
TO_READ = {
    "overview.json": {
        "All accounts seen?": ("yes", GOOD),
        "How far behind?": ("30 s", GOOD),
        "Any data missing?": ("nothing", GOOD),
        "Tasks that failed": ("36", BAD),
        "Success rate": ("93.1%", MIDDLING),
        "Queues in trouble": ("1", BAD),
        "What failed, by queue and result code": ("emea | archive | error | 24", None),
        "When each queue last succeeded": ("emea | archive | 1.29 days", None),
        "What waits longest": ("apac | backup | enqueued | 1 hour", None),
    },
    "queue.json": {
        "How many tasks ended?": ("525", None),
        "How many of them failed?": ("36", BAD),
        "How many wait or run?": ("16", None),
    },
    "exporter.json": {
        "Do the books balance?": ("yes", GOOD),
        "Clocks apart?": ("250 ms", GOOD),
        "How far behind is each account?": ("apac: 30 s, emea: 30 s", None),
        "How much of the time is spent waiting": ("apac: 5%, emea: 5%", None),
        "Memory": ("exporter:10977: 28.6 MiB", None),
    },
}


def node(*command):
    return subprocess.run(command, cwd=HERE, check=False, capture_output=True, text=True)


class Types(trials.Trial):
    """Grafana's types have nothing against them, and would have against faults."""

    def attempt(self):
        done = node("node", "validate.mjs")
        lines = done.stdout.splitlines()
        self.assertEqual([line for line in lines if not line.startswith("ok - ")], [], done.stderr)
        self.assertGreater(len(lines), 10, done.stderr)


class Pictures(trials.Trial):
    """What people read on them is what has happened, in light and in dark."""

    def attempt(self):
        midnight = datetime.datetime.now(datetime.timezone.utc).replace(
            hour=0, minute=0, second=0, microsecond=0)
        end = int(midnight.timestamp()) - 86400 + 11 * history.HOUR
        past = self.folder / "past.om"
        past.write_text(history.History(end).text(), encoding="utf-8")
        subprocess.run([tool("promtool"), "tsdb", "create-blocks-from", "openmetrics", past,
                        self.folder / "tsdb"], check=True, capture_output=True)
        prometheus = Prometheus(self, "127.0.0.1:1")
        PICTURES.mkdir(parents=True, exist_ok=True)
        done = node("node", "draw.mjs", prometheus.url, str(end), PICTURES)
        self.assertEqual(done.returncode, 0, done.stderr)
        read = json.loads(done.stdout)
        self.assertEqual(read["errors"], [])
        self.check_units(read["units"])
        for name, panels in TO_READ.items():
            for mode in ("light", "dark"):
                self.check_board(read["boards"][f"{name} {mode}"], panels)

    def check_units(self, known):
        for board in boards.all_boards():
            for panel in board.panels():
                self.assertIn(panel["fieldConfig"]["defaults"]["unit"], known, panel["title"])

    def check_board(self, drawn, panels):
        for title, (text, colour) in panels.items():
            self.assertEqual(drawn[title]["text"], text, title)
            if colour:
                self.assertEqual(drawn[title]["color"], colour, title)
        for title, shown in drawn.items():
            self.assertNotIn("NaN", shown["text"], title)


def run():
    installed = node("npm", "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund")
    if installed.returncode != 0:
        trials.report("dashboards: npm ci", False, installed.stdout + installed.stderr)
        return
    trials.run([Types("dashboards: Grafana's types accept them"),
                Pictures("dashboards: what is read on them")], 2)

