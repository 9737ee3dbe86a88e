#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What tcpmssd does with protect blocks beside answering: set-up and what is left of it, add and remove, reload (on trial, too), a killed
# daemon whose connections go on and which the next one takes over, devices and rules that vanish and come back, --leave, remove --all.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" nginx curl ethtool nft conntrack
lab_enter "$@"
lab_flood && greeter_start && web_start 20000 || tap_bail "cannot build the lab"

conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/daemon.log
loose=net.netfilter.nf_conntrack_tcp_loose

# What protecting changes on the gateway; programs by their names only.
state()
{
	on gateway nft list ruleset
	on gateway sysctl "$loose"
	on gateway tc qdisc show
	pins
}

# start [OPTION]: the daemon with what is in $conf.
start()
{
	: >"$log"
	rm -f "$lab_tmp/pid"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" "$@" 2>>"$log"
	daemon=$bg_pid
	wait_for 10 tm gateway protect show || { cat "$log" >&2; return 1; }
}

stop()
{
	kill "$daemon" && wait "$daemon"
}

# murder: all of its processes, as kill -9 of the first does.
murder()
{
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null
	wait_for 5 eval '! tm gateway protect show'
}

logged()
{
	grep -q -- "$1" "$log"
}

told()
{
	wait_for 5 logged "$1"
}

# names: of the blocks, with their states.
names()
{
	tm gateway protect show -j | json '" ".join(b["name"] + ":" + b["state"] for b in d["protect"])'
}

names_are()
{
	[ "$(names)" = "$1" ]
}

# answered BLOCK: SYNs, of both families.
answered()
{
	tm gateway protect show -j |
		json "sum(f.get('answered', 0) for b in d['protect'] if b['name'] == '$1' for f in b['counters'].values())"
}

web="protect web { servers = {$server4, $server6}  ports = 80  device = lan0  mode = always }"
ssh="protect ssh { servers = {$server4, $server6}  ports = 22  device = lan0  mode = always }"
control="control { socket = $lab_tmp/control }"
export TCPMSS_SOCKET=$lab_tmp/control

# write BLOCK...
write()
{
	printf '%s\n' "$control" "$@" >"$conf"
}

# From here on diagnostics of connections belong into the output, too.
exec 2>&1

# ---- set-up and end

state >"$lab_tmp/before"
write
start || tap_bail "no daemon"
state >"$lab_tmp/without"
is "$(diff <(grep -v '^/sys' "$lab_tmp/before") <(grep -v '^/sys' "$lab_tmp/without"))" "" "without a block nothing is set up"
ok "it ends" stop
write "$web"
start || tap_bail "no daemon"
ok "a block in mode always is armed at once" names_are "web:armed"
is "$(on gateway sysctl -n $loose)" 0 "conntrack takes up no connection in its middle"
ok "our table is there" on gateway nft list table inet tcpmss_protect
for family in 4 6; do
	is "$(opens $family 4)" 4 "IPv$family: connections open"
	is "$(meets $family 4)" 4 "IPv$family: and to a port that is not protected"
done
ok "their SYNs were answered" test "$(answered web)" -ge 6
stop
is "$?" 0 "it ends"
state >"$lab_tmp/after"
is "$(diff "$lab_tmp/before" "$lab_tmp/after")" "" "and leaves nothing"

# ---- what cannot be put in force

many=()
for i in {1..5}; do
	many+=("protect b$i { servers = 10.9.$i.0/24  ports = 80  device = { $(seq -s ', ' -f "d$i-%g" 13) } }")
done
write "${many[@]}"
is "$(status_of on gateway "$TCPMSSD" -v -f "$conf")" 1 "more devices than there can be: it does not start"
like "$(<"$lab_tmp/err")" "more than 64 devices" "and says why"
state >"$lab_tmp/after"
is "$(diff "$lab_tmp/before" "$lab_tmp/after")" "" "and leaves nothing"

# ---- add, remove

