"""The configurations for agents that scrape: what they name is there, their own programs accept
them, and what Debian's agents pass on is what the exporter shows, over a restart of it."""

import json
import pathlib
import re
import signal
import subprocess
import sys
import tomllib
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "agents")]

import prometheus  # noqa: E402  (The path comes first.)
import scrapers  # noqa: E402
import secrecy  # noqa: E402
import tap  # noqa: E402
import vmagent  # noqa: E402
from certificates import Authority  # noqa: E402
from harness import Case, Exporter, Simulator, free_port, until  # noqa: E402

# Of the password "correct horse", at the lowest cost.
HASH = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
PASSWORD = "correct horse"
DATADOG = "datadog.openmetrics.yaml"
ZABBIX = "zabbix-http-items.yaml"
METRIC = re.compile(r"(?<![\w.\-/])(?:acronis|process)_\w+")
PROGRAM_NAME = "acronis_task_exporter"
HISTOGRAM = ("_bucket", "_count", "_sum")


def catalogue():
    """{name of a metric: its type}"""
    groups = json.loads((ROOT / "docs" / "metrics.json").read_text(encoding="utf-8"))["groups"]
    return {metric["name"]: metric["type"] for group in groups for metric in group["metrics"]}


def samples(metrics):
    """The names that stand on a page."""
    return {name + suffix for name, kind in metrics.items()
            for suffix in (HISTOGRAM if kind == "histogram" else ("",))}


def shipped():
    return sorted(scrapers.SHIPPED.iterdir())


def text(name):
    return (scrapers.SHIPPED / name).read_text(encoding="utf-8")


def load(name):
    return yaml.safe_load(text(name))


class Files(Case):
    def succeeds(self, *command):
        done = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def secured(self, name):
        """A file with the variant for TLS and a password switched on."""
        file = self.folder / name
        file.write_text(scrapers.with_password(text(name)), encoding="utf-8")
        return file

    def test_all_can_be_read(self):
        for file in shipped():
            with self.subTest(file.name):
                content = file.read_text(encoding="utf-8")
                if file.suffix in (".yml", ".yaml"):
                    self.assertIsInstance(yaml.safe_load(content), dict)
                elif file.suffix == ".conf":
                    self.assertIn("inputs", tomllib.loads(content))
                else:
                    self.assertEqual(file.suffix, ".alloy")
                    self.assertEqual(content.count("{"), content.count("}"))

    def test_all_name_only_metrics_that_there_are(self):
        metrics = catalogue()
        named = {file.name: set(METRIC.findall(file.read_text(encoding="utf-8"))) - {PROGRAM_NAME}
                 for file in shipped()}
        counters = {name for name, kind in metrics.items() if kind == "counter"}
        known = dict.fromkeys(named, samples(metrics))
        known[DATADOG] = ({name.removesuffix("_total") for name in counters}
                          | (set(metrics) - counters))
        self.assertEqual({name: names - known[name] for name, names in named.items()
                          if names - known[name]}, {})
        self.assertGreater(len(named[DATADOG]), 3)
        self.assertGreater(len(named[ZABBIX]), 3)

    def test_all_scrape_the_port_of_the_exporter(self):
        for file in shipped():
            self.assertIn("10977", file.read_text(encoding="utf-8"), file.name)

    def test_promtool_accepts_what_is_for_prometheus(self):
        promtool = prometheus.tool("promtool")
        self.succeeds(promtool, "check", "config", scrapers.SHIPPED / "prometheus.yml")
        for name in ("prometheus-agent.yml", "newrelic.yml"):
            self.succeeds(promtool, "check", "config", "--agent", scrapers.SHIPPED / name)

    def test_promtool_accepts_the_variants(self):
        check = (prometheus.tool("promtool"), "check", "config", "--syntax-only")
        self.succeeds(*check, self.secured("prometheus.yml"))
        for name in ("prometheus-agent.yml", "newrelic.yml"):
            self.succeeds(*check, "--agent", self.secured(name))

    def test_prometheus_accepts_the_job_of_the_collector(self):
        for content in (text("otel-collector.yaml"),
                        scrapers.with_password(text("otel-collector.yaml"))):
            file = self.folder / "prometheus.yml"
            job = yaml.safe_load(content)["receivers"]["prometheus"]["config"]
            file.write_text(yaml.safe_dump(job), encoding="utf-8")
            self.succeeds(prometheus.tool("promtool"), "check", "config", "--syntax-only", file)

    @unittest.skipUnless(vmagent.tool("vmagent"), "this Debian has no vmagent")
    def test_vmagent_accepts_its_own(self):
        self.succeeds(vmagent.tool("vmagent"), "-dryRun", "-remoteWrite.url=http://127.0.0.1:9",
                      f"-promscrape.config={scrapers.SHIPPED / 'vmagent.yml'}")


