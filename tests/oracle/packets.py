# SPDX-License-Identifier: BSD-2-Clause
"""Readable packet builders. A packet is described by values and built from scratch each time, all lengths and
checksums computed, so the expected output of a clamp is the description with another option list.

    build(Packet(ip=Ip4(), tcp=Tcp(options=[mss(1460)])))
"""

import ipaddress
from dataclasses import dataclass, field, replace  # noqa: F401  (replace is for the users of this module)

import checksum

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128
NOP, EOL = b"\x01", b"\x00"
WRONG_BY = 0x1D0F  # how far off a "bad" checksum is


# TCP options


def option(kind, body=b"", length=None):
    return bytes([kind, len(body) + 2 if length is None else length]) + body


def mss(value):
    return option(2, value.to_bytes(2, "big"))


def window_scale(shift=7):
    return option(3, bytes([shift]))


def timestamps(value=0x1020304, echo=0):
    return option(8, value.to_bytes(4, "big") + echo.to_bytes(4, "big"))


def md5():
    return option(19, bytes(range(16)))


def ao(body=b"\x01\x02" + bytes(range(12))):
    return option(29, body)


def fast_open(cookie=bytes(range(8))):
    return option(34, cookie)


SACK_PERMITTED = option(4)
USUAL = [mss(1460), SACK_PERMITTED, timestamps(), NOP, window_scale()]  # as Linux sends them


# IPv6 extension headers: (kind, bytes without the leading next-header byte)


