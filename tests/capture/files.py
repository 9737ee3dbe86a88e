#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What becomes of OUT: it gets its name when it is complete, and nothing else is left, whatever happens."""

import os
import pathlib
import signal
import stat
import subprocess
import tempfile
import threading
import time

import capturetest as ct

WAS, BECOMES = (ct.Pcap().file(ct.mixed(), version) for version in (0, 1))


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def same_file(test, folder):
    one = folder / "one"
    (folder / "symbolic").symlink_to("one")
    one.write_bytes(WAS)
    os.link(one, folder / "hard")
    for name in "one", "symbolic", "hard", "../" + folder.name + "/one":
        done = ct.rewrite(*ct.OPTIONS, one, folder / name)
        test.ok(
            done.returncode == 1 and b"same file" in done.stderr and one.read_bytes() == WAS,
            f"IN as OUT, by the name of {name.rpartition('/')[2]}: refused",
            done.stderr.decode(),
        )
    with one.open("rb") as stdin, one.open("ab") as stdout:
        command = [ct.TCPMSS, "rewrite", *ct.OPTIONS]
        done = subprocess.run([*command, "-", one], stdin=stdin, capture_output=True)
        test.ok(done.returncode == 1 and b"same file" in done.stderr, "standard input and OUT: refused")
        done = subprocess.run([*command, one, "-"], stdout=stdout, stderr=subprocess.PIPE)
        test.ok(done.returncode == 1 and b"same file" in done.stderr, "IN and standard output: refused")
    test.ok(one.read_bytes() == WAS, "the file is as it was")


def modes(test, folder):
    before, after = folder / "in", folder / "out"
    before.write_bytes(WAS)
    for mask in 0o022, 0o077:
        after.unlink(missing_ok=True)
        done = ct.rewrite(*ct.OPTIONS, before, after, umask=mask)
        test.ok(done.returncode == 0 and mode_of(after) == 0o666 & ~mask, f"a new file under umask {mask:03o}")
    for mode in 0o600, 0o640, 0o664:
        after.write_bytes(b"old")
        after.chmod(mode)
        done = ct.rewrite(*ct.OPTIONS, before, after, umask=0o022)
        good = done.returncode == 0 and mode_of(after) == mode and after.read_bytes() == BECOMES
        test.ok(good, f"a file of mode {mode:o} that is replaced keeps it")
    if os.geteuid() == 0:
        os.chown(after, 12345, 23456)
        done = ct.rewrite(*ct.OPTIONS, before, after)
        owner = after.stat()
        test.ok(done.returncode == 0 and (owner.st_uid, owner.st_gid) == (12345, 23456), "and its owner")
    else:
        test.skip("and its owner", "needs root")
    link = folder / "link"
    link.symlink_to("out")
    after.write_bytes(b"old")
    done = ct.rewrite(*ct.OPTIONS, before, link)
    test.ok(
        done.returncode == 0 and link.is_symlink() and after.read_bytes() == BECOMES,
        "a symbolic link: its file is replaced",
    )


def refused(test, folder):
    before, after = folder / "in", folder / "out"
    before.write_bytes(WAS)
    after.unlink(missing_ok=True)
    (folder / "dangling").symlink_to("nowhere")
    for words, one, other, why in (
        ("no IN", folder / "none", after, b"No such file"),
        ("IN a directory", folder, after, b"a directory; name a capture file"),
        ("OUT a directory", before, folder, b"a directory; name a file"),
        ("no directory for OUT", before, folder / "none" / "out", b"No such file"),
        ("OUT a link to nothing", before, folder / "dangling", b"a symbolic link to nothing"),
    ):
        done = ct.rewrite(*ct.OPTIONS, one, other)
        test.ok(done.returncode == 1 and why in done.stderr and not after.exists(), words, done.stderr.decode())
    after.write_bytes(b"old")
    before.write_bytes(WAS[:-200] + b"\xff" * 100)
    done = ct.rewrite(*ct.OPTIONS, before, after)
    test.ok(done.returncode == 1 and after.read_bytes() == b"old", "damage in IN: an old OUT is not touched")


