#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sends hand-made TCP segments through a packet socket, for what the kernel cannot make itself here:
tagged and PPPoE frames, and exact numbers of SYNs.

    inject.py DEV [--count N] [--cpu N] [--family 4|6] [--mss N] [--flags HEX] [--vlan TPID:ID]...
              [--pppoe SESSION] [--sport N] [--dport N] [--src ADDR] [--dst ADDR] [--to MAC] [--partial]

--partial leaves only the pseudo-header's sum in the checksum field. Prints how many were sent.
"""

import argparse
import errno
import ipaddress
import os
import socket
import struct
import time


def ones_sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def segment(a, src, dst):
    # MSS at the front, as nearly everybody sends it; then SACK permitted, NOP, window scale.
    options = struct.pack("!BBHBBBBBB", 2, 4, a.mss, 4, 2, 1, 3, 3, 7) + b"\0\0\0"
    doff = (20 + len(options)) // 4
    head = struct.pack("!HHIIBBHHH", a.sport, a.dport, 1, 0, doff << 4, int(a.flags, 16), 64240, 0, 0)
    data = head + options
    pseudo = ones_sum(src + dst + struct.pack("!II", len(data), 6))
    check = pseudo if a.partial else ~ones_sum(struct.pack("!H", pseudo) + data) & 0xFFFF
    return data[:16] + struct.pack("!H", check) + data[18:]


def ip_packet(a, src, dst):
    tcp = segment(a, src, dst)
    if a.family == 6:
        return struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + src + dst + tcp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + src + dst
    return head[:10] + struct.pack("!H", ~ones_sum(head) & 0xFFFF) + head[12:] + tcp


def frame(a):
    src = ipaddress.ip_address(a.src or ("198.18.1.2", "2001:db8:1::2")[a.family == 6]).packed
    dst = ipaddress.ip_address(a.dst or ("198.18.4.2", "2001:db8:4::2")[a.family == 6]).packed
    packet = ip_packet(a, src, dst)
    kind = 0x86DD if a.family == 6 else 0x0800
    if a.pppoe is not None:
        ppp = struct.pack("!H", 0x0057 if a.family == 6 else 0x0021) + packet
        packet = struct.pack("!BBHH", 0x11, 0, a.pppoe, len(ppp)) + ppp
        kind = 0x8864
    for tag in reversed(a.vlan):
        tpid, vid = tag.split(":")
        packet = struct.pack("!HH", int(vid), kind) + packet
        kind = int(tpid, 16)
    return bytes.fromhex(a.to.replace(":", "") + "020000000001") + struct.pack("!H", kind) + packet


def main():
    p = argparse.ArgumentParser()
    p.add_argument("dev")
    p.add_argument("--count", type=int, default=1)
    p.add_argument("--cpu", type=int)
    p.add_argument("--family", type=int, default=4, choices=(4, 6))
    p.add_argument("--mss", type=int, default=1460)
    p.add_argument("--flags", default="02")
    p.add_argument("--vlan", action="append", default=[])
    p.add_argument("--pppoe", type=int)
    p.add_argument("--sport", type=int, default=40000)
    p.add_argument("--dport", type=int, default=80)
    p.add_argument("--src")
    p.add_argument("--dst")
    p.add_argument("--to", default="02:00:00:00:00:02")
    p.add_argument("--partial", action="store_true")
    a = p.parse_args()
    if a.cpu is not None:
        os.sched_setaffinity(0, {a.cpu})
    data = frame(a)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
        s.bind((a.dev, 0))
        for _ in range(a.count):
            try:
                s.send(data)
            except OSError as e:
                # The device took it and found its peer's queue full: sent, as far as we are concerned.
                if e.errno != errno.ENOBUFS:
                    raise
                time.sleep(0.001)
    print(a.count)


main()
