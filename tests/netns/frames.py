#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Frames of many kinds through packet sockets: what is not TCP, and what a bridge would keep.

    frames.py send DEV [MTU]      sends each kind once
    frames.py receive DEV [MTU]   prints the kinds that come in unharmed, "ready" first, until none comes for a second
"""

import socket
import struct
import sys

ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 263, 8, 16, 64
HERE = "020000000001"
OTHERS = "020000000002"  # no device of the test has it


def frames(mtu):
    def frame(to, kind, payload):
        return bytes.fromhex(to + HERE) + struct.pack("!H", kind) + payload.ljust(50, b"\xa5")

    def tag(kind, number, inner):
        return inner[:12] + struct.pack("!HH", kind, number) + inner[12:]

    big = bytes(i & 0xFF for i in range(mtu))
    arp = frame("ffffffffffff", 0x0806, bytes.fromhex("0001080006040001" + HERE + "c6120401" + "00" * 6 + "c6120402"))
    nd = bytes.fromhex("6000000000203aff" + "fe80" + "00" * 13 + "01" + "ff02" + "00" * 12 + "010002")
    return {
        "arp": arp,
        "neighbour-discovery": frame("3333ff000002", 0x86DD, nd + b"\x87\0" + b"\0" * 30),
        "lldp": frame("0180c200000e", 0x88CC, b"\x02\x07\x04" + bytes.fromhex(HERE) + b"\0\0"),
        "stp": bytes.fromhex("0180c2000000" + HERE) + struct.pack("!H", 38) + b"\x42\x42\x03" + b"\0" * 35,
        "pause": frame("0180c2000001", 0x8808, b"\x00\x01\xff\xff"),
        "802.1x": frame("0180c2000003", 0x888E, b"\x01\x01\0\0"),
        "unknown": frame(OTHERS, 0x88B5, b"whatever"),
        "multicast": frame("01005e000005", 0x0800, bytes.fromhex("45c0002c00010000015900000a000001e0000005") + b"\x02" * 24),
        "broken-ip": frame(OTHERS, 0x0800, b"\xff" * 40),
        "vlan": tag(0x8100, 100, frame(OTHERS, 0x88B5, b"tagged")),
        "vlan-priority": tag(0x8100, 0xE005, frame(OTHERS, 0x88B5, b"tagged")),
        "qinq": tag(0x88A8, 7, tag(0x8100, 8, frame(OTHERS, 0x88B5, b"twice"))),
        "full-size": frame(OTHERS, 0x88B5, big),
        "full-size-vlan": tag(0x8100, 9, frame(OTHERS, 0x88B5, big)),
    }


def receive(dev, mtu):
    wanted = {data: name for name, data in frames(mtu).items()}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as s:
        s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        s.bind((dev, ETH_P_ALL))
        s.settimeout(3)
        print("ready", flush=True)
        try:
            while True:
                data, extra, _, sender = s.recvmsg(65536, 256)
                # The kernel has taken the outer tag out of the frame.
                for level, kind, aux in extra:
                    status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", aux[:20])
                    if (level, kind) == (SOL_PACKET, PACKET_AUXDATA) and status & TP_STATUS_VLAN_VALID:
                        tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                        data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
                if data in wanted and sender[2] != socket.PACKET_OUTGOING:
                    print(wanted[data], flush=True)
                    s.settimeout(1)
        except TimeoutError:
            pass


def main():
    what, dev = sys.argv[1:3]
    mtu = int(sys.argv[3]) if len(sys.argv) > 3 else 1500
    if what == "receive":
        return receive(dev, mtu)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
        s.bind((dev, 0))
        for name, data in frames(mtu).items():
            s.send(data)
            if not sys.stdout.isatty():
                print(name)
    return None


main()
