"""`list` prints the same tasks in three formats, however many there are."""

import csv
import datetime
import io
import json
import os
import subprocess

import tap
from harness import CLIENT_ID, PROGRAM, SECRET, Case, Exporter, Simulator, seconds_ago


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
        self.simulator.add_tasks(queue="backup", result_code="error", completed_at=seconds_ago(60),
                                 count=3)
        tasks = self.json("--state=completed", "--result-code=error")
        self.assertGreaterEqual(len(tasks), 3)
        self.assertEqual({task["resultCode"] for task in tasks}, {"error"})

    def test_wrong_filter_is_refused_with_its_name(self):
        errors = self.list("--completed-at=after(yesterday)", code=2)
        self.assertIn("completed", errors)

    def test_failure_has_an_exit_code(self):
        self.simulator.set_fault("status", value="403", path="tasks")
        self.assertIn("403", self.list(code=1))


class Streaming(Case):
    def most_memory(self, simulator, limit):
        """Lists `limit` tasks, 0 for all. Returns what it held at most in KiB, and their number."""
        tasks = self.folder / "tasks"
        environment = {"ACRONIS_BASE_URL": simulator.base_url, "ACRONIS_CLIENT_ID": CLIENT_ID,
                       "ACRONIS_CLIENT_SECRET": SECRET,
                       # The address sanitizer would keep what was freed.
                       "ASAN_OPTIONS": "quarantine_size_mb=1"}
        with tasks.open("w", encoding="utf-8") as output:
            process = subprocess.Popen([PROGRAM, "list", "--format=json", f"--limit={limit}"],
                                       env=environment, stdout=output)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return used.ru_maxrss, tasks.read_text(encoding="utf-8").count("\n")

    def test_memory_does_not_depend_on_the_count(self):
        simulator = Simulator(self, rate=5, history="1h", tls=False)
        few, _ = self.most_memory(simulator, limit=1000)
        many, count = self.most_memory(simulator, limit=0)
        self.assertGreater(count, 10_000)
        self.assertLess(many - few, 4 * 1024)


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
