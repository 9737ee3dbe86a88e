#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Hooks that learn path MTUs: learning is switched on and off in place, counters stay; beside XDP and queues stand programs that see the
# rest, and go with them; messages and segments are seen, with conntrack's window, behind a translation too; nothing is left behind.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss iperf3 bpftool jq iptables
lab_enter "$@"

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log
export TCPMSS_SOCKET=$lab_tmp/control

lab_path || tap_bail "cannot build the lab"

# write HOOKS [DISCOVERY]
write()
{
	printf '%s\ncontrol { socket = "%s" }\n' "$1" "$TCPMSS_SOCKET" >"$conf"
	[ $# = 1 ] || printf 'path-mtu-discovery { state = none %s }\n' "$2" >>"$conf"
}

start()
{
	: >"$log"
	rm -f "$lab_tmp/pid"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$log"
	daemon=$bg_pid
	wait_for 5 grep -q 'hook ' "$log" && wait_for 5 tm gateway show
} >/dev/null

finish()
{
	kill "-${1:-TERM}" "$daemon"
	wait "$daemon" 2>/dev/null
}

reload()
{
	: >"$log"
	tm gateway reload >/dev/null && wait_for 5 grep -q 'in force' "$log"
}

snapshot()
{
	on gateway tc qdisc show
	on gateway bpftool net
	find /sys/fs/bpf ! -path /sys/fs/bpf/xdp
}

# Our programs on tc, "in out" by how many there are. bpftool does not know TCX; but it knows the links of XDP, which do not count.
on_tc()
{
	local way link

	for way in in out; do
		if [ "$how" = tcx ]; then
			find /sys/fs/bpf/tcpmss -name "link-$way" 2>/dev/null | while read -r link; do
				bpftool link show pinned "$link" | head -n 1 | grep -q ': xdp ' || echo "$link"
			done | wc -l
		else
			on gateway bpftool net show dev wan0 | sed -n '/^tc:/,/^flow/p' | grep -c "tcpmss_$way"
		fi
	done | paste -sd' '
}

# restart: the daemon is killed, and another one takes over what the file says now.
restart()
{
	finish KILL
	wait_for 5 not pgrep -f "$conf" >/dev/null
	start
}

learns()
{
	tm gateway show -j | jq -r ".hooks[] | select(.name == \"$1\").limit.learned"
}

packets()
{
	tm gateway show -j | jq -r ".hooks[] | select(.name == \"$1\").counters.packets"
}

# The sum of a field of all CPUs, of what the programs count.
counted()
{
	local map

	map=$(find /sys/fs/bpf/tcpmss -name learning)
	# struct tm_bpf_learning: ptbs is the third word of 64 bits, segments the fourth
	bpftool -j map dump pinned "$map" | jq -r ".[0].values[].value[$1:$1+8] | join(\" \")" |
		while read -ra bytes; do echo $((bytes[0] + (bytes[1] << 8))); done | awk '{ n += $1 } END { print n + 0 }'
}

snapshot >"$lab_tmp/before"
same()
{
	snapshot | diff "$lab_tmp/before" - >"$lab_tmp/diff" || { diag "$(cat "$lab_tmp/diff")"; false; }
}

sink_start

for how in tcx clsact; do
	[ "$how" = tcx ] || export TCPMSS_NO_TCX=1
	write 'hook wan { device = wan0  mtu = 1500 }'
	ok "$how: a daemon that does not learn starts" start
	is "$(learns wan)" false "$how: its hook says so"
	connect 4
	before=$(packets wan)
	write 'hook wan { device = wan0  mtu = 1500 }' ''
	ok "$how: learning is switched on at a reload" reload
	is "$(learns wan)" true "$how: the hook says so"
	ok "$how: and goes on counting" test "$(packets wan)" -ge "$before" -a "$before" -gt 0
	is "$(on_tc)" "1 1" "$how: with one program each way"
	write 'hook wan { device = wan0  mtu = 1500 }'
	ok "$how: and off by a daemon that does not learn" restart
	is "$(learns wan)" false "$how: the hook says that, too"
	finish
	ok "$how: nothing is left behind" same

	write 'hook wan { device = wan0  mode = xdp-generic  direction = in  mtu = 1500 }' ''
	ok "$how: a daemon with an XDP hook starts" start
	is "$(on_tc)" "0 1" "$how: what leaves is learned from on tc"
	is "$(tm gateway show -j | jq '.hooks | length')" 1 "$how: that is no hook of its own"
	ok "$how: when the daemon is killed the next one takes it over" restart
	is "$(on_tc)" "0 1" "$how: once"
	write 'hook wan { device = wan0  mode = xdp-generic  direction = in  mtu = 1500 }'
	ok "$how: a daemon that does not learn comes" restart
	is "$(on_tc)" "0 0" "$how: it goes with it"
	finish
	ok "$how: nothing is left behind by XDP" same

	write 'hook q { mode = nfqueue  queue = 7  device = wan0  mtu = 1500 }' ''
	ok "$how: a daemon with a queue starts" start
	is "$(on_tc)" "1 1" "$how: what passes its device is learned from"
	finish KILL
	ok "$how: after a kill detach takes that away" tm gateway detach q
	ok "$how: nothing is left behind by the queue" same
done
unset TCPMSS_NO_TCX

# What is seen: the router says "too big", the client re-sends.
on gateway iptables -t nat -A POSTROUTING -o wan0 -j MASQUERADE
for mode in tc xdp-generic; do
	direction=both
	[ "$mode" = tc ] || direction=in
	write "hook wan { device = wan0  mode = $mode  direction = $direction  mtu = 1500 }" ''
	start || diag "$(cat "$log")"
	for v in 4 6; do
		ptbs=$(counted 16) segments=$(counted 24)
		ok "$mode, IPv$v: a connection gets through" upload $v
		ok "$mode, IPv$v: its messages were seen" test "$(counted 16)" -gt "$ptbs"
		ok "$mode, IPv$v: and what its sender did" test "$(counted 24)" -gt "$segments"
		on client ip route flush cache
		on client ip -6 route flush cache
	done
	wait_for 3 test "$(tm gateway pmtu show -j | jq '.paths | length')" -ge 2
	is "$(tm gateway pmtu show -j | jq -c '[.paths[].mtu] | unique')" "[1300]" "$mode: both paths were learned"
	finish
done
ok "nothing is left behind in the end" same
tap_done
