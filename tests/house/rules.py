"""The rules of the house that no compiler checks.

Each rule is a function from a Tree to a list of complaints; an empty list means that the rule
holds. check.py runs them over the real tree, rules_test.py over small bad ones.
"""

import pathlib
import re

SOURCES = {".h", ".cpp"}
TEXTS = SOURCES | {".md", ".py", ".sh", ".build", ".txt", ".yml", ".yaml", ".json", ""}
SKIPPED = {".git", "subprojects", "node_modules", "__pycache__"}


class Tree:
    """The files below a folder, build trees left out."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = sorted(self._walk(self.root))

    def _walk(self, folder):
        for entry in folder.iterdir():
            if entry.is_symlink() or entry.name in SKIPPED or self._is_build_tree(entry):
                continue
            if entry.is_dir():
                yield from self._walk(entry)
            else:
                yield entry

    def _is_build_tree(self, entry):
        return entry.parent == self.root and entry.name.startswith("build") and entry.is_dir()

    def name(self, path):
        return path.relative_to(self.root).as_posix()

    def sources(self, *folders):
        for path in self.files:
            if path.suffix in SOURCES and self.name(path).startswith(folders):
                yield self.name(path), path.read_text(encoding="utf-8")

    def texts(self):
        for path in self.files:
            if path.suffix in TEXTS:
                try:
                    yield self.name(path), path.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    continue


# Which of our headers the sources of a folder may include: the first row whose prefix fits counts.
MAY_INCLUDE = [
    ("plugin/core/", ["plugin/core/"]),
    ("plugin/api/", ["plugin/core/", "plugin/api/"]),
    ("plugin/ledger/", ["plugin/core/", "plugin/ledger/"]),
    ("plugin/poll/", ["plugin/core/", "plugin/api/", "plugin/ledger/", "plugin/poll/"]),
    ("plugin/simulator/", ["plugin/core/", "plugin/simulator/"]),
    ("plugin/metrics/", ["plugin/core/", "plugin/metrics/", "plugin/collector.h"]),
    ("plugin/agents/", ["plugin/core/", "plugin/metrics/", "plugin/agents/", "plugin/collector.h"]),
    ("plugin/", ["plugin/core/", "plugin/api/", "plugin/ledger/", "plugin/poll/",
                 "plugin/metrics/", "plugin/account_identity.h", "plugin/collector.h",
                 "plugin/page_reader.h", "plugin/store_tool.h", "plugin/task_reader.h"]),
    ("exporter/commands/demo", ["exporter/", "plugin/collector.h", "plugin/task_reader.h",
                                "plugin/core/", "plugin/metrics/", "plugin/simulator/"]),
    ("exporter/commands/simulate", ["exporter/", "plugin/core/", "plugin/simulator/"]),
    ("exporter/", ["exporter/", "plugin/collector.h", "plugin/page_reader.h", "plugin/store_tool.h",
                   "plugin/task_reader.h", "plugin/core/", "plugin/metrics/",
                   "plugin/agents/formats/"]),
]

# Which foreign headers a folder must not include.
MUST_NOT_INCLUDE = [
    ("plugin/core/", r"^(?![a-z_0-9]+$)", "the standard library only"),
    ("plugin/simulator/", r"^(prometheus|yaml-cpp|CLI)/", "no exporter's library"),
    ("plugin/", r"^(prometheus|yaml-cpp|CLI)/|^Poco/Net/(HTTPServer|HTTPRequestHandler|TCPServer)",
     "no exporter's library and no HTTP server"),
]


def first_fitting(table, name):
    return next((row[1:] for row in table if name.startswith(row[0])), None)


def layers(tree):
    """Dependencies run one way: exporter -> collector.h -> poll -> {api, ledger} -> core."""
    found = []
    for name, text in tree.sources("plugin/", "exporter/"):
        (allowed,) = first_fitting(MAY_INCLUDE, name)
        for target in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
            if not target.startswith(tuple(allowed)):
                found.append(f"{name} must not include {target}")
    return found


def foreign_headers(tree):
    """The fetcher knows neither Prometheus nor YAML, and only its simulator serves HTTP."""
    found = []
    for name, text in tree.sources("plugin/"):
        pattern, wanted = first_fitting(MUST_NOT_INCLUDE, name)
        for target in re.findall(r"^\s*#\s*include\s+<([^>]+)>", text, re.M):
            if re.search(pattern, target):
                found.append(f"{name} includes <{target}>, but may include {wanted}")
    return found


def includes_exist(tree):
    """Our own headers are named from the top of the tree."""
    found = []
    for name, text in tree.sources("plugin/", "exporter/", "tests/"):
        for target in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
            if not (tree.root / target).is_file():
                found.append(f"{name} includes {target}, which is not a path from the top")
    return found


def headers_guarded(tree):
    """Every header says #pragma once before its first include."""
    found = []
    for name, text in tree.sources("plugin/", "exporter/", "tests/"):
        if name.endswith(".h") and not re.search(r"\A((?!#include).*\n)*#pragma once$", text, re.M):
            found.append(f"{name} has no #pragma once before its includes")
    return found


