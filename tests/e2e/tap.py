"""Runs the unittest cases of a module and prints TAP, which is what meson counts."""

import sys
import unittest


class TapResult(unittest.TestResult):
    """One line per case; a failure brings its traceback as comments."""

    def __init__(self):
        super().__init__()
        self.lines = self.bad = 0

    def _line(self, word, test, directive="", comment=""):
        self.lines += 1
        print(f"{word} {self.lines} - {test.id().partition('.')[2]}{directive}")
        for line in comment.splitlines():
            print(f"# {line}")
        sys.stdout.flush()

    def addSuccess(self, test):
        self._line("ok", test)

    def addSkip(self, test, reason):
        self._line("ok", test, directive=f" # SKIP {reason}")

    def _bad(self, test, error):
        self.bad += 1
        self._line("not ok", test, comment=self._exc_info_to_string(error, test))

    def addFailure(self, test, err):
        self._bad(test, err)

    def addError(self, test, err):
        self._bad(test, err)

    def addSubTest(self, test, subtest, err):
        if err:
            self._bad(subtest, err)


def main(module="__main__"):
    """Usage in a test file: tap.main(). Arguments: the names of the cases to run, or none for all."""
    names = sys.argv[2:]
    loader = unittest.defaultTestLoader
    loaded = sys.modules[module]
    suite = loader.loadTestsFromNames(names, loaded) if names else loader.loadTestsFromModule(loaded)
    result = TapResult()
    suite.run(result)
    print(f"1..{result.lines}")
    sys.exit(1 if result.bad else 0)
