# SPDX-License-Identifier: BSD-2-Clause
"""Fragments: a first one is clamped if the whole TCP header is in it, a later one never looked into."""

from packets import ACK, Ip4, Ip6, Packet, Tcp, address, authentication, destination_options, fragment6, hop_by_hop
from packets import mss
from topic import syn, usual, wrong_as

MORE4, MORE6 = Ip4(dont_fragment=False, more=True), Ip6(chain=(fragment6(more=True),))
LOOKS_LIKE_SYN = Tcp(flags=2).build(address("192.0.2.1"), address("198.51.100.2"))


def fill(topic):
    for family, ip in (("ipv4", MORE4), ("ipv6", MORE6)):
        first(topic, family, ip)
    later(topic)
    ipv6(topic)


def first(topic, family, ip):
    data = bytes(range(256)) * 5
    for kept in 40, 48, 1240:
        packet = syn(ip, payload=data, keep=kept)
        comment = "The checksum is of the whole segment, most of which is in other fragments."
        topic.changed(f"first-{kept}-bytes-{family}", packet, usual(1400), comment=comment)
    odd = ([b"\x01", mss(1460)], [b"\x01", mss(1400)])
    topic.changed(f"first-odd-offset-{family}", syn(ip, odd[0], payload=data, keep=48), odd[1])
    for kept in 16, 19, 20, 24, 39:
        topic.same(f"first-header-cut-at-{kept}-{family}", syn(ip, payload=data, keep=kept), "fragment")
    comment = "The rest of the header is in the frame, but behind the IP packet."
    packet = syn(ip, keep=24, trailer=bytes(30))
    topic.same(f"first-header-continues-in-padding-{family}", packet, "fragment", comment=comment)
    topic.same(f"first-doff-4-{family}", syn(ip, doff=4, payload=data, keep=64), "bad-tcp-header")
    topic.same(f"first-not-syn-{family}", syn(ip, flags=ACK, payload=data, keep=64), "not-syn")
    for state in "full", "partial":
        comment = "Of a first fragment no checksum is taken for complete or for unfinished: it is updated."
        topic.changed(f"first-{state}-checksum-{family}", updated(syn(ip, checksum=state)), usual(1400), comment=comment)
    packet = syn(ip, [], keep=20)
    topic.same(f"first-add-missing-{family}", packet, "no-mss-option", "--mss 500 --add-missing")
    packet = syn(ip, usual(1000), payload=data, keep=64)
    topic.changed(f"first-raised-{family}", packet, usual(1400), "raised", "--mss 1400 --allow-increase")


def updated(packet):
    """The packet's checksum as an error that an edit preserves."""
    segment = packet.tcp.build(address(packet.ip.source), address(packet.ip.final()))
    return wrong_as(packet, int.from_bytes(segment[16:18], "big"))


def later(topic):
    for offset in 8, 16, 24, 1480, 65528:
        for more in False, True:
            name = f"later-{offset}{'-more' if more else ''}"
            comment = "Payload that looks like a SYN."
            ip = Ip4(dont_fragment=False, more=more, offset=offset)
            topic.same(name + "-ipv4", Packet(ip=ip, tcp=LOOKS_LIKE_SYN), "fragment", comment=comment)
            ip = Ip6(chain=(fragment6(offset, more),))
            topic.same(name + "-ipv6", Packet(ip=ip, tcp=LOOKS_LIKE_SYN), "fragment", comment=comment)
    topic.same("later-short-ipv4", Packet(ip=Ip4(offset=8), tcp=b"\1"), "fragment")
    topic.same("later-short-ipv6", Packet(ip=Ip6(chain=(fragment6(8),)), tcp=b"\1"), "fragment")
    topic.changed("dont-fragment-and-more-ipv4", syn(Ip4(more=True), payload=bytes(64), keep=64), usual(1400))
    topic.changed("no-dont-fragment-ipv4", syn(Ip4(dont_fragment=False)), usual(1400))


def ipv6(topic):
    topic.changed("atomic-ipv6", syn(Ip6(chain=(fragment6(),))), usual(1400))
    partial = syn(Ip6(chain=(fragment6(),)), checksum="partial")
    topic.changed("atomic-partial-ipv6", partial, usual(1400), also={"checksum-partial"})
    chain = (hop_by_hop(), destination_options(), fragment6(more=True), destination_options())
    topic.changed("first-in-chain-ipv6", syn(Ip6(chain=chain), payload=bytes(64), keep=64), usual(1400))
    chain = (hop_by_hop(), fragment6(8), destination_options())
    topic.same("later-in-chain-ipv6", Packet(ip=Ip6(chain=chain), tcp=LOOKS_LIKE_SYN), "fragment")
    topic.changed("two-atomic-ipv6", syn(Ip6(chain=(fragment6(), fragment6()))), usual(1400))
    chain = (fragment6(more=True), fragment6())
    topic.changed("more-then-atomic-ipv6", syn(Ip6(chain=chain), payload=bytes(64), keep=64), usual(1400))
    topic.same("more-then-atomic-add-missing-ipv6", syn(Ip6(chain=chain), []), "no-mss-option", "--mss 500 --add-missing")
    packet = updated(syn(Ip6(chain=chain), checksum="partial"))
    topic.changed("more-then-atomic-partial-ipv6", packet, usual(1400))
    chain = (fragment6(), fragment6(1480))
    topic.same("atomic-then-later-ipv6", Packet(ip=Ip6(chain=chain), tcp=LOOKS_LIKE_SYN), "fragment")
    chain = (fragment6(), authentication())
    topic.same("atomic-then-ah-ipv6", syn(Ip6(chain=chain)), "extension-header")
    comment = "The reserved byte of a fragment header is not a length, the reserved bits are no offset."
    reserved = (44, b"\x07\x00\x06\x12\x34\x56\x78")
    topic.changed("reserved-fields-ipv6", syn(Ip6(chain=(reserved,))), usual(1400), comment=comment)
