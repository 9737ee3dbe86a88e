#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Transfers both ways through an armed protection, with a link of 1280 bytes before the server and no "packet too big" to tell of it, where
# the kernel's SYNPROXY alone hangs; and the MSS that each side is told, as captured at both ends.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss "${TCPMSSD:-${TCPMSS}d}" nginx curl iperf3 nft tcpdump
lab_enter "$@"
. "$lab_src/protect-sees.bash"

# mute HOST: it says nothing of packets that are too big for what comes behind it.
mute()
{
	on "$1" nft -f - <<-'NFT'
	table inet tm_quiet {
		chain output {
			type filter hook output priority 0;
			icmp type destination-unreachable icmp code frag-needed drop
			icmpv6 type packet-too-big drop
		}
	}
	NFT
}

# ---- SYNPROXY alone ----------------------------------------------------------------------------

lab_path mtu=1280 blackhole=yes && web_start 1000000 && sink_start || tap_bail "the lab does not stand"
on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
on gateway nft -f - <<-'NFT'
	table inet sp {
		chain raw {
			type filter hook prerouting priority raw;
			iifname "lan0" tcp dport { 80, 5201 } tcp flags & (syn|ack) == syn notrack
		}
		chain forward {
			type filter hook forward priority 0;
			iifname "lan0" tcp dport { 80, 5201 } ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
			ct state invalid drop
		}
	}
NFT
ok "SYNPROXY alone hangs" not upload 4 3
on gateway nft delete table inet sp
on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1

# ---- a link of 1280 bytes ----------------------------------------------------------------------

# begin [HOOKS]: the daemon, which gets to know the servers; SYNPROXY by itself is told of them from time to time.
begin()
{
	protect_start "${1:-}" "accelerator = $by" || tap_bail "no daemon"
	connect 4
	connect 6
	[ "$by" != none ] || sleep 2
}

# The gateway has been told of it: a route's MTU. What servers send is kept small by a clamp.
a_route()
{
	local answered

	on gateway ip route change 198.18.4.0/24 via 198.18.2.2 mtu 1280
	on gateway ip -6 route change 2001:db8:4::/64 via 2001:db8:2::2 mtu 1280
	mute gateway
	begin 'hook wan { device = wan0  mtu = route }'
	transfers "$by, the route has an MTU of its own"
	is "$(sees 4)" "1240/W/1/1/0 1240/W/1/1/0" "$by, IPv4: both sides are told what the route takes"
	is "$(sees 6)" "1220/W/1/1/0 1220/W/1/1/0" "$by, IPv6: both sides are told what the route takes"
	if [ "$by" = tc ]; then
		answered=$(counted answered)
		ok "$by: SYNs were answered" test "$answered" -ge 6
		is "$(counted echo-repaired)" "$answered" "$by: and the echo of each was repaired"
	fi
	on gateway ip route change 198.18.4.0/24 via 198.18.2.2 mtu 1400
	on gateway ip -6 route change 2001:db8:4::/64 via 2001:db8:2::2 mtu 1400
	sleep 2
	is "$(sees 4)" "1360/W/1/1/0 1360/W/1/1/0" "$by, IPv4: another MTU is followed"
	is "$(sees 6)" "1340/W/1/1/0 1340/W/1/1/0" "$by, IPv6: another MTU is followed"
	protect_stop
	on gateway ip route change 198.18.4.0/24 via 198.18.2.2
	on gateway ip -6 route change 2001:db8:4::/64 via 2001:db8:2::2
	on gateway nft delete table inet tm_quiet
}

# It is known of the path, as one that was learned.
a_path()
{
	begin "hook lan { device = lan0 }
		path-mtu-discovery { state = none }
		path $server4 { mtu = 1280 }
		path $server6 { mtu = 1280 }"
	is "$(sees 4 | cut -d / -f 1)" 1240 "$by, IPv4: the client is told what the path takes"
	is "$(sees 6 | cut -d / -f 1)" 1220 "$by, IPv6: the client is told what the path takes"
	ok "$by, IPv4: upload, the path is known" upload 4
	ok "$by, IPv6: upload, the path is known" upload 6
	protect_stop
}

