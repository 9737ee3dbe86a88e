#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Connections through the client side of protect and the kernel's SYNPROXY: SYNs are answered in BPF on tc or XDP, in both families, with
# checksums that are left to the device or not; and what clients are told.
. "$(dirname "$0")/lib.sh"
need ip nft ethtool nstat iperf3 tcpdump
lab_enter "$@"

tools=${TM_BUILD:-$lab_top/build}/tests
[ -x "$tools/protect-client" ] || plan_skip "tests/protect-client is not built"

# client eth0 --- lan0 [ gateway ] wan0 --- eth0 server
three()
{
	local host

	for host in client gateway server; do
		lab_host "$host" || return 1
	done
	lab_link client eth0 gateway lan0 && lab_addr client eth0 1 2 && lab_addr gateway lan0 1 1 &&
		lab_link gateway wan0 server eth0 && lab_addr gateway wan0 4 1 && lab_addr server eth0 4 2 &&
		lab_route client 4 4 1 1 && lab_route server 1 1 4 1 &&
		on client ethtool -K eth0 gro on >/dev/null
}

# As protect's own rules have it: SYNs that come here are tracked.
synproxy()
{
	on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 && on gateway nft -f - <<-NFT
	table inet sp {
		chain forward {
			type filter hook forward priority -5;
			tcp dport 5201 ct state invalid,untracked synproxy mss 1400 wscale 7 timestamp sack-perm
			tcp dport 5201 ct state invalid drop
		}
	}
	NFT
}

side()
{
	on gateway "$tools/protect-side" "$@"
}

guard()
{
	on gateway "$tools/protect-client" "$@"
}

# counter NAME: "IPV4,IPV6"
counter()
{
	guard counters | sed -n "s/^$1=//p"
}

# transfer 4|6 [iperf3 option]: 300 kB.
transfer()
{
	local to=$server4

	[ "$1" = 6 ] && to=$server6
	on client timeout 8 iperf3 --client "$to" --port 5201 --bytes 300K --connect-timeout 2000 "${@:2}" >"$lab_tmp/iperf.log" 2>&1 ||
		{ cat "$lab_tmp/iperf.log"; return 1; }
}

# told 4|6: the SYN-ACK that the client gets for a connection.
told()
{
	capture client eth0 "told$1" "$syns" && connect "$1" 5201 3
	captured "told$1" | wire kind=syn-ack family="$1" | head -n 1
}

csum_errors()
{
	for host in client server; do
		on "$host" nstat -asz TcpInCsumErrors | awk '/InCsumErrors/ { print $2 }'
	done | xargs
}

three && synproxy || tap_bail "the lab does not stand"
printf 'protect web { servers = {%s, %s}  ports = 5201  device = lan0 }\n' "$server4" "$server6" >"$lab_tmp/conf"
sink_start
side up "$lab_tmp/conf" >/dev/null || tap_bail "the server side does not stand"

for kind in tc xdp; do
	guard up tc lan0 || tap_bail "tc"
	[ "$kind" = tc ] || ok "on lan0 ($kind)" guard up "$kind" lan0
	# What a veth sends back from XDP arrives only where the other end has some program, too.
	[ "$kind" != xdp ] || tm client attach eth0 --mode xdp --mss 65495 >/dev/null
	ok "is there ($kind)" guard on "$kind" lan0
	guard arm idle "$kind"
	ok "idle: passes, IPv4 ($kind)" transfer 4
	ok "idle: passes, IPv6 ($kind)" transfer 6
	guard arm armed "$kind"
	before=$(counter answered)
	for offload in on off; do
		for end in 'client eth0' 'gateway lan0' 'gateway wan0' 'server eth0'; do
			read -r host dev <<<"$end"
			on "$host" ethtool -K "$dev" tx "$offload" gro on >/dev/null
		done
		for family in 4 6; do
			ok "300 kB up, IPv$family ($kind, offload $offload)" transfer "$family"
			ok "300 kB down, IPv$family ($kind, offload $offload)" transfer "$family" --reverse
		done
	done
	diag "$(guard counters)"
	diag "before $before"
	is "$(csum_errors)" "0 0" "every checksum was right ($kind)"
	diag "$(told 4)"
	diag "$(told 6)"
	guard arm idle
	[ "$kind" = tc ] || guard off "$kind" lan0
	[ "$kind" != xdp ] || tm client detach eth0 >/dev/null
done
tap_done
