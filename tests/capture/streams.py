#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Captures as streams: in pieces of any size, without delay, in constant memory."""

import json
import os
import pathlib
import random
import select
import subprocess
import sys
import tempfile
import threading
import time

import capturetest as ct

MIB = 1 << 20


def start(*arguments, **more):
    return subprocess.Popen(
        [ct.TCPMSS, "rewrite", *ct.OPTIONS, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        **more,
    )


def in_pieces(data, sizes):
    """(exit status, output, standard error)"""
    process = start("-", "-")

    def feed():
        at = 0
        while at < len(data):
            size = next(sizes)
            process.stdin.write(data[at : at + size])
            at += size
        process.stdin.close()

    writer = threading.Thread(target=feed)
    writer.start()
    out = process.stdout.read()
    err = process.stderr.read().decode()
    writer.join()
    return process.wait(), out, err


def pieces_of_any_size(test):
    chance = random.Random(1)
    for name, was, becomes, _ in ct.formats():
        if "length" in name or "either" in name:
            continue  # a length of a section cannot be told before its end: see below
        for words, sizes in (
            ("bytes one by one", iter(lambda: 1, 0)),
            ("odd pieces", iter(lambda: chance.randrange(1, 90), 0)),
        ):
            data, wanted = (was, becomes) if words != "bytes one by one" or len(was) < 3000 else (was[:2000], None)
            status, out, err = in_pieces(data, sizes)
            if wanted:
                good = status == 0 and out == wanted
            else:
                good = status == 1 and becomes.startswith(out) and len(out) > 1500
            test.ok(good, f"{name}: {words}", err, ct.difference(wanted or becomes, out))


def section_length(test, folder):
    """Towards a pipe the length of a section is taken back where packets may grow, and only there."""
    ng = ct.Pcapng(">")
    was = ng.everything(ct.mixed(), 0, length=True)
    becomes = ng.everything(ct.mixed(), 1, length=False)
    done = ct.rewrite(*ct.OPTIONS, "-", "-", stdin=was)
    test.ok(
        done.returncode == 0 and done.stdout == becomes,
        "a section that may grow has no length",
        ct.difference(becomes, done.stdout),
    )
    done = ct.rewrite("--mss", 65495, "-", "-", stdin=was)
    test.ok(done.returncode == 0 and done.stdout == was, "one that cannot grow keeps its length", done.stderr.decode())
    # A section longer than any window, whose length is mended when most of it is written.
    packets = [ct.same(1400)] * 3000 + [ct.grown()] * 3
    for order in "<>":
        ng = ct.Pcapng(order)
        was, becomes = (ng.everything(packets, v, length=True) * 2 for v in (0, 1))
        status, out, err = ct.through_files(folder, was)
        test.ok(
            status == 0 and out == becomes, f"two sections of {len(was) // 2} bytes", err, ct.difference(becomes, out)
        )


def without_delay(test):
    """A packet leaves before the next one comes."""
    pcap = ct.Pcap()
    process = start("-", "-")
    process.stdin.write(pcap.header())
    good = receive(process, len(pcap.header())) == pcap.header()
    for frame, wanted in (ct.lowered(), ct.same(900), ct.grown()):
        process.stdin.write(pcap.record(frame))
        good = good and receive(process, len(pcap.record(wanted))) == pcap.record(wanted)
    test.ok(good, "a live stream is not held back")
    process.stdin.write(b"\xff" * 16)
    test.ok(process.wait(timeout=20) == 1, "damage in a live stream ends it, though more might come")
    process.stdin.close()


def receive(process, size):
    data = b""
    while len(data) < size and select.select([process.stdout], [], [], 10)[0]:
        more = process.stdout.read(size - len(data))
        if not more:
            break
        data += more
    return data


def non_blocking(test):
    was, becomes = (ct.Pcap().file(ct.mixed() * 2000, v) for v in (0, 1))
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    process = subprocess.Popen(
        [ct.TCPMSS, "rewrite", *ct.OPTIONS, "-", "-"], stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.close(reader)

    def feed():
        with open(writer, "wb", buffering=0) as pipe:
            for at in range(0, len(was), 50000):
                pipe.write(was[at : at + 50000])
                time.sleep(0.002)

    thread = threading.Thread(target=feed)
    thread.start()
    out = process.communicate()[0]
    thread.join()
    test.ok(process.returncode == 0 and out == becomes, "a non-blocking input", ct.difference(becomes, out))


MEASURE = """
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def memory_of(before, after):
    """KiB at most resident in a rewrite from file to file. A child counts what its parent had: a small one."""
    command = [sys.executable, "-S", "-c", MEASURE, ct.TCPMSS, "rewrite", *ct.OPTIONS, before, after]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def constant_memory(test, folder):
    before, after = folder / "in", folder / "out"
    sizes = []
    for count in 10000, 100000:
        before.write_bytes(ct.Pcap().file([ct.same(900)] * count, 0))
        sizes.append(memory_of(before, after))
    test.ok(
        sizes[1] < 24 << 10 and sizes[1] < sizes[0] + 2048,
        f"10 MB take {sizes[0]} KiB of memory, 100 MB {sizes[1]}",
    )
    before.write_bytes(ct.Pcap().file([ct.same(16 * MIB - 54)] * 12, 0))
    size = memory_of(before, after)
    test.ok(size < 128 << 10 and before.read_bytes() == after.read_bytes(), f"packets of 16 MiB take {size} KiB")


def large(test, folder):
    """Records across windows, packets and blocks larger than one."""
    chance = random.Random(2)
    packets = [chance.choice((ct.lowered(), ct.grown(), ct.same(chance.randrange(1400)))) for _ in range(20000)]
    packets += [ct.same(n) for n in (60000, 70000, 600 << 10, 5 * MIB, 65536, 16 * MIB - 54)]
    packets += [ct.lowered(trailer=bytes(5 * MIB)), ct.grown(), ct.same(3 * MIB), ct.lowered()]
    was, becomes = (ct.Pcap().file(packets, v) for v in (0, 1))
    status, out, err = ct.through_files(folder, was)
    test.ok(status == 0 and out == becomes, f"pcap of {len(was) // MIB} MiB", err, ct.difference(becomes, out))
    done = ct.rewrite(*ct.OPTIONS, "-", "-", stdin=was)
    test.ok(
        done.returncode == 0 and done.stdout == becomes,
        "the same from pipe to pipe",
        ct.difference(becomes, done.stdout),
    )

    def ng(version):
        make = ct.Pcapng(">")
        parts = [
            make.section(),
            make.block(9, bytes(40 * MIB)),
            make.interface(options=make.option(1, bytes(65000)) * 40),
        ]
        for n, packet in enumerate(packets[::40] + packets[-10:]):
            parts.append(
                make.enhanced(packet[version], options=make.option(1, bytes(65000)) * (20 if n % 97 == 0 else 0))
            )
        grown = ct.grown()[version]
        options = make.option(1, bytes(65000)) * 40
        parts += [make.enhanced(grown, options=options), make.old(grown, options=options), make.simple(grown)]
        return b"".join(parts)

    was, becomes = ng(0), ng(1)
    status, out, err = ct.through_files(folder, was)
    test.ok(status == 0 and out == becomes, f"pcapng of {len(was) // MIB} MiB", err, ct.difference(becomes, out))
    done = ct.rewrite(*ct.OPTIONS, "-", "-", stdin=was)
    test.ok(
        done.returncode == 0 and done.stdout == becomes,
        "the same from pipe to pipe",
        ct.difference(becomes, done.stdout),
    )
    # Cut in the long options of a packet that grew: that block is taken back.
    cut = len(was) - 3 * MIB
    status, out, err = ct.through_files(folder, was[:cut])
    test.ok(
        status == 1 and becomes.startswith(out) and len(out) < cut, "cut inside a long block: it is taken back", err
    )
    make = ct.Pcapng()
    head = make.section() + make.interface()
    bad = make.block(9, bytes(2 * MIB), behind=77)
    status, out, err = ct.through_files(folder, head + bad)
    test.ok(status == 1 and out is None and f"block at byte {len(head)}, behind packet 0: its two lengths differ" in err, "a long block whose lengths differ", err)


def all_grow(test, folder):
    """Nothing but packets that grow: many inserts in each window."""
    packets = [ct.grown("raw")] * 60000
    was, becomes = (ct.Pcap(link=ct.RAW).file(packets, v) for v in (0, 1))
    status, out, err = ct.through_files(folder, was)
    test.ok(status == 0 and out == becomes, "60000 packets that all grow", err, ct.difference(becomes, out))


def counters_beside(test):
    done = ct.rewrite(*ct.OPTIONS, "-j", "-", "-", stdin=ct.Pcap().file(ct.mixed(), 0))
    counters = json.loads(done.stderr)
    test.ok(
        done.stdout == ct.Pcap().file(ct.mixed(), 1) and counters["packets"] == 10,
        "-j with OUT '-' is on standard error",
    )


def main():
    ct.need_program()
    test = ct.tap.Tap()
    with tempfile.TemporaryDirectory(prefix="tm-streams-") as folder:
        folder = pathlib.Path(folder)
        pieces_of_any_size(test)
        section_length(test, folder)
        without_delay(test)
        non_blocking(test)
        large(test, folder)
        all_grow(test, folder)
        constant_memory(test, folder)
        counters_beside(test)
        test.ok(not ct.left_behind(folder), "nothing is left behind")
    test.done()


if __name__ == "__main__":
    main()
