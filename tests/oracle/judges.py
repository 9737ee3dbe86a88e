# SPDX-License-Identifier: BSD-2-Clause
"""Those who say what becomes of frames: the oracle, and pk-batch with its backends. A judgement is
(reason, set of further reasons, frame)."""

import os
import pathlib
import subprocess

import limits
import oracle

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("TM_BUILD", "build")
PK_BATCH = BUILD / "tests" / "pk-batch"


class Failed(Exception):
    """A judge did not answer."""


class Oracle:
    name = "oracle"

    def __call__(self, frames, link, options):
        parsed = limits.parse(options)
        return [oracle.clamp(frame, link, parsed) for frame in frames]


class Batch:
    def __init__(self, backend):
        self.name = backend

    def __call__(self, frames, link, options):
        command = [PK_BATCH, "--backend", self.name, "--link", link, *options.split()]
        text = "".join(frame.hex() + "\n" for frame in frames)
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"{self.name}: exit status {done.returncode}: {done.stderr.strip()}")
        lines = done.stdout.splitlines()
        if len(lines) != len(frames):
            raise Failed(f"{self.name}: {len(frames)} frames, {len(lines)} answers")
        return list(map(judgement, lines))

    def why_not(self):
        """The reason it cannot be used here, or None."""
        if not os.access(PK_BATCH, os.X_OK):
            return f"{PK_BATCH} is not built"
        if self.name != "user" and os.geteuid():
            return "needs root"
        try:
            self([bytes(60)], "ethernet", "--mss 1400")
        except Failed as failure:
            return str(failure).splitlines()[0] if self.name != "user" else None
        return None


def judgement(line):
    reason, also, *frame = line.split(" ")
    return reason, set() if also == "-" else set(also.split(",")), bytes.fromhex("".join(frame))
