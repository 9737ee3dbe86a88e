#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A flood of forged PTBs from an attacker who sees nothing: random and guessed flows, echo replies quoted, MTU below all floors, and one
# real flow quoted with a sequence number outside its window. No clamp moves, the daemon's memory and time are bounded, transfers go on.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pmtu.bash"

need tcpmss "$TCPMSSD" tcpdump bpftool curl
lab_enter "$@"
lab_path mtu=1500 offload=off && sink && lab_host attacker && lab_link attacker eth0 router att0 && lab_addr attacker eth0 8 2 &&
	lab_addr router att0 8 1 || tap_bail "cannot build the lab"
router_mac=$(mac router att0)
learner_start 'hook wan { device = wan0  mtu = 1500 }' || tap_bail "no daemon"

# family_tree PID: it and its children, all generations.
family_tree()
{
	local child

	echo "$1"
	for child in $(pgrep -P "$1"); do
		family_tree "$child"
	done
}

# rss: of all of the daemon's processes, KiB.
rss()
{
	local pid

	for pid in $(family_tree "$daemon"); do
		awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
	done | awk '{ s += $1 } END { print s }'
}

# ticks: of processor time they have used, hundredths of a second.
ticks()
{
	local pid

	for pid in $(family_tree "$daemon"); do
		sed 's/.*) //' "/proc/$pid/stat"
	done | awk '{ s += $12 + $13 } END { print s }'
}

# maps: their sizes, of what is pinned.
maps()
{
	find /sys/fs/bpf -type f -path '*/tcpmss/*' | sort | while read -r pin; do
		bpftool -j map show pinned "$pin" 2>/dev/null | json 'd["name"], d["max_entries"], d["bytes_value"]'
	done
}

# received: packets that came in through the gateway's device.
received()
{
	on gateway ip -j -s link show wan0 | json 'd[0]["stats64"]["rx"]["packets"]'
}

flood()
{
	on_bg attacker /usr/bin/python3 "$lab_src/ptb.py" flood eth0 --to "$router_mac" --src "$(address client "$1")" \
		--dst "$(address server "$1")" --count "$2" --seed "$1" >"$lab_tmp/flood$1"
	wait_for 20 grep -q ready "$lab_tmp/flood$1"
}

# One path is known, and must stay as it is.
on remote ip link set lan0 mtu 1400
for family in 4 6; do
	flow "$family" >/dev/null
	ok "IPv$family: a path is known" wait_for 3 is_learned "$(address server "$family")" 1400
done
on remote ip link set lan0 mtu 1500
known=$(tm gateway pmtu show -j | json '[(e["destination"], e["mtu"]) for e in d["paths"]]')

before=$(rss) used=$(ticks) maps=$(maps)
for family in 4 6; do
	received=$(received)
	flood "$family" 1000000
	flooding=$bg_pid
	ok "IPv$family: a transfer during the flood" pour "$family" 2000000
	ok "IPv$family: the daemon answers during the flood" timeout 5 nsenter --net="/run/netns/tm-$$-gateway" -- "$TCPMSS" pmtu show
	ok "IPv$family: also about its hook" timeout 5 nsenter --net="/run/netns/tm-$$-gateway" -- "$TCPMSS" show
	wait "$flooding"
	diag "IPv$family: $(tail -n 1 "$lab_tmp/flood$family"), of which the gateway got $(($(received) - received))"
	ok "most of the flood came to the gateway" test $(($(received) - received)) -gt 500000
done
sleep 1
after=$(rss) spent=$(($(ticks) - used))
diag "memory of the daemon $before KiB, then $after KiB; processor time $spent hundredths of a second"
ok "memory is bounded" test $((after - before)) -lt 8192
is "$(maps)" "$maps" "so are the maps"
is "$(tm gateway pmtu show -j | json '[(e["destination"], e["mtu"]) for e in d["paths"]]')" "$known" "no path has changed"

# ---- one real flow, quoted beside its window

for family in 4 6; do
	forget client # Linux believes PTBs that quote echo replies
	pour_on "$family"
	for what in seq-old seq-ahead; do
		on client timeout 12 /usr/bin/python3 "$lab_src/ptb.py" forge eth0 eth0 --in "/run/netns/tm-$$-attacker" --to "$router_mac" \
			--from "$([ "$family" = 4 ] && echo 198.18.8.2 || echo 2001:db8:8::2)" --dst "$(address server "$family")" \
			--mtu 1290 --size 1300 --break "$what" --count 50000 >"$lab_tmp/forge" 2>&1 || diag "$(<"$lab_tmp/forge")"
	done
	ok "IPv$family: a flow quoted beside its window arrives" pour_end
done
sleep 4 # what is watched ends
is "$(tm gateway pmtu show -j | json '[(e["destination"], e["mtu"]) for e in d["paths"]]')" "$known" "no path has changed"
diag "looked at $(number messages_total), left out $(number left_out_total), refused $(refused)"

# ---- and it still learns

on remote ip link set lan0 mtu 1300
for family in 4 6; do
	flow "$family" >/dev/null
	ok "IPv$family: still learns" wait_for 3 is_learned "$(address server "$family")" 1300
done
learner_stop

tap_done
