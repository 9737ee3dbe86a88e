# SPDX-License-Identifier: BSD-2-Clause
"""Damaged option lists, TCP data offsets and IP headers. Nothing is dropped, nothing repaired."""

from packets import EOL, NOP, SACK_PERMITTED, Ip4, Ip6, Packet, Tcp, build, mss, option, replace
from topic import FAMILIES, syn, usual

VALUE = (1460).to_bytes(2, "big")

BROKEN = {
    "other-kind-length-0": [b"\x05\x00"],
    "other-kind-length-1": [b"\x05\x01"],
    "other-kind-over-the-end": [b"\x05\x28\x00\x00"],
    "other-kind-length-255": [b"\xfe\xff"],
    "mss-length-0": [b"\x02\x00" + VALUE],
    "mss-length-1": [b"\x02\x01" + VALUE],
    "mss-length-2": [b"\x02\x02" + VALUE],
    "mss-length-3": [b"\x02\x03" + VALUE],
    "mss-length-5": [b"\x02\x05" + VALUE + b"\x00"],
    "mss-length-6": [b"\x02\x06" + VALUE + b"\x00\x00"],
    "mss-length-255": [b"\x02\xff" + VALUE],
    "md5-length-0": [b"\x13\x00"],
    "ao-length-0": [b"\x1d\x00"],
    "ao-length-1": [b"\x1d\x01"],
    "ao-over-the-end": [b"\x1d\x30\x01\x02"],
}
CUT = {
    "mss-kind-only": [b"\x02"],
    "mss-without-value": [b"\x02\x04"],
    "mss-half-value": [b"\x02\x04\x05"],
    "lone-kind": [b"\x08"],
    "ends-one-early": [b"\x08\x03"],
}


def fill(topic):
    for family, ip in FAMILIES:
        lists(topic, family, ip)
        data_offsets(topic, family, ip)
    ipv4_headers(topic)
    ipv6_headers(topic)


def lists(topic, family, ip):
    for name, broken in BROKEN.items():
        packet = syn(ip, [NOP, NOP, *broken, mss(1460)])
        topic.same(f"{name}-then-mss-{family}", packet, "malformed-options")
        topic.changed(
            f"{name}-after-mss-{family}",
            syn(ip, [mss(1460), *broken, mss(1460)]),
            [mss(1400), *broken, mss(1460)],
            also={"malformed-options"},
        )
    for name, broken in CUT.items():
        # Each list ends with the end of the header: NOPs in front fill the last word.
        nops = [NOP] * (-len(b"".join(broken)) % 4)
        topic.same(f"{name}-at-end-{family}", syn(ip, nops + broken), "malformed-options")
        topic.same(f"{name}-at-end-padded-{family}", syn(ip, nops + broken, trailer=VALUE * 3), "malformed-options")
        topic.same(f"{name}-before-payload-{family}", syn(ip, nops + broken, payload=VALUE * 3), "malformed-options")
        topic.changed(
            f"{name}-after-mss-{family}", syn(ip, [mss(1460), *nops, *broken]), [mss(1400), *nops, *broken],
            also={"malformed-options"},
        )  # fmt: skip
    broken = BROKEN["other-kind-length-0"]
    topic.same(f"within-limit-then-broken-{family}", syn(ip, [mss(1400), *broken]), "malformed-options")
    topic.same(f"last-byte-kind-40-bytes-{family}", syn(ip, [NOP] * 39 + [b"\x02"]), "malformed-options")
    topic.same(f"add-missing-{family}", syn(ip, broken), "malformed-options", "--mss 500 --add-missing")
    odd = [NOP, mss(9000), *broken]
    topic.changed(f"after-odd-mss-{family}", syn(ip, odd), [NOP, mss(1400), *broken], also={"malformed-options"})
    behind = [*usual(1460), EOL, *broken]
    topic.changed(f"behind-end-{family}", syn(ip, behind), [*usual(1400), EOL, *broken])


