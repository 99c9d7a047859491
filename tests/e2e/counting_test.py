"""What is scraped is what happened, all the way to Prometheus."""

import subprocess

import tap
from harness import Case, Exporter, Simulator, fetch, until
from prometheus import Prometheus, tool


def agree(simulator, counted):
    """The truth, once `counted` returns the same while the truth stands still."""
    def same():
        before = simulator.truth()
        return before if counted() == before == simulator.truth() else None
    return until(same, lambda: f"{counted()} to equal {simulator.truth()}")


class Counting(Case):
    def export(self, rate=0.05, **poll):
        """An exporter of a simulator in which a task completes once in 1 / `rate` seconds."""
        self.simulator = Simulator(self, rate=rate)
        return Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file, **poll)

    def test_metrics_equal_the_truth_of_the_simulator(self):
        exporter = self.export()
        self.assertGreater(sum(agree(self.simulator, exporter.completed).values()), 100)

    def test_books_are_balanced(self):
        exporter = self.export()
        agree(self.simulator, exporter.completed)
        scrape = exporter.scrape()
        fates = scrape.sum("acronis_exporter_tasks_processed_total", by=("outcome",))
        received = scrape.sum("acronis_exporter_tasks_received_total")
        self.assertEqual(sum(fates.values()), received[()])
        self.assertEqual(fates["counted",], sum(exporter.completed().values()))

    def test_counts_go_on_with_the_live_stream(self):
        exporter = self.export(rate=0.3)  # None at all within the deadline: once in 60 million.
        first = sum(agree(self.simulator, exporter.completed).values())
        until(lambda: sum(self.simulator.truth().values()) > first, "a new task")
        self.assertGreater(sum(agree(self.simulator, exporter.completed).values()), first)

    def test_small_pages_count_the_same(self):
        exporter = self.export(page_size=7)
        agree(self.simulator, exporter.completed)

    def test_prometheus_has_the_sums(self):
        exporter = self.export()
        prometheus = Prometheus(self, exporter.address)

        def stored():
            rows = prometheus.query("sum by (queue, result_code) (acronis_tasks_completed_total) > 0")
            return {(dict(labels)["queue"], dict(labels)["result_code"]): value
                    for labels, value in rows.items()}
        truth = agree(self.simulator, stored)
        (total,) = prometheus.query("sum(acronis_tasks_completed_total)").values()
        self.assertGreaterEqual(total, sum(truth.values()))
        self.assertEqual(list(prometheus.query('up{job="acronis"}').values()), [1.0])

    def test_promtool_finds_nothing_to_complain_about(self):
        exporter = self.export()
        agree(self.simulator, exporter.completed)
        check = subprocess.run([tool("promtool"), "check", "metrics"], input=exporter.scrape().text,
                               capture_output=True, text=True, check=False)
        self.assertEqual((check.returncode, check.stdout + check.stderr), (0, ""))

    def test_in_flight_states_are_shown(self):
        exporter = self.export()
        scrape = exporter.scrape_when(
            lambda scrape: scrape.value("acronis_exporter_in_flight_complete", account="e2e") == 1,
            "a whole in-flight listing")
        states = {dict(labels)["state"] for name, labels in scrape.samples
                  if name == "acronis_tasks_in_flight"}
        self.assertEqual(states, {"enqueued", "assigned", "started", "paused"})

    def test_every_result_code_of_a_queue_exists(self):
        exporter = self.export()
        agree(self.simulator, exporter.completed)
        codes = {}
        for name, labels in exporter.scrape().samples:
            if name == "acronis_tasks_completed_total":
                codes.setdefault(dict(labels)["queue"], set()).add(dict(labels)["result_code"])
        known = {"ok", "warning", "error", "cancelled", "abandoned", "timedout", "unknown"}
        self.assertTrue(codes)
        self.assertEqual(set(map(frozenset, codes.values())), {frozenset(known)})

    def test_health_and_landing_page(self):
        exporter = self.export()
        agree(self.simulator, exporter.completed)
        status = {path: fetch(f"http://{exporter.address}{path}").status
                  for path in ("/", "/-/healthy", "/-/ready", "/metrics", "/nothing")}
        self.assertEqual(status, {"/": 200, "/-/healthy": 200, "/-/ready": 200, "/metrics": 200,
                                  "/nothing": 404})


if __name__ == "__main__":
    tap.main()
