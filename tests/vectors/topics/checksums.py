# SPDX-License-Identifier: BSD-2-Clause
"""The TCP checksum: right stays right, unfinished stays unfinished, wrong stays exactly as wrong."""

from packets import NOP, Ip4, Ip6, address, build, mss, replace, routing
from topic import FAMILIES, syn, usual, with_options, wrong_as

PARTIAL = {"checksum-partial"}


def fill(topic):
    for family, ip in FAMILIES:
        states(topic, family, ip)
        corners(topic, family, ip)
    routing_headers(topic)
    ipv4_source_route = Ip4(options=b"\x83\x07\x04" + address("203.0.113.9") + b"\x00")
    topic.changed(
        "partial-ipv4-options", syn(ipv4_source_route, checksum="partial"), usual(1400), also=PARTIAL,
        comment="IPv4 options, a source route among them, are no part of the pseudo-header here.",
    )  # fmt: skip


def states(topic, family, ip):
    shapes = {
        "even": ([mss(1460), NOP, NOP, NOP, NOP], [mss(1400), NOP, NOP, NOP, NOP]),
        "odd": ([NOP, mss(1460), NOP, NOP, NOP], [NOP, mss(1400), NOP, NOP, NOP]),
        "two-parities": ([mss(1461), NOP, mss(9000), NOP, NOP, NOP], [mss(1400), NOP, mss(1400), NOP, NOP, NOP]),
    }
    for name, (before, after) in shapes.items():
        for payload in b"", b"odd", b"even":
            for state in "full", "partial", "bad":
                also = PARTIAL if state == "partial" else ()
                packet = syn(ip, before, checksum=state, payload=payload)
                topic.changed(f"{state}-{name}-payload-{len(payload)}-{family}", packet, after, also=also)
    for state in "full", "partial", "bad":
        also = PARTIAL if state == "partial" else ()
        packet = syn(ip, usual(1460), checksum=state, trailer=b"\xa5" * 5)
        comment = "Padding is not summed up."
        topic.changed(f"{state}-padding-{family}", packet, usual(1400), also=also, comment=comment)
        nothing = replace(ip, **{"total_length" if family == "ipv4" else "payload_length": 0})
        packet = syn(nothing, usual(1460), checksum=state, payload=b"x" * 301)
        topic.changed(f"{state}-no-ip-length-{family}", packet, usual(1400), also=also)
        packet = syn(ip, usual(1000), checksum=state)
        topic.same(f"{state}-within-limit-{family}", packet, "within-limit")
        broken = [b"\x05\x00", NOP, NOP]
        packet = syn(ip, [mss(1460), *broken], checksum=state)
        both = {"malformed-options"} | set(also)
        topic.changed(f"{state}-and-malformed-{family}", packet, [mss(1400), *broken], also=both)


