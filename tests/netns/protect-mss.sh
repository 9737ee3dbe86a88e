#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What each side of an armed protection is told: MSS, window scale, SACK, timestamps, ECN, as captured at both ends. And transfers both ways
# with a link of 1280 bytes before the server and no "packet too big" to tell of it, where the kernel's SYNPROXY alone hangs.
set -u
. "$(dirname "$0")/lib.sh"

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
need tcpmss "$TCPMSSD" nginx curl iperf3 nft tcpdump
lab_enter "$@"

conf=$lab_tmp/tcpmss.conf
export TCPMSS_SOCKET=$lab_tmp/control

# protect_start [TEXT [SETTINGS]]: the daemon with a block that is always armed; TEXT is more of the configuration.
protect_start()
{
	cat >"$conf" <<-CONF
	control { socket = $TCPMSS_SOCKET }
	protect web { servers = {$server4, $server6}  ports = {80, 5201}  device = lan0  mode = always ${2:-} }
	${1:-}
	CONF
	: >"$lab_tmp/daemon.log"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>>"$lab_tmp/daemon.log"
	daemon=$bg_pid
	wait_for 10 is_armed || { cat "$lab_tmp/daemon.log"; return 1; }
}

protect_stop()
{
	kill "$daemon" && wait "$daemon"
}

is_armed()
{
	[ "$(tm gateway protect show -j | json 'd["protect"][0]["state"]')" = armed ]
}

# counted REASON
counted()
{
	tm gateway protect show -j | json "sum(f.get('$1', 0) for f in d['protect'][0]['counters'].values())"
}

# The gateway says nothing of packets that are too big for what comes behind it, either.
mute_gateway()
{
	on gateway nft -f - <<-'NFT'
	table inet tm_quiet {
		chain output {
			type filter hook output priority 0;
			icmp type destination-unreachable icmp code frag-needed drop
			icmpv6 type packet-too-big drop
		}
	}
	NFT
}

# transfers WHAT: up and down, both families.
transfers()
{
	local family

	for family in 4 6; do
		ok "IPv$family: upload, $1" upload "$family"
		ok "IPv$family: download, $1" download "$family"
	done
}

