"""What README shows of a scrape is what a scrape looks like."""

import re

import tap
from harness import ROOT, Case, Exporter, Simulator

EXCERPT = re.compile(r"<!-- scrape: excerpt -->\n```\w*\n(.*?)```\n<!-- scrape: end -->", re.S)


def shape(line):
    """A line without its value: values change, names, labels and texts do not."""
    if line.startswith("#"):
        return line
    return re.sub(r'account="[^"]*"', 'account="?"', line.rpartition(" ")[0])


class Readme(Case):
    def test_excerpt_of_the_scrape_is_real(self):
        (excerpt,) = EXCERPT.findall((ROOT / "README.md").read_text(encoding="utf-8"))
        # The world of the demo: its seed, queues and history are the defaults.
        simulator = Simulator(self, seed=1, rate=1, history="24h")
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file)
        scrape = exporter.scrape_when(
            lambda scrape: scrape.sum("acronis_tasks_completed_total"), "completed tasks")
        known = {shape(line) for line in scrape.text.splitlines()}
        invented = [line for line in excerpt.splitlines()
                    if line and line != "..." and shape(line) not in known]
        self.assertEqual(invented, [])
        self.assertIn("# TYPE", excerpt)


if __name__ == "__main__":
    tap.main()
