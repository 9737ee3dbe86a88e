#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tcpmss pmtu replay of captures: what is learned, refused, aged and clamped, from packets made here byte by byte."""

import ipaddress
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

import tap  # noqa: E402

TCPMSS = pathlib.Path(os.environ.get("TCPMSS", ROOT / "build" / "tcpmss"))
A, B, R = "192.0.2.1", "198.51.100.2", "203.0.113.9"
A6, B6, R6 = "2001:db8::1", "2001:db8:1::2", "2001:db8:2::9"
SYN, SYN_ACK, ACK = 2, 18, 16
Q = 0xFFFFFF00  # a sequence number that soon goes over 2^32


def checksum(data):
    total = sum(struct.unpack(f"!{len(data + b'x') // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(src, dst, protocol, payload, length=None, df=True, fragment=0):
    """length: what the header says, where that is not what follows."""
    s, d = (ipaddress.ip_address(a) for a in (src, dst))
    length = len(payload) + (20 if s.version == 4 else 40) if length is None else length
    if s.version == 6:
        return struct.pack("!IHBB", 6 << 28, length - 40, protocol, 64) + s.packed + d.packed + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, length, 1, df << 14 | fragment, 64, protocol, 0) + s.packed + d.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def tcp(src, dst, seq, size, sport=40000, dport=443, flags=ACK, options=b"", **more):
    """A packet of `size` bytes in all."""
    head = 20 if "." in src else 40
    segment = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, 1, (20 + len(options)) << 2, flags, 65535, 0, 0)
    segment += options + bytes(size - head - 20 - len(options))
    return ip(src, dst, 6, segment, **more)


def syn(src, dst, mss, flags=SYN):
    size = (40 if "." in src else 60) + 4
    return tcp(src, dst, 7, size, flags=flags, options=struct.pack("!BBH", 2, 4, mss))


def ptb(reporter, to, mtu, quoted, quote=None, bad=0):
    """quote: how many bytes of the quoted packet; 28 is what RFC 792 wants at least."""
    quoted = quoted[: quote or (548 if "." in to else 1232)]
    if "." in to:
        message = struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + quoted
        pseudo = b""
    else:
        message = struct.pack("!BBHI", 2, 0, 0, mtu) + quoted
        pseudo = ipaddress.ip_address(reporter).packed + ipaddress.ip_address(to).packed + struct.pack("!II", len(message), 58)
    message = message[:2] + struct.pack("!H", checksum(pseudo + message) ^ bad) + message[4:]
    return ip(reporter, to, 1 if "." in to else 58, message)


# Link layers: (LINKTYPE, what comes before a packet)


def kind(packet):
    return struct.pack("!H", 0x0800 if packet[0] >> 4 == 4 else 0x86DD)


def ethernet(packet):
    return bytes(12) + kind(packet) + packet


def vlan(packet):
    return bytes(12) + b"\x88\xa8\x00\x05\x81\x00\x00\x07" + kind(packet) + packet


def pppoe(packet):
    protocol = 0x0021 if packet[0] >> 4 == 4 else 0x0057
    return bytes(12) + b"\x88\x64\x11\x00" + struct.pack("!HHH", 1, len(packet) + 2, protocol) + packet


def raw(packet):
    return packet


def cooked(outgoing):
    return lambda packet: kind(packet) + bytes(2) + struct.pack("!IHBB8s", 3, 1, 4 if outgoing else 0, 6, bytes(8)) + packet


LINKS = {"ethernet": (1, ethernet), "vlan": (1, vlan), "pppoe": (1, pppoe), "raw": (101, raw)}


# Files: packets are (seconds, packet, link or None)


def pcap(packets, link="ethernet", nanoseconds=False, order="<"):
    number, before = LINKS[link]
    data = struct.pack(order + "IHHiIII", 0xA1B23C4D if nanoseconds else 0xA1B2C3D4, 2, 4, 0, 0, 65535, number)
    for at, packet in packets:
        frame = before(packet)
        fraction = round(at % 1 * (10**9 if nanoseconds else 10**6))
        data += struct.pack(order + "IIII", 1700000000 + int(at), fraction, len(frame), len(frame)) + frame
    return data


