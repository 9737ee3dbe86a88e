#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds a tun device and prints what leaves through it, a line of hexadecimal digits a packet.

    tun.py DEV
"""

import fcntl
import os
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000

tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(), IFF_TUN | IFF_NO_PI))
while True:
    print(os.read(tun, 65536).hex(), flush=True)
