#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reference model of the clamp: says what must become of one frame.

Written from the specification of the clamp, not from its code, and for reading: every step raises Pass with the
reason when the frame is to be passed on unchanged.

    oracle.py [--link NAME] [clamp options]     a frame a line in hex on stdin; "REASON ALSO|- HEX" a line on stdout
"""

import sys
from dataclasses import dataclass

import checksum
import limits
from links import Pass, find_ip, need, u16

HOP_BY_HOP, TCP, ROUTING, FRAGMENT, DESTINATION = 0, 6, 43, 44, 60
MAX_EXTENSION_HEADERS = 16
UPPER_PROTOCOLS = {1, 2, 4, 17, 33, 41, 47, 58, 59, 89, 103, 112, 115, 132, 136, 137}  # known, and not TCP
END, NOP, MSS, MD5, AO = 0, 1, 2, 19, 29
FIN, SYN, RST = 1, 2, 4
ASSUMED_MSS = {4: 536, 6: 1220}  # what a receiver takes where there is no MSS option (RFC 9293 section 3.7.1)
MAX_PADDING = 64  # bytes behind the TCP header that --add-missing is willing to move


@dataclass
class Segment:
    """Where the TCP segment of a frame lies, and what of the IP layer matters to it."""

    version: int
    ip: int  # offset of the IP header
    start: int  # offset of the TCP header
    end: int  # offset behind the segment, by IP's length
    source: bytes
    destination: bytes  # in the IP header
    final: bytes  # of the pseudo-header: beyond a routing header
    more_fragments: bool
    pppoe: int | None  # offset of the PPPoE header


def find_segment(frame, link):
    version, ip, pppoe = find_ip(frame, link)
    return (find_in_ipv4 if version == 4 else find_in_ipv6)(frame, ip, pppoe)


def find_in_ipv4(frame, ip, pppoe):
    need(frame, ip + 20)
    header_length = (frame[ip] & 0x0F) * 4
    if frame[ip] >> 4 != 4 or header_length < 20:
        raise Pass("bad-ip-header")
    start = ip + header_length
    need(frame, start)
    fragment = u16(frame, ip + 6)
    if fragment & 0x1FFF:
        raise Pass("fragment")
    if frame[ip + 9] != TCP:
        raise Pass("not-tcp")
    require_syn(frame, start)
    total_length = u16(frame, ip + 2)
    end = ip + total_length if total_length else len(frame)
    need(frame, end)
    if end < start:
        raise Pass("bad-ip-header")
    destination = frame[ip + 16 : ip + 20]
    return Segment(
        4, ip, start, end, frame[ip + 12 : ip + 16], destination, destination, bool(fragment & 0x2000), pppoe
    )


def find_in_ipv6(frame, ip, pppoe):
    need(frame, ip + 40)
    if frame[ip] >> 4 != 6:
        raise Pass("bad-ip-header")
    destination = final = frame[ip + 24 : ip + 40]
    more_fragments = False
    protocol, at, count = frame[ip + 6], ip + 40, 0
    while protocol in (HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION):
        count += 1
        if count > MAX_EXTENSION_HEADERS:
            raise Pass("extension-header")
        need(frame, at + 8)
        length = 8 if protocol == FRAGMENT else 8 + frame[at + 1] * 8
        need(frame, at + length)
        if protocol == FRAGMENT:
            if u16(frame, at + 2) & 0xFFF8:
                raise Pass("fragment")
            more_fragments |= bool(frame[at + 3] & 1)
        if protocol == ROUTING:
            final = final_destination(frame[at : at + length]) or final
        protocol, at = frame[at], at + length
    if protocol in UPPER_PROTOCOLS:
        raise Pass("not-tcp")
    if protocol != TCP:
        raise Pass("extension-header")
    require_syn(frame, at)
    payload_length = u16(frame, ip + 4)
    end = ip + 40 + payload_length if payload_length else len(frame)
    need(frame, end)
    return Segment(6, ip, at, end, frame[ip + 8 : ip + 24], destination, final, more_fragments, pppoe)


def final_destination(header):
    """The address a routing header leads to, or None if it has been reached or the type says nothing about it."""
    kind, segments_left = header[2], header[3]
    addresses = [header[at : at + 16] for at in range(8, len(header) - 15, 16)]
    if not segments_left or not addresses:
        return None
    if kind == 4:
        return addresses[0]
    if kind in (0, 2):
        return addresses[-1]
    return None


def require_syn(frame, tcp):
    need(frame, tcp + 14)
    if not frame[tcp + 13] & SYN or frame[tcp + 13] & RST:
        raise Pass("not-syn")


def check_tcp_header(frame, segment):
    """The length of the TCP header."""
    length = segment.end - segment.start
    inside = length >= 20
    header_length = (frame[segment.start + 12] >> 4) * 4 if inside else 20
    if segment.more_fragments and (not inside or header_length > length):
        raise Pass("fragment")
    if not inside or header_length < 20 or header_length > length:
        raise Pass("bad-tcp-header")
    return header_length


def walk_options(frame, at, end):
    """All (kind, offset, length) before End-of-Options or the first malformed one, and whether there was such."""
    found = []
    while at < end and frame[at] != END:
        if frame[at] == NOP:
            at += 1
            continue
        if at + 2 > end:
            return found, True
        kind, length = frame[at], frame[at + 1]
        if length < 2 or at + length > end or (kind == MSS and length != 4):
            return found, True
        found.append((kind, at, length))
        at += length
    return found, False


def clamp(frame, link, options):
    """(reason, set of further reasons, the frame as it must leave)"""
    frame = bytes(frame)
    if not isinstance(options, limits.Options):
        options = limits.parse(options)
    try:
        segment = find_segment(frame, link)
        header_length = check_tcp_header(frame, segment)
        found, malformed = walk_options(frame, segment.start + 20, segment.start + header_length)
        if any(kind == AO for kind, _, _ in found):
            raise Pass("signed")
        limit = limits.limit(options, segment.version, segment.source, segment.destination)
        if limit is None:
            raise Pass("no-limit")
    except Pass as verdict:
        return verdict.reason, set(), frame

    offsets = [at + 2 for kind, at, _ in found if kind == MSS]
    if not offsets and not malformed and may_add(frame, segment, header_length, limit, options, found):
        new, reason = add_option(frame, segment, limit), "added"
    else:
        new, reason = edit_options(frame, offsets, limit, options.allow_increase and options.mss is not None)
    if new == frame:
        return ("malformed-options" if malformed else reason), set(), frame

    also = {"malformed-options"} if malformed else set()
    state = checksum_state(frame, segment)
    if state == "partial":
        also.add("checksum-partial")
    return reason, also, bytes(with_checksum(frame, new, segment, state))


def edit_options(frame, offsets, limit, allow_increase):
    """The frame with its MSS values set, the checksum not yet."""
    new, reason = bytearray(frame), "within-limit" if offsets else "no-mss-option"
    for at in offsets:
        value = u16(frame, at)
        if value > limit and reason != "raised":
            reason = "clamped"
        elif value < limit and allow_increase:
            reason = "raised"
        if value > limit or allow_increase:
            new[at : at + 2] = limit.to_bytes(2, "big")
    return new, reason


def may_add(frame, segment, header_length, limit, options, found):
    return (
        options.add_missing
        and limit < ASSUMED_MSS[segment.version]
        and segment.end == segment.start + header_length
        and not segment.more_fragments
        and header_length < 60
        and not any(kind in (MD5, AO) for kind, _, _ in found)
        and len(frame) - segment.end <= MAX_PADDING
    )


def add_option(frame, segment, limit):
    """The frame with an MSS option in front of all others; lengths and IPv4 checksum follow, TCP's not yet."""
    new, ip = bytearray(frame), segment.ip
    new[segment.start + 12] += 0x10
    new[segment.start + 20 : segment.start + 20] = bytes([MSS, 4]) + limit.to_bytes(2, "big")
    length_at = ip + (2 if segment.version == 4 else 4)
    grow(new, length_at)
    if segment.version == 4 and new[length_at : length_at + 2] != frame[length_at : length_at + 2]:
        fixed = checksum.update(u16(frame, ip + 10), frame[length_at : length_at + 2], new[length_at : length_at + 2])
        new[ip + 10 : ip + 12] = fixed.to_bytes(2, "big")
    if segment.pppoe is not None:
        grow(new, segment.pppoe + 4)
    return new


