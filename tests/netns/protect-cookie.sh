#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Connections through the client side of protect and the kernel's SYNPROXY: SYNs are answered in BPF on tc or XDP, in both families, with
# checksums that are left to the device or not; and the MSS that clients are told.
. "$(dirname "$0")/lib.sh"
need tcpmss ip nft ethtool nstat iperf3 tcpdump
lab_enter "$@"
. "$(dirname "$0")/protect-lab.bash"

cookie_lab || tap_bail "the lab does not stand"
side up "$lab_tmp/conf" >/dev/null || tap_bail "the server side does not stand"

# told 4|6: the MSS in the SYN-ACK that the client gets.
told()
{
	capture client eth0 told "$syns" && connect "$1" 5201 3
	captured told | wire kind=syn-ack family="$1" sum=ok | field mss | head -n 1
}

csum_errors()
{
	local host

	for host in client server; do
		on "$host" nstat -asz TcpInCsumErrors | awk '/InCsumErrors/ { print $2 }'
	done | xargs
}

# passed NAME: how often, since the last time.
declare -A last4 last6

passed()
{
	local v4 v6

	IFS=, read -r v4 v6 <<<"$(counter "$1")"
	echo "$((${v4:-0} - ${last4[$1]:-0})),$((${v6:-0} - ${last6[$1]:-0}))"
	last4[$1]=${v4:-0} last6[$1]=${v6:-0}
}

for kind in tc xdp; do
	guard up tc lan0 || tap_bail "tc"
	[ "$kind" = tc ] || ok "on lan0 ($kind)" guard up "$kind" lan0
	# What a veth sends back from XDP arrives only where the other end has some program, too.
	[ "$kind" != xdp ] || tm client attach eth0 --mode xdp --mss 65495 >/dev/null
	guard arm idle "$kind"
	ok "idle: passes, IPv4 ($kind)" transfer 4
	ok "idle: passes, IPv6 ($kind)" transfer 6
	is "$(counter sampled-opened)" 2,2 "each opened two connections ($kind)"
	is "$(counter sampled-completed)" 2,2 "and completed them ($kind)"
	know
	guard arm armed "$kind"
	for offload in on off; do
		offload "$offload"
		for what in answered cookie-good cookie-bad stray; do
			passed "$what" >"$lab_tmp/$what"
		done
		for family in 4 6; do
			ok "300 kB up, IPv$family ($kind, offload $offload)" transfer "$family"
			ok "300 kB down, IPv$family ($kind, offload $offload)" transfer "$family" --reverse
		done
		# A connection for control and one for data each time.
		is "$(passed answered)" 4,4 "all of them were answered ($kind, offload $offload)"
		is "$(passed cookie-good)" 4,4 "and completed ($kind, offload $offload)"
		is "$(passed cookie-bad)" 0,0 "no cookie was wrong ($kind, offload $offload)"
		is "$(csum_errors)" "0 0" "every checksum was right ($kind, offload $offload)"
	done
	is "$(told 4) $(told 6)" "1460 1440" "what clients are told ($kind)"
	know 1240
	is "$(told 4) $(told 6)" "1240 1240" "the server's MSS ($kind)"
	on gateway ip route replace 198.18.1.2/32 dev lan0 mtu lock 1280
	on gateway ip -6 route replace 2001:db8:1::2/128 dev lan0 mtu lock 1290
	is "$(told 4) $(told 6)" "1460 1440" "routes to clients are not asked for ($kind)"
	guard routes lan0
	is "$(told 4) $(told 6)" "1240 1230" "the route to the client, once they are ($kind)"
	on gateway ip route replace 198.18.1.2/32 dev lan0
	on gateway ip -6 route replace 2001:db8:1::2/128 dev lan0
	on gateway ip route replace 198.18.4.2/32 dev wan0 mtu lock 1270
	on gateway ip -6 route replace 2001:db8:4::2/128 dev wan0 mtu lock 1281
	know
	is "$(told 4) $(told 6)" "1230 1221" "the route to the server ($kind)"
	on gateway ip route del 198.18.4.2/32
	on gateway ip -6 route del 2001:db8:4::2/128
	guard arm draining
	before=$(counter answered)
	ok "draining: SYNs pass ($kind)" connect 4 5201
	is "$(counter answered)" "$before" "and are not answered ($kind)"
	guard arm idle
	guard down
	side up "$lab_tmp/conf" >/dev/null
	last4=() last6=()
	[ "$kind" != xdp ] || tm client detach eth0 >/dev/null
done
tap_done
