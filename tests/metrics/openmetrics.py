# SPDX-License-Identifier: BSD-2-Clause
"""A strict reader of the part of OpenMetrics 1.0 that tcpmss writes: counters, gauges and info with integer values."""
import re

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
META = re.compile(r"# (TYPE|UNIT|HELP) ([a-zA-Z_][a-zA-Z0-9_]*) (.+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
SAMPLE = re.compile(r"([a-zA-Z_][a-zA-Z0-9_]*)(?:\{(.+)\})? ([0-9]+)")
SUFFIX = {"counter": "_total", "gauge": "", "info": "_info"}
KNOWN_LABELS = {"hook", "device", "direction", "family", "reason", "mode", "source", "version", "protect", "state", "mark", "accelerator"}


def labels_of(text):
    """The labels of a sample, unescaped, as a tuple of pairs in order."""
    found, at = [], 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match or (match[3] == "," and match.end() == len(text)):
            raise ValueError(f"labels {text!r} at {at}")
        value = re.sub(r'\\(["\\n])', lambda m: "\n" if m[1] == "n" else m[1], match[2])
        found.append((match[1], value))
        at = match.end()
    names = [name for name, _ in found]
    if len(set(names)) != len(names):
        raise ValueError(f"a label twice in {text!r}")
    return tuple(found)


def read(data):
    """{(sample name, labels as a frozenset of pairs): value}; ValueError names what is wrong."""
    text = data.decode("utf-8")
    if "\r" in text or not text.endswith("# EOF\n") or text.count("# EOF") != 1:
        raise ValueError("does not end with '# EOF' and a line end, once")
    samples, families, family, meta = {}, set(), None, {}
    for line in text.split("\n")[:-2]:
        match = META.fullmatch(line)
        if match:
            keyword, name, value = match.groups()
            if name != family:
                if name in families:
                    raise ValueError(f"family {name} is not in one piece")
                families.add(name)
                family, meta = name, {}
            elif keyword in meta or "samples" in meta:
                raise ValueError(f"{keyword} of {name} twice, or behind its samples")
            meta[keyword] = value
            if keyword == "TYPE" and value not in SUFFIX:
                raise ValueError(f"type {value}")
            if keyword == "UNIT" and not name.endswith("_" + value):
                raise ValueError(f"{name} does not end with its unit {value}")
            continue
        match = SAMPLE.fullmatch(line)
        if not match:
            raise ValueError(f"neither metadata nor a sample: {line!r}")
        name, labels, value = match.groups()
        if family is None or "TYPE" not in meta or "HELP" not in meta or name != family + SUFFIX[meta["TYPE"]]:
            raise ValueError(f"{name} is not of the family {family} ({meta})")
        meta["samples"] = True
        if not name.startswith("tcpmss_"):
            raise ValueError(f"{name}: prefix")
        key = (name, frozenset(labels_of(labels or "")))
        if key in samples:
            raise ValueError(f"twice: {line!r}")
        if meta["TYPE"] == "info" and value != "1":
            raise ValueError(f"info with a value: {line!r}")
        if {label for label, _ in key[1]} - KNOWN_LABELS:
            raise ValueError(f"an unknown label: {line!r}")
        samples[key] = int(value)
    return samples
