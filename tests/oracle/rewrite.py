#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The corpus through tcpmss rewrite: the vectors of one link type and option set are the packets of one capture. What comes
out must be what the vectors say, byte for byte, and so must the counters."""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import capturefile  # noqa: E402
import tap  # noqa: E402
import vectorfile  # noqa: E402
from captures import TCPMSS, made_pcap  # noqa: E402
from judges import ROOT  # noqa: E402


def groups():
    """Vectors by link type and options."""
    found = collections.defaultdict(list)
    for path in sorted((ROOT / "tests" / "vectors").glob("*.txt")):
        for vector in vectorfile.read(path):
            found[vector.link, vector.options].append(vector)
    return found


def wanted_counts(vectors):
    reasons = collections.Counter()
    for vector in vectors:
        reasons.update([vector.reason, *vector.also])
    return {
        "packets": len(vectors),
        "octets": sum(len(vector.frame) for vector in vectors),
        "fixed_packets": sum(vector.out != vector.frame for vector in vectors),
        "reasons": reasons,
    }


def rewritten(link, options, vectors, folder):
    before, after = folder / "in", folder / "out"
    before.write_bytes(made_pcap([vector.frame for vector in vectors], link, "<", False))
    command = [TCPMSS, "rewrite", *options.split(), "-j", before, after]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f"exit status {done.returncode}: {done.stderr.strip()}")
    data = after.read_bytes()
    packets = [data[record.at : record.at + record.length] for record in capturefile.records(data)]
    return packets, json.loads(done.stdout)


def faults(vectors, packets, counts):
    wanted = wanted_counts(vectors)
    for name in "packets", "octets", "fixed_packets":
        if counts[name] != wanted[name]:
            yield f"{name}: {counts[name]}, not {wanted[name]}"
    for name, count in counts["reasons"].items():
        if count != wanted["reasons"][name]:
            yield f"{name}: {count}, not {wanted['reasons'][name]}"
    for vector, packet in zip(vectors, packets):
        if packet != vector.out:
            yield f"{vector.name}: {packet.hex()}, not {vector.out.hex()}"


def main():
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as folder:
        for (link, options), vectors in groups().items():
            short = options if len(options) < 60 else options[:57] + "..."
            try:
                wrong = list(faults(vectors, *rewritten(link, options, vectors, pathlib.Path(folder))))
            except ValueError as error:
                wrong = [error]
            test.ok(not wrong, f"{link}, {short}: {len(vectors)} vectors", *wrong)
    test.done()


if __name__ == "__main__":
    main()
