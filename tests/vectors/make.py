#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes tests/vectors/*.txt, one file for each module of topics/. The expected output of each vector is built from
a description of the packet, never by running a clamp.

    make.py             writes the files
    make.py --check     prints the names of files that differ from what it would write
"""

import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "oracle")]
sys.dont_write_bytecode = True

from topic import Topic  # noqa: E402


def files():
    """{path: text} of the whole corpus."""
    texts, names = {}, set()
    for path in sorted(HERE.glob("topics/[a-z]*.py")):
        module = importlib.import_module(f"topics.{path.stem}")
        topic = Topic(path.stem.replace("_", "-"))
        module.fill(topic)
        for vector in topic.vectors:
            assert vector.name not in names, f"{vector.name} is there twice"
            names.add(vector.name)
        intro = [line.rstrip() for line in module.__doc__.strip().splitlines()]
        head = ["SPDX-License-Identifier: BSD-2-Clause", "Made by make.py; edit topics/" + path.name + ".", *intro]
        lines = "".join(f"# {line}".rstrip() + "\n" for line in head)
        texts[HERE / f"{topic.name}.txt"] = "\n".join([lines] + [vector.text() for vector in topic.vectors])
    return texts


def differing():
    texts = files()
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    extra = [path for path in HERE.glob("*.txt") if path not in texts and is_made(path)]
    return stale + extra


def is_made(path):
    return "# Made by make.py" in path.read_text()[:200]


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        print(*differing(), sep="\n")
    else:
        for path, text in files().items():
            path.write_text(text)
