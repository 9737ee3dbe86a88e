#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Real transfers through the black hole: with tcpmss on the gateway they complete, in both directions
# and families, with tc (as TCX link and as clsact filter), native XDP and generic XDP, GRO off and
# on; without it they hang again.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl iperf3 tcpdump nft ethtool
lab_enter "$@"

lab_path blackhole=yes && web_start && sink_start || tap_bail "cannot build the lab"

# XDP only sees what comes in: the SYN on lan0, the SYN-ACK on wan0.
attach()
{
	case $1 in
	tc)
		tm gateway attach wan0 --mtu 1300
		;;
	clsact)
		TCPMSS_NO_TCX=1 tm gateway attach wan0 --mtu 1300
		;;
	*)
		tm gateway attach lan0 --mtu 1300 --mode "$1" --direction in &&
			tm gateway attach wan0 --mtu 1300 --mode "$1" --direction in
		;;
	esac
}

for mode in tc clsact xdp xdp-generic; do
	ok "$mode: attach" attach "$mode"
	is "$(handshake 4)" "1260 1260" "$mode: IPv4 SYN and SYN-ACK are clamped to 1260"
	is "$(handshake 6)" "1240 1240" "$mode: IPv6 SYN and SYN-ACK are clamped to 1240"
	for gro in off on; do
		for dev in lan0 wan0; do
			on gateway ethtool -K "$dev" gro "$gro" >/dev/null
		done
		for family in 4 6; do
			ok "$mode: IPv$family download completes, GRO $gro" download "$family"
			ok "$mode: IPv$family upload completes, GRO $gro" upload "$family"
		done
	done
	ok "$mode: detach" tm gateway detach --all
done

ok "IPv4 download hangs after detach" not download 4 2
ok "IPv6 download hangs after detach" not download 6 2

tap_done
