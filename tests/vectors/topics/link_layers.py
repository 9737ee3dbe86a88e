# SPDX-License-Identifier: BSD-2-Clause
"""What the IP packet is found behind: Ethernet with tags and PPPoE, and the link types of captures."""

from packets import NOP, Ip4, Ip6, Packet, build, fragment6, mss, replace
from topic import FAMILIES, syn, usual

LINKS = ("ethernet", "raw", "null", "loop", "sll", "sll2", "ppp", "pppoe")
TAGS = (0x8100, 0x88A8, 0x9100)


def fill(topic):
    for family, ip in FAMILIES:
        for link in LINKS:
            each_link(topic, link, family, ip)
        tags(topic, family, ip)
        pppoe(topic, family, ip)
        topic.changed(f"ppp-hdlc-{family}", syn(ip, link="ppp", hdlc=True), usual(1400))
        for link in "sll", "sll2":
            topic.changed(f"{link}-vlan-{family}", syn(ip, link=link, vlans=(0x8100,)), usual(1400))
            topic.changed(f"{link}-pppoe-{family}", syn(ip, link=link, pppoe=True), usual(1400))
    for link in "ppp", "raw":
        topic.same(f"{link}-one-byte-00", b"\x00", "truncated" if link == "ppp" else "not-ip", link=link)
        topic.same(f"{link}-one-byte-45", b"\x45", "not-ip" if link == "ppp" else "truncated", link=link)
    topic.same("ppp-one-byte-ff", b"\xff", "not-ip", link="ppp", comment="Odd: a protocol of one byte.")
    ethertypes(topic)
    families(topic)
    tunnels(topic)
    for version in 0, 5, 7, 15:
        topic.same(f"raw-version-{version}", syn(Ip4(version=version), link="raw"), "not-ip")


def each_link(topic, link, family, ip):
    topic.changed(f"{link}-{family}", syn(ip, link=link), usual(1400))
    odd = [NOP, mss(1460), NOP, NOP, NOP]
    topic.changed(f"{link}-odd-{family}", syn(ip, odd, link=link), [NOP, mss(1400), NOP, NOP, NOP])
    topic.same(f"{link}-within-limit-{family}", syn(ip, usual(1400), link=link), "within-limit")
    topic.same(f"{link}-not-syn-{family}", syn(ip, link=link, flags=0x10), "not-syn")
    topic.same(f"{link}-later-{family}", later(link, family), "fragment")
    partial = syn(ip, link=link, checksum="partial")
    topic.changed(f"{link}-partial-{family}", partial, usual(1400), also={"checksum-partial"})
    missing, added = syn(ip, [NOP] * 4, link=link), [mss(500)] + [NOP] * 4
    topic.changed(f"{link}-add-missing-{family}", missing, added, "added", "--mss 500 --add-missing")


def later(link, family):
    ip = Ip4(offset=800, dont_fragment=False) if family == "ipv4" else Ip6(chain=(fragment6(800),))
    return syn(ip, link=link)


def tags(topic, family, ip):
    for depth in range(10):
        for tag in TAGS:
            packet = syn(ip, vlans=(tag,) * depth)
            name = f"{depth}-tags-{tag:04x}-{family}"
            if depth <= 8:
                topic.changed(name, packet, usual(1400))
            else:
                topic.same(name, packet, "not-ip")
    topic.changed(f"qinq-{family}", syn(ip, vlans=(0x88A8, 0x8100)), usual(1400))
    topic.changed(f"mixed-tags-{family}", syn(ip, vlans=TAGS), usual(1400))
    topic.changed(f"8-tags-pppoe-{family}", syn(ip, vlans=(0x8100,) * 8, pppoe=True), usual(1400))
    odd = [NOP, mss(1460), NOP, NOP, NOP]
    topic.changed(f"qinq-odd-{family}", syn(ip, odd, vlans=(0x88A8, 0x8100)), [NOP, mss(1400), NOP, NOP, NOP])


