#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A service whose server speaks first, as ssh and smtp do.

    greet-times.py serve PORT                      both families; greets, then waits for the client to go
    greet-times.py meet ADDR PORT COUNT [SECONDS]  so many connections, one after the other, with so much time for each: prints lines
                                             "200 CONNECTED GREETED" (both in seconds) or "000 0 0 WHY"
"""

import socket
import sys
import threading
import time

GREETING = b"220 at your service\r\n"


def greet(connection):
    with connection:
        connection.settimeout(60)
        try:
            connection.sendall(GREETING)
            connection.recv(100)
        except OSError:
            pass


def serve(port):
    with socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64) as listener:
        print("ready", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=greet, args=(connection,), daemon=True).start()


def meet(address, port, count, seconds=5):
    for _ in range(int(count)):
        start = time.monotonic()
        try:
            with socket.create_connection((address, int(port)), timeout=float(seconds)) as s:
                connected = time.monotonic() - start
                if s.recv(len(GREETING)) != GREETING:
                    raise OSError("another greeting")
                print(f"200 {connected:.6f} {time.monotonic() - start:.6f}", flush=True)
        except OSError as e:
            print(f"000 0 0 {e}", flush=True)


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
else:
    meet(*sys.argv[2:])
