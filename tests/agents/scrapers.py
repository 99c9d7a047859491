"""The agents that Debian has, run from the configurations that are shipped, and the servers that
they write to. Where root runs the tests, all of them are nobody."""

import json
import os
import re
import urllib.parse

import yaml

import prometheus
import vmagent
from harness import ROOT, fetch, free_port

SHIPPED = ROOT / "docs" / "agents" / "scrape"
NOBODY = 65534
# The lines that are to be taken out of the comment, behind the one that announces them.
VARIANT = re.compile(r"^( *)# TLS and a password:\n((?:\1# \w+: .*\n)+)", re.M)


def nobody(case, name):
    """(a new folder of the case, what goes before the command of its owner)"""
    folder = case.folder / name
    folder.mkdir()
    if os.geteuid() != 0:
        return folder, ()
    case.folder.chmod(0o711)
    os.chown(folder, NOBODY, NOBODY)
    return folder, ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def with_password(text):
    """A configuration with its variant for TLS and a password switched on."""
    changed, found = VARIANT.subn(
        lambda match: re.sub(r"^( *)# ", r"\1", match.group(2), flags=re.M), text)
    assert found == 1, f"{found} variants for TLS and a password in\n{text}"
    return changed


def configuration(name, target, secured=None):
    """A shipped configuration that scrapes `target`, every second. `secured`: the files that stand
    in for those of the variant for TLS and a password, by their key."""
    text = (SHIPPED / name).read_text(encoding="utf-8")
    config = yaml.safe_load(with_password(text) if secured else text)
    (job,) = config["scrape_configs"]
    job["scrape_interval"] = "1s"
    job["static_configs"] = [{"targets": [target]}]
    if secured:
        job["tls_config"]["ca_file"] = str(secured["ca_file"])
        job["basic_auth"]["password_file"] = str(secured["password_file"])
    return config


class Agent:
    """Writes what it scrapes to all `urls`."""

    def __init__(self, case, name, config, urls):
        self.folder, self.prefix = nobody(case, name)
        self.config = self.folder / "config.yml"
        told = json.dumps(self.told(config, urls))  # JSON is YAML.
        self.config.write_text(told, encoding="utf-8")
        self.process = case.start(*self.prefix, *self.command(urls))

    def told(self, config, _urls):
        """What the file is to hold."""
        return config


class PrometheusAgent(Agent):
    """Debian's Prometheus in agent mode."""

    FILE = "prometheus-agent.yml"

    def told(self, config, urls):
        (to,) = config["remote_write"]
        to["queue_config"] = {"batch_send_deadline": "500ms"}
        return {**config, "remote_write": [{**to, "url": url} for url in urls]}

    def command(self, _urls):
        return (prometheus.tool("prometheus"), "--enable-feature=agent",
                f"--config.file={self.config}", f"--storage.agent.path={self.folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{free_port()}")


class VmAgent(Agent):
    """Debian's vmagent."""

    FILE = "vmagent.yml"

    def command(self, urls):
        return (vmagent.tool("vmagent"), f"-promscrape.config={self.config}",
                f"-remoteWrite.tmpDataPath={self.folder / 'data'}",
                *(f"-remoteWrite.url={url}" for url in urls),
                f"-httpListenAddr=127.0.0.1:{free_port()}")


class PrometheusServer:
    """Debian's Prometheus, which scrapes nothing and takes what is written to `write_url`."""

    def __init__(self, case):
        folder, prefix = nobody(case, "prometheus")
        config = folder / "prometheus.yml"
        config.write_text("{}", encoding="utf-8")
        self.url = f"http://127.0.0.1:{free_port()}"
        self.write_url = f"{self.url}/api/v1/write"
        self.process = case.start(
            *prefix, prometheus.tool("prometheus"), "--web.enable-remote-write-receiver",
            f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address={self.url.removeprefix('http://')}")
        self.process.wait_for("ready to receive web requests")

    def query(self, expression):
        """The instant vector as {labels: value}."""
        answer = fetch(f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
        assert answer.status == 200, answer.body
        return {frozenset(sample["metric"].items()): float(sample["value"][1])
                for sample in json.loads(answer.body)["data"]["result"]}


def victoria_metrics(case):
    """Debian's VictoriaMetrics, which takes the same."""
    return vmagent.VictoriaMetrics(case, *nobody(case, "victoria-metrics"))
