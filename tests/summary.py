#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""summary.py FOLDER: what failed and what was skipped, from the logs that tests/one has left there, and the counts."""

import pathlib
import re
import sys
from collections import Counter

RESULT = re.compile(r"(not )?ok\b(?: \d+)?(?: - | )?(.*?)(?:\s*#\s*(SKIP|TODO)\b:?\s*(.*))?$", re.IGNORECASE)
PLAN = re.compile(r"1\.\.(\d+)(?:\s*#\s*SKIP\S*\s*(.*))?$", re.IGNORECASE)
STDERR_LINES = 30


class File:
    def __init__(self, log):
        self.name = log.name[: -len(".tap")].replace(":", "/")
        self.passed, self.failed, self.skipped = 0, 0, Counter()
        self.report, planned, before, showing = [], None, [], False
        for line in log.read_text(errors="replace").splitlines():
            result, plan = RESULT.match(line), PLAN.match(line)
            if result:
                if result[1]:  # explanations come before or behind
                    self.report += before
                showing = bool(result[1])
                self.result(line, *result.groups())
                before = []
            elif plan:
                planned = int(plan[1])
                if not planned:
                    self.skipped[plan[2] or "all of it"] += 1
            elif line.startswith("#"):
                (self.report if showing else before).append("  " + line)
        self.end(log, planned)

    def result(self, line, bad, _what, directive, why):
        if (directive or "").upper() == "SKIP":
            self.skipped[why or "no reason given"] += 1
        elif bad and not directive:
            self.failed += 1
            self.report.append("  " + line)
        else:
            self.passed += 1

    def end(self, log, planned):
        """A file that broke off, or that failed without saying where, is one failure more."""
        status_file = log.with_suffix(".status")
        status = status_file.read_text().strip() if status_file.exists() else "none: it was stopped"
        count = self.passed + self.failed + sum(self.skipped.values())
        if planned is None or (planned and count != planned):
            self.failed += 1
            self.report.append(f"  broke off: {count} results, planned {planned}, exit status {status}")
        elif status != "0" and not self.failed:
            self.failed += 1
            self.report.append(f"  exit status {status}")
        errors = log.with_suffix(".err")
        if self.failed and errors.exists():
            self.report += ["  stderr: " + line for line in errors.read_text(errors="replace").splitlines()[-STDERR_LINES:]]


def main():
    files = [File(log) for log in sorted(pathlib.Path(sys.argv[1]).glob("*.tap"))]
    failed = [file for file in files if file.failed]
    skipped = [file for file in files if file.skipped]
    if failed:
        print("\nFailed:")
        for file in failed:
            print(file.name, *file.report, sep="\n")
    if skipped:
        print("\nSkipped:")
        for file in skipped:
            for why, count in file.skipped.most_common():
                print(f"{file.name}: {count}: {why}")
    counts = (sum(f.passed for f in files), sum(f.failed for f in files), sum(sum(f.skipped.values()) for f in files))
    print("\n%d passed, %d failed, %d skipped" % counts)
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
