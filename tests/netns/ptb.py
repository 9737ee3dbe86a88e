#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hand-made "packet too big" messages (ICMP 3/4, ICMPv6 2/0), for what no kernel sends.

    ptb.py answer DEV --from ADDR --limit N [--mtu N] [--quote BYTES] [--clear-df] [--vlan TPID:ID]... [--pppoe SESSION]
        Plays a narrow router: answers each TCP packet of more than N bytes that comes in on DEV, back to whom the frame came from.

    ptb.py forge FLOWDEV DEV --in NETNS --to MAC --from ADDR --dst ADDR [--mtu N] [--break WHAT] [--seq-ahead N] [--count N]
                 [--size N] [--nth N] [--delay SECONDS]
        Waits for the nth segment of --size bytes toward --dst on FLOWDEV, then sends a PTB that quotes it from DEV of the namespace NETNS (a file),
        with one thing wrong (--break). It says what it sent.

    ptb.py play DEV OTHERDEV --in NETNS --src ADDR --dst ADDR [--mtu N] [--size N] [--resend N] [--vlan TPID:ID]... [--pppoe SESSION]
        Both ends of a flow, made by hand: two segments of --size bytes leave DEV, a PTB for the first one comes back from OTHERDEV of the
        namespace NETNS, the first one is sent again with --resend bytes (0: not at all).

    ptb.py flood DEV --to MAC --src ADDR --dst ADDR --count N [--dport N] [--mtu N] [--kind KIND]...
        Sends --count PTBs about flows from --src to --dst that it can only guess.

