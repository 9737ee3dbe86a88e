#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""learn.py DEV OTHERDEV NETNS 4|6 PATHS

For each path: two full-size segments leave DEV, a PTB for the first comes back from OTHERDEV of the namespace NETNS, the first is sent again in
a packet that fits - and then SYN-ACKs come back, one after the other, until one is clamped. Prints the milliseconds from that packet
to the SYN-ACK. Segments and PTBs are made by hand; sending and receiving a SYN-ACK is a part of the time.
"""

import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../netns"))
import ptb

HERE, THERE = bytes.fromhex("020000000001"), bytes.fromhex("020000000009")


def syn_ack(src, dst):
    tcp = struct.pack("!HHIIBBHHHBBH", 80, 40000, 1, 2, 0x60, 0x12, 500, 0, 0, 2, 4, 1460)
    tcp = ptb.check(tcp, 16, src + dst + struct.pack("!II", len(tcp), 6))
    if len(src) == 16:
        return struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + src + dst + tcp
    return ptb.check(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + src + dst, 10) + tcp


def mss_of(s, src):
    """Waits for the SYN-ACK from there; returns the MSS it has."""
    while True:
        packet = s.recv(2048)[14:]
        found = ptb.tcp_of(packet)
        if found and found[0] == src:
            return struct.unpack_from("!H", packet, found[3] + 22)[0]


def path(near, far, sender, destination):
    at, seq = (20, 40)[len(sender) == 16], 1000
    first, again = (ptb.segment(sender, destination, 40000, 80, seq, n) for n in (1500, 1300))
    answer = ptb.frame(HERE, syn_ack(destination, sender))
    near.send(ptb.frame(THERE, first))
    near.send(ptb.frame(THERE, ptb.segment(sender, destination, 40000, 80, seq + 1460, 1500)))
    far.send(ptb.frame(HERE, ptb.ptb(destination, sender, 1300, first[: at + 8])))
    near.send(ptb.frame(THERE, again))
    began = time.monotonic()
    while time.monotonic() < began + 2:
        far.send(answer)
        if mss_of(near, destination) == 1300 - at - 20:
            return (time.monotonic() - began) * 1000
    raise SystemExit("nothing is learned")


def main():
    dev, other, netns, family, paths = sys.argv[1:]
    near = ptb.listen(dev)
    near.settimeout(2)
    ptb.enter(netns)
    far = ptb.listen(other)
    sender, base = (("198.18.1.2", "198.19.0.0"), ("2001:db8:1::2", "2001:db8:5::"))[family == "6"]
    sender, base = ptb.packed(sender), ptb.packed(base)
    for n in range(int(paths)):
        print(f"{path(near, far, sender, base[:-2] + struct.pack('!H', n + 1)):.3f}", flush=True)
        time.sleep(0.03)


main()
