#!/usr/bin/env python3
"""Writes the metric tables of the documents from the catalogue docs/metrics.json.

  docs/generate_metrics.py           rewrites what stands between the markers
  docs/generate_metrics.py --check   changes nothing; fails if a document is out of date

docs/metrics.md holds both blocks. README.md may hold either; a block it has is kept up to date.
"""

import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def label_text(name, values):
    return f"`{name}`" + (f" ({', '.join(values)})" if values else "")


def cell(text):
    return text.replace("|", "\\|")


def table(metrics):
    lines = ["| Name | Type | Labels | Meaning |", "|---|---|---|---|"]
    for metric in metrics:
        labels = ", ".join(label_text(*label) for label in metric["labels"].items())
        lines.append(f"| `{metric['name']}` | {metric['type']} | {cell(labels)} | {cell(metric['help'])} |")
    return "\n".join(lines) + "\n"


def blocks(catalogue):
    """The text of each block, by the name in its markers."""
    present = "\n".join(f"**{group['title']}**\n\n{table(group['metrics'])}"
                        for group in catalogue["groups"])
    return {"metrics": present, "metrics:planned": table(catalogue["planned"])}


def fill(text, name, block):
    """`text` with the block between its markers replaced; None when it has no such markers."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->\n"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        return None
    head = text[:text.index(begin) + len(begin)]
    return f"{head}\n{block}\n{text[text.index(end):]}"


def render(path, required, made):
    """The document as it should be, and what is wrong with its markers."""
    text = path.read_text(encoding="utf-8")
    complaints = []
    for name, block in made.items():
        filled = fill(text, name, block)
        if filled is not None:
            text = filled
        elif required or f"<!-- {name}:" in text:
            complaints.append(f"needs one pair of markers <!-- {name}:begin --> and <!-- {name}:end -->")
    return text, complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail if out of date")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="of the source tree")
    options = parser.parse_args()
    made = blocks(json.loads((options.root / "docs/metrics.json").read_text(encoding="utf-8")))

    failed = False
    for name, required in (("docs/metrics.md", True), ("README.md", False)):
        path = options.root / name
        if not path.exists() and not required:
            continue
        text, complaints = render(path, required, made)
        if options.check and not complaints and text != path.read_text(encoding="utf-8"):
            complaints = ["is out of date: run docs/generate_metrics.py"]
        for complaint in complaints:
            print(f"{name} {complaint}", file=sys.stderr)
        failed = failed or bool(complaints)
        if not options.check and not complaints:
            path.write_text(text, encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