write "$web"
start || tap_bail "no daemon"
ok "add" tm gateway protect add ssh --servers "$server4,$server6" --ports 22 --device lan0 --mode always
ok "is armed" wait_for 2 names_are "ssh:armed web:armed"
opens 4 2 >/dev/null
before=$(answered web)
is "$(meets 4 4)" 4 "connections open"
ok "by cookies" test "$(answered ssh)" -ge 3
is "$(status_of tm gateway protect add ssh --servers 10.9.9.9 --ports 1 --device lan0)" 1 "the same name again: 1"
like "$(<"$lab_tmp/err")" "there is a protect block 'ssh' already" "and why"
is "$(status_of tm gateway protect add other --servers "$server4/32" --ports 80 --device lan0)" 3 "a service of another block: 3"
like "$(<"$lab_tmp/err")" "port 80 of it is protected by block 'web'" "and why"
is "$(names)" "ssh:armed web:armed" "nothing has changed"
ok "reload" tm gateway reload
is "$(names)" "ssh:armed web:armed" "what was added stays"
is "$(answered web)" "$before" "and the other one's counters do"
ok "remove" tm gateway protect remove ssh
is "$(names)" "web:armed" "it is gone"
is "$(status_of tm gateway protect remove ssh)" 1 "once"
is "$(meets 4 2)" 2 "connections to it open without cookies"
ok "remove --all" tm gateway protect remove --all
is "$(names)" "" "nothing is protected"
state >"$lab_tmp/after"
is "$(diff <(grep -v '^/sys' "$lab_tmp/before") <(grep -v '^/sys' "$lab_tmp/after"))" "" "and nothing of it is left"
is "$(opens 6 2)" 2 "connections open"
ok "reload" tm gateway reload
ok "has the file's block again" wait_for 2 names_are "web:armed"

# ---- what is in the way

on gateway nft -f - <<-'NFT'
	table inet tm_other {
		chain forward {
			type filter hook forward priority 0;
			tcp dport { 80, 22 } ct state invalid,untracked synproxy mss 1460 wscale 7
		}
	}
NFT
is "$(status_of tm gateway protect add ssh --servers "$server4" --ports 22 --device lan0)" 1 "somebody else's SYNPROXY: not added"
like "$(<"$lab_tmp/err")" "ssh: nft inet tm_other forward has a SYNPROXY rule" "and why"
is "$(status_of tm gateway reload)" 1 "not reloaded"
is "$(status_of tm gateway reload "$conf")" 1 "from another file neither"
is "$(names)" "web:armed" "nothing has changed"
is "$(status_of tm gateway doctor)" 10 "doctor finds a fault"
stop
is "$(status_of on gateway "$TCPMSSD" -v -f "$conf")" 1 "it does not start"
like "$(<"$lab_tmp/err")" "nft inet tm_other forward has a SYNPROXY rule" "and says why"
ok "the other rule is as it was" on gateway nft list table inet tm_other
on gateway nft delete table inet tm_other
start || tap_bail "no daemon"
ok "without that it does" names_are "web:armed"

# ---- reload

# A connection that was opened by a cookie, and lasts.
hold()
{
	cat >"$lab_tmp/hold.py" <<-'PY'
	import socket, sys, time
	s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
	while True:
	    s.sendall(b"GET /file HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\n\r\n")
	    data = b""
	    while b"\r\n\r\n" not in data or len(data.split(b"\r\n\r\n", 1)[1]) < 10:
	        piece = s.recv(4096)
	        if not piece:
	            sys.exit("closed")
	        data += piece
	    print("turn", flush=True)
	    time.sleep(0.1)
	PY
	on_bg client /usr/bin/python3 "$lab_tmp/hold.py" "$server4" 80 >"$lab_tmp/held"
	held=$bg_pid
	wait_for 5 grep -q turn "$lab_tmp/held"
}

