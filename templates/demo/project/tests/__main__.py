"""Runs all tests and prints their results as TAP (https://testanything.org), to a file where one is named."""

import sys
import unittest
from contextlib import nullcontext


class Tap(unittest.TestResult):
    def __init__(self, stream):
        super().__init__()
        self.stream, self.count = stream, 0

    def line(self, passed, test, note=""):
        self.count += 1
        print(f"{'ok' if passed else 'not ok'} {self.count} - {test.id()}{note}", file=self.stream)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line(True, test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line(False, test)

    def addError(self, test, err):
        super().addError(test, err)
        self.line(False, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line(True, test, f" # SKIP {reason}")


def main():
    with open(sys.argv[1], "w", encoding="utf-8") if len(sys.argv) > 1 else nullcontext(sys.stdout) as stream:
        print("TAP version 13", file=stream)
        result = Tap(stream)
        unittest.defaultTestLoader.discover("tests").run(result)
        print(f"1..{result.count}", file=stream)
    for test, text in [*result.failures, *result.errors]:
        print(f"--- {test.id()}\n{text}")
    print(f"{result.testsRun} tests, {len(result.failures) + len(result.errors)} failed")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
