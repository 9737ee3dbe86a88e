#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""vectors.py TCPMSSD NFQ-CLAMP VECTORS...: the corpus through an NFQUEUE, in the namespace this runs in.

    tun device -> raw PREROUTING: queue 1, the program -> mangle PREROUTING: queue 2, this test

What comes out is compared to the vector's `out`, byte for byte. The same packets go first without a program (the rule's
bypass): what the IP stack drops or trims before any queue is known from that. All limits run as a hook of mode nfqueue of
`tcpmssd -f`; those that `tcpmssd -m` can express run that, too, and the others nfq-clamp, the same code with clamp options.
"""

import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(TESTS / "oracle"))

import links  # noqa: E402
import nfqueue  # noqa: E402
import tap  # noqa: E402
import vectorfile  # noqa: E402

CHUNK = 64  # packets on their way at a time
MARK = b"tcpmss-mark"


def marker(number):
    """A UDP packet that ends the answers to vector `number`."""
    data = MARK + struct.pack("!I", number)
    udp = struct.pack("!HHHH", 9, 9, 8 + len(data), 0) + data
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes((10, 9, 9, 9)), bytes((10, 9, 9, 1)))
    return head[:10] + struct.pack("!H", ~ones(head) & 0xFFFF) + head[12:] + udp


def ones(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def packet_of(vector):
    """(IP version, the packet in it, what it becomes) or None"""
    try:
        version, at, _ = links.find_ip(vector.frame, vector.link)
    except links.Pass:
        return None
    return version, vector.frame[at:], vector.out[at:]


def through(tun, queue, packets):
    """What comes out for each packet: a list of packets, or None where the device refused it."""
    answers = [[] for _ in packets]
    for start in range(0, len(packets), CHUNK):
        at, end = start, min(start + CHUNK, len(packets))
        for number in range(start, end):
            if not tun.write(packets[number]):
                answers[number] = None
            tun.write(marker(number))
        for packet in queue.packets(3):
            if MARK in packet and packet[28 : 28 + len(MARK)] == MARK:
                at = struct.unpack_from("!I", packet, 28 + len(MARK))[0] + 1
                if at == end:
                    break
            elif packet[:1] != b"\x60" or packet[6] != 58 or packet[8:10] != b"\xfe\x80":  # not the kernel's own
                answers[at].append(packet)
        if at != end:
            raise SystemExit(f"packets got lost: {at} of {end}")
    return answers


def command(options, version):
    """The program that has this limit for this IP version."""
    match = re.fullmatch(r"--(mss|mtu) (\d+)", options)
    if match:
        number = int(match[2])
        if match[1] == "mtu":
            return [sys.argv[1], "-bv", "-p", "1", "-m", str(number)]
        mtu = number + (40 if version == 4 else 60)
        if mtu <= 65535 and (version == 4 or number >= 1220):
            return [sys.argv[1], "-bv", "-p", "1", "-m", str(mtu)]
    return [sys.argv[2], "1", *options.split()]


def configuration(options):
    """The same for `tcpmssd -f`."""
    hook, prefixes = ["mode = nfqueue", "queue = 1", "direction = both"], {}
    words = iter(options.split())
    for word in words:
        if word == "--prefix":
            prefix, mtu = next(words).split("=")
            prefixes[prefix] = min(int(mtu), prefixes.get(prefix, 65535))  # a file has each only once
        elif word in ("--mss", "--mtu"):
            hook.append(f"{word[2:]} = {next(words)}")
        else:
            hook.append(f"{word[2:]} = true")
    if not re.search("--(mss|mtu) ", options):
        hook.append("device = absent0")  # whose MTU is not known: no limit but the prefixes'
    return "\n".join(["hook q {", *hook, "}", *(f"prefix {p} {{ mtu = {mtu} }}" for p, mtu in prefixes.items()), ""])


def start(words):
    program = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    said = []
    for line in program.stderr:
        said.append(line)
        if "ready" in line or "MSS limit" in line or "reads queue 1" in line:
            return program
    raise SystemExit(f"{words} does not start: {''.join(said)}")


def stop(program):
    program.terminate()
    program.stderr.read()
    return program.wait()


def main():
    t = tap.Tap()
    tun = nfqueue.Tun("tun0")
    subprocess.run(["ip", "link", "set", "tun0", "up"], check=True)
    queue = nfqueue.Queue(2)
    vectors = [v for path in sys.argv[3:] for v in vectorfile.read(path)]
    groups, hooks, names = {}, {}, {}
    for vector in vectors:
        found = packet_of(vector)
        if not found:
            names.setdefault("no IP packet in the frame", []).append(vector)
            continue
        version, before, after = found
        if before[:1] and before[0] >> 4 != version:
            names.setdefault("the link layer names another IP version", []).append(vector)
            continue
        groups.setdefault(tuple(command(vector.options, version)), []).append((vector, before, after))
        hooks.setdefault(vector.options, []).append((vector, before, after))
    for words, group in groups.items():
        run(t, tun, queue, list(words), " ".join([os.path.basename(words[0]), *words[1:]]), group, names)
    for options, group in hooks.items():
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "conf").write_text(configuration(options))
            words = [sys.argv[1], "-v", "-f", folder + "/conf", "--pid-file", folder + "/pid"]
            run(t, tun, queue, words, f"tcpmssd -f, {options}", group, names)
    for why, skipped in names.items():
        t.skip(f"{len({vector.name for vector in skipped})} vectors", why)
    t.done()


def run(t, tun, queue, words, what, group, names):
    packets = [before for _, before, _ in group]
    plain = through(tun, queue, packets)
    program = start(words)
    clamped = through(tun, queue, packets)
    for (vector, before, after), reference, got in zip(group, plain, clamped):
        if not reference:
            names.setdefault("dropped by the IP stack before any queue", []).append(vector)
            continue
        kept = len(reference[0])
        if reference != [before[:kept]]:
            names.setdefault("changed by the IP stack before any queue", []).append(vector)
            continue
        if kept < len(before) and "--add-missing" in vector.options:
            names.setdefault("padding is trimmed by the IP stack, and matters here", []).append(vector)
            continue
        expect = after[: kept + len(after) - len(before)]
        t.ok(got == [expect], f"{vector.name}: {what}", f"expected {expect.hex()}", f"got      {[g.hex() for g in got or []]}")
    t.ok(stop(program) == 0 or "nfq-clamp" in what, f"{what} ends cleanly")


main()
