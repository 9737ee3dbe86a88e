# SPDX-License-Identifier: BSD-2-Clause
"""The Internet checksum (RFC 1071), as arithmetic modulo 65535."""


def total(data):
    """The folded one's complement sum of 16-bit words; odd data is padded with a zero byte."""
    if len(data) % 2:
        data = bytes(data) + b"\0"
    return fold(int.from_bytes(data, "big"))


def fold(number):
    """65536 is 1 modulo 65535, so folding carries is a remainder; only a sum of nothing but zeros folds to 0."""
    return number % 65535 or (0xFFFF if number else 0)


def complement(number):
    return ~fold(number) & 0xFFFF


def update(field, old, new):
    """What becomes of a checksum field when the data it covers changes from old to new (RFC 1624, equation 3)."""
    return complement((~field & 0xFFFF) + (~total(old) & 0xFFFF) + total(new))


def pseudo_header(source, destination, length):
    """The sum TCP adds for the IP header (RFC 9293 section 3.1, RFC 8200 section 8.1): addresses, protocol 6, length."""
    return fold(total(source) + total(destination) + 6 + length)
