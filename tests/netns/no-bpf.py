#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""no-bpf.py ERRNO[:load] COMMAND...: runs the command under a seccomp filter where bpf(2), or its loading of
programs only, fails with ERRNO (EPERM: a container's default profile; ENOSYS: a kernel without it; EACCES:load: the
verifier)."""

import ctypes
import errno
import os
import platform
import struct
import sys

BPF_SYSCALL = {"x86_64": 321, "aarch64": 280}[platform.machine()]
PROG_LOAD = 5
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
RET_ERRNO, RET_ALLOW = 0x00050000, 0x7FFF0000


def insn(code, jt, jf, k):
    return struct.pack("=HBBI", code, jt, jf, k)


failure, _, only_load = sys.argv[1].partition(":")
program = (
    insn(0x20, 0, 0, 0)  # load the system call's number
    + insn(0x15, 0, 3, BPF_SYSCALL)
    + insn(0x20, 0, 0, 16)  # and its first argument, the command
    + insn(0x15, 0, 1 if only_load else 0, PROG_LOAD)
    + insn(0x06, 0, 0, RET_ERRNO | getattr(errno, failure))
    + insn(0x06, 0, 0, RET_ALLOW)
)
code = ctypes.create_string_buffer(program, len(program))
fprog = ctypes.create_string_buffer(
    struct.pack("=H6xQ", len(program) // 8, ctypes.addressof(code)), 16
)
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(fprog), 0, 0):
    raise SystemExit(f"prctl: {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[2], sys.argv[2:])
