# SPDX-License-Identifier: BSD-2-Clause
"""Random packets of the interesting kind: mostly sound structures with damage in one place or two.

Templates are built from descriptions and kept for a while; each frame is a template, or a damaged copy of one.
"""

import random

import packets
from packets import Ip4, Ip6, Packet, Tcp, build, replace

REUSE = 8  # frames made of one template, about
# Addresses that share prefixes of many lengths, also with the prefixes of option sets in differential.py.
SOURCES4 = ["192.0.2.1", "192.0.2.2", "192.0.3.1", "192.128.0.1", "10.0.0.1", "10.1.2.3", "203.0.113.7", "0.0.0.1"]
SOURCES6 = ["2001:db8:1::1", "2001:db8:1::2", "2001:db8:2::1", "2001:dead::1", "fd00::1", "fe80::1", "::1", "ff02::1"]
MSS_VALUES = [0, 1, 31, 32, 255, 256, 499, 500, 501, 535, 536, 1219, 1220, 1240, 1399, 1400, 1401, 1460, 8960, 65495, 65535]
FLAGS = [2] * 12 + [0x12] * 6 + [0xC2, 0x0A, 3, 6, 0x10, 0x18, 0xFF]  # SYNs, a few others
SMALL_CHOICES = bytes([0, 1, 2, 4, 5, 6, 8, 0x11, 0x20, 0x21, 0x40, 0x7F, 0x80, 0xFE, 0xFF])


def frames(seed, count, family, link="ethernet"):
    """An endless supply would do as well: the same seed gives the same frames."""
    rng = random.Random(f"{seed} {family} {link}")
    while count > 0:
        template = build(packet(rng, family, link))
        for number in range(min(count, REUSE)):
            yield template if number == 0 else damaged(rng, template)
        count -= REUSE


def chance(rng, percent):
    return rng.random() * 100 < percent


def packet(rng, family, link):
    ip, room = (ipv4 if family == "ipv4" else ipv6)(rng)
    segment = tcp(rng)
    if chance(rng, 4):
        segment = tuned(rng, segment, ip)
    more = {}
    if link in ("ethernet", "sll", "sll2"):
        if chance(rng, 25):
            more["vlans"] = tuple(rng.choice((0x8100, 0x88A8, 0x9100)) for _ in range(rng.choice((1, 1, 2, 2, 3, 8, 9))))
        more["pppoe"] = chance(rng, 12)
        if chance(rng, 2):
            more["ethertype"] = rng.choice((0x0800, 0x86DD, 0x8864, 0x0806, 0x8847, 0x0100))
    if link == "ppp":
        more["hdlc"] = chance(rng, 50)
    if chance(rng, 3):
        more["ppp_protocol"] = rng.choice((0x0021, 0x0057, 0x8021, 0xC021, b"\x21", b"\x57"))
    if chance(rng, 3):
        more["pppoe_start"] = bytes([rng.choice((0x11, 0x12, 0x01)), rng.choice((0, 0, 1, 9))])
    if chance(rng, 20):
        more["trailer"] = rng.randbytes(rng.choice((1, 2, 6, 46, 63, 64, 65, 100)))
    if room:
        more["keep"] = rng.choice((None, 64, 60, 60, 40, 24, 20, 19, 16, 8))
    return Packet(ip=ip, tcp=segment, link=link, **more)


def ipv4(rng):
    """(IP layer, whether it is a first fragment)"""
    more = chance(rng, 6)
    ip = {
        "source": rng.choice(SOURCES4),
        "destination": rng.choice(SOURCES4),
        "more": more,
        "dont_fragment": chance(rng, 70),
        "offset": rng.choice((8, 16, 1480, 65528)) if chance(rng, 4) else 0,
        "checksum": rng.choice(("full", "full", "bad", 0, 0xFFFF)),
    }
    if chance(rng, 15):
        ip["options"] = rng.randbytes(4 * rng.randrange(1, 11))
    if chance(rng, 5):
        ip["protocol"] = rng.choice((1, 4, 17, 41, 50, 51, 58, 0, 255))
    if chance(rng, 6):
        ip["total_length"] = rng.choice((0, 0, 0, 19, 20, 39, 40, 44, 60, 61, 100, 65535))
    return Ip4(**ip), more


def ipv6(rng):
    more = chance(rng, 6)
    ip = {"source": rng.choice(SOURCES6), "destination": rng.choice(SOURCES6)}
    chain = []
    if chance(rng, 40):
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4, 8, 15, 16, 17))):
            chain.append(extension_header(rng, ip))
    if more:
        chain.append(packets.fragment6(more=True))
    ip["chain"] = tuple(chain)
    if chance(rng, 5):
        ip["next_header"] = rng.choice((0, 1, 17, 43, 44, 50, 51, 58, 59, 60, 89, 115, 132, 135, 140, 253, 255))
    if chance(rng, 6):
        ip["payload_length"] = rng.choice((0, 0, 0, 7, 8, 19, 20, 24, 40, 41, 100, 65535))
    return Ip6(**ip), more


