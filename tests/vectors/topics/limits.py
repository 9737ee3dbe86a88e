# SPDX-License-Identifier: BSD-2-Clause
"""Which limit a packet gets: fixed MSS, MTU by family with its floors, longest prefix of source and destination."""

import ipaddress

from packets import Ip4, Ip6, ao, routing
from topic import FAMILIES, syn, usual


def fill(topic):
    fixed(topic)
    mtu(topic)
    prefixes(topic)
    lookups(topic)
    none(topic)


def becomes(topic, name, ip, options, limit, comment=""):
    """Both sides of the limit."""
    topic.changed(f"{name}-above", syn(ip, usual(limit + 1)), usual(limit), "clamped", options, comment=comment)
    topic.same(f"{name}-at", syn(ip, usual(limit)), "within-limit", options, comment=comment)


def fixed(topic):
    for family, ip in FAMILIES:
        for limit in 32, 33, 255, 256, 536, 1220, 1460, 8960, 32768, 65495:
            becomes(topic, f"mss-{limit}-{family}", ip, f"--mss {limit}", limit)


def mtu(topic):
    for mtu in 72, 73, 296, 576, 1279, 1280, 1281, 1492, 1500, 9000, 65535:
        becomes(topic, f"mtu-{mtu}-ipv4", Ip4(), f"--mtu {mtu}", mtu - 40)
        becomes(topic, f"mtu-{mtu}-ipv6", Ip6(), f"--mtu {mtu}", max(mtu - 60, 1220))
        becomes(topic, f"prefix-{mtu}-ipv4", Ip4(), f"--prefix 192.0.2.1/32={mtu}", mtu - 40)
        becomes(topic, f"prefix-{mtu}-ipv6", Ip6(), f"--prefix 2001:db8:1::1/128={mtu}", max(mtu - 60, 1220))
    comment = "A fixed MSS is taken as given, also for IPv6."
    becomes(topic, "mss-500-and-prefix-ipv6", Ip6(), "--mss 500 --prefix ::/0=1280", 500, comment)


def prefixes(topic):
    """Every length matches or not, against source and destination."""
    for family, ip, width, step in (
        ("ipv4", Ip4(source="203.0.113.129", destination="10.85.170.51"), 32, 1),
        ("ipv6", Ip6(source="2001:db8:f0f0:f0f0:5555:aaaa:3333:cccd"), 128, 9),
    ):
        overhead = 40 if family == "ipv4" else 60
        for length in sorted({0, 1, *range(8, width, 8), width - 1, width, *range(0, width, step)}):
            for end in "source", "destination":
                inside = network(getattr(ip, end), length)
                options = f"--mss 9000 --prefix {inside}=1400"
                becomes(topic, f"prefix-{length:03}-of-{end}-{family}", ip, options, 1400 - overhead)
            if length:
                outside = network(ip.source, length, flip=True)
                name = f"prefix-{length:03}-last-bit-differs-{family}"
                becomes(topic, name, type(ip)(ip.source, ip.source), f"--mss 9000 --prefix {outside}=1400", 9000)
        both = f"--prefix {network(ip.source, width)}=1400 --prefix {network(ip.destination, width)}=1300"
        becomes(topic, f"both-ends-{family}", ip, both, 1300 - overhead)
        swapped = type(ip)(source=ip.destination, destination=ip.source)
        becomes(topic, f"both-ends-swapped-{family}", swapped, both, 1300 - overhead)


def network(text, length, flip=False):
    address = ipaddress.ip_address(text)
    number = int(address) ^ (flip << (address.max_prefixlen - length))
    return ipaddress.ip_network((number, address.max_prefixlen)).supernet(new_prefix=length)


