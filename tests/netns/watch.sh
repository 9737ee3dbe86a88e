#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# "watch" without a daemon: real connections, filters, hooks that come and go, honest counts under a flood, and a watcher that is killed
# leaves nothing behind.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/watch.bash"

need tcpmss nginx curl taskset bpftool
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"

# ---- a hook that comes later, and a real connection of each family

watch all
ok "waits for a hook, and says so" grep -q 'no hook yet' "$lab_tmp/all.err"
ok "attach" tm gateway attach wan0 --mtu 1300
ok "tells that it came" wait_for 3 grep -q 'wan0 attached on wan0' "$lab_tmp/all"
connect 4
connect 6
sleep 0.3
end_watch
is "$status" 0 "ends cleanly with Ctrl-C"
line='^[0-9:]{8}\.[0-9]{3} wan0'
ok "IPv4, the SYN" grep -Eq "$line out clamped 1460 -> 1260  198\.18\.1\.2:[0-9]+ > 198\.18\.4\.2:80  \(the hook's MTU\)" "$lab_tmp/all"
ok "IPv4, the SYN-ACK" grep -Eq "$line in  clamped 1460 -> 1260  198\.18\.4\.2:80 > 198\.18\.1\.2:[0-9]+  " "$lab_tmp/all"
ok "IPv6, the SYN" grep -Eq "$line out clamped 1440 -> 1240  \[2001:db8:1::2\]:[0-9]+ > \[2001:db8:4::2\]:80  " "$lab_tmp/all"
ok "IPv6, the SYN-ACK" grep -Eq "$line in  clamped 1440 -> 1240  \[2001:db8:4::2\]:80 > \[2001:db8:1::2\]:[0-9]+  " "$lab_tmp/all"
is "$(grep -c clamped "$lab_tmp/all")" 4 "nothing else"
is "$(watch_word wan0)" 0 "nobody watches any more"

# ---- by which rule

watch rules -j
ok "a prefix, and the device" tm gateway attach wan0 --mtu auto --prefix 198.18.4.0/24=1200 --prefix 198.18.4.0/22=1280
connect 4
connect 6
ok "another rule" tm gateway attach wan0 --mss 1000
connect 4
sleep 0.3
end_watch
is "$(events rules '[e["rule"] for e in syns][::2]')" \
	"['prefix 198.18.4.0/24', 'MTU of wan0', \"the hook's MSS\"]" "the rule of each"
is "$(events rules '[(e["from"], e["to"], e["limit"], e["source"]) for e in syns][::2]')" \
	"[(1460, 1160, 1160, 'prefix'), (1440, 1440, 1440, 'auto'), (1460, 1000, 1000, 'mss')]" "and its numbers"
is "$(events rules '{e["schema_version"] for e in d}, {e["hook"] for e in d}, {e["device"] for e in d}')" \
	"({1}, {'wan0'}, {'wan0'})" "version, hook and device of each event"

# ---- filters

# filtered DESCRIPTION WANTED OPTIONS...: how many events of two connections, one of each family, are shown.
filtered()
{
	local what=$1 wanted=$2

	shift 2
	watch filtered -j "$@"
	connect 4
	connect 6
	sleep 0.3
	end_watch
	is "$(events filtered 'len(syns)')" "$wanted" "$what"
}

filtered "no filter" 4
filtered "--host" 2 --host 198.18.1.2
filtered "--host with a prefix" 2 --host 2001:db8:4::/48
filtered "--host of nobody" 0 --host 198.18.1.3
filtered "--port" 4 --port 80
filtered "--host and its port" 2 --host 198.18.4.2 --port 80
filtered "--host and the other end's port" 0 --host 198.18.1.2 --port 80
filtered "--reason" 4 --reason clamped
filtered "--reason that does not come" 0 --reason within-limit
filtered "--reason twice" 4 --reason within-limit --reason clamped
filtered "--hook" 4 --hook wan0
filtered "--hook that is not there" 0 --hook other
filtered "all of them" 2 --hook wan0 --host 198.18.4.2 --port 80 --reason clamped
filtered "all but one of them" 0 --hook wan0 --host 198.18.4.2 --port 80 --reason raised

# ---- one at a time

watch first
is "$(status_of timeout 5 nsenter --net="/run/netns/tm-$$-gateway" -- "$TCPMSS" watch)" 1 "a second one is refused"
ok "and told why" grep -q "hook 'wan0' is watched already" "$lab_tmp/err"

# ---- killed with -9: the kernel stops telling

