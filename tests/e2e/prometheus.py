"""Debian's Prometheus, to see what it makes of the exporter."""

import json
import urllib.parse

from harness import fetch, free_port, need_tool


def tool(name):
    """A program of Debian's Prometheus."""
    return need_tool("prometheus", name)


class Prometheus:
    """Debian's Prometheus, scraping one address every second; `scheme` and the like as in its
    configuration of a scrape. It evaluates the files `rules` as often, and tells the Alertmanager at
    the address `alertmanager`. What is in the folder `tsdb` of the case is its past."""

    def __init__(self, case, target, rules=(), alertmanager=None, **scrape):
        config = case.folder / "prometheus.yml"
        told = [{"static_configs": [{"targets": [alertmanager]}]}] if alertmanager else []
        config.write_text(json.dumps({  # JSON is YAML.
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "scrape_configs": [{"job_name": "acronis", "static_configs": [{"targets": [target]}],
                                **scrape}],
            "rule_files": [str(file) for file in rules],
            "alerting": {"alertmanagers": told},
        }), encoding="utf-8")
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = case.start(
            tool("prometheus"), f"--config.file={config}",
            f"--storage.tsdb.path={case.folder / 'tsdb'}",
            f"--web.listen-address={self.url.removeprefix('http://')}")
        self.process.wait_for("ready to receive web requests")

    def query(self, expression):
        """The instant vector as {labels: value}."""
        query = urllib.parse.urlencode({"query": expression})
        answer = fetch(f"{self.url}/api/v1/query?{query}")
        assert answer.status == 200, answer.body
        return {frozenset(sample["metric"].items()): float(sample["value"][1])
                for sample in json.loads(answer.body)["data"]["result"]}

    def targets(self):
        """What it says of what it scrapes, for messages."""
        return fetch(f"{self.url}/api/v1/targets").body
