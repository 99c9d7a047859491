"""Prints the cases of the last `meson test` of a build tree, one line each.

Usage: report.py TREE. A test that went wrong without a failed case of its own (a crash, a timeout,
a sanitizer's finding at exit) counts as one failed case.
"""

import json
import pathlib
import sys
import textwrap
import xml.etree.ElementTree

PROJECT = "acronis_task_exporter"
GOOD = {"OK", "EXPECTEDFAIL", "SKIP"}


def cases(logs, tests):
    """Yields (test, case, verdict) of every case in the JUnit report."""
    for suite in xml.etree.ElementTree.parse(logs / "testlog.junit.xml").getroot():
        test = owner(suite.get("name"), tests)
        for case in suite.iter("testcase"):
            bad = case.find("failure") is not None or case.find("error") is not None
            skipped = case.find("skipped") is not None or case.get("status") == "notrun"
            label = case.get("name")
            if test and not case.get("classname").startswith(PROJECT):
                label = f"{case.get('classname')}.{label}"
            yield test or label, label, "bad" if bad else "skipped" if skipped else "good"


def owner(suite, tests):
    """The test behind a suite named "PROJECT.TEST" or "PROJECT.TEST.CLASS"; "" for "PROJECT",
    where the cases themselves are the tests."""
    name = suite.removeprefix(PROJECT).removeprefix(".")
    fitting = [test for test in tests if name == test or name.startswith(test + ".")]
    return max(fitting, key=len, default="")


def short(name):
    """TEST from "PROJECT / TEST" or "PROJECT:SUITE / TEST"."""
    return name.rpartition(" / ")[2]


def main():
    logs = pathlib.Path(sys.argv[1]) / "meson-logs"
    lines = (logs / "testlog.json").read_text(encoding="utf-8").splitlines()
    results = {entry["name"]: entry for entry in map(json.loads, lines)}
    failed = set()
    for test, label, verdict in cases(logs, results):
        if verdict == "bad":
            failed.add(test)
        # A test without cases of its own is judged below when it went wrong: the report does not
        # mark a timeout.
        if verdict == "good" and (test != label or results[test]["result"] in GOOD):
            print(f"ok - {short(test)}: {short(label)}")
        elif verdict == "bad":
            print(f"not ok - {short(test)}: {short(label)}")
    for test, entry in results.items():
        if entry["result"] not in GOOD:
            print(f"--- {short(test)}: {entry['result']}")
            print(textwrap.indent(entry.get("stdout", "") + entry.get("stderr", ""), "  | "))
            if test not in failed:
                print(f"not ok - {short(test)}: ended with {entry['result']}")


if __name__ == "__main__":
    main()