def block(number, body, order="<"):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", number, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def pcapng(packets, link="ethernet", resolution=None, offset=0, interfaces=1, order="<"):
    """packets: (seconds, packet[, interface])."""
    number, before = LINKS[link] if isinstance(link, str) else link
    options = b"" if resolution is None else struct.pack(order + "HHBxxx", 9, 1, resolution)
    options += struct.pack(order + "HHq", 14, 8, offset) + bytes(4) if offset else b""
    data = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    data += block(1, struct.pack(order + "HHI", number, 0, 0) + options, order) * interfaces
    units = 10**6 if resolution is None else 2 ** (resolution & 127) if resolution & 128 else 10**resolution
    for at, packet, *interface in packets:
        frame = before(packet)
        t = (1700000000 - offset) * units + round(at * units)
        head = struct.pack(order + "IIIII", *(interface or [0]), t >> 32, t & 0xFFFFFFFF, len(frame), len(frame))
        data += block(6, head + frame, order)
    return data


# Running it


def replay(folder, data, *options):
    path = folder / "capture"
    path.write_bytes(data)
    run = subprocess.run([TCPMSS, "pmtu", "replay", *options, path], capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout, run.stderr


def learned(b=B, pmtu=1400, at="0.011", deadline="600.011", df="on", reporter=R, why="at-once"):
    mss = pmtu - (40 if "." in b else 60)
    return f"{at} {b} pmtu={pmtu} mss={mss} df={df} state=reduced deadline={deadline} reporter={reporter} why={why}\n"


def story(mtu=1400, a=A, b=B, r=R, quote=None):
    """A full packet, its PTB, and the packet again in one that fits."""
    big = tcp(a, b, Q, 1500)
    return [(0, big), (0.010, ptb(r, a, mtu, big, quote)), (0.011, tcp(a, b, Q, mtu))]


def shapes(test, folder):
    for link in LINKS:
        for a, b, r in (A, B, R), (A6, B6, R6):
            for quote in 28 if b == B else 48, None:
                what = f"{link}, {'IPv4' if b == B else 'IPv6'}, {quote or 'long'} bytes quoted"
                status, out, err = replay(folder, pcap(story(1400, a, b, r, quote), link))
                test.ok(status == 0 and out == learned(b, reporter=r), f"learned: {what}", out + err)


def files(test, folder):
    for name, data in {
        "nanoseconds": pcap(story(), nanoseconds=True),
        "pcap, big endian": pcap(story(), order=">"),
        "pcapng": pcapng(story()),
        "pcapng, big endian": pcapng(story(), order=">"),
        "pcapng, milliseconds": pcapng(story(), resolution=3),
        "pcapng, nanoseconds": pcapng(story(), resolution=9),
        "pcapng, 1/1024 s": pcapng([(t * 1000 / 1024 + 0.0002, p) for t, p in story()], resolution=0x8A),
        "pcapng, an offset": pcapng(story(), offset=1000000),
    }.items():
        status, out, err = replay(folder, data)
        wanted = learned()
        if "1/1024" in name:
            test.ok(status == 0 and out.split()[1:4] == wanted.split()[1:4], f"times of {name}", out + err)
        else:
            test.ok(status == 0 and out == wanted, f"times of {name}", out + err)
    status, out, err = replay(folder, pcap(story())[:-10])
    test.ok(status == 1 and "breaks off" in err and "refused=unconfirmed" in out, "a capture that breaks off", out + err)
    run = subprocess.run([TCPMSS, "pmtu", "replay", "-"], input=pcap(story()), capture_output=True, timeout=60)
    test.ok(run.stdout.decode() == learned(), "a capture on standard input", run.stdout.decode() + run.stderr.decode())


def whole_story(test, folder):
    """Learned, clamped, aged step by step, gone."""
    packets = [
        (0, syn(A, B, 1460)),
        (0.1, syn(B, A, 1460, SYN_ACK)),
        *[(t + 1, p) for t, p in story()],
        (5, syn(A, B, 1460)),
        (5.1, syn(B, A, 1460, SYN_ACK)),
        (5.2, syn(B, A, 1300, SYN_ACK)),
        (700, syn(B, A, 1460, SYN_ACK)),
        (900, syn(B, A, 1460, SYN_ACK)),
    ]
    wanted = [
        learned(at="1.011", deadline="601.011").strip(),
        f"5.1 {B}>{A} mss=1360",
        f"601.011 {B} pmtu=1492 mss=1452 df=on state=raising deadline=721.011",
        f"700 {B}>{A} mss=1452",
        f"721.011 {B} pmtu=1500 mss=1460 df=on state=none deadline=-",
    ]
    status, out, err = replay(folder, pcap(packets))
    test.ok(status == 0 and out.splitlines() == wanted, "learned, clamped, raised, gone", out + err)
    _, out, _ = replay(folder, pcap(packets), "--symmetric")
    test.ok(f"5 {A}>{B} mss=1360" in out, "symmetric: the other direction, too", out)
    _, out, _ = replay(folder, pcap(packets), "--no-aging")
    test.ok(f"900 {B}>{A} mss=1360" in out and "raising" not in out, "no ageing", out)
    status, out, err = replay(folder, pcap(packets), "-j")
    lines = [json.loads(line) for line in out.splitlines()]
    test.ok([e["event"] for e in lines] == ["learned", "clamped", "aged", "clamped", "aged"], "as JSON", out + err)
    first = {k: lines[0].get(k) for k in ("destination", "reporter", "sender", "quoted_length", "resent_length", "resent_after_ms", "why")}
    test.ok(
        first == {"destination": B, "reporter": R, "sender": A, "quoted_length": 1500, "resent_length": 1400, "resent_after_ms": 1, "why": "at-once"},
        "as JSON: the evidence",
        json.dumps(first),
    )


def kinds(test, folder):
    big = tcp(A, B, Q, 1500)
    old = [(0, big), (0.010, ptb(R, A, 0, big, 28)), (0.011, tcp(A, B, Q, 552, df=False))]
    _, out, err = replay(folder, pcap(old))
    test.ok(out == learned(pmtu=1492), "MTU 0", out + err)
    _, out, err = replay(folder, pcap(old), "--old-router", "rfc1191")
    test.ok(out == learned(pmtu=1280), "MTU 0 as RFC 1191 has it", out + err)
    _, out, err = replay(folder, pcap(old), "--old-router", "off")
    test.ok(out == "", "MTU 0 ignored", out + err)
    tiny = [(0, big), (0.010, ptb(R, A, 68, big, 28)), (0.011, tcp(A, B, Q, 552, df=False))]
    _, out, err = replay(folder, pcap(tiny))
    test.ok(out == learned(pmtu=72, df="off"), "MTU 68", out + err)

    shorter = tcp(A, B, Q, 1400)
    two = [*story(), (0.020, ptb("203.0.113.10", A, 1300, shorter)), (0.021, tcp(A, B, Q, 1300))]
    _, out, err = replay(folder, pcap(two))
    wanted = learned() + learned(pmtu=1300, at="0.021", deadline="600.021", reporter="203.0.113.10")
    test.ok(out == wanted, "two narrow links behind one another", out + err)

    # Four packets in flight, PTBs for all of them; what is on its way goes on
    flight = [tcp(A, B, Q + i * 1460, 1500) for i in range(4)]
    packets = [(i / 1000, p) for i, p in enumerate(flight[:3])] + [(0.010 + i / 1000, ptb(R, A, 1400, p)) for i, p in enumerate(flight[:3])]
    packets += [(0.0135, flight[3])] + [(0.020 + i / 1000, tcp(A, B, Q + i * 1360, 1400)) for i in range(5)]
    _, out, err = replay(folder, pcap(packets))
    test.ok(out == learned(at="0.02", deadline="600.02", why="again"), "a flight of packets", out + err)

    # Two interfaces: what is learned on one is not the other's
    both = [(t, p, 1) for t, p in story()] + [(1, syn(B, A, 1460, SYN_ACK), 0), (2, syn(B, A, 1460, SYN_ACK), 1)]
    _, out, err = replay(folder, pcapng(both, interfaces=2))
    test.ok(out == learned() + f"2 {B}>{A} mss=1360\n", "two interfaces", out + err)


def refused(test, folder):
    big, fits = tcp(A, B, Q, 1500), tcp(A, B, Q, 1400)
    echo = ip(A, B, 1, bytes(1480))
    for why, message, after in (
        ("bad-checksum", ptb(R, A, 1400, big, bad=1), fits),
        ("short-quote", ptb(R, A, 1400, big, 27), fits),
        ("quote-not-tcp", ptb(R, A, 1400, echo), fits),
        ("quoted-fragment", ptb(R, A, 1400, tcp(A, B, Q, 1500, fragment=1)), fits),
        ("quote-df-clear", ptb(R, A, 1400, tcp(A, B, Q, 1500, df=False)), fits),
        ("quote-fits", ptb(R, A, 1500, big), fits),
        ("below-minimum", ptb(R, A, 67, big), fits),
        ("not-to-sender", ptb(R, "192.0.2.77", 1400, big), fits),
        ("future", ptb(R, A, 1400, tcp(A, B, Q + 5000, 1500)), fits),
        ("outside-window", ptb(R, A, 1400, tcp(A, B, Q ^ 1 << 31, 1500)), fits),
        ("unconfirmed", ptb(R, A, 1400, tcp(A, B, Q - 5000, 1500)), fits),
        ("unconfirmed", ptb(R, A, 1400, big), big),
        ("unconfirmed", ptb(R, A, 1400, tcp(A, B, Q, 1500, sport=40001)), fits),
    ):
        status, out, err = replay(folder, pcap([(0, big), (0.010, message), (0.011, after), (9, syn(B, A, 1460, SYN_ACK))]))
        lines = out.splitlines()
        test.ok(status == 0 and len(lines) == 1 and lines[0].endswith(f"refused={why}"), f"refused: {why}", out + err)
    status, out, err = replay(folder, pcap([(0, tcp(A6, B6, Q, 1500)), (0.1, ptb(R6, A6, 1279, tcp(A6, B6, Q, 1500)))]))
    test.ok(out == f"0.1 {B6} refused=below-minimum\n", "refused: IPv6 below 1280", out + err)


def forged(test, folder):
    """Guesses at a flow that the forger does not see: nothing is learned, no SYN is clamped."""
    seq, packets = 1000, []
    for i in range(4000):
        at = i / 1000
        if i % 4 == 0:
            packets.append((at, tcp(A, B, seq, 400 + i % 3 * 550)))
            seq += 360 + i % 3 * 550
        guess = tcp(A, B, i * 2654435761, 1500, sport=40000 if i % 2 else i)
        packets.append((at + 0.0001, ptb(f"203.0.113.{i % 250}", A, (68, 296, 576, 1280)[i % 4], guess, 28)))
    packets.append((5, syn(B, A, 1460, SYN_ACK)))
    status, out, err = replay(folder, pcap(packets))
    test.ok(status == 0 and "pmtu=" not in out and "mss=" not in out and "refused=rate" in out, "forged PTBs move nothing", out[-300:] + err)


def main():
    if not os.access(TCPMSS, os.X_OK):
        tap.skip_all(f"{TCPMSS} is not built")
    test = tap.Tap()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in shapes, files, whole_story, kinds, refused, forged:
            part(test, folder)
    sys.exit(test.done())


if __name__ == "__main__":
    main()
