#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""seeds.py NAME FOLDER: writes first inputs for the harness fuzz_NAME."""

import hashlib
import pathlib
import struct
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTS / "oracle"), str(TESTS / "capture"), str(TESTS / "pmtu")]

import ptbcaptures  # noqa: E402
import capturetest  # noqa: E402
import vectorfile  # noqa: E402

# As enum pk_link and the table of limits in fuzz_clamp.c have them.
LINKS = ("unknown", "ethernet", "raw", "null", "loop", "sll", "sll2", "ppp", "pppoe")
LIMITS = {"--mss 1400": 0, "--mss 32": 1, "--mss 255": 2, "--mss 536": 3, "--mss 65495": 4, "--mtu 72": 5, "--mtu 1492": 6}

CONFIGS = (
    b"hook wan {\n device = ppp0\n mode = tc # tc\n direction = both\n mtu = auto\n}\n",
    b"hook w { mode = wire in = eth0 out = eth1 mss = 1400 allow-increase = on } // wire\n",
    b"hook q { mode = nfqueue queue = 7 mtu = route add-missing = yes }\nhook x { mode = xdp device = 'a' }",
    b"prefix 203.0.113.0/24 { mtu = 1400 }\nprefix 2001:db8::/32 { mtu = 1280 }\nprefix 10.0.0.1 { mtu = 576 }",
    b"path-mtu-discovery { aging = 10 old-router = seed raise = plateau symmetric = false }",
    b"path-mtu-discovery { no-aging = true old-router = rfc1191 raise = jump }",
    b"path-mtu-discovery { entries = 5 state = none table = '68, 1500' } path 10.0.0.1 { mtu = 1400 device = a }",
    b"metrics { listen = 127.0.0.1:9469 }", b'metrics { listen = "unix:/run/\\"m" }', b"metrics { listen = [::1]:80 }", b"metrics { listen = 0.0.0.0:80 remote = yes }",
    b"protect w { servers = { 10.0.2.0/24, ::1 } ports = {80, 8000-8100} device = a mode = always high = 9 low = 1 mss = 1400 }",
    b"protect w { servers = ::/0 ports = all device = {a, 'b,'} server-device = c accelerator = none wscale = 7 }\nprotect v { servers = ::/0 ports = 1- device = w }",
    b'include("a")\nfoo { a = 1 b { } }\nbar x { }\nbaz = 3 /* c */', b"hook a { mtu = 1 foo = 2 b { } include('x') mtu = 3 }",
)
EVENTS = (
    b"198.51.100.7", b"2001:db8::/32", b"443", b"wan", b"clamped",
    b'{"verb":"watch","host":"10.0.0.0/8","port":80,"hook":"wan","reasons":["clamped","raised"]}', b'{"host":"::1","reasons":[]}',
)
REQUESTS = (
    b'{"verb":"hello"}', b'{"verb":"stats","hook":"wan","what":"getclear"}', b'{"verb":"explain","address":"2001:db8::1"}',
    b'{"verb":"pmtu-show","destination":"10.0.0.0/8","device":"a","states":["static"],"cursor":7}', b'{"verb":"pmtu-flush"}',
    b'{"verb":"protect-show"}', b'{"verb":"protect-add"}', b'{"verb":"protect-remove","name":"web"}', b'{"verb":"protect-remove","all":true}',
    b'{"verb":"pmtu-set","address":"::1","mtu":1400}', b'{"verb":"pmtu-delete","address":"10.0.0.1","device":"b"}',
    b'{"verb":"reload","confirm":86400}', b'{"verb":"watch","reasons":["clamped"]}', b'{"verb":"\\u0000","verb":1e9}', b"[[[[[[[[[",
)
MESSAGES = (
    b'config { inHook="wan" outHook="wan" maxMSS=1452 }', b'config{maxMSS=0x5ac inHook="\\x61" outHook="\\141\\n"}',
    b'getstats "wan"', b"clrstats wan", b'getclrstats "a"', b'config { inHook="a" maxMSS=02654 } x', b"config { maxMSS=-1 }",
)


def clamp():
    """Each vector of the corpus."""
    for number, vector in enumerate(vectors()):
        words = vector.options.split()
        limit = next((LIMITS[pair] for pair in map(" ".join, zip(words, words[1:])) if pair in LIMITS), number % 12)
        flags = ("--allow-increase" in words) | ("--add-missing" in words) << 1
        yield bytes((limit, flags, LINKS.index(vector.link), number % 3)) + vector.frame


def vectors():
    for path in sorted((TESTS / "vectors").glob("*.txt")):
        yield from vectorfile.read(path)


def capture():
    """A small capture of each format and byte order, as it is before and after it was rewritten."""
    for _name, before, after, _packets in capturetest.formats():
        yield before
        yield after


def config():
    """Each kind of block, right and wrong."""
    return CONFIGS


def event():
    """Words, requests, and an event of each kind."""
    for text in EVENTS:
        yield text
    for kind in (*range(6), 10):
        yield b"x\0" + struct.pack("<QB32s16s", 1795237921 * 10**9, kind, b"wan", b"ppp0") + b"\0" * 7 + bytes([1, 1, 1, 3]) + bytes(40)


