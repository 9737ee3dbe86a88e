# SPDX-License-Identifier: BSD-2-Clause
"""Clamp options (--mss --mtu --prefix --allow-increase --add-missing) and the limit they give one packet."""

import ipaddress
import shlex
from dataclasses import dataclass, field


@dataclass
class Options:
    mss: int | None = None
    mtu: int | None = None
    prefixes: list = field(default_factory=list)  # (ip_network, mtu)
    allow_increase: bool = False
    add_missing: bool = False


def parse(words):
    """Options from a command line, given as text or as a list of words."""
    if isinstance(words, str):
        words = shlex.split(words)
    options, rest = Options(), list(words)
    while rest:
        word = rest.pop(0)
        if word == "--mss":
            options.mss = int(rest.pop(0))
        elif word == "--mtu":
            options.mtu = int(rest.pop(0))
        elif word == "--prefix":
            prefix, mtu = rest.pop(0).split("=")
            options.prefixes.append((ipaddress.ip_network(prefix, strict=False), int(mtu)))
        elif word == "--allow-increase":
            options.allow_increase = True
        elif word == "--add-missing":
            options.add_missing = True
        else:
            raise ValueError(f"unknown clamp option {word!r}")
    return options


def mss_of_mtu(mtu, version):
    """MTU minus the smallest IP and TCP headers (RFC 6691), with a floor for each family."""
    if version == 4:
        return max(mtu - 40, 32)
    return max(mtu - 60, 1220)


def prefix_mtu(options, version, address):
    """The MTU of the longest prefix that holds the address, the smallest if it is given twice; or None."""
    number, width = int.from_bytes(address, "big"), len(address) * 8
    found = []
    for network, mtu in options.prefixes:
        shift = width - network.prefixlen
        if network.version == version and number >> shift == int(network.network_address) >> shift:
            found.append((-network.prefixlen, mtu))
    return min(found)[1] if found else None


def limit(options, version, source, destination):
    """The smallest of all limits that apply, or None if none does."""
    found = []
    if options.mss is not None:
        found.append(options.mss)
    for mtu in options.mtu, prefix_mtu(options, version, source), prefix_mtu(options, version, destination):
        if mtu is not None:
            found.append(mss_of_mtu(mtu, version))
    return min(found, default=None)
