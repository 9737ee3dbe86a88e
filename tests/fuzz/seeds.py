#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""seeds.py NAME FOLDER: writes first inputs for the harness fuzz_NAME."""

import hashlib
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTS / "oracle"), str(TESTS / "capture")]

import capturetest  # noqa: E402
import vectorfile  # noqa: E402

# As enum pk_link and the table of limits in fuzz_clamp.c have them.
LINKS = ("unknown", "ethernet", "raw", "null", "loop", "sll", "sll2", "ppp", "pppoe")
LIMITS = {"--mss 1400": 0, "--mss 32": 1, "--mss 255": 2, "--mss 536": 3, "--mss 65495": 4, "--mtu 72": 5, "--mtu 1492": 6}


def clamp():
    """Each vector of the corpus."""
    for number, vector in enumerate(vectors()):
        words = vector.options.split()
        limit = next((LIMITS[pair] for pair in map(" ".join, zip(words, words[1:])) if pair in LIMITS), number % 12)
        flags = ("--allow-increase" in words) | ("--add-missing" in words) << 1
        yield bytes((limit, flags, LINKS.index(vector.link), number % 3)) + vector.frame


def vectors():
    for path in sorted((TESTS / "vectors").glob("*.txt")):
        yield from vectorfile.read(path)


def capture():
    """A small capture of each format and byte order, as it is before and after it was rewritten."""
    for _name, before, after, _packets in capturetest.formats():
        yield before
        yield after


def main():
    harness, folder = {"clamp": clamp, "capture": capture}[sys.argv[1]], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for data in harness():
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


if __name__ == "__main__":
    main()
