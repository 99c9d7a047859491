"""The stream for Telegraf, by the contract of inputs.execd; Telegraf is not in Debian. What it prints
is read by VictoriaMetrics' line protocol and must be what the scrape shows."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", "e2e"), os.path.dirname(__file__)]

import execd  # noqa: E402  (The paths come first.)
import harness  # noqa: E402
import tap  # noqa: E402
import vmagent  # noqa: E402
from harness import PROGRAM, ROOT, Case, Exporter, Simulator, fetch, seconds_ago, until  # noqa: E402
from netdata import descendants  # noqa: E402

QUEUES = ("nightly, all = 1", 'say "hi"', "two\nlines", "備份 – é", "back\\slash")
SHIPPED = ROOT / "plugin/agents/telegraf/acronis-tasks.conf"


def shipped_command(**replaced):
    """The command of the shipped configuration with other files."""
    text = re.search(r"command = \[(.*?)\]", SHIPPED.read_text(encoding="utf-8"), re.S).group(1)
    words = json.loads("[" + re.sub(r",\s*$", "", text.strip()) + "]")
    words[0] = PROGRAM
    return [next((f"{flag}={value}" for flag, value in replaced.items() if word.startswith(flag + "=")),
                 word) for word in words]


class TelegrafCase(Case):
    def setUp(self):
        super().setUp()
        self.simulator = Simulator(self, rate=0)
        # Only its configuration is used; it polls into a store of its own.
        self.exporter = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file,
                                 begin=False)

    def command(self):
        return shipped_command(**{"--config.file": self.exporter.config,
                                  "--store.path": self.folder / "telegraf" / "ledger.db"})

    def stream(self):
        return execd.Execd(self, self.command())

    def from_exporter(self, address):
        return execd.Execd(self, [PROGRAM, "stream", "--format=influx", f"--from=http://{address}"])


def total(lines, queue):
    """Tasks completed of a queue in a batch."""
    pattern = rf"acronis_tasks,account=e2e,queue={re.escape(queue)},.*completed_total=([\d.e+]+)"
    return sum(float(value) for value in re.findall(pattern, "".join(lines)))


class ContractTest(TelegrafCase):
    def test_answers_before_the_first_poll_and_shows_the_account_as_down(self):
        self.simulator.set_fault("hang")
        lines = self.stream().gather()
        self.assertIn("acronis,account=e2e up=0 ", "".join(lines))

    def test_ends_when_standard_input_does(self):
        child = self.stream()
        child.gather()
        self.assertLess(child.stop(), 1.0)
        self.assertEqual((child.ended_by, child.process.returncode), ("stdin", 0))

    def test_ends_when_standard_input_does_while_the_api_hangs(self):
        self.simulator.set_fault("hang")
        child = self.stream()
        child.gather()
        until(lambda: self.simulator.struck("hang"), "a request that hangs")
        self.assertLess(child.stop(), 1.0)
        self.assertEqual((child.ended_by, child.process.returncode), ("stdin", 0))

    def test_writes_a_batch_at_once_and_ends_by_sigterm(self):
        trace = self.folder / "trace"
        child = execd.Execd(self, ["strace", "-ff", "-s", "1", "-e", "trace=write", "-o", trace,
                                   *self.command()])
        lines = [child.gather(), child.gather()]
        sizes = [sum(len(line.encode()) for line in batch) for batch in lines]
        begin = time.monotonic()
        os.kill(next(descendants(child.process.pid)), signal.SIGTERM)
        self.assertEqual(child.process.wait(execd.GRACE), 0)
        self.assertLess(time.monotonic() - begin, 1.0)
        calls = "".join(file.read_text("utf-8") for file in self.folder.glob("trace.*"))
        written = [int(size) for size in re.findall(r"write\(1, .* = (\d+)$", calls, re.M)]
        self.assertEqual(written, sizes)

    def test_ends_by_a_signal_though_nobody_reads(self):
        child = self.stream()
        child.gather()
        os.kill(child.process.pid, signal.SIGSTOP)  # What it is asked now is answered later.
        for _ in range(200):
            child.process.stdin.write("\n")
        child.process.stdin.flush()
        os.kill(child.process.pid, signal.SIGCONT)
        os.kill(child.process.pid, signal.SIGTERM)
        self.assertEqual(child.process.wait(execd.GRACE), 0)

    def test_ends_in_good_order_when_the_reader_has_gone(self):
        reader, writer = os.pipe()
        process = self.start("sh", "-c", f'exec "$@" >&{writer}', "sh", PROGRAM, "stream",
                             "--format=prometheus", "--interval=1s",
                             f"--config.file={self.exporter.config}", pass_fds=(writer,))
        os.close(writer)
        self.assertTrue(os.read(reader, 1))
        os.close(reader)
        self.assertEqual(process.wait(), 0)
        self.assertTrue(process.said("the reader has gone"))

    def test_writes_logs_in_telegrafs_form_and_metrics_alone_to_standard_output(self):
        self.exporter.write_secret("a-wrong-secret")
        child = self.stream()
        until(lambda: any(line.startswith("E! ") for line in child.errors), lambda: child.errors)
        child.gather()
        child.stop()
        self.assertEqual([line for line in child.errors if not re.match(r"[EWID]! \S", line)], [])
        line = re.compile(r"[a-z_]+(,[a-z_]+=([^ ,=\\]|\\.)+)* [a-z_]+=[^ ]+ \d{19}\n")
        self.assertEqual([text for text in child.lines if not line.fullmatch(text)], [])

    def test_loses_and_doubles_nothing_when_it_is_killed_and_started_again(self):
        self.simulator.add_tasks(queue="backup", result_code="error", completed_at=seconds_ago(60),
                                 count=5)
        child = self.stream()
        until(lambda: total(child.gather(), "backup") == 5, lambda: "".join(child.errors))
        child.process.kill()
        child.process.wait()
        self.simulator.add_tasks(queue="backup", result_code="ok", completed_at=seconds_ago(50),
                                 count=2)
        again = self.stream()
        until(lambda: total(again.gather(), "backup") == 7, lambda: "".join(again.errors))
        self.assertEqual(self.simulator.truth(), {("backup", "error"): 5, ("backup", "ok"): 2})

    def test_refuses_a_store_that_a_running_exporter_has(self):
        running = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file,
                           folder=self.folder / "running")
        code, out, err = self.run_program("stream", "--format=influx",
                                          f"--config.file={running.config}")
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, r'E! cannot start error=".*in use.*"\n\Z')


class LineProtocolTest(TelegrafCase):
    def setUp(self):
        super().setUp()
        if vmagent.tool("victoria-metrics") is None:
            self.skipTest("no victoria-metrics in this Debian")

    def series(self, database):
        """{labels with the name: value} of everything there."""
        rows = fetch(f"{database.url}/api/v1/export?" + urllib.parse.urlencode(
            {"match[]": '{__name__=~"acronis_.*"}'})).body
        found = {}
        for row in rows.splitlines():
            read = json.loads(row)
            found[frozenset(read["metric"].items())] = read["values"][-1]
        return found

    def test_says_the_same_as_the_scrape(self):
        for queue in QUEUES:
            self.simulator.add_tasks(queue=queue, result_code="error", completed_at=seconds_ago(60))
        running = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file,
                           folder=self.folder / "running")
        running.scrape_when(
            lambda page: page.sum("acronis_tasks_completed_total", by=()) == {(): len(QUEUES)},
            "all tasks counted")
        batch = "".join(self.from_exporter(running.address).gather())
        page = running.scrape()
        database = vmagent.VictoriaMetrics(self)
        answer = fetch(f"{database.url}/write", "POST", batch.encode())
        self.assertEqual(answer.status, 204, answer.body)
        fetch(f"{database.url}/internal/force_flush")
        stored = until(lambda: self.series(database), "series in the database")
        shown = {key: value for key, value in as_stored(page).items()
                 if dict(key)["__name__"].startswith("acronis_task")}
        self.assertGreater(len(shown), 7 * len(QUEUES))
        for key, value in shown.items():
            self.assertAlmostEqual(stored[key], value, delta=1e-6 * abs(value), msg=dict(key))
        missing = [dict(key) for key in as_stored(page) if key not in stored]
        self.assertEqual(missing, [])


def as_stored(page):
    """A scrape as {labels with the name: value}; a tag has pictures for what it cannot hold."""
    pictures = {**{n: chr(0x2400 + n) for n in range(32)}, ord("\\"): "＼"}
    return {frozenset([("__name__", name), *((label, text.translate(pictures)) for label, text in pairs)]):
            value for (name, pairs), value in page.samples.items() if name.startswith("acronis_")}


class FromTest(TelegrafCase):
    def test_shows_the_accounts_as_down_while_the_exporter_is_away(self):
        running = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file,
                           folder=self.folder / "running")
        address = running.address
        running.scrape_when(lambda page: page.value("acronis_up", account="e2e") == 1, "up")
        child = self.from_exporter(address)
        self.assertIn("acronis,account=e2e up=1 ", "".join(child.gather()))
        running.process.signal(signal.SIGTERM)
        self.assertRegex("".join(child.gather(last="acronis,")),
                         r"\Aacronis,account=e2e up=0 \d+\n\Z")
        self.assertRegex("".join(child.errors), r"E! the exporter cannot be read, .* error=")

    def test_is_not_silent_when_nobody_was_ever_there(self):
        child = self.from_exporter(f"127.0.0.1:{harness.free_port()}")
        self.assertRegex("".join(child.gather(last="acronis ")), r"\Aacronis up=0 \d+\n\Z")


    def hanging(self):
        """The address of somebody who takes connections and never answers, and how to wait for one."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        listener.settimeout(10)
        return f"127.0.0.1:{listener.getsockname()[1]}", lambda: listener.accept()[0]

    def test_ends_when_standard_input_does_while_the_exporter_hangs(self):
        address, accept = self.hanging()
        child = self.from_exporter(address)
        child.process.stdin.write("\n" * 5)
        child.process.stdin.flush()
        with accept():
            self.assertLess(child.stop(), 1.0)
        self.assertEqual((child.ended_by, child.process.returncode, child.lines), ("stdin", 0, []))

    def test_ends_when_the_reader_has_gone_while_the_exporter_hangs(self):
        address, accept = self.hanging()
        child = subprocess.Popen([PROGRAM, "stream", "--format=influx", f"--from=http://{address}",
                                  "--trigger=interval"], stdout=subprocess.PIPE)
        self.addCleanup(child.kill)
        with accept():
            child.stdout.close()
            self.assertEqual(child.wait(1.0), 0)

    def test_answers_what_was_asked_before_standard_input_ended(self):
        running = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file,
                           folder=self.folder / "running")
        running.scrape_when(lambda page: page.value("acronis_up", account="e2e") == 1, "up")
        done = subprocess.run([PROGRAM, "stream", "--format=influx", f"--from=http://{running.address}"],
                              input="\n\n", capture_output=True, text=True, timeout=30, check=True)
        self.assertEqual(done.stdout.count("acronis,account=e2e up=1 "), 2, done.stderr)


