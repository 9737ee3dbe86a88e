# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# The gateways of tests/bench/protect and protect-*: what stands between a source and a server that listens on port 443. Source it behind lib.sh.

programs=${BENCH_PROGRAMS:-$lab_top/build/tests/bench}
TCPMSSD=${TCPMSSD:-${TCPMSS}d}

mac()
{
	on "$1" ip -br link show "$2" | awk '{ print $3 }'
}

# source - gateway - server, both families; the flood's sources (tests/bench/traffic.h) lie behind the source.
gateway_up()
{
	local host

	for host in source gateway server; do
		lab_host "$host" || return 1
	done
	lab_link source eth0 gateway lan0 && lab_link gateway wan0 server eth0 &&
		lab_addr source eth0 1 2 && lab_addr gateway lan0 1 1 && lab_addr gateway wan0 4 1 && lab_addr server eth0 4 2 &&
		lab_route source 4 4 1 1 && lab_route server 1 1 4 1 &&
		on server ip route add default via 198.18.4.1 &&
		on gateway ip route add 198.18.0.0/17 via 198.18.1.2 &&
		on gateway ip -6 route add 2001:db8:1::1000/116 via 2001:db8:1::2 &&
		on gateway ip -6 route add 2001:db8:1::2000/115 via 2001:db8:1::2 &&
		on gateway ip -6 route add 2001:db8:1::4000/116 via 2001:db8:1::2 &&
		on gateway sysctl -qw net.ipv4.conf.all.rp_filter=0 &&
		on gateway ethtool -K lan0 gro on >/dev/null || return 1
	neighbours gateway lan0 source 1 2 && neighbours gateway wan0 server 4 2 && listen server
}

# neighbours HOST DEV OTHER N LAST: HOST knows OTHER's eth0.
neighbours()
{
	on "$1" ip neigh replace "198.18.$4.$5" lladdr "$(mac "$3" eth0)" dev "$2" &&
		on "$1" ip neigh replace "2001:db8:$4::$5" lladdr "$(mac "$3" eth0)" dev "$2"
}

# listen HOST: a server on port 443.
listen()
{
	on_bg "$1" iperf3 --server --port 443 >"$lab_tmp/server.log" 2>&1
	wait_for 5 listens "$1"
}

listens()
{
	[ "$(on "$1" ss -Hltn 'sport = 443')" ]
}

# variant NAME: what that puts onto the gateway. plain: nothing.
variant()
{
	case $1 in
	plain) ;;
	drop) on gateway ip link set dev lan0 xdpdrv object "$programs/traffic.bpf.o" program traffic_drop ;;
	reflect) on gateway ip link set dev lan0 xdpdrv object "$programs/traffic.bpf.o" program traffic_reflect ;;
	reflect-tc)
		on gateway tc qdisc add dev lan0 clsact &&
			on gateway tc filter add dev lan0 ingress bpf direct-action object-file "$programs/traffic.bpf.o" section tc
		;;
	xdp | tc) protected "$1" ;;
	none) protected none && wait_for 10 known 4 "$server4" && wait_for 10 known 6 "$server6" ;;
	ct)
		on gateway nft -f - <<-'NFT'
		table inet track {
			chain forward {
				type filter hook forward priority -5;
				ct state invalid counter
			}
		}
		NFT
		;;
	idle) protecting "mode = adaptive  high = 100000000" && learned 4 && learned 6 ;;
	nft) synproxy_sysctls && synproxy_nft ;;
	xt) synproxy_sysctls && synproxy_xt iptables-legacy 1460 && synproxy_xt ip6tables-legacy 1440 ;;
	listener)
		# The address moves to the gateway, which is the server then.
		on gateway sysctl -qw net.ipv4.tcp_syncookies=2 &&
			on gateway ip address add 198.18.4.2/32 dev lo && on gateway ip address add 2001:db8:4::2/128 dev lo nodad &&
			listen gateway
		;;
	esac >"$lab_tmp/log" 2>&1 || { cat "$lab_tmp/log" >&2; return 1; }
}

# protected tc|xdp|none: our own, armed, as tcpmssd -f sets it up.
protected()
{
	protecting "mode = always  accelerator = $1" && learned 4 && learned 6
}

# protecting SETTINGS
protecting()
{
	TCPMSS_SOCKET=$lab_tmp/control
	export TCPMSS_SOCKET
	cat >"$lab_tmp/tcpmss.conf" <<-CONF
	control { socket = $TCPMSS_SOCKET }
	protect web { servers = {198.18.4.2, 2001:db8:4::2}  ports = 443  device = lan0  $1 }
	CONF
	on_bg gateway "$TCPMSSD" -f "$lab_tmp/tcpmss.conf" --pid-file "$lab_tmp/pid"
	daemon=$bg_pid
	wait_for 10 ready
}

ready()
{
	tm gateway protect show -j | json 'd["protect"][0]["state"]' | grep -vx none
}

# learned 4|6: what the server announces is known, from a first connection.
learned()
{
	local to=$server4

	[ "$1" = 6 ] && to=$server6
	on source timeout 5 bash -c "exec 3<>/dev/tcp/$to/443"
}

# known 4|6 ADDRESS: SYNPROXY announces what the server does, too.
known()
{
	on gateway nft list set inet tcpmss_protect "known$1" | grep -qF "$2 . 443"
}

variant_end()
{
	[ -z "${daemon:-}" ] || { kill "$daemon" && wait "$daemon"; } 2>/dev/null
	daemon=
}

synproxy_sysctls()
{
	on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 net.ipv4.tcp_timestamps=1
}

synproxy_nft()
{
	on gateway nft -f - <<-'NFT'
	table inet sp {
		chain raw {
			type filter hook prerouting priority raw;
			iifname "lan0" tcp dport 443 tcp flags & (syn | ack) == syn notrack
		}
		chain forward {
			type filter hook forward priority 0;
			iifname "lan0" tcp dport 443 ct state invalid,untracked synproxy mss 1440 wscale 7 timestamp sack-perm
			ct state invalid drop
		}
	}
	NFT
}

# synproxy_xt PROGRAM MSS
synproxy_xt()
{
	on gateway "$1" -t raw -A PREROUTING -i lan0 -p tcp --dport 443 --syn -j CT --notrack &&
		on gateway "$1" -A FORWARD -i lan0 -p tcp --dport 443 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY \
			--mss "$2" --wscale 7 --timestamp --sack-perm &&
		on gateway "$1" -A FORWARD -m conntrack --ctstate INVALID -j DROP
}
