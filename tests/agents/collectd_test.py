"""Debian's collectd with the module inside, and with the program in its exec plugin."""

import contextlib
import csv
import math
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", "e2e"), os.path.dirname(__file__)]

import collectd  # noqa: E402  (The paths come first.)
import tap  # noqa: E402
from harness import PROGRAM, Case, Exporter, Simulator, seconds_ago, until  # noqa: E402

UP = "acronis_tasks-emea/acronis_tasks_up"
FAILED = "acronis_tasks-emea:backup/acronis_tasks_failed"
ERRORS = "acronis_tasks-emea:backup/acronis_tasks_completed-error"
CSV = """
LoadPlugin csv
<Plugin csv>
  DataDir "{folder}/csv"
  StoreRates false
</Plugin>
"""
THRESHOLD = """
LoadPlugin threshold
<Plugin threshold>
  <Plugin "acronis_tasks">
    <Type "acronis_tasks_failed">
      FailureMax 0
    </Type>
  </Plugin>
</Plugin>
"""


class Account:
    """A simulated account whose files collectd's user may read."""

    def __init__(self, case, **simulator):
        self.simulator = Simulator(case, rate=0, **simulator)
        self.exporter = Exporter(case, self.simulator.base_url, ca_file=self.simulator.ca_file,
                                 begin=False)
        self.base_url = self.simulator.base_url
        self.secret_file = self.exporter.secret_file
        self.ca_file = self.simulator.ca_file
        for path in (self.secret_file, self.exporter.config, self.ca_file):
            os.chmod(path, 0o644)
        os.chmod(self.simulator.directory, 0o711)

    def fail(self, count, queue="backup"):
        self.simulator.add_tasks(queue=queue, result_code="error", completed_at=seconds_ago(5),
                                 count=count)


class CollectdCase(Case):
    def setUp(self):
        super().setUp()
        self.account = Account(self)

    def start_module(self, more="", module=collectd.MODULE, **options):
        return collectd.Collectd(self, collectd.module_blocks(self.account) + more, module, **options)

    def wait_for(self, agent, name, value):
        until(lambda: agent.value(name) == value,
              lambda: f"{name} {value}, not {agent.value(name)}\n{agent.logged()}")

    def rows(self, agent, name):
        """What the csv plugin has written of a value: times and numbers."""
        folder, _, kind = name.partition("/")
        files = sorted((agent.folder / "csv/h1" / folder).glob(f"{kind}-20*"))
        if not files:
            return []
        with files[-1].open(encoding="utf-8") as file:
            return [row for row in csv.reader(file) if len(row) == 2 and row[0] != "epoch"]

    def stored(self, agent, name):
        """The newest raw value; None while there is none."""
        rows = self.rows(agent, name)
        return float(rows[-1][1]) if rows else None

    def end(self, agent, code=0):
        """Ends it as an init system would; it must end in good order. collectd ends with 1 when a
        plugin could not begin."""
        ended, took = agent.process.signal(signal.SIGTERM)
        self.assertEqual((ended, took < 5), (code, True), f"{took:.1f} s\n{agent.logged()}")


