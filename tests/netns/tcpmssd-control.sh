#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The control socket of tcpmssd -f: the verbs of tcpmss through the daemon and without it, who may ask what, reload with
# confirm and undo, and a front process that is killed.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump setpriv
lab_enter "$@"

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
conf=$lab_tmp/tcpmss.conf
new=$lab_tmp/new.conf
log=$lab_tmp/log
export TCPMSS_SOCKET=$lab_tmp/control
chmod 755 "$lab_tmp"

lab_path && web_start || tap_bail "cannot build the lab"

# write FILE MTU [MORE]
write()
{
	cat >"$1" <<-CONF
	hook wan { device = wan0  mtu = $2 }
	control { socket = "$TCPMSS_SOCKET"  group = daemon }
	${3:-}
	CONF
}

start()
{
	: >"$log"
	rm -f "$lab_tmp/pid"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$log"
	daemon=$bg_pid
	wait_for 5 grep -q 'hook wan: ' "$log"
}

logged()
{
	grep -q -- "$1" "$log"
}

told()
{
	wait_for 3 logged "$1"
}

clamps()
{
	[ "$(handshake 4)" = "$1" ]
}

# the process for clients, as a number
front()
{
	pgrep -x -P "$(pgrep -P "$(cat "$lab_tmp/pid")")" tcpmssd-front
}

# as USER-ID GROUP COMMAND...: not root
as()
{
	on gateway setpriv --reuid "$1" --regid "$2" --clear-groups --bounding-set=-all --inh-caps=-all "${@:3}"
}

asks()
{
	tm gateway show -j | json 'len(d["hooks"])'
}

counted()
{
	tm gateway stats wan -j | json 'd["fixed_packets"]'
}

# ---- who is there

write "$conf" 1300
is "$(status_of tm gateway reload)" 6 "no daemon: reload ends with 6"
like "$(cat "$lab_tmp/err")" "no tcpmssd at $TCPMSS_SOCKET" "and says where there is none"
is "$(status_of tm gateway confirm) $(status_of tm gateway undo)" "6 6" "so do confirm and undo"
is "$(status_of tm gateway show)" 0 "show works without one"
start
is "$(stat -c '%a %U:%G' "$TCPMSS_SOCKET")" "660 root:daemon" "the socket belongs to root and the group"
ok "the clamp works" clamps "1260 1260"
f=$(front)
is "$(grep -c '^Cap.*:[[:space:]]*0*$' "/proc/$f/status")" 5 "the process for clients has no capability"
is "$(awk '/^Seccomp:/ { print $2 } /^Uid:/ { print $2 != 0 }' "/proc/$f/status" | xargs)" "1 2" "is not root, and filtered"
is "$(status_of on gateway "$TCPMSSD" -v -f "$conf")" 1 "a second daemon on the same socket does not start"
like "$(cat "$lab_tmp/err")" "another tcpmssd serves it" "and says why"
ok "the first one still answers" test "$(asks)" = 1

# ---- the verbs, with and without

tm gateway show >"$lab_tmp/show-daemon"
TCPMSS_SOCKET=/nowhere tm gateway show >"$lab_tmp/show-pinned"
ok "show tells the same" cmp "$lab_tmp/show-daemon" "$lab_tmp/show-pinned"
tm gateway explain 198.51.100.7 -j >"$lab_tmp/explain-daemon"
TCPMSS_SOCKET=/nowhere tm gateway explain 198.51.100.7 -j >"$lab_tmp/explain-pinned"
ok "explain tells the same" cmp "$lab_tmp/explain-daemon" "$lab_tmp/explain-pinned"
tm gateway stats wan -j >"$lab_tmp/stats-daemon"
TCPMSS_SOCKET=/nowhere tm gateway stats wan -j >"$lab_tmp/stats-pinned"
is "$(json 'd["fixed_packets"]' <"$lab_tmp/stats-daemon")" "$(json 'd["fixed_packets"]' <"$lab_tmp/stats-pinned")" \
	"stats tells the same"
is "$(status_of tm gateway stats nothing)" 1 "stats of no hook: 1"
ok "getclear clears" test "$(tm gateway stats wan getclear -j | json 'd["fixed_packets"]')" -gt 0
is "$(counted)" 0 "and counts from there on"
is "$(tm client show -j | json 'len(d["hooks"])')" 0 "another network namespace sees its own hooks"
is "$(status_of tm client reload)" 6 "and may not reload"

# ---- who may

member=$(getent group daemon | cut -d: -f3)
is "$(as 4242 "$member" "$TCPMSS" show -j | json 'd["hooks"][0]["name"]')" wan "a member of the group may see"
is "$(as 4242 "$member" "$TCPMSS" stats wan -j | json 'd["packets"] >= 0')" True "and read counters"
is "$(status_of as 4242 "$member" "$TCPMSS" stats wan clear)" 4 "not clear them: 4"
is "$(status_of as 4242 "$member" "$TCPMSS" reload)" 4 "not reload"
is "$(status_of as 4242 "$member" "$TCPMSS" undo)" 4 "not undo"
is "$(status_of as 4242 "$member" "$TCPMSS" protect show)" 0 "see what is protected"
is "$(status_of as 4242 "$member" "$TCPMSS" protect add x --servers 10.9.9.9 --ports 1 --device lan0)" 4 "not protect"
is "$(status_of as 4242 "$member" "$TCPMSS" protect remove --all)" 4 "nor take that away"
is "$(status_of as 4243 4243 "$TCPMSS" reload)" 4 "others may not ask at all: 4"
like "$(cat "$lab_tmp/err")" "no right to ask tcpmssd" "and are told so"

