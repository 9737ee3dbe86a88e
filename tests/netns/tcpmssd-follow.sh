#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# -i follows the MTU of a device while the daemon runs: changed, vanished, renamed, back again.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"

need "$TCPMSSD" nginx curl tcpdump iptables-legacy ip6tables-legacy
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"
feed -p 7 || plan_skip "no NFQUEUE in this kernel"

both_ways()
{
	echo "$(handshake 4) $(handshake 6)"
}

told()
{
	wait_for 2 grep -q "$1" "$lab_tmp/daemon.log"
}

# A device that carries nothing, so that it can go.
dummy()
{
	on gateway ip link add tm0 mtu "$1" type veth peer name tm1
}

dummy 1400 || tap_bail "cannot make a device"
is "$(status_of on gateway timeout 5 "$TCPMSSD" -v -p 7 -i nosuch0)" 1 "a device that is not there: exit status 1"
like "$(<"$lab_tmp/err")" "no device 'nosuch0'" "and it is named"
daemon_start -p 7 -i tm0 || tap_bail "tcpmssd does not start"
pid=$bg_pid
is "$(both_ways)" "1360 1360 1340 1340" "MTU 1400"
for mtu in 1350 1450; do
	on gateway ip link set tm0 mtu $mtu
	ok "told of MTU $mtu" told "tm0: MTU $mtu"
	is "$(both_ways)" "$((mtu - 40)) $((mtu - 40)) $((mtu - 60)) $((mtu - 60))" "MTU $mtu"
done
on gateway ip link set tm0 mtu 1500
told "tm0: MTU 1500"
is "$(both_ways)" "1460 1460 1440 1440" "MTU 1500: nothing to do"
on gateway ip link set tm0 mtu 1200
told "tm0: MTU 1200"
is "$(both_ways)" "1160 1160 1220 1220" "MTU 1200: IPv6 stays at 1220"

on gateway ip link delete tm0
ok "told that it has gone" told "tm0 has gone"
is "$(handshake 4)" "1160 1160" "gone: the last limit stays"
dummy 1300
ok "told that it is back" told "tm0 is back"
ok "told of its new MTU" told "tm0: MTU 1300"
is "$(both_ways)" "1260 1260 1240 1240" "back with another MTU"

on gateway ip link set tm0 name tm2
told "tm0 has gone"
on gateway ip link set tm2 mtu 1280
on gateway ip link set tm1 mtu 1340
on gateway ip link set tm1 name tm0
ok "another device takes the name" told "tm0: MTU 1340"
is "$(handshake 4)" "1300 1300" "the name counts"

# More changes than a socket holds, while nobody reads it: the last one counts, and those after it.
worker=$(pgrep -P "$pid")
kill -STOP "$worker"
for i in $(seq 400); do echo "link set tm0 mtu $((1000 + i))"; done | on gateway ip -batch -
kill -CONT "$worker"
ok "the last of 400 changes" told "tm0: MTU 1400"
is "$(handshake 4)" "1360 1360" "and its limit"
on gateway ip link set tm0 mtu 1330
ok "and one after them" told "tm0: MTU 1330"
on gateway ip link set tm0 mtu 1400
told "tm0: MTU 1400"
kill -HUP $pid
sleep 0.2
is "$(handshake 4)" "1360 1360" "HUP does no harm"
daemon_stop "$pid"
is "$ended" 0 "ends cleanly"
tap_done
