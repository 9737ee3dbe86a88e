# SPDX-License-Identifier: BSD-2-Clause
"""What the modules of topics/ describe vectors with."""

import packets
from packets import Ip4, Ip6, Packet, Tcp, build, replace
from vectorfile import Vector

FAMILIES = (("ipv4", Ip4()), ("ipv6", Ip6()))


class Topic:
    """The vectors of one file. Packets are descriptions (packets.Packet) or bytes."""

    def __init__(self, name):
        self.name = name
        self.vectors = []

    def add(self, name, packet, reason, out, options="--mss 1400", also=(), comment="", link=None):
        link = link or getattr(packet, "link", "ethernet")
        frames = [p if isinstance(p, bytes) else build(p) for p in (packet, out)]
        self.vectors.append(
            Vector(f"{self.name}-{name}", frames[0], reason, frames[1], link, options, frozenset(also), comment)
        )

    def same(self, name, packet, reason, options="--mss 1400", comment="", link=None):
        """Passes unchanged."""
        self.add(name, packet, reason, packet, options, (), comment, link)

    def changed(self, name, packet, tcp_options, reason="clamped", options="--mss 1400", also=(), comment=""):
        """Comes out as the same packet built with other TCP options."""
        self.add(name, packet, reason, with_options(packet, tcp_options), options, also, comment)


def syn(ip=None, options=None, **more):
    """A SYN; what is not a field of the TCP header is one of the packet."""
    of_tcp = {key: more.pop(key) for key in list(more) if key in Tcp.__dataclass_fields__}
    if options is not None:
        of_tcp["options"] = options
    return Packet(ip=ip or Ip4(), tcp=Tcp(**of_tcp), **more)


def with_options(packet, options):
    return replace(packet, tcp=replace(packet.tcp, options=options))


def usual(value):
    """The options Linux sends, with this MSS."""
    return [packets.mss(value)] + packets.USUAL[1:]


def wrong_as(packet, field):
    """The packet with this number in its checksum field, described as an error that an edit must preserve."""
    tcp = replace(packet.tcp, checksum="full")
    segment = tcp.build(packets.address(packet.ip.source), packets.address(packet.ip.final()))
    right = int.from_bytes(segment[16:18], "big")
    return replace(packet, tcp=replace(packet.tcp, checksum=("off", (~field - ~right) % 65535)))