def pppoe(topic, family, ip):
    packet = syn(ip, pppoe=True)
    topic.changed(f"ethernet-pppoe-{family}", packet, usual(1400))
    topic.changed(f"vlan-pppoe-{family}", replace(packet, vlans=(0x8100,)), usual(1400))
    topic.changed(f"qinq-pppoe-{family}", replace(packet, vlans=(0x88A8, 0x8100)), usual(1400))
    protocol, other = (b"\x21", b"\x57") if family == "ipv4" else (b"\x57", b"\x21")
    for name, link in ("ppp", {"link": "ppp"}), ("ppp-hdlc", {"link": "ppp", "hdlc": True}), ("pppoe", {"pppoe": True}):
        name = f"{name}-compressed-protocol"
        comment = "A compressed protocol field (RFC 1661 section 6.5) puts the IP packet at an odd offset."
        short = syn(ip, ppp_protocol=protocol, **link)
        topic.changed(f"{name}-{family}", short, usual(1400), comment=comment)
        partial = replace(short, tcp=replace(short.tcp, checksum="partial"))
        topic.changed(f"{name}-partial-{family}", partial, usual(1400), also={"checksum-partial"})
        odd = replace(short, tcp=replace(short.tcp, options=[NOP, mss(1460), NOP, NOP, NOP], payload=b"odd"))
        topic.changed(f"{name}-odd-{family}", odd, [NOP, mss(1400), NOP, NOP, NOP])
        missing = replace(short, tcp=replace(short.tcp, options=[NOP] * 4))
        new = [mss(500)] + [NOP] * 4
        topic.changed(f"{name}-add-missing-{family}", missing, new, "added", "--mss 500 --add-missing")
        topic.same(f"{name}-other-family-{family}", replace(short, ppp_protocol=other), "bad-ip-header")
        for wrong in 0x01, 0x03, 0x25, 0xFD:
            topic.same(f"{name}-{wrong:02x}-{family}", replace(short, ppp_protocol=bytes([wrong])), "not-ip")
    for length in 1, 5, 6, 7:
        reason = "truncated" if length < 6 else "not-ip"
        cut = replace(packet, pppoe_start=b"\x11\x09", cut=14 + length)
        comment = "What is not a session frame has no need of a PPP protocol."
        topic.same(f"pppoe-code-09-cut-at-{length}-{family}", cut, reason, comment=comment)
    topic.changed(f"pppoe-padding-{family}", replace(packet, trailer=bytes(7)), usual(1400))
    for length in 0, 1, 40, 1492, 65535:
        comment = "IP's own length rules, whatever PPPoE says."
        topic.changed(f"pppoe-length-{length}-{family}", replace(packet, pppoe_length=length), usual(1400), comment=comment)
    for start in b"\x10\x00", b"\x01\x00", b"\x12\x00", b"\x21\x00", b"\x11\x01", b"\x11\x09", b"\x11\xa7":
        name = f"pppoe-version-code-{start.hex()}-{family}"
        topic.same(name, replace(packet, pppoe_start=start), "not-ip")
    for protocol in 0x0001, 0x002D, 0x0281, 0x8021, 0x8057, 0xC021, 0xC223, 0xFF03, 0x0100:
        topic.same(f"pppoe-protocol-{protocol:04x}-{family}", replace(packet, ppp_protocol=protocol), "not-ip")
        inner = replace(packet, pppoe=False, link="ppp", ppp_protocol=protocol)
        if protocol != 0xFF03:
            topic.same(f"ppp-protocol-{protocol:04x}-{family}", inner, "not-ip")
    other = 0x0057 if family == "ipv4" else 0x0021
    topic.same(f"pppoe-other-family-{family}", replace(packet, ppp_protocol=other), "bad-ip-header")
    topic.same(f"pppoe-discovery-{family}", syn(ip, ethertype=0x8863), "not-ip")


def ethertypes(topic):
    names = {
        0x0806: "arp", 0x8035: "rarp", 0x8847: "mpls", 0x8848: "mpls-multicast", 0x88CC: "lldp", 0x8863: "pppoe-discovery",
        0x88E5: "macsec", 0x9200: "tag-9200", 0x002E: "length-46", 0x0608: "swapped-arp", 0x0008: "swapped-ipv4",
        0x0081: "swapped-vlan",
    }  # fmt: skip
    for number, name in names.items():
        for depth in 0, 1, 2:
            packet = syn(ethertype=number, vlans=(0x8100,) * depth)
            topic.same(f"ethertype-{name}-{depth}-tags", packet, "not-ip")
        for link in "sll", "sll2":
            topic.same(f"ethertype-{name}-{link}", syn(ethertype=number, link=link), "not-ip")
    topic.same("ethernet-header-only-arp", replace(syn(ethertype=0x0806), cut=14), "not-ip")
    topic.same("8-tags-header-only-9th", replace(syn(vlans=(0x8100,) * 9), cut=14 + 8 * 4), "not-ip")


def families(topic):
    """Address families of BSD loopback: the capturing machine's byte order (null), or network order (loop)."""
    for number in 2, 10, 24, 28, 30:
        ip = Ip4() if number == 2 else Ip6()
        for order in "little", "big":
            packet = syn(ip, link="null", family=number.to_bytes(4, order))
            topic.changed(f"null-family-{number}-{order}", packet, usual(1400))
    topic.changed("loop-family-2", syn(link="loop", family=b"\0\0\0\x02"), usual(1400))
    topic.changed("loop-family-24", syn(Ip6(), link="loop", family=b"\0\0\0\x18"), usual(1400))
    for link in "null", "loop":
        for number in 0, 1, 7, 23, 2 << 8, 2 << 16, 0xFFFFFFFF:
            packet = syn(link=link, family=number.to_bytes(4, "big"))
            topic.same(f"{link}-family-{number:08x}", packet, "not-ip")
        wrong = syn(Ip6(), link=link, family=b"\0\0\0\x02")
        topic.same(f"{link}-other-family", wrong, "bad-ip-header")


def tunnels(topic):
    """Packets inside other packets are not looked at."""
    for family, ip in FAMILIES:
        inner = build(syn(ip, link="raw"))
        frame = build(syn(ip))
        cases = {
            "ipip": (4 if family == "ipv4" else 41, inner),
            "gre": (47, b"\0\0\x08\0" + inner),
            "udp-vxlan": (17, b"\x12\x34\x12\xb5\0\0\0\0\x08\0\0\0\0\0\x2a\0" + frame),
            "esp": (50, b"\0\0\0\1\0\0\0\1" + inner),
        }
        for name, (protocol, payload) in cases.items():
            topic.same(f"{name}-{family}-in-ipv4", Packet(ip=Ip4(protocol=protocol), tcp=payload), "not-tcp")
            reason = "extension-header" if protocol == 50 else "not-tcp"
            topic.same(f"{name}-{family}-in-ipv6", Packet(ip=Ip6(next_header=protocol), tcp=payload), reason)
