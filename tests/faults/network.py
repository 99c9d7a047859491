"""The way to the server: names, addresses, proxies, hosts that are not the server's."""

import contextlib
import os
import selectors
import socket
import ssl
import struct
import subprocess
import threading

import harness
import scene
from harness import until
from scene import polls, value


class Listener:
    """A thread that answers each connection to a port of loopback with `serve`, one at a time."""

    def __init__(self, case, serve=None, address="127.0.0.1", port=0):
        self.serve = serve
        self.connections = 0
        self.socket = socket.create_server((address, port))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        case.addCleanup(self.close)

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            # Whoever is served may hang up at any moment.
            with connection, contextlib.suppress(OSError):
                if self.serve:
                    self.serve(connection)

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def pump(left, right):
    """Carries bytes both ways until one side is done. Neither may have buffered any."""
    with selectors.DefaultSelector() as ready:
        ready.register(left, selectors.EVENT_READ, right)
        ready.register(right, selectors.EVENT_READ, left)
        while True:
            for key, _ in ready.select():
                more = True
                while more:
                    data = key.fileobj.recv(1 << 16)
                    if not data:
                        return
                    key.data.sendall(data)
                    more = getattr(key.fileobj, "pending", int)() > 0


class ClosedPort(scene.Trial):
    """Nobody listens, then somebody does: one attempt a poll, no restart."""

    def attempt(self):
        port = harness.free_port()
        self.exporter = scene.Watched(self, f"http://127.0.0.1:{port}")
        page = self.exporter.scrape_when(lambda page: polls(page, "error") >= 4, "four failed polls")
        self.check_page(page.text)
        failed = polls(page, "error")
        self.assertEqual(scene.by_label(page, "poll_failures_total", "reason"), {"network": failed})
        # A poll may be about to end.
        asked = value(page, "api_requests_total", endpoint="token", code="error")
        self.assertIn(asked - failed, (0, 1))
        self.assertEqual(scene.by_label(page, "api_retries_total", "reason"), {})
        self.simulator = harness.Simulator(self, rate=0.1, tls=False,
                                           listen_address=f"127.0.0.1:{port}")
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 1, "a good poll")
        until(lambda: self.counted() == self.simulator.shown() != {}, "the counts")
        self.line = 0
        self.check_log(failures=1)
        self.end()


class OtherHost(scene.Trial):
    """Redirects to another host: nothing is ever sent there, neither a token nor the credentials."""

    STATUSES = (301, 302, 303, 307, 308)

    def __init__(self, path):
        super().__init__(f"A18: redirects of {path} requests to another host")
        self.path = path

    def attempt(self):
        listener = Listener(self)
        self.begin()

        def redirect(status, scheme):
            self.simulator.set_fault("redirect", path=self.path,
                                     value=f"{status} {scheme}://127.0.0.1:{listener.port}/")
            self.simulator.revoke_tokens()
        self.strike(lambda: redirect(301, "http"))
        for status in self.STATUSES:
            for scheme in ("http", "https"):
                redirect(status, scheme)
                done = self.exporter.polls()
                until(lambda done=done: self.exporter.polls() > done, "a poll")
        page, _ = self.look_and_clear(1)
        self.assertEqual(self.added(page, "poll_failures_total", "reason"),
                         {"invalid_response": self.failed(page)})
        self.assertEqual(listener.connections, 0)
        self.recover()
        self.assertEqual(listener.connections, 0)
        self.check_log(failures=1)
        self.end()

    readable = False


