#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# protect-flood.sh [RATE]: a flood of random SYNs, and one of random ACKs, of both families, while clients of a server behind a protecting
# gateway open connections: all of them open, and nothing of the flood comes to the server. Without protection, none opens.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" "$flood_program" nginx curl iperf3 ethtool
lab_enter "$@"
rate=${1:-4000} count=15
lab_flood && greeter_start || tap_bail "cannot build the lab"
# A server that a flood brings down.
on server sysctl -qw net.ipv4.tcp_syncookies=0
web_start 20000 || tap_bail "no web server"
web=$bg_pid
sink_start || tap_bail "no iperf3"

# received: frames that came to the server's device.
received()
{
	on server ip -j -s link show eth0 | json 'd[0]["stats64"]["rx"]["packets"]'
}

no_half_open()
{
	[ "$(half_open)" = 0 ]
}

# no_room 4|6: the server's listener of that family has as many as it takes.
no_room()
{
	[ "$(on server ss -"$1"Htn state syn-recv | wc -l)" -ge 511 ]
}

all_open()
{
	local family

	for family in 4 6; do
		ok "$1, IPv$family: connections open" nearly_all "$(opens "$family" "$count")" "$count"
		ok "$1, IPv$family: and where the server speaks first" nearly_all "$(meets "$family" "$count")" "$count"
	done
}

all_open "no flood, no protection" 2>&1
flood_start syn 46 "$rate" || tap_bail "no flood"
for family in 4 6; do
	ok "no protection, IPv$family: the flood fills the server" wait_for 10 no_room "$family"
	is "$(opens "$family" 2 1)" 0 "no protection, IPv$family: no connection opens"
done 2>&1
flood_stop
bg_stop "$web"
# Few SYNs of a flood pass, so that the server's answers become known: it forgets these within seconds.
on server sysctl -qw net.ipv4.tcp_synack_retries=1
web_start 20000 && ok "the server has got over it" wait_for 20 no_half_open

# protected KIND ACCELERATOR: while that flood goes on. Of it the server gets next to nothing.
protected()
{
	local before frames sent family

	flood_start "$1" 46 "$rate" || tap_bail "no flood"
	wait_for 5 counted_any "$2" "$1"
	before=$(received)
	sleep 2
	frames=$(($(received) - before))
	all_open "$1 flood, $2"
	for family in 4 6; do
		ok "$1 flood, $2, IPv$family: a transfer" upload "$family" 20
	done
	ok "$1 flood, $2: the server is not filled by it" test "$(half_open)" -lt 128
	flood_stop
	sent=$(flooded sent)
	diag "$1 flood, $2: $sent packets sent, $(flooded syn-acks) SYN-ACKs came back; in 2 s the server got $frames frames"
	ok "$1 flood, $2: next to nothing of it came to the server" test "$frames" -lt 200
	if [ "$1" = syn ]; then
		ok "$1 flood, $2: it was answered" test "$(flooded syn-acks)" -gt $((sent / 10))
	else
		ok "$1 flood, $2: nobody answers it" test $(($(flooded syn-acks) + $(flooded resets))) -lt 200
	fi
}

# counted_any ACCELERATOR KIND: the gateway has seen of it.
counted_any()
{
	[ "$1" = none ] || [ "$(counted "$([ "$2" = syn ] && echo answered || echo cookie-bad)")" -gt 0 ]
}

for accelerator in tc xdp none; do
	protect_start "mode = always  accelerator = $accelerator" || tap_bail "no daemon"
	for kind in syn ack; do
		protected "$kind" "$accelerator" 2>&1
	done
	ok "$accelerator: the server rejects no time stamps" test "$(rejected)" -lt 5
	ok "$accelerator: the daemon ends" protect_stop
done

tap_done
