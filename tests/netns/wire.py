#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Prints the SYNs of a capture file (pcap, Ethernet), a line of key=value words each:

    kind=syn family=4 src=198.18.1.2 dst=198.18.4.2 sport=40000 dport=80 mss=1260 sum=ok link=-
    wscale=7 sack=1 timestamps=1 ecn=0 payload=0

kind   syn or syn-ack
mss    the first MSS option, or none; wscale likewise
ecn    a SYN that asks for it, a SYN-ACK that agrees
sum    ok, partial (only the pseudo-header's sum is there) or bad
link   what lies between Ethernet header and IP, outermost first: 8100:5,8864:7 - or "-"
"""

import ipaddress
import struct
import sys

VLAN = (0x8100, 0x88A8, 0x9100)
PPPOE = 0x8864
IP_OF_PPP = {0x0021: 0x0800, 0x0057: 0x86DD}


def records(data):
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    if struct.unpack_from(order + "I", data, 20)[0] != 1:
        raise SystemExit("not a capture of Ethernet frames")
    at = 24
    while at + 16 <= len(data):
        caplen = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + caplen]
        at += 16 + caplen


def strip_link(frame):
    """Returns ethertype, the words for link= and the IP packet."""
    kind, at, link = struct.unpack_from("!H", frame, 12)[0], 14, []
    while kind in VLAN:
        tci, inner = struct.unpack_from("!HH", frame, at)
        link.append(f"{kind:04x}:{tci & 0xFFF}")
        kind, at = inner, at + 4
    if kind == PPPOE:
        session, _, ppp = struct.unpack_from("!HHH", frame, at + 2)
        link.append(f"{kind:04x}:{session}")
        kind, at = IP_OF_PPP.get(ppp, 0), at + 8
    return kind, link, frame[at:]


def strip_ip(kind, packet):
    """Returns source, destination and the TCP segment, or None."""
    if kind == 0x0800 and packet[9] == 6:
        total = struct.unpack_from("!H", packet, 2)[0]
        return packet[12:16], packet[16:20], packet[(packet[0] & 15) * 4 : total]
    if kind == 0x86DD and packet[6] == 6:
        length = struct.unpack_from("!H", packet, 4)[0]
        return packet[8:24], packet[24:40], packet[40 : 40 + length]
    return None


def ones_sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pseudo(src, dst, length):
    return ones_sum(src + dst + struct.pack("!II", length, 6))


def sum_state(src, dst, segment):
    head = pseudo(src, dst, len(segment))
    if ones_sum(struct.pack("!H", head) + segment) == 0xFFFF:
        return "ok"
    return "partial" if struct.unpack_from("!H", segment, 16)[0] == head else "bad"


def options_of(segment):
    """Pairs of kind and value, as far as the list is well-formed."""
    options = segment[20 : (segment[12] >> 4) * 4]
    while options and options[0]:
        if options[0] == 1:
            options = options[1:]
            continue
        if len(options) < 2 or not 2 <= options[1] <= len(options):
            return
        yield options[0], options[2 : options[1]]
        options = options[options[1] :]


def offered(segment):
    """The words for what its options offer; of the first of a kind."""
    found = {}
    for kind, value in options_of(segment):
        found.setdefault((kind, len(value)), value)
    mss = struct.unpack("!H", found[2, 2])[0] if (2, 2) in found else "none"
    wscale = found[3, 1][0] if (3, 1) in found else "none"
    ecn = (segment[13] & 0xC0) == (0x40 if segment[13] & 16 else 0xC0)
    return mss, f"wscale={wscale} sack={int((4, 0) in found)} timestamps={int((8, 8) in found)} ecn={int(ecn)}"


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    for frame in records(data):
        kind, link, packet = strip_link(frame)
        found = strip_ip(kind, packet)
        if not found or len(found[2]) < 20 or not found[2][13] & 2:
            continue
        src, dst, segment = found
        sport, dport = struct.unpack_from("!HH", segment)
        mss, offer = offered(segment)
        print(
            f"kind={'syn-ack' if segment[13] & 16 else 'syn'} family={4 if len(src) == 4 else 6}"
            f" src={ipaddress.ip_address(src)} dst={ipaddress.ip_address(dst)}"
            f" sport={sport} dport={dport} mss={mss}"
            f" sum={sum_state(src, dst, segment)} link={','.join(link) or '-'}"
            f" {offer} payload={len(segment) - (segment[12] >> 4) * 4}"
        )


main()
