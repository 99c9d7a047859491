"""Debian's netdata runs the shipped plugin: charts, labels, restarts and alarms."""

import os
import signal
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", "e2e"), os.path.dirname(__file__)]

import netdata  # noqa: E402  (The paths come first.)
import tap  # noqa: E402
from harness import Case, Exporter, Simulator, seconds_ago, until  # noqa: E402

QUEUE = "nightly, 'all' = \"1\" – é D:\\"


class NetdataTest(Case):
    def setUp(self):
        super().setUp()
        self.simulator = Simulator(self, rate=0)
        exporter = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file, begin=False)
        # netdata's user reads them.
        for path in (exporter.secret_file, exporter.config, self.simulator.ca_file):
            os.chmod(path, 0o644)
        os.chmod(self.simulator.directory, 0o711)
        self.config = exporter.config

    def add(self, count, queue="backup", code="error"):
        self.simulator.add_tasks(queue=queue, result_code=code, completed_at=seconds_ago(5),
                                 count=count)

    def chart(self, agent, topic, queue):
        """The id of a chart, once it is there."""
        def found():
            return next((name for name, chart in agent.charts(f"acronis_tasks.{topic}").items()
                         if chart["chart_labels"].get("queue") == queue), None)
        return until(found, lambda: f"{topic} of {queue}\n{agent.process.output()}")

    def test_shows_charts_with_labels(self):
        self.add(3)
        self.add(1, queue=QUEUE, code="ok")
        agent = netdata.Netdata(self, self.config)
        (up,) = agent.charts().values()
        self.assertEqual(up["chart_labels"]["account"], "e2e")
        until(lambda: agent.values(up["id"], 1) == [{"up": 1}], "the account is up")
        chart = agent.charts("acronis_tasks.completed")[self.chart(agent, "completed", "backup")]
        self.assertEqual(chart["chart_labels"], {**chart["chart_labels"], "account": "e2e"})
        self.assertEqual({dimension["name"] for dimension in chart["dimensions"].values()},
                         {"abandoned", "cancelled", "error", "ok", "timedout", "unknown", "warning"})
        names = {chart["chart_labels"].get("queue")
                 for chart in agent.charts("acronis_tasks.failed").values()}
        # netdata has a few more characters that it does not want in a label.
        self.assertEqual(names, {"backup", "nightly. _all_ : _1_ – é D:＼"})
        code, took = agent.process.signal(signal.SIGTERM)
        self.assertEqual((code, took < 10), (0, True))

    def counted(self, agent, chart, seconds=120):
        """What netdata adds up of a counter's chart."""
        return sum(sum(value or 0 for value in row.values())
                   for row in agent.values(chart, seconds))

    def test_makes_no_spike_when_our_process_is_killed_and_started_again(self):
        self.add(50)
        agent = netdata.Netdata(self, self.config)
        failed = self.chart(agent, "failed", "backup")
        self.add(3)
        until(lambda: round(self.counted(agent, failed)) == 3,
              lambda: f"3 failures\n{agent.values(failed, 60)}")
        first = until(agent.child, "our process")
        os.kill(first, signal.SIGKILL)
        until(lambda: agent.child() not in (0, first), lambda: f"another process\n{agent.process.output()}")
        self.add(2)
        until(lambda: round(self.counted(agent, failed)) == 5,
              lambda: f"2 more\n{agent.values(failed, 120)}")
        rates = [row["failed"] or 0 for row in agent.values(failed, 120)]
        self.assertLessEqual(max(rates), 3.01, rates)
        self.assertGreaterEqual(min(rates), 0, rates)

    def test_raises_an_alarm_and_clears_it(self):
        text = (netdata.SHIPPED / "health.d/acronis_tasks.conf").read_text(encoding="utf-8")
        for shipped, quick in (("average -1h", "average -20s"), ("$this * 3600", "$this * 20"),
                               ("every: 10s", "every: 1s")):
            self.assertIn(shipped, text)
            text = text.replace(shipped, quick)
        self.add(1, code="ok")
        agent = netdata.Netdata(self, self.config, alarms=text)
        failed = self.chart(agent, "failed", "backup")
        key = ("acronis_tasks_failed", failed)
        self.assertEqual(agent.alarms(), {})
        until(lambda: len(agent.values(failed, 5)) > 2, "a few values")
        self.add(4)
        raised = until(lambda: agent.alarms().get(key), lambda: f"the alarm\n{agent.process.output()}")
        self.assertEqual((raised["status"], raised["units"]), ("WARNING", "tasks"))
        until(lambda: key not in agent.alarms(), lambda: agent.alarms())
        self.assertNotIn(("acronis_tasks_down", "acronis_tasks.up_e2e"), agent.alarms())


if __name__ == "__main__":
    tap.main()
