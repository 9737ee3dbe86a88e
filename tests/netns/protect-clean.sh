#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Protecting leaves nothing behind, on a gateway that has much of its owner's: rules of nft and of both iptables, settings, qdiscs, a clamp,
# what the kernel holds of programs and maps. After the daemon's end and after kill -9 of it, with each accelerator.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" nft iptables iptables-legacy ip6tables bpftool nginx curl
lab_enter "$@"
lab_flood && web_start 20000 || tap_bail "cannot build the lab"

# ---- what the owner has

owner()
{
	{
		echo 'table inet owner {'
		echo 'set many {'
		echo 'type ipv4_addr; flags interval; elements = { 192.0.2.0/24'
		for n in {0..4999}; do
			echo ", 172.$((16 + (n >> 12))).$((n >> 4 & 255)).$(((n & 15) * 16))/29"
		done
		echo '}'
		echo '}'
		cat <<-'NFT'
		chain pre {
			type filter hook prerouting priority -150
			ip saddr @many drop
		}
		chain forward {
			type filter hook forward priority 0; policy drop
			ct state vmap { established : accept, related : accept, invalid : drop }
			iifname "lan0" tcp dport { 22, 80 } accept
			meta l4proto { icmp, icmpv6 } accept
		}
		chain output {
			type filter hook output priority 0
			ct state invalid drop
		}
		}
		table ip nat {
		chain post {
			type nat hook postrouting priority 100
			ip saddr 172.16.0.0/12 oifname "wan0" masquerade
		}
		}
		NFT
	} | on gateway nft -f - &&
		on gateway iptables -A FORWARD -p tcp --dport 25 -j DROP &&
		on gateway iptables-legacy -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1452 &&
		on gateway ip6tables -A FORWARD -m conntrack --ctstate INVALID -j DROP &&
		on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1 net.netfilter.nf_conntrack_tcp_timeout_syn_recv=61 &&
		on gateway tc qdisc add dev wan0 root handle 7: pfifo limit 321 &&
		on gateway tc qdisc add dev lan0 clsact &&
		tm gateway attach wan0 --name owners --mtu 1400 >/dev/null
}

owner || tap_bail "cannot set up the owner's rules"

# Counts of packets change, of course.
snapshot()
{
	local dev program

	on gateway nft -s list ruleset
	for program in iptables iptables-legacy ip6tables ip6tables-legacy; do
		on gateway "$program-save" | sed '/^#/d; s/\[[0-9:]*\]//'
	done
	on gateway sysctl -a 2>/dev/null | grep '^net\.' | grep -v -e nf_conntrack_count -e 'fs\.' -e random
	on gateway tc qdisc show
	for dev in lan0 wan0; do
		on gateway tc filter show dev "$dev" ingress
		on gateway tc filter show dev "$dev" egress
	done
	on gateway bpftool net
	on gateway ip -details link show
	on switch ethtool -k gateway
	find /sys/fs/bpf ! -path /sys/fs/bpf/xdp # libxdp keeps its directory
} 2>&1

# What is pinned and not the owner's: "prog 12", "map 7".
kernels()
{
	local file

	pins | grep -v /owners/ | while IFS= read -r file; do
		bpftool -j map show pinned "$file" 2>/dev/null | json '"map %d" % d["id"]'
		bpftool -j link show pinned "$file" 2>/dev/null | json '"prog %d" % d["prog_id"]'
	done | grep -v none | sort -u
}

# freed LIST: the kernel has none of them any more.
freed()
{
	local kind id

	while read -r kind id; do
		! bpftool "$kind" show id "$id" >/dev/null 2>&1 || return 1
	done <<<"$1"
}

# clean WHAT: all is as it was
clean()
{
	snapshot >"$lab_tmp/after"
	is "$(diff "$lab_tmp/before" "$lab_tmp/after")" "" "$1: everything is as it was"
	ok "$1: the kernel has freed what was ours" wait_for 5 freed "$held"
}

# works WHAT: connections of both families
works()
{
	is "$(opens 4 3) $(opens 6 3)" "3 3" "$1: connections open"
}

# start SETTINGS: the daemon, armed. The program that XDP needs at the other end is part of the lab, and not looked at.
start()
{
	on switch ip link set dev gateway xdpdrv off
	protect_start "$1" && wait_for 5 protect_is armed
}

works "the owner's gateway" 2>/dev/null

# ---- every accelerator

for accelerator in none tc xdp; do
	if [ "$accelerator" = xdp ]; then
		on switch ip link set dev gateway xdpdrv object "${flood_program%/*}/traffic.bpf.o" program traffic_pass || {
			skip xdp "no native XDP"
			break
		}
	fi
	snapshot >"$lab_tmp/before"
	ok "$accelerator: armed" start "mode = always  accelerator = $accelerator" || continue
	held=$(kernels)
	like "$held" 'prog [0-9]+' "$accelerator: there are programs"
	works "$accelerator, armed" 2>/dev/null
	is "$(on gateway nft -s list table inet owner)" "$(sed -n '/^table inet owner/,/^}/p' "$lab_tmp/before")" \
		"$accelerator, armed: the owner's table is untouched"
	protect_stop
	clean "$accelerator, ended"

	ok "$accelerator: armed again" start "mode = always  accelerator = $accelerator" || continue
	held=$(kernels)
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null
	is "$(on gateway sysctl -n net.netfilter.nf_conntrack_tcp_loose)" 0 "$accelerator, killed: it stays armed"
	works "$accelerator, killed" 2>/dev/null
	ok "$accelerator, killed: remove --all" tm gateway protect remove --all
	clean "$accelerator, killed"
	works "$accelerator, removed" 2>/dev/null
done

tap_done
