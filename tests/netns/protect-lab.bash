# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Protect without a daemon: its programs in BPF, and in nftables what completes connections. Source it behind lib.sh and lab_enter.

tools=${TM_BUILD:-$lab_top/build}/tests
[ -x "$tools/protect-client" ] || plan_skip "tests/protect-client is not built"

# client eth0 --- lan0 [ gateway ] wan0 --- eth0 server, where an iperf3 listens on port 5201. As protect's own rules have it, SYNs that
# come to nftables are tracked.
cookie_lab()
{
	lab_gateway && on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 && on gateway nft -f - <<-NFT || return 1
	table inet sp {
		chain forward {
			type filter hook forward priority -5;
			tcp dport 5201 ct state invalid,untracked synproxy mss 1400 wscale 7 timestamp sack-perm
			tcp dport 5201 ct state invalid drop
		}
	}
	NFT
	printf 'protect web { servers = {%s, %s}  ports = 5201  device = lan0 }\n' "$server4" "$server6" >"$lab_tmp/conf"
	sink_start
}

# offload on|off: checksums of all four devices are left to them, or not.
offload()
{
	local end host dev

	for end in 'client eth0' 'gateway lan0' 'gateway wan0' 'server eth0'; do
		read -r host dev <<<"$end"
		on "$host" ethtool -K "$dev" tx "$1" gro "$1" >/dev/null
	done
}

side()
{
	on gateway "$tools/protect-side" "$@"
}

guard()
{
	on gateway "$tools/protect-client" "$@"
}

# know [MSS [WSCALE [OFFERS]]]: what is known of the server, in both families.
know()
{
	guard server "$server4" 5201 "${1:-1460}" "${2:-7}" "${3:-7}" && guard server "$server6" 5201 "${1:-1440}" "${2:-7}" "${3:-7}"
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
