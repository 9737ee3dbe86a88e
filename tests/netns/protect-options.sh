#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What each side of an armed protection is told, as captured at both ends: MSS, window scale, SACK, timestamps, ECN; by clients that offer
# little, or strange things, and of servers that can less; whoever answers the SYNs.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss "${TCPMSSD:-${TCPMSS}d}" nginx curl iperf3 nft tcpdump
lab_enter "$@"
. "$lab_src/protect-sees.bash"

lab_path mtu=1500 && web_start 1000000 && sink_start || tap_bail "the lab does not stand"
# The two scale their windows differently; and XDP sends frames back only to a device that has a program, too.
on server sysctl -qw net.ipv4.tcp_rmem='4096 131072 6291456'
pass=${TM_BUILD:-$lab_top/build}/tests/bench/traffic.bpf.o
on client ip link set dev eth0 xdpdrv object "$pass" program traffic_pass || tap_bail "no XDP"

# bare: SYNs lose their MSS option by the client's own rules.
bare()
{
	on client nft -f - <<-'NFT'
	table inet bare {
		chain output {
			type filter hook output priority 0;
			tcp flags & (syn|ack) == syn reset tcp option maxseg
		}
	}
	NFT
}

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

# advertise [4-MSS 6-MSS]: what the client offers.
advertise()
{
	on client ip route change 198.18.4.0/24 via 198.18.1.1 ${1:+advmss "$1"}
	on client ip -6 route change 2001:db8:4::/64 via 2001:db8:1::1 ${2:+advmss "$2"}
}

# What the first clients do not offer is not taken for what the server cannot: the next that do are let pass, once.
on client sysctl -qw net.ipv4.tcp_timestamps=0 net.ipv4.tcp_sack=0 net.ipv4.tcp_window_scaling=0
protect_start || tap_bail "no daemon"
for family in 4 6; do
	connect "$family"
	is "$(sees "$family" | cut -d " " -f 1 | cut -d / -f 2-4)" "-/0/0" "IPv$family: a client that offers nothing is told nothing"
done
on client sysctl -qw net.ipv4.tcp_timestamps=1 net.ipv4.tcp_sack=1 net.ipv4.tcp_window_scaling=1
for family in 4 6; do
	connect "$family"
	is "$(sees "$family" | cut -d " " -f 1 | cut -d / -f 2-4)" "W/1/1" "IPv$family: one that offers all is told all"
done
is "$(counted passed-unknown)" 4 "four SYNs were let pass for that"
protect_stop

for by in tc clsact xdp none; do
	unset TCPMSS_NO_TCX
	accelerator=$by
	if [ "$by" = clsact ]; then # tc as older kernels have it
		export TCPMSS_NO_TCX=1
		accelerator=tc
	fi
	# What SYNPROXY alone leaves out of its SYN-ACKs: ECN, which no rule of nft gives it, and an MSS where the SYN had none.
	ecn=1 mss4=1460 mss6=1440
	[ "$by" != none ] || ecn=0 mss4=none mss6=none
	protect_start '' "accelerator = $accelerator" || tap_bail "no daemon"
	connect 4
	connect 6
	sleep 2 # SYNPROXY by itself is told of servers from time to time
	is "$(sees 4)" "1460/W/1/1/0 1460/W/1/1/0" "$by, IPv4: everything is kept"
	is "$(sees 6)" "1440/W/1/1/0 1440/W/1/1/0" "$by, IPv6: everything is kept"

	advertise 1360 1360
	is "$(sees 4)" "1460/W/1/1/0 1300/W/1/1/0" "$by, IPv4: never more than the client's MSS: 1360 is told as 1300"
	is "$(sees 6)" "1440/W/1/1/0 1220/W/1/1/0" "$by, IPv6: never more than the client's MSS: 1360 is told as 1220"
	passed=$(counted passed-small-mss)
	advertise 500 1000
	is "$(sees 4 | cut -d ' ' -f 2)" "500/W/1/1/0" "$by, IPv4: one below the table passes as it is"
	is "$(sees 6 | cut -d ' ' -f 2)" "1000/W/1/1/0" "$by, IPv6: one below the table passes as it is"
	[ "$by" = none ] || is "$(counted passed-small-mss)" $((passed + 2)) "$by: which is counted"
	advertise

	on client sysctl -qw net.ipv4.tcp_timestamps=0
	is "$(sees 4)" "1460/-/0/0/0 1460/-/0/0/0" "$by, IPv4: without timestamps there is room for the MSS only"
	is "$(sees 6)" "1440/-/0/0/0 1440/-/0/0/0" "$by, IPv6: without timestamps there is room for the MSS only"
	transfers "$by, without timestamps"
	on client sysctl -qw net.ipv4.tcp_timestamps=1

	on client sysctl -qw net.ipv4.tcp_ecn=1
	connect 4
	connect 6
	is "$(sees 4)" "1460/W/1/1/$ecn 1460/W/1/1/$ecn" "$by, IPv4: ECN, $ecn"
	is "$(sees 6)" "1440/W/1/1/$ecn 1440/W/1/1/$ecn" "$by, IPv6: ECN, $ecn"
	on client sysctl -qw net.ipv4.tcp_ecn=2

	bare
	is "$(sees 4)" "$mss4/W/1/1/0 536/W/1/1/0" "$by, IPv4: a SYN without MSS stands for 536"
	is "$(sees 6)" "$mss6/W/1/1/0 1220/W/1/1/0" "$by, IPv6: a SYN without MSS stands for 1220"
	on client nft delete table inet bare

	# TCP fast open: the data are not acknowledged, and come again.
	on client sysctl -qw net.ipv4.tcp_fastopen=5
	is "$(sees 4 fast_open "$server4")" "1460/W/1/1/0 1460/W/1/1/0" "$by, IPv4: a SYN with data"
	is "$(wire kind=syn <"$lab_tmp/at-client" | field payload)" 25 "$by, IPv4: it had some"
	is "$(wire kind=syn <"$lab_tmp/at-server" | field payload)" 0 "$by, IPv4: the server's had none"
	is "$(sees 6 fast_open "$server6")" "1440/W/1/1/0 1440/W/1/1/0" "$by, IPv6: a SYN with data"
	protect_stop

	# What the operator says, and a server that can less.
	on server sysctl -qw net.ipv4.tcp_sack=0 net.ipv4.tcp_window_scaling=0
	protect_start '' "accelerator = $accelerator  mss = 1400" || tap_bail "no daemon"
	connect 4
	sleep 2
	is "$(sees 4)" "1400/-/0/1/0 1460/-/0/1/0" "$by, IPv4: what the server cannot is not told, nor more than the operator wants"
	on server sysctl -qw net.ipv4.tcp_timestamps=0
	connect 4
	sleep 2
	is "$(sees 4)" "1400/-/0/0/0 1460/-/0/0/0" "$by, IPv4: a server that forgets its timestamps"
	on server sysctl -qw net.ipv4.tcp_timestamps=1 net.ipv4.tcp_sack=1 net.ipv4.tcp_window_scaling=1
	protect_stop
done
ok "every checksum was right" test "$(on server nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }')" = 0

tap_done