class Collector(unittest.TestCase):
    def test_pipeline_names_what_is_defined(self):
        config = load("otel-collector.yaml")
        for pipeline in config["service"]["pipelines"].values():
            for part, names in pipeline.items():
                self.assertLessEqual(set(names), set(config[part]), part)


def found(node, key):
    """All values of a key, at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from found(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from found(value, key)


class Zabbix(unittest.TestCase):
    def setUp(self):
        (self.template,) = load(ZABBIX)["zabbix_export"]["templates"]
        self.rules = self.template["discovery_rules"]
        self.items = self.template["items"] + [
            item for rule in self.rules for item in rule["item_prototypes"]]

    def test_ids_are_random_and_unique(self):
        ids = list(found(load(ZABBIX), "uuid"))
        self.assertEqual(len(ids), len(set(ids)))
        for each in found(self.template, "uuid"):
            self.assertRegex(each, r"^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$")

    def test_all_that_depends_reads_the_page_once(self):
        (page,) = (item["key"] for item in self.items if item["type"] == "HTTP_AGENT")
        for each in (*self.items, *self.rules):
            if each["key"] != page:
                self.assertEqual((each["type"], each["delay"], each["master_item"]["key"]),
                                 ("DEPENDENT", "0", page), each["key"])
                self.assertTrue(each["preprocessing"][0]["type"].startswith("PROMETHEUS_"))

    def test_expressions_name_items_and_macros_that_there_are(self):
        keys = {item["key"] for item in self.items}
        macros = {macro["macro"] for macro in self.template["macros"]}
        for expression in found(self.template, "expression"):
            named = re.findall(r"/([^/]+)/([\w.]+(?:\[[^\]]*\])?)", expression)
            self.assertTrue(named, expression)
            for template, key in named:
                self.assertEqual(template, self.template["template"])
                self.assertIn(key, keys)
        used = re.findall(r"(\{\$[A-Z._]+)[:}]", json.dumps(self.template))
        self.assertEqual({f"{macro}}}" for macro in used}, macros)

    def test_prototypes_use_macros_that_their_rule_finds(self):
        for rule in self.rules:
            macros = {path["lld_macro"] for path in rule["lld_macro_paths"]}
            used = re.findall(r"\{#\w+\}", json.dumps(rule["item_prototypes"]))
            self.assertEqual(set(used), macros)


# Read before the agent starts. Were they counted again, it could not be overlooked.
BEFORE = 500
OK = {"queue": "backup", "result_code": "ok"}
FAILED = {"queue": "backup", "result_code": "error"}
COUNTED = "acronis_tasks_completed_total"
# VictoriaMetrics keeps the microseconds of a time.
ROUNDED = 2e-6
# Far more than a test takes.
ALL = "[10m]"
# Instants that rate() and increase() need to say something.
ENOUGH = 8


class Remote(Case):
    """An agent between the exporter and servers that it writes to."""

    def setUp(self):
        super().setUp()
        self.simulator = Simulator(self, rate=0)
        self.simulator.add_tasks(**OK, count=BEFORE)
        self.address = f"127.0.0.1:{free_port()}"

    def serve(self, *flags):
        """The exporter, on the same port in each of its lives."""
        self.exporter = Exporter(self, self.simulator.base_url, *flags, listen_address=self.address,
                                 ca_file=self.simulator.ca_file)

    def follow(self, kind, *receivers, secured=None):
        """Starts an agent of this kind."""
        config = scrapers.configuration(kind.FILE, self.address, secured)
        self.agent = kind(self, "agent", config, [receiver.write_url for receiver in receivers])
        self.added = {"job": "acronis", "instance": self.address,
                      **config["global"]["external_labels"]}

    def count_all(self):
        """Waits until the exporter has counted all tasks."""
        truth = self.simulator.truth()
        until(lambda: self.exporter.completed() == truth,
              lambda: f"{self.exporter.completed()} to be {truth}")

    def received(self, receiver):
        """The series as the exporter shows them: {(name, labels): value}."""
        page = {}
        rows = receiver.query('{__name__=~"(acronis|process)_.*"}')
        for labels, value in rows.items():
            pairs = dict(labels)
            added = {label: pairs.pop(label, None) for label in self.added}
            self.assertEqual(added, self.added)
            page[pairs.pop("__name__"), frozenset(pairs.items())] = value
        return page

    def differences(self, receiver):
        """Series that only one side has, and values of tasks that differ."""
        page, received = self.exporter.scrape().samples, self.received(receiver)
        tasks = [key for key in page.keys() & received.keys() if key[0].startswith("acronis_task")]
        return [*(page.keys() ^ received.keys()),
                *((key, page[key], received[key]) for key in tasks
                  if abs(page[key] - received[key]) > ROUNDED)]

    def arrive(self, *receivers):
        """Waits until each receiver has what the exporter shows."""
        for receiver in receivers:
            until(lambda to=receiver: not self.differences(to),
                  lambda to=receiver: f"{self.differences(to)}: {self.agent.process.output()}")

    def each(self, receiver, expression):
        """The values of the task counter, by result code; at least one."""
        values = {dict(labels)["result_code"]: value
                  for labels, value in receiver.query(expression).items()}
        self.assertTrue(values, expression)
        return values

    def check_sane(self, receiver, counted):
        """Over the whole test: no reset, no rate below zero, and no more than was counted."""
        until(lambda: min(receiver.query(f"count_over_time({COUNTED}{ALL})").values()) >= ENOUGH,
              "enough instants")
        start = f"process_start_time_seconds{ALL}"
        self.assertTrue(receiver.query(f"max_over_time({start}) > min_over_time({start})"))
        self.assertEqual(set(self.each(receiver, f"resets({COUNTED}{ALL})").values()), {0})
        rates = f"rate({COUNTED}[5s])[10m:1s]"
        self.assertGreaterEqual(min(self.each(receiver, f"min_over_time({rates})").values()), 0)
        peaks = self.each(receiver, f"max_over_time({rates})")
        for code, increase in self.each(receiver, f"increase({COUNTED}{ALL})").items():
            # Prometheus estimates what lies outside the first and the last instant.
            self.assertGreaterEqual(increase, 0.99 * counted.get(code, 0), code)
            self.assertLessEqual(increase, 1.5 * counted.get(code, 0), code)
            self.assertLessEqual(peaks[code], counted.get(code, 0), code)

    def restart(self):
        """A second life, which begins with what is in the store and nothing else."""
        self.assertEqual(self.exporter.process.signal(signal.SIGTERM)[0], 0)
        self.simulator.set_fault("refuse")
        self.exporter.start()
        self.count_all()

    def check_life(self, kind, *receivers):
        """Two lives of the exporter, with tasks in both."""
        self.serve()
        self.count_all()
        self.follow(kind, *receivers)
        self.arrive(*receivers)
        self.simulator.add_tasks(**OK, count=7)
        self.count_all()
        self.arrive(*receivers)
        self.restart()
        self.arrive(*receivers)
        self.simulator.clear_faults()
        self.simulator.add_tasks(**FAILED, count=5)
        self.count_all()
        self.arrive(*receivers)
        for receiver in receivers:
            self.check_sane(receiver, {"ok": 7, "error": 5})


@unittest.skipUnless(vmagent.tool("victoria-metrics"), "this Debian has no VictoriaMetrics")
class PassedOn(Remote):
    def check_both_servers(self, kind):
        self.check_life(kind, scrapers.PrometheusServer(self), scrapers.victoria_metrics(self))

    def test_by_prometheus_in_agent_mode(self):
        self.check_both_servers(scrapers.PrometheusAgent)

    def test_by_vmagent(self):
        self.check_both_servers(scrapers.VmAgent)


class Secured(Remote):
    """The variants for TLS and a password."""

    def check_variant(self, kind):
        authority = Authority(self.folder)
        certificate, key = authority.issue("server")
        web = self.folder / "web.yml"
        web.write_text(json.dumps({  # JSON is YAML.
            "tls_server_config": {"cert_file": str(certificate), "key_file": str(key)},
            "basic_auth_users": {"prometheus": HASH}}), encoding="utf-8")
        password = self.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        secrecy.hide_pair("prometheus", PASSWORD, "the password")
        self.serve(f"--web.config.file={web}")
        receiver = scrapers.PrometheusServer(self)
        self.follow(kind, receiver,
                    secured={"ca_file": authority.certificate, "password_file": password})
        until(lambda: receiver.query(f'{COUNTED}{{result_code="ok"}} == {BEFORE}'),
              self.agent.process.output)

    def test_prometheus_in_agent_mode(self):
        self.check_variant(scrapers.PrometheusAgent)

    @unittest.skipUnless(vmagent.tool("vmagent"), "this Debian has no vmagent")
    def test_vmagent(self):
        self.check_variant(scrapers.VmAgent)


if __name__ == "__main__":
    tap.main()
