#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The command line of tcpmss rewrite: help, usage, counters, progress."""

import json
import os
import pathlib
import pty
import subprocess
import tempfile
import threading
import time

import capturetest as ct


def usage(test, folder):
    before = folder / "in"
    before.write_bytes(ct.Pcap().file([ct.lowered()], 0))
    after = folder / "out"
    for arguments, words in (
        ((before, after), "no limit is given; it needs --mss N, --mtu N"),
        (("--add-missing", before, after), "no limit is given"),
        (("--mtu", "auto", before, after), "--mtu auto asks this machine"),
        (("--mtu", "route", "--mss", "1400", before, after), "--mtu route asks this machine"),
        (("--mss", "31", before, after), "--mss 31: "),
        (("--mss", "1400x", before, after), "--mss 1400x: "),
        (("--mtu", "71", before, after), "--mtu 71: "),
        (("--prefix", "10.0.0.0/33=1400", before, after), "10.0.0.0/33=1400"),
        (("--prefix", "10.0.0.0/8", before, after), "=MTU"),
        (("--allow-increase", "--mtu", "1400", before, after), "--mss N"),
        (("--mss",), "needs a value"),
        (("--mss", "1400", "--bogus", before, after), "--bogus"),
        (("-x", "--mss", "1400", before, after), "-x"),
        (("--mss", "1400"), "IN and OUT"),
        (("--mss", "1400", before), "IN and OUT"),
        (("--mss", "1400", before, after, after), "IN and OUT"),
    ):
        done = ct.rewrite(*arguments)
        err = done.stderr.decode()
        given = " ".join(str(a) for a in arguments if a not in (before, after)) or "nothing"
        test.ok(
            done.returncode == 2 and words in err and not done.stdout and err.count("\n") == 1 and not after.exists(),
            f"usage: {given}",
            f"exit status {done.returncode}: {err}",
        )
    terminal, its_end = pty.openpty()
    done = subprocess.run([ct.TCPMSS, "rewrite", "--mss", "1400", before, "-"], stdout=its_end, stderr=subprocess.PIPE)
    test.ok(done.returncode == 2 and b"is a terminal" in done.stderr, "usage: a capture onto a terminal")
    done = subprocess.run([ct.TCPMSS, "rewrite", "--mss", "1400", "-", after], stdin=its_end, stderr=subprocess.PIPE)
    test.ok(done.returncode == 2 and b"is a terminal" in done.stderr, "usage: a capture from a terminal")
    os.close(terminal)
    os.close(its_end)
    for word in "--help", "-h":
        done = ct.rewrite(word)
        text = done.stdout.decode()
        good = done.returncode == 0 and text.count("\n") <= 24 and text.count("  tcpm") + text.count("  tcpd") == 2
        good = good and max(map(len, text.splitlines())) < 80 and not done.stderr
        test.ok(good, f"{word}: one screen, two examples", text)


def limits(test, folder):
    """Each way to give a limit is enough."""
    frame = ct.lowered()[0]
    for options, value in (
        (("--mss", "480"), 480),
        (("--mtu", "520"), 480),
        (("--prefix", "192.0.2.0/24=520"), 480),
        (("--prefix", "198.51.100.2=520"), 480),
        (("--mss", "900", "--mtu", "1000", "--prefix", "192.0.2.0/24=520", "--prefix", "0.0.0.0/0=600"), 480),
        (("--mtu", "1000", "--prefix", "203.0.113.0/24=520"), 960),
    ):
        wanted = ct.build(ct.Packet(tcp=ct.Tcp(options=[ct.mss(value), *ct.USUAL[1:]])))
        status, out, err = ct.through_files(folder, ct.Pcap().file([(frame,)], 0), *options)
        test.ok(status == 0 and out == ct.Pcap().file([(wanted,)], 0), f"{' '.join(options)} gives {value}", err)
    status, out, err = ct.through_files(folder, ct.Pcap().file([(frame,)], 0), "--prefix", "203.0.113.0/24=520")
    test.ok(status == 0 and "0 changed" in err, "a prefix of others gives no limit", err)