class NameServer:
    """Answers for every name: an address, `nxdomain`, `servfail`, or not at all."""

    CODES = {"servfail": 2, "nxdomain": 3}

    def __init__(self, case, address):
        self.answer = "127.0.0.1"
        self.asked = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        case.addCleanup(self.socket.close)
        self.socket.bind((address, 53))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                query, client = self.socket.recvfrom(512)
            except OSError:
                return
            reply = self.reply(query)
            if reply:
                with contextlib.suppress(OSError):
                    self.socket.sendto(reply, client)

    def reply(self, query):
        if self.answer == "silence":
            return b""
        end = query.index(0, 12) + 5  # The question: name, type, class.
        question, (kind,) = query[12:end], struct.unpack("!H", query[end - 4:end - 2])
        code = self.CODES.get(self.answer, 0)
        is_address = kind == 1
        self.asked += is_address
        with_answer = is_address and not code
        head = query[:2] + struct.pack("!5H", 0x8180 | code, 1, int(with_answer), 0, 0)
        answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(
            self.answer) if with_answer else b""
        return head + question + answer


class Names(scene.Trial):
    """A name that cannot be looked up, or has moved: the poll fails, the next one looks again."""

    ADDRESS = "127.0.153.53"

    def attempt(self):
        names = NameServer(self, self.ADDRESS)
        self.simulator = harness.Simulator(self, rate=0.1, history="1h")
        port = self.simulator.base_url.rpartition(":")[2]
        self.exporter = scene.Watched(self, f"https://localhost:{port}", begin=False,
                                      ca_file=self.simulator.ca_file)
        self.exporter.exporter.start(*self.alone_with(self.ADDRESS))
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")
        for answer in ("nxdomain", "servfail", "silence"):
            self.fail(names, answer)
        # The server is at another address now.
        moved = Listener(self, lambda client: self.forward(client, int(port)), "127.0.0.2",
                         int(port))
        self.strike(lambda: self.become(names, "127.0.0.2"))
        until(lambda: moved.connections >= 1, "a connection to the new address")
        self.exporter.scrape_when(lambda page: self.good(page) >= 2, "two good polls")
        self.recover()
        self.assertEqual(self.failed(self.exporter.scrape()), 0)
        self.end()

    def become(self, names, answer):
        names.answer = answer
        names.asked = 0
        self.simulator.hang_up()

    def fail(self, names, answer):
        self.strike(lambda: self.become(names, answer))
        asked = []

        def well():
            asked[:] = [names.asked]
            names.answer = "127.0.0.1"
        page, _ = self.look_and_clear(2, well)
        failed = self.failed(page)
        self.assertEqual(self.added(page, "poll_failures_total", "reason"), {"network": failed})
        if answer == "nxdomain":
            self.assertEqual(asked, [failed])
        self.recover()
        self.check_log(failures=1)

    def differences(self, page, seen):
        # Look-ups that fail are requests without an answer that no server sees.
        found = super().differences(page, seen)
        if "requests" in found:
            said, wanted = found.pop("requests")
            lost = said.pop("error") - wanted.pop("error")
            if said != wanted or lost != polls(page, "error"):
                found["requests"] = said, wanted, lost
        return found

    def alone_with(self, address):
        """A command that lets another one see no names but ours."""
        files = {"/etc/hosts": "", "/etc/nsswitch.conf": "hosts: dns\n",
                 "/etc/resolv.conf": f"nameserver {address}\noptions timeout:1 attempts:1\n"}
        steps = []
        for path, text in files.items():
            ours = self.folder / os.path.basename(path)
            ours.write_text(text, encoding="ascii")
            steps.append(f"mount --bind {ours} {path}")
        return [*UNSHARE, "sh", "-c", f'{" && ".join(steps)} && exec "$@"', "sh"]

    @staticmethod
    def forward(client, port):
        with socket.create_connection(("127.0.0.1", port)) as server:
            pump(client, server)


UNSHARE = ["unshare", "--mount", "--propagation", "private"]


