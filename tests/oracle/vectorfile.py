# SPDX-License-Identifier: BSD-2-Clause
"""Reads and writes the vector format of tests/vectors."""

import textwrap
from dataclasses import dataclass


@dataclass
class Vector:
    name: str
    frame: bytes
    reason: str
    out: bytes
    link: str = "ethernet"
    options: str = "--mss 1400"
    also: frozenset = frozenset()
    comment: str = ""

    def text(self):
        lines = ["# " + line for line in textwrap.wrap(self.comment, 116)]
        lines += [f"vector {self.name}", f"link {self.link}", f"options {self.options}"]
        lines += hex_lines("in", self.frame) + [f"reason {self.reason}"]
        if self.also:
            lines.append("also " + " ".join(sorted(self.also)))
        lines += ["out same"] if self.out == self.frame else hex_lines("out", self.out)
        return "\n".join(lines) + "\n"


def hex_lines(word, data):
    """32 bytes a line in groups of two; continuation lines are indented."""
    if not data:
        return [word]
    lines = [data[at : at + 32].hex(" ", -2) for at in range(0, len(data), 32)]
    return [f"{word} {lines[0]}"] + ["\t" + line for line in lines[1:]]


def read(path):
    """All vectors of a file."""
    vectors, fields, last = [], {}, None
    with open(path, encoding="ascii") as file:
        for line in [*file, "\n"]:
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if not line.strip():
                if fields:
                    vectors.append(from_fields(fields))
                fields = {}
            elif line[0] in " \t":
                fields[last] += line
            else:
                last, _, value = line.partition(" ")
                fields[last] = value
    return vectors


def from_fields(fields):
    frame = bytes.fromhex(fields["in"])
    return Vector(
        name=fields["vector"],
        frame=frame,
        reason=fields["reason"],
        out=frame if fields["out"] == "same" else bytes.fromhex(fields["out"]),
        link=fields["link"],
        options=fields["options"],
        also=frozenset(fields.get("also", "").split()),
    )
