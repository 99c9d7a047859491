"""Scrapes of many series: our page, prometheus-cpp's Exposer and a server in Go."""

import collections
import contextlib
import gzip
import pathlib
import re
import socket
import subprocess
import sys
import time

from programs import BENCH, RUNS, tell
from servers import GO_SCRAPE_PEER
from table import Row

SCRAPE_BENCH = BENCH / "scrape_bench"
FEW, MORE, MANY = 1_000, 10_000, 100_000
ROOM = 64 << 20
ROUNDS = 3 * RUNS
WRK_SECONDS = 5
PERCENTILES = (50, 90, 99)
CONNECTIONS, CROWD = 4, 100
COMMANDS = {
    "page": [SCRAPE_BENCH, "page"],
    "exposer": [SCRAPE_BENCH, "exposer"],
    "go": [GO_SCRAPE_PEER],
}
EXPOSER, GO = "prometheus-cpp Exposer", "Go"


class Server:
    """One of the servers, with so many series."""

    def __init__(self, name, series):
        tell("serving", series, "series:", name)
        self.name = name
        self.process = subprocess.Popen([*map(str, COMMANDS[name]), str(series)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = self._answer("port")
        # Made and touched before, so that what is timed is the server, not memory for its answer.
        self.room = memoryview(bytearray(b"\1") * ROOM)

    def _answer(self, word):
        line = self.process.stdout.readline()
        found = re.fullmatch(rf"{word} (\d+)\n", line)
        if not found:
            sys.exit(f"{self.process.args} said {line!r}")
        return int(found.group(1))

    def change(self, accounts="one"):
        """The next scrape is the first one of another state, of "one" account or of "all"."""
        self.process.stdin.write(f"{accounts}\n")
        self.process.stdin.flush()
        self._answer("changed")

    def scrape(self, encoding):
        """Seconds from the request to the last byte, and the body."""
        request = (f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {encoding}\r\n"
                   "Connection: close\r\n\r\n").encode()
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(request)
            size = 0
            while got := connection.recv_into(self.room[size:]):
                size += got
        seconds = time.perf_counter() - began
        head, _, body = bytes(self.room[:size]).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        return seconds, unchunked(head, body)

    def resident(self):
        status = pathlib.Path("/proc", str(self.process.pid), "status").read_text(encoding="ascii")
        return 1024 * int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def unchunked(head, body):
    if b"chunked" not in head.lower():
        return body
    plain = []
    while body:
        size, _, body = body.partition(b"\r\n")
        plain.append(body[:int(size, 16)])
        body = body[int(size, 16) + 2:]
    return b"".join(plain)


@contextlib.contextmanager
def serving(name, series):
    server = Server(name, series)
    try:
        yield server
    finally:
        server.end()


def series_of(body):
    """Samples of the task families."""
    return sum(line.startswith(b"acronis_task") for line in body.split(b"\n"))


def check_series(server, wanted):
    """Everybody serves the same number, plain and packed."""
    for encoding, unpack in (("identity", bytes), ("gzip", gzip.decompress)):
        found = series_of(unpack(server.scrape(encoding)[1]))
        if found != wanted:
            sys.exit(f"{server.process.args} serves {found} series instead of {wanted}")


def crowd_on(server, connections):
    """What wrk says of a server that so many scrape as fast as they can."""
    report = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{WRK_SECONDS}s", "--latency",
         f"http://127.0.0.1:{server.port}/metrics"],
        check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in report or "Socket errors" in report:
        if server.name == "page":
            sys.exit(f"errors, where there must be none:\n{report}")
        tell(server.name, report)
    return report


def requests_per_second(report):
    return float(re.search(r"Requests/sec:\s+([\d.]+)", report).group(1))


def percentile(report, percent):
    """Milliseconds."""
    value, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\b", report).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def throughput():
    got = collections.defaultdict(list)
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(serving(name, FEW)) for name in COMMANDS}
        for name, server in servers.items():
            check_series(server, FEW)
        for _ in range(RUNS):
            for name, server in servers.items():
                got[name].append(requests_per_second(crowd_on(server, CONNECTIONS)))
    what = f"Scrapes per second, {FEW:,} series, {CONNECTIONS} connections"
    return [Row(what, "/s", got["page"], peer=EXPOSER, peer_values=got["exposer"], least_ratio=8),
            Row(what, "/s", got["page"], peer=GO, peer_values=got["go"])]


def crowd():
    """A hundred at once: nobody is sent away, and what the slowest wait."""
    got = collections.defaultdict(list)
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(serving(name, MORE)) for name in COMMANDS}
        for name, server in servers.items():
            check_series(server, MORE)
        for _ in range(RUNS):
            for name, server in servers.items():
                report = crowd_on(server, CROWD)
                got[name, "rate"].append(requests_per_second(report))
                for percent in PERCENTILES:
                    got[name, percent].append(percentile(report, percent))
    what = f"{MORE:,} series, {CROWD} connections without an error"
    rows = []
    for peer, label in (("exposer", EXPOSER), ("go", GO)):
        rows.append(Row(f"Scrapes per second, {what}", "/s", got["page", "rate"], peer=label,
                        peer_values=got[peer, "rate"]))
        rows += [Row(f"The same, {percent} % of the answers within", "ms", got["page", percent],
                     peer=label, peer_values=got[peer, percent]) for percent in PERCENTILES]
    return rows


def scrapes(servers, encoding):
    """Milliseconds of first and of repeated scrapes, in turn with the peers."""
    got = collections.defaultdict(list)
    for _ in range(ROUNDS):
        servers["page"].change("all")
        got["all"].append(1000 * servers["page"].scrape(encoding)[0])
        servers["page"].change()
        for name, server in (("first", servers["page"]), ("again", servers["page"]),
                             ("exposer", servers["exposer"]), ("go", servers["go"])):
            got[name].append(1000 * server.scrape(encoding)[0])
    return got


def latency():
    rows = []
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(serving(name, MANY)) for name in COMMANDS}
        for server in servers.values():
            check_series(server, MANY)
        for encoding, how in (("identity", "plain"), ("gzip", "gzip")):
            got = scrapes(servers, encoding)
            for kind, what, most in (("first", "First scrape of a state", 0.10),
                                     ("all", "First scrape after all accounts counted", None),
                                     ("again", "Scrape of a state that was scraped before", 0.03)):
                rows.append(Row(f"{what}, {MANY:,} series, {how}", "ms", got[kind], peer=EXPOSER,
                                peer_values=got["exposer"], most_ratio=most))
                rows.append(Row(f"{what}, {MANY:,} series, {how}", "ms", got[kind], peer=GO,
                                peer_values=got["go"]))
    return rows


def resident(name, series):
    with serving(name, series) as server:
        for _ in range(RUNS):
            server.change()
            for encoding in ("identity", "gzip"):
                server.scrape(encoding)
        return server.resident()


def memory():
    got = collections.defaultdict(list)
    for _ in range(RUNS):
        for name in COMMANDS:
            got[name].append((resident(name, MANY) - resident(name, FEW)) / (MANY - FEW))
    what = f"Memory for a series of {MANY:,}, scraped plain and packed"
    return [Row(what, "B", got["page"], at_most=250, peer=EXPOSER, peer_values=got["exposer"]),
            Row(what, "B", got["page"], peer=GO, peer_values=got["go"])]


BENCHMARKS = {
    "scrape-throughput": throughput,
    "scrape-crowd": crowd,
    "scrape-latency": latency,
    "scrape-memory": memory,
}