class UsageTest(Case):
    def refused(self, *arguments, code=2):
        got, out, err = self.run_program("stream", *arguments)
        self.assertEqual((got, out), (code, ""), err)
        return err

    def test_wrong_command_lines(self):
        for arguments, message in (
                ((), "--format is required"),
                (("--format=csv",), "'csv' is not accepted: must be one of collectd, influx, netdata"),
                (("--format=influx", "--trigger=never"), "never"),
                (("--format=netdata", "--interval=500ms"), "must be 1s or more"),
                (("--format=prometheus", "--output=/tmp/x.txt"), "must end in .prom"),
                (("--format=influx", "--output=/tmp/x.prom"), "--output is for --format=prometheus"),
                (("--format=influx", "--from=ftp://x"), "http"),
                (("--format=influx", "--from=http://127.0.0.1:1", "--store.path=/tmp/x"),
                 "--from asks an exporter that polls"),
                (("--format=influx", "--web.listen-address=:1"), "--web.listen-address")):
            with self.subTest(arguments=arguments):
                self.assertIn(message, self.refused(*arguments))

    def test_a_configuration_that_cannot_be_used(self):
        config = self.folder / "bad.yml"
        config.write_text("accounts: []\npol: {}\n", encoding="utf-8")
        error = self.refused("--format=influx", f"--config.file={config}", code=1)
        self.assertRegex(error, r'E! cannot start error="the configuration cannot be used')
        self.assertEqual(error.count("\n"), 2, "the start and one line")


if __name__ == "__main__":
    tap.main()
