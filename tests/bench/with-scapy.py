#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""with-scapy.py MSS IN OUT: what tcpmss rewrite does, written with scapy as one would."""

import sys

from scapy.layers.inet import TCP
from scapy.utils import PcapReader, PcapWriter

limit = int(sys.argv[1])
with PcapReader(sys.argv[2]) as source, PcapWriter(sys.argv[3], linktype=1) as sink:
    for packet in source:
        if TCP in packet and packet[TCP].flags.S and not packet[TCP].flags.R:
            tcp = packet[TCP]
            options = [(k, min(v, limit)) if k == "MSS" else (k, v) for k, v in tcp.options]
            if options != tcp.options:
                tcp.options = options
                del tcp.chksum
        sink.write(packet)
