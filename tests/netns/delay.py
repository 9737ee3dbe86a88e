#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A long wire, for kernels without netem.

    delay.py DEV OTHERDEV MS    carries each frame from one device to the other MS milliseconds later, both ways

Both devices belong to this network namespace and are up. What comes in must be whole frames with finished checksums: without
offloads at their other ends. Only for the small traffic of a lab.
"""

import heapq
import itertools
import select
import socket
import sys
import time

ETH_P_ALL = 3
order = itertools.count()


def open_device(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.bind((name, ETH_P_ALL))
    s.setblocking(False)
    return s


def take(source, sink, due, waiting):
    """All frames that are there, but for those that this host sends itself."""
    while True:
        try:
            frame, address = source.recvfrom(1 << 16)
        except BlockingIOError:
            return
        if address[2] != socket.PACKET_OUTGOING:
            heapq.heappush(waiting, (due, next(order), frame, sink))


def main():
    ends = [open_device(name) for name in sys.argv[1:3]]
    delay = float(sys.argv[3]) / 1000
    waiting = []
    print("ready", flush=True)
    while True:
        wait = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select(ends, [], [], wait)
        now = time.monotonic()
        for end in ready:
            take(end, ends[1 - ends.index(end)], now + delay, waiting)
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, frame, sink = heapq.heappop(waiting)
            try:
                sink.send(frame)
            except OSError as e:
                print(f"lost a frame of {len(frame)} bytes: {e}", file=sys.stderr, flush=True)


main()
