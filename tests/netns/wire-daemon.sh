#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmssd -f with a wire: waits for its devices, carries, follows reloads, and is whole again when a
# device was removed and added, with its counters; what it is on changes with the file.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump iperf3 ethtool
lab_enter "$@"

TCPMSSD=${TCPMSSD:-$(dirname "$TCPMSS")/tcpmssd}
conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log
client4=198.18.4.1 client6=2001:db8:4::1

told()
{
	wait_for 3 grep -q -- "$1" "$log"
}

reload()
{
	: >"$log"
	kill -HUP "$(cat "$lab_tmp/pid")"
}

hooks()
{
	tm gateway show -j | json '" ".join(h["name"] + ("" if h["alive"] else "!") for h in d["hooks"])'
}

# The MSS of a SYN behind the wire.
syn()
{
	capture server eth0 syn "$syns" && connect "$1" || return 1
	captured syn | wire kind=syn family="$1" | field mss
}

carries()
{
	download 4 10 && download 6 10 && upload 4 10
}

lab_wire || tap_bail "cannot build the lab"
on gateway ip link delete wan0

printf 'hook w { mode = wire  in = lan0  out = wan0  mss = 1200 }\n' >"$conf"
: >"$log"
chmod 755 "$lab_tmp"
on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$log"
daemon=$bg_pid
ok "it waits for a device" told "hook w: waits for device wan0"
is "$(pins)" "" "nothing is attached"

: >"$log"
lab_link gateway wan0 server eth0 && lab_addr server eth0 4 2 || tap_bail "cannot add the device"
ok "attached when it comes" told "hook w: attached on lan0 and wan0"
web_start && sink_start || tap_bail "cannot start the servers"
ok "it carries" carries
is "$(syn 4) $(syn 6)" "1200 1200" "and clamps"
is "$(tm gateway check -v "$conf" | grep -c 'via = auto')" 1 "check -v prints what carries it"

printf 'hook w { mode = wire  in = lan0  out = wan0  mss = 1100 }\n' >"$conf"
before=$(tm gateway stats w -j | json 'd["syn_packets"]')
reload
ok "reload: new rules in force" told "hook w: new rules in force on lan0 and wan0"
is "$(syn 4)" 1100 "reload: the new limit"
ok "reload: counters stay" test "$(tm gateway stats w -j | json 'd["syn_packets"]')" -gt "$before"

# ---- a device is removed and added again

before=$(tm gateway stats w -j | json 'd["syn_packets"]')
: >"$log"
on gateway ip link delete wan0
ok "removed: it says so" told "hook w: device wan0 has gone"
is "$(hooks)" "w!" "removed: not alive, but still there"
lab_link gateway wan0 server eth0 && lab_addr server eth0 4 2 || tap_bail "cannot add the device"
ok "added again: attached" told "hook w: attached on lan0 and wan0"
is "$(hooks)" w "added again: whole"
on client ip neighbour flush dev eth0 # the server has another address on its link now
ok "added again: it carries" wait_for 5 connect 4
ok "added again: downloads and uploads" carries
is "$(syn 4)" 1100 "added again: and clamps"
ok "added again: counters went on" test "$(tm gateway stats w -j | json 'd["syn_packets"]')" -gt "$before"

: >"$log"
on gateway ip link delete lan0
ok "the other one removed" told "hook w: device lan0 has gone"
lab_link client eth0 gateway lan0 && lab_addr client eth0 4 1 || tap_bail "cannot add the device"
on server ip neighbour flush dev eth0
ok "added again: attached" told "hook w: attached on lan0 and wan0"
ok "it carries" wait_for 5 connect 4

# ---- the file changes what it is on

for host in client server; do
	on $host ethtool -K eth0 tx off gro on >/dev/null 2>&1
done
printf 'hook w { mode = wire  in = lan0  out = wan0  via = xdp  mss = 1050 }\n' >"$conf"
reload
ok "via = xdp: attached anew" told "hook w: attached on lan0 and wan0"
like "$(tm gateway show -j | json 'd["hooks"][0]["attachment"]')" "^(libxdp|xdp-link)$" "via = xdp: it is"
is "$(on gateway ethtool -k lan0 | awk '/^rx-vlan-offload/ { print $2 }')" off "via = xdp: tags stay in the frame"
is "$(syn 4)" 1050 "via = xdp: clamps"
ok "via = xdp: it carries" carries

printf 'hook w { mode = tc  device = lan0  mss = 1000 }\n' >"$conf"
reload
ok "mode = tc: attached" told "hook w: attached on lan0"
is "$(tm gateway show -j | json 'd["hooks"][0]["mode"]')" tc "mode = tc: it is"
is "$(on gateway ip link show | grep -c PROMISC)" 0 "mode = tc: promiscuous mode is off"

printf 'hook w { mode = wire  in = wan0  out = lan0  mss = 1000 }\n' >"$conf"
reload
ok "mode = wire, the other way round" told "hook w: attached on wan0 and lan0"
ok "it carries" carries

kill "$(cat "$lab_tmp/pid")"
wait "$daemon"
is "$(hooks)" "" "TERM detaches"
is "$(on gateway ip link show | grep -c PROMISC)$(on gateway bpftool net show | grep tcpmss)" 0 "and leaves no trace"

tap_done