# The server is right behind it, and tells so itself.
the_server()
{
	on server ip link set eth0 mtu 1280
	on remote ip link set lan0 mtu 1280
	begin
	transfers "$by, the server's own link"
	is "$(sees 4)" "1240/W/1/1/0 1460/W/1/1/0" "$by, IPv4: the client is told what the server tells"
	is "$(sees 6)" "1220/W/1/1/0 1440/W/1/1/0" "$by, IPv6: the client is told what the server tells"
	protect_stop
	on server ip link set eth0 mtu 1500
	on remote ip link set lan0 mtu 1500
}

# It is the gateway's own.
the_gateway()
{
	on gateway ip link set wan0 mtu 1280
	on router ip link set lan0 mtu 1280
	mute gateway
	begin 'hook wan { device = wan0 }'
	transfers "$by, the gateway's own link"
	is "$(sees 4)" "1240/W/1/1/0 1240/W/1/1/0" "$by, IPv4: both sides are told what the device takes"
	is "$(sees 6)" "1220/W/1/1/0 1220/W/1/1/0" "$by, IPv6: both sides are told what the device takes"
	protect_stop
	on gateway nft delete table inet tm_quiet
	on gateway ip link set wan0 mtu 1500
	on router ip link set lan0 mtu 1500
}

for by in tc none; do
	a_route
	a_path
done
lab_clear

lab_path mtu=1500 blackhole=yes && web_start 1000000 && sink_start || tap_bail "the lab does not stand"
# It lies on the clients' side, and a route tells of it. SYNPROXY by itself tells all clients the same.
to_clients()
{
	on gateway ip route add 198.18.1.2/32 dev lan0 mtu 1280
	on gateway ip -6 route add 2001:db8:1::2/128 dev lan0 mtu 1280
	begin
	is "$(sees 4 | cut -d / -f 1)" 1240 "$by, IPv4: the route to the client counts, too"
	is "$(sees 6 | cut -d / -f 1)" 1220 "$by, IPv6: the route to the client counts, too"
	on gateway ip route del 198.18.1.2/32
	on gateway ip -6 route del 2001:db8:1::2/128
	sleep 1
	is "$(sees 4 | cut -d / -f 1)" 1460 "$by, IPv4: until it has gone"
	is "$(sees 6 | cut -d / -f 1)" 1440 "$by, IPv6: until it has gone"
	protect_stop
}

for by in tc none; do
	the_server
	the_gateway
done
by=tc
to_clients
lab_clear

# ---- a path that was learned -------------------------------------------------------------------

# While the block is off, the client's uploads meet the link, are told of it, and obey. Then nobody remembers but the daemon.
lab_path mtu=1280 && sink_start || tap_bail "the lab does not stand"

knows_both()
{
	[ "$(tm gateway pmtu show -j | json 'sorted(p["mtu"] for p in d["paths"])')" = "[1280, 1280]" ]
}

protect_start 'hook lan { device = lan0 }
	path-mtu-discovery { state = none }' '' off || tap_bail "no daemon"
ok "IPv4: an upload that is told of the link" upload 4
ok "IPv6: an upload that is told of the link" upload 6
ok "the paths are learned" wait_for 5 knows_both
sed -i 's/mode = off/mode = always/' "$conf"
ok "the block is armed" eval 'tm gateway reload && wait_for 5 protect_is armed'
mute router
on client ip route flush cache
on client ip -6 route flush cache
is "$(sees 4 connect 4 5201 | cut -d / -f 1)" 1240 "IPv4: the client is told what was learned"
is "$(sees 6 connect 6 5201 | cut -d / -f 1)" 1220 "IPv6: the client is told what was learned"
ok "IPv4: upload, the path was learned" upload 4
ok "IPv6: upload, the path was learned" upload 6
protect_stop

tap_done
