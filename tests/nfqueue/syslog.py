#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""syslog.py SOCKET: prints what is logged there."""

import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
    log.bind(sys.argv[1])
    while True:
        print(log.recv(4096).decode(errors="replace").rstrip("\n\0"), flush=True)
