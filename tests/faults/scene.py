"""An exporter and a simulator, watched: what both say of their traffic must be the same, and some
things must never happen, whatever the fault.
"""

import collections
import pathlib
import re
import signal
import subprocess
import time

import harness
import prometheus
import trials
from harness import until

ACCOUNT = {"account": "e2e"}
PREFIX = "acronis_exporter_"
# What a scrape may take at most; it is some milliseconds, but the machine is busy.
PATIENCE = 2.0
# The heap does not give back every page at once, and SQLite keeps up to 2 MiB of its pages.
LEFT_BEHIND = 12
GROWING = ("_total", "_bucket", "_count")


class Collision(Exception):
    """Something was switched while a poll was under way: the trial is void, not failed."""


class Watched:
    """An exporter whose every scrape is looked at."""

    def __init__(self, case, *arguments, **settings):
        settings = {"interval": "500ms", "page_size": 20, "request_timeout": "2s",
                    "connect_timeout": "2s", **settings}
        self.exporter = harness.Exporter(case, *arguments, "--log.level=debug", **settings)
        self.interval = seconds(settings["interval"])
        self.case = case
        self.before = {}

    @property
    def process(self):
        return self.exporter.process

    def scrape(self):
        begin = time.monotonic()
        page = self.exporter.scrape()
        self.case.assertLess(time.monotonic() - begin, PATIENCE, "a scrape was slow")
        growing = {key: value for key, value in page.samples.items() if key[0].endswith(GROWING)}
        back = {key: (value, growing.get(key)) for key, value in self.before.items()
                if growing.get(key, 0) < value}
        self.case.assertEqual(back, {}, "counters went back")
        self.before = growing
        processed = page.sum(f"{PREFIX}tasks_processed_total", by=("account",))
        self.case.assertEqual(page.sum(f"{PREFIX}tasks_received_total", by=("account",)), processed)
        return page

    def scrape_when(self, condition, what, deadline=harness.DEADLINE):
        last = []

        def look():
            last[:] = [self.scrape()]
            return last[0] if condition(last[0]) else None
        return until(look, lambda: f"{what} in\n{last[0].text}", deadline, every=0.1)

    def polls(self):
        """How many polls have ended."""
        text = harness.fetch(f"http://{self.exporter.address}/metrics").body
        return sum(float(number) for number in re.findall(
            r'^acronis_exporter_polls_total{account="e2e",.*} (\S+)$', text, re.M))

    def begun(self):
        """How many polls have begun, all but the last of which have ended."""
        return sum('msg="poll began" account=e2e' in line for line in self.process.stderr)

    def memory(self):
        """Resident now and at most so far, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return [int(re.search(rf"^{key}:\s+(\d+) kB$", status, re.M).group(1)) / 1024
                for key in ("VmRSS", "VmHWM")]

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")

    def log(self, since=0):
        """{(level, message): lines}, from line number `since` on."""
        lines = [re.search(r'level=(\w+) .*?msg=("[^"]*"|\S+)', line)
                 for line in self.process.stderr[since:]]
        return collections.Counter((line.group(1), line.group(2).strip('"')) for line in lines if line)


def seconds(duration):
    """`500ms` or `2s` as a number."""
    number, unit = re.fullmatch(r"(\d+)(ms|s)", duration).groups()
    return int(number) / (1000 if unit == "ms" else 1)


def value(page, name, **labels):
    return page.value(PREFIX + name, **labels, **ACCOUNT) or 0


def polls(page, result):
    return value(page, "polls_total", result=result)


def by_label(page, name, label):
    return {key[0]: count for key, count in page.sum(PREFIX + name, by=(label,), **ACCOUNT).items()}


def less(after, before):
    """What has been added, by key."""
    return {key: count - before.get(key, 0) for key, count in after.items()
            if count != before.get(key, 0)}


class Traffic:
    """What the simulator saw, as an exporter should have seen it."""

    def __init__(self, seen):
        self.seen = seen
        self.answers = seen["answers"]

    def __eq__(self, other):
        return self.seen == other.seen

    def count(self, **wanted):
        return sum(answer["answers"] for answer in self.answers
                   if wanted.items() <= answer.items())

    @property
    def repeated(self):
        return self.seen["repeated"]

    def struck(self):
        """Requests, as the exporter counts them, that some fault was about."""
        return (self.count(struck=True) - self.repeated + self.seen["refused"]
                + self.seen["silent"])

    def requests(self):
        """{(endpoint, code): requests} of whole answers, and how many had none."""
        whole = collections.Counter()
        for answer in self.answers:
            if not answer["broken"]:
                whole[answer["endpoint"], str(answer["status"])] += answer["answers"]
        broken = (self.count(broken=True) + self.seen["refused"] + self.seen["silent"]
                  - self.repeated)
        return {**whole, "error": broken}

    def body_bytes(self):
        return sum(answer["body_bytes"] for answer in self.answers)

    def pages(self, readable):
        """Pages that could be read; with `readable` those that a fault was about, too."""
        good = self.count(endpoint="tasks", status=200, broken=False, struck=False)
        return good + (self.count(endpoint="tasks", status=200, broken=False, struck=True)
                       if readable else 0)

    def tokens(self, readable):
        good = self.count(endpoint="token", status=200, broken=False, struck=False)
        return good + (self.count(endpoint="token", status=200, broken=False, struck=True)
                       if readable else 0)


class Trial(trials.Trial):
    """A trial with one exporter and one simulator."""

    # Under the fault, pages and tokens are what they should be.
    readable = True

    def outcome(self):
        for _ in range(6):
            self.collided = False
            trouble = super().outcome()
            if not self.collided:
                break
            print(f"{self.name} begins anew")
        return trouble

    def begin(self, simulator=None, **settings):
        """Both are up, two polls were good, nothing is under way."""
        self.simulator = simulator or harness.Simulator(self, rate=0.1, history="1h")
        self.exporter = Watched(self, settings.pop("base_url", self.simulator.base_url),
                                ca_file=self.simulator.ca_file, **settings)
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")

    def strike(self, act):
        """Does what is a fault between two polls. From then on counts what happens."""
        def note_and_act():
            self.base = self.exporter.scrape()
            self.seen = self.traffic()
            self.line = len(self.exporter.process.stderr)
            self.exporter.forget_peak()
            self.resident = self.exporter.memory()[0]
            act()
        self.between_polls(note_and_act)

    def traffic(self):
        return Traffic(self.simulator.traffic())

    def between_polls(self, act, polls=1):
        """Waits until so many polls have ended, and does it right behind the end of the last."""
        done, looked = self.exporter.polls(), []

        def ended():
            looked[:] = [*looked[-1:], time.monotonic()]
            return self.exporter.polls() >= done + polls
        until(ended, lambda: "a poll to end\n" + self.exporter.process.output(), every=0.03,
              deadline=120)
        before = self.traffic()
        act()
        late = time.monotonic() - looked[0] > 0.7 * self.exporter.interval
        running = self.exporter.begun() > self.exporter.polls()
        if late or running or self.traffic() != before:
            self.collided = True
            raise Collision("the next poll has begun, or may have")

    def switch(self, fault, **parameters):
        self.strike(lambda: self.simulator.set_fault(fault, **parameters))

    def look_and_clear(self, polls=2, clear=None):
        """Lets the fault strike so many polls, clears it behind the last one, and returns the last
        scrape under it and the traffic until then. Both tell the same."""
        last = []

        def note_and_clear():
            last[:] = [self.exporter.scrape(), self.traffic()]
            (clear or self.simulator.clear_faults)()
        self.between_polls(note_and_clear, polls)
        self.assertEqual(self.differences(*last), {})
        self.check_page(last[0].text)
        return last

    # What has changed since the base.

    def added(self, page, name, label):
        return less(by_label(page, name, label), by_label(self.base, name, label))

    def failed(self, page):
        return polls(page, "error") - polls(self.base, "error")

    def good(self, page):
        return polls(page, "success") - polls(self.base, "success")

    # What must hold.

    def agree(self):
        """The scrape in which both tell the same of the traffic."""
        last = []

        def same():
            before = self.traffic()
            page = self.exporter.scrape()
            if self.traffic() != before:
                return None  # Under way.
            last[:] = [self.differences(page, before)]
            return None if last[0] else (page, before)
        return until(same, lambda: f"both to tell the same: {last}", every=0.1, deadline=30)

    def differences(self, page, seen):
        said = page.sum(f"{PREFIX}api_requests_total", by=("endpoint", "code"), **ACCOUNT)
        errors = sum(said.pop((endpoint, "error"), 0) for endpoint in ("token", "tasks"))
        received, whole = value(page, "api_received_bytes_total"), seen.body_bytes()
        numbers = {
            "requests": ({**said, "error": errors}, seen.requests()),
            # What came of an answer that broke counts too, and only the exporter knows how much.
            "bytes": (received, max(received, whole) if errors else whole),
            "pages": (value(page, "api_pages_total"), seen.pages(self.readable)),
            "tokens": (value(page, "token_refreshes_total", result="success"),
                       seen.tokens(self.readable)),
            "failures": (sum(by_label(page, "poll_failures_total", "reason").values()),
                         polls(page, "error")),
        }
        return {what: both for what, both in numbers.items() if both[0] != both[1]}

    def check_page(self, page):
        """The scrape is valid, and neither it nor the start page has what goes before a token."""
        checked = subprocess.run([prometheus.tool("promtool"), "check", "metrics"], input=page,
                                 capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr + checked.stdout + page)
        start = harness.fetch(f"http://{self.exporter.exporter.address}/").body
        self.assertNotIn("Bearer", page + start)

    def counted(self):
        return self.exporter.exporter.completed()

    def recover(self, disguised=False, alone=True):
        """All that was shown is counted, each once. `alone`: nobody else was shown anything."""
        def same():
            shown, counted = self.simulator.shown(), self.counted()
            if disguised:
                return sum(shown.values()) == sum(counted.values()) > 0
            return shown == counted != {}
        self.exporter.scrape_when(lambda page: page.value("acronis_up", **ACCOUNT) == 1, "recovery",
                                  deadline=100)
        until(same, lambda: f"{self.counted()} to equal {self.simulator.shown()}", every=0.2)
        if alone:
            self.agree()

    def check_memory(self, at_most, left_behind=LEFT_BEHIND):
        """At most so many MiB more than before; all but a little of it is given back."""
        resident, peak = self.exporter.memory()
        self.assertLess(peak - self.resident, at_most, "MiB more in use for a moment")
        self.assertLess(resident - self.resident, left_behind, "MiB more in use")

    def check_log(self, failures=0, warnings=()):
        """One line for the fault, one for its end, and nothing else that is loud."""
        lines = self.exporter.log(self.line)
        loud = {key: count for key, count in lines.items() if key[0] in ("warn", "error")}
        wanted = {("warn", message): count for message, count in dict(warnings).items()}
        if failures:
            wanted["error", "poll failed"] = failures
        self.assertEqual(loud, wanted)
        self.assertEqual(lines["info", "poll works again"], failures)

    def end(self):
        code, _ = self.exporter.process.signal(signal.SIGTERM)
        output = self.exporter.process.output()
        self.assertEqual(code, 0, output)
        self.assertNotIn("Bearer", output)

