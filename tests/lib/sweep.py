"""Searches the log of the last `meson test` of a build tree for secrets. Usage: sweep.py TREE.

Prints one case. The secrets that the unit tests use hold one of WORDS, so that they can be found. A
test that fails may show one in what it says of the failure.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import secrecy  # noqa: E402  (The path comes first.)

WORDS = ("hunter2", "s3cret")


def main():
    for word in WORDS:
        secrecy.hide(word, "a secret of the tests")
    log = pathlib.Path(sys.argv[1], "meson-logs", "testlog.txt")
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [f"line {number} of the test log shows {', '.join(secrets)}"
             for number, line in enumerate(lines, 1) if (secrets := secrecy.found(line))]
    for finding in found or ([] if lines else ["the test log is empty"]):
        print(f"not ok - secrets: {finding}")
    if lines and not found:
        print("ok - secrets: none in the test log")


if __name__ == "__main__":
    main()
