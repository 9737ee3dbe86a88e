#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A capture that ends anywhere: what is whole is written, the error says where it broke, the exit status is 1."""

import pathlib
import re
import tempfile

import capturetest as ct


def pieces(make, version):
    """The file as (bytes, packets in it) that are complete or not there."""
    packets = [ct.lowered()[version], ct.same(1)[version], ct.grown()[version]]
    if isinstance(make, ct.Pcap):
        return [(make.header(), 0)] + [(make.record(frame), 1) for frame in packets]
    end = make.option(0, b"")
    return [
        (make.section(options=make.option(1, b"text") + end), 0),
        (make.interface(ct.ETHERNET, 0, make.option(2, b"eth0") + end), 0),
        (make.enhanced(packets[0], options=make.option(1, b"text") + end), 1),
        (make.block(0x0BAD, b"unknown!"), 0),
        (make.simple(packets[2]), 1),
        (make.old(packets[1]), 1),
        (make.section(), 0),
        (make.interface(ct.RAW), 0),
        (make.enhanced(packets[2][14:]), 1),
    ]


def check(folder, name, make):
    """What is wrong with any of the cuts."""
    was, becomes = pieces(make, 0), pieces(make, 1)
    data = b"".join(piece for piece, _ in was)
    wrong = []
    for cut in range(len(data) + 1):
        left, whole, start, packets = cut, b"", 0, 0
        for (old, count), (new, _) in zip(was, becomes):
            if left < len(old):
                break
            left -= len(old)
            start += len(old)
            whole += new
            packets += count
        status, out, err = ct.through_files(folder, data[:cut])
        if cut < 4:
            good = status == 1 and out is None and "not a pcap or pcapng file" in err
        elif left == 0:
            good = status == 0 and out == whole and f"{packets} packets" in err
        else:
            good = (
                status == 1
                and out == (whole or None)  # not even the file header: no output
                and f"breaks off at byte {cut}:" in err
                and f"begins at byte {start}, behind packet {packets}," in err
            )
        if not good:
            wrong.append(f"cut at byte {cut}: exit status {status}, {err.strip()}; {ct.difference(whole, out)}")
    return wrong


def on_a_pipe(test, make, name):
    was, becomes = pieces(make, 0), pieces(make, 1)
    data, whole = (b"".join(piece for piece, _ in which) for which in (was, becomes))
    done = ct.rewrite(*ct.OPTIONS, "-", "-", stdin=data[:-1])
    test.ok(
        done.returncode == 1
        and done.stdout == whole[: len(whole) - len(becomes[-1][0])]
        and b"breaks off" in done.stderr,
        f"{name}, from pipe to pipe",
        done.stderr.decode(),
    )


def main():
    ct.need_program()
    test = ct.tap.Tap()
    with tempfile.TemporaryDirectory(prefix="tm-truncation-") as folder:
        folder = pathlib.Path(folder)
        for name, make in (
            ("pcap, little endian", ct.Pcap()),
            ("pcap, big endian, nanoseconds", ct.Pcap(">", 0xA1B23C4D)),
            ("pcap, Kuznetsov's", ct.Pcap("<", 0xA1B2CD34, extra=bytes(8))),
            ("pcapng, little endian", ct.Pcapng()),
            ("pcapng, big endian", ct.Pcapng(">")),
        ):
            wrong = check(folder, name, make)
            test.ok(not wrong, f"{name}, cut at every byte", *wrong[:5])
            on_a_pipe(test, make, name)
        # The counters are of what was written.
        make = ct.Pcap()
        (folder / "in").write_bytes(make.file([ct.lowered(), ct.lowered()], 0)[:-1])
        done = ct.rewrite(*ct.OPTIONS, "-j", folder / "in", folder / "out")
        test.ok(
            done.returncode == 1 and re.search(rb'"fixed_packets": 1\b', done.stdout),
            "-j counts what is whole",
            done.stdout.decode(),
        )
        test.ok(not ct.left_behind(folder), "nothing is left behind")
    test.done()


if __name__ == "__main__":
    main()
