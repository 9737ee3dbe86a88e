#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A transfer of one TCP connection, for the labs of path MTU discovery.

    flow.py sink PORT                      reads all that comes, then answers how many bytes that was; any number at a time
    flow.py datagrams ADDR BYTES COUNT     sends UDP datagrams, IPv4 packets of that length with DF whatever is known of the path
    flow.py pour ADDR PORT BYTES [--source ADDR] [--sport PORT] [--segment N] [--go-on]
                                           sends BYTES bytes, or goes on until SIGUSR1; prints how many of them arrived
"""

import argparse
import signal
import socket
import threading


def drain(connection):
    with connection:
        total = 0
        while data := connection.recv(1 << 16):
            total += len(data)
        connection.sendall(b"%d\n" % total)


def sink(a):
    with socket.create_server(("::", a.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64) as listener:
        print("ready", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=drain, args=(connection,), daemon=True).start()


def pour(a):
    told = []
    signal.signal(signal.SIGUSR1, lambda *_: told.append(True))
    family = socket.AF_INET6 if ":" in a.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(30)
        if a.segment:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, a.segment)
        if a.source or a.sport:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((a.source or ("::" if family == socket.AF_INET6 else "0.0.0.0"), a.sport))
        s.connect((a.address, a.port))
        sent = 0
        while sent < a.bytes or (a.go_on and not told):
            sent += s.send(b"\0" * (min(1 << 16, a.bytes - sent) if sent < a.bytes else 1 << 14))
        s.shutdown(socket.SHUT_WR)
        arrived = b""
        while data := s.recv(64):
            arrived += data
    print(int(arrived), flush=True)
    if int(arrived) != sent:
        raise SystemExit(f"sent {sent}")


def datagrams(a):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.IPPROTO_IP, 10, 3)  # IP_MTU_DISCOVER, IP_PMTUDISC_PROBE
        for _ in range(a.count):
            s.sendto(b"\0" * (a.bytes - 28), (a.address, 9))


def main():
    p = argparse.ArgumentParser()
    verbs = p.add_subparsers(required=True)
    v = verbs.add_parser("sink")
    v.add_argument("port", type=int)
    v.set_defaults(run=sink)
    v = verbs.add_parser("pour")
    v.add_argument("address")
    v.add_argument("port", type=int)
    v.add_argument("bytes", type=int)
    v.add_argument("--source")
    v.add_argument("--sport", type=int, default=0)
    v.add_argument("--segment", type=int, default=0)
    v.add_argument("--go-on", action="store_true")
    v.set_defaults(run=pour)
    v = verbs.add_parser("datagrams")
    v.add_argument("address")
    v.add_argument("bytes", type=int)
    v.add_argument("count", type=int)
    v.set_defaults(run=datagrams)
    a = p.parse_args()
    a.run(a)


main()
