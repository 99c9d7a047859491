"""VictoriaMetrics' agent from Debian, a scraper that shares no code with Prometheus, and a
VictoriaMetrics that it writes to."""

import json
import re
import urllib.parse

from harness import fetch, find_tool, free_port, until


def tool(name):
    """A program of Debian's VictoriaMetrics; None where there is none."""
    return find_tool("victoria-metrics", name)


class VictoriaMetrics:
    """Takes what others write to `write_url`. Its data are in `folder`, or in one of the case;
    `prefix`: the command in front of it."""

    def __init__(self, case, folder=None, prefix=()):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.write_url = f"{self.url}/api/v1/write"
        self.process = case.start(
            *prefix, tool("victoria-metrics"), f"-storageDataPath={folder or case.folder / 'vm'}",
            f"-httpListenAddr={self.url.removeprefix('http://')}", "-search.latencyOffset=1s")
        self.process.wait_for("started VictoriaMetrics")

    def wait_for_samples(self, what):
        """Who asks for an instant too early is given the same empty answer for up to 10 s."""
        until(self._has_samples, what)
        fetch(f"{self.url}/internal/force_flush")

    def _has_samples(self):
        metrics = fetch(f"{self.url}/metrics").body
        return re.search(r'^vm_rows_inserted_total{type="promremotewrite"} [1-9]', metrics, re.M)

    def query(self, expression):
        """The instant vector as {labels: value}."""
        query = urllib.parse.urlencode({"query": expression, "nocache": 1})
        answer = fetch(f"{self.url}/api/v1/query?{query}")
        assert answer.status == 200, answer.body
        return {frozenset(sample["metric"].items()): float(sample["value"][1])
                for sample in json.loads(answer.body)["data"]["result"]}


class VmAgent:
    """Scrapes one address every second; `scheme` and the like as in Prometheus' configuration."""

    def __init__(self, case, target, **scrape):
        config = case.folder / "vmagent.yml"
        config.write_text(json.dumps({  # JSON is YAML.
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": "acronis", "static_configs": [{"targets": [target]}],
                                **scrape}],
        }), encoding="utf-8")
        store = VictoriaMetrics(case)
        self.query = store.query
        self.process = case.start(
            tool("vmagent"), f"-promscrape.config={config}", "-remoteWrite.flushInterval=1s",
            f"-remoteWrite.tmpDataPath={case.folder / 'vmagent'}",
            f"-remoteWrite.url={store.write_url}", f"-httpListenAddr=127.0.0.1:{free_port()}")
        store.wait_for_samples(self.process.output)
