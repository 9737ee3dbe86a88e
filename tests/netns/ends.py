#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
The two ends of transfers through a proxy.

    ends.py sink PORT             takes uploads: reads to the end, answers with how many bytes came
    ends.py source PORT BYTES     gives downloads: sends so many bytes, and closes
    ends.py up|down ADDRESS PORT BYTES SECONDS [OWN-PORT]
                                  a client: transfers that many bytes within that time, else exit 1
"""

import os
import selectors
import socket
import sys
import threading

CHUNK = 65536


def listener(port, family):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("", port))
    s.listen(64)
    return s


def count(s):
    """The bytes that come until the end."""
    total = 0
    while data := s.recv(CHUNK):
        total += len(data)
    return total


def attended(handle, s):
    try:
        handle(s)
    except OSError:
        pass  # the client has given up
    s.close()


def serve(port, handle):
    ready = selectors.DefaultSelector()
    for family in (socket.AF_INET, socket.AF_INET6):
        ready.register(listener(port, family), selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            s, _ = key.fileobj.accept()
            threading.Thread(target=attended, args=(handle, s), daemon=True).start()


def client(way, address, port, size, own_port):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    if own_port:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("", own_port))
    s.connect((address, port))
    if way == "down":
        return count(s) == size
    s.sendall(bytes(size))
    s.shutdown(socket.SHUT_WR)
    return s.recv(CHUNK) == b"%d" % size


def main(verb, *args):
    if verb == "sink":
        serve(int(args[0]), lambda s: s.sendall(b"%d" % count(s)))
    elif verb == "source":
        serve(int(args[0]), lambda s: s.sendall(bytes(int(args[1]))))
    else:
        address, port, size, seconds, own_port = (*args, 0)[:5]
        threading.Timer(float(seconds), os._exit, (1,)).start()
        try:
            os._exit(0 if client(verb, address, int(port), int(size), int(own_port)) else 1)
        except OSError:
            os._exit(1)


main(*sys.argv[1:])