ok "it is watched" not test "$(watch_word wan0)" = 0
kill -9 "$watcher"
wait "$watcher" 2>/dev/null
sleep 3.5
connect 4
is "$(watch_word wan0)" 0 "seconds later the first SYN ends the watch"
connect 4
watch after -j
sleep 0.3
end_watch
is "$(events after 'len(syns)')" 0 "the next one does not get what was left behind"

# ---- a flood: what is shown and what is left out are all there was

each=${EACH:-40000}
second=$(($(nproc) > 1))
mac=$(on gateway ip -br link show lan0 | awk '{ print $3 }')

# flood OPTIONS...: SYNs of two processes, one of each family, through a watched hook. To a port that is closed: an open one would repeat
# its SYN-ACKs for half a minute.
flood()
{
	local first other

	tm gateway stats wan0 clear
	watch flood -j "$@"
	on_bg client /usr/bin/python3 "$lab_src/inject.py" eth0 --cpu 0 --count "$each" --dport 9 --to "$mac" >/dev/null
	first=$bg_pid
	on_bg client /usr/bin/python3 "$lab_src/inject.py" eth0 --cpu "$second" --count "$each" --family 6 \
		--dport 9 --to "$mac" --src 2001:db8:1::9 >/dev/null
	other=$bg_pid
	wait "$first" "$other"
	sleep 0.5
	end_watch
	counted=$(tm gateway stats wan0 -j | json 'd["syn_packets"]')
	shown=$(events flood 'len(syns)')
	left=$(events flood 'sum(e["kernel"] + e["daemon"] + e["rate"] for e in left)')
	diag "counted $counted, shown $shown, left out $left: $(events flood '[sum(e[k] for e in left) for k in ("kernel", "rate")]')"
}

flood --rate 0
is "$((shown + left))" "$counted" "shown and left out are what was counted"
ok "some were left out" test "$left" -gt 0
flood --rate 100
is "$((shown + left))" "$counted" "the same with few lines a second"
ok "few were shown" test "$shown" -lt 2000

# ---- the reader of the output goes away

on gateway "$TCPMSS" watch 2>"$lab_tmp/pipe.err" | { sleep 0.5; connect 4; head -n 1 >"$lab_tmp/one"; } &
pipe=$!
ok "a reader that leaves ends the watch" wait_for 5 not kill -0 "$pipe"
like "$(cat "$lab_tmp/one")" 'clamped' "it had its line"
is "$(cat "$lab_tmp/pipe.err")" "" "nothing is complained about"

# ---- hooks that go

watch gone -j
ok "detach" tm gateway detach wan0
ok "is told" wait_for 3 grep -q '"event":"detached","hook":"wan0"' "$lab_tmp/gone"
ok "attach on XDP" tm gateway attach wan0 --mtu 1300 --mode xdp --direction in
ok "is told, too" wait_for 3 grep -q '"event":"attached","hook":"wan0"' "$lab_tmp/gone"
connect 4
sleep 0.3
end_watch
is "$(events gone '[(e["direction"], e["reason"], e["from"], e["to"], e["sport"]) for e in syns]')" \
	"[('in', 'clamped', 1460, 1260, 80)]" "XDP tells of what comes in"

# ---- rules that outgrow their map: the ring goes on

watch grown -j
for n in $(seq 1 3000); do echo "--prefix 10.$((n / 250)).$((n % 250)).0/24=1400"; done >"$lab_tmp/prefixes"
# shellcheck disable=SC2046
ok "3000 prefixes" tm gateway attach wan0 --mss 900 --mode xdp --direction in $(cat "$lab_tmp/prefixes")
connect 4
connect 4
sleep 0.8
connect 4
sleep 0.3
end_watch
is "$(events grown '[e["to"] for e in syns], [e["event"] for e in d if e["event"] != "syn"]')" "([900, 900, 900], [])" \
	"no event is lost over it"

# ---- no privilege, and usage

if command -v setpriv >/dev/null; then
	is "$(status_of timeout 5 setpriv --reuid 65534 --clear-groups "$TCPMSS" watch)" 4 "without root: exit 4"
	like "$(cat "$lab_tmp/err")" 'run as root' "and a clear sentence"
else
	skip "without root" "setpriv is not there"
fi
for bad in '--port 0' '--host x' '--reason no' '--reason not-ip' '--rate x' '--hook ../x' 'argument' '--nothing'; do
	# shellcheck disable=SC2086
	is "$(status_of tm gateway watch $bad)" 2 "usage: $bad"
done

tap_done
