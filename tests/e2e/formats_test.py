"""The page in every format, read by the parsers of Debian's Python client."""

import gzip
import os
import pathlib
import secrets
import subprocess
import urllib.request

import tap
from harness import Case, Exporter, Simulator
from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus import tool

GENERATED_PAGES = os.environ.get("GENERATED_PAGES", "")
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS_2 = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
                "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
PROMETHEUS_3 = ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
                "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1")


def samples(families):
    """Everything a page shows but what is of the moment, as a set; fails if something is there twice."""
    listed = [(sample.name, frozenset(sample.labels.items()), float(sample.value))
              for family in families for sample in family.samples
              if not sample.name.startswith("process_")]
    assert len(listed) == len(set(listed)), "a sample is there twice"
    return set(listed)


def read_text(page):
    return samples(text_parser.text_string_to_metric_families(page))


def read_openmetrics(page):
    return samples(openmetrics_parser.text_string_to_metric_families(page))


class Generated(Case):
    """Label values that have everything in them that could be mistaken for something else."""

    def test_every_format_is_read_as_the_same_samples(self):
        seed = secrets.randbits(64)
        subprocess.run([GENERATED_PAGES, str(seed), "40", self.folder], check=True)
        for text in sorted(pathlib.Path(self.folder).glob("*.txt")):
            try:
                self.reads_the_same(text)
            except (AssertionError, ValueError) as error:
                raise AssertionError(f"seed {seed}, page {text.stem}") from error

    def reads_the_same(self, text):
        pages = {}
        for kind in (".txt", ".om", ".created"):
            plain = text.with_suffix(kind)
            pages[kind] = plain.read_bytes()
            packed = plain.with_name(plain.name + ".gz").read_bytes()
            self.assertEqual(without_process(gzip.decompress(packed)), without_process(pages[kind]))
        seen = read_text(pages[".txt"].decode())
        self.assertTrue(seen)
        self.assertEqual(read_openmetrics(pages[".om"].decode()), seen)
        created = read_openmetrics(pages[".created"].decode())
        self.assertEqual({sample for sample in created if not sample[0].endswith("_created")}, seen)
        self.assertGreater(len(created), len(seen))


def without_process(page):
    return [line for line in page.split(b"\n") if b"process_" not in line]


class Scrapes(Case):
    def ask(self, address, query="", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://{address}/metrics{query}", headers=named)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as reply:
            body = reply.read()
            self.assertEqual(reply.headers["Vary"], "Accept, Accept-Encoding")
            if reply.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            return reply.headers, body.decode()

    def settled(self):
        """An exporter that has counted and polls no more for long."""
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file, interval="1h")
        exporter.scrape_when(lambda page: page.value("acronis_up", account="e2e") == 1, "a poll")
        return exporter.address

    def test_text_and_openmetrics_show_the_same_packed_or_not(self):
        address = self.settled()
        headers, text = self.ask(address)
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertIsNone(headers["Content-Encoding"])
        seen = read_text(text)
        for accept, content_type in ((PROMETHEUS_2, OPENMETRICS),
                                     (PROMETHEUS_3, OPENMETRICS + "; escaping=allow-utf-8")):
            for encoding in ("identity", "gzip"):
                headers, page = self.ask(address, Accept=accept, Accept_Encoding=encoding)
                self.assertEqual(headers["Content-Type"], content_type)
                self.assertEqual(headers["Content-Encoding"], "gzip" if encoding == "gzip" else None)
                self.assertEqual(read_openmetrics(page), seen)
        self.assertEqual(read_text(self.ask(address, Accept_Encoding="gzip")[1]), seen)
        check = subprocess.run([tool("promtool"), "check", "metrics"], input=text, text=True,
                               capture_output=True)
        self.assertEqual((check.returncode, check.stdout + check.stderr), (0, ""))

    def test_a_query_chooses_families(self):
        address = self.settled()
        _, page = self.ask(address, "?name[]=acronis_up&name%5B%5D=nothing")
        self.assertEqual(read_text(page), {("acronis_up", frozenset({("account", "e2e")}), 1.0)})
        self.assertEqual(self.ask(address, "?name[]=nothing")[1], "")


if __name__ == "__main__":
    tap.main()
