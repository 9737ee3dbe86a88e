# SPDX-License-Identifier: BSD-2-Clause
"""IPv4: header options, lengths, Ethernet padding, other protocols."""

from packets import NOP, USUAL, Ip4, Packet, mss
from topic import syn, usual


def fill(topic):
    for ihl in range(5, 16):
        ip = Ip4(options=b"\x01" * (4 * (ihl - 5)))
        topic.changed(f"ihl-{ihl:02}", syn(ip), usual(1400))
        odd = [NOP, mss(1460), NOP, NOP, NOP]
        topic.changed(f"ihl-{ihl:02}-odd", syn(ip, odd), [NOP, mss(1400), NOP, NOP, NOP])
    looks_like_tcp_option = Ip4(options=b"\x44\x04" + b"\x02\x04\x05\xb4" * 9 + b"\x05\xb4")
    comment = "MSS options among those of IP are none."
    topic.same("mss-in-ip-options", syn(looks_like_tcp_option, []), "no-mss-option", comment=comment)
    for padding in 1, 2, 6, 46, 64, 65, 300:
        packet = syn(trailer=bytes(padding))
        topic.changed(f"padding-{padding}", packet, usual(1400))
    packet = syn(options=USUAL[1:], trailer=mss(1460) * 4)
    topic.same("mss-in-padding", packet, "no-mss-option")
    topic.changed("no-total-length", syn(Ip4(total_length=0)), usual(1400))
    topic.changed("no-total-length-payload", syn(Ip4(total_length=0), payload=bytes(1300)), usual(1400))
    big = syn(Ip4(total_length=0), flags=0x10, payload=bytes(3000))
    topic.same("no-total-length-not-syn", big, "not-syn")
    topic.changed("reserved-flag", syn(Ip4(reserved=True)), usual(1400))
    for protocol in 0, 1, 2, 4, 17, 33, 41, 43, 44, 47, 50, 51, 58, 59, 60, 89, 132, 136, 137, 255:
        packet = Packet(ip=Ip4(protocol=protocol), tcp=syn().tcp.build(b"\xc0\0\2\1", b"\xc6\x33\x64\2"))
        topic.same(f"protocol-{protocol}", packet, "not-tcp")
    topic.same("protocol-icmp-short", Packet(ip=Ip4(protocol=1), tcp=b""), "not-tcp")