def grow(frame, at):
    """A length field follows; one of 0 means "to the end" and stays."""
    if u16(frame, at):
        frame[at : at + 2] = (u16(frame, at) + 4 & 0xFFFF).to_bytes(2, "big")


def segment_sum(frame, segment, grown=0):
    """(sum of the pseudo-header, sum of the segment without its checksum field)"""
    length = segment.end + grown - segment.start
    data = bytearray(frame[segment.start : segment.start + length])
    data[16:18] = b"\0\0"
    return checksum.pseudo_header(segment.source, segment.final, length), checksum.total(data)


def checksum_state(frame, segment):
    """full: right; partial: a device is yet to finish it, the field holds the pseudo-header sum; bad: neither, or not
    known because the rest of the segment travels in other fragments."""
    if segment.more_fragments:
        return "bad"
    field = u16(frame, segment.start + 16)
    pseudo, data = segment_sum(frame, segment)
    if checksum.fold(pseudo + data + field) == 0xFFFF:
        return "full"
    return "partial" if field == pseudo else "bad"


def with_checksum(frame, new, segment, state):
    """The changed frame with the checksum in the same state as before: right, unfinished, or as wrong as it was."""
    pseudo, data = segment_sum(new, segment, len(new) - len(frame))
    if state == "full":
        field = checksum.complement(pseudo + data)
    elif state == "partial":
        field = pseudo
    else:
        old_pseudo, old_data = segment_sum(frame, segment)
        old_field = u16(frame, segment.start + 16)
        difference = (pseudo + data) - (old_pseudo + old_data)
        field = checksum.complement((~old_field & 0xFFFF) + 0xFFFF * 2 + difference)
    new[segment.start + 16 : segment.start + 18] = field.to_bytes(2, "big")
    return new


def main(words):
    link = "ethernet"
    if "--link" in words:
        at = words.index("--link")
        link = words[at + 1]
        del words[at : at + 2]
    options = limits.parse(words)
    for line in sys.stdin:
        reason, also, new = clamp(bytes.fromhex(line), link, options)
        print(reason, ",".join(sorted(also)) or "-", new.hex())


if __name__ == "__main__":
    main(sys.argv[1:])
