#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The lab itself, without tcpmss: the black hole really is one, in both directions and families, and
# a clamp (here iptables' TCPMSS) is what opens it. Without this, no other test here means anything.
set -u
. "$(dirname "$0")/lib.sh"

need nginx curl iperf3 tcpdump nft iptables-legacy ip6tables-legacy ethtool
lab_enter "$@"

open_mss=([4]=1460 [6]=1440)

clamp()
{
	on gateway "$1" -t mangle "$2" FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss "$3"
}

lab_path blackhole=yes && web_start && sink_start || tap_bail "cannot build the lab"

for family in 4 6; do
	ok "IPv$family download hangs in the black hole" not download "$family" 2
	ok "IPv$family upload hangs in the black hole" not upload "$family" 2
	is "$(handshake "$family")" "${open_mss[$family]} ${open_mss[$family]}" \
		"IPv$family SYN and SYN-ACK offer the MSS of 1500 bytes"
done
ok "remote swallowed IPv4 frag-needed" test "$(lab_lost remote 4)" -gt 0
ok "remote swallowed IPv6 packet-too-big" test "$(lab_lost remote 6)" -gt 0
ok "router swallowed IPv4 frag-needed" test "$(lab_lost router 4)" -gt 0
ok "router swallowed IPv6 packet-too-big" test "$(lab_lost router 6)" -gt 0

clamp iptables-legacy -A 1260
clamp ip6tables-legacy -A 1240
for family in 4 6; do
	ok "IPv$family download works with a clamp" download "$family"
	ok "IPv$family upload works with a clamp" upload "$family"
done
is "$(handshake 4)" "1260 1260" "the clamp is seen on the wire, IPv4"
is "$(handshake 6)" "1240 1240" "the clamp is seen on the wire, IPv6"
clamp iptables-legacy -D 1260
clamp ip6tables-legacy -D 1240
ok "no clamp, no download: nothing was learned meanwhile, IPv4" not download 4 2
ok "no clamp, no download: nothing was learned meanwhile, IPv6" not download 6 2

lab_clear
lab_path && web_start && sink_start || tap_bail "cannot build the lab without black hole"
for family in 4 6; do
	ok "IPv$family download finds the path MTU when errors are heard" download "$family"
	ok "IPv$family upload finds the path MTU when errors are heard" upload "$family"
done

tap_done