class ModuleTest(CollectdCase):
    def test_exports_one_symbol(self):
        listed = subprocess.run(["nm", "-D", "--defined-only", collectd.MODULE], check=True,
                                capture_output=True, text=True).stdout
        self.assertEqual([line.split()[-1] for line in listed.splitlines()], ["module_register"])

    def test_shows_what_was_counted(self):
        self.account.fail(5)
        self.account.simulator.add_tasks(queue="night/ly: ä", result_code="ok",
                                         completed_at=seconds_ago(5), count=2)
        agent = self.start_module(CSV)
        self.wait_for(agent, UP, 1)
        # What is dispatched together arrives one by one: collectd writes with several threads.
        until(lambda: self.stored(agent, ERRORS) == 5, agent.logged)
        until(lambda: self.stored(agent, FAILED) == 5, agent.logged)
        until(lambda: {f"h1/{name}" for name in (UP, FAILED, ERRORS)} <= agent.names(), agent.logged)
        (other,) = until(lambda: {name for name in agent.names()
                                  if "night_ly_ ä~" in name and "failed" in name}, agent.logged)
        self.assertRegex(other, r"^h1/acronis_tasks-emea:night_ly_ ä~[0-9a-f]{8}/")
        self.end(agent)
        self.assertNotRegex(agent.logged(), r"Dataset not found|\[error\]")

    def test_counts_when_it_has_put_itself_into_the_background(self):
        self.account.fail(3)
        agent = self.start_module(CSV, foreground=False)
        daemon = agent.daemon()
        self.addCleanup(kill, daemon)
        until(lambda: self.stored(agent, ERRORS) == 3, lambda: agent.logged())
        os.kill(daemon, signal.SIGTERM)
        until(lambda: not pathlib.Path(f"/proc/{daemon}").exists(), "the end of the daemon", 5)

    def test_goes_on_and_ends_while_the_api_hangs(self):
        self.account.simulator.set_fault("hang")
        agent = self.start_module(CSV)
        self.wait_for(agent, UP, 0)
        until(lambda: self.account.simulator.struck("hang"), "a request that hangs")
        rows = []
        until(lambda: rows.append(self.stored(agent, UP)) or len(rows) > 20, "values go on")
        self.end(agent)

    def test_makes_no_spike_when_collectd_is_started_again(self):
        self.account.fail(100)
        agent = self.start_module(CSV)
        until(lambda: self.stored(agent, ERRORS) == 100, lambda: agent.logged())
        self.end(agent)
        store = agent.folder / "ledger.db"
        again = collectd.Collectd(
            self, collectd.module_blocks(self.account, Store=str(store)) + CSV, collectd.MODULE)
        until(lambda: self.stored(again, ERRORS) == 100, lambda: again.logged())
        rates = []
        until(lambda: rates.append(again.value(ERRORS)) or rates[-1] == 0, lambda: rates)
        self.account.fail(2)
        until(lambda: self.stored(again, ERRORS) == 102, lambda: again.logged())
        until(lambda: rates.append(again.value(ERRORS)) or 0 in rates[-3:] and any(rates),
              lambda: rates)
        self.assertLessEqual(max(rate for rate in rates if rate is not None), 2.1, rates)

    def test_notifies_of_failures(self):
        self.account.fail(1)
        agent = self.start_module(THRESHOLD)
        self.wait_for(agent, FAILED, 0)
        self.account.fail(3)
        agent.wait_for_log(r"severity = FAILURE.*acronis_tasks_failed")
        agent.wait_for_log(r"severity = OKAY.*acronis_tasks_failed")

    def test_lets_no_exception_into_the_daemon(self):
        module = collectd.BUILT / "tests/agents/acronis_tasks_throwing.so"
        for place, alive in (("open", False), ("store", True), ("start", True), ("snapshot", True)):
            with self.subTest(place):
                agent = self.start_module(module=module, environment={"ACRONIS_TEST_THROW": place})
                if place == "snapshot":
                    agent.wait_for_log(r"read-function of plugin `acronis_tasks' failed")
                else:
                    agent.wait_for_log(f"thrown at {place}")
                if not alive:
                    self.end(agent, code=1)
                    continue
                until(lambda: agent.ask("LISTVAL") is not None, "an answer")
                if place in ("store", "start"):
                    self.wait_for(agent, UP, 0)
                self.end(agent)

    def test_leaves_the_signals_of_the_daemon_alone(self):
        def blocked(pid, task=None):
            text = pathlib.Path(f"/proc/{pid}/task/{task or pid}/status").read_text(encoding="utf-8")
            return int(re.search(r"^SigBlk:\s*(\w+)", text, re.M).group(1), 16)
        bare = collectd.Collectd(self, "")
        until(lambda: bare.ask("LISTVAL") is not None and bare.socket.exists(), "it runs")
        agent = self.start_module()
        self.wait_for(agent, UP, 1)
        self.assertEqual(blocked(agent.process.pid), blocked(bare.process.pid))
        pipe = 1 << (signal.SIGPIPE - 1)
        ours = []
        for task in os.listdir(f"/proc/{agent.process.pid}/task"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # It has ended meanwhile.
                ours += [task] if blocked(agent.process.pid, task) & pipe else []
        self.assertGreaterEqual(len(ours), 2, "pollers and the writer of the store")

    def test_waits_for_a_store_that_somebody_has(self):
        holder = self.start_module()
        self.wait_for(holder, UP, 1)
        waiting = collectd.Collectd(self, collectd.module_blocks(
            self.account, Store=str(holder.folder / "ledger.db")), collectd.MODULE)
        waiting.wait_for_log(r"acronis_tasks: cannot start yet: .*in use")
        self.wait_for(waiting, UP, 0)
        self.assertEqual(waiting.logged().count("cannot start yet"), 1, "once, not every second")
        self.end(holder)
        self.wait_for(waiting, UP, 1)


class ConfigurationTest(CollectdCase):
    def refused(self, blocks, starts=False):
        """The line that says why. `starts`: the daemon does, without the plugin."""
        agent = collectd.Collectd(self, blocks, collectd.MODULE)
        if starts:
            agent.wait_for_log("acronis_tasks: ")
            self.end(agent, code=1)
        else:
            self.assertEqual(agent.process.wait(), 1, "it does not start then")
        (line,) = [line for line in agent.logged().splitlines() if "acronis_tasks: " in line
                   and "<Plugin" not in line]
        return line

    def test_says_what_is_wrong(self):
        good = collectd.module_blocks(self.account)
        for old, new, message in (
                ("BaseURL", "BaseUlr", "there is no option BaseUlr here"),
                ('PollInterval "1s"', 'PollInterval "often"', "poll.interval: 'often' is not accepted"),
                ('PollInterval "1s"', "PollInterval 1", "PollInterval needs a value in quotation marks"),
                ('"poll.settle" "0s"', '"poll.settle"', "Option needs a name and a value"),
                ('"poll.settle" "0s"', '"poll.setle" "0s"', "there is no option 'poll.setle'")):
            with self.subTest(new):
                self.assertIn(old, good)
                self.assertIn(message, self.refused(good.replace(old, new)))

    def test_says_what_is_missing(self):
        good = collectd.module_blocks(self.account)
        line = self.refused(re.sub(r"^ *ClientID .*\n", "", good, flags=re.M), starts=True)
        self.assertIn("client_id", line)

    def test_wants_a_block(self):
        agent = collectd.Collectd(self, "LoadPlugin acronis_tasks", collectd.MODULE)
        agent.wait_for_log("there is no <Plugin acronis_tasks> block that can be used")
        self.end(agent, code=1)

    def test_the_types_are_those_of_the_module(self):
        text = (collectd.SHIPPED / "acronis_tasks.types.db").read_text(encoding="utf-8")
        listed = dict(line.split() for line in text.splitlines())
        header = (collectd.ROOT / "plugin/agents/c/collectd_values.cpp").read_text(encoding="utf-8")
        built = {name: "value:DERIVE:0:U" if counter == "1" else "value:GAUGE:0:U"
                 for name, counter in re.findall(r'\{"(acronis_tasks_\w+)", ([01])\}', header)}
        self.assertEqual(listed, built)


class SpikeTest(CollectdCase):
    """A counter that falls, as that of another store does."""

    NAME = "acronis_tasks-other:backup/acronis_tasks_completed-error"

    FALL = (100, 101, 102, 103, 2, 3, 4, 5)

    def check(self, blocks, module=None):
        """Gives the values to collectd, one for each second, and looks at the rates that it makes."""
        script = self.folder / "falling"
        begin = int(time.time()) - 60
        script.write_text("#!/bin/sh\n" + "".join(
            f"echo 'PUTVAL \"h1/{self.NAME}\" interval=1 {begin + second}:{value}'\n"
            for second, value in enumerate(self.FALL)), encoding="utf-8")
        script.chmod(0o755)
        user = "nobody" if os.geteuid() == 0 else os.environ["USER"]
        agent = collectd.Collectd(self, blocks + CSV.replace("false", "true") + f"""
LoadPlugin exec
<Plugin exec>
  Exec "{user}" "{script}"
</Plugin>
""", module)
        until(lambda: (self.rows(agent, self.NAME) or [("0",)])[-1][0].startswith(
            str(begin + len(self.FALL) - 1)), lambda: f"all rates\n{agent.logged()}")
        rates = [float(rate) for _, rate in self.rows(agent, self.NAME)]
        # collectd runs the script again when it has ended, so they may be there more than once.
        self.assertEqual({rate for rate in rates if not math.isnan(rate)}, {1.0}, rates)
        self.assertGreaterEqual(len(rates), 6, rates)

    def test_is_no_spike_with_the_types_of_the_exec_plugin(self):
        self.check('TypesDB "/usr/share/collectd/types.db" '
                   f'"{collectd.SHIPPED / "acronis_tasks.types.db"}"\n')

    def test_is_no_spike_with_the_types_of_the_module(self):
        self.check(collectd.module_blocks(self.account), collectd.MODULE)


class ExecTest(CollectdCase):
    def blocks(self, *more):
        """The shipped configuration with other files."""
        text = (collectd.SHIPPED / "exec.conf").read_text(encoding="utf-8")
        command = " ".join(f'"{word}"' for word in (
            os.path.abspath(PROGRAM), "stream", "--format=collectd", *more))
        user = "nobody" if os.geteuid() == 0 else os.environ["USER"]
        text, found = re.subn(r'^  Exec .*$', f'  Exec "{user}" {command}', text, flags=re.M)
        assert found == 1
        return text.replace("/etc/collectd/acronis_tasks.types.db",
                            str(collectd.SHIPPED / "acronis_tasks.types.db")) + CSV

    def test_shows_what_was_counted(self):
        self.account.fail(4)
        agent = collectd.Collectd(self, self.blocks(
            f"--config.file={self.account.exporter.config}", "--store.path={folder}/ledger.db"))
        name = ERRORS.replace("emea", "e2e")
        until(lambda: self.stored(agent, name) == 4, lambda: agent.logged())
        self.assertRegex(agent.logged(), r"level=info msg=starting")
        self.end(agent)

    def test_renders_a_running_exporter(self):
        self.account.fail(4)
        self.account.exporter.start()
        agent = collectd.Collectd(self, self.blocks(f"--from=http://{self.account.exporter.address}"))
        name = ERRORS.replace("emea", "e2e")
        until(lambda: self.stored(agent, name) == 4, lambda: agent.logged())
        self.end(agent)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


if __name__ == "__main__":
    tap.main()
