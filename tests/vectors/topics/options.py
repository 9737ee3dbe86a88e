# SPDX-License-Identifier: BSD-2-Clause
"""The MSS option in well-formed lists: every place it can be at, several of them, values, flags."""

from packets import ACK, CWR, ECE, EOL, FIN, NOP, PSH, RST, SACK_PERMITTED, SYN, URG, USUAL, fast_open, mss, option
from topic import FAMILIES, syn, usual


def fill(topic):
    every_offset(topic)
    several(topic)
    values(topic)
    flags(topic)
    for family, ip in FAMILIES:
        topic.changed(f"as-linux-{family}", syn(ip), usual(1400))
        topic.changed(f"exactly-fills-header-{family}", syn(ip, [mss(1460)]), [mss(1400)])
        topic.same(f"none-{family}", syn(ip, []), "no-mss-option")
        topic.same(f"without-mss-{family}", syn(ip, USUAL[1:]), "no-mss-option")
        topic.same(f"end-first-{family}", syn(ip, [EOL, mss(1460)]), "no-mss-option")
        topic.same(f"mss-behind-end-{family}", syn(ip, [NOP, NOP, EOL, EOL, mss(1460)]), "no-mss-option")
        topic.changed(
            f"mss-before-and-behind-end-{family}",
            syn(ip, [mss(1460), EOL, EOL, EOL, EOL, mss(1460)]),
            [mss(1400), EOL, EOL, EOL, EOL, mss(1460)],
        )
        garbage = [EOL, b"\x02\x00\xff\x01"]
        topic.changed(f"garbage-behind-end-{family}", syn(ip, usual(1460) + garbage), usual(1400) + garbage)
        topic.changed(f"payload-{family}", syn(ip, payload=b"GET / HTTP/1.0\r\n\r\n"), usual(1400))
        topic.changed(
            f"fast-open-payload-{family}",
            syn(ip, usual(1460) + [fast_open()], payload=bytes(range(256)) * 4),
            usual(1400) + [fast_open()],
        )
        topic.same(f"value-in-another-option-{family}", syn(ip, [option(253, mss(1460))]), "no-mss-option")
        many = [option(kind) for kind in range(200, 220)]
        topic.same(f"twenty-options-{family}", syn(ip, many), "no-mss-option")
        topic.changed(f"nineteenth-option-{family}", syn(ip, many[:18] + [mss(9000)]), many[:18] + [mss(1400)])


def every_offset(topic):
    """Behind NOPs, and behind one long unknown option; odd offsets are where a checksum update may go wrong."""
    for offset in range(37):
        for family, ip in FAMILIES:
            before, after = [NOP] * offset, [NOP] * (36 - offset)
            packet = syn(ip, before + [mss(1460)] + after)
            topic.changed(f"offset-{offset:02}-nops-{family}", packet, before + [mss(1400)] + after)
            if offset < 2:
                continue
            before = [option(254, bytes(range(1, offset - 1)))]
            packet = syn(ip, before + [mss(0xFEFF)] + after)
            topic.changed(f"offset-{offset:02}-unknown-option-{family}", packet, before + [mss(1400)] + after)


def several(topic):
    cases = {
        "two-equal": ([mss(1460), mss(1460)], [mss(1400), mss(1400)]),
        "two-second-too-big": ([mss(1000), mss(1460)], [mss(1000), mss(1400)]),
        "two-first-too-big": ([mss(1460), mss(1000)], [mss(1400), mss(1000)]),
        "two-odd-and-even": ([NOP, mss(1460), NOP, mss(9000)], [NOP, mss(1400), NOP, mss(1400)]),
        "two-odd": ([NOP, mss(1460), mss(9001)], [NOP, mss(1400), mss(1400)]),
        "ten": ([mss(1400 + n * 777) for n in range(10)], [mss(1400)] * 10),
        "ten-alternating": ([mss(65535), mss(1)] * 5, [mss(1400), mss(1)] * 5),
    }
    for family, ip in FAMILIES:
        for name, (before, after) in cases.items():
            topic.changed(f"{name}-{family}", syn(ip, before), after)
        topic.same(f"two-within-limit-{family}", syn(ip, [mss(1400), SACK_PERMITTED, mss(536)]), "within-limit")


def values(topic):
    for family, ip in FAMILIES:
        for value in 0, 1, 255, 256, 536, 1399, 1400:
            topic.same(f"value-{value}-{family}", syn(ip, usual(value)), "within-limit")
        for value in 1401, 1460, 8960, 0x7FFF, 0x8000, 0xFF00, 0xFFFF:
            topic.changed(f"value-{value}-{family}", syn(ip, usual(value)), usual(1400))


def flags(topic):
    sets = {
        "syn-ack": SYN | ACK,
        "syn-ece-cwr": SYN | ECE | CWR,
        "syn-ack-ece": SYN | ACK | ECE,
        "syn-fin": SYN | FIN,
        "syn-psh-urg": SYN | PSH | URG,
        "all-but-rst": 0xFF & ~RST,
    }
    not_syn = {"none": 0, "ack": ACK, "fin-ack": FIN | ACK, "rst": RST, "syn-rst": SYN | RST, "all": 0xFF, "psh": PSH}
    for family, ip in FAMILIES:
        for name, bits in sets.items():
            topic.changed(f"flags-{name}-{family}", syn(ip, flags=bits), usual(1400))
        topic.changed(f"flags-accurate-ecn-{family}", syn(ip, flags=SYN | ECE | CWR, reserved=1), usual(1400))
        topic.changed(f"flags-reserved-bits-{family}", syn(ip, reserved=15), usual(1400))
        for name, bits in not_syn.items():
            comment = "Bytes that look like an MSS option in a packet that is not a SYN."
            topic.same(f"flags-{name}-{family}", syn(ip, flags=bits), "not-syn", comment=comment)
