"""Debian's Alertmanager as it is shipped here, and somebody whom it tells."""

import http.server
import json
import threading
import urllib.request

import yaml

from harness import ROOT, fetch, free_port, need_tool, until

SHIPPED = ROOT / "dashboards" / "alertmanager" / "alertmanager.yml"
PATIENCE = {"group_wait", "group_interval"}


def tool(name):
    """A program of Debian's Alertmanager."""
    return need_tool("alertmanager", name)


class Receiver:
    """Takes every notification, by the name of the receiver that it is for."""

    def __init__(self, case):
        told = self.told = []  # (receiver, alert), in the order of their arrival.

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told.extend((self.path.strip("/"), alert) for alert in body["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        case.addCleanup(server.server_close)
        case.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"

    def wait_for(self, name, status, **labels):
        """The first notification of such an alert: (receiver, alert)."""
        def told():
            return next((entry for entry in self.told if entry[1]["status"] == status and
                         {"alertname": name, **labels}.items() <= entry[1]["labels"].items()), None)
        return until(told, lambda: f"{name} {status} {labels} in {self.told}")


def _hurry(route):
    """The same route without waiting for more alerts."""
    hurried = {key: "1s" if key in PATIENCE else value for key, value in route.items()}
    hurried["routes"] = [_hurry(child) for child in route.get("routes", [])]
    return hurried


class Alertmanager:
    """With the shipped configuration, but for where it sends to and how long it waits."""

    def __init__(self, case, receiver, folder="alertmanager"):
        config = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
        config["route"] = {"group_wait": "1s", "group_interval": "1s", **_hurry(config["route"])}
        config["receivers"] = [
            {"name": each["name"],
             "webhook_configs": [{"url": f"{receiver.url}/{each['name']}", "send_resolved": True}]}
            for each in config["receivers"]]
        file = case.folder / "alertmanager.yml"
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        self.address = f"127.0.0.1:{free_port()}"
        self.process = case.start(
            tool("prometheus-alertmanager"), f"--config.file={file}",
            f"--storage.path={case.folder / folder}", "--cluster.listen-address=",
            f"--web.listen-address={self.address}")
        self.process.wait_for("Listening on")

    def tell(self, *labels):
        """As Prometheus does: these alerts fire."""
        body = json.dumps([{"labels": each} for each in labels]).encode()
        request = urllib.request.Request(f"http://{self.address}/api/v2/alerts", data=body,
                                         headers={"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def alerts(self, name):
        """What it knows of alerts of that name, of all if it is empty."""
        chosen = f"?filter=alertname%3D{name}" if name else ""
        answer = fetch(f"http://{self.address}/api/v2/alerts{chosen}")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)
