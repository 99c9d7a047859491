"""The shipped dashboards, taken apart."""

import json
import re

from harness import ROOT

FOLDER = ROOT / "dashboards" / "grafana"
VARIABLE = re.compile(r"label_values\((.*), (\w+)\)")


class Board:
    def __init__(self, file):
        self.name = file.name
        self.json = json.loads(file.read_text(encoding="utf-8"))

    def panels(self):
        """All but rows, also those that are folded away."""
        for panel in self.json["panels"]:
            if panel["type"] == "row":
                yield from panel["panels"]
            else:
                yield panel

    def variables(self):
        return self.json["templating"]["list"]

    def queries(self):
        """(where, PromQL) of all panels and annotations."""
        for panel in self.panels():
            for target in panel["targets"]:
                yield f"{self.name}: {panel['title']} {target['refId']}", target["expr"]
        for annotation in self.json["annotations"]["list"]:
            if "expr" in annotation:
                yield f"{self.name}: {annotation['name']}", annotation["expr"]

    def variable_queries(self):
        """(where, selector, label) of the variables that ask Prometheus."""
        for variable in self.variables():
            if variable["type"] == "query":
                selector, label = VARIABLE.fullmatch(variable["query"]["query"]).groups()
                yield f"{self.name}: ${variable['name']}", selector, label


def all_boards():
    return [Board(file) for file in sorted(FOLDER.glob("*.json"))]


def filled(query, window, whole):
    """The query as Grafana sends it when everything is chosen."""
    known = {"$__rate_interval": window, "$__range": whole, "$__interval": window}
    for name, value in known.items():
        query = query.replace(name, value)
    return re.sub(r"\$\w+", ".+", query)