# sees 4|6 [COMMAND...]: opens a connection with the command (connect 4|6). Prints what the client was told by SYN-ACK and what the server was told by SYN, as
# "MSS/WSCALE/SACK/TIMESTAMPS/ECN MSS/WSCALE/SACK/TIMESTAMPS/ECN". What the server itself scales by is not known here: its letter is W.
sees()
{
	local family=$1 scale

	shift
	capture client eth0 c "$syns" && capture server eth0 s "$syns" || return 1
	if [ $# = 0 ]; then
		connect "$family"
	else
		"$@"
	fi >"$lab_tmp/sees.log" 2>&1 || { echo "no connection: $(cat "$lab_tmp/sees.log")"; captured c; captured s; return 1; }
	captured c >"$lab_tmp/at-client"
	captured s >"$lab_tmp/at-server"
	scale=$(wire kind=syn-ack <"$lab_tmp/at-server" | field wscale | head -n 1)
	[ "$scale" != none ] || scale=-
	echo "$(wire kind=syn-ack "family=$family" <"$lab_tmp/at-client" | offer | sed "s|/$scale/|/W/|") $(wire kind=syn "family=$family" <"$lab_tmp/at-server" | offer)"
}

# Of the first line.
offer()
{
	head -n 1 | sed 's|.* mss=\([^ ]*\) .* wscale=\([^ ]*\) sack=\(.\) timestamps=\(.\) ecn=\(.\).*|\1/\2/\3/\4/\5|'
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

# The gateway has been told of it: a route's MTU. What servers send is kept small by a clamp.
mute_gateway
on gateway ip route change 198.18.4.0/24 via 198.18.2.2 mtu 1280
on gateway ip -6 route change 2001:db8:4::/64 via 2001:db8:2::2 mtu 1280
protect_start 'hook wan { device = wan0  mtu = route }' || tap_bail "no daemon"
connect 4
connect 6
transfers "the route has an MTU of its own"
is "$(sees 4)" "1240/W/1/1/0 1240/10/1/1/0" "IPv4: both sides are told what the route takes"
is "$(sees 6)" "1220/W/1/1/0 1220/10/1/1/0" "IPv6: both sides are told what the route takes"
answered=$(counted answered)
ok "SYNs were answered" test "$answered" -ge 6
is "$(counted echo-repaired)" "$answered" "and the echo of each was repaired"
protect_stop
on gateway ip route change 198.18.4.0/24 via 198.18.2.2
on gateway ip -6 route change 2001:db8:4::/64 via 2001:db8:2::2

# It has learned it: a path.
protect_start "hook lan { device = lan0  mtu = auto }
	path-mtu-discovery { state = none }
	path $server4 { mtu = 1280 }
	path $server6 { mtu = 1280 }" || tap_bail "no daemon"
connect 4
connect 6
is "$(sees 4 | cut -d / -f 1)" 1240 "IPv4: the client is told what the path takes"
is "$(sees 6 | cut -d / -f 1)" 1220 "IPv6: the client is told what the path takes"
ok "IPv4: upload, the path is known" upload 4
ok "IPv6: upload, the path is known" upload 6
protect_stop
lab_clear

# The server is right behind it, and tells so itself.
lab_path mtu=1500 blackhole=yes || tap_bail "the lab does not stand"
on server ip link set eth0 mtu 1280
on remote ip link set lan0 mtu 1280
web_start 1000000 && sink_start || tap_bail "no servers"
protect_start || tap_bail "no daemon"
connect 4
connect 6
transfers "the server's own link"
is "$(sees 4)" "1240/W/1/1/0 1460/10/1/1/0" "IPv4: the client is told what the server tells"
is "$(sees 6)" "1220/W/1/1/0 1440/10/1/1/0" "IPv6: the client is told what the server tells"
protect_stop
on server ip link set eth0 mtu 1500
on remote ip link set lan0 mtu 1500

# It is the gateway's own.
on gateway ip link set wan0 mtu 1280
on router ip link set lan0 mtu 1280
mute_gateway
protect_start 'hook wan { device = wan0 }' || tap_bail "no daemon"
connect 4
connect 6
transfers "the gateway's own link"
is "$(sees 4)" "1240/W/1/1/0 1240/10/1/1/0" "IPv4: both sides are told what the device takes"
is "$(sees 6)" "1220/W/1/1/0 1220/10/1/1/0" "IPv6: both sides are told what the device takes"
protect_stop
on gateway nft delete table inet tm_quiet
on gateway ip link set wan0 mtu 1500
on router ip link set lan0 mtu 1500

# ---- what each side is told --------------------------------------------------------------------

protect_start || tap_bail "no daemon"
for family in 4 6; do
	connect "$family"
done
is "$(sees 4)" "1460/W/1/1/0 1460/10/1/1/0" "IPv4: everything is kept"
is "$(sees 6)" "1440/W/1/1/0 1440/10/1/1/0" "IPv6: everything is kept"

# A client with a smaller MSS: never more to the server than it offered.
on client ip route change 198.18.4.0/24 via 198.18.1.1 advmss 1360
on client ip -6 route change 2001:db8:4::/64 via 2001:db8:1::1 advmss 1360
is "$(sees 4)" "1460/W/1/1/0 1300/10/1/1/0" "IPv4: an MSS of 1360 is told as 1300"
is "$(sees 6)" "1440/W/1/1/0 1220/10/1/1/0" "IPv6: an MSS of 1360 is told as 1220"
passed=$(counted passed-small-mss)
on client ip route change 198.18.4.0/24 via 198.18.1.1 advmss 500
on client ip -6 route change 2001:db8:4::/64 via 2001:db8:1::1 advmss 1000
is "$(sees 4 | cut -d ' ' -f 2)" "500/10/1/1/0" "IPv4: one below the table passes as it is"
is "$(sees 6 | cut -d ' ' -f 2)" "1000/10/1/1/0" "IPv6: one below the table passes as it is"
is "$(counted passed-small-mss)" $((passed + 2)) "which is counted"
on client ip route change 198.18.4.0/24 via 198.18.1.1
on client ip -6 route change 2001:db8:4::/64 via 2001:db8:1::1

on client sysctl -qw net.ipv4.tcp_timestamps=0
is "$(sees 4)" "1460/none/0/0/0 1460/none/0/0/0" "IPv4: without timestamps there is no room for more than the MSS"
is "$(sees 6)" "1440/none/0/0/0 1440/none/0/0/0" "IPv6: without timestamps there is no room for more than the MSS"
transfers "without timestamps"
on client sysctl -qw net.ipv4.tcp_timestamps=1

on client sysctl -qw net.ipv4.tcp_ecn=1
connect 4 80
connect 6 80
tap_ecn=$(sees 4)
is "$tap_ecn" "1460/W/1/1/1 1460/10/1/1/1" "IPv4: ECN is kept"
is "$(sees 6)" "1440/W/1/1/1 1440/10/1/1/1" "IPv6: ECN is kept"
on client sysctl -qw net.ipv4.tcp_ecn=2

# SYNs without the option: the client's own rules take it out.
on client nft -f - <<-'NFT'
	table inet bare {
		chain output {
			type filter hook output priority 0;
			tcp flags & (syn|ack) == syn reset tcp option maxseg
		}
	}
NFT
is "$(sees 4)" "1460/W/1/1/0 536/10/1/1/0" "IPv4: a SYN without MSS stands for 536"
is "$(sees 6)" "1440/W/1/1/0 1220/10/1/1/0" "IPv6: a SYN without MSS stands for 1220"
on client nft delete table inet bare

# TCP fast open: the data in the SYN are not acknowledged, and come again.
on client sysctl -qw net.ipv4.tcp_fastopen=5
fast_open()
{
	on client /usr/bin/python3 - "$1" <<-'PYTHON'
	import socket, sys
	family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
	with socket.socket(family, socket.SOCK_STREAM) as s:
	    s.settimeout(5)
	    s.sendto(b"GET /nothing HTTP/1.0\r\n\r\n", socket.MSG_FASTOPEN, (sys.argv[1], 80))
	    if not s.recv(100).startswith(b"HTTP/1.1 404"):
	        raise SystemExit("no answer")
	PYTHON
}
is "$(sees 4 fast_open "$server4")" "1460/W/1/1/0 1460/10/1/1/0" "IPv4: a SYN with data"
is "$(wire kind=syn <"$lab_tmp/at-client" | field payload)" 25 "it had some"
is "$(wire kind=syn <"$lab_tmp/at-server" | field payload)" 0 "the server's had none"
is "$(sees 6 fast_open "$server6")" "1440/W/1/1/0 1440/10/1/1/0" "IPv6: a SYN with data"

# What the operator says, and a server that can less.
protect_stop
on server sysctl -qw net.ipv4.tcp_sack=0 net.ipv4.tcp_window_scaling=0
protect_start '' 'mss = 1400' || tap_bail "no daemon"
connect 4
is "$(sees 4)" "1400/none/0/1/0 1460/none/0/1/0" "IPv4: what the server cannot is not told, nor more than the operator wants"
on server sysctl -qw net.ipv4.tcp_timestamps=0
connect 4
sleep 0.2
is "$(sees 4)" "1400/none/0/0/0 1460/none/0/0/0" "a server that forgets its timestamps"
ok "every checksum was right" test "$(on server nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }')" = 0
protect_stop

tap_done
