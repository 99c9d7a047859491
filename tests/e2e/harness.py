"""Starts the real programs, waits for what they say, and ends them by their process id."""

import contextlib
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import scrape
import secrecy

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ACRONIS_TASK_EXPORTER") or (sys.argv[1] if len(sys.argv) > 1 else "")
DEADLINE = 60.0
CLIENT_ID = "e2e-client"
SECRET = "s3cret-of-the-e2e-tests"
secrecy.hide_pair(CLIENT_ID, SECRET, "the client secret")


def until(condition, what, deadline=DEADLINE, every=0.05):
    """Returns the first true answer of `condition`, which is asked `every` so many seconds; fails
    with `what` after the deadline."""
    end = time.monotonic() + deadline
    pause = threading.Event()
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:.0f} s: {what() if callable(what) else what}")
        pause.wait(every)


class Answer:
    """What an HTTP request came back with."""

    def __init__(self, status, body, headers):
        self.status, self.body, self.headers = status, body, headers


def fetch(url, method="GET", data=None, timeout=30.0):
    """One request to loopback; any status is an answer. An answer that shows a secret is a failure."""
    request = urllib.request.Request(url, data=data, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as reply:
            answer = Answer(reply.status, reply.read().decode(), reply.headers)
    except urllib.error.HTTPError as reply:
        answer = Answer(reply.code, reply.read().decode(), reply.headers)
    secrecy.check(f"{answer.headers}{answer.body}", url)
    return answer


def find_tool(package, name):
    """A program of a Debian package, installed or unpacked by tests/run; None where there is none."""
    unpacked = ROOT / "build" / "tools" / package / "usr" / "bin"
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{unpacked}")


def need_tool(package, name):
    """The same, where it must be there."""
    found = find_tool(package, name)
    if not found:
        raise AssertionError(f"{name} is missing; ./tests/run provides it")
    return found


def read_if_allowed(path):
    """What others may read of it; a program may well forbid it, or be gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


class Process:
    """A program under test. What it prints is kept, and what others see of it while it runs; it does
    not outlive the test."""

    def __init__(self, command, environment=None, pass_fds=()):
        self.command = [str(word) for word in command]
        self.stdout, self.stderr = [], []
        self.seen = set()
        base = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace", env={**base, "LC_ALL": "C.UTF-8", **(environment or {})},
            pass_fds=pass_fds)
        self.readers = [threading.Thread(target=lines.extend, args=(stream,), daemon=True)
                        for stream, lines in ((self.process.stdout, self.stdout),
                                              (self.process.stderr, self.stderr))]
        for reader in self.readers:
            reader.start()

    @property
    def pid(self):
        return self.process.pid

    def output(self):
        return "".join([*self.stdout, *self.stderr])

    def look(self):
        """Remembers what /proc shows of it now."""
        for name in ("cmdline", "environ"):
            self.seen.add((name, read_if_allowed(pathlib.Path("/proc", str(self.pid), name))))

    def sweep(self):
        """What it has shown and should not have."""
        shown = {("output", self.output()), *self.seen}
        return [f"{what} in the {place} of {self.command[:2]}"
                for place, text in sorted(shown) for what in secrecy.found(text)]

    def said(self, pattern):
        """The first match in what was printed so far."""
        return re.search(pattern, self.output(), re.M)

    def wait_for(self, pattern, deadline=DEADLINE):
        def ended_or_said():
            ended = self.process.poll() is not None
            found = self.said(pattern)
            if ended and not found:
                self.wait()
                raise AssertionError(f"{self.command} ended without {pattern!r}:\n{self.output()}")
            return found
        found = until(ended_or_said, lambda: f"{pattern!r} in\n{self.output()}", deadline)
        self.look()
        return found

    def wait(self, deadline=DEADLINE):
        """The exit code; negative: the signal that ended it."""
        try:
            code = self.process.wait(timeout=deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running: {self.command}\n{self.output()}") from None
        for reader in self.readers:
            reader.join(DEADLINE)
        return code

    def signal(self, sign):
        """Sends the signal. Returns the exit code and how long the end took."""
        self.look()
        start = time.monotonic()
        self.process.send_signal(sign)
        return self.wait(), time.monotonic() - start

    def end(self):
        if self.process.poll() is None:
            self.look()
            self.process.kill()
        self.wait()


class Case(unittest.TestCase):
    """A test with a folder of its own and programs that end with it. It fails when one of them shows
    a secret."""

    def setUp(self):
        self.told = []
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="e2e-")))

    def start(self, *command, environment=None, pass_fds=()):
        # Nothing is left in the home of whoever runs the tests.
        places = {"XDG_STATE_HOME": str(self.folder / "state"),
                  "XDG_CACHE_HOME": str(self.folder / "cache")}
        for name, value in (environment or {}).items():
            if name.endswith("_SECRET") and value:
                secrecy.hide(value, name)
        process = Process(command, {**places, **(environment or {})}, pass_fds)
        self.addCleanup(self.dismiss, process)
        return process

    def dismiss(self, process):
        """Ends the process. What it showed of secrets fails the test, and stays in `told`."""
        process.end()
        found = process.sweep()
        self.told += found
        self.assertEqual(found, [])

    def run_program(self, *arguments, environment=None):
        """Runs the program to its end. Returns (exit code, standard output, standard error)."""
        process = self.start(PROGRAM, *arguments, environment=environment)
        code = process.wait()
        return code, "".join(process.stdout), "".join(process.stderr)


def free_port():
    """A port for a program that cannot choose one by itself."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def seconds_ago(seconds):
    """A date for the tasks of a simulator."""
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    return at.isoformat()


class Simulator:
    """The Task Manager to poll, with its control endpoint."""

    def __init__(self, case, *arguments, seed=7, rate=0.05, history="2h", tls=True,
                 listen_address="127.0.0.1:0", prefix=()):
        self.secret_file = case.folder / "simulator.secret"
        self.secret_file.write_text(SECRET, encoding="utf-8")
        self.directory = case.folder / "simulator"
        self.process = case.start(
            *prefix, PROGRAM, "simulate", f"--listen-address={listen_address}",
            "--control-address=127.0.0.1:0", f"--seed={seed}", f"--rate={rate}", f"--history={history}", "--queues=8",
            f"--client-id={CLIENT_ID}", f"--client-secret-file={self.secret_file}",
            f"--directory={self.directory}", *(() if tls else ("--no-tls",)), *arguments)
        self.base_url = self.process.wait_for(r"Task Manager at (https?://\S+)$").group(1)
        self.control_url = self.process.wait_for(r"Faults .* at (http://\S+)$").group(1)
        self.ca_file = self.directory / "ca.pem" if tls else ""
        for key in self.directory.glob("*.key"):
            secrecy.hide_key(key)

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        answer = fetch(f"{self.control_url}{path}", method, data)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def truth(self):
        """What is completed now: {(queue, result code): tasks}."""
        return counts(self.control("GET", "/truth")["truth"])

    def shown(self):
        """What our client was shown as completed, each task as it was when first shown."""
        return counts(self.control("GET", "/truth")["shown"].get(CLIENT_ID, []))

    def set_fault(self, name, **parameters):
        """`value`, `path` and `count` as in the catalogue; what has no count strikes until cleared."""
        known = {fault["name"]: fault for fault in self.control("GET", "/faults")["known"]}
        self.fault_count = known[name]["count"] if known[name]["count"] > 0 else ENDLESS
        self.control("PUT", f"/faults/{name}", {"count": self.fault_count, **parameters})

    def struck(self, name):
        """How many requests the fault has struck."""
        active = {fault["name"]: fault for fault in self.control("GET", "/faults")["active"]}
        return self.fault_count - (active[name]["count"] if name in active else 0)

    def add_tasks(self, **order):
        """`queue`, `result_code`, `completed_at`, `count` and more, as docs/simulator.md has it."""
        return self.control("POST", "/tasks", order)["ids"]

    def revoke_tokens(self):
        self.control("POST", "/revoke")

    def hang_up(self):
        self.control("POST", "/hangup")

    def traffic(self):
        """What was asked and answered so far."""
        return self.control("GET", "/traffic")

    def clear_faults(self):
        self.control("DELETE", "/faults")


ENDLESS = 1_000_000


def counts(rows):
    return {(row["queue"], row["result_code"] or "unknown"): row["count"] for row in rows}


class Exporter:
    """`serve`, polling an account every second; `others`: names and addresses of further ones.

    Everything it needs is in `folder`, the store too unless `store` names another place; it may be
    ended and started again on it.
    `begin=False` leaves the first start to the test.
    """

    def __init__(self, case, base_url, *arguments, ca_file="", secret=SECRET, others=(),
                 folder=None, store=None, listen_address="127.0.0.1:0", series_hold="0s", begin=True,
                 **poll):
        self.case = case
        self.folder = pathlib.Path(folder or case.folder)
        self.folder.mkdir(exist_ok=True)
        self.store = store or self.folder / "ledger.db"
        self.secret_file = self.folder / "client.secret"
        self.write_secret(secret)
        account = {"name": "e2e", "base_url": base_url, "client_id": CLIENT_ID,
                   "client_secret_file": str(self.folder / "client.secret")}
        if ca_file:
            account["ca_file"] = str(ca_file)
        further = [{**account, "name": name, "base_url": url} for name, url in others]
        self.config = self.folder / "exporter.yml"
        self.config.write_text(json.dumps({  # JSON is YAML.
            "accounts": [account, *further],
            "poll": {"interval": "1s", "settle": "0s", "start": "24h",
                     "max_requests_per_minute": 60000, **poll},
            "metrics": {"series_hold": series_hold},
            "store": {"path": str(self.store), "guard_path": str(self.folder / "ledger.guard")},
        }), encoding="utf-8")
        self.command = [PROGRAM, f"--config.file={self.config}",
                        f"--web.listen-address={listen_address}", *arguments]
        self.process = None
        if begin:
            self.start()

    def write_secret(self, secret):
        secrecy.hide_pair(CLIENT_ID, secret, "a client secret")
        self.secret_file.touch(mode=0o600)
        self.secret_file.write_text(secret, encoding="utf-8")

    def launch(self, *prefix):
        """Starts the program, with the command `prefix` in front of it."""
        self.process = self.case.start(*prefix, *self.command)

    def start(self, *prefix):
        """As launch(), and waits until it listens."""
        self.launch(*prefix)
        self.process.wait_for(LISTENING)

    @property
    def address(self):
        """Where it listens; empty while it does not say so."""
        found = self.process.said(LISTENING)
        return found.group(1) if found else ""

    def scrape(self):
        answer = fetch(f"http://{self.address}/metrics")
        assert answer.status == 200, answer.body
        return scrape.Scrape(answer.body)

    def try_scrape(self):
        """A scrape of a program that may not listen yet, or be killed meanwhile: then None."""
        try:
            return self.scrape() if self.process and self.address else None
        except (OSError, http.client.HTTPException):
            return None

    def scrape_when(self, condition, what):
        """The first scrape that fulfils the condition."""
        last = []

        def try_once():
            last[:] = [self.scrape()]
            return last[0] if condition(last[0]) else None
        return until(try_once, lambda: f"{what} in\n{last[0].text}\n{self.process.output()}")

    def completed(self):
        """{(queue, result code): tasks} as a scrape shows it."""
        return completed(self.scrape())


def completed(page):
    return page.sum("acronis_tasks_completed_total", by=("queue", "result_code"))


LISTENING = r'msg="?[Ll]istening"?.* address="?([\w.:\[\]]+:\d+)'
