# SPDX-License-Identifier: BSD-2-Clause
"""--allow-increase: the fixed MSS is written even where it is larger."""

from packets import EOL, NOP, ao, md5, mss
from topic import FAMILIES, syn, usual

ON = "--mss 1400 --allow-increase"
PARTIAL = {"checksum-partial"}


def fill(topic):
    for family, ip in FAMILIES:
        for value in 0, 1, 536, 1399:
            topic.changed(f"from-{value}-{family}", syn(ip, usual(value)), usual(1400), "raised", ON)
            topic.same(f"off-from-{value}-{family}", syn(ip, usual(value)), "within-limit")
        for value in 1401, 65535:
            topic.changed(f"from-{value}-{family}", syn(ip, usual(value)), usual(1400), "clamped", ON)
        topic.same(f"equal-{family}", syn(ip, usual(1400)), "within-limit", ON)
        topic.changed(f"to-65495-{family}", syn(ip, usual(1460)), usual(65495), "raised", "--mss 65495 --allow-increase")
        odd = [NOP, mss(536), NOP, NOP, NOP], [NOP, mss(1400), NOP, NOP, NOP]
        topic.changed(f"odd-{family}", syn(ip, odd[0]), odd[1], "raised", ON)
        topic.changed(f"partial-{family}", syn(ip, odd[0], checksum="partial"), odd[1], "raised", ON, PARTIAL)
        topic.changed(f"bad-{family}", syn(ip, odd[0], checksum="bad"), odd[1], "raised", ON)
        several(topic, family, ip)
        topic.same(f"none-{family}", syn(ip, [NOP] * 4), "no-mss-option", ON)
        topic.same(f"signed-{family}", syn(ip, [mss(536), ao()]), "signed", ON)
        topic.changed(f"md5-{family}", syn(ip, [mss(536), md5()]), [mss(1400), md5()], "raised", ON)
        topic.changed(f"payload-{family}", syn(ip, usual(536), payload=bytes(500)), usual(1400), "raised", ON)
        prefix = "192.0.2.0/24=1300" if family == "ipv4" else "2001:db8:1::/48=1300"
        limit = 1260 if family == "ipv4" else 1240
        comment = "Raised to the limit, which a prefix makes smaller than the fixed MSS."
        options = f"{ON} --prefix {prefix}"
        topic.changed(f"prefix-{family}", syn(ip, usual(536)), usual(limit), "raised", options, comment=comment)
        topic.changed(f"prefix-lowers-{family}", syn(ip, usual(1350)), usual(limit), "clamped", options)


def several(topic, family, ip):
    both = [mss(1400), mss(1400)]
    for name, values in ("up-down", (536, 1460)), ("down-up", (1460, 536)), ("up-equal", (536, 1400)):
        comment = "One of them was raised."
        topic.changed(f"{name}-{family}", syn(ip, [mss(v) for v in values]), both, "raised", ON, comment=comment)
    topic.changed(f"down-equal-{family}", syn(ip, [mss(1460), mss(1400)]), both, "clamped", ON)
    topic.same(f"equal-equal-{family}", syn(ip, both), "within-limit", ON)
    broken = [b"\x05\x00\x01\x01", mss(536)]
    before, after = [mss(536), *broken], [mss(1400), *broken]
    topic.changed(f"then-broken-{family}", syn(ip, before), after, "raised", ON, also={"malformed-options"})
    topic.same(f"equal-then-broken-{family}", syn(ip, after), "malformed-options", ON)
    behind = [EOL, EOL, EOL, EOL, mss(536)]
    topic.changed(f"behind-end-{family}", syn(ip, [mss(536), *behind]), [mss(1400), *behind], "raised", ON)