def lookups(topic):
    nested4 = "--prefix 0.0.0.0/0=1200 --prefix 192.0.0.0/8=1300 --prefix 192.0.2.0/24=1500 --prefix 192.0.2.1/32=1400"
    far = "203.0.113.1"
    only_source = nested4.replace("0.0.0.0/0=1200", "8.0.0.0/8=1200")
    for source, limit in ("192.0.2.1", 1360), ("192.0.2.2", 1460), ("192.0.3.1", 1260):
        becomes(topic, f"longest-wins-{source}", Ip4(source, far), only_source, limit)
        becomes(topic, f"longest-wins-towards-{source}", Ip4(far, source), only_source, limit)
        comment = "The default prefix is the longest match of the other end; the smaller of both ends counts."
        becomes(topic, f"default-for-other-end-{source}", Ip4(source, far), nested4, 1160, comment)
    both = Ip4("192.0.2.2", "192.0.2.1")
    becomes(topic, "longest-wins-at-both-ends-ipv4", both, nested4, 1360, "A larger MTU of a longer prefix counts.")
    reversed4 = " ".join(f"--prefix {word}" for word in reversed(nested4.replace("--prefix ", "").split()))
    becomes(topic, "order-does-not-matter-ipv4", both, reversed4, 1360)
    nested6 = "--prefix ::/0=1300 --prefix 2001:db8::/32=1400 --prefix 2001:db8:1::/48=1500 --prefix 2001:db8:1::1/128=1450"
    for end, limit in (("1::1", 1390), ("1::2", 1440), ("3::1", 1340)):
        ip = Ip6(f"2001:db8:{end}", "2001:db8:1::2")
        becomes(topic, f"longest-wins-{end.replace(':', '-')}", ip, nested6, min(limit, 1440))
    becomes(topic, "default-for-other-end-ipv6", Ip6("2001:db8:1::1", "fd00::1"), nested6, 1240)
    for family, ip in FAMILIES:
        default, overhead = ("0.0.0.0/0", 40) if family == "ipv4" else ("::/0", 60)
        becomes(topic, f"default-only-{family}", ip, f"--prefix {default}=1400", 1400 - overhead)
        becomes(topic, f"default-above-mss-{family}", ip, f"--mss 1000 --prefix {default}=1500", 1000)
        becomes(topic, f"default-below-mtu-{family}", ip, f"--mtu 1500 --prefix {default}=1400", 1400 - overhead)
        becomes(topic, f"default-above-mtu-{family}", ip, f"--mtu 1400 --prefix {default}=1500", 1400 - overhead)
    mixed = "--prefix 0.0.0.0/0=1400 --prefix ::/0=1300"
    becomes(topic, "both-families-ipv4", Ip4(), mixed, 1360)
    becomes(topic, "both-families-ipv6", Ip6(), mixed, 1240)
    comment = "A prefix is matched against the destination in the IPv6 header, the next stop of the packet."
    through = Ip6(chain=(routing(0, 1, ["2001:db8:f::1"]),), towards="2001:db8:f::1")
    options = "--mss 1400 --prefix 2001:db8:2::/48=1350 --prefix 2001:db8:f::/48=1300"
    becomes(topic, "routing-header", through, options, 1290, comment)
    for name, mtus in ("ascending", (1300, 1400)), ("descending", (1400, 1300)):
        twice = " ".join(f"--prefix 192.0.2.0/24={mtu}" for mtu in mtus)
        becomes(topic, f"same-prefix-twice-{name}", Ip4(), twice, 1260)
    becomes(topic, "host-bits-ignored-ipv4", Ip4("192.0.2.1"), "--prefix 192.0.2.77/24=1300", 1260)
    becomes(topic, "host-bits-ignored-ipv6", Ip6("2001:db8:1::1"), "--prefix 2001:db8:1:2::3/48=1300", 1240)
    becomes(topic, "mss-and-smaller-mtu-ipv4", Ip4(), "--mss 1400 --mtu 1300", 1260)
    becomes(topic, "mss-and-larger-mtu-ipv4", Ip4(), "--mss 1400 --mtu 1500", 1400)
    bits = "".join(f" --prefix {network('192.0.2.1', length)}={1500 - length}" for length in range(33))
    becomes(topic, "every-length-nested-ipv4", Ip4(destination="192.0.2.1"), "--mss 9000" + bits, 1428)
    bits = "".join(f" --prefix {network('2001:db8::1', length)}={1500 - length}" for length in range(0, 129, 4))
    ip = Ip6("2001:db8::1", "2001:db8::1")
    becomes(topic, "many-lengths-nested-ipv6", ip, "--mss 9000" + bits, 1312)


def none(topic):
    for family, ip in FAMILIES:
        other = "::/0" if family == "ipv4" else "0.0.0.0/0"
        topic.same(f"none-for-{family}", syn(ip), "no-limit", f"--prefix {other}=1300")
        elsewhere = "10.0.0.0/8" if family == "ipv4" else "fd00::/8"
        topic.same(f"none-matches-{family}", syn(ip), "no-limit", f"--prefix {elsewhere}=1300")
        options = f"--mtu 1400 --prefix {other}=1300"
        becomes(topic, f"other-family-{family}", ip, options, 1360 if family == "ipv4" else 1340)
        topic.same(f"none-not-syn-{family}", syn(ip, flags=16), "not-syn", f"--prefix {elsewhere}=1300")
        from_ao = syn(ip, [ao()])
        comment = "Signed, whatever the limit is."
        topic.same(f"none-signed-{family}", from_ao, "signed", f"--prefix {elsewhere}=1300", comment)
        broken = f"none-broken-{family}"
        topic.same(broken, syn(ip, [b"\x05\0"]), "no-limit", f"--prefix {elsewhere}=1300")
        topic.same(f"none-bad-header-{family}", syn(ip, doff=4), "bad-tcp-header", f"--prefix {elsewhere}=1300")
