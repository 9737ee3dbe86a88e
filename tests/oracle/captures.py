#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tcpmss rewrite: real captures, where they are at hand, and made ones of each link type and byte order. Packets must
be as the oracle says, and every other byte of the file as it was."""

import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import capturefile  # noqa: E402
import generate  # noqa: E402
import limits  # noqa: E402
import oracle  # noqa: E402
import tap  # noqa: E402
from judges import BUILD, ROOT  # noqa: E402
from packets import NOP, Ip4, Ip6, Packet, Tcp, build, hop_by_hop, mss  # noqa: E402

TCPMSS = BUILD / "tcpmss"
CAPTURES = ROOT / ".." / "shared" / "captures"
OPTION_SETS = ("--mss 536", "--mtu 1280", "--mss 500 --add-missing", "--mss 65495 --allow-increase", "--mss 65495")
# Names, so that a file that is not there is counted as skipped.
REAL = """802.1ad_QinQ.pcap accecn_handshake.pcap bgp-bgpsec.pcap bigtcp-ipv4-vxlan-ipv6.pcap dns_tcp.pcap
    geneve-gcp.pcap geneve.pcap gso-ipv6-geneve-ipv4.pcap ipoib.pcap mptcp-aa-v1.pcap mptcp-dss-oobr.pcap
    mptcp-fclose.pcap of13_ericsson.pcapng pptp.pcap print-flags.pcap resp_3_malicious.pcap scps_invalid.pcap ssh.pcap
    tcp-handshake-nano.pcap tfo-5c1fa7f9ae91.pcap timestamp_invalid_micro.pcap whois.pcap""".split()
NUMBERS = {"null": 0, "ethernet": 1, "ppp": 9, "pppoe": 51, "raw": 101, "loop": 108, "sll": 113, "sll2": 276}


def check(test, name, data, folder):
    before, after = folder / "in", folder / "out"
    before.write_bytes(data)
    counts, wrong = set(), []
    for options in OPTION_SETS:
        parsed = limits.parse(options)
        wanted, count, changed = capturefile.rewritten(data, lambda frame, link: oracle.clamp(frame, link, parsed)[2])
        after.unlink(missing_ok=True)
        command = [TCPMSS, "rewrite", *options.split(), before, after]
        done = subprocess.run(command, capture_output=True, text=True)
        counts.add(changed)
        if done.returncode:
            wrong.append(f"{options}: exit status {done.returncode}: {done.stderr.strip()}")
        elif after.read_bytes() != wanted:
            wrong.append(f"{options}: " + difference(wanted, after.read_bytes()))
    test.ok(not wrong, f"{name}: {count} packets, {min(counts)} to {max(counts)} changed", *wrong)


def difference(wanted, got):
    at = next((n for n, (a, b) in enumerate(zip(wanted, got)) if a != b), min(len(wanted), len(got)))
    return (
        f"{len(got)} bytes for {len(wanted)}, the first difference at {at}: "
        f"{got[at : at + 16].hex(' ')} for {wanted[at : at + 16].hex(' ')}"
    )


def random_frames(link):
    return [frame for family in ("ipv4", "ipv6") for frame in generate.frames("captures", 200, family, link)]


def big_frames():
    """Segments beyond 64 KiB, as captures of offloaded ones have them: without a length in the IP header."""
    for ip in Ip4(total_length=0), Ip6(payload_length=0), Ip6(payload_length=0, chain=(hop_by_hop(b"\xc2\4\0\1\0\0"),)):
        for state in "full", "partial", "bad":
            for first in mss(1460), NOP + mss(65535), mss(1), b"":
                for size in 65536, 65537, 200001:
                    payload = (bytes(range(251)) * 800)[:size]
                    yield build(Packet(ip=ip, tcp=Tcp(options=[first], checksum=state, payload=payload)))


def made_pcap(frames, link, order, nanoseconds):
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, NUMBERS[link])]
    for n, frame in enumerate(frames):
        parts += [struct.pack(order + "IIII", 1700000000 + n, n, len(frame), len(frame) + n % 3), frame]
    return b"".join(parts)


def made_pcapng(order):
    """A section with an interface of each link type, an unknown one among them; then a section in the other order."""

    def block(kind, body):
        size = len(body) + 12
        return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)

    def section():
        parts = [block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))]
        for number in (*NUMBERS.values(), 147):
            parts.append(block(1, struct.pack(order + "HHI", number, 0, 0)))
        supplies = [generate.frames("captures", 100, "ipv4", link) for link in NUMBERS]
        supplies.append(generate.frames("captures", 100, "ipv6"))
        for n, frames in enumerate(zip(*supplies)):
            for interface, frame in enumerate(frames):
                head = struct.pack(order + "IIIII", interface, 0, n, len(frame), len(frame))
                padded = frame + bytes(-len(frame) % 4)
                comment = struct.pack(order + "HH", 1, 4) + b"note" + bytes(4) if n % 2 else b""
                parts.append(block(6, head + padded + comment))
            simple = struct.pack(order + "I", len(frames[0])) + frames[0] + bytes(-len(frames[0]) % 4)
            # An SPB is of the first interface, which is one of BSD loopback here.
            parts += [block(3, simple), block(0x80000001, b"unknown!")]
        return b"".join(parts)

    first = section()
    order = "<" if order == ">" else ">"
    return first + section()


def main():
    if not os.access(TCPMSS, os.X_OK):
        tap.skip_all(f"{TCPMSS} is not built")
    test = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="tm-captures-") as folder:
        folder = pathlib.Path(folder)
        present = [path.name for path in CAPTURES.glob("*.pcap*")] if CAPTURES.is_dir() else []
        for name in sorted({*REAL, *present}):
            if name in present:
                check(test, name, (CAPTURES / name).read_bytes(), folder)
            else:
                test.skip(name, "the capture is not at hand")
        for number, link in enumerate(NUMBERS):
            for order, word in ("<", "little"), (">", "big"):
                data = made_pcap(random_frames(link), link, order, number % 2)
                check(test, f"made pcap of {link}, {word} endian", data, folder)
        check(test, "made pcap of big segments", made_pcap(list(big_frames()), "ethernet", "<", False), folder)
        for order, word in ("<", "little"), (">", "big"):
            check(test, f"made pcapng, {word} endian first", made_pcapng(order), folder)
    test.done()


if __name__ == "__main__":
    main()