Quotes are 8 bytes of the TCP header for answer unless told, all of it for forge. Addresses' family decides between ICMP and ICMPv6.
"""

import argparse
import ctypes
import errno
import ipaddress
import os
import random
import socket
import struct
import time

ETH_P_ALL, PACKET_OUTGOING = 3, 4
BREAKS = (
    "nothing", "checksum", "short", "truncated", "version", "fragment", "udp", "echo-reply", "source", "df", "length", "seq-old",
    "seq-ahead", "port",
)
KINDS = ("random", "guessed", "echo-reply", "low-mtu", "zero", "udp", "small")


def ones_sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def check(data, at, extra=b""):
    """data with the Internet checksum at that offset made right; extra is the pseudo-header."""
    data = data[:at] + b"\0\0" + data[at + 2 :]
    return data[:at] + struct.pack("!H", ~ones_sum(extra + data) & 0xFFFF) + data[at + 2 :]


def packed(address):
    return ipaddress.ip_address(address).packed


def ptb(reporter, sender, mtu, quote, spoil=False):
    """An IP packet: the PTB of a router for what is quoted. spoil: its checksum is wrong."""
    if len(sender) == 4:
        icmp = check(struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + quote, 2)
    else:
        icmp = struct.pack("!BBHI", 2, 0, 0, mtu) + quote
        icmp = check(icmp, 2, reporter + sender + struct.pack("!II", len(icmp), 58))
    if spoil:
        icmp = icmp[:2] + bytes([icmp[2] ^ 0x5A]) + icmp[3:]
    if len(sender) == 16:
        return struct.pack("!IHBB", 6 << 28, len(icmp), 58, 64) + reporter + sender + icmp
    head = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(icmp), random.randrange(1, 65536), 0, 64, 1, 0)
    return check(head + reporter + sender, 10) + icmp


def frame(to, packet, tags=(), pppoe=None):
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    if pppoe is not None:
        ppp = struct.pack("!H", 0x0057 if kind == 0x86DD else 0x0021) + packet
        packet, kind = struct.pack("!BBHH", 0x11, 0, pppoe, len(ppp)) + ppp, 0x8864
    for tag in reversed(tags):
        tpid, vid = tag.split(":")
        packet, kind = struct.pack("!HH", int(vid), kind) + packet, int(tpid, 16)
    return to + bytes.fromhex("02000000000" + ("9" if to[5] != 9 else "1")) + struct.pack("!H", kind) + packet


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def strip_tags(data):
    at = 12
    while data[at : at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    if data[at : at + 2] == b"\x88\x64":
        at += 8
    return data[at + 2 :]


def tcp_of(packet):
    """Source, destination, bytes of the packet and offset of the TCP header; None where it is not TCP or a later fragment."""
    if len(packet) >= 40 and packet[0] >> 4 == 4 and packet[9] == 6 and not packet[7] | packet[6] & 0x1F:
        return packet[12:16], packet[16:20], struct.unpack_from("!H", packet, 2)[0], (packet[0] & 15) * 4
    if len(packet) >= 60 and packet[0] >> 4 == 6 and packet[6] == 6:
        return packet[8:24], packet[24:40], 40 + struct.unpack_from("!H", packet, 4)[0], 40
    return None


def listen(dev):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.bind((dev, ETH_P_ALL))
    return s


def enter(netns):
    """Sockets made from now on are of that namespace; those there are stay where they are."""
    home = os.open(netns, os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(home, 0):
        raise SystemExit(f"{netns}: {os.strerror(ctypes.get_errno())}")


def send(s, data):
    while True:
        try:
            return s.send(data)
        except OSError as e:
            if e.errno != errno.ENOBUFS:
                raise
            time.sleep(0.0005)


def answer(a):
    reporters = {len(packed(r)): packed(r) for r in a.reporter}
    s = listen(a.dev)
    print("ready", flush=True)
    while True:
        data, source = s.recvfrom(1 << 16)
        packet = strip_tags(data)
        found = tcp_of(packet)
        if source[2] == PACKET_OUTGOING or not found or found[2] <= a.limit or len(found[0]) not in reporters:
            continue
        sender, _, _, at = found
        if at == 20 and not packet[6] & 0x40 and not a.clear_df:
            continue  # a router would fragment it
        if a.clear_df and at == 20:
            packet = check(packet[:6] + b"\0" + packet[7:20], 10) + packet[20:]
        quote = packet[: at + a.quote]
        send(s, frame(data[6:12], ptb(reporters[len(sender)], sender, a.mtu, quote), a.tag, a.pppoe))


def broken(quote, at, what, ahead):
    """The quote with that one thing wrong; at: where TCP begins."""
    seq = struct.unpack_from("!I", quote, at + 4)[0]

    def with_seq(value):
        return quote[: at + 4] + struct.pack("!I", value & 0xFFFFFFFF) + quote[at + 8 :]

    if what == "short":
        return quote[: at + 4]
    if what == "truncated":
        return quote[: at - 4]
    if what == "seq-old":
        return with_seq(seq - 0x20000000)
    if what == "seq-ahead":
        return with_seq(seq + ahead)
    if what == "port":
        return quote[:at] + struct.pack("!H", struct.unpack_from("!H", quote, at)[0] ^ 0x1001) + quote[at + 2 :]
    if what == "version":
        return bytes([quote[0] ^ 0x30]) + quote[1:]
    if what == "source":
        quote = quote[:15] + bytes([quote[15] ^ 0x40]) + quote[16:]
        return quote if at == 40 else check(quote[:20], 10) + quote[20:]
    if at == 40:
        if what == "udp":
            return quote[:6] + b"\x11" + quote[7:]
        if what == "echo-reply":
            return quote[:6] + b"\x3a" + quote[7:40] + b"\x81" + quote[41:]
        if what == "length":
            return quote[:4] + struct.pack("!H", 600) + quote[6:]
        if what == "fragment":  # a second fragment: a fragment header in front of the same TCP header
            return quote[:6] + b"\x2c" + quote[7:40] + struct.pack("!BBHI", 6, 0, 1232, 77) + quote[40:]
        return quote
    if what == "udp":
        return check(quote[:9] + b"\x11" + quote[10:20], 10) + quote[20:]
    if what == "echo-reply":
        return check(quote[:9] + b"\x01" + quote[10:20], 10) + b"\0\0" + quote[22:]
    if what == "length":
        return check(quote[:2] + struct.pack("!H", 600) + quote[4:20], 10) + quote[20:]
    if what == "fragment":
        return check(quote[:6] + struct.pack("!H", 0x4000 | 185) + quote[8:20], 10) + quote[20:]
    if what == "df":
        return check(quote[:6] + b"\0" + quote[7:20], 10) + quote[20:]
    return quote


def forge(a):
    wanted, s = packed(a.dst), listen(a.flowdev)
    enter(a.netns)
    out = listen(a.dev)
    s.settimeout(10)
    print("ready", flush=True)
    left = a.nth
    while left:
        packet = strip_tags(s.recv(1 << 16))
        found = tcp_of(packet)
        left -= found is not None and found[1] == wanted and found[2] >= a.size
    time.sleep(a.delay)
    sender, _, total, at = found
    quote = broken(packet[: at + 20], at, a.what, a.ahead)
    message = ptb(packed(a.reporter), sender, a.mtu, quote, a.what == "checksum")
    for _ in range(a.count):
        send(out, frame(mac(a.to), message))
    seq = struct.unpack_from("!I", quote + bytes(12), at + 4)[0]
    print(f"sender={ipaddress.ip_address(sender)} length={total} seq={seq} mtu={a.mtu} break={a.what}")


def segment(src, dst, sport, dport, seq, total):
    """A TCP segment of total bytes as an IP packet, DF set."""
    at = 20 if len(src) == 4 else 40
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq, 1, 0x50, 16, 500, 0, 0) + bytes(total - at - 20)
    tcp = check(tcp, 16, src + dst + struct.pack("!II", len(tcp), 6))
    if at == 40:
        return struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + src + dst + tcp
    return check(struct.pack("!BBHHHBBH", 0x45, 0, total, 1, 0x4000, 64, 6, 0) + src + dst, 10) + tcp


def play(a):
    src, dst = packed(a.src), packed(a.dst)
    near = listen(a.dev)
    enter(a.netns)
    far = listen(a.otherdev)
    here, there = bytes.fromhex("020000000001"), bytes.fromhex("020000000009")
    seq, at = random.randrange(1 << 31), 20 if len(src) == 4 else 40
    first = segment(src, dst, a.sport, a.dport, seq, a.size)
    send(near, frame(there, first, a.tag, a.pppoe))
    send(near, frame(there, segment(src, dst, a.sport, a.dport, seq + a.size - at - 20, a.size), a.tag, a.pppoe))
    send(far, frame(here, ptb(dst, src, a.mtu, first[: at + 8]), a.tag, a.pppoe))
    if a.resend:
        send(near, frame(there, segment(src, dst, a.sport, a.dport, seq, a.resend), a.tag, a.pppoe))


def guess(a, kind, src, dst):
    """A quote of a packet the attacker has never seen."""
    low = 1000 if len(src) == 4 else 1300
    total = 600 if kind == "small" else 1500
    mtu = {"low-mtu": random.choice((40, 67, 1000)), "zero": 0}.get(kind, random.randrange(low, 1450))
    if kind == "random":
        dst = dst[:2] + random.randbytes(len(dst) - 2)
    sport, seq = random.randrange(32768, 61000), random.randrange(1 << 32)
    proto = {"echo-reply": 1 if len(src) == 4 else 58, "udp": 17}.get(kind, 6)
    l4 = struct.pack("!HHIIBBHHH", sport, a.dport, seq, 0, 0x50, 16, 500, 0, 0)
    if kind == "echo-reply":
        l4 = struct.pack("!BBHHH", 0 if len(src) == 4 else 129, 0, 0, sport, 1) + l4[8:]
    if len(src) == 16:
        return mtu, struct.pack("!IHBB", 6 << 28, total - 40, proto, 60) + src + dst + l4
    return mtu, check(struct.pack("!BBHHHBBH", 0x45, 0, total, sport, 0x4000, 60, proto, 0) + src + dst, 10) + l4


def flood(a):
    src, dst = packed(a.src), packed(a.dst)
    out = listen(a.dev)
    random.seed(a.seed)
    ring = []
    for n in range(a.distinct):
        mtu, quote = guess(a, a.kind[n % len(a.kind)] if a.kind else KINDS[n % len(KINDS)], src, dst)
        reporter = random.randbytes(len(src)) if len(src) == 16 else bytes([random.randrange(1, 126)]) + random.randbytes(3)
        ring.append(frame(mac(a.to), ptb(reporter, src, a.mtu or mtu, quote)))
    print("ready", flush=True)
    began = time.monotonic()
    for n in range(a.count):
        send(out, ring[n % len(ring)])
    print(f"sent={a.count} seconds={time.monotonic() - began:.2f}")


def main():
    p = argparse.ArgumentParser()
    verbs = p.add_subparsers(required=True)

    v = verbs.add_parser("answer")
    v.add_argument("dev")
    v.add_argument("--from", dest="reporter", action="append", required=True)
    v.add_argument("--limit", type=int, required=True)
    v.add_argument("--mtu", type=int, default=0)
    v.add_argument("--quote", type=int, default=8)
    v.add_argument("--clear-df", action="store_true")
    v.add_argument("--vlan", dest="tag", action="append", default=[])
    v.add_argument("--pppoe", type=int)
    v.set_defaults(run=answer)

    v = verbs.add_parser("forge")
    v.add_argument("flowdev")
    v.add_argument("dev")
    v.add_argument("--in", dest="netns", required=True)
    v.add_argument("--to", required=True)
    v.add_argument("--from", dest="reporter", required=True)
    v.add_argument("--dst", required=True)
    v.add_argument("--mtu", type=int, default=1300)
    v.add_argument("--break", dest="what", default="nothing", choices=BREAKS)
    v.add_argument("--seq-ahead", dest="ahead", type=int, default=0x20000000)
    v.add_argument("--count", type=int, default=1)
    v.add_argument("--size", type=int, default=1500)
    v.add_argument("--nth", type=int, default=1)
    v.add_argument("--delay", type=float, default=0)
    v.set_defaults(run=forge)

    v = verbs.add_parser("play")
    v.add_argument("dev")
    v.add_argument("otherdev")
    v.add_argument("--in", dest="netns", required=True)
    v.add_argument("--src", required=True)
    v.add_argument("--dst", required=True)
    v.add_argument("--sport", type=int, default=40000)
    v.add_argument("--dport", type=int, default=80)
    v.add_argument("--mtu", type=int, default=1300)
    v.add_argument("--size", type=int, default=1400)
    v.add_argument("--resend", type=int, default=1300)
    v.add_argument("--vlan", dest="tag", action="append", default=[])
    v.add_argument("--pppoe", type=int)
    v.set_defaults(run=play)

    v = verbs.add_parser("flood")
    v.add_argument("dev")
    v.add_argument("--to", required=True)
    v.add_argument("--src", required=True)
    v.add_argument("--dst", required=True)
    v.add_argument("--dport", type=int, default=5201)
    v.add_argument("--count", type=int, default=100000)
    v.add_argument("--distinct", type=int, default=20000)
    v.add_argument("--mtu", type=int, default=0)
    v.add_argument("--seed", type=int, default=1)
    v.add_argument("--kind", action="append", choices=KINDS)
    v.set_defaults(run=flood)

    a = p.parse_args()
    a.run(a)


if __name__ == "__main__":
    main()
