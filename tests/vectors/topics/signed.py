# SPDX-License-Identifier: BSD-2-Clause
"""TCP-MD5 (RFC 2385) leaves options out of its digest and may be edited in place; TCP-AO (RFC 5925) does not."""

from packets import ACK, EOL, NOP, SYN, ao, md5, mss, option
from topic import FAMILIES, syn


def fill(topic):
    for family, ip in FAMILIES:
        topic.changed(f"md5-{family}", syn(ip, [mss(1460), md5()]), [mss(1400), md5()])
        topic.changed(f"md5-first-{family}", syn(ip, [md5(), NOP, NOP, mss(1460)]), [md5(), NOP, NOP, mss(1400)])
        topic.changed(f"md5-odd-{family}", syn(ip, [NOP, mss(1460), md5()]), [NOP, mss(1400), md5()])
        strange = option(19, b"\1\2")
        topic.changed(f"md5-of-strange-length-{family}", syn(ip, [mss(1460), strange]), [mss(1400), strange])
        topic.same(f"md5-without-mss-{family}", syn(ip, [md5()]), "no-mss-option")
        for name, options in {
            "ao": [mss(1460), ao()],
            "ao-first": [ao(), mss(1460)],
            "ao-within-limit": [mss(1000), ao()],
            "ao-without-mss": [ao()],
            "ao-last-byte": [mss(1460), NOP, NOP, option(29)],
            "ao-of-length-2": [option(29), NOP, NOP, mss(1460)],
            "ao-of-length-40": [option(29, bytes(38))],
            "ao-and-md5": [mss(1460), md5(), ao(b"\1\1")],
            "ao-then-end": [mss(1460), ao(), EOL, EOL],
            "ao-then-broken": [mss(1460), ao(), b"\x05\x00"],
            "ao-then-broken-mss": [mss(1460), ao(), b"\x02\x02"],
            "ao-between-two-mss": [mss(1460), ao(), mss(1460)],
        }.items():
            for flags, kind in (SYN, "syn"), (SYN | ACK, "syn-ack"):
                topic.same(f"{name}-{kind}-{family}", syn(ip, options, flags=flags), "signed")
        topic.same(f"ao-partial-{family}", syn(ip, [mss(1460), ao()], checksum="partial"), "signed")
        topic.same(f"ao-add-missing-{family}", syn(ip, [ao()]), "signed", "--mss 500 --add-missing")
        topic.same(f"ao-not-syn-{family}", syn(ip, [mss(1460), ao()], flags=ACK), "not-syn")
        behind = [EOL, EOL, EOL, EOL, ao()]
        topic.changed(f"ao-behind-end-{family}", syn(ip, [mss(1460), *behind]), [mss(1400), *behind])
        broken = [b"\x05\x00", ao()]
        packet = syn(ip, [mss(1460), *broken])
        topic.changed(f"ao-behind-broken-{family}", packet, [mss(1400), *broken], also={"malformed-options"})
        topic.same(f"ao-behind-broken-mss-{family}", syn(ip, [b"\x02\x03\x05", ao()]), "malformed-options")
        inside = option(254, ao())
        topic.changed(f"ao-inside-another-{family}", syn(ip, [mss(1460), inside]), [mss(1400), inside])
