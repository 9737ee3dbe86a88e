# SPDX-License-Identifier: BSD-2-Clause
"""--add-missing: where it inserts an MSS option, and every condition under which it does not."""

from packets import ACK, EOL, NOP, SACK_PERMITTED, SYN, USUAL, Ip4, Ip6, destination_options, fast_open, fragment6, md5
from packets import mss, replace, routing, timestamps
from topic import FAMILIES, syn, with_options, wrong_as

ON = "--mss 500 --add-missing"
NEW = [mss(500)]
REST = USUAL[1:]


def fill(topic):
    for family, ip in FAMILIES:
        lists(topic, family, ip)
        limits(topic, family, ip)
        checksums(topic, family, ip)
        refused(topic, family, ip)
        layers(topic, family, ip)
    ipv4(topic)
    ipv6(topic)


def added(topic, name, packet, options=ON, also=(), comment="", new=NEW):
    topic.changed(name, packet, new + packet.tcp.options, "added", options, also, comment)


def lists(topic, family, ip):
    added(topic, f"no-options-{family}", syn(ip, []))
    added(topic, f"other-options-{family}", syn(ip, REST))
    added(topic, f"syn-ack-{family}", syn(ip, REST, flags=SYN | ACK))
    added(topic, f"reserved-bits-{family}", syn(ip, REST, reserved=15))
    for words in range(10):
        added(topic, f"{words}-words-of-options-{family}", syn(ip, [NOP] * (4 * words)))
    topic.same(f"10-words-of-options-{family}", syn(ip, [NOP] * 40), "no-mss-option", ON)
    added(topic, f"before-end-{family}", syn(ip, [EOL, EOL, EOL, EOL]))
    behind = [EOL, EOL, EOL, EOL, mss(1460)]
    added(topic, f"mss-behind-end-{family}", syn(ip, behind), comment="What is behind End-of-Options is no option.")
    added(topic, f"md5-behind-end-{family}", syn(ip, [EOL, EOL, EOL, EOL, md5()]))
    added(topic, f"fast-open-cookie-{family}", syn(ip, [SACK_PERMITTED, timestamps(), fast_open()]))


def limits(topic, family, ip):
    assumed = 536 if family == "ipv4" else 1220
    for limit in 32, 255, 256, assumed - 1:
        added(topic, f"limit-{limit}-{family}", syn(ip, REST), f"--mss {limit} --add-missing", new=[mss(limit)])
    for limit in assumed, assumed + 1, 65495:
        topic.same(f"limit-{limit}-{family}", syn(ip, REST), "no-mss-option", f"--mss {limit} --add-missing")
    topic.same(f"not-asked-for-{family}", syn(ip, REST), "no-mss-option", "--mss 500")
    topic.same(f"there-already-{family}", syn(ip, [mss(500)]), "within-limit", ON)
    topic.changed(f"there-and-clamped-{family}", syn(ip, [mss(501)]), NEW, "clamped", ON)
    topic.changed(f"there-and-raised-{family}", syn(ip, [mss(499)]), NEW, "raised", ON + " --allow-increase")
    added(topic, f"with-allow-increase-{family}", syn(ip, REST), ON + " --allow-increase")
    if family == "ipv4":
        added(topic, "mtu-575-ipv4", syn(ip, REST), "--mtu 575 --add-missing", new=[mss(535)])
        topic.same("mtu-576-ipv4", syn(ip, REST), "no-mss-option", "--mtu 576 --add-missing")
        prefix = "--mss 1400 --prefix 192.0.2.0/24=400 --add-missing"
        added(topic, "prefix-ipv4", syn(ip, REST), prefix, new=[mss(360)])
    else:
        topic.same("mtu-72-ipv6", syn(ip, REST), "no-mss-option", "--mtu 72 --add-missing")
    if family == "ipv4":
        packet = syn(ip, REST, payload=b"")
        topic.same("no-limit-ipv4", packet, "no-limit", "--prefix 2001:db8::/32=1300 --add-missing")


def checksums(topic, family, ip):
    for state in "full", "partial", "bad":
        also = {"checksum-partial"} if state == "partial" else ()
        added(topic, f"checksum-{state}-{family}", syn(ip, REST, checksum=state), also=also)
        added(topic, f"checksum-{state}-no-options-{family}", syn(ip, [], checksum=state), also=also)
        packet = syn(ip, REST, checksum=state, trailer=bytes(range(1, 10)))
        added(topic, f"checksum-{state}-padding-{family}", packet, also=also)
    for field in 0x0000, 0xFFFF, 0xFFFC:
        before = syn(ip, REST, checksum=field)
        after = with_options(wrong_as(before, field), NEW + REST)
        topic.add(f"checksum-wrong-{field:04x}-{family}", before, "added", after, ON)