# ---- reload

handshake 4 >/dev/null
before=$(counted)
write "$new" 1200
is "$(status_of tm gateway reload "$new")" 0 "reload FILE"
ok "is in force" clamps "1160 1160"
ok "counters stay" test "$(counted)" -gt "$before"
is "$(status_of tm gateway reload)" 0 "reload reads the daemon's own file again"
ok "and that is in force" clamps "1260 1260"
write "$new" 12OO "colour { }"
is "$(status_of tm gateway reload "$new")" 3 "a bad file: 3"
is "$(grep -c "^$new:" "$lab_tmp/err")" 2 "with all its errors"
ok "nothing has changed" clamps "1260 1260"
cp "$conf" "$lab_tmp/good"
cp "$new" "$conf"
is "$(status_of tm gateway reload)" 3 "the daemon's own file is bad: 3"
is "$(grep -c "tcpmss.conf:" "$lab_tmp/err")" 2 "with all its errors"
cp "$lab_tmp/good" "$conf"
ok "nothing has changed" clamps "1260 1260"
printf 'hook wan { device = wan0  mtu = 13\37700 }\n' >"$conf"
is "$(status_of tm gateway reload)" 3 "a word that is not UTF-8: 3"
like "$(cat "$lab_tmp/err")" "tcpmss.conf:1: '13.*00'" "and is told"
write "$conf" 1300
sed -i s/daemon/adm/ "$conf"
is "$(status_of tm gateway reload)" 0 "another group for the socket"
ok "counts from the next start, which is told" told "'control' has changed: that counts when tcpmssd starts"
is "$(stat -c %G "$TCPMSS_SOCKET")" daemon "the socket stays what it is"
cp "$lab_tmp/good" "$conf"
is "$(status_of tm gateway reload)" 0 "the old group again"
is "$(grep -c "'control' has changed" "$log")" 1 "is nothing to tell of"

# ---- confirm and undo

write "$new" 1200
is "$(status_of tm gateway confirm)" 1 "nothing to confirm: 1"
is "$(status_of tm gateway undo)" 1 "nothing to undo: 1"
is "$(status_of tm gateway reload --confirm 600 "$new")" 0 "reload --confirm"
ok "is in force" clamps "1160 1160"
like "$(tm gateway show)" "awaits confirmation for [56][0-9][0-9] seconds" "show tells that it awaits confirmation"
is "$(status_of tm gateway reload "$new")" 1 "another reload is refused meanwhile"
like "$(cat "$lab_tmp/err")" "awaits confirmation for [0-9]+ seconds" "with the seconds left"
kill -HUP "$(cat "$lab_tmp/pid")"
ok "so is HUP" told "the configuration in force stays"
is "$(status_of tm gateway undo)" 0 "undo"
ok "goes back" clamps "1260 1260"
is "$(status_of tm gateway reload --confirm 1 "$new")" 0 "for one second"
ok "it goes back by itself" told "nobody has confirmed"
ok "to what was" clamps "1260 1260"
is "$(status_of tm gateway reload --confirm 2 "$new") $(status_of tm gateway confirm)" "0 0" "confirmed"
sleep 2.5
ok "it stays" clamps "1160 1160"
on gateway ip link add gone0 type veth peer name gone1
write "$conf" 1300 'hook gone { device = gone0  mtu = 1400 }'
ok "a hook on a device" tm gateway reload
ok "another configuration for a while" tm gateway reload --confirm 600 "$new"
on gateway ip link del gone0
ok "going back works though the device has vanished" tm gateway undo
ok "the rest is as it was" clamps "1260 1260"
like "$(tm gateway show)" "waits for gone0" "and the hook waits for its device"
for word in 0 86401 x -1; do
	is "$(status_of tm gateway reload --confirm=$word "$new")" 2 "--confirm $word: 2"
done

# ---- the process for clients dies

f=$(front)
kill -9 "$f"
another()
{
	[ "$(asks)" = 2 ] && [ "$(front)" != "$f" ]
}
ok "killed, it is there again" wait_for 5 another
ok "and the clamp has not noticed" clamps "1260 1260"
kill -TERM "$(cat "$lab_tmp/pid")"
wait "$daemon"
ok "at the end the socket goes" test ! -e "$TCPMSS_SOCKET"

# ---- what a dead daemon leaves; the usual socket

write "$conf" 1300
start
kill -9 "$(cat "$lab_tmp/pid")"
wait "$daemon" 2>/dev/null
ok "a daemon that is killed leaves its socket" test -S "$TCPMSS_SOCKET"
is "$(status_of tm gateway reload)" 6 "which nobody serves"
start
is "$(asks)" 1 "the next one replaces it"
kill -TERM "$(cat "$lab_tmp/pid")"
wait "$daemon"
touch "$TCPMSS_SOCKET"
is "$(status_of on gateway "$TCPMSSD" -v -f "$conf")" 1 "something else of that name is not removed"
rm "$TCPMSS_SOCKET"
unset TCPMSS_SOCKET
printf 'hook wan { device = wan0 }\n' >"$conf"
start
ok "the usual socket" test -S /run/tcpmss/control
is "$(status_of tm gateway reload)" 0 "needs no naming"
kill -TERM "$(cat "$lab_tmp/pid")"
wait "$daemon"
mount -o remount,ro /run/tcpmss
start
ok "where it cannot be made the daemon goes on" told "works on what is pinned only"
is "$(asks)" 1 "and so does tcpmss"
kill -TERM "$(cat "$lab_tmp/pid")"
wait "$daemon"

tap_done
