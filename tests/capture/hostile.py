#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Damaged and hostile captures: one clear sentence with the place, exit status 1, no output file, and no more memory
than bytes have come."""

import pathlib
import re
import resource
import tempfile

import capturetest as ct

MIB = 1 << 20


def cases():
    """(name, file, offset the error names, words of the error)"""
    for order in "<>":
        pcap, ng = ct.Pcap(order), ct.Pcapng(order)
        frame = ct.lowered()[0]
        head = pcap.header() + pcap.record(frame)
        for value in 16 * MIB + 1, 0x7FFFFFFF, 0xFFFFFFFF:
            bad = pcap.number(0) * 2 + pcap.number(value) + pcap.number(value) + bytes(100)
            yield f"pcap, captured length {value:#x}", head + bad, len(head), f"packet 2 .*length of {value} "
        for version in (1, 4), (2, 5), (543, 0):
            yield (
                f"pcap {version[0]}.{version[1]}",
                ct.Pcap(order, version=version).header() + bytes(100),
                4,
                f"version {version[0]}.{version[1]}",
            )

        start = ng.section() + ng.interface()
        good = start + ng.enhanced(frame)
        unknown = 0x0BAD
        for kind, name in (
            (unknown, "unknown"),
            (ct.ENHANCED, "enhanced"),
            (ct.SIMPLE, "simple"),
            (ct.OLD_PACKET, "old packet"),
            (ct.INTERFACE, "interface"),
            (ct.SECTION, "section"),
        ):
            for length in 0, 1, 8, 11, 13, 0xFFFFFFFF, 0x80000001:
                body = ng.number(0x1A2B3C4D) + bytes(96)
                bad = ng.number(kind) + ng.number(length) + body
                yield f"{name} block of {length:#x} bytes", good + bad, len(good), f"length of {length};"
        for kind, size in (ct.ENHANCED, 28), (ct.SIMPLE, 12), (ct.OLD_PACKET, 28), (ct.INTERFACE, 16), (ct.SECTION, 24):
            body = (ng.number(0x1A2B3C4D) + bytes(40))[: size - 12]
            yield f"block of type {kind:#x}, too short", good + ng.block(kind, body), len(good), "at least"
        for behind in 0, 8, 0xFFFFFFFF:
            yield (
                f"trailing length {behind:#x}",
                good + ng.block(unknown, bytes(8), behind),
                len(good),
                f"20 in front, {behind} behind",
            )
        for captured in 61, 0xFFFFFFFF, 0x80000000, 0xFFFFFFFC:
            lengths = ng.number(captured) * 2
            for kind in ct.ENHANCED, ct.OLD_PACKET:
                bad = ng.block(kind, bytes(12) + lengths + bytes(60))
                yield (
                    f"packet of {captured:#x} bytes in a block of 92",
                    good + bad,
                    len(good),
                    f"packet of {captured} bytes",
                )
            bad = ng.block(ct.SIMPLE, ng.number(captured) + bytes(60))
            yield f"simple packet of {captured:#x} bytes", good + bad, len(good), f"packet of {captured} bytes"
        yield "packet before any interface", ng.section() + ng.enhanced(frame), len(ng.section()), "interface 0"
        yield "simple packet before any interface", ng.section() + ng.simple(frame), len(ng.section()), "interface 0"
        yield "unknown interface", good + ng.enhanced(frame, 1), len(good), "interface 1"
        yield (
            "interface of the section before",
            good + ng.section() + ng.enhanced(frame),
            len(good + ng.section()),
            "interface 0",
        )
        yield "pcapng 2", good + ng.section(major=2), len(good), "version 2.0"
        bad = ng.block(ct.SECTION, b"\x1a\x2b\x3c\x4e" + bytes(12))
        yield "section without byte order", good + bad, len(good), "byte-order magic"


def strangers():
    yield "empty file", b"", "is empty"
    yield "three bytes", b"\xd4\xc3\xb2", "shorter"
    yield "text", b"tcpdump: listening on", "begins with 74 63 70 64"
    yield "zeros", bytes(1000), "begins with 00 00 00 00"
    yield "gzip", b"\x1f\x8b\x08\0" + bytes(50), "gzip.*zcat"
    yield "zstd", b"\x28\xb5\x2f\xfd" + bytes(50), "zstd.*zstdcat"
    yield "xz", b"\xfd7zXZ\0" + bytes(50), "xz.*xzcat"
    yield "snoop", b"snoop\0\0\0" + bytes(50), "snoop.*editcap"


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (256 * MIB, 256 * MIB))


def huge_but_absent(test, folder):
    """A length is believed only as far as bytes follow."""
    pcap, ng = ct.Pcap(), ct.Pcapng()
    head = ng.section() + ng.interface()
    (folder / "in").write_bytes(pcap.header())
    if ct.rewrite(*ct.OPTIONS, folder / "in", folder / "out", preexec_fn=limited).returncode:
        return test.skip("huge lengths at the end", "the program needs more than 256 MiB of addresses: sanitizers")
    (folder / "out").unlink()
    for name, data in (
        ("pcap", pcap.header() + bytes(8) + pcap.number(16 * MIB) * 2 + bytes(100)),
        ("enhanced", head + ng.number(6) + ng.number(0xFFFFFFFC) + bytes(12) + ng.number(16 * MIB) * 2 + bytes(100)),
        ("unknown", head + ng.number(7) + ng.number(0xFFFFFFFC) + bytes(100)),
        (
            "section",
            head + ng.number(ct.SECTION) + ng.number(0xFFFFFFFC) + ng.number(0x1A2B3C4D) + b"\1\0" + bytes(100),
        ),
    ):
        (folder / "in").write_bytes(data)
        done = ct.rewrite(*ct.OPTIONS, folder / "in", folder / "out", preexec_fn=limited)
        test.ok(
            done.returncode == 1 and b"breaks off" in done.stderr,
            f"{name}: a huge length at the end",
            done.stderr.decode(),
        )


def interfaces(test, folder):
    ng = ct.Pcapng()
    data = ng.section() + ng.interface() * 65536 + ng.enhanced(ct.lowered()[0], 65535)
    status, out, err = ct.through_files(folder, data)
    test.ok(status == 0 and "1 changed" in err, "65536 interfaces", err)
    status, out, err = ct.through_files(folder, ng.section() + ng.interface() * 65537)
    test.ok(status == 1 and "more than 65536 interfaces" in err, "one more is refused", err)


def main():
    ct.need_program()
    test = ct.tap.Tap()
    with tempfile.TemporaryDirectory(prefix="tm-hostile-") as folder:
        folder = pathlib.Path(folder)
        for name, data, offset, words in cases():
            status, out, err = ct.through_files(folder, data)
            good = status == 1 and out is None and re.search(rf"at byte {offset}\b", err) and re.search(words, err)
            test.ok(
                good and err.count("\n") == 1, name, f"exit status {status}: {err}", f"wanted: byte {offset}, {words}"
            )
        for name, data, words in strangers():
            status, out, err = ct.through_files(folder, data)
            test.ok(status == 1 and out is None and re.search(words, err), name, f"exit status {status}: {err}")
        huge_but_absent(test, folder)
        interfaces(test, folder)
        test.ok(not ct.left_behind(folder), "nothing is left behind")
    test.done()


if __name__ == "__main__":
    main()
