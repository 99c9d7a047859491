"""`list` prints the same tasks in three formats."""

import csv
import datetime
import io
import json

import tap
from harness import Case, Exporter, Simulator


class List(Case):
    def setUp(self):
        super().setUp()
        self.simulator = Simulator(self, rate=0.02)
        # The configuration of `serve` is that of `list`.
        self.exporter = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file)

    def list(self, *arguments, code=0):
        got, output, errors = self.run_program(
            "list", f"--config.file={self.exporter.config}", *arguments)
        self.assertEqual(got, code, errors)
        return output if code == 0 else errors

    def test_json_csv_and_table_agree(self):
        query = ("--state=completed", "--completed-at=gt(2020-04-22T11:00:00Z)",
                 f"--completed-at=lt({self.now()})")
        tasks = self.json(*query)
        rows = list(csv.DictReader(io.StringIO(self.list("--format=csv", *query))))
        table = self.list("--format=table", *query).splitlines()
        self.assertGreater(len(tasks), 20)
        self.assertEqual(tasks, [{name: value or None for name, value in row.items()}
                                 for row in rows])
        self.assertEqual([line.split()[-1] for line in table[1:]], [task["id"] for task in tasks])

    def json(self, *query):
        return [json.loads(line) for line in self.list("--format=json", *query).splitlines()]

    def now(self):
        """A time behind which nothing new appears, by the clock of this machine."""
        moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=2)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def test_filter_is_applied(self):
        tasks = self.json("--state=completed", "--result-code=error")
        self.assertTrue(tasks)
        self.assertEqual({task["resultCode"] for task in tasks}, {"error"})

    def test_wrong_filter_is_refused_with_its_name(self):
        errors = self.list("--completed-at=after(yesterday)", code=2)
        self.assertIn("completed", errors)

    def test_failure_has_an_exit_code(self):
        self.simulator.set_fault("status", value="403", path="tasks")
        self.assertIn("403", self.list(code=1))


class Texts(Case):
    def test_help_shows_examples(self):
        code, output, _ = self.run_program("--help")
        self.assertEqual(code, 0)
        self.assertIn("--web.listen-address", output)
        self.assertIn("demo", output)

    def test_version_names_the_libraries(self):
        code, output, _ = self.run_program("--version")
        self.assertEqual(code, 0)
        self.assertIn("acronis_task_exporter", output)
        self.assertRegex(output, "(?s)Poco.*OpenSSL|OpenSSL.*Poco")


if __name__ == "__main__":
    tap.main()
