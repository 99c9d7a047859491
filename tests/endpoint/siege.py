"""An exporter under attack, and the ordinary client that must not notice."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import select
import socket
import ssl
import time

import harness
import secrecy
import trials
from certificates import Authority
from harness import DEADLINE, until

METRICS = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
# A page of its own for many queues: what does not fit into the buffers of a connection has to wait.
QUEUES = 250
# The server's own threads, and those that the pool keeps.
SPARE_THREADS = 12
# The state of a socket in /proc/net/tcp.
LISTENS = "0A"


def busy_simulator(case):
    """A simulator whose tasks make a large page."""
    simulator = harness.Simulator(case, rate=0, tls=False)
    for number in range(QUEUES):
        simulator.add_tasks(queue=f"queue-{number}", completed_at=harness.seconds_ago(60))
    return simulator


def quick_simulator(case):
    simulator = harness.Simulator(case, rate=0, tls=False)
    simulator.add_tasks(queue="backup", completed_at=harness.seconds_ago(60))
    return simulator


class Fortress:
    """An exporter that has polled once and only serves from then on. `kind`: of the server's key,
    for TLS; `web`: what else the web configuration has; `headers`: of the ordinary client."""

    def __init__(self, case, simulator, kind=None, tls=None, web=None, headers=None, flags=()):
        self.case, self.headers = case, headers or {}
        self.context, keys = None, dict(web or {})
        if kind:
            self.authority = Authority(case.folder)
            certificate, key = self.authority.issue("server", kind=kind)
            self.context = ssl.create_default_context(cafile=self.authority.certificate)
            keys["tls_server_config"] = {"cert_file": str(certificate), "key_file": str(key),
                                         **(tls or {})}
        config = case.folder / "web.yml"
        config.write_text(json.dumps(keys), encoding="utf-8")  # JSON is YAML.
        self.exporter = harness.Exporter(case, simulator.base_url, f"--web.config.file={config}",
                                         *flags, interval="1h")
        self.port = int(self.exporter.address.rpartition(":")[2])
        self.scrapes, self.slowest = 0, 0.0
        until(lambda: b'acronis_up{account="e2e"} 1' in self.scrape(), "a poll")
        until(lambda: not self.connections(), "the scrapes' connections to end")
        self.descriptors_before, self.threads_before = self.descriptors(), self.threads()

    @property
    def url(self):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}/metrics"

    def scrape(self):
        """What an ordinary client gets, over a connection of its own; it has to be good."""
        begin = time.monotonic()
        make = http.client.HTTPConnection if self.context is None else http.client.HTTPSConnection
        tls = {} if self.context is None else {"context": self.context}
        connection = make("127.0.0.1", self.port, timeout=DEADLINE, **tls)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics", headers=self.headers)
            reply = connection.getresponse()
            body = reply.read()
        secrecy.check(f"{reply.headers}{body.decode()}", "a scrape")
        assert reply.status == 200, f"{reply.status}: {body[:200]}"
        self.scrapes += 1
        self.slowest = max(self.slowest, time.monotonic() - begin)
        return body

    def scrape_until(self, done, what, every=0.1, deadline=DEADLINE):
        """One scrape behind the other."""
        return until(lambda: self.scrape() and done(), what, deadline=deadline, every=every)

    @property
    def proc(self):
        return pathlib.Path("/proc", str(self.exporter.process.pid))

    def descriptors(self):
        return len(os.listdir(self.proc / "fd"))

    def connections(self):
        """How many it holds, those of who is gone already among them."""
        table = (self.proc / "net/tcp").read_text(encoding="ascii")
        rows = [line.split() for line in table.splitlines()]
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] != LISTENS and row[9] != "0"
                   for row in rows[1:])

    def threads(self):
        status = (self.proc / "status").read_text(encoding="ascii")
        return int(re.search(r"^Threads:\s+(\d+)$", status, re.M).group(1))

    def check_descriptors(self):
        """All that was taken is given back, and it still serves."""
        self.scrape()
        until(lambda: not self.connections() and self.descriptors() <= self.descriptors_before,
              lambda: f"{self.descriptors()} descriptors to become {self.descriptors_before}")
        assert self.exporter.process.process.poll() is None, self.exporter.process.output()

    def connect(self, **more):
        return Client(self, **more)


class Client:
    """A connection to the exporter with nothing done for its user. `window`: bytes it takes from
    the network ahead; `shake`: TLS at once, where the exporter speaks it."""

    def __init__(self, fortress, window=0, shake=True):
        self.socket = socket.socket()
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(("127.0.0.1", fortress.port))
        if fortress.context and shake:
            self.socket = fortress.context.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def abort(self):
        """Closes with a reset: the port can be used again at once."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data, piece=1 << 14):
        """Sends it, or as much as the other side wants to have before it answers or goes."""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            for begin in range(0, len(data), piece):
                if begin and readable(self):
                    return
                self.socket.sendall(data[begin:begin + piece])

    def receive(self):
        """False: the other side has ended the connection."""
        try:
            more = self.socket.recv(1 << 16)
        except (ConnectionError, ssl.SSLError):
            return False
        self.received += more
        return bool(more)

    def answer(self, body=True):
        """(status, body) of the next answer; (0, what came) when the connection ended before."""
        while b"\r\n\r\n" not in self.received:
            if not self.receive():
                return 0, self.received
        head, _, rest = self.received.partition(b"\r\n\r\n")
        length = re.search(rb"^content-length: (\d+)\r?$", head, re.M | re.I)
        size = int(length.group(1)) if length and body else 0
        self.received = rest
        while len(self.received) < size:
            if not self.receive():
                return 0, self.received
        content, self.received = self.received[:size], self.received[size:]
        secrecy.check((head + content).decode("latin-1"), "an answer")
        return int(head.split(b" ")[1]), content

    def ends(self):
        """Waits for the other side's end, whatever it says before."""
        while self.receive():
            pass
        return True

    def is_closed(self):
        """Waits for the other side's end. False: it said more instead."""
        return not self.received and not self.receive()


def readable(client):
    """The other side has said something, or has gone."""
    ready = select.poll()
    ready.register(client.socket, select.POLLIN)
    return bool(ready.poll(0))


class Siege(trials.Trial):
    """A trial with a fortress of its own, on a simulator that the trials share."""

    def __init__(self, name, simulator):
        super().__init__(name)
        self.simulator = simulator

    def build(self, **settings):
        self.fortress = Fortress(self, self.simulator, **settings)
        return self.fortress

    def show(self, more=""):
        print(f"{self.name}: {self.fortress.scrapes} scrapes, the slowest in "
              f"{self.fortress.slowest:.3f} s{more}", flush=True)
