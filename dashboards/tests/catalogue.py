"""Whether queries name metrics, labels and label values that the exporter has."""

import json
import re

from harness import ROOT

# Of Prometheus itself, and of any process.
OTHERS = {"up": {}, "scrape_duration_seconds": {}}
SCRAPED = {"job", "instance"}
METRIC = re.compile(r"\b(?:[a-z_]+:)?(?:acronis|process|up|scrape)[a-z0-9_]*(?::[a-z0-9_]+)?\b")
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^{}]*)\}")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)")
STRING = re.compile(r'"[^"]*"')


def _metrics():
    groups = json.loads((ROOT / "docs" / "metrics.json").read_text(encoding="utf-8"))["groups"]
    known = dict(OTHERS)
    for metric in (metric for group in groups for metric in group["metrics"]):
        labels = metric["labels"]
        known[metric["name"]] = labels
        if metric["type"] == "histogram":
            del known[metric["name"]]
            known |= {f"{metric['name']}_{suffix}": labels for suffix in ("sum", "count")}
            known[f"{metric['name']}_bucket"] = {**labels, "le": None}
    return known


METRICS = _metrics()
LABELS = SCRAPED.union(*METRICS.values())


def _matchers(metric, inside, recorded):
    """What is wrong with the matchers of one selector."""
    for label, operator, value in MATCHER.findall(inside):
        if label in SCRAPED or value.startswith("$"):
            continue
        if metric not in recorded and label not in METRICS.get(metric, {}):
            yield f"{metric} has no label {label}"
        known = METRICS.get(metric, {}).get(label)
        values = value.split("|") if "~" in operator else [value]
        for each in values:
            if known and each not in known and not re.search(r"[.*+$]", each):
                yield f"{metric} has no {label} {each}"


def unknown(query, recorded):
    """What the query names and nobody has; `recorded` are names of recording rules."""
    wrong = []
    for metric, inside in SELECTOR.findall(query):
        wrong += _matchers(metric, inside, recorded)
    bare = STRING.sub('""', query)
    for listed in GROUPING.findall(bare):
        wrong += [f"no label {label}" for label in re.findall(r"\w+", listed)
                  if label not in LABELS]
    without_labels = GROUPING.sub("()", re.sub(r"\{[^{}]*\}", "", bare))
    wrong += [f"no metric {name}" for name in METRIC.findall(without_labels)
              if name not in METRICS and name not in recorded]
    return wrong
