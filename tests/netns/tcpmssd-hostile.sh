#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Hostile clients of the control socket harm nothing: the clamp goes on, the daemon answers others, memory stays bounded, and no process
# dies. Then reloads in a loop with 10 000 prefixes, under traffic: counters stay exact.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump setpriv
lab_enter "$@"

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
conf=$lab_tmp/tcpmss.conf
export TCPMSS_SOCKET=$lab_tmp/control
chmod 755 "$lab_tmp"
member=$(getent group daemon | cut -d: -f3)

lab_path && web_start || tap_bail "cannot build the lab"

cat >"$conf" <<CONF
hook wan { device = wan0  mtu = 1300 }
control { socket = "$TCPMSS_SOCKET"  group = daemon }
CONF
on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$lab_tmp/log"
daemon=$bg_pid
wait_for 5 grep -q 'hook wan: attached' "$lab_tmp/log" || tap_bail "the daemon does not start"
manager=$(pgrep -P "$(cat "$lab_tmp/pid")")
front=$(pgrep -x -P "$manager" tcpmssd-front)

# hostile WHAT [USER]: as a member of the group.
hostile()
{
	on gateway setpriv --reuid "${2:-4242}" --regid "$member" --clear-groups --inh-caps=-all \
		/usr/bin/python3 "$lab_src/control-clients.py" "$TCPMSS_SOCKET" "$1" 2>&1
}

# The same in the background, until it holds what it holds.
hostile_bg()
{
	hostile "$1" >"$lab_tmp/held" &
	held=$!
	wait_for 10 grep -q held "$lab_tmp/held"
}

resident()
{
	awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

descriptors()
{
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

# fine WHAT: nothing has been harmed.
fine()
{
	is "$(tm gateway show -j | json 'd["hooks"][0]["name"], "seconds_to_confirm" in d')" "('wan', False)" "$1: others get answers"
	is "$(handshake 4)" "1260 1260" "$1: the clamp goes on"
	is "$(pgrep -P "$(cat "$lab_tmp/pid")") $(pgrep -x -P "$manager" tcpmssd-front)" "$manager $front" "$1: no process has died"
}

before=$(($(resident "$manager") + $(resident "$front")))
most=$((before + 16384))
[ "${TM_BUILD:-}" != build-asan ] || most=$((before + 65536)) # sanitizers put room around everything
is "$(hostile wrong)" "[2]" "requests that make no sense are refused"
is "$(hostile garbage)" "[2]" "so are random bytes"
is "$(hostile huge)" 2 "and lines that do not end"
is "$(hostile deep)" 2 "and brackets in brackets"
fine "nonsense"
is "$(hostile half)" closed "a request that is never finished is not waited for"
is "$(hostile leave)" left "clients that leave before their answer"
fine "leaving"
is "$(hostile descriptors)" "[2, 2, 2, 4]" "descriptors where none belong"
fine "descriptors"
hostile_bg deaf
fine "clients that never read"
wait "$held"
hostile_bg many
fine "1000 connections"
wait "$held"
hostile_bg watch
for _ in $(seq 8); do
	inject gateway wan0 --count 4000 >/dev/null
	sleep 0.1
done
flooded=$(($(resident "$manager") + $(resident "$front")))
ok "16 watchers that do not read, and 32000 SYNs: $flooded KiB" test "$flooded" -lt "$most"
fine "watchers that do not read"
wait "$held"
is "$(tail -n 1 "$lab_tmp/held")" "{True}" "they are told what they have missed"
crowd=()
for user in 4242 4243 4244 4245; do
	hostile crowd "$user" >"$lab_tmp/crowd.$user" &
	crowd+=($!)
done
for user in 4242 4243 4244 4245; do
	wait_for 10 grep -q held "$lab_tmp/crowd.$user"
done
fine "four users who take all places that they get"
wait "${crowd[@]}"
is "$(cat "$lab_tmp"/crowd.* | awk '/^[0-9]/ { n += $1 } END { print n }')" 56 "the others are root's"
is "$(on gateway /usr/bin/python3 "$lab_src/control-clients.py" "$TCPMSS_SOCKET" configurations)" "[1, 1, 3, 3, 0]" \
	"a configuration that is not in a sealed memory file, is too large or not valid is refused"
fine "configurations"
is "$(on gateway /usr/bin/python3 "$lab_src/control-clients.py" "$TCPMSS_SOCKET" blocks)" "[2, 1, 3, 3, 3, 3, 3, 3, 2]" \
	"so are protect blocks"
fine "protect blocks"
settled()
{
	[ "$(descriptors "$front")" -le 12 ]
}
ok "all descriptors are closed" wait_for 5 settled
after=$(($(resident "$manager") + $(resident "$front")))
ok "memory is bounded: $before KiB before, $after after" test "$after" -lt "$most"

# ---- reload under traffic

{
	cat "$conf"
	for n in $(seq 0 9999); do
		echo "prefix 10.$((n / 256)).$((n % 256)).0/24 { mtu = $((1000 + n % 400)) }"
	done
} >"$lab_tmp/large.conf"
tm gateway stats wan clear
: >"$lab_tmp/reloads"
while [ ! -e "$lab_tmp/stop" ]; do
	tm gateway reload "$lab_tmp/large.conf" && echo done >>"$lab_tmp/reloads"
done 2>"$lab_tmp/reload.err" &
reloads=$!
sent=0
for n in $(seq 1 60); do
	connect 4 && sent=$((sent + 1))
	sleep 0.02
done
touch "$lab_tmp/stop"
wait "$reloads"
is "$sent" 60 "60 connections while rules are replaced"
like "$(wc -l <"$lab_tmp/reloads")" '^([2-9]|[1-9][0-9]+)$' "more than once"
is "$(cat "$lab_tmp/reload.err")" "" "without an error"
retransmitted=$(on client nstat -az TcpRetransSegs | awk '/TcpRetransSegs/ { print $2 }')
diag "retransmitted: $retransmitted"
is "$(tm gateway stats wan -j | json 'd["fixed_packets"]')" 120 "each SYN and SYN-ACK was clamped and counted, once"
is "$(tm gateway show -j | json 'd["hooks"][0]["limit"]["prefixes"]')" 10000 "10000 prefixes are in force"

kill -TERM "$(cat "$lab_tmp/pid")"
wait "$daemon"
tap_done