def refused(topic, family, ip):
    for payload in b"x", b"data":
        packet = syn(ip, REST, payload=payload)
        topic.same(f"payload-{len(payload)}-{family}", packet, "no-mss-option", ON)
    topic.same(f"fast-open-data-{family}", syn(ip, [fast_open()], payload=bytes(100)), "no-mss-option", ON)
    topic.same(f"md5-{family}", syn(ip, [md5(), NOP, NOP]), "no-mss-option", ON)
    topic.same(f"md5-last-{family}", syn(ip, [SACK_PERMITTED, md5()]), "no-mss-option", ON)
    topic.same(f"broken-list-{family}", syn(ip, [NOP, b"\x05\x00\x01"]), "malformed-options", ON)
    topic.same(f"broken-mss-{family}", syn(ip, [b"\x02\x02\x01\x01"]), "malformed-options", ON)
    topic.same(f"not-syn-{family}", syn(ip, REST, flags=ACK), "not-syn", ON)
    for padding in 1, 6, 46, 63, 64:
        added(topic, f"padding-{padding}-{family}", syn(ip, REST, trailer=bytes(range(padding))))
    for padding in 65, 66, 200:
        topic.same(f"padding-{padding}-{family}", syn(ip, REST, trailer=bytes(padding)), "no-mss-option", ON)


def layers(topic, family, ip):
    added(topic, f"vlan-{family}", syn(ip, REST, vlans=(0x8100,)))
    added(topic, f"8-tags-{family}", syn(ip, REST, vlans=(0x8100,) * 8))
    comment = "The length in the PPPoE header follows, or the receiver would cut the packet."
    added(topic, f"pppoe-{family}", syn(ip, REST, pppoe=True), comment=comment)
    added(topic, f"qinq-pppoe-{family}", syn(ip, REST, vlans=(0x88A8, 0x8100), pppoe=True))
    for before, after in (0, 0), (1000, 1004):
        comment = "Whatever the length was; 0 stays 0."
        packets = [syn(ip, options, pppoe=True, pppoe_length=n) for options, n in ((REST, before), (NEW + REST, after))]
        topic.add(f"pppoe-length-{before}-{family}", packets[0], "added", packets[1], ON, comment=comment)
    no_length = replace(ip, **{"total_length" if family == "ipv4" else "payload_length": 0})
    added(topic, f"no-ip-length-{family}", syn(no_length, REST), comment="A length of 0 stays 0.")
    padded = syn(no_length, REST, trailer=bytes(6))
    comment = "Without a length in the IP header padding is payload."
    topic.same(f"no-ip-length-padding-{family}", padded, "no-mss-option", ON, comment=comment)


def ipv4(topic):
    for ihl in 6, 15:
        added(topic, f"ihl-{ihl}", syn(Ip4(options=b"\x01" * (4 * (ihl - 5))), REST))
    wrong = Ip4(checksum="bad")
    added(topic, "ip-checksum-bad", syn(wrong, REST), comment="The wrong IPv4 header checksum stays as wrong.")
    comment = "Nothing in the IPv4 header changes, so its checksum does not either, not even to another form of zero."
    for field in 0x0000, 0xFFFF:
        packet = syn(Ip4(total_length=0, checksum=field), REST)
        added(topic, f"no-total-length-ip-checksum-{field:04x}", packet, comment=comment)
    topic.same("fragment-ipv4", syn(Ip4(more=True, dont_fragment=False), REST), "no-mss-option", ON)


def ipv6(topic):
    added(topic, "destination-options", syn(Ip6(chain=(destination_options(),)), REST))
    added(topic, "16-headers", syn(Ip6(chain=(destination_options(),) * 16), REST))
    added(topic, "atomic-fragment", syn(Ip6(chain=(fragment6(),)), REST))
    topic.same("fragment-ipv6", syn(Ip6(chain=(fragment6(more=True),)), REST), "no-mss-option", ON)
    towards = "2001:db8:f::1"
    through = Ip6(chain=(routing(4, 1, [towards]),), towards=towards)
    for state in "full", "partial":
        also = {"checksum-partial"} if state == "partial" else ()
        added(topic, f"routing-{state}", syn(through, REST, checksum=state), also=also)
