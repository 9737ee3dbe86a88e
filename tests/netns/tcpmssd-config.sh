#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmssd -f: hooks of a configuration follow devices, routes and reloads; a bad file changes
# nothing; what is attached outlives a daemon that is killed, and the next one takes it over.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump
lab_enter "$@"

TCPMSSD=${TCPMSSD:-$(dirname "$TCPMSS")/tcpmssd}
conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log

lab_path && web_start || tap_bail "cannot build the lab"

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

# told TEXT: what the daemon says within two seconds.
told()
{
	wait_for 2 logged "$1"
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

hooks()
{
	tm gateway show -j | json '" ".join(h["name"] + ("" if h["alive"] else "!") for h in d["hooks"])'
}

clamps()
{
	[ "$(handshake 4)" = "$1" ]
}

# overflow COMMANDS: news of them while nobody reads it, more than a socket holds.
overflow()
{
	local manager

	manager=$(pgrep -P "$(cat "$lab_tmp/pid")")
	kill -STOP "$manager"
	on gateway ip -batch - <<<"$1"
	kill -CONT "$manager"
}

counted()
{
	tm gateway stats "$1" -j | json 'd["fixed_packets"]'
}

cat >"$conf" <<'CONF'
hook wan {
    device = wan0
    mtu    = 1300
}
CONF
ok "-n takes a good file" on gateway "$TCPMSSD" -f "$conf" -n
start
ok "the hook is attached" told "hook wan: attached on wan0"
is "$(handshake 4) $(handshake 6)" "1260 1260 1240 1240" "and clamps"
before=$(counted wan)
ok "and counts" test "$before" -gt 0

# ---- reload

cat >"$conf" <<'CONF'
hook wan {
    device = wan0
    mtu    = 1200
}
prefix 198.18.1.0/24 { mtu = 1100 }
CONF
reload
ok "HUP reads the file again" told "is in force"
is "$(handshake 4) $(handshake 6)" "1060 1060 1220 1220" "the new limits count; IPv6 not below 1220"
ok "counters stay" test "$(counted wan)" -gt "$before"

cat >"$conf" <<'CONF'
hook wan {
    device = wan0
    mtu    = 12OO
    colour = red
}
prefix 198.18.1.0/33 { mtu = 1000 }
CONF
reload
ok "a bad file is refused" told "the configuration in force stays"
ok "with the line of the first error" logged "tcpmss.conf:3: '12OO'"
ok "of the second" logged "tcpmss.conf:4: 'colour'"
ok "and of the third" logged "tcpmss.conf:6: '198.18.1.0/33'"
ok "nothing has changed" clamps "1060 1060"
is "$(status_of on gateway "$TCPMSSD" -f "$conf" -n)" 3 "-n on a bad file: exit status 3"
is "$(status_of on gateway "$TCPMSSD" -v -f "$conf")" 3 "a daemon with a bad file does not start: 3"
ok "and leaves the hook of the running one alone" clamps "1060 1060"

cat >"$conf" <<'CONF'
hook other {
    device    = wan0
    direction = in
    mtu       = 1250
}
hook later {
    device = ppp0
    mtu    = auto
}
CONF
reload
ok "a hook that is no longer named" told "hook wan: detached"
ok "one whose device is not there" told "hook later: waits for device ppp0"
is "$(hooks)" "later! other" "the hooks are those of the file, one of them not attached"

# ---- devices

on gateway ip link add ppp0 mtu 1400 type veth peer name ppp1
ok "the device comes, the hook is attached" told "hook later: attached on ppp0"
is "$(hooks)" "later other" "now there are two"
: >"$log"
on gateway ip link del ppp0
ok "the device goes" told "device ppp0 has gone"
: >"$log"
on gateway ip link add ppp0 mtu 1380 type veth peer name ppp1
ok "and comes back" told "hook later: attached on ppp0"
is "$(hooks)" "later other" "both hooks are alive"
on gateway ip link del ppp0
told "device ppp0 has gone"

: >"$log"
overflow "$(printf 'link set lan0 mtu %d\n' {1400..1700} 1500)
link add ppp0 mtu 1380 type veth peer name ppp1"
ok "a device that came with more news than a socket holds" told "hook later: attached on ppp0"
: >"$log"
on gateway ip link del ppp0
ok "what comes after that is told again" told "device ppp0 has gone"

# ---- routes that BPF cannot see

cat >"$conf" <<'CONF'
hook routes {
    device = wan0
    mtu    = route
}
CONF
on gateway ip route replace 198.18.4.0/24 via 198.18.2.2 mtu 1350
reload
ok "a hook that uses routes" told "is in force"
ok "takes a route's MTU" clamps "1310 1310"
on gateway ip route replace 198.18.4.0/24 via 198.18.2.2 mtu 1320
ok "and follows when the route changes" wait_for 2 clamps "1280 1280"
overflow "$(printf 'route replace 203.0.113.0/24 dev lan0 mtu %d\n' {1000..3000})
route del 203.0.113.0/24
route replace 198.18.4.0/24 via 198.18.2.2 mtu 1310"
ok "among more news than a socket holds" wait_for 2 clamps "1270 1270"
on gateway ip route replace 198.18.4.0/24 via 198.18.2.2 mtu 1320
ok "and after that" wait_for 2 clamps "1280 1280"

# ---- ends

: >"$log"
daemon_pid=$(cat "$lab_tmp/pid")
end KILL
ok "a daemon that is killed leaves its hook" clamps "1280 1280"
wait_for 2 not pgrep -P "$daemon_pid" >/dev/null
start
ok "the next one takes it over" told "hook routes: new rules in force"
end TERM
is "$(hooks)" "" "TERM detaches"
start --leave
ok "with --leave" told "hook routes: attached"
end TERM
is "$(hooks)" "routes" "hooks stay"
tm gateway detach --all

# ---- no rights, usage

printf 'hook wan { device = wan0 }\n' >"$conf"
chmod 755 "$lab_tmp"
is "$(status_of on gateway setpriv --reuid nobody --clear-groups "$TCPMSSD" -n -f "$conf")" 0 "-n needs no rights"
is "$(status_of on gateway "$TCPMSSD" -f "$conf" -p 5)" 2 "-f and -p: exit status 2"
is "$(status_of on gateway "$TCPMSSD" -n)" 2 "-n alone: exit status 2"
is "$(status_of on gateway "$TCPMSSD" -f "$lab_tmp/nothing")" 3 "no such file: exit status 3"

# ---- in the background

ok "in the background it is ready when it returns" on gateway "$TCPMSSD" -f "$conf" --pid-file "$lab_tmp/pid"
is "$(hooks)" "wan" "and the hook is attached"
is "$(status_of on gateway "$TCPMSSD" -f "$conf" --pid-file "$lab_tmp/pid")" 1 "a second one is refused"
kill "$(cat "$lab_tmp/pid")"
ok "it ends" wait_for 3 test ! -e "$lab_tmp/pid"
is "$(hooks)" "" "and detaches"

tap_done
