#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""resident.py NAME PID...: what memory processes have, as samples for report.py, KiB: NAME-once with every page counted once, which is
what they take from the machine; NAME-rss the sum of their Rss, which counts a shared page in each of them. Needs root.
"""

import os
import struct
import sys

PAGE = os.sysconf("SC_PAGE_SIZE")
PRESENT = 1 << 63
FRAME = (1 << 55) - 1


def frames(pid):
    """The page frames that are mapped."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        for line in maps:
            if line.rstrip().endswith(("[vvar]", "[vdso]", "[vsyscall]", "[vvar_vclock]")):
                continue
            first, end = (int(n, 16) // PAGE for n in line.split()[0].split("-"))
            entries = os.pread(pagemap.fileno(), 8 * (end - first), 8 * first)
            yield from (e & FRAME for (e,) in struct.iter_unpack("<Q", entries) if e & PRESENT)


def main():
    name, pids = sys.argv[1], sys.argv[2:]
    all_frames = [list(frames(pid)) for pid in pids]
    once = set().union(*all_frames)
    if 0 in once:
        sys.exit("resident: the kernel does not tell page frames: run it as root")
    for what, pages in (("once", len(once)), ("rss", sum(len(f) for f in all_frames))):
        print(f"sample\t{name}-{what}\t{pages * PAGE // 1024}")


main()