class Proxy(scene.Trial):
    """HTTPS_PROXY: all goes through it, with the credentials it wants; when it refuses, that shows."""

    HOST = "task-manager.example"
    LOGIN = "dXNlcjpwYXNzLW9mLXRoZS1wcm94eQ=="  # user:pass-of-the-proxy

    def attempt(self):
        self.make_certificate()
        self.simulator = harness.Simulator(self, rate=0.1, history="1h", tls=False)
        self.requests, self.refusing = [], False
        proxy = Listener(self, self.serve)
        self.exporter = scene.Watched(self, f"https://{self.HOST}", begin=False,
                                      ca_file=self.folder / "host.pem")
        self.exporter.exporter.start("env", "HTTPS_PROXY=http://user:pass-of-the-proxy@"
                                     f"127.0.0.1:{proxy.port}", "NO_PROXY=elsewhere.example")
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 2, "two good polls")
        self.assertEqual({(request.split("\r\n")[0], self.LOGIN in request)
                          for request in self.requests},
                         {(f"CONNECT {self.HOST}:443 HTTP/1.1", True)})

        def refuse():
            self.refusing = True
            self.simulator.hang_up()
        self.strike(refuse)
        done = self.exporter.polls()
        until(lambda: self.exporter.polls() >= done + 2, "two polls")
        page = self.exporter.scrape()
        self.assertEqual(self.added(page, "poll_failures_total", "reason"),
                         {"network": self.failed(page)})
        self.check_page(page.text)
        self.refusing = False
        self.exporter.scrape_when(lambda page: page.value("acronis_up", **scene.ACCOUNT) == 1,
                                  "recovery")
        until(lambda: self.counted() == self.simulator.shown() != {}, "the counts")
        self.check_log(failures=1)
        self.end()
        self.assertNotIn("pass-of-the-proxy", self.exporter.process.output())

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", f"/CN={self.HOST}", "-addext", f"subjectAltName=DNS:{self.HOST}",
                        "-keyout", self.folder / "host.key", "-out", self.folder / "host.pem"],
                       check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.folder / "host.pem", self.folder / "host.key")

    def serve(self, client):
        """In a thread of its own: tokens and tasks have a connection each."""
        ours = client.dup()
        threading.Thread(target=self.carry, args=(ours,), daemon=True).start()

    def carry(self, client):
        with client, contextlib.suppress(OSError):
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += client.recv(1)
            self.requests.append(request.decode())
            if self.refusing:
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            port = int(self.simulator.base_url.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port)) as server, \
                    self.context.wrap_socket(client, server_side=True) as secure:
                pump(secure, server)


class Address(scene.Trial):
    """Another kind of address."""

    def __init__(self, name, listen_address, host):
        super().__init__(f"A25: {name}")
        self.listen_address, self.host = listen_address, host

    def attempt(self):
        simulator = harness.Simulator(self, rate=0.1, listen_address=self.listen_address)
        port = simulator.base_url.rpartition(":")[2]
        self.begin(simulator, base_url=f"https://{self.host}:{port}")
        self.strike(lambda: None)
        self.recover()
        self.assertEqual(self.failed(self.exporter.scrape()), 0)
        self.check_log()
        self.end()


class StaleConnection(scene.Trial):
    """The server has closed the kept-alive connection: the request is repeated once, unnoticed."""

    def attempt(self):
        self.begin()
        self.switch("stale", count=1)
        page, seen = self.look_and_clear(2)
        self.assertEqual(seen.repeated - self.seen.repeated, 1)
        self.assertEqual(seen.struck() - self.seen.struck(), 0)  # One, and it was repeated.
        self.assertEqual(self.added(page, "api_retries_total", "reason"), {"network": 1})
        self.assertEqual(self.failed(page), 0)
        self.recover()
        self.check_log()
        self.end()


def may_mount():
    return os.geteuid() == 0 and subprocess.run([*UNSHARE, "true"], check=False,
                                                capture_output=True).returncode == 0


def cases():
    names = [Names("A2: names that cannot be looked up, or have moved")] if may_mount() else []
    return [ClosedPort("A1: a closed port"), *names, OtherHost("tasks"), OtherHost("token"),
            Proxy("A25: a proxy of the environment"), Address("IPv6 only", "[::1]:0", "[::1]"),
            Address("a name of two addresses, one of them dead", "127.0.0.1:0", "localhost"),
            StaleConnection("A25: exactly one transparent retry")]
