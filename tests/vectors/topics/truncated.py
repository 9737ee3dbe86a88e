# SPDX-License-Identifier: BSD-2-Clause
"""Frames cut at every byte: of a SYN nothing is ever changed; of another packet the TCP flags are all that is needed."""

from packets import ACK, Ip4, Ip6, build, destination_options, fragment6, hop_by_hop, replace, routing
from topic import syn


def fill(topic):
    shapes = {
        "ipv4": (Ip4(), {}),
        "ipv4-options": (Ip4(options=b"\x01" * 8), {}),
        "ipv6": (Ip6(), {}),
        "ipv4-vlan-vlan-pppoe": (Ip4(), {"vlans": (0x88A8, 0x8100), "pppoe": True}),
        "ipv6-pppoe": (Ip6(), {"pppoe": True}),
    }
    for name, (ip, more) in shapes.items():
        packet = syn(ip, **more)
        for length in range(1, len(build(packet))):
            topic.same(f"{name}-at-{length:03}", replace(packet, cut=length), "truncated")
    chain = (hop_by_hop(), routing(0, 0, ["2001:db8::5"]), destination_options(bytes(14)), fragment6())
    packet = syn(Ip6(chain=chain))
    for length in range(54, len(build(packet)), 3):
        topic.same(f"ipv6-chain-at-{length:03}", replace(packet, cut=length), "truncated")
    topic.same("empty", b"", "truncated")
    for link, size in (("raw", 60), ("null", 64), ("loop", 64), ("sll", 76), ("sll2", 80), ("ppp", 62), ("pppoe", 68)):
        packet = syn(link=link)
        assert len(build(packet)) == size
        for length in range(1, size - 59 + 20, 1 if size < 70 else 3):
            topic.same(f"{link}-at-{length:03}", replace(packet, cut=length), "truncated")
    not_syn(topic)
    no_length(topic)


def not_syn(topic):
    for name, ip, flags in (("ipv4", Ip4(), 14 + 20 + 13), ("ipv6", Ip6(), 14 + 40 + 13)):
        packet = syn(ip, flags=ACK)
        for length in flags - 1, flags, flags + 1, flags + 2, flags + 20:
            reason = "not-syn" if length > flags else "truncated"
            topic.same(f"not-syn-{name}-at-{length:03}", replace(packet, cut=length), reason)


def no_length(topic):
    """Length fields of 0: the segment goes to the end of the frame, wherever that is."""
    for name, ip, tcp in (("ipv4", Ip4(total_length=0), 34), ("ipv6", Ip6(payload_length=0), 54)):
        packet = syn(ip)
        for length in range(tcp + 12, tcp + 40):
            reason = "bad-tcp-header" if length > tcp + 13 else "truncated"
            topic.same(f"no-length-{name}-at-{length:03}", replace(packet, cut=length), reason)