def control():
    """Requests; then messages from the front and from the manager, in one piece and in several, the last of each wrong."""
    yield from REQUESTS
    ask = struct.pack("=4IQ16s32s", 3, 1, 60, 0, 2, b"", b"wan")
    yield b"\0" + b"".join(packet(1, n + 1, ask, len(ask)) for n in range(2)) + packet(2, 1, ask, len(ask))
    answers = [packet(2, 7, b"x" * 100, 250, at) for at in (0, 100)] + [packet(2, 7, b"x" * 50, 250, 200), packet(2, 8, b"", 0)]
    yield b"\1" + b"".join(answers) + packet(3, 0, b"e" * 128, 128) + packet(2, 7, b"x", 9 << 20)


def packet(kind, number, body, total, offset=0):
    """A struct channel_header, a piece of a body, and the length of both before them."""
    data = struct.pack("=3Ii2I", 0x746D6331, kind, number, 0, total, offset) + body
    return struct.pack("<H", len(data)) + data


def pmtu():
    """The scripts of tests/pmtu, a state file with two entries, and events."""
    for path in sorted((TESTS / "pmtu").glob("*.script")):
        yield b"\0" + path.read_bytes()
    entry = bytes((192, 0, 2, 1)) + bytes(12) + bytes((10, 0, 0, 1)) + bytes(12) + struct.pack("<IHHQIHBBQ", 1, 1400, 1500, 5000, 3, 1, 1, 0x45, 0)
    head = b"tcpmss-pmtu\0" + struct.pack("<IQ", 1, 1795237921000) + bytes(31) + b"H" + bytes(8)
    tail = struct.pack("<Q", 2) + bytes(47) + b"T" + bytes(8)
    yield b"\2" + head + entry + entry.replace(bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2)), 1) + tail
    yield b"\3" + bytes((0, 1, 5, 120, 5, 220, 5, 15, 2, 1, 0, 0, 2, 88, 0, 0, 0, 1, 0, 0, 5, 0, 5, 0, 8, 1, 0, 0, 0, 0, 0, 12, 9, 1, 0, 0, 0, 0, 1, 0))


def learn():
    """A PTB and the reaction to it, of each family, alone and among others."""
    for ipv6 in range(2):
        told = bytes((4, ipv6, 0, 9, 2, 0, 0, 0))
        window = bytes((4, ipv6, 0, 9, 2, 0, 8, 0x84))
        sent = bytes((1, ipv6, 0, 9, 0x22, 0x90, 2, 0))
        yield told + sent
        yield window + sent
        yield told * 8 + bytes((3, 40, 40, 0, 0, 0, 0, 0)) + told + sent * 3


def ptb():
    """PTBs of both families, with short quotes and long ones; the first byte makes their checksums right."""
    for a, b, r in (ptbcaptures.A, ptbcaptures.B, ptbcaptures.R), (ptbcaptures.A6, ptbcaptures.B6, ptbcaptures.R6):
        big = ptbcaptures.tcp(a, b, ptbcaptures.Q, 1500)
        for mtu in 0, 68, 1280, 1400:
            for quote in 28, 48, 200:
                yield b"\1" + ptbcaptures.ptb(r, a, mtu, big, quote)
                yield b"\0" + ptbcaptures.ptb(r, a, mtu, big, quote)


def cookie():
    """What clients send in tests/protect, with all that can be granted."""
    for text in (TESTS / "protect" / "cookie.txt").read_text().split("\n\n"):
        if text.startswith("vector"):
            frame = bytes.fromhex(text.split("\nin ")[1].split("\nreason")[0])
            yield bytes((5, 180, 7, 7, 1, 0, 0, 0)) + frame


def tproxy():
    """Rules, tables and a list; see fuzz_tproxy.c."""
    listed = (
        b"\t\ticmp type 3 icmp code 4 socket transparent 1 socket wildcard 0 counter packets 17 bytes 9 "
        b"meta mark set meta mark & 0xfffff0ff | 0x00000100\n\t\ticmpv6 type 2 counter packets 4 bytes 1 meta mark set 0x00000021\n"
    )
    for wish in (0, 1, 2, 3):
        for own in (0, 1):
            first = bytes((wish, 5, 101, 1, 0, 0, 0, 0))
            rule = bytes((6, own, 10, 1, 255, 0, 0, 0))
            table = bytes((16, own, 0, 0, 0, 0, 0, 0))
            yield first + rule + table + b"\0" + listed
            yield first + rule + bytes((7, own, 9, 1, 15, 5, 0, 0)) + table + bytes((8, own, 0, 0, 0, 2, 0, 0))


def ngctl():
    """Each message, right and wrong."""
    return MESSAGES


def nfqueue():
    """Some vectors as an NFQUEUE hands them over, one and several a datagram."""
    datagram = b""
    for number, vector in enumerate([v for v in vectors() if v.link in ("raw", "ethernet")][::40]):
        packet = vector.frame[14 if vector.link == "ethernet" else 0 :]
        attributes = ((1, struct.pack("!IHB", number, 0x0800, number % 5)), (14, struct.pack("!I", number % 4)), (10, packet))
        message = struct.pack("!BBH", 2, 0, 9)
        for kind, data in attributes:
            message += struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)
        message = struct.pack("=IHHII", 16 + len(message), 0x300, 0, 0, 0) + message
        datagram = datagram * (number % 7 != 0) + message
        yield bytes((number % 2,)) + message
        yield bytes((number % 2,)) + datagram


def main():
    harness, folder = globals()[sys.argv[1]], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for data in harness():
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


if __name__ == "__main__":
    main()
