#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# "watch" through the daemon: events of hooks in the kernel and on a queue, notices, filters, many watchers at a time; one that does not
# read loses events, which are counted, and harms nobody.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"
. "$(dirname "$0")/watch.bash"

need tcpmss "$TCPMSSD" nginx curl bpftool
lab_enter "$@"

conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log
export TCPMSS_SOCKET=$lab_tmp/control

lab_path && web_start || tap_bail "cannot build the lab"

# configure [BLOCK]
configure()
{
	printf 'control { socket = %s }\nhook wan { device = wan0\n mtu = 1300 }\n%s\n' "$TCPMSS_SOCKET" "${1:-}" >"$conf"
}

reload()
{
	kill -HUP "$(cat "$lab_tmp/pid")"
}

word_is()
{
	[ "$(watch_word wan)" = "$1" ]
}

configure
on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$log"
daemon=$bg_pid
ok "the daemon runs" wait_for 5 test -s "$lab_tmp/pid"
is "$(watch_word wan)" 0 "nobody watches"

# ---- two watchers, notices

watch all -j
first=$watcher
watch four --host 198.18.1.2
connect 4
connect 6
sleep 0.3
end_watch
is "$status" 0 "a watcher ends"
is "$(grep -c 'clamped 1460 -> 1260 .*198\.18\.1\.2' "$lab_tmp/four")" 2 "a filter, beside one who wants all"
watcher=$first
configure 'hook lan { device = lan0
 mtu = 1400 }'
reload
ok "a reload is told" wait_for 3 grep -q '"event":"reload","text":".* is in force"' "$lab_tmp/all"
ok "a hook that comes, too" wait_for 3 grep -q '"event":"attached","hook":"lan","device":"lan0"' "$lab_tmp/all"
configure 'hook bad { mtu = 3 }'
reload
ok "a bad file is an error" wait_for 3 grep -q '"event":"error","text":".*tcpmss.conf:[0-9]*: ' "$lab_tmp/all"
configure
reload
ok "a hook that goes is told" wait_for 3 grep -q '"event":"detached","hook":"lan"' "$lab_tmp/all"
end_watch
is "$(events all '[(e["direction"], e["family"], e["from"], e["to"], e["rule"]) for e in syns][::2]')" \
	"[('out', 'ipv4', 1460, 1260, \"the hook's MTU\"), ('out', 'ipv6', 1440, 1240, \"the hook's MTU\")]" "what the other one saw"
ok "nobody watches any more" wait_for 3 word_is 0

# ---- killed with -9

watch killed
ok "it is watched" not word_is 0
kill -9 "$watcher"
wait "$watcher" 2>/dev/null
ok "one that is killed is no longer served" wait_for 3 word_is 0

# ---- the process for clients is killed, and started again

watch orphan
front=$(pgrep -P "$(pgrep -P "$(cat "$lab_tmp/pid")")" | head -n 1)
kill -9 "$front"
ok "the watch ends with the process for clients" wait_for 5 not kill -0 "$watcher"
wait "$watcher" 2>/dev/null
ok "nothing is watched then" wait_for 3 word_is 0
ok "another one answers" wait_for 5 tm gateway show -j

# ---- a flood

flood=$lab_tmp/flood.py
cat >"$flood" <<'PY'
"""Watches; with a file named, reads nothing until that is there. Prints what was told and what was left out."""
import json, os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["TCPMSS_SOCKET"])
s.sendall(b'{"verb":"watch"}\n')
lines = s.makefile()
print(lines.readline().strip(), flush=True)
while sys.argv[1:] and not os.path.exists(sys.argv[1]):
    time.sleep(0.1)
s.settimeout(2)
told = left = daemon = 0
try:
    for line in lines:
        e = json.loads(line)
        told += e["event"] == "syn"
        left += e.get("kernel", 0) + e.get("daemon", 0)
        daemon += e.get("daemon", 0)
except TimeoutError:
    pass
print(told + left, daemon, flush=True)
PY
on_bg gateway /usr/bin/python3 "$flood" "$lab_tmp/go" >"$lab_tmp/slow"
slow=$bg_pid
on_bg gateway /usr/bin/python3 "$flood" >"$lab_tmp/fast"
fast=$bg_pid
ok "two clients watch" wait_for 3 grep -q '{"status":0}' "$lab_tmp/slow"
ok "and the other" wait_for 3 grep -q '{"status":0}' "$lab_tmp/fast"
tm gateway stats wan clear
for _ in $(seq 8); do
	inject gateway wan0 --count 5000 >/dev/null
	sleep 0.15
done
ok "the daemon answers meanwhile" timeout 5 nsenter --net="/run/netns/tm-$$-gateway" -- "$TCPMSS" show
sleep 0.5
counted=$(tm gateway stats wan -j | json 'd["syn_packets"]')
wait "$fast"
touch "$lab_tmp/go"
wait "$slow"
diag "counted $counted; all and of the daemon: one that reads $(tail -n 1 "$lab_tmp/fast"), one that does not $(tail -n 1 "$lab_tmp/slow")"
is "$(tail -n 1 "$lab_tmp/fast" | cut -d ' ' -f 1)" "$counted" "one that reads: told and left out are what was counted"
is "$(tail -n 1 "$lab_tmp/slow" | cut -d ' ' -f 1)" "$counted" "one that does not: the same"
ok "most of it was left out by the daemon" test "$(tail -n 1 "$lab_tmp/slow" | cut -d ' ' -f 2)" -gt 1000

# ---- what makes no sense

is "$(status_of tm gateway watch --reason not-ip)" 2 "a filter that makes no sense"
is "$(/usr/bin/python3 -c '
import os, socket
s = socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect(os.environ["TCPMSS_SOCKET"])
s.sendall(b"{\"verb\":\"watch\",\"host\":\"x\"}\n")
print(s.makefile().readline())' | json 'd["status"]')" 2 "also on the socket"

# ---- a queue

if feed -b -p 5 -i lan0 2>/dev/null; then
	configure 'hook q { mode = nfqueue
 queue = 5
 mtu = 1100 }'
	reload
	ok "a hook on a queue" wait_for 3 grep -q 'reads queue 5' "$log"
	watch queue -j --hook q
	connect 4
	connect 6
	sleep 0.5
	end_watch
	is "$(events queue '[(e["direction"], e["family"], e["reason"], e["from"], e["to"], e["rule"], e["sport"]) for e in syns]')" \
		"[('out', 'ipv4', 'clamped', 1260, 1060, \"the hook's MTU\", 80), ('out', 'ipv6', 'clamped', 1240, 1220, \"the hook's MTU\", 80)]" \
		"tells of its SYNs, too"
	unfeed
else
	skip "a hook on a queue" "no NFQUEUE in this kernel"
fi

# ---- the daemon goes

watch last
kill -TERM "$(cat "$lab_tmp/pid")"
ok "the watch ends with the daemon" wait_for 5 not kill -0 "$watcher"
wait "$watcher"
is "$?" 1 "exit status 1"
like "$(cat "$lab_tmp/last.err")" 'tcpmssd' "and a sentence"
wait "$daemon"

tap_done
