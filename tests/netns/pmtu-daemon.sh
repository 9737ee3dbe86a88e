#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmssd -f with path-mtu-discovery: paths that are set clamp in the datapath and can be shown, changed and forgotten; they outlive the
# daemon, its learner, and a broken or unwritable state file; options change at a reload; a daemon that is killed clamps no longer when
# its lease is over.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump setpriv iperf3 jq
lab_enter "$@"

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log
state=$lab_tmp/state/paths
export TCPMSS_SOCKET=$lab_tmp/control
chmod 755 "$lab_tmp"

lab_path && web_start && sink_start || tap_bail "cannot build the lab"

# write DISCOVERY [MORE]
write()
{
	cat >"$conf" <<-CONF
	hook wan { device = wan0 }
	control { socket = "$TCPMSS_SOCKET"  group = daemon }
	path-mtu-discovery { state = "$state"  $1 }
	${2:-}
	CONF
}

start()
{
	: >"$log"
	rm -f "$lab_tmp/pid"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$log"
	daemon=$bg_pid
	wait_for 5 grep -q 'hook wan: ' "$log" && wait_for 5 paths_there
}

# finish [SIGNAL]
finish()
{
	kill "-${1:-TERM}" "$daemon"
	wait "$daemon" 2>/dev/null
}

paths_there()
{
	tm gateway pmtu show >/dev/null 2>&1
}

told()
{
	wait_for 5 grep -q -- "$1" "$log"
}

clamps()
{
	[ "$(handshake 4)" = "$1" ]
}

# What pmtu show -j has of the first path, or nothing. first KEY
first()
{
	tm gateway pmtu show -j | jq -r ".paths[0].$1 // empty"
}

known()
{
	[ "$(tm gateway pmtu show -j | jq '.paths | length')" = "$1" ]
}

learner()
{
	pgrep -x -P "$(pgrep -P "$(cat "$lab_tmp/pid")")" tcpmssd-learn
}

# ---- set, show, delete, flush

write "aging = 10"
ok "starts" start
is "$(tm gateway pmtu show)" "no paths" "nothing is known at first"
ok "clamped to the device only" clamps "1460 1460"
ok "set" tm gateway pmtu set "$client4" mtu 1300
is "$(first destination) $(first mtu) $(first mss) $(first state) $(first origin) $(first device)" "$client4 1300 1260 static static wan0" \
	"show: a static path"
# An MSS limits what is sent back: it is the client's own SYN that tells those who send to it.
ok "what is sent to that address is clamped" clamps "1260 1460"
ok "another MTU" tm gateway pmtu set "$client4" mtu 1200 dev wan0
ok "of that device, which counts more" clamps "1160 1460"
is "$(tm gateway show -j | jq -c .paths)" '{"learning":true,"reduced":0,"raising":0,"static":1}' "show: one line of it"
ok "flush leaves what was set" tm gateway pmtu flush
ok "it still clamps" clamps "1160 1460"
ok "delete" tm gateway pmtu delete "$client4"
ok "nothing is known" known 0
ok "no clamp any more" clamps "1460 1460"
is "$(status_of tm gateway pmtu delete "$client4")" 1 "nothing to delete: exit status 1"
is "$(status_of tm gateway pmtu set "$client4" mtu 1200 dev lan0)" 1 "a device without a hook: exit status 1"
is "$(status_of tm gateway pmtu set "$client4" mtu 71)" 2 "an MTU of 71: exit status 2"
is "$(status_of tm gateway pmtu set 2001:db8::1 mtu 1279)" 2 "an IPv6 MTU of 1279: exit status 2"
is "$(status_of tm gateway pmtu show 1.2.3)" 2 "no address: exit status 2"

for i in 3 1 2; do tm gateway pmtu set "192.0.2.$i" mtu 1400; done
tm gateway pmtu set 2001:db8::9 mtu 1300
is "$(tm gateway pmtu show -j | jq -r '[.paths[].destination] | join(" ")')" "192.0.2.1 192.0.2.2 192.0.2.3 2001:db8::9" "sorted"
is "$(tm gateway pmtu show -j 192.0.2.2/31 | jq -r '[.paths[].destination] | join(" ")')" "192.0.2.2 192.0.2.3" "by prefix"
is "$(tm gateway pmtu show -j 2001:db8::9 | jq '.paths | length')" 1 "by address"
is "$(tm gateway pmtu show -j --state reduced | jq '.paths | length')" 0 "by state"
is "$(tm gateway pmtu show -j --device wan0 ::/0 | jq '.paths | length')" 1 "by family"
is "$(tm gateway explain -j 192.0.2.2 | jq -r '.paths[0].state + " " + (.hooks[0].mss | tostring)')" "static 1360" \
	"explain has the path and the limit that comes of it"

# ---- who may

as_daemon()
{
	on gateway setpriv --reuid 1 --regid 1 --groups "$(getent group daemon | cut -d : -f 3)" "$TCPMSS" "$@"
}
is "$(as_daemon pmtu show -j | jq '.paths | length')" 4 "not root: may look"
is "$(status_of as_daemon pmtu set 192.0.2.9 mtu 1400)" 4 "may not set"
is "$(status_of as_daemon pmtu flush)" 4 "nor flush"

# ---- restart, death of the learner

