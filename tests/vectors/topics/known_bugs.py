# SPDX-License-Identifier: BSD-2-Clause
"""What other clamps were or are broken by, one vector or more for each; most have more cases in the other files."""

from packets import ACK, EOL, NOP, SACK_PERMITTED, SYN, USUAL, Ip4, Ip6, Packet, Tcp, address, fast_open, fragment6, mss
from topic import FAMILIES, syn, usual, wrong_as


def fill(topic):
    for family, ip in FAMILIES:
        data_offset(topic, family, ip)
        options(topic, family, ip)
        selection(topic, family, ip)
    fragments(topic)
    floors(topic)
    topic.same("ng-tcpmss-drops-ipv6", syn(Ip6(), usual(1000)), "within-limit", comment="Passed on, not dropped.")
    comment = "A clamp outside IP's own options: they shift the TCP header."
    topic.changed("ip-options-skipped", syn(Ip4(options=b"\x94\x04\0\0")), usual(1400), comment=comment)


def data_offset(topic, family, ip):
    comment = "CVE-2017-18017: a data offset below 5 made a length negative."
    for doff in range(5):
        for data in b"", bytes(64):
            name = f"cve-2017-18017-doff-{doff}-data-{len(data)}-{family}"
            topic.same(name, syn(ip, doff=doff, payload=data), "bad-tcp-header", comment=comment)
    comment = "VPP mss_clamp: a data offset below 5 wrapped the length of the options to almost 256."
    wide = [NOP] * 36 + [mss(1460)]
    topic.same(f"vpp-underflow-{family}", syn(ip, wide, doff=4, payload=mss(1460) * 60), "bad-tcp-header", comment=comment)
    comment = "Passed on where xt_TCPMSS drops."
    topic.same(f"xt-drops-short-header-{family}", syn(ip, [], doff=15), "bad-tcp-header", comment=comment)


def options(topic, family, ip):
    comment = "Linux 735ee858: the length was read behind a last option byte that is a kind."
    topic.same(f"xt-match-last-byte-{family}", syn(ip, [NOP, NOP, NOP, b"\x02"]), "malformed-options", comment=comment)
    for length in range(4):
        comment = "CVE-2026-23397: an MSS option shorter than 4."
        broken = [bytes([2, length, 5, 0xB4])]
        topic.same(f"cve-2026-23397-length-{length}-{family}", syn(ip, broken), "malformed-options", comment=comment)
    comment = "lightway: the value was read of an MSS option without one."
    topic.same(f"mss-option-of-two-bytes-{family}", syn(ip, [NOP, NOP, b"\x02\x02"]), "malformed-options", comment=comment)
    comment = "xt_TCPMSS and nft corrupt the checksum at an odd offset."
    odd = [NOP, mss(1460), NOP, NOP, NOP], [NOP, mss(1300), NOP, NOP, NOP]
    topic.changed(f"xt-nft-odd-offset-{family}", syn(ip, odd[0]), odd[1], "clamped", "--mss 1300", comment=comment)
    comment = "NetBSD missed an MSS option that ends with the header."
    topic.changed(f"netbsd-ends-with-header-{family}", syn(ip, [mss(1460)]), [mss(1400)], comment=comment)
    comment = "pf: a short option let a write go past the header."
    behind = syn(ip, [NOP, NOP, NOP, NOP, NOP, NOP, b"\x02\x03"], payload=b"\x05\xb4\x05\xb4")
    topic.same(f"pf-short-option-at-end-{family}", behind, "malformed-options", comment=comment)
    comment = "rp-pppoe writes behind the header when the MSS option is cut by its end."
    cut = syn(ip, [NOP, NOP, NOP, NOP, NOP, NOP, b"\x02\x04"], payload=b"\xff\xff\xff\xff")
    topic.same(f"rp-pppoe-cut-option-{family}", cut, "malformed-options", comment=comment)
    comment = "tcpmss-uspace: an option length of 0 wrapped to 254."
    topic.same(f"length-0-wraps-{family}", syn(ip, [b"\x08\x00", mss(1460)]), "malformed-options", comment=comment)
    comment = "tinc finds the MSS option only where it is the first."
    second = [NOP, NOP, mss(1460)], [NOP, NOP, mss(1400)]
    topic.changed(f"tinc-nops-first-{family}", syn(ip, second[0]), second[1], comment=comment)
    comment = "A fixed layout misses an option behind something unusual."
    rare = [SACK_PERMITTED, fast_open(), NOP, NOP]
    topic.changed(f"fixed-layout-{family}", syn(ip, [*rare, mss(1460)]), [*rare, mss(1400)], comment=comment)
    comment = "xt_TCPMSS and nft go on behind End-of-Options."
    topic.same(f"xt-nft-ignore-end-{family}", syn(ip, [EOL, EOL, EOL, EOL, mss(1460)]), "no-mss-option", comment=comment)
    comment = "nft rewrites an MSS option of length 6."
    six = [b"\x02\x06\x05\xb4\x00\x00", NOP, NOP]
    topic.same(f"nft-length-6-{family}", syn(ip, six), "malformed-options", comment=comment)
    comment = "xt_TCPMSS inserts a second MSS option when it cannot read the first."
    for name, broken in ("length-2", b"\x02\x02\x01\x01"), ("overrun", b"\x05\x20\x01\x01"):
        packet = syn(ip, [broken, mss(1460)])
        topic.same(f"xt-second-mss-{name}-{family}", packet, "malformed-options", "--mss 500 --add-missing", comment)


