"""The exporter with accounts in every state that the start page tells of, and a browser."""

import contextlib
import http.server
import json
import socket
import threading

from chromium import Driver
from harness import Exporter, Simulator, until

GOOD = "emea"
REFUSED = "wrong-secret"
TRICKY = '<b>R&D</b> "apac" <img src=x onerror=alert(1)>'
LONG = "customer-" + "x" * 119  # As long as a name may be, and nowhere to break it.
COUNTED = 1234
ACCOUNTS = [GOOD, REFUSED, TRICKY, LONG]
TRICKY_ERROR = '<script src="http://127.0.0.1:9/x.js"></script>' + "y" * 150


class Hostile(http.server.BaseHTTPRequestHandler):
    """Refuses everything with a message that would like to be HTML."""

    def do_POST(self):
        body = json.dumps({"error": {"domain": "x", "code": "x", "message": TRICKY_ERROR}}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def hostile_server(case):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    case.addCleanup(server.server_close)
    case.addCleanup(thread.join)
    case.addCleanup(server.shutdown)
    return f"http://127.0.0.1:{server.server_port}"


def silent_server(case):
    """Takes connections and says nothing."""
    server = case.enterContext(contextlib.closing(socket.create_server(("127.0.0.1", 0))))
    return f"http://127.0.0.1:{server.getsockname()[1]}"


class Scene:
    """`page` is the address of the start page, `driver` starts browsers to look at it."""

    def __init__(self, case):
        self.simulator = Simulator(case, rate=0)
        self.simulator.add_tasks(count=COUNTED - 1)
        self.simulator.add_tasks(result_code="error")
        self.exporter = Exporter(case, self.simulator.base_url, ca_file=self.simulator.ca_file,
                                 begin=False)
        secret = self.exporter.folder / "wrong.secret"
        secret.touch(mode=0o600)
        secret.write_text("wrong-one", encoding="ascii")
        config = json.loads(self.exporter.config.read_text(encoding="utf-8"))
        account = config["accounts"][0]
        config["accounts"] = [
            {**account, "name": GOOD},
            {**account, "name": REFUSED, "client_secret_file": str(secret)},
            {**account, "name": TRICKY, "base_url": hostile_server(case), "ca_file": ""},
            {**account, "name": LONG, "base_url": silent_server(case), "ca_file": ""}]
        self.exporter.config.write_text(json.dumps(config), encoding="utf-8")
        self.exporter.start()
        self.page = f"http://{self.exporter.address}/"
        self.driver = Driver(case)
        until(self.is_set, lambda: self.exporter.scrape().text)

    def is_set(self):
        """The good account has counted all there is, the bad ones have failed."""
        page = self.exporter.scrape()
        counted = page.sum("acronis_tasks_completed_total", account=GOOD)
        return counted == {(): COUNTED} and all(
            page.value("acronis_exporter_polls_total", account=name, result="error")
            for name in (REFUSED, TRICKY))
