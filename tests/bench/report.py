#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turns the samples of a benchmark (standard input) into a table.

Lines, their fields parted by tabs:
    title  TEXT
    case   NAME FLOOR BAR UNIT TEXT    FLOOR: the case its figure is taken off (or "/NAME": divided by), "-": none
    sample NAME VALUE                  one a round; the n-th of a case belongs to the n-th of its floor
    note   TEXT
    order  NAME OTHER TEXT             NAME's figure must not be above OTHER's
A BAR is the most that the median may be, for a ratio the least; 0: none.
"""

import statistics
import sys


class Case:
    def __init__(self, name, floor, bar, unit, text):
        self.name, self.floor, self.bar, self.unit, self.text = name, floor, float(bar), unit, text
        self.samples = []

    def ratio(self):
        return self.floor.startswith("/")

    def figures(self, cases):
        """One figure a round."""
        if self.floor == "-":
            return self.samples
        floors = cases[self.floor.lstrip("/")].samples
        if self.ratio():
            return [f / s for s, f in zip(self.samples, floors)]
        return [s - f for s, f in zip(self.samples, floors)]

    def best(self, cases):
        """From the fastest run of each: what is left where nothing disturbs."""
        if self.floor == "-":
            return min(self.samples)
        floor = min(cases[self.floor.lstrip("/")].samples)
        return floor / min(self.samples) if self.ratio() else min(self.samples) - floor


HEADER = f"{'':58} {'median':>9} {'best':>9} {'min':>9} {'max':>9}  {'bar':>8}"


def verdict(met):
    return "met" if met else "MISSED"


def print_case(case, cases):
    figures = case.figures(cases)
    if not figures:
        return
    digits = 2 if case.ratio() or case.unit != "ns" else 1
    sign = "+" if case.floor != "-" and not case.ratio() else ""
    median = statistics.median(figures)
    numbers = [median, case.best(cases), min(figures), max(figures)]
    columns = " ".join(f"{n:{sign}9.{digits}f}" for n in numbers)
    end = ""
    if case.bar:
        met = median >= case.bar if case.ratio() else median <= case.bar
        bar = f"{'>=' if case.ratio() else '<='} {case.bar:g}"
        end = f"  {bar:>8}  {verdict(met)}"
    print(f"{case.text:58} {columns}{end}")


def print_order(cases, name, other, text):
    mine, theirs = (statistics.median(cases[n].figures(cases)) for n in (name, other))
    print(f"{text:58} {mine:+9.1f} against {theirs:+.1f}{'':14} {verdict(mine <= theirs)}")


def main():
    cases, order, title = {}, [], ""

    def flush():
        nonlocal cases, order
        if any(case.samples for case in cases.values()):
            rounds = max(len(case.samples) for case in cases.values())
            print(f"\n{title} ({rounds} rounds)\n{HEADER}")
            for case in cases.values():
                print_case(case, cases)
            for line in order:
                print_order(cases, *line)
        cases, order = {}, []

    for line in sys.stdin:
        kind, *fields = line.rstrip("\n").split("\t")
        if kind == "title":
            flush()
            title = fields[0]
        elif kind == "case":
            cases[fields[0]] = Case(*fields)
        elif kind == "sample":
            cases[fields[0]].samples.append(float(fields[1]))
        elif kind == "order":
            order.append(fields)
        elif kind == "note":
            print(fields[0])
        else:
            sys.exit(f"report: cannot read: {line}")
    flush()


main()
