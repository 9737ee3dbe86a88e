#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmssd -f with hooks of mode nfqueue: real connections through a worker that is killed, reloads
# that change its limits, a device whose MTU changes, and a queue that somebody else has.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"

need tcpmss "$TCPMSSD" nginx curl tcpdump iptables-legacy ip6tables-legacy
lab_enter "$@"

conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log

lab_path && web_start || tap_bail "cannot build the lab"
feed -b -p 5 -i wan0 || plan_skip "no NFQUEUE in this kernel"

# start [OPTION...]: the daemon in the foreground of the gateway.
start()
{
	: >"$log"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" "$@" 2>"$log"
	daemon=$bg_pid
	wait_for 5 test -s "$lab_tmp/pid"
}

logged()
{
	grep -q -- "$1" "$log"
}

told()
{
	wait_for 3 logged "$1"
}

reload()
{
	: >"$log"
	kill -HUP "$(cat "$lab_tmp/pid")"
}

end()
{
	kill "-${1:-TERM}" "$(cat "$lab_tmp/pid")" && wait "$daemon"
}

manager()
{
	pgrep -P "$(cat "$lab_tmp/pid")"
}

# The processes below the manager; and those of them that read a queue: they have CAP_NET_ADMIN.
children()
{
	pgrep -P "$(manager)"
}

workers()
{
	local pid found=1

	for pid in $(children); do
		grep -q '^CapEff:.*0000000000001000$' "/proc/$pid/status" 2>/dev/null && echo "$pid" && found=0
	done
	return "$found"
}

# alive PID...: whether any of them runs. One that nobody takes note of any more does not.
alive()
{
	local pid

	for pid; do
		ps -o stat= -p "$pid" | grep -qv '^Z' && return
	done
	return 1
}

clamps()
{
	[ "$(handshake 4)" = "$1" ]
}

# config [LINE...]: the hook q, and more.
config()
{
	printf 'hook q {\n    mode = nfqueue\n    queue = 5\n    direction = both\n    %s\n}\n' "$1" >"$conf"
	printf '%s\n' "${@:2}" >>"$conf"
}

# ---- a hook that clamps

config 'mtu = 1300'
start
ok "the queue is read" told "hook q: reads queue 5"
is "$(handshake 4) $(handshake 6)" "1260 1260 1240 1240" "and clamps"
ok "a transfer works, IPv4" download 4
ok "and IPv6" download 6

# ---- reload

config 'mtu = 1200' 'prefix 198.18.4.0/24 { mtu = 1100 }'
worker=$(workers)
reload
ok "HUP reads the file again" told "is in force"
is "$(handshake 4) $(handshake 6)" "1060 1060 1220 1220" "the new limits and prefixes count"
is "$(workers)" "$worker" "in the same worker"
config 'mss = 1000  allow-increase = true  add-missing = true'
reload
ok "allow-increase and add-missing" told "is in force"
is "$(handshake 4) $(handshake 6)" "1000 1000 1000 1000" "with a fixed MSS"
config 'mtu = 12OO'
reload
ok "a bad file is refused" told "the configuration in force stays"
is "$(handshake 4)" "1000 1000" "nothing has changed"
printf 'hook q { mode = nfqueue  queue = 5  mtu = 1200  direction = out }\n' >"$conf"
reload
ok "one direction" told "is in force"
is "$(handshake 4)" "1160 1460" "what goes out only"

# ---- a worker that dies

config 'mtu = 1300'
reload
told "is in force"
worker=$(workers)
: >"$log"
kill -KILL "$worker"
ok "a worker that is killed is told" told "its worker was ended by signal 9"
ok "and started again" told "hook q: reads queue 5"
ok "it is another one" test "$(workers)" != "$worker"
ok "that clamps" wait_for 2 clamps "1260 1260"
ok "and transfers work" download 4
alive=0
for _ in 1 2 3; do
	kill -KILL "$(workers)"
	connect 4 && alive=$((alive + 1))
	wait_for 3 workers
done
is "$alive" 3 "connections open while workers die one after the other"
ok "and are clamped again" wait_for 3 clamps "1260 1260"

# ---- a queue that is taken

on_bg gateway "$TCPMSSD" -v -p 6 -m 1400 2>"$lab_tmp/other"
other=$bg_pid
wait_for 5 grep -q 'MSS limit' "$lab_tmp/other"
config 'mtu = 1300' 'hook second { mode = nfqueue  queue = 6  mtu = 1250 }'
reload
ok "a queue that somebody else reads is told" told "second: queue 6 is taken"
ok "the other hook has its rules" told "hook q: new rules in force"
kill "$other"
wait "$other" 2>/dev/null
ok "and it is read as soon as it is free" wait_for 6 logged "hook second: reads queue 6"
is "$(queues | cut -d ' ' -f 1 | tr '\n' ' ')" "5 6 " "both are read"
config 'mtu = 1300'
reload
ok "a hook that is no longer named" told "hook second: detached"
is "$(queues | cut -d ' ' -f 1)" "5" "leaves its queue"

# ---- the MTU of a device

config 'device = wan0'
reload
told "is in force"
is "$(handshake 4)" "1460 1460" "by the MTU of the device"
on gateway ip link set wan0 mtu 1400
ok "which is followed" told "MTU of wan0 is 1400"
is "$(handshake 4) $(handshake 6)" "1360 1360 1340 1340" "the new limit counts"
on gateway ip link set wan0 mtu 1500
config 'device = ppp0'
reload
ok "a device that is not there" told "ppp0 is not there"
on gateway ip link add ppp0 mtu 1380 type veth peer name ppp1
ok "comes" told "MTU of ppp0 is 1380"
is "$(handshake 4)" "1340 1340" "and its MTU counts"
on gateway ip link del ppp0
ok "and goes" told "ppp0 has gone"
is "$(handshake 4)" "1340 1340" "its last MTU stays"

# ---- what cannot be, and the end

config 'mtu = route'
is "$(status_of on gateway "$TCPMSSD" -n -f "$conf")" 3 "mtu = route is refused: exit status 3"
like "$(<"$lab_tmp/err")" "tcpmss.conf:5: 'route': .*mode nfqueue" "with its line and a reason"
pids="$(manager) $(children)"
end TERM
is "$?" 0 "TERM ends it"
is "$(queues)" "" "nobody reads the queue"
ok "no process is left" not alive $pids
is "$(handshake 4)" "1460 1460" "packets pass by"
config 'mtu = 1300'
start
told "reads queue 5"
pids="$(manager) $(children)"
end KILL
ok "killed, it leaves no process" wait_for 5 not alive $pids
start
ok "and the next one can read the queue" wait_for 5 logged "hook q: reads queue 5"
ok "and clamps" clamps "1260 1260"
end

tap_done