def data_offsets(topic, family, ip):
    """The list is 40 bytes long, then 20 bytes of payload; the data offset says something else."""
    options = [NOP] * 8 + [mss(1460)] + [NOP] * 28
    for doff in range(16):
        packet = syn(ip, options, doff=doff, payload=bytes(20))
        name = f"doff-{doff:02}-{family}"
        if doff < 5:
            topic.same(name, packet, "bad-tcp-header")
        elif doff < 7:
            topic.same(name, packet, "no-mss-option")
        elif doff == 7:
            topic.same(name, packet, "no-mss-option", comment="The option starts behind the header.")
        else:
            topic.changed(name, packet, options[:8] + [mss(1400)] + [NOP] * 28)
        bare = syn(ip, [], doff=doff)
        topic.same(f"doff-{doff:02}-bare-{family}", bare, "no-mss-option" if doff == 5 else "bad-tcp-header")
        bare = syn(ip, [], doff=doff, trailer=mss(1460) * 10)
        reason = "no-mss-option" if doff == 5 else "bad-tcp-header"
        comment = "What the data offset claims is there in the frame, but behind the IP packet."
        topic.same(f"doff-{doff:02}-padded-{family}", bare, reason, comment=comment)
    topic.same(f"doff-4-not-syn-{family}", syn(ip, flags=0x10, doff=4), "not-syn")
    for length in range(14, 20):
        packet = Packet(ip=ip, tcp=build(Packet(tcp=Tcp(), link="raw"))[20 : 20 + length], trailer=bytes(40))
        topic.same(f"segment-of-{length}-bytes-{family}", packet, "bad-tcp-header")


def ipv4_headers(topic):
    good = syn()
    for version in 0, 5, 6, 15:
        topic.same(f"ipv4-version-{version}", replace(good, ip=Ip4(version=version)), "bad-ip-header")
    for ihl in range(5):
        topic.same(f"ipv4-ihl-{ihl}", replace(good, ip=Ip4(ihl=ihl)), "bad-ip-header")
        udp = Packet(ip=Ip4(ihl=ihl, protocol=17), tcp=bytes(40))
        topic.same(f"ipv4-ihl-{ihl}-udp", udp, "bad-ip-header")
    short = Packet(ip=Ip4(ihl=15), tcp=bytes(39))
    topic.same("ipv4-ihl-beyond-frame", short, "truncated")
    for name, ip in ("udp", Ip4(ihl=15, protocol=17)), ("later-fragment", Ip4(ihl=15, offset=8)):
        topic.same(f"ipv4-ihl-beyond-frame-{name}", replace(short, ip=ip), "truncated")
    for length in 1, 19:
        topic.same(f"ipv4-total-length-{length}", replace(good, ip=Ip4(total_length=length)), "bad-ip-header")
    options = Ip4(options=b"\x01" * 8, total_length=27)
    topic.same("ipv4-total-length-inside-options", replace(good, ip=options), "bad-ip-header")
    for length in 20, 34, 39:
        topic.same(f"ipv4-total-length-{length}", replace(good, ip=Ip4(total_length=length)), "bad-tcp-header")
    cut = replace(good, ip=Ip4(total_length=40))
    topic.same("ipv4-total-length-without-options", cut, "bad-tcp-header")
    for more in 1, 100, 65535 - 60:
        packet = replace(good, ip=Ip4(total_length=60 + more))
        topic.same(f"ipv4-total-length-{more}-too-big", packet, "truncated")
    ack = syn(Ip4(total_length=1000), flags=0x10)
    topic.same("ipv4-total-length-too-big-not-syn", ack, "not-syn")
    udp = Packet(ip=Ip4(total_length=19, protocol=17), tcp=bytes(40))
    topic.same("ipv4-total-length-19-udp", udp, "not-tcp")
    wrong = Ip4(checksum="bad")
    topic.changed("ipv4-header-checksum-stays-wrong", replace(good, ip=wrong), usual(1400))
    topic.same("ipv4-header-in-ipv6-ethertype", replace(good, ethertype=0x86DD), "bad-ip-header")


def ipv6_headers(topic):
    good = syn(Ip6())
    for version in 0, 4, 5, 7, 15:
        topic.same(f"ipv6-version-{version}", replace(good, ip=Ip6(version=version)), "bad-ip-header")
    topic.same("ipv6-header-in-ipv4-ethertype", replace(good, ethertype=0x0800), "bad-ip-header")
    for length in 1, 13, 19, 20, 24, 39:
        packet = replace(good, ip=Ip6(payload_length=length))
        topic.same(f"ipv6-payload-length-{length}", packet, "bad-tcp-header")
    for more in 1, 100, 65535 - 40:
        packet = replace(good, ip=Ip6(payload_length=40 + more))
        topic.same(f"ipv6-payload-length-{more}-too-big", packet, "truncated")
    ack = syn(Ip6(payload_length=1000), flags=0x10)
    topic.same("ipv6-payload-length-too-big-not-syn", ack, "not-syn")
    inside = syn(Ip6(payload_length=7, chain=((60, b"\x00\x01\x04\0\0\0\0"),)))
    topic.same("ipv6-payload-length-inside-chain", inside, "bad-tcp-header")
    odd_length = [SACK_PERMITTED, option(4, b"\0"), NOP, NOP, NOP]
    topic.same("not-sack-permitted-of-length-3", syn(Ip6(), odd_length), "no-mss-option")
