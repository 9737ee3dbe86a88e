#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""handed.py PLACES COMMAND...: runs the command as a service manager does that opens its sockets, ADDRESS:PORT or unix:/PATH each, all
but those that end in '!' listening, and hands them over, named metrics0, metrics1, …; it may not open TCP/IP sockets itself. PLACES
'-': none. With LISTEN_PID in the environment, they are meant for that process."""

import ctypes
import errno
import os
import platform
import socket
import struct
import sys

SOCKET_SYSCALL = {"x86_64": 41, "aarch64": 198}[platform.machine()]
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
RET_ERRNO, RET_ALLOW = 0x00050000, 0x7FFF0000


def opened(place):
    where = place.rstrip("!")
    if where.startswith("unix:"):
        s = socket.socket(socket.AF_UNIX)
        s.bind(where[5:])
        os.chmod(where[5:], 0o666)
    else:
        address, port = where.rsplit(":", 1)
        s = socket.socket(socket.AF_INET6 if address.startswith("[") else socket.AF_INET)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address.strip("[]"), int(port)))
    if not place.endswith("!"):
        s.listen()
    return s


def insn(code, jt, jf, k):
    return struct.pack("=HBBI", code, jt, jf, k)


places = [] if sys.argv[1] == "-" else sys.argv[1].split(",")
sockets = [opened(p) for p in places]
high = [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(sockets)]
os.closerange(3, 100)
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)

program = (
    insn(0x20, 0, 0, 0)  # load the system call's number
    + insn(0x15, 0, 4, SOCKET_SYSCALL)
    + insn(0x20, 0, 0, 16)  # and its first argument, the family
    + insn(0x15, 1, 0, socket.AF_INET)
    + insn(0x15, 0, 1, socket.AF_INET6)
    + insn(0x06, 0, 0, RET_ERRNO | errno.EAFNOSUPPORT)
    + insn(0x06, 0, 0, RET_ALLOW)
)
code = ctypes.create_string_buffer(program, len(program))
fprog = ctypes.create_string_buffer(struct.pack("=H6xQ", len(program) // 8, ctypes.addressof(code)), 16)
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(fprog), 0, 0):
    raise SystemExit(f"prctl: {os.strerror(ctypes.get_errno())}")
os.environ.setdefault("LISTEN_PID", str(os.getpid()))
os.environ["LISTEN_FDS"] = str(len(places))
os.environ["LISTEN_FDNAMES"] = ":".join(f"metrics{i}" for i in range(len(places)))
os.execvp(sys.argv[2], sys.argv[2:])
