#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmssd -p 5 -i wan0 --learn: with the classic command line, too, a path that a router calls narrow is learned, and the next
# connection begins with an MSS that fits.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump iperf3 iptables-legacy jq
lab_enter "$@"
. "$(dirname "$0")/tcpmssd.bash"

lab_path && web_start && sink_start || tap_bail "cannot build the lab"
log=$lab_tmp/log

is "$(status_of on gateway "$TCPMSSD" -p 5 -m 1492 --learn)" 2 "--learn without a device: exit status 2"
is "$(status_of on gateway "$TCPMSSD" -f x --learn)" 2 "--learn with a file: exit status 2"

mount -t tmpfs -o size=1m,mode=0755 tm-state /var/lib || tap_bail "no room for a state file"
start()
{
	: >"$log"
	on_bg gateway "$TCPMSSD" -v -b -p 5 -i wan0 --learn --pid-file "$lab_tmp/pid" 2>"$log"
	daemon=$bg_pid
	wait_for 5 grep -q 'hook queue5: reads queue 5' "$log"
}

learned()
{
	[ "$(tm gateway pmtu show -j "$1" 2>/dev/null | jq '.paths[0].mtu')" = 1300 ]
}

ok "starts" start
feed -p 5 -b
is "$(handshake 4)" "1460 1460" "nothing is learned yet"
ok "a first connection, which meets the narrow link" upload 4
ok "is learned from" wait_for 3 learned "$server4"
is "$(handshake 4 | cut -d ' ' -f 2)" 1260 "the next one is born with what fits"
ok "IPv6 as well" upload 6
ok "is learned from" wait_for 3 learned "$server6"
is "$(handshake 6 | cut -d ' ' -f 2)" 1240 "IPv6: born with what fits"
daemon_stop "$daemon"
is "$ended" 0 "ends with status 0"
is "$(pins)" "" "nothing is left pinned"
ok "it has saved what it knew" [ -s /var/lib/tcpmss/paths ]
ok "starts again" start
ok "and knows it" wait_for 3 learned "$server4"
daemon_stop "$daemon"
umount /var/lib

tap_done
