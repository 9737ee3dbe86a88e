#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tcpmss rewrite, format by format: what the clamp changes is changed, and no other byte."""

import pathlib
import tempfile

import capturetest as ct

SHARED = ct.ROOT / ".." / "shared" / "captures"


def of_each_kind(test, folder):
    for name, was, becomes, count in ct.formats():
        status, out, err = ct.through_files(folder, was)
        test.ok(status == 0 and out == becomes, f"{name}: clamps, inserts", err, ct.difference(becomes, out))
        test.ok(f"{count} packets, " in err, f"{name}: finds {count} packets", err)
        status, out, err = ct.through_files(folder, was, "--mss", "65495", "--add-missing")
        test.ok(status == 0 and out == was, f"{name}: is byte-identical when nothing is to do", err)


def link_types(test, folder):
    known = dict.fromkeys((12, 14, 101, 228, 229), "raw") | {0: "null", 1: "ethernet", 9: "ppp", 50: "ppp"}
    known |= {51: "pppoe", 108: "loop", 113: "sll", 276: "sll2"}
    for number, link in known.items():
        was, becomes = (ct.Pcap(link=number).file([ct.lowered(link), ct.grown(link)], v) for v in (0, 1))
        status, out, err = ct.through_files(folder, was)
        test.ok(status == 0 and out == becomes, f"link type {number} is {link}", err, ct.difference(becomes, out))
    was = ct.Pcap(link=ct.UNKNOWN).file([ct.lowered()], 0)
    status, out, err = ct.through_files(folder, was)
    test.ok(status == 0 and out == was, "an unknown link type passes", err)


def snaplens(test, folder):
    """A reader refuses a packet longer than the snaplen, so none becomes longer than it."""
    was, becomes = ct.grown()
    for snaplen in len(was), len(was) + 3, len(was) + 4, len(was) - 1:
        fits = snaplen >= len(was) + 4 or snaplen < len(was)  # the last one breaks its promise already
        wanted = (was, becomes)[fits]
        pcap, ng = ct.Pcap(snaplen=snaplen), ct.Pcapng()
        for name, head, record in (
            ("pcap", pcap.header(), pcap.record),
            ("pcapng", ng.section() + ng.interface(snaplen=snaplen), ng.enhanced),
        ):
            status, out, err = ct.through_files(folder, head + record(was))
            test.ok(
                status == 0 and out == head + record(wanted),
                f"{name}: {len(was)} bytes {'grow' if fits else 'do not grow'} under a snaplen of {snaplen}",
                err,
                ct.difference(head + record(wanted), out),
            )
    # The length of a simple block is the smaller of snaplen and original length.
    ng = ct.Pcapng()
    for snaplen in len(was) - 10, len(was), len(was) + 4:
        head = ng.section() + ng.interface(snaplen=snaplen)
        fits = snaplen >= len(was) + 4
        data = head + ng.simple(was[:snaplen], len(was)) + ng.simple(ct.lowered()[0][:snaplen], len(ct.lowered()[0]))
        status, out, err = ct.through_files(folder, data)
        frame = becomes if fits else was[:snaplen]
        wanted = head + ng.simple(frame, len(becomes if fits else was))
        test.ok(status == 0 and out.startswith(wanted), f"simple block under a snaplen of {snaplen}", err)


def lengths_on_the_wire(test, folder):
    was, becomes = ct.grown(trailer=bytes(10))
    cut = len(was) - 10  # the packet is there, of the padding nothing
    pcap, ng = ct.Pcap(), ct.Pcapng()
    for name, head, record in (
        ("pcap", pcap.header(), pcap.record),
        ("pcapng", ng.section() + ng.interface(), ng.enhanced),
    ):
        status, out, err = ct.through_files(folder, head + record(was[:cut], beyond=10))
        wanted = head + record(becomes[: cut + 4], beyond=10)
        test.ok(status == 0 and out == wanted, f"{name}: both lengths grow", err, ct.difference(wanted, out))
        status, out, err = ct.through_files(folder, head + record(was, beyond=2**32 - 1 - len(was)))
        test.ok(
            status == 0 and out == head + record(was, beyond=2**32 - 1 - len(was)),
            f"{name}: a length that would overflow keeps the packet as it is",
            err,
        )
    old = ct.Pcap(version=(2, 3))
    data = old.header() + b"".join(old.record(ct.lowered()[0], beyond=9, swap=swap) for swap in (False, True))
    wanted = old.header() + b"".join(old.record(ct.lowered()[1], beyond=9, swap=swap) for swap in (False, True))
    status, out, err = ct.through_files(folder, data)
    test.ok(status == 0 and out == wanted, "pcap 2.3: the lengths in either order", err, ct.difference(wanted, out))


def padding(test, folder):
    """Padding need not be zero, and what stands behind the packet stays."""
    ng = ct.Pcapng(">")
    for extra in range(4):
        was, becomes = (ct.grown(trailer=bytes([0x55]) * extra)[v] for v in (0, 1))

        def blocks(frame):
            lengths = ng.number(len(frame)) * 2
            dirty = frame + b"\xdb" * (-len(frame) % 4)
            return (
                ng.section()
                + ng.interface()
                + ng.block(ct.ENHANCED, ng.number(0) + bytes(8) + lengths + dirty + ng.option(2988, b"\xee" * 5))
                + ng.block(ct.SIMPLE, ng.number(len(frame)) + dirty + b"more")
            )

        status, out, err = ct.through_files(folder, blocks(was))
        wanted = blocks(becomes)
        test.ok(status == 0 and out == wanted, f"{extra} bytes odd: padding stays", err, ct.difference(wanted, out))


def real(test, folder):
    if not SHARED.is_dir():
        return test.skip("real captures stay byte-identical", "there are none at hand")
    for path in sorted(SHARED.glob("*.pcap*")):
        status, out, err = ct.through_files(folder, path.read_bytes(), "--mss", "65495")
        test.ok(status == 0 and out == path.read_bytes(), f"{path.name}: is byte-identical when nothing is to do", err)


def main():
    ct.need_program()
    test = ct.tap.Tap()
    with tempfile.TemporaryDirectory(prefix="tm-formats-") as folder:
        folder = pathlib.Path(folder)
        for part in of_each_kind, link_types, snaplens, lengths_on_the_wire, padding, real:
            part(test, folder)
        test.ok(not ct.left_behind(folder), "nothing is left behind")
    test.done()


if __name__ == "__main__":
    main()