def hop_by_hop(body=b"\x01\x04\0\0\0\0", kind=0):
    assert len(body) % 8 == 6
    return kind, bytes([len(body) // 8]) + body


def destination_options(body=b"\x01\x04\0\0\0\0"):
    return hop_by_hop(body, 60)


def routing(kind, segments_left, addresses=(), reserved=bytes(4)):
    body = b"".join(address(a) for a in addresses)
    return 43, bytes([len(body) // 8, kind, segments_left]) + reserved + body


def fragment6(offset=0, more=False, ident=0x12345678):
    assert offset % 8 == 0
    return 44, b"\0" + (offset | more).to_bytes(2, "big") + ident.to_bytes(4, "big")


def authentication(icv=bytes(12)):
    return 51, bytes([(len(icv) + 12) // 4 - 2, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0]) + icv


def address(text):
    return ipaddress.ip_address(text).packed


# Layers


@dataclass(frozen=True)
class Tcp:
    options: list = field(default_factory=lambda: USUAL)  # padded with End-of-Options
    flags: int = SYN
    payload: bytes = b""
    doff: int | None = None  # words; None: right
    reserved: int = 0  # the four bits beside the data offset
    checksum: object = "full"  # or partial, bad, a number, ("off", by so much)
    ports: tuple = (40000, 80)
    sequence: int = 0x01020304
    acknowledgement: int = 0
    window: int = 64240

    def build(self, source, final):
        options = b"".join(self.options)
        options += bytes(-len(options) % 4)
        doff = 5 + len(options) // 4 if self.doff is None else self.doff
        head = b"".join(port.to_bytes(2, "big") for port in self.ports)
        head += self.sequence.to_bytes(4, "big") + self.acknowledgement.to_bytes(4, "big")
        head += bytes([(doff & 15) << 4 | self.reserved, self.flags]) + self.window.to_bytes(2, "big")
        tail = b"\0\0" + options + self.payload  # behind the urgent pointer
        pseudo = checksum.pseudo_header(source, final, len(head) + 2 + len(tail))
        right = checksum.complement(pseudo + checksum.total(head + b"\0\0" + tail))
        return head + state_of(self.checksum, right, pseudo).to_bytes(2, "big") + tail


@dataclass(frozen=True)
class Ip4:
    source: str = "192.0.2.1"
    destination: str = "198.51.100.2"
    options: bytes = b""
    dont_fragment: bool = True
    more: bool = False
    reserved: bool = False
    offset: int = 0  # bytes
    protocol: int = 6
    total_length: int | None = None
    checksum: object = "full"
    version: int = 4
    ihl: int | None = None

    def final(self):
        return self.destination

    def build(self, payload):
        ihl = 5 + len(self.options) // 4 if self.ihl is None else self.ihl
        length = 20 + len(self.options) + len(payload) if self.total_length is None else self.total_length
        flags = self.reserved << 15 | self.dont_fragment << 14 | self.more << 13 | self.offset // 8
        head = bytes([self.version << 4 | ihl, 0]) + (length & 0xFFFF).to_bytes(2, "big") + b"\x12\x34"
        head += flags.to_bytes(2, "big") + bytes([64, self.protocol])
        tail = address(self.source) + address(self.destination) + self.options
        right = checksum.complement(checksum.total(head) + checksum.total(tail))
        return head + state_of(self.checksum, right, 0).to_bytes(2, "big") + tail + payload


@dataclass(frozen=True)
class Ip6:
    source: str = "2001:db8:1::1"
    destination: str = "2001:db8:2::2"
    chain: tuple = ()
    next_header: int = 6  # of the last header of the chain
    payload_length: int | None = None
    version: int = 6
    towards: str | None = None  # destination of the pseudo-header, where a routing header leads elsewhere

    def final(self):
        return self.towards or self.destination

    def build(self, payload):
        kinds = [kind for kind, _ in self.chain] + [self.next_header]
        headers = b"".join(bytes([after]) + body for (_, body), after in zip(self.chain, kinds[1:]))
        length = len(headers) + len(payload) if self.payload_length is None else self.payload_length
        head = bytes([self.version << 4, 0, 0, 0]) + (length & 0xFFFF).to_bytes(2, "big") + bytes([kinds[0], 64])
        return head + address(self.source) + address(self.destination) + headers + payload


@dataclass(frozen=True)
class Packet:
    ip: object = field(default_factory=Ip4)
    tcp: object = field(default_factory=Tcp)  # or bytes, for what is not TCP
    link: str = "ethernet"
    vlans: tuple = ()  # tag protocol identifiers, outermost first
    ethertype: int | None = None
    pppoe: bool = False
    pppoe_start: bytes = b"\x11\x00"
    pppoe_length: int | None = None
    ppp_protocol: int | bytes | None = None
    hdlc: bool = False
    family: bytes | None = None  # of null and loop
    keep: int | None = None  # a first fragment has only so many bytes of the segment
    trailer: bytes = b""  # behind the IP packet: padding
    cut: int | None = None  # length the frame is cut to

    @property
    def is_ipv4(self):
        return isinstance(self.ip, Ip4)


def build(packet):
    segment = packet.tcp
    if isinstance(segment, Tcp):
        segment = segment.build(address(packet.ip.source), address(packet.ip.final()))
    payload = packet.ip.build(segment[: packet.keep])
    frame = LINKS[packet.link](packet, payload) + packet.trailer
    return frame[: packet.cut]


def state_of(wanted, right, pseudo):
    if wanted == "full":
        return right
    if wanted == "partial":
        return pseudo
    if wanted == "bad":
        wanted = "off", WRONG_BY
    if isinstance(wanted, tuple):
        return checksum.complement((~right & 0xFFFF) + wanted[1])
    return wanted


# Link layers


def ethertype_and_payload(packet, payload):
    """(first ethertype, everything behind it)"""
    ethertype = packet.ethertype or (0x0800 if packet.is_ipv4 else 0x86DD)
    if packet.pppoe:
        ethertype, payload = 0x8864, pppoe(packet, payload)
    for number, tag in reversed(list(enumerate(packet.vlans))):
        ethertype, payload = tag, (100 + number).to_bytes(2, "big") + ethertype.to_bytes(2, "big") + payload
    return ethertype, payload


def pppoe(packet, payload):
    payload = ppp(replace(packet, hdlc=False), payload)
    length = len(payload) if packet.pppoe_length is None else packet.pppoe_length
    return packet.pppoe_start + b"\x12\x34" + length.to_bytes(2, "big") + payload


def ppp(packet, payload):
    protocol = packet.ppp_protocol or (0x0021 if packet.is_ipv4 else 0x0057)
    if isinstance(protocol, int):
        protocol = protocol.to_bytes(2, "big")
    return (b"\xff\x03" if packet.hdlc else b"") + protocol + payload


def ethernet(packet, payload):
    ethertype, payload = ethertype_and_payload(packet, payload)
    return bytes.fromhex("020000000001 020000000002") + ethertype.to_bytes(2, "big") + payload


def sll(packet, payload):
    ethertype, payload = ethertype_and_payload(packet, payload)
    return bytes.fromhex("0000 0001 0006 0200000000020000") + ethertype.to_bytes(2, "big") + payload


def sll2(packet, payload):
    ethertype, payload = ethertype_and_payload(packet, payload)
    return ethertype.to_bytes(2, "big") + bytes.fromhex("0000 00000003 0001 00 06 0200000000020000") + payload


def null(packet, payload):
    return (packet.family or bytes([2 if packet.is_ipv4 else 30, 0, 0, 0])) + payload


def loop(packet, payload):
    return (packet.family or bytes([0, 0, 0, 2 if packet.is_ipv4 else 24])) + payload


def raw(packet, payload):
    return payload


LINKS = {
    "ethernet": ethernet,
    "raw": raw,
    "null": null,
    "loop": loop,
    "sll": sll,
    "sll2": sll2,
    "ppp": ppp,
    "pppoe": pppoe,
}