def counters(test, folder):
    before, after = folder / "in", folder / "out"
    packets = ct.mixed()
    before.write_bytes(ct.Pcap().file(packets, 0))
    done = ct.rewrite(*ct.OPTIONS, "-j", before, after)
    got = json.loads(done.stdout)
    reasons = got.pop("reasons")
    test.ok(
        got
        == {
            "schema_version": 1,
            "packets": 10,
            "octets": sum(len(was) for was, _ in packets),
            "syn_packets": 5,
            "fixed_packets": 5,
        }
        and done.stderr == b"",
        "-j: packets and octets of all, before the clamp",
        got,
        done.stderr.decode(),
    )
    test.ok(
        {name: n for name, n in reasons.items() if n} == {"clamped": 2, "added": 3, "not-syn": 3, "truncated": 2},
        "-j: reasons",
        reasons,
    )
    done = ct.rewrite(*ct.OPTIONS, before, after)
    test.ok(done.stderr == b"10 packets, 5 SYNs, 5 changed\n" and not done.stdout, "one line on standard error else")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [ct.TCPMSS, "rewrite", *ct.OPTIONS, "-j", before, after], stdout=full, stderr=subprocess.PIPE
        )
    test.ok(done.returncode == 1 and b"No space left" in done.stderr, "counters that cannot be written: exit status 1")
    after.unlink()
    before.write_bytes(b"no capture")
    done = ct.rewrite(*ct.OPTIONS, "-j", before, after)
    test.ok(done.returncode == 1 and not done.stdout, "no counters of what is no capture")


def on_a_terminal(arguments, feed=None):
    """(exit status, what the terminal shows of standard error)"""
    terminal, its_end = pty.openpty()
    process = subprocess.Popen([ct.TCPMSS, "rewrite", *map(str, arguments)], stdin=subprocess.PIPE, stderr=its_end)
    os.close(its_end)
    if feed:
        feed(process.stdin)
    process.stdin.close()
    shown = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # its other end is closed
            break
        if not more:
            break
        shown += more
    os.close(terminal)
    return process.wait(), shown.decode()


def slowly(data, seconds):
    def feed(pipe):
        for part in range(20):
            pipe.write(data[len(data) * part // 20 : len(data) * (part + 1) // 20])
            pipe.flush()
            time.sleep(seconds / 20)

    return feed


def progress(test, folder):
    data = ct.Pcap().file([ct.same(1400)] * 3000, 0)
    status, shown = on_a_terminal(("--mss", "1400", "-", "/dev/null"), slowly(data, 1.5))
    updates = shown.count(" MB")
    test.ok(status == 0 and 2 <= updates <= 9, f"a stream on a terminal: {updates} updates in 1.5 s", shown)
    test.ok("\r\x1b[K3000 packets" in shown, "they are erased at the end", repr(shown))
    test.ok("%" not in shown, "bytes, as the size is not known")
    done = ct.rewrite("--mss", "1400", "-", "/dev/null", stdin=data)
    test.ok(b"MB" not in done.stderr and b"\r" not in done.stderr, "nothing where standard error is no terminal")
    before = folder / "in"
    before.write_bytes(data)
    fifo = folder / "fifo"
    os.mkfifo(fifo)

    def read_late():  # makes the work long
        with fifo.open("rb") as pipe:
            time.sleep(1)
            while pipe.read(1 << 16):
                pass

    reader = threading.Thread(target=read_late)
    reader.start()
    status, shown = on_a_terminal(("--mss", "1400", before, fifo))
    reader.join()
    test.ok(status == 0 and " %" in shown, "percent of a file", repr(shown))


def main():
    ct.need_program()
    test = ct.tap.Tap()
    for part in usage, limits, counters, progress:
        with tempfile.TemporaryDirectory(prefix="tm-command-") as folder:
            part(test, pathlib.Path(folder))
    test.done()


if __name__ == "__main__":
    main()
