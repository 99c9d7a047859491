"""The same requests to this exporter and to Debian's blackbox exporter, with the same web
configuration: the same statuses, but for the differences that are listed with their reasons.
"""

import base64
import json
import socket

import secrecy
import tap
from harness import ROOT, Case, Exporter, Simulator, free_port, until

BLACKBOX = ROOT / "build/tools/blackbox/usr/bin/prometheus-blackbox-exporter"
# Of the password "correct horse", at the lowest cost.
HASH = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
RIGHT = "prom:correct horse"
secrecy.hide_pair(*RIGHT.split(":"), "the password")


def basic(credentials, scheme="Basic"):
    if isinstance(credentials, str):
        credentials = credentials.encode()
    return f"Authorization: {scheme} {base64.b64encode(credentials).decode()}"


def request(*fields, target="/metrics", method="GET", version="HTTP/1.1", host="Host: x"):
    lines = [f"{method} {target} {version}", *([host] if host else []), "Connection: close", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


KNOWN = basic(RIGHT)
# {name: bytes}
REQUESTS = {
    "no header": request(),
    "right password": request(KNOWN),
    "wrong password": request(basic("prom:wrong")),
    "unknown user": request(basic("other:correct horse")),
    "scheme in lower case": request(basic(RIGHT, "basic")),
    "scheme in capitals": request(basic(RIGHT, "BASIC")),
    "another scheme": request("Authorization: Bearer abc"),
    "two spaces behind the scheme": request(basic(RIGHT, "Basic ")),
    "empty user": request(basic(":correct horse")),
    "empty password": request(basic("prom:")),
    "no colon": request(basic("prom")),
    "colon in the password": request(basic("prom:a:b")),
    "not Base64": request("Authorization: Basic ???"),
    "no padding": request("Authorization: Basic " + KNOWN.rsplit(" ", 1)[1].rstrip("=") + "x"),
    "empty header": request("Authorization:"),
    "10 kB of password": request(basic("prom:" + "x" * 10_000)),
    "password that is not UTF-8": request(basic(b"prom:\xff\xfe")),
    "right, then wrong": request(KNOWN, basic("prom:wrong")),
    "wrong, then right": request(basic("prom:wrong"), KNOWN),
    "start page": request(KNOWN, target="/"),
    "start page without": request(target="/"),
    "healthy": request(KNOWN, target="/-/healthy"),
    "healthy without": request(target="/-/healthy"),
    "reload without": request(target="/-/reload", method="POST"),
    "HEAD": request(KNOWN, method="HEAD"),
    "query": request(KNOWN, target="/metrics?a=b"),
    "unknown path": request(KNOWN, target="/unknown"),
    "unknown path without": request(target="/unknown"),
    "HTTP/1.0": request(KNOWN, version="HTTP/1.0", host=""),
    "absolute target": request(KNOWN, target="http://x/metrics"),
    "no host": request(KNOWN, host=""),
    "two hosts": request("Host: y", KNOWN),
    "malformed host": request(KNOWN, host="Host: x y"),
    "HTTP/1.2": request(KNOWN, version="HTTP/1.2"),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "space before the colon": request(KNOWN, "A : b"),
    "no name": request(KNOWN, ": b"),
    "NUL in a value": request(KNOWN, "A: b\0c"),
    "length and chunked": request(KNOWN, "Content-Length: 3", "Transfer-Encoding: chunked"),
    "two lengths": request(KNOWN, "Content-Length: 0", "Content-Length: 5"),
    "malformed length": request(KNOWN, "Content-Length: abc"),
    "unknown transfer encoding": request(KNOWN, "Transfer-Encoding: gzip"),
    "unknown expectation": request(KNOWN, "Expect: a-miracle"),
    "bad escape": request(KNOWN, target="/metrics%zz"),
    "bare line feeds": request(KNOWN).replace(b"\r\n", b"\n"),
    "folded field": request(KNOWN, "A: b\r\n c"),
    "DELETE": request(KNOWN, method="DELETE"),
    "POST": request(KNOWN, "Content-Length: 0", method="POST"),
    "TRACE": request(KNOWN, method="TRACE"),
    "long target": request(KNOWN, target="/" + "a" * 9000),
    "many fields": request(KNOWN, *["A: b"] * 200),
}
# {name: (ours, blackbox's, why)}
DIFFERENCES = {
    "unknown path": (404, 200, "its start page answers for every path"),
    "long target": (414, 200, "bounded; no scrape has so much to say"),
    "many fields": (431, 200, "bounded; no scrape has so much to say"),
    "bare line feeds": (400, 200, "proxies differ in where such a line ends"),
    "folded field": (400, 200, "obsolete, and proxies differ in what it means"),
    "HTTP/2 preface": (505, 401, "there is no HTTP/2"),
    "length and chunked": (400, 200, "the classic of request smuggling"),
    "no name": (400, 200, "malformed, says the Go of Debian 13, too"),
    "DELETE": (405, 200, "nothing here can be deleted"),
    "POST": (405, 200, "a scrape is a GET"),
    "TRACE": (405, 200, "a scrape is a GET"),
}
# Which of them a newer Go does not have any more.
OF_AN_OLD_GO = {"no name"}


class Matrix(Case):
    def setUp(self):
        super().setUp()
        web = self.folder / "web.yml"
        web.write_text(json.dumps({"basic_auth_users": {"prom": HASH}}), encoding="utf-8")
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, f"--web.config.file={web}",
                            ca_file=simulator.ca_file)
        self.ours = int(exporter.address.rpartition(":")[2])
        self.theirs = free_port()
        modules = self.folder / "blackbox.yml"
        modules.write_text("modules: {}\n", encoding="utf-8")
        blackbox = self.start(BLACKBOX, f"--config.file={modules}", f"--web.config.file={web}",
                              f"--web.listen-address=127.0.0.1:{self.theirs}")
        blackbox.wait_for("Listening on")
        until(lambda: self.status(self.theirs, request(KNOWN)) == 200, blackbox.output)

    def status(self, port, sent):
        """The status of the answer; 0: the connection was closed without one."""
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(sent)
            received = b""
            while b"\r\n" not in received:
                part = connection.recv(4096)
                if not part:
                    return 0
                received += part
            secrecy.check(received.decode("latin-1"), "an answer")
            return int(received.split(b" ")[1])

    def test_statuses_are_the_same(self):
        seen = {name: (self.status(self.ours, sent), self.status(self.theirs, sent))
                for name, sent in REQUESTS.items()}
        different = {name: statuses for name, statuses in seen.items() if statuses[0] != statuses[1]}
        wanted = {name: (ours, theirs) for name, (ours, theirs, _) in DIFFERENCES.items()
                  if name not in OF_AN_OLD_GO or name in different}
        self.assertEqual(different, wanted)


if __name__ == "__main__":
    tap.main()
