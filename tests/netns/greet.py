#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A service whose server speaks first, as those of ssh and smtp do, and its clients.

    greet.py serve PORT [--mss N]          says hello to everybody, both families, until it is killed
    greet.py meet ADDR PORT [COUNT]        opens so many connections, one after the other, and reads the greeting of each
"""

import argparse
import socket

HELLO = b"220 here is nobody, but you are welcome\r\n"


def serve(a):
    with socket.create_server(("::", a.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64) as listener:
        if a.mss:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, a.mss)
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(HELLO)


def meet(a):
    for _ in range(a.count):
        with socket.create_connection((a.address, a.port), timeout=10) as s:
            got = b""
            while part := s.recv(100):
                got += part
            if got != HELLO:
                raise SystemExit(f"got {got!r}")


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
    v.set_defaults(run=meet)
    a = p.parse_args()
    a.run(a)


if __name__ == "__main__":
    main()
