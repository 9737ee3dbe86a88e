#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""notify.py SOCKET PROGRAM...: a service manager: starts the program with NOTIFY_SOCKET (@NAME: an abstract one) and WATCHDOG_USEC, and
prints what it is told by its main process, a line a message with the fields sorted; messages of other processes as "FOREIGN"."""

import os
import socket
import struct
import subprocess
import sys

name = sys.argv[1]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
    notices.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
    notices.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    notices.settimeout(0.2)
    # A process knows its own number only after it has been made: the shell fills it in.
    start = 'export WATCHDOG_PID=$$; exec "$@"'
    program = subprocess.Popen(
        ["sh", "-c", start, "sh", *sys.argv[2:]], env={**os.environ, "NOTIFY_SOCKET": name, "WATCHDOG_USEC": "600000"}
    )
    while True:
        try:
            data, control, _, _ = notices.recvmsg(4096, 256)
        except TimeoutError:
            if program.poll() is not None:
                break
            continue
        pid = struct.unpack("3i", control[0][2])[0]
        print(" ".join(sorted(data.decode().split("\n"))) if pid == program.pid else "FOREIGN", flush=True)
sys.exit(program.returncode)