def corners(topic, family, ip):
    for field in 0x0000, 0xFFFF, 0x0001, 0xFFFE:
        wrong(topic, f"wrong-{field:04x}-{family}", syn(ip, usual(1460)), field, usual(1400))
        odd = [NOP, mss(0xFFFF), NOP, NOP, NOP], [NOP, mss(1400), NOP, NOP, NOP]
        wrong(topic, f"wrong-{field:04x}-odd-{family}", syn(ip, odd[0]), field, odd[1])
    before, after = usual(1460), usual(1400)
    zero = tuned(syn(ip, before), lambda right, pseudo: right == 0)
    topic.changed(f"right-0000-{family}", zero, after)
    comment = "0xffff is as right as 0x0000: both are zero in one's complement; what comes out is the usual form."
    other = replace(zero, tcp=replace(zero.tcp, checksum=0xFFFF))
    topic.add(f"right-ffff-{family}", other, "clamped", with_options(zero, after), comment=comment)
    zero = tuned(syn(ip, after), lambda right, pseudo: right == 0)
    topic.changed(f"right-becomes-0000-{family}", with_options(zero, before), after)
    equal = tuned(syn(ip, before), lambda right, pseudo: right == pseudo)
    comment = "The right checksum happens to be the sum of the pseudo-header: right wins over unfinished."
    topic.changed(f"right-equals-pseudo-header-{family}", equal, after, comment=comment)
    equal = tuned(syn(ip, after), lambda right, pseudo: right == pseudo)
    comment = "As above, but only once it is clamped: it must be updated all the same."
    topic.changed(f"right-becomes-pseudo-header-{family}", with_options(equal, before), after, comment=comment)
    for wanted in 0xFFFF, 0x0001:
        packet = pseudo_of(ip, wanted, before)
        topic.changed(f"partial-{wanted:04x}-{family}", packet, after, also=PARTIAL)
    packet = pseudo_of(ip, 0xFFFF, before)
    comment = "The sum of the pseudo-header is 0xffff; 0x0000 is the same number but not the same bytes: wrong."
    wrong(topic, f"partial-0000-for-ffff-{family}", packet, 0x0000, after, comment)
    packet = syn(ip, before)
    pseudo = sums(replace(packet, tcp=replace(packet.tcp, checksum="partial")))
    comment = "The complement of the pseudo-header's sum is not what an unfinished checksum looks like."
    wrong(topic, f"complemented-pseudo-header-{family}", packet, ~pseudo & 0xFFFF, after, comment)


def wrong(topic, name, packet, field, after, comment=""):
    """The field goes in as it is; what comes out is off by as much."""
    before = replace(packet, tcp=replace(packet.tcp, checksum=field))
    topic.add(name, before, "clamped", with_options(wrong_as(packet, field), after), comment=comment)


def sums(packet):
    """The checksum field as built."""
    at = 36 if packet.is_ipv4 else 56
    return int.from_bytes(build(replace(packet, link="raw"))[at : at + 2], "big")


def tuned(packet, good):
    """The packet with the window for which the right checksum and the sum of the pseudo-header are as wanted."""
    pseudo = sums(replace(packet, tcp=replace(packet.tcp, checksum="partial")))
    for window in range(65536):
        candidate = replace(packet, tcp=replace(packet.tcp, window=window))
        if good(sums(candidate), pseudo):
            return candidate
    raise AssertionError("no window does it")


def pseudo_of(ip, wanted, options):
    """A packet with an unfinished checksum of this value, by choice of the source address."""
    for number in range(65536):
        source = f"10.0.{number >> 8}.{number & 255}" if isinstance(ip, Ip4) else f"2001:db8::{number:x}"
        packet = syn(replace(ip, source=source), options, checksum="partial")
        if sums(packet) == wanted:
            return packet
    raise AssertionError("no address does it")


def routing_headers(topic):
    """The pseudo-header has the final destination, which an unreached routing header holds."""
    one, two, three = "2001:db8:f::1", "2001:db8:f::2", "2001:db8:f::3"
    cases = {
        "type-0-left-1": (routing(0, 1, [one, two]), two),
        "type-0-left-2": (routing(0, 2, [one, two, three]), three),
        "type-2-left-1": (routing(2, 1, [one]), one),
        "type-4-left-1": (routing(4, 1, [one, two]), one),
        "type-4-left-2": (routing(4, 2, [one, two, three]), one),
        "type-0-reached": (routing(0, 0, [one, two]), None),
        "type-4-reached": (routing(4, 0, [one, two]), None),
    }
    for name, (header, towards) in cases.items():
        ip = Ip6(chain=(header,), towards=towards)
        for state in "full", "partial", "bad":
            also = PARTIAL if state == "partial" else ()
            topic.changed(f"{state}-routing-{name}", syn(ip, checksum=state), usual(1400), also=also)
    # A sum over the address in the IPv6 header, while the segments are left, is just a wrong checksum.
    field = sums(syn(Ip6(), checksum="partial"))
    packet = syn(Ip6(chain=(routing(0, 1, [one]),), towards=one))
    wrong(topic, "partial-over-first-hop", packet, field, usual(1400))
