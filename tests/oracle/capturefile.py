# SPDX-License-Identifier: BSD-2-Clause
"""Capture files as bytes: where the packets are, and what the file must be once they have changed.

pcap: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng.
"""

from dataclasses import dataclass

LINK_TYPES = {
    0: "null", 1: "ethernet", 9: "ppp", 12: "raw", 14: "raw", 50: "ppp", 51: "pppoe", 101: "raw", 108: "loop",
    113: "sll", 228: "raw", 229: "raw", 276: "sll2",
}  # fmt: skip
PCAP_MAGICS = (0xA1B2C3D4, 0xA1B23C4D)  # microseconds, nanoseconds
SECTION, INTERFACE, OLD_PACKET, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6


@dataclass
class Record:
    link: str | None  # None: a link type the clamp does not know
    at: int  # offset of the packet
    length: int
    lengths: list  # offsets of the 32-bit fields that grow with the packet
    order: str


def records(data):
    """All complete packets of a file."""
    for order in "little", "big":
        if int.from_bytes(data[:4], order) in PCAP_MAGICS:
            return pcap(data, order)
    if int.from_bytes(data[:4], "big") == SECTION:
        return pcapng(data)
    raise ValueError("no capture file")


def pcap(data, order):
    def u32(at):
        return int.from_bytes(data[at : at + 4], order)

    link, at = LINK_TYPES.get(u32(20) & 0xFFFF), 24
    while at + 16 <= len(data):
        length = u32(at + 8)
        if at + 16 + length > len(data):
            return
        yield Record(link, at + 16, length, [at + 8, at + 12], order)
        at += 16 + length


def pcapng(data):
    at, order, links = 0, None, []
    while at + 12 <= len(data):
        if int.from_bytes(data[at : at + 4], "big") == SECTION:
            order = "little" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else "big"
            links = []
        kind, size = (int.from_bytes(data[n : n + 4], order) for n in (at, at + 4))
        if size < 12 or at + size > len(data):
            return
        if kind == INTERFACE:
            number = int.from_bytes(data[at + 8 : at + 10], order)
            limit = int.from_bytes(data[at + 12 : at + 16], order)
            links.append((LINK_TYPES.get(number), limit or 1 << 32))
        found = packet_of_block(data, at, kind, order, links)
        if found:
            start, length, link, fields = found
            yield Record(link, start, length, [at + 4, at + size - 4] + fields, order)
        at += size


def packet_of_block(data, at, kind, order, links):
    """(offset, length, link, offsets of length fields beside those of the block) or None"""

    def number(offset, size=4):
        return int.from_bytes(data[at + offset : at + offset + size], order)

    if kind == ENHANCED:
        return at + 28, number(20), links[number(8)][0], [at + 20, at + 24]
    if kind == OLD_PACKET:
        return at + 28, number(20), links[number(8, 2)][0], [at + 20, at + 24]
    if kind == SIMPLE:
        return at + 12, min(number(8), links[0][1]), links[0][0], [at + 8]
    return None


def rewritten(data, clamp):
    """(the file with each packet as clamp(frame, link) returns it, how many packets, how many changed)"""
    head, changes, count = bytearray(data), [], 0
    for record in records(data):
        count += 1
        frame = data[record.at : record.at + record.length]
        new = clamp(frame, record.link) if record.link else frame
        if new == frame:
            continue
        changes.append((record.at, record.length, new))
        for at in record.lengths:
            value = int.from_bytes(data[at : at + 4], record.order) + len(new) - len(frame)
            head[at : at + 4] = value.to_bytes(4, record.order)
    out, done = [], 0
    for at, length, new in changes:
        out += [bytes(head[done:at]), new]
        done = at + length
    return b"".join(out + [bytes(head[done:])]), count, len(changes)
