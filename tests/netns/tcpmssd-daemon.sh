#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmssd in the background: starts, tells syslog, has a pid file and no rights; ends, is killed, comes back. What it leaves alone is
# never stopped by it.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"

need "$TCPMSSD" nginx curl tcpdump iptables-legacy ip6tables-legacy
lab_enter "$@"

# A /dev of our own, for /dev/log.
own_dev()
{
	local node

	mkdir "$lab_tmp/dev" && mount -t tmpfs tm-dev "$lab_tmp/dev" || return 1
	for node in null zero full random urandom; do
		touch "$lab_tmp/dev/$node" && mount --bind "/dev/$node" "$lab_tmp/dev/$node" || return 1
	done
	ln -s /proc/self/fd "$lab_tmp/dev/fd" && mount --rbind "$lab_tmp/dev" /dev &&
		umount -R "$lab_tmp/dev"
}

lab_path && web_start || tap_bail "cannot build the lab"
own_dev || tap_bail "cannot make a /dev"
port=$((10000 + $$ % 50000)) # pid files are all in one folder
pidfile=/run/tcpmssd.$port.pid
on_bg gateway /usr/bin/python3 "$lab_src/../nfqueue/syslog.py" /dev/log >"$lab_tmp/syslog"
wait_for 5 test -S /dev/log || tap_bail "no syslog"
feed -p $port || plan_skip "no NFQUEUE in this kernel"
on gateway ip link add tm0 mtu 1400 type veth peer name tm1

background()
{
	on gateway "$TCPMSSD" -p $port -i tm0 && daemon=$(<"$pidfile") && worker=$(pgrep -P "$daemon") && lab_pids+=("$daemon")
}

logged()
{
	wait_for 3 grep -q "$1" "$lab_tmp/syslog"
}

# Also where nobody takes note of its end.
ended()
{
	[[ ! -e /proc/$1 || $(ps -o stat= -p "$1") == Z* ]]
}

gone()
{
	wait_for 3 ended "$1"
}

status()
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | cut -f 1
}

ok "starts in the background" background
is "$(handshake 4)" "1360 1360" "it serves when the command comes back"
ok "it has left its terminal" test "$(ps -o sess= -p "$daemon")" != "$(ps -o sess= -p $$)"
is "$(readlink "/proc/$daemon/cwd" "/proc/$daemon/fd/0" "/proc/$worker/fd/2" | xargs)" "/ /dev/null /dev/null" "and its folder and files"
is "$(status "$worker" Uid)" "$(id -u nobody)" "the process that reads packets is nobody"
is "$(status "$worker" CapEff) $(status "$worker" CapPrm) $(status "$worker" CapBnd) $(status "$worker" CapAmb)" \
	"0000000000001000 0000000000001000 0000000000000000 0000000000000000" "it has CAP_NET_ADMIN only"
is "$(status "$worker" NoNewPrivs) $(status "$worker" Seccomp)" "1 2" "it can get no more, and its system calls are filtered"
is "$(status "$daemon" CapEff) $(status "$daemon" CapBnd)" "0000000000000020 0000000000000000" "the keeper has CAP_KILL only"
# Both have the same libraries, which are in memory once.
for pid in $worker $daemon; do
	ok "each has at most 10 MiB, libraries included" test "$(status "$pid" VmRSS | tr -dc 0-9)" -le 10240
done
ok "what they have together" test "$(cat "/proc/$worker/smaps_rollup" "/proc/$daemon/smaps_rollup" | awk '/^Pss:/ { n += $2 } END { print n }')" \
	-le 10240

is "$(status_of on gateway "$TCPMSSD" -p $port -m 1400)" 1 "a second one on the same queue"
like "$(<"$lab_tmp/err")" "queue $port is taken" "is told why"
is "$(status_of on gateway "$TCPMSSD" -p 9 -m 1400 --pid-file "$pidfile")" 1 "one with the same pid file"
like "$(<"$lab_tmp/err")" "$pidfile is locked" "is told why"
is "$(handshake 4)" "1360 1360" "the first one goes on"

on gateway ip link set tm0 mtu 1300
ok "syslog is told of a new MTU" logged "tcpmssd\\[$daemon\\]: tm0: MTU 1300, was 1400"
is "$(handshake 4)" "1260 1260" "which counts"
kill -HUP "$daemon"
sleep 0.2
is "$(handshake 6)" "1240 1240" "HUP does no harm"

kill "$daemon"
ok "TERM ends it" gone "$daemon"
ok "TERM ends its worker" gone "$worker"
ok "TERM removes the pid file" test ! -e "$pidfile"
is "$(queues)" "" "TERM frees the queue"
is "$(handshake 4)" "1460 1460" "SYNs pass (bypass)"

# ---- killed

for victim in daemon worker; do
	ok "starts again" background
	is "$(handshake 4)" "1260 1260" "and serves, whatever pid file it finds"
	kill -KILL "${!victim}"
	ok "kill -9 of the $victim ends the daemon" gone "$daemon"
	ok "kill -9 of the $victim ends the worker" gone "$worker"
	is "$(handshake 4)" "1460 1460" "kill -9 of the $victim: SYNs pass"
done
ok "syslog is told that the worker was killed" logged 'worker was ended by signal 9'
ok "a worker that makes a forbidden call" background
kill -SYS "$worker"
ok "is named" logged 'a system call that it may not make'
gone "$daemon"

cd "$lab_tmp" || exit 1
ok "a pid file of another name, in this folder" on gateway "$TCPMSSD" -p "$port" -m 1400 --pid-file here.pid
kill "$(<here.pid)"
ok "goes as well" wait_for 3 test ! -e here.pid
wait_for 3 eval '[ -z "$(queues)" ]'

# ---- nothing gets lost: what comes to the router is counted there

router_count()
{
	on router iptables-legacy -t raw -L PREROUTING -nvx | awk '/dpt:9/ { print $1 }'
}

on router iptables-legacy -t raw -A PREROUTING -p tcp --dport 9 -j DROP
mac=$(on gateway ip -o link show lan0 | sed 's/.*link\/ether \([^ ]*\).*/\1/')

# flood COUNT: SYNs from the client
flood()
{
	inject client eth0 --count "$1" --dport 9 --to "$mac" >/dev/null
}

ok "starts" background
flood 60000 &
flooder=$!
stops=0
while kill -0 $flooder 2>/dev/null; do
	kill "$daemon"
	gone "$daemon"
	background || break
	stops=$((stops + 1))
done
wait $flooder
sleep 0.3
is "$(router_count)" 60000 "60000 SYNs, $stops restarts in between: none is lost"
is "$(queues)" "$port 0 0 0" "none is left in the queue"

kill -STOP "$daemon" "$worker"
on router iptables-legacy -t raw -Z
flood 40000
waiting=$(on gateway awk '{ print $3 }' /proc/net/netfilter/nfnetlink_queue)
is "$waiting" 16384 "stopped: the queue fills"
is "$(router_count)" $((40000 - 16384)) "what does not fit passes (fail-open)"
ok "new connections are possible" connect 4
kill -CONT "$daemon" "$worker"
ok "continued: the rest follows" wait_for 5 eval '[ "$(router_count)" = 40000 ]'
is "$(queues)" "$port 0 0 0" "nothing was dropped"
is "$(handshake 4)" "1260 1260" "and it serves"
kill -STOP "$worker"
kill -KILL "$daemon"
ok "kill -9 of the daemon ends a stopped worker too" gone "$worker"
ok "and connections are possible" connect 4
rm -f "$pidfile"
tap_done
