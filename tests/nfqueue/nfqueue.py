# SPDX-License-Identifier: BSD-2-Clause
"""A reader of an NFQUEUE, and a tun device to put packets on their way to one. Written without the program's own code."""

import fcntl
import os
import select
import socket
import struct

NETLINK_NETFILTER = 12
QUEUE_PACKET, QUEUE_VERDICT, QUEUE_CONFIG = 0x300, 0x301, 0x302
PACKET_HDR, VERDICT_HDR, PAYLOAD = 1, 2, 10
CFG_CMD, CFG_PARAMS, CFG_QUEUE_MAXLEN = 1, 2, 3
DROP = 0


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def attributes(data):
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        yield kind & 0x3FFF, data[at + 4 : at + length]
        at += (length + 3) & ~3


class Queue:
    """Takes packets out of a queue; they are dropped there."""

    def __init__(self, number):
        self.number = number
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        self.socket.bind((0, 0))
        self.send(
            QUEUE_CONFIG,
            attribute(CFG_CMD, struct.pack("!BBH", 1, 0, 0))
            + attribute(CFG_PARAMS, struct.pack("!IB", 65535, 2))
            + attribute(CFG_QUEUE_MAXLEN, struct.pack("!I", 8192)),
        )

    def send(self, kind, body):
        message = struct.pack("!BBH", 0, 0, self.number) + body
        self.socket.send(struct.pack("=IHHII", 16 + len(message), kind, 1, 0, 0) + message)

    def packets(self, seconds):
        """All that come, until none has come for so long."""
        while select.select([self.socket], [], [], seconds)[0]:
            data = self.socket.recv(1 << 17)
            kind = struct.unpack_from("=IH", data)[1]
            if kind != QUEUE_PACKET:
                raise SystemExit(f"queue {self.number}: error {struct.unpack_from('=i', data, 16)[0]}")
            found = dict(attributes(data[20:]))
            self.send(QUEUE_VERDICT, attribute(VERDICT_HDR, struct.pack("!I", DROP) + found[PACKET_HDR][:4]))
            yield found.get(PAYLOAD, b"")


class Tun:
    """Packets written to it arrive at this machine's IP stack."""

    def __init__(self, name):
        self.fd = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self.fd, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x0001 | 0x1000))  # IFF_TUN, IFF_NO_PI

    def write(self, packet):
        """False where the device takes no such thing."""
        try:
            return os.write(self.fd, packet) == len(packet)
        except OSError:
            return False
