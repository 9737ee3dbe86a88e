#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The committed vectors are what make.py writes, and the oracle agrees with each."""

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTS / "oracle"), str(TESTS / "vectors")]

import make  # noqa: E402
import oracle  # noqa: E402
import tap  # noqa: E402
import vectorfile  # noqa: E402


def disagreement(vector):
    reason, also, out = oracle.clamp(vector.frame, vector.link, vector.options)
    if (reason, also, out) == (vector.reason, vector.also, vector.out):
        return None
    said = vectorfile.Vector(vector.name, vector.frame, reason, out, vector.link, vector.options, frozenset(also))
    return "the corpus has\n" + vector.text() + "the oracle says\n" + said.text()


def main():
    test = tap.Tap()
    stale = make.differing()
    test.ok(not stale, "the files are what make.py writes", *stale)
    names = set()
    for path in sorted((TESTS / "vectors").glob("*.txt")):
        vectors = vectorfile.read(path)
        wrong = [text for text in map(disagreement, vectors) if text]
        test.ok(vectors and not wrong, f"{path.name}: the oracle agrees with {len(vectors)} vectors", *wrong[:5])
        twice = names & {vector.name for vector in vectors}
        test.ok(not twice, f"{path.name}: no name of another file", *twice)
        names |= {vector.name for vector in vectors}
    test.note(f"{len(names)} vectors")
    test.done()


if __name__ == "__main__":
    main()
