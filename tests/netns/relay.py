#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
A small transparent relay, and the two ends to try it with.

    relay.py proxy PORT            listens for TPROXY, connects on with the client's own address and port
    relay.py sink PORT             takes uploads: reads to the end, answers with how many bytes came
    relay.py source PORT BYTES     gives downloads: sends so many bytes, and closes
    relay.py up|down ADDRESS PORT BYTES SECONDS [SPORT]
                                   a client: transfers that many bytes within that time, else exit 1
"""
import selectors
import socket
import sys
import threading

IP_TRANSPARENT, IPV6_TRANSPARENT = 19, 75
CHUNK = 65536


def listener(port, family, transparent):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if transparent:
        be_transparent(s, family)
    s.bind(("", port))
    s.listen(64)
    return s


def be_transparent(s, family):
    if family == socket.AF_INET:
        s.setsockopt(socket.SOL_IP, IP_TRANSPARENT, 1)
    else:
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)


def pump(a, b):
    try:
        while True:
            data = a.recv(CHUNK)
            if not data:
                break
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def relay(client, family):
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    be_transparent(server, family)
    try:
        server.bind(client.getpeername()[:2])
        server.connect(client.getsockname()[:2])
    except OSError as e:
        print("relay:", e, file=sys.stderr)
        client.close()
        return
    other = threading.Thread(target=pump, args=(server, client), daemon=True)
    other.start()
    pump(client, server)
    other.join()
    client.close()
    server.close()


def take_upload(s, family):
    total = 0
    while True:
        data = s.recv(CHUNK)
        if not data:
            break
        total += len(data)
    s.sendall(b"%d" % total)
    s.close()


def serve(port, transparent, handle):
    ready = selectors.DefaultSelector()
    for family in (socket.AF_INET, socket.AF_INET6):
        ready.register(listener(port, family, transparent), selectors.EVENT_READ, family)
    print("ready", flush=True)
    while True:
        for key, _ in ready.select():
            s, _ = key.fileobj.accept()
            threading.Thread(target=handle, args=(s, key.data), daemon=True).start()


def client(way, address, port, size, seconds, sport=0):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(seconds)
    if sport:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("", sport))
    threading.Timer(seconds, lambda: s.shutdown(socket.SHUT_RDWR)).start()
    try:
        s.connect((address, port))
        if way == "up":
            s.sendall(bytes(size))
            s.shutdown(socket.SHUT_WR)
        got = b""
        while data := s.recv(CHUNK):
            got = got + data if way == "up" else len(data) + (got or 0)
    except OSError:
        return False
    return int(got or 0) == size


def main(verb, *args):
    if verb == "proxy":
        serve(int(args[0]), True, relay)
    elif verb == "sink":
        serve(int(args[0]), False, take_upload)
    elif verb == "source":
        data = bytes(int(args[1]))
        serve(int(args[0]), False, lambda s, family: (s.sendall(data), s.close()))
    else:
        done = client(verb, args[0], int(args[1]), int(args[2]), float(args[3]), int(args[4]) if len(args) > 4 else 0)
        sys.stdout.flush()
        sys.stderr.flush()
        import os
        os._exit(0 if done else 1)


main(*sys.argv[1:])
