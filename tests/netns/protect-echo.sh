#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A server that speaks first, behind the kernel's SYNPROXY: its timestamp echo is shifted twice, servers with Linux 6.15 reject it, and the
# greeting waits for a second. With the server side of protect it does not; and that learns what the server offers.
. "$(dirname "$0")/lib.sh"
need ip nft ethtool nstat
lab_enter "$@"

side=${TM_BUILD:-$lab_top/build}/tests/protect-side
[ -x "$side" ] || plan_skip "tests/protect-side is not built"
port=2525

synproxy()
{
	on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 && on gateway nft -f - <<-NFT
	table inet sp {
		chain raw {
			type filter hook prerouting priority raw;
			iifname "lan0" tcp dport $port tcp flags & (syn|ack) == syn notrack
		}
		chain forward {
			type filter hook forward priority 0;
			iifname "lan0" tcp dport $port ct state invalid,untracked synproxy mss 1400 wscale 7 timestamp sack-perm
			ct state invalid drop
		}
	}
	NFT
}

# server_counter NAME: of the server's TCP.
server_counter()
{
	on server nstat -asz "$1" | awk -v name="$1" '$1 == name { print $2 }'
}

# meet 4|6: four greetings; prints how many echoes the server rejected meanwhile.
meet()
{
	local to=$server4 before

	[ "$1" = 6 ] && to=$server6
	before=$(server_counter TcpExtTSEcrRejected)
	on client /usr/bin/python3 "$lab_src/greet.py" meet "$to" "$port" 4 >"$lab_tmp/meet.log" 2>&1 || {
		cat "$lab_tmp/meet.log"
		return 1
	}
	echo $(($(server_counter TcpExtTSEcrRejected) - before))
}

repaired()
{
	on gateway "$side" repaired
}

lab_gateway && synproxy || tap_bail "the lab does not stand"
printf 'protect greet { servers = {%s, %s}  ports = %s  device = lan0 }\n' "$server4" "$server6" "$port" >"$lab_tmp/conf"
on_bg server /usr/bin/python3 "$lab_src/greet.py" serve "$port" >"$lab_tmp/greeter" 2>&1
wait_for 5 grep -q ready "$lab_tmp/greeter"

rejects=$(meet 4)
if [ "$rejects" = 4 ]; then
	tap ok "without protect each connection waits: the server rejects the echo"
	is "$(meet 6)" 4 "so does IPv6"
else
	skip "without protect each connection waits" "this kernel's servers took the echo ($rejects rejected)"
fi

for kind in tcx clsact; do
	for offload in on off; do
		with="$kind, offloads $offload"
		on gateway ethtool -K wan0 tx "$offload" gro "$offload" >/dev/null
		on server ethtool -K eth0 tx "$offload" gro "$offload" >/dev/null
		[ "$kind" = tcx ] || export TCPMSS_NO_TCX=1
		is "$(on gateway "$side" up "$lab_tmp/conf")" wan0 "the device that leads to the server ($with)"
		ok "guarding" on gateway "$side" guard 1
		is "$(meet 4)" 0 "no echo is rejected, IPv4 ($with)"
		is "$(meet 6)" 0 "nor with IPv6 ($with)"
		is "$(repaired)" "4 4" "all were repaired ($with)"
		on gateway "$side" guard 0
		if [ "$rejects" = 4 ]; then
			is "$(meet 4)" 4 "they are while nothing is armed ($with)"
			is "$(repaired)" "4 4" "and nothing was repaired then ($with)"
		fi
		ok "taken away ($with)" on gateway "$side" down
		unset TCPMSS_NO_TCX
		is "$(pins)" "" "nothing stays pinned ($with)"
		is "$(for way in ingress egress; do on gateway tc filter show dev wan0 "$way"; done)" "" "no filter stays ($with)"
		is "$(on gateway tc qdisc show dev wan0 clsact)" "" "nor the qdisc ($with)"
	done
done
is "$(server_counter TcpInCsumErrors)" 0 "every checksum was right"

on gateway "$side" up "$lab_tmp/conf" >/dev/null
on gateway nft delete table inet sp
meet 4 >/dev/null
meet 6 >/dev/null
like "$(on gateway "$side" servers)" "server=$server4 port=$port mss=1460 wscale=[0-9]+ sack=1 timestamps=1 ecn=0 known=11" \
	"what the server offers is learned from connections that pass"
like "$(on gateway "$side" servers)" "server=$server6 port=$port mss=1440 wscale=[0-9]+ sack=1 timestamps=1 ecn=0 known=11" "with IPv6, too"
on client sysctl -qw net.ipv4.tcp_ecn=1
sleep 0.2
meet 4 >/dev/null
like "$(on gateway "$side" servers)" "server=$server4 .*ecn=1 known=15" "and ECN once a client wants it"
on server ip link set eth0 mtu 1300
sleep 0.2
meet 4 >/dev/null
like "$(on gateway "$side" servers)" "server=$server4 port=$port mss=1260 " "a smaller MSS is learned, too"

tap_done
