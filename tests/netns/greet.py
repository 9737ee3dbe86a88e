#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A service whose server speaks first, as those of ssh and smtp do, and its clients.

    greet.py serve PORT [--mss N]          says hello to everybody, both families, until it is killed; "ready" when it begins
    greet.py meet ADDR PORT [COUNT] [--seconds N]
                                           opens so many connections, one after the other, and reads the greeting of each, for which it has
                                           so much time: lines "200 CONNECTED DONE" (both in seconds) or "000 0 0 WHY", then status 1
"""

import argparse
import socket
import sys
import time

HELLO = b"220 here is nobody, but you are welcome\r\n"


def serve(a):
    with socket.create_server(("::", a.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64) as listener:
        if a.mss:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, a.mss)
        print("ready", flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(HELLO)


def meet_once(a):
    """When it was connected, and when it had all of the greeting."""
    got = b""
    with socket.create_connection((a.address, a.port), timeout=a.seconds) as s:
        connected = time.monotonic()
        while part := s.recv(100):
            got += part
    if got != HELLO:
        raise OSError(f"got {got!r}")
    return connected, time.monotonic()


def meet(a):
    failed = False
    for _ in range(a.count):
        start = time.monotonic()
        try:
            connected, done = meet_once(a)
            print(f"200 {connected - start:.6f} {done - start:.6f}", flush=True)
        except OSError as e:
            print(f"000 0 0 {e}", flush=True)
            failed = True
    sys.exit(failed)


def main():
    p = argparse.ArgumentParser(description="A service whose server speaks first.")
    verbs = p.add_subparsers(required=True)
    v = verbs.add_parser("serve")
    v.add_argument("port", type=int)
    v.add_argument("--mss", type=int)
    v.set_defaults(run=serve)
    v = verbs.add_parser("meet")
    v.add_argument("address")
    v.add_argument("port", type=int)
    v.add_argument("count", type=int, nargs="?", default=1)
    v.add_argument("--seconds", type=float, default=10)
    v.set_defaults(run=meet)
    a = p.parse_args()
    a.run(a)


if __name__ == "__main__":
    main()