def sources_built(tree):
    """No source is forgotten: the nearest meson.build names it, with or without its ".cpp"."""
    found = []
    for name, _ in tree.sources("plugin/", "exporter/", "tests/"):
        path = tree.root / name
        if path.suffix != ".cpp":
            continue
        for folder in path.parents:
            build = folder / "meson.build"
            if build.is_file():
                break
        known = build.read_text(encoding="utf-8")
        inside = path.relative_to(folder)
        if not any(f"'{spelled}'" in known for spelled in (inside, inside.with_suffix(""))):
            found.append(f"{name} is not named in {tree.name(build)}")
    return found


def lint_exceptions_explained(tree):
    """An exception from the linter names its check and its reason: NOLINT(check): why."""
    found = []
    for name, text in tree.sources("plugin/", "exporter/", "tests/"):
        for number, line in enumerate(text.splitlines(), 1):
            where = re.search(r"NOLINT(?!END)\w*(.*)", line)
            if where and not re.match(r"\([a-z][\w.,\- ]*\): \S", where.group(1)):
                found.append(f"{name}:{number} NOLINT without a check and a reason")
    return found


def tests_do_not_sleep(tree):
    """Tests wait for a condition with a deadline."""
    found = []
    for name, text in tree.sources("tests/"):
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"\b(sleep_for|sleep_until|u?sleep|nanosleep)\s*\(", line):
                found.append(f"{name}:{number} sleeps")
    return found


def slug(heading):
    """The anchor that a heading gets on the usual hosts."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain))


def without_code(text):
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)


def anchors(text):
    return {slug(heading) for heading in re.findall(r"^#+\s+(.+)$", without_code(text), re.M)}


def links_resolve(tree):
    """Every link of a document to a file or heading of the tree finds it."""
    found = []
    for name, text in tree.texts():
        if not name.endswith(".md"):
            continue
        prose = re.sub(r"`[^`\n]*`", "", without_code(text))
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            path = (tree.root / name).parent / file if file else tree.root / name
            if not path.exists():
                found.append(f"{name} links to {target}, which does not exist")
            elif anchor and anchor not in anchors(path.read_text(encoding="utf-8")):
                found.append(f"{name} links to {target}, which has no such heading")
    return found


AN_HOUR = 3600


def budgets_documented(tree):
    """The suites of tests/run and their budgets are those that docs/development.md names, and all
    of them together are an hour at most."""
    runner, page = tree.root / "tests/lib/run.py", tree.root / "docs/development.md"
    real = re.findall(r'"(\w+)": (\d+)\b', runner.read_text(encoding="utf-8"))
    named = re.findall(r"^\| `(\w+)` \| (\d+) s \|", page.read_text(encoding="utf-8"), re.M)
    total = sum(int(budget) for _, budget in real)
    found = [f"{tree.name(runner)} may take {total} s"] if total > AN_HOUR else []
    return found + [f"{name} with a budget of {budget} s is not in both {tree.name(runner)} and "
                    f"{tree.name(page)}" for name, budget in sorted(set(real) ^ set(named))]


# Written in pieces, or this file would be its own first finding.
FOREIGN = [
    (r"(?<![\w.])/(work|tmp/job)" r"/", "a path of somebody's machine"),
    (r"(?<![\w.])/home" r"/(?!\$|<|USER)\w+", "a path of somebody's machine"),
    (r"BEGIN [A-Z ]*PRIVATE " r"KEY-", "a private key"),
    (r"^(<{7} |>{7} )", "a merge conflict"),
]


def nothing_foreign(tree):
    """The tree stands alone: no machine's paths, no keys, no left-over conflict."""
    found = []
    for name, text in tree.texts():
        for number, line in enumerate(text.splitlines(), 1):
            found += [f"{name}:{number} holds {what}" for pattern, what in FOREIGN
                      if re.search(pattern, line)]
    return found


RULES = [layers, foreign_headers, includes_exist, headers_guarded, sources_built,
         lint_exceptions_explained, tests_do_not_sleep, links_resolve, budgets_documented,
         nothing_foreign]
