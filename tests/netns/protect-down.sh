#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A protected server that is not there. The client was told "connected" by a cookie: it gets the reset of the server that refuses; where the server
# does not answer at all, nobody answers for it, so that the client's own time-out ends the connection.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" "$flood_program" nginx curl ethtool
lab_enter "$@"
lab_flood && greeter_start && web_start 20000 || tap_bail "cannot build the lab"
web=$bg_pid
# Four tries: a few seconds instead of a quarter of an hour.
on client sysctl -qw net.ipv4.tcp_retries2=4
exec 2>&1

# curl_status 4|6: of one request that may take a minute. 7: refused, 28: curl's own time is up, 52, 56: reset.
curl_status()
{
	local url=http://$server4/file

	[ "$1" = 6 ] && url="http://[$server6]/file"
	on client curl -s -o /dev/null --max-time 60 "$url" 2>"$lab_tmp/curl"
	echo $?
}

for accelerator in tc xdp none; do
	protect_start "mode = always  accelerator = $accelerator" || tap_bail "no daemon"
	for family in 4 6; do
		is "$(opens "$family" 3)" 3 "$accelerator, IPv$family: the server is there"
	done
	bg_stop "$web"
	for family in 4 6; do
		like "$(curl_status "$family")" '^(7|52|56)$' "$accelerator, IPv$family: a server that refuses resets"
	done
	web_start 20000 || tap_bail "no web server"
	web=$bg_pid
	for family in 4 6; do
		is "$(opens "$family" 3)" 3 "$accelerator, IPv$family: it is there again"
	done
	on server ip link set eth0 down
	for family in 4 6; do
		like "$(curl_status "$family")" '^(7|52|56)$' "$accelerator, IPv$family: one that is gone: the client's TCP gives up"
	done
	on server ip link set eth0 up
	on server ip route replace default via 198.18.4.1
	on server ip address replace 2001:db8:4::2/64 dev eth0 nodad
	on server ip route replace default via 2001:db8:4::1
	for family in 4 6; do
		wait_for 10 test "$(opens "$family" 1)" = 1
		is "$(opens "$family" 3)" 3 "$accelerator, IPv$family: it is back"
	done
	ok "$accelerator: the daemon ends" protect_stop
done

tap_done