# goes_on: the held connection makes five more turns.
goes_on()
{
	local before

	before=$(wc -l <"$lab_tmp/held")
	kill -0 "$held" && wait_for 5 eval "[ \$(wc -l <'$lab_tmp/held') -ge $((before + 5)) ]"
}

ok "a connection lasts" hold
write "$web" "$ssh"
ok "reload with another block" tm gateway reload
is "$(names)" "ssh:armed web:armed" "both are armed"
ok "the connection goes on" goes_on
write "$ssh"
ok "reload on trial, without the first" tm gateway reload --confirm 60 "$conf"
is "$(names)" "ssh:armed" "it is gone"
is "$(status_of tm gateway protect add x --servers 10.9.9.9 --ports 1 --device lan0)" 1 "nothing is added meanwhile"
ok "undo" tm gateway undo
is "$(names)" "ssh:armed web:armed" "both are there again"
is "$(opens 4 4)" 4 "connections open"
write "$web" "${many[@]}"
is "$(status_of tm gateway reload)" 1 "more devices than there can be"
is "$(names)" "ssh:armed web:armed" "changes nothing"
is "$(opens 4 4)" 4 "connections open"
ok "the connection goes on" goes_on
write "$web" "protect bad { servers = 10.9.9.9  ports = 1  device = lan0  low = 5  high = 4 }"
is "$(status_of tm gateway reload)" 3 "a file that is wrong"
is "$(names)" "ssh:armed web:armed" "changes nothing"
write "${web/always/off}" "$ssh"
ok "mode off" tm gateway reload
ok "drains first" names_are "ssh:armed web:draining"
is "$(opens 4 4)" 4 "connections open meanwhile"
write "$web" "$ssh"
ok "mode always" tm gateway reload
ok "is armed again" wait_for 2 names_are "ssh:armed web:armed"
ok "the connection has gone on all the time" goes_on

# ---- killed, and taken over

before=$(answered web)
murder
is "$(on gateway sysctl -n $loose)" 0 "killed: what was armed is"
ok "killed: the connection goes on" goes_on
is "$(opens 4 4)" 4 "killed: connections open"
start || tap_bail "no daemon"
ok "the next one takes over" names_are "ssh:armed web:armed"
ok "counters, too" test "$(answered web)" -ge $((before + 4))
ok "the connection goes on" goes_on
is "$(opens 6 4)" 4 "connections open"
murder
write "$ssh"
start || tap_bail "no daemon"
is "$(names)" "ssh:armed" "another file: what is not in it is gone"
is "$(opens 4 2)" 2 "connections open without cookies"
murder
write
start || tap_bail "no daemon"
ok "a file without a block: nothing is left" wait_for 2 eval '! on gateway nft list table inet tcpmss_protect'
is "$(on gateway sysctl -n $loose)" 1 "conntrack is as it was"
stop
state >"$lab_tmp/after"
is "$(diff "$lab_tmp/before" "$lab_tmp/after")" "" "and nothing is left of it"
bg_stop "$held"

# ---- SYNPROXY alone

write "${web/always/always  accelerator = none}"
start || tap_bail "no daemon"
is "$(opens 4 4)" 4 "no accelerator: connections open"
offered()
{
	on gateway nft list map inet tcpmss_protect learned4 | grep -q "$server4 . 80 : goto offer_1460_w10_ts_sack"
}
ok "what the server has shown is told in its name" wait_for 5 offered
capture client eth0 none "$syns"
is "$(opens 4 2)" 2 "connections open"
like "$(captured none | wire kind=syn-ack | tail -n 1)" "mss=1460 .*wscale=10" "with it"
is "$(meets 4 1)" 1 "what is not protected is not touched"
stop
state >"$lab_tmp/after"
is "$(diff "$lab_tmp/before" "$lab_tmp/after")" "" "and nothing is left"

# ---- --leave, remove --all