def selection(topic, family, ip):
    comment = "tinc clamps segments that are no SYN."
    topic.same(f"tinc-not-syn-{family}", syn(ip, flags=ACK), "not-syn", comment=comment)
    comment = "xdp-etherip took source port 516 (0x0204) of a segment that is no SYN for an MSS option."
    topic.same(f"xdp-etherip-port-516-{family}", syn(ip, [], flags=ACK, ports=(516, 1460)), "not-syn", comment=comment)
    comment = "A SYN mask that misses the SYN-ACK."
    topic.changed(f"syn-ack-missed-{family}", syn(ip, flags=SYN | ACK), usual(1400), comment=comment)
    comment = "Golden bytes for machines of either byte order."
    topic.changed(f"byte-order-{family}", syn(ip, usual(0x0590)), usual(0x0578), comment=comment)
    topic.same(f"byte-order-within-limit-{family}", syn(ip, usual(0x02FF)), "within-limit", comment=comment)
    comment = "Only the first of two was lowered; receivers differ in which they take."
    two = [mss(1000), mss(1460)], [mss(1000), mss(1400)]
    topic.changed(f"second-mss-left-{family}", syn(ip, two[0]), two[1], comment=comment)
    comment = "tcpmss-uspace repairs a wrong checksum and so hides the damage."
    topic.changed(f"checksum-repaired-{family}", wrong_as(syn(ip), 0xBEEF), usual(1400), comment=comment)
    comment = "XDP clamps update an unfinished checksum, and the device then finishes it wrong."
    also = {"checksum-partial"}
    topic.changed(f"xdp-partial-{family}", syn(ip, checksum="partial"), usual(1400), also=also, comment=comment)
    comment = "A clamp that inserts into a SYN with data moves it."
    data = syn(ip, USUAL[1:], payload=b"hello")
    topic.same(f"insert-before-data-{family}", data, "no-mss-option", "--mss 500 --add-missing", comment)
    comment = "An MSS of 536 or 1220 is assumed where none is given; to insert a larger one would raise it."
    topic.same(f"insert-raises-{family}", syn(ip, []), "no-mss-option", "--mss 1400 --add-missing", comment)


def fragments(topic):
    comment = "VPP, ng_tcpmss, tinc and others parse the payload of later fragments as TCP."
    tcp = Tcp().build(address("192.0.2.1"), address("198.51.100.2"))
    topic.same("later-fragment-ipv4", Packet(ip=Ip4(offset=1480), tcp=tcp), "fragment", comment=comment)
    topic.same("later-fragment-ipv6", Packet(ip=Ip6(chain=(fragment6(1480),)), tcp=tcp), "fragment", comment=comment)
    comment = "A tiny second fragment that would replace the option (RFC 3128)."
    topic.same("tiny-second-fragment", Packet(ip=Ip4(offset=8), tcp=tcp[8:]), "fragment", comment=comment)


def floors(topic):
    """netbird: an MTU below the headers wrapped around. Less than 72 is refused before it gets here."""
    for mtu in 72, 79, 80, 100:
        comment = "An MTU near the size of the headers."
        options = f"--mtu {mtu}"
        topic.changed(f"small-mtu-{mtu}-ipv4", syn(), usual(mtu - 40), "clamped", options, comment=comment)
        topic.changed(f"small-mtu-{mtu}-ipv6", syn(Ip6()), usual(1220), "clamped", options, comment=comment)
