#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes cookie.txt: what clients send to a protected service, and what becomes of it. The answers are built from a description of
them, never by running a program.

    make.py             writes the file
    make.py --check     fails where it differs from what this would write
"""

import pathlib
import sys
from dataclasses import replace

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "oracle")]
sys.dont_write_bytecode = True

import checksum  # noqa: E402
from packets import (  # noqa: E402
    ACK, CWR, ECE, EOL, FIN, LINKS, NOP, PSH, RST, SACK_PERMITTED, SYN, USUAL, Ip4, Ip6, Packet, Tcp, address, ao, build,
    destination_options, fast_open, fragment6, hop_by_hop, md5, mss, option, routing, timestamps, window_scale,
)  # fmt: skip
from vectorfile import hex_lines  # noqa: E402

SACK, TIMES, ECN, WSCALE = 1, 2, 4, 8  # enum tm_server_offers
FAMILIES = (("ipv4", Ip4()), ("ipv6", Ip6()))
HEAD = """\
# SPDX-License-Identifier: BSD-2-Clause
# Made by make.py.
# Packets to a protected service, for tests/bpf/protect-cookie.c. In answers the cookie is 0, and so are the bits of the timestamp that are time.
"""

vectors = []


def add(name, packet, reason, out=None, verdict=None, **state):
    """out: a frame, else as it was. state: what differs from an armed block and a server that can do all."""
    frame = packet if isinstance(packet, bytes) else build(packet)
    lines = [f"vector {name}"]
    lines += [f"{key} {value}" for key, value in state.items()]
    lines += hex_lines("in", frame) + [f"reason {reason}", f"verdict {verdict or ('reply' if out else 'pass')}"]
    lines += hex_lines("out", out) if out else ["out same"]
    vectors.append("\n".join(lines) + "\n")


def answer(packet, told, agreed=SACK | TIMES | WSCALE, scale=7, client_scale=7, tsval=0x1020304):
    """The SYN-ACK for it: told is the MSS."""
    options = [mss(told)]
    if agreed & TIMES:
        bits = client_scale if agreed & WSCALE else 15
        bits |= 16 if agreed & SACK else 0
        bits |= 32 if agreed & ECN else 0
        options += [SACK_PERMITTED if agreed & SACK else NOP * 2, timestamps(bits, tsval)]
        options += [NOP, window_scale(scale)] if agreed & WSCALE else []
    syn = packet.tcp
    tcp = Tcp(options=options, flags=SYN | ACK | (ECE if agreed & ECN else 0), ports=syn.ports[::-1], sequence=0,
              acknowledgement=(syn.sequence + 1) % 2**32, window=1)  # fmt: skip
    source, destination = packet.ip.destination, packet.ip.source
    segment = tcp.build(address(source), address(destination))
    ip = (ipv4 if packet.is_ipv4 else ipv6)(address(source), address(destination), segment)
    frame = LINKS["ethernet"](replace(packet, pppoe_length=None), ip)
    frame = frame[6:12] + frame[:6] + frame[12:]
    was = build(packet)
    return frame + (was[len(frame) : 60] if len(frame) < 60 else b"")


def ipv4(source, destination, segment):
    head = b"\x45\0" + (20 + len(segment)).to_bytes(2, "big") + b"\0\0\x40\0\x40\x06"
    right = checksum.complement(checksum.total(head) + checksum.total(source + destination))
    return head + right.to_bytes(2, "big") + source + destination + segment


def ipv6(source, destination, segment):
    return b"\x60\0\0\0" + len(segment).to_bytes(2, "big") + b"\x06\x40" + source + destination + segment


def syn(ip, options=None, **more):
    of_tcp = {key: more.pop(key) for key in list(more) if key in Tcp.__dataclass_fields__}
    if options is not None:
        of_tcp["options"] = options
    return Packet(ip=ip, tcp=Tcp(**of_tcp), **more)


def usual(packet, largest=None):
    """An answer in which everything is agreed on."""
    return answer(packet, largest or (1460 if packet.is_ipv4 else 1440))


def answered(name, packet, **state):
    add(name, packet, "answered", usual(packet), **state)


def options(name, ip, largest):
    def one(what, list_of, agreed, more=None, **state):
        packet = syn(ip, list_of, **(more or {}))
        add(f"{name}-{what}", packet, "answered", answer(packet, largest, agreed), **state)

    full = SACK | TIMES | WSCALE
    one("no-sack", [mss(1460), NOP, NOP, timestamps(), NOP, window_scale()], TIMES | WSCALE)
    one("no-window-scale", [mss(1460), SACK_PERMITTED, timestamps()], SACK | TIMES)
    one("timestamps-only", [mss(1460), NOP, NOP, timestamps()], TIMES)
    one("no-timestamps", [mss(1460), NOP, NOP, SACK_PERMITTED, NOP, window_scale()], 0)
    one("mss-only", [mss(1460)], 0)
    one("no-mss", [SACK_PERMITTED, timestamps(), NOP, window_scale()], full)
    one("none", [], 0)
    one("scale-first", [mss(1460), NOP, window_scale(), SACK_PERMITTED, timestamps()], full)
    one("windows", [mss(1460), NOP, window_scale(8), NOP, NOP, SACK_PERMITTED], 0)
    one("macos", [mss(1460), NOP, window_scale(), NOP, NOP, timestamps(), SACK_PERMITTED, EOL, EOL], full)
    one("mss-twice", [mss(1460), mss(1460), NOP, NOP, timestamps()], TIMES)
    one("unknown-option", [mss(1460), option(253, b"\x12\x34"), NOP, NOP, timestamps()], TIMES)
    one("no-length", [mss(1460), option(5, length=0), NOP, NOP], 0)
    one("over-the-end", [mss(1460), option(8, length=10), NOP, NOP], 0)
    one("behind-the-end", [mss(1460), EOL * 4, timestamps()], 0)
    one("odd", [NOP, mss(1460), NOP, timestamps(), SACK_PERMITTED], SACK | TIMES)
    for shift in 0, 14, 15:
        packet = syn(ip, [mss(1460), SACK_PERMITTED, timestamps(), NOP, window_scale(shift)])
        add(f"{name}-scale-{shift}", packet, "answered", answer(packet, largest, client_scale=min(shift, 14)))
    for value in 0xFFFFFFFF, 0:
        packet = syn(ip, [mss(1460), SACK_PERMITTED, timestamps(value), NOP, window_scale()])
        add(f"{name}-time-{value}", packet, "answered", answer(packet, largest, tsval=value))
    both = {"flags": SYN | ECE | CWR}
    one("ecn", USUAL, full | ECN, both)
    one("ecn-not-known", USUAL, full, both, server="1460 7 3 15")
    one("ecn-no-timestamps", [mss(1460)], 0, both)
    one("ece-alone", USUAL, full, {"flags": SYN | ECE})
    one("server-without-scale", USUAL, SACK | TIMES, server="1460 none 7 15")
    one("server-without-sack", USUAL, TIMES | WSCALE, server="1460 7 6 15")
    one("server-without-timestamps", USUAL, 0, server="1460 7 1 15")
    packet = syn(ip)
    add(f"{name}-server-scale-10", packet, "answered", answer(packet, largest, scale=10), server="1460 10 7 15")
    add(f"{name}-scale-of-the-block", packet, "answered", answer(packet, largest, scale=3), wscale=3)


def limits(name, ip, largest):
    overhead = 40 if name == "ipv4" else 60
    packet = syn(ip)
    add(f"{name}-server-mss", packet, "answered", usual(packet, 1240), server="1240 7 7 15")
    add(f"{name}-device-mtu", packet, "answered", usual(packet, 1400 - overhead), device=1400)
    add(f"{name}-block-mss", packet, "answered", usual(packet, 1300), mss=1300)
    default = 536 if name == "ipv4" else 1220
    add(f"{name}-server-tells-no-mss", packet, "answered", usual(packet, default), server="0 7 7 15")
    add(f"{name}-learned-path", packet, "answered", usual(packet, 1350 - overhead), learned=1350)
    packet = syn(ip, [mss(1460)], vlans=(0x8100,))
    add(f"{name}-learned-path-vlan", packet, "answered", answer(packet, 1350 - overhead, 0), learned=1350)
    packet = syn(ip, pppoe=True)
    add(f"{name}-pppoe-mtu", packet, "answered", usual(packet, 1492 - overhead), server="9000 7 7 15")
    packet = syn(ip)
    add(f"{name}-unknown", packet, "passed-unknown", server="none")
    add(f"{name}-unknown-over-budget", packet, "answered", answer(packet, largest, 0), server="none", spent=1)
    add(f"{name}-partly-known", packet, "passed-unknown", server="1460 none 0 2")
    add(f"{name}-partly-known-over-budget", packet, "answered", answer(packet, largest, 0), server="1460 none 0 2", spent=1)
    for value in default, 65535:
        packet = syn(ip, [mss(value)] + USUAL[1:])
        add(f"{name}-mss-{value}", packet, "answered", usual(packet))
    for value in 0, 1, default - 1:
        packet = syn(ip, [mss(value)] + USUAL[1:])
        add(f"{name}-mss-{value}", packet, "passed-small-mss")
    add(f"{name}-mss-too-small-over-budget", packet, "over-budget", verdict="drop", spent=1)
    add(f"{name}-two-mss", syn(ip, [mss(1300), mss(1460)]), "passed-small-mss")
    packet = syn(ip, [mss(1460), mss(1300)])
    add(f"{name}-two-mss-smallest-last", packet, "answered", answer(packet, largest, 0))
    add(f"{name}-md5", syn(ip, [mss(1460), md5()]), "passed-signed")
    add(f"{name}-ao", syn(ip, [mss(1460), ao()]), "passed-signed")
    add(f"{name}-md5-over-budget", syn(ip, [mss(1460), md5()]), "over-budget", verdict="drop", spent=1)


def frames(name, ip):
    answered(f"{name}-usual", syn(ip))
    for what, tags in {"vlan": (0x8100,), "qinq": (0x88A8, 0x8100), "three-tags": (0x9100, 0x88A8, 0x8100)}.items():
        answered(f"{name}-{what}", syn(ip, vlans=tags))
    for what, more in {"": {}, "-compressed": {"ppp_protocol": b"\x21" if name == "ipv4" else b"\x57"}}.items():
        answered(f"{name}-pppoe{what}", syn(ip, pppoe=True, **more), device=1508)
        answered(f"{name}-vlan-pppoe{what}", syn(ip, pppoe=True, vlans=(0x8100,), **more), device=1508)
    for count in 6, 1:
        answered(f"{name}-trailer-{count}", syn(ip, trailer=bytes(count)))
    packet = syn(ip, [], trailer=bytes(6 if name == "ipv4" else 0))
    add(f"{name}-short-frame", packet, "answered", answer(packet, 1460 if name == "ipv4" else 1440, 0))
    for count in 1, 2, 7, 31, 32, 33, 1000:
        answered(f"{name}-data-{count}", syn(ip, payload=bytes(n * 7 % 256 for n in range(count))))
    packet = syn(ip, [mss(1460), SACK_PERMITTED, timestamps(), fast_open()], payload=b"GET / HTTP/1.1\r\n")
    add(f"{name}-fast-open", packet, "answered", answer(packet, 1460 if name == "ipv4" else 1440, SACK | TIMES))
    answered(f"{name}-sequence-wraps", syn(ip, sequence=0xFFFFFFFF))
    answered(f"{name}-urgent-push", syn(ip, flags=SYN | PSH))


def sums(name, ip):
    answered(f"{name}-checksum-partial", syn(ip, checksum="partial"))
    answered(f"{name}-checksum-partial-data", syn(ip, checksum="partial", payload=b"abc"))
    for what, payload in {"": b"", "-data": b"abc"}.items():
        add(f"{name}-checksum-bad{what}", syn(ip, checksum="bad", payload=payload), "bad-checksum", verdict="drop")
    add(f"{name}-checksum-zero", syn(ip, checksum=0), "bad-checksum", verdict="drop")
    for doff in 0, 4, 15:
        add(f"{name}-doff-{doff}", syn(ip, [mss(1460)], doff=doff), "malformed", verdict="drop")
    whole = len(build(syn(ip)))
    add(f"{name}-cut", syn(ip, cut=whole - 1), "malformed", verdict="drop")


def others(name, ip):
    for arm in "idle", "draining":
        add(f"{name}-{arm}", syn(ip), "passed-idle", arm=arm)
        add(f"{name}-{arm}-checksum-bad", syn(ip, checksum="bad"), "passed-idle", arm=arm)
    add(f"{name}-none-answers", syn(ip), "passed-idle", accelerator="none")
    add(f"{name}-other-port", syn(ip, ports=(40000, 81)), "none")
    elsewhere = replace(ip, destination="198.51.100.3" if name == "ipv4" else "2001:db8:2::3")
    add(f"{name}-other-server", syn(elsewhere), "none")
    add(f"{name}-back", syn(replace(ip, source=ip.destination, destination=ip.source)), "none")
    other = {"next_header": 17} if name == "ipv6" else {"protocol": 17}
    add(f"{name}-udp", Packet(ip=replace(ip, **other), tcp=Tcp().build(bytes(16), bytes(16))), "none")
    kinds = {
        "ack": (ACK, "cookie-bad"), "fin-ack": (FIN | ACK, "cookie-bad"), "data": (PSH | ACK, "cookie-bad"), "rst": (RST, "stray"),
        "rst-ack": (RST | ACK, "stray"), "syn-ack": (SYN | ACK, "stray"), "fin": (FIN, "stray"), "nothing": (0, "stray"),
        "syn-fin": (SYN | FIN, "stray"), "syn-rst": (SYN | RST, "stray"),
    }  # fmt: skip
    for what, (flags, reason) in kinds.items():
        packet = syn(ip, [NOP, NOP, timestamps()], flags=flags, acknowledgement=0x12345678)
        add(f"{name}-{what}", packet, reason, verdict="drop")
        add(f"{name}-{what}-draining", packet, reason, verdict="drop", arm="draining")
        add(f"{name}-{what}-idle", packet, "none", arm="idle")
        add(f"{name}-{what}-none-answers", packet, "none", accelerator="none")
        add(f"{name}-{what}-vlan", replace(packet, vlans=(0x8100,)), reason, verdict="drop")
        add(f"{name}-{what}-other-port", replace(packet, tcp=replace(packet.tcp, ports=(40000, 81))), "none")


def of_ipv4():
    for words in 1, 5, 10:
        answered(f"ipv4-options-{words}", syn(Ip4(options=b"\x01" * 4 * words)))
        answered(f"ipv4-options-{words}-vlan", syn(Ip4(options=b"\x01" * 4 * words), vlans=(0x8100,)))
    add("ipv4-first-fragment", syn(Ip4(more=True), payload=bytes(8)), "passed-fragment")
    add("ipv4-first-fragment-over-budget", syn(Ip4(more=True), payload=bytes(8)), "over-budget", verdict="drop", spent=1)
    for keep in 8, 16:
        add(f"ipv4-first-fragment-cut-{keep}", syn(Ip4(more=True), keep=keep), "passed-fragment")
    add("ipv4-later-fragment", syn(Ip4(offset=16)), "none")
    add("ipv4-length-too-long", syn(Ip4(total_length=61)), "malformed", verdict="drop")
    answered("ipv4-no-df", syn(Ip4(dont_fragment=False)))


def of_ipv6():
    chains = {
        "hop-by-hop": (hop_by_hop(),), "destination": (destination_options(),), "routed": (routing(0, 0, ["2001:db8::7"]),),
        "atomic": (fragment6(),), "two": (hop_by_hop(), destination_options()),
        "long": (destination_options(b"\x01\xfc" + bytes(252)),), "sixteen": (destination_options(),) * 16,
    }  # fmt: skip
    for what, chain in chains.items():
        answered(f"ipv6-{what}", syn(Ip6(chain=chain)))
        packet = syn(Ip6(chain=chain), [NOP, NOP, timestamps()], flags=ACK)
        add(f"ipv6-{what}-ack", packet, "cookie-bad", verdict="drop")
    add("ipv6-first-fragment", syn(Ip6(chain=(fragment6(more=True),)), payload=bytes(8)), "passed-fragment")
    add("ipv6-first-fragment-over-budget", syn(Ip6(chain=(fragment6(more=True),)), keep=8), "over-budget", verdict="drop", spent=1)
    add("ipv6-later-fragment", syn(Ip6(chain=(fragment6(offset=64),))), "none")
    towards = syn(Ip6(chain=(routing(2, 1, ["2001:db8::7"]),), towards="2001:db8::7"))
    add("ipv6-routing-goes-on", towards, "none")
    add("ipv6-length-too-long", syn(Ip6(payload_length=41)), "malformed", verdict="drop")


def text():
    for name, ip in FAMILIES:
        largest = 1460 if name == "ipv4" else 1440
        frames(name, ip)
        options(name, ip, largest)
        limits(name, ip, largest)
        sums(name, ip)
        others(name, ip)
    of_ipv4()
    of_ipv6()
    names = [vector.split("\n", 1)[0] for vector in vectors]
    assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
    return "\n".join([HEAD] + vectors)


if __name__ == "__main__":
    path = HERE / "cookie.txt"
    if sys.argv[1:] == ["--check"]:
        sys.exit(path.read_text() != text())
    path.write_text(text())
