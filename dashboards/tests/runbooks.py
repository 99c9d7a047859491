"""What the runbooks hold besides words."""

import re

from harness import ROOT

FOLDER = ROOT / "dashboards" / "runbooks"


def names():
    return sorted(file.stem for file in FOLDER.glob("*.md"))


def text(name):
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def _blocks(language):
    return [(name, block.strip()) for name in names()
            for block in re.findall(rf"^```{language}\n(.*?)^```$", text(name),
                                    re.MULTILINE | re.DOTALL)]


def queries():
    """(alert, PromQL) of each query."""
    return _blocks("promql")


def commands():
    """(alert, command line) of each command."""
    return _blocks("sh")
