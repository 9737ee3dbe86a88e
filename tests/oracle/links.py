# SPDX-License-Identifier: BSD-2-Clause
"""Finds the IP packet in a frame of any link layer, as the clamp's specification has it."""

IPV4, IPV6, PPPOE_SESSION = 0x0800, 0x86DD, 0x8864
VLANS = (0x8100, 0x88A8, 0x9100)
MAX_VLANS = 8
PPP_PROTOCOLS = {0x0021: 4, 0x0057: 6}
# Address families of BSD loopback; IPv6 has another number on each system.
FAMILIES = {2: 4, 10: 6, 24: 6, 28: 6, 30: 6}


class Pass(Exception):
    """The frame is to be passed on unchanged."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def need(frame, end):
    if end > len(frame):
        raise Pass("truncated")


def u16(frame, at):
    return frame[at] << 8 | frame[at + 1]


def find_ip(frame, link):
    """(IP version, offset of the IP header, offset of the PPPoE header or None)"""
    return LINKS[link](frame)


def ethernet(frame):
    need(frame, 14)
    return by_ethertype(frame, u16(frame, 12), 14)


def by_ethertype(frame, ethertype, at):
    tags = 0
    while ethertype in VLANS and tags < MAX_VLANS:
        need(frame, at + 4)
        ethertype, at, tags = u16(frame, at + 2), at + 4, tags + 1
    if ethertype == IPV4:
        return 4, at, None
    if ethertype == IPV6:
        return 6, at, None
    if ethertype == PPPOE_SESSION:
        return pppoe(frame, at)
    raise Pass("not-ip")


def pppoe(frame, at=0):
    """RFC 2516: version and type 1, code 0, session, length; then PPP."""
    need(frame, at + 6)
    if frame[at] != 0x11 or frame[at + 1] != 0:
        raise Pass("not-ip")
    version, ip, _ = ppp_protocol(frame, at + 6)
    return version, ip, at


def ppp(frame):
    """With or without the address and control bytes of HDLC-like framing."""
    return ppp_protocol(frame, 2 if frame[:2] == b"\xff\x03" else 0)


def ppp_protocol(frame, at):
    """Two bytes, or one if that is odd (RFC 1661 sections 2 and 6.5)."""
    need(frame, at + 1)
    size = 1 if frame[at] & 1 else 2
    need(frame, at + size)
    version = PPP_PROTOCOLS.get(int.from_bytes(frame[at : at + size], "big"))
    if version is None:
        raise Pass("not-ip")
    return version, at + size, None


def raw(frame):
    need(frame, 1)
    version = frame[0] >> 4
    if version not in (4, 6):
        raise Pass("not-ip")
    return version, 0, None


def by_family(frame, orders):
    need(frame, 4)
    for order in orders:
        version = FAMILIES.get(int.from_bytes(frame[:4], order))
        if version:
            return version, 4, None
    raise Pass("not-ip")


def null(frame):
    """The family is in the byte order of the machine that captured."""
    return by_family(frame, ("little", "big"))


def loop(frame):
    return by_family(frame, ("big",))


def sll(frame):
    need(frame, 16)
    return by_ethertype(frame, u16(frame, 14), 16)


def sll2(frame):
    need(frame, 20)
    return by_ethertype(frame, u16(frame, 0), 20)


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