def written_directly(test, folder):
    before = folder / "in"
    before.write_bytes(WAS)
    done = ct.rewrite(*ct.OPTIONS, before, "/dev/null")
    test.ok(done.returncode == 0 and stat.S_ISCHR(os.stat("/dev/null").st_mode), "/dev/null stays what it is")
    fifo, got = folder / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    done = ct.rewrite(*ct.OPTIONS, before, fifo)
    reader.join()
    test.ok(done.returncode == 0 and got == [BECOMES] and fifo.is_fifo(), "a FIFO is written to")
    if os.path.exists("/dev/full"):
        done = ct.rewrite(*ct.OPTIONS, before, "/dev/full")
        good = done.returncode == 1 and b"/dev/full: No space left on device" in done.stderr
        test.ok(good, "/dev/full names itself", done.stderr.decode())


def full_disk(test, folder):
    if os.geteuid():
        return test.skip("a full disk", "needs root to mount a small file system")
    small = folder / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True).returncode:
        return test.skip("a full disk", "cannot mount a tmpfs here")
    try:
        before = folder / "in"
        before.write_bytes(ct.Pcap().file([ct.same(1400)] * 3000, 0))
        (small / "out").write_bytes(b"old")
        done = ct.rewrite(*ct.OPTIONS, before, small / "out")
        words = f"{small}/out: No space left on device".encode()
        test.ok(done.returncode == 1 and words in done.stderr, "a full disk: the error names it", done.stderr.decode())
        test.ok(os.listdir(small) == ["out"] and (small / "out").read_bytes() == b"old", "a full disk: nothing is left")
    finally:
        subprocess.run(["umount", small], check=True)


def size_limit(test, folder):
    before, after = folder / "in", folder / "out"
    before.write_bytes(ct.Pcap().file([ct.same(1400)] * 3000, 0))
    after.unlink(missing_ok=True)
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 100; exec "$0" rewrite --mss 1400 "$1" "$2"', ct.TCPMSS, before, after],
        capture_output=True,
    )
    test.ok(done.returncode == 1 and b"File too large" in done.stderr, "a limit on file size", done.stderr.decode())
    test.ok(not after.exists() and not ct.left_behind(folder), "a limit on file size: nothing is left")


def signals(test, folder):
    """A signal in the middle: the input is a pipe that does not end."""
    after = folder / "out"
    after.write_bytes(b"old")
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        command = [ct.TCPMSS, "rewrite", *ct.OPTIONS, "-", after]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(WAS)
        process.stdin.flush()
        deadline = time.monotonic() + 10
        while not ct.left_behind(folder) and time.monotonic() < deadline:
            time.sleep(0.01)
        seen = ct.left_behind(folder)
        process.send_signal(number)
        status = process.wait(timeout=10)
        process.stdin.close()
        good = seen and status == -number and not ct.left_behind(folder) and after.read_bytes() == b"old"
        test.ok(good, f"{number.name}: the temporary file is gone", f"exit status {status}, {ct.left_behind(folder)}")
    ignored = subprocess.Popen(
        ["sh", "-c", 'trap "" INT; exec "$0" rewrite --mss 480 --add-missing - "$1"', ct.TCPMSS, after],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    ignored.stdin.write(WAS)
    ignored.stdin.flush()
    time.sleep(0.3)
    ignored.send_signal(signal.SIGINT)
    ignored.stdin.close()
    test.ok(ignored.wait(timeout=10) == 0 and after.read_bytes() == BECOMES, "a signal that is ignored stays so")


def broken_pipe(test, folder):
    before = folder / "in"
    before.write_bytes(ct.Pcap().file([ct.same(1400)] * 3000, 0))
    process = subprocess.Popen(
        [ct.TCPMSS, "rewrite", *ct.OPTIONS, before, "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    test.ok(process.wait(timeout=20) == -signal.SIGPIPE, "a reader that goes away ends it, as it ends others")


def main():
    ct.need_program()
    test = ct.tap.Tap()
    for part in (
        same_file,
        modes,
        refused,
        written_directly,
        full_disk,
        size_limit,
        signals,
        broken_pipe,
    ):
        with tempfile.TemporaryDirectory(prefix="tm-files-") as folder:
            folder = pathlib.Path(folder)
            part(test, folder)
            test.ok(not ct.left_behind(folder), f"{part.__name__}: nothing is left behind", ct.left_behind(folder))
    test.done()


if __name__ == "__main__":
    main()
