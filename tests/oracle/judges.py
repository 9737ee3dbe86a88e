# SPDX-License-Identifier: BSD-2-Clause
"""Those who say what becomes of frames: the oracle, and pk-batch with its backends. A judgement is
(reason, set of further reasons, frame), or None for a frame the backend cannot take."""

import ctypes
import errno
import os
import pathlib
import platform
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
        """The reason it cannot be used on this machine, or None."""
        if not os.access(PK_BATCH, os.X_OK):
            return f"{PK_BATCH} is not built"
        if self.name != "user":
            return why_no_bpf()
        return None


def judgement(line):
    if line == "skip":
        return None
    reason, also, *frame = line.split(" ")
    return reason, set() if also == "-" else set(also.split(",")), bytes.fromhex("".join(frame))


def why_no_bpf():
    """Asks the kernel, not the project's own loader: a program that does not load is a failure, not a skip."""
    number = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
    if os.geteuid():
        return "needs root"
    if number is None:
        return None
    attributes = (ctypes.c_uint32 * 32)(2, 4, 4, 1)  # an array of one entry
    fd = ctypes.CDLL(None, use_errno=True).syscall(number, 0, attributes, ctypes.sizeof(attributes))
    if fd >= 0:
        os.close(fd)
        return None
    failed = ctypes.get_errno()
    return f"bpf(2): {os.strerror(failed)}" if failed in (errno.ENOSYS, errno.EPERM) else None
