# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of tcpmss rewrite share: captures made byte by byte, in two versions (as it was, as it must become),
and running the program on them."""

import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

import tap  # noqa: E402,F401
from packets import ACK, NOP, SACK_PERMITTED, USUAL, Ip6, Packet, Tcp, build, mss  # noqa: E402

TCPMSS = pathlib.Path(os.environ.get("TCPMSS", ROOT / "build" / "tcpmss"))
ETHERNET, RAW, SLL, UNKNOWN = 1, 101, 113, 147
SECTION, INTERFACE, OLD_PACKET, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
LIMIT = 480  # below 536, so that an option can be inserted
OPTIONS = ("--mss", str(LIMIT), "--add-missing")


def need_program():
    if not os.access(TCPMSS, os.X_OK):
        tap.skip_all(f"{TCPMSS} is not built")


# Packets: (as it was, as it must become)


def lowered(link="ethernet", **more):
    """A SYN whose option is lowered."""
    was = Packet(tcp=Tcp(options=USUAL), link=link, **more)
    return build(was), build(Packet(tcp=Tcp(options=[mss(LIMIT), *USUAL[1:]]), link=link, **more))


def grown(link="ethernet", options=(), **more):
    """A SYN without the option: with add-missing it gets one, in front of the others."""
    return tuple(build(Packet(tcp=Tcp(options=list(o)), link=link, **more)) for o in (options, [mss(LIMIT), *options]))


def same(size=100, link="ethernet"):
    """No SYN."""
    frame = build(Packet(tcp=Tcp(flags=ACK, options=[], payload=bytes(i & 255 for i in range(size))), link=link))
    return frame, frame


def mixed():
    """Packets of every kind and padding."""
    return [
        lowered(),
        same(1),
        grown(),
        grown(options=[SACK_PERMITTED, NOP, NOP], ip=Ip6()),
        same(2),
        lowered(ip=Ip6()),
        same(3),
        (b"", b""),
        (b"\x01", b"\x01"),
        grown(trailer=bytes(6)),
    ]


# Files: each takes one of the two versions of its packets


class Pcap:
    def __init__(self, order="<", magic=0xA1B2C3D4, link=ETHERNET, snaplen=262144, version=(2, 4), extra=b""):
        self.order = "little" if order == "<" else "big"
        self.magic, self.link, self.snaplen, self.version, self.extra = magic, link, snaplen, version, extra

    def number(self, value, size=4):
        return value.to_bytes(size, self.order)

    def header(self):
        head = self.number(self.magic) + self.number(self.version[0], 2) + self.number(self.version[1], 2)
        return head + self.number(0) + self.number(0) + self.number(self.snaplen) + self.number(self.link)

    def record(self, frame, beyond=0, swap=False):
        """beyond: bytes on the wire that were not captured"""
        lengths = [len(frame), len(frame) + beyond]
        if swap:
            lengths.reverse()
        head = self.number(1700000000) + self.number(999999) + b"".join(self.number(n) for n in lengths)
        return head + self.extra + frame

    def file(self, packets, version):
        return self.header() + b"".join(self.record(packet[version]) for packet in packets)


class Pcapng:
    def __init__(self, order="<"):
        self.order = "little" if order == "<" else "big"

    def number(self, value, size=4):
        return value.to_bytes(size, self.order, signed=value < 0)

    def option(self, code, body):
        return self.number(code, 2) + self.number(len(body), 2) + pad(body)

    def block(self, kind, body, behind=None):
        size = len(body) + 12
        return self.number(kind) + self.number(size) + body + self.number(size if behind is None else behind)

    def section(self, length=-1, options=b"", major=1):
        return self.block(
            SECTION,
            self.number(0x1A2B3C4D) + self.number(major, 2) + self.number(0, 2) + self.number(length, 8) + options,
        )

    def interface(self, link=ETHERNET, snaplen=0, options=b""):
        return self.block(INTERFACE, self.number(link, 2) + b"\0\0" + self.number(snaplen) + options)

    def enhanced(self, frame, interface=0, beyond=0, options=b""):
        lengths = self.number(len(frame)) + self.number(len(frame) + beyond)
        return self.block(ENHANCED, self.number(interface) + bytes(8) + lengths + pad(frame) + options)

    def old(self, frame, interface=0, drops=7, options=b""):
        lengths = self.number(len(frame)) + self.number(len(frame))
        head = self.number(interface, 2) + self.number(drops, 2) + bytes(8)
        return self.block(OLD_PACKET, head + lengths + pad(frame) + options)

    def simple(self, frame, original=None):
        return self.block(SIMPLE, self.number(len(frame) if original is None else original) + pad(frame))

    def everything(self, packets, version, length=False):
        """A section with packets in each of the three blocks, over several interfaces, and blocks nobody knows.
        length: the section says how long it is."""
        comment = self.option(1, b"a comment") + self.option(0, b"")
        parts = [
            self.interface(ETHERNET, 262144, self.option(2, b"eth0") + self.option(0, b"")),
            self.block(0x80000001, b"nobody's"),
            self.interface(UNKNOWN),
            self.interface(RAW),
        ]
        for n, packet in enumerate(packets):
            frame = packet[version]
            parts += [
                self.enhanced(frame),
                self.enhanced(frame, options=comment),
                self.enhanced(packet[0], interface=1),
                self.old(frame),
                self.old(frame, options=comment),
                self.simple(frame),
                self.block(5, self.number(n % 2) + bytes(8)),
            ]
        parts.append(self.enhanced(grown("raw")[version], interface=2))
        body = b"".join(parts)
        return self.section(len(body) if length else -1, comment) + body


def pad(data):
    return data + bytes(-len(data) % 4)


def formats():
    """(name, as it was, as it must become, number of packets) of a file of each kind"""
    packets = mixed()
    for order, word in ("<", "little"), (">", "big"):
        for name, make in (
            ("pcap, microseconds", Pcap(order)),
            ("pcap, nanoseconds", Pcap(order, 0xA1B23C4D)),
            ("pcap, Kuznetsov's", Pcap(order, 0xA1B2CD34, extra=bytes(range(8)))),
            ("pcap with a frame check length", Pcap(order, link=0x24000000 | ETHERNET)),
            ("pcap 2.2", Pcap(order, version=(2, 2))),
            ("pcap without a snaplen", Pcap(order, snaplen=0)),
        ):
            yield f"{name}, {word} endian", make.file(packets, 0), make.file(packets, 1), len(packets)
        for length in False, True:
            name = f"pcapng, {word} endian" + (", with a section length" if length else "")
            make = Pcapng(order)
            yield name, *(make.everything(packets, v, length) for v in (0, 1)), 6 * len(packets) + 1
    orders = [Pcapng(order) for order in "<>>"]
    yield (
        "pcapng, sections of either byte order",
        *(b"".join(o.everything(packets, v, o.order == "big") for o in orders) for v in (0, 1)),
        3 * (6 * len(packets) + 1),
    )


# Running


def rewrite(*arguments, stdin=b"", timeout=60, **more):
    return subprocess.run(
        [TCPMSS, "rewrite", *map(str, arguments)], input=stdin, capture_output=True, timeout=timeout, **more
    )


def through_files(folder, data, *options):
    """(exit status, output or None, standard error) of a rewrite from file to file"""
    before, after = folder / "in", folder / "out"
    before.write_bytes(data)
    after.unlink(missing_ok=True)
    done = rewrite(*(options or OPTIONS), before, after)
    return done.returncode, after.read_bytes() if after.exists() else None, done.stderr.decode()


def left_behind(folder):
    """Temporary files."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".tcpmss")]


def difference(wanted, got):
    if got is None:
        return "no output"
    if wanted == got:
        return "no difference"
    at = next((n for n, (a, b) in enumerate(zip(wanted, got)) if a != b), min(len(wanted), len(got)))
    return (
        f"{len(got)} bytes for {len(wanted)}, the first difference at {at}: "
        f"{got[at : at + 16].hex(' ')} for {wanted[at : at + 16].hex(' ')}"
    )