def extension_header(rng, ip):
    kind = rng.choice((0, 60, 60, 43, 43, 44, 44, 51))
    if kind in (0, 60):
        return packets.hop_by_hop(rng.randbytes(rng.choice((6, 6, 6, 14, 22, 62))), kind)
    if kind == 44:
        return packets.fragment6(rng.choice((0, 0, 0, 0, 0, 8, 65528)), chance(rng, 20))
    if kind == 51 and chance(rng, 20):
        return packets.authentication()
    addresses = rng.sample(SOURCES6, rng.choice((0, 1, 1, 2, 3)))
    kind, left = rng.choice((0, 2, 4, 4, 3, 253)), rng.choice((0, 0, 1, 1, 2, 9))
    if left and addresses and kind in (0, 2, 4):
        ip["towards"] = addresses[0 if kind == 4 else -1]
    return packets.routing(kind, left, addresses)


def tcp(rng):
    fields = {
        "options": options(rng),
        "flags": rng.choice(FLAGS),
        "reserved": rng.choice((0, 0, 0, 1, 15)),
        "checksum": rng.choice(("full", "full", "full", "partial", "partial", "bad", 0, 0xFFFF)),
        "ports": (rng.choice((516, 40000)), rng.randrange(65536)),
        "sequence": rng.getrandbits(32),
        "window": rng.choice((0, 1460, 0x0204, 65535)),
    }
    if chance(rng, 25):
        fields["payload"] = rng.randbytes(rng.choice((1, 2, 3, 20, 100, 255, 1200)))
    if chance(rng, 6):
        fields["doff"] = rng.randrange(16)
    return Tcp(**fields)


def tuned(rng, segment, ip):
    """The window makes the right checksum one of its corner values, or the sum of the pseudo-header."""
    ends = packets.address(ip.source), packets.address(ip.final())
    right = checksum_of(replace(segment, checksum="full"), ends)
    wanted = rng.choice((0x0000, 0xFFFF, 0x0001, checksum_of(replace(segment, checksum="partial"), ends)))
    window = (segment.window + (~wanted & 0xFFFF) - (~right & 0xFFFF)) % 65535
    return replace(segment, checksum=wanted, window=window)


def checksum_of(segment, ends):
    return int.from_bytes(segment.build(*ends)[16:18], "big")


def options(rng):
    """A list of at most 40 bytes."""
    if chance(rng, 8):
        return []
    found, room = [], 40
    for _ in range(rng.choice((1, 1, 2, 3, 4, 5, 6, 8, 12, 40))):
        one = option(rng)
        if len(one) > room:
            one = packets.NOP
        if room:
            found.append(one)
            room -= len(one)
    if chance(rng, 40):
        rng.shuffle(found)
    return found


def option(rng):
    which = rng.random()
    if which < 0.40:
        return packets.mss(rng.choice(MSS_VALUES) if chance(rng, 80) else rng.randrange(65536))
    if which < 0.60:
        return packets.NOP
    if which < 0.85:
        return rng.choice((packets.SACK_PERMITTED, packets.window_scale(), packets.timestamps(), packets.fast_open()))
    if which < 0.88:
        return packets.EOL
    if which < 0.91:
        return packets.md5()
    if which < 0.93:
        return packets.ao(rng.randbytes(rng.choice((0, 2, 14))))
    if which < 0.97:
        return packets.option(rng.choice((2, 5, 19, 29, 30, 253, 254)), rng.randbytes(rng.randrange(6)))
    return packets.option(rng.choice((0, 1, 2, 2, 8, 19, 29, 254)), rng.randbytes(2), rng.choice((0, 1, 2, 3, 5, 6, 40, 255)))


def damaged(rng, template):
    """A copy with one thing wrong, or two."""
    frame = bytearray(template)
    while frame:
        kind = rng.random()
        if kind < 0.25:
            frame[at_header(rng, frame)] ^= 1 << rng.randrange(8)
        elif kind < 0.55:
            frame[at_header(rng, frame)] = rng.choice(SMALL_CHOICES)
        elif kind < 0.70:
            del frame[rng.randrange(len(frame) + 1) :]
        elif kind < 0.80:
            at = at_header(rng, frame)
            frame[at : at + 4] = packets.mss(rng.choice(MSS_VALUES))[: len(frame) - at]
        elif kind < 0.85:
            frame += rng.randbytes(rng.randrange(1, 80))
        elif kind < 0.90:
            at = at_header(rng, frame)
            del frame[at : at + rng.choice((1, 2, 4, 8))]
        else:
            frame[-rng.randrange(1, min(60, len(frame)) + 1)] = rng.randrange(256)
        if rng.random() < 0.7:
            break
    return bytes(frame)


def at_header(rng, frame):
    """An offset, rarely one in a long payload."""
    return rng.randrange(len(frame) if rng.random() < 0.1 else min(len(frame), 140))
