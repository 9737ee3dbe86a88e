# SPDX-License-Identifier: BSD-2-Clause
"""IPv6 extension headers: followed up to sixteen, then the packet is passed on."""

from packets import ACK, Ip6, Packet, Tcp, authentication, destination_options, fragment6, hop_by_hop, mss, routing
from topic import syn, usual

TCP = Tcp().build(bytes(16), bytes(16))
UPPER = {
    "icmp": 1, "igmp": 2, "ipip": 4, "udp": 17, "dccp": 33, "ipv6": 41, "gre": 47, "icmpv6": 58, "no-next-header": 59,
    "ospf": 89, "pim": 103, "vrrp": 112, "l2tp": 115, "sctp": 132, "udp-lite": 136, "mpls": 137,
}  # fmt: skip
NOT_FOLLOWED = {"esp": 50, "ah": 51, "mobility": 135, "hip": 139, "shim6": 140, "experiment": 253, "reserved": 255}
KINDS = {
    "hop-by-hop": hop_by_hop(),
    "destination": destination_options(),
    "routing": routing(0, 0, ["2001:db8::7"]),
    "fragment": fragment6(),
}


def fill(topic):
    lengths(topic)
    for name, header in KINDS.items():
        topic.changed(f"one-{name}", syn(Ip6(chain=(header,))), usual(1400))
        topic.same(f"one-{name}-not-syn", syn(Ip6(chain=(header,)), flags=ACK), "not-syn")
        for other, second in KINDS.items():
            topic.changed(f"{name}-then-{other}", syn(Ip6(chain=(header, second))), usual(1400))
    long = destination_options(b"\x01\xfc" + mss(1460) * 63)
    topic.changed("long-destination-options", syn(Ip6(chain=(long,))), usual(1400))
    longest = destination_options(b"\x01\xfe" + bytes(2044))
    topic.changed("longest-destination-options", syn(Ip6(chain=(longest,))), usual(1400))
    upper(topic)
    lies(topic)
    for kind in 0, 2, 3, 4, 5, 253:
        header = routing(kind, 1, ["2001:db8::7"])
        towards = "2001:db8::7" if kind in (0, 2, 4) else None
        topic.changed(f"routing-type-{kind}", syn(Ip6(chain=(header,), towards=towards)), usual(1400))
        topic.changed(f"routing-type-{kind}-no-address", syn(Ip6(chain=(routing(kind, 1),))), usual(1400))
    topic.changed("no-payload-length", syn(Ip6(payload_length=0)), usual(1400))
    chain = (hop_by_hop(b"\xc2\x04\0\1\0\0"),)
    jumbo = syn(Ip6(payload_length=0, chain=chain), payload=bytes(1000))
    topic.changed("jumbo-payload-option", jumbo, usual(1400))
    for padding in 1, 6, 65:
        topic.changed(f"padding-{padding}", syn(Ip6(), trailer=bytes(padding)), usual(1400))


def lengths(topic):
    for count in range(18):
        for name in KINDS:
            ip = Ip6(chain=(KINDS[name],) * count)
            if count <= 16:
                topic.changed(f"{count:02}-{name}", syn(ip), usual(1400))
            else:
                topic.same(f"{count:02}-{name}", syn(ip), "extension-header")
    mixed = tuple(KINDS.values()) * 4
    topic.changed("16-mixed", syn(Ip6(chain=mixed)), usual(1400))
    topic.same("16-mixed-udp", Packet(ip=Ip6(chain=mixed, next_header=17), tcp=TCP), "not-tcp")
    topic.same("17-mixed", syn(Ip6(chain=mixed + (KINDS["routing"],))), "extension-header")
    topic.same("40-destination", syn(Ip6(chain=(KINDS["destination"],) * 40)), "extension-header")
    comment = "The seventeenth header has an offset that is not looked at any more."
    topic.same("17-later-fragment", syn(Ip6(chain=mixed + (fragment6(64),))), "extension-header", comment=comment)


def upper(topic):
    for name, number in UPPER.items():
        topic.same(f"{name}", Packet(ip=Ip6(next_header=number), tcp=TCP), "not-tcp")
        packet = Packet(ip=Ip6(chain=(hop_by_hop(),), next_header=number), tcp=TCP)
        topic.same(f"{name}-after-hop-by-hop", packet, "not-tcp")
    for name, number in NOT_FOLLOWED.items():
        packet = Packet(ip=Ip6(chain=(destination_options(),), next_header=number), tcp=TCP)
        topic.same(f"{name}-after-destination", packet, "extension-header")
    for name in "esp", "ah":
        topic.same(name, Packet(ip=Ip6(next_header=NOT_FOLLOWED[name]), tcp=TCP), "extension-header")
    topic.same("ah-before-tcp", syn(Ip6(chain=(authentication(),))), "extension-header")
    topic.same("udp-short", Packet(ip=Ip6(next_header=17), tcp=b""), "not-tcp")


def lies(topic):
    """Headers that claim to be longer than the frame."""
    for name, kind in ("hop-by-hop", 0), ("destination", 60), ("routing", 43):
        header = (kind, b"\xff" + bytes(6))
        topic.same(f"{name}-beyond-frame", syn(Ip6(chain=(header,))), "truncated")
        packet = Packet(ip=Ip6(chain=(header,), next_header=17), tcp=TCP)
        topic.same(f"{name}-beyond-frame-udp", packet, "truncated")
    header = (60, bytes([len(TCP) // 8]) + bytes(6))
    topic.same("destination-to-end-of-frame", Packet(ip=Ip6(chain=(header,)), tcp=TCP), "truncated")
    over = (60, bytes([1]) + bytes(6))
    comment = "The header swallows the first eight bytes of the segment; what follows has no SYN."
    topic.same("destination-over-segment", syn(Ip6(chain=(over,)), sequence=0), "not-syn", comment=comment)
