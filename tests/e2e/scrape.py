"""Reads the Prometheus text format, as far as the tests need it."""

import collections
import re

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


class Scrape:
    """The samples of one scrape."""

    def __init__(self, text):
        self.text = text
        self.samples = {}
        for line in text.splitlines():
            found = SAMPLE.match(line)
            if found and not line.startswith("#"):
                labels = {name: re.sub(r"\\.", lambda match: ESCAPES[match.group()], value)
                          for name, value in LABEL.findall(found.group(2) or "")}
                self.samples[found.group(1), frozenset(labels.items())] = float(found.group(3))

    def value(self, name, **labels):
        """The value of one series; None if it is not there."""
        return self.samples.get((name, frozenset(labels.items())))

    def sum(self, name, by=(), **labels):
        """Sums of a family over the labels not named in `by`, zeros left out."""
        sums = collections.Counter()
        for (family, pairs), value in self.samples.items():
            if family == name and labels.items() <= dict(pairs).items():
                sums[tuple(dict(pairs).get(label, "") for label in by)] += value
        return {key: value for key, value in sums.items() if value}