tm gateway pmtu set "$client4" mtu 1300
before=$(tm gateway pmtu show -j | jq -c '[.paths[] | [.destination, .device, .mtu, .state]]')
pid=$(learner)
ok "a learner runs" [ -n "$pid" ]
is "$(sed -n 's/^CapEff:\t//p' "/proc/$pid/status")" 0000000000000000 "without any capability"
ok "as another user" [ "$(stat -c %u "/proc/$pid")" != 0 ]
finish
is "$(pins)" "" "at the end nothing is pinned"
ok "a state file" [ -s "$state" ]
ok "starts again" start
ok "knows what it knew" wait_for 5 known 5
is "$(tm gateway pmtu show -j | jq -c '[.paths[] | [.destination, .device, .mtu, .state]]')" "$before" "just the same"
ok "it clamps" clamps "1260 1460"
kill -9 "$(learner)"
ok "a learner that dies is told of" told "the process that learns paths was ended by signal 9"
ok "another one knows it again" wait_for 5 known 5
ok "and clamps" wait_for 3 clamps "1260 1460"

# ---- files that are broken, or cannot be

finish
printf 'x' | dd of="$state" bs=1 seek=30 conv=notrunc 2>/dev/null
ok "starts with a broken file" start
ok "tells so" told "$state: .*; it is not read, and is now called $state.broken"
ok "sets it aside" [ -s "$state.broken" ]
ok "knows nothing" known 0
tm gateway pmtu set 192.0.2.1 mtu 1400
mount -t tmpfs -o size=4k,ro tm-full "$lab_tmp/state"
finish
ok "a directory that cannot be written is told" grep -q "$state: learned paths are not saved: " "$log"
umount "$lab_tmp/state"
rm -f "$state" "$state.broken"

# ---- options, static paths of the file, reload

write "aging = 10" "path $client4 { mtu = 1300 }"
ok "starts with a path in the file" start
ok "which clamps" wait_for 3 clamps "1260 1460"
is "$(status_of tm gateway pmtu delete "$client4")" 1 "which cannot be deleted"
tm gateway pmtu set "$client4" mtu 1200
ok "but set otherwise" clamps "1160 1460"
tm gateway pmtu set 192.0.2.1 mtu 1400
write "no-aging = yes symmetric = yes" "path $client4 { mtu = 1250 } path 198.18.4.2 { mtu = 1240 }"
ok "reload" tm gateway reload
ok "what was set by hand goes before the file; symmetric" wait_for 3 clamps "1160 1160"
is "$(tm gateway pmtu show -j | jq -c '[.paths[] | [.destination, .mtu]]')" \
	"[[\"192.0.2.1\",1400],[\"$client4\",1200],[\"198.18.4.2\",1240]]" "the file's are there, and those by hand"
write "entries = 5"
is "$(status_of tm gateway reload)" 5 "another capacity: exit status 5"
sed -i '/path-mtu-discovery/d' "$conf"
ok "reload without the block" tm gateway reload
is "$(tm gateway show -j | jq -c .paths)" '{"learning":false,"reduced":0,"raising":0,"static":2}' "learning is off, what was set stays"
ok "and clamps" clamps "1160 1160"
finish

# ---- what is learned belongs to the device: events, metrics, and what ends it

rm -f "$state"
write "" "metrics { listen = \"unix:$lab_tmp/metrics\" }"
ok "starts" start
on gateway "$TCPMSS" watch -j --host "$server4" >"$lab_tmp/watched" &
watcher=$!
sleep 1
learn()
{
	upload 4 && wait_for 3 known 1
}

# What the metrics have of a name and its labels.
metric()
{
	on gateway curl -s --unix-socket "$lab_tmp/metrics" http://x/metrics | sed -n "s/^$1 //p"
}

on client ip route flush cache
ok "a narrow path is learned" learn
is "$(first mtu) $(first state) $(first origin) $(first reporter)" "1300 reduced ptb 198.18.2.2" "by whom"
is "$(tm gateway explain -j "$server4" | jq -c '.paths[0].evidence | [.reporter, .told, .source]')" \
	"[\"198.18.2.2\",1300,\"$client4\"]" "explain has the evidence"
like "$(tm gateway explain "$server4")" "198.18.2.2 told an MTU of 1300" "in words, too"
is "$(metric 'tcpmss_pmtu_entries{state="reduced"}') $(metric tcpmss_pmtu_learned_total)" "1 1" "metrics"
kill "$watcher"
is "$(jq -c 'select(.event == "learned") | [.destination, .to, .mss, .device]' "$lab_tmp/watched")" \
	"[\"$server4\",1300,1260,\"wan0\"]" "watch tells it"
ok "the state file has it" finish
ok "starts again" start
ok "and knows it" wait_for 3 known 1
is "$(first mtu) $(first reporter)" "1300 198.18.2.2" "as it was"
on gateway ip link set wan0 mtu 1480
ok "another MTU of the device: it is forgotten" wait_for 3 known 0
on gateway ip link set wan0 mtu 1500
on client ip route flush cache
ok "learned again" learn
on gateway ip route replace default via 198.18.2.2 dev wan0
ok "another default route: it is forgotten" wait_for 3 known 0
finish

# ---- a daemon that is killed

on client ip route flush cache # else its own SYNs go by what it learned itself
rm -f "$state"
write "lease = 3" "path $client4 { mtu = 1300 }"
ok "starts" start
ok "clamps" wait_for 3 clamps "1260 1460"
sleep 4
ok "longer than its lease" clamps "1260 1460"
finish KILL
ok "a daemon that is killed clamps no longer when its lease is over" wait_for 8 clamps "1460 1460"
ok "its hook still works" [ "$(tm gateway show -j | jq -r '.hooks[0].alive')" = true ]
tm gateway detach --all

tap_done
