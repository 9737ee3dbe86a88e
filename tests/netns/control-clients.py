#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Clients of the control socket that do what they should not: control-clients.py SOCKET WHAT

Prints what came of it on one line; the caller looks at the daemon meanwhile and after.
"""
import array
import fcntl
import json
import os
import socket
import sys
import time

path, what = sys.argv[1:3]


def client(timeout=10):
    end = time.monotonic() + timeout
    while True:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(timeout)
        try:
            s.connect(path)
            return s
        except BlockingIOError:  # the queue of those who want to connect is full
            s.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def line(s):
    data = b""
    while not data.endswith(b"\n"):
        piece = s.recv(65536)
        if not piece:
            return None
        data += piece
    return json.loads(data)


def status(data, **more):
    with client(**more) as s:
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = line(s)
        return answer and answer["status"]


def pass_descriptors(s, data, fds):
    s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


def half():
    """A request that is never finished, byte by byte: closed within some seconds all the same."""
    begin = time.monotonic()
    with client(60) as s:
        try:
            while time.monotonic() - begin < 30:
                s.sendall(b" ")
                time.sleep(0.2)
        except (BrokenPipeError, ConnectionResetError):
            return "closed"
    return "open"


def huge():
    return status(b"x" * 1000000)


def deep():
    return status(b'{"verb":' + b"[" * 2000 + b"]" * 2000 + b"}\n")


def garbage():
    answers = {status(os.urandom(900).replace(b"\n", b"x") + b"\n") for _ in range(50)}
    return sorted(answers)


def wrong():
    requests = [b"\n", b"[]\n", b"{}\n", b"null\n", b'{"verb":1}\n', b'{"verb":"nothing"}\n', b'{"verb":"show","x":1}\n',
                b'{"verb":"show","verb":"show"}\n', b'{"verb":"stats"}\n', b'{"verb":"stats","hook":""}\n',
                b'{"verb":"stats","hook":"../x"}\n', b'{"verb":"stats","hook":"' + b"a" * 200 + b'"}\n',
                b'{"verb":"stats","hook":"wan","what":"drop"}\n', b'{"verb":"explain"}\n',
                b'{"verb":"explain","address":"1.2.3"}\n', b'{"verb":"reload","confirm":0}\n',
                b'{"verb":"reload","confirm":1e3}\n', b'{"verb":"reload","confirm":99999999999999999999}\n',
                b'{"verb":"protect-remove"}\n', b'{"verb":"protect-remove","all":1}\n', b'{"verb":"protect-remove","name":"../x"}\n',
                b'{"verb":"sh\\u0000ow"}\n', b'{"verb":"show"}{"verb":"show"}\n']
    return sorted({status(r) for r in requests})


def many():
    """A thousand connections that say nothing, and stay."""
    held = []
    for _ in range(1000):
        try:
            held.append(client(1))
        except (BlockingIOError, TimeoutError):
            break
    print("held", flush=True)
    time.sleep(6)
    return len(held) > 100


def leave():
    """Asks, and closes before the answer, or in the middle of it."""
    for i in range(300):
        with client() as s:
            s.sendall(b'{"verb":"show"}\n')
            if i % 2:
                s.recv(10)
    return "left"


def deaf():
    """Asks for more and more, and never reads."""
    held = [client() for _ in range(16)]
    for s in held:
        s.setblocking(False)
        try:
            while True:
                s.send(b'{"verb":"show"}\n' * 100)
        except BlockingIOError:
            pass
    print("held", flush=True)
    time.sleep(4)
    return "deaf"


def descriptors():
    """Where none belong, too many, and those that are no sealed memory."""
    seen = []
    r, w = os.pipe()
    for data, fds in ((b'{"verb":"show"}\n', [r]), (b'{"verb":"reload"}\n', [r, w]), (b'{"verb":"reload"}\n', [r] * 200),
                      (b'{"verb":"reload"}\n', [r])):
        with client() as s:
            pass_descriptors(s, data, fds)
            seen.append(line(s)["status"])
    for _ in range(300):
        with client() as s:
            try:
                pass_descriptors(s, b" ", [r, w, r])
                pass_descriptors(s, b" ", [r] * 100)
            except (BrokenPipeError, ConnectionResetError):
                pass
    return seen


def memory(size, seals, text=b"", verb=b"reload"):
    fd = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    if text:
        os.pwrite(fd, text, 0)
    if seals:
        fcntl.fcntl(fd, 1033, 1 | 2 | 4 | 8)
    with client(60) as s:
        pass_descriptors(s, b'{"verb":"' + verb + b'"}\n', [fd])
        answer = line(s)
    os.close(fd)
    return answer["status"], answer.get("error", "")[:60]


def configurations():
    """Of root: not sealed, too large, no memory file, and one that is not valid."""
    good = b'hook wan { device = "wan0"  mtu = 1300 }\n'
    plain = os.open("/etc/passwd", os.O_RDONLY)
    with client() as s:
        pass_descriptors(s, b'{"verb":"reload"}\n', [plain])
        seen = [line(s)["status"]]
    seen.append(memory(len(good), False, good)[0])
    seen.append(memory((64 << 20) + 1, True)[0])
    seen.append(memory(1000, True)[0])
    seen.append(memory(len(good), True, good)[0])
    return seen


def blocks():
    """Of root: protect-add with nothing, with what is not sealed, too large, not valid, not only blocks; where it does not belong."""
    seen = [status(b'{"verb":"protect-add"}\n')]
    seen.append(memory(2, False, b"\n\n", b"protect-add")[0])
    seen.append(memory((64 << 20) + 1, True, verb=b"protect-add")[0])
    for text in (b"", b"protect x { }\n", b'hook other { device = "wan0" }\n', b"control { }\n", b"\0" * 1000):
        seen.append(memory(len(text), True, text, b"protect-add")[0])
    seen.append(memory(2, True, b"\n\n", b"protect-show")[0])
    return seen


def watch():
    """Watches, and does not read for long; all lose events then, and are told so."""
    held = [client(5) for _ in range(16)]
    for s in held:
        s.sendall(b'{"verb":"watch"}\n')
        if s.recv(13) != b'{"status":0}\n':
            return "refused"
    print("held", flush=True)
    time.sleep(8)
    return {any(b'"left-out"' in line for line in lines(s)) for s in held}


def may_watch(s):
    """Who gets no place is closed, before or after having asked."""
    try:
        s.sendall(b'{"verb":"watch"}\n')
        return s.recv(13) == b'{"status":0}\n'
    except (BrokenPipeError, ConnectionResetError):
        return False


def crowd():
    """Watches 16 times, as often as it may. How many could."""
    held = [client(5) for _ in range(16)]
    watching = sum(may_watch(s) for s in held)
    print("held", flush=True)
    time.sleep(5)
    return watching


def lines(s):
    """What waits, until nothing comes for a while."""
    s.settimeout(0.5)
    try:
        with s.makefile("rb") as f:
            yield from f
    except TimeoutError:
        pass


print(globals()[what]())
