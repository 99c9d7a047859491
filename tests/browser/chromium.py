"""Debian's Chromium, driven by the WebDriver protocol as chromedriver speaks it."""

import base64
import json
import os
import shutil

from harness import fetch

PROGRAMS = ("chromium", "chromedriver")


def missing():
    """Which of the programs this machine does not have."""
    return [program for program in PROGRAMS if not shutil.which(program)]


class Driver:
    """chromedriver on a port that it chooses; whatever browser it started ends with it."""

    def __init__(self, case):
        self.process = case.start("chromedriver", "--port=0",
                                  environment={"HOME": str(case.folder)})
        port = self.process.wait_for(r"started successfully on port (\d+)").group(1)
        self.url = f"http://127.0.0.1:{port}"
        case.addCleanup(self.process.wait)
        case.addCleanup(fetch, f"{self.url}/shutdown")


class Refused(Exception):
    """What chromedriver says when it cannot do what it is told."""


class Browser:
    """A window of a headless Chromium with a profile of its own; closed when its context ends."""

    def __init__(self, driver):
        self.url = driver.url
        flags = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--hide-scrollbars"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses root otherwise.
        session = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": flags, "binary": shutil.which("chromium")},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        self.url = f"{driver.url}/session/{session['sessionId']}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ask("DELETE", "")

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        answer = fetch(f"{self.url}{path}", method, data, timeout=60)
        value = json.loads(answer.body)["value"]
        if answer.status != 200:
            raise Refused(f"{method} {path}: {value['error']}: {value['message']}")
        return value

    def open(self, address):
        self._ask("POST", "/url", {"url": address})

    def run(self, script, *arguments):
        """What the body of a function returns in the page."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def devtools(self, command, **parameters):
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def log(self, kind):
        """What came up since the last call: of the console ("browser"), or of the network and the
        page ("performance")."""
        return self._ask("POST", "/se/log", {"type": kind})

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))
