#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A wire on tc and on XDP: downloads and uploads through it, clamped both ways; every frame that is no
# TCP passes unharmed, tagged, full-size and jumbo ones, too; what it counts is what was sent.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl iperf3 tcpdump ethtool
lab_enter "$@"

client4=198.18.4.1 client6=2001:db8:4::1

# A frame in XDP has no place for a checksum or segments that are left to a device: senders must not.
# And veth takes redirected frames only where its other end has NAPI, which GRO switches on.
for_xdp()
{
	local host

	for host in client server; do
		on "$host" ethtool -K eth0 tx off tso off gso off gro on >/dev/null 2>&1 || return 1
	done
}

# frames_through MTU: all kinds arrive, from client to server and back.
frames_through()
{
	local from to

	for from in client server; do
		to=client
		[ $from = client ] && to=server
		on_bg $to /usr/bin/python3 "$lab_src/frames.py" receive eth0 "$1" >"$lab_tmp/came"
		wait_for 5 grep -q ready "$lab_tmp/came"
		on $from /usr/bin/python3 "$lab_src/frames.py" send eth0 "$1" >"$lab_tmp/sent" || return 1
		wait "$bg_pid"
		diff <(sort "$lab_tmp/sent") <(grep -v ready "$lab_tmp/came" | sort) || return 1
	done
}

# The MSS of SYN and SYN-ACK behind the wire.
wire_handshake()
{
	local syn synack

	capture server eth0 "syn$1" "$syns" && capture client eth0 "back$1" "$syns" || return 1
	connect "$1" || return 1
	syn=$(captured "syn$1" | wire kind=syn family="$1" | field mss)
	synack=$(captured "back$1" | wire kind=syn-ack family="$1" | field mss)
	echo "$syn $synack"
}

promisc()
{
	on gateway ip link show "$1" | grep -c PROMISC
}

# counted DIRECTION KEY: over both families and what is no IP.
counted()
{
	tm gateway stats w -j | json "sum(f['$2'] for f in d['directions']['$1'].values())"
}

try()
{
	local via=${1/clsact/tc} offload=$2 mtu=$3 what family

	unset TCPMSS_NO_TCX
	[ "$1" = clsact ] && export TCPMSS_NO_TCX=1
	what="via $1, offload $offload, MTU $mtu"
	lab_clear
	lab_wire "$mtu" && tm gateway attach lan0 --wire wan0 --via tc --mss 1200 --name w >/dev/null 2>&1 &&
		web_start && sink_start && tm gateway detach w >/dev/null 2>&1 || tap_bail "cannot build the lab"
	if [ "$offload" = off ]; then
		for_xdp || tap_bail "cannot set offloads"
	fi
	ok "$what: nothing passes without a wire" not connect 4
	ok "$what: attach" tm gateway attach lan0 --wire wan0 --via "$via" --mss 1200 --name w
	is "$(promisc lan0) $(promisc wan0)" "1 1" "$what: both devices take in all frames"
	for family in 4 6; do
		is "$(wire_handshake $family)" "1200 1200" "$what: IPv$family, SYN and SYN-ACK are clamped"
		ok "$what: IPv$family download" download $family 10
		ok "$what: IPv$family upload" upload $family 10
	done
	if [ "$mtu" = 1500 ]; then
		tm gateway attach lan0 --wire wan0 --name w 2>/dev/null
		on gateway ip link set wan0 mtu 1400
		is "$(wire_handshake 4) $(wire_handshake 6)" "1360 1360 1340 1340" "$what: auto follows the smaller MTU"
		on gateway ip link set wan0 mtu 1500
	fi
	ok "$what: new limits" tm gateway attach lan0 --wire wan0 --mss 8000 --name w
	ok "$what: download in frames of the devices' size" download 4 10
	ok "$what: frames of all kinds pass, both ways" frames_through "$mtu"
	is "$(tm gateway show -j | json '" ".join(str(d["hooks"][0][k]) for k in ("name", "device", "out", "mode", "alive"))')" \
		"w lan0 wan0 wire True" "$what: show tells of both devices"
	ok "$what: detach" tm gateway detach wan0
	is "$(promisc lan0) $(promisc wan0)" "0 0" "$what: promiscuous mode is off again"
	is "$(pins)" "" "$what: no pins are left"
	is "$(on gateway bpftool net show 2>&1 | grep -c tcpmss)" 0 "$what: no program is left"
	ok "$what: nothing passes any more" not connect 4 80 1
}

try tc on 1500
try tc off 1500
try tc on 9000
try xdp off 1500
try xdp off 9000
try clsact on 1500
unset TCPMSS_NO_TCX

# ---- tagged SYNs, and exact counts

for via in tc xdp; do
	lab_clear
	lab_wire && for_xdp || tap_bail "cannot build the lab"
	# Nobody says anything by itself.
	for host in client server; do
		on "$host" ip -6 address flush dev eth0
		on "$host" sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
	done
	for device in lan0 wan0; do
		on gateway sysctl -qw "net.ipv6.conf.$device.disable_ipv6=1"
	done
	tm gateway attach lan0 --wire wan0 --via $via --mss 1200 --name w 2>/dev/null || tap_bail "cannot attach"
	sleep 0.2
	tm gateway stats w clear >/dev/null
	capture server eth0 tagged
	inject client eth0 --vlan 8100:5 --sport 1 >/dev/null
	inject client eth0 --family 6 --vlan 8100:5 --sport 2 >/dev/null
	inject client eth0 --vlan 88a8:7 --vlan 8100:8 --sport 3 >/dev/null
	inject client eth0 --pppoe 9 --sport 4 >/dev/null
	is "$(captured tagged | sed 's/.*sport/sport/; s/dport=80 //; s/ wscale=.*//' | paste -sd ' ')" \
		"sport=1 mss=1200 sum=ok link=8100:5 sport=2 mss=1200 sum=ok link=8100:5 \
sport=3 mss=1200 sum=ok link=88a8:7,8100:8 sport=4 mss=1200 sum=ok link=8864:9" "via $via: tagged SYNs are clamped and keep their tags"
	is "$(counted in packets) $(counted in syn_packets) $(counted out packets)" "4 4 0" "via $via: they are counted, as coming in"
	inject client eth0 --count 20000 --cpu 0 >/dev/null &
	inject server eth0 --count 20000 --cpu 1 --flags 12 >/dev/null
	wait $!
	wait_for 3 test "$(counted in packets)" = 20004
	is "$(counted in packets) $(counted in fixed_packets)" "20004 20004" "via $via: counts one way"
	is "$(counted out packets) $(counted out fixed_packets)" "20000 20000" "via $via: counts the way back"
	tm gateway msg w config '{ inHook="lan0" outHook="wan0" maxMSS=1100 }'
	octets=$(counted in octets)
	is "$(tm gateway msg w getclrstats lan0)" \
		"{ Octets=$octets Packets=20004 maxMSS=1100 SYNPkts=20004 FixedPkts=20004 }" "via $via: getclrstats of one end"
	is "$(tm gateway msg w getstats lan0)" "{ maxMSS=1100 }" "via $via: it is cleared"
	is "$(counted out packets)" 20000 "via $via: the other end is not"
done

tap_done