write "$web"
start --leave || tap_bail "no daemon"
stop
is "$(on gateway sysctl -n $loose)" 0 "--leave: what was armed is"
is "$(opens 4 4)" 4 "--leave: connections open"
ok "remove --all without a daemon" tm gateway protect remove --all
state >"$lab_tmp/after"
is "$(diff "$lab_tmp/before" "$lab_tmp/after")" "" "leaves nothing"
ok "is no error where there is nothing" tm gateway protect remove --all

# ---- devices and routes that are named before they are there

write "protect web { servers = {$server4, 10.77.0.0/24}  ports = 80  device = {lan0, later0}  mode = always }" \
	"protect far { servers = 10.88.0.0/24  ports = 80  device = lan0  server-device = later1  mode = always }"
start || tap_bail "no daemon"
like "$(tm gateway protect show)" "waits for device later0, where clients should be" "a device that is not there is waited for"
is "$(opens 4 4)" 4 "where there is one, connections open"
ok "servers are behind their device" logged 'servers are behind wan0$'
lab_link gateway later0 client later0
ok "it comes, and is met" told 'clients are met on later0'
lab_link gateway later1 client later1
ok "the one that leads to servers, too" told 'servers are behind .*later1'
on gateway ip route add 10.77.0.0/24 via 198.18.1.2
ok "so does that of a new route" told 'servers are behind .*lan0'
on gateway ip route delete 10.77.0.0/24
ok "until the route goes" told 'servers are behind later1, wan0$'
on gateway ip link delete later0 && on gateway ip link delete later1
ok "both go" told 'device later0 has gone'
is "$(opens 4 4)" 4 "connections open"
stop
state >"$lab_tmp/after"
is "$(diff "$lab_tmp/before" "$lab_tmp/after")" "" "nothing is left"

# ---- arming that fails

write "$web"
mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys || tap_bail "cannot make /proc/sys read-only"
start || tap_bail "no daemon"
ok "where the kernel's setting cannot be changed it is not armed" told 'protect web: arming: .*nf_conntrack_tcp_loose'
like "$(tm gateway protect show)" "should be armed and is not" "which is told"
is "$(grep -c 'arming' "$log")" 1 "once"
is "$(opens 4 4)" 4 "connections open as without it"
is "$(answered web)" 0 "no SYN is answered"
umount /proc/sys
ok "when it can be, it is" told 'protect web: armed'
is "$(opens 4 4)" 4 "connections open"
ok "by cookies" test "$(answered web)" -ge 3
stop

# ---- what vanishes and comes back

write "$web"
start || tap_bail "no daemon"
opens 4 1 >/dev/null
ok "a connection lasts" hold
on gateway nft flush ruleset
ok "rules that were flushed come back" told "somebody has changed the table"
is "$(opens 4 4)" 4 "connections open"
ok "the connection goes on" goes_on
bg_stop "$held"
on gateway ip link delete lan0
ok "a device that goes is waited for" told "device lan0 has gone"
like "$(tm gateway protect show)" "waits for device lan0" "which is told"
lab_link gateway lan0 switch gateway && on switch ip link set gateway master br0 && lab_addr gateway lan0 1 1 &&
	on switch ethtool -K gateway gro on >/dev/null
on client ip neigh flush dev eth0
before=$(answered web)
is "$(opens 4 4)" 4 "it is back: connections open"
ok "by cookies" test "$(answered web)" -ge $((before + 4))
on gateway ip link delete wan0
lab_link gateway wan0 server eth0 && lab_addr gateway wan0 4 1 && lab_addr server eth0 4 2 &&
	on server ip route add default via 198.18.4.1 && on server ip route add default via 2001:db8:4::1
on server ip neigh flush dev eth0
ok "the servers' device goes and comes back" told 'servers are behind wan0$'
is "$(opens 6 4)" 4 "connections open"
is "$(meets 4 1)" 1 "others, too"
stop
state >"$lab_tmp/after"
is "$(diff <(grep -v ifindex "$lab_tmp/before") <(grep -v ifindex "$lab_tmp/after"))" "" "nothing is left"

tap_done
