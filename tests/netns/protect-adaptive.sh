#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A block in mode adaptive: idle, armed by a flood of SYNs, flooded while it lasts, draining, idle again; as `protect show`, `watch` and the
# metrics tell it. Clients connect in each of these states. A flood of ACKs arms nothing.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" "$flood_program" nginx curl ethtool
lab_enter "$@"
count=8
lab_flood && greeter_start && web_start 20000 || tap_bail "cannot build the lab"
protect_start "mode = adaptive  high = 400  low = 100" || tap_bail "no daemon"
on_bg gateway "$TCPMSS" watch -j >"$lab_tmp/watch" 2>&1

all_open()
{
	local family

	for family in 4 6; do
		ok "$1, IPv$family: connections open" nearly_all "$(opens "$family" "$count")" "$count"
		ok "$1, IPv$family: and where the server speaks first" nearly_all "$(meets "$family" "$count")" "$count"
	done
}

# loose: does conntrack take up connections in their middle?
loose()
{
	on gateway sysctl -n net.netfilter.nf_conntrack_tcp_loose
}

# metric_is STATE: the only state of the block that the metrics have.
metric_is()
{
	is "$(on gateway curl -s http://127.0.0.1:9469/metrics | sed -n 's/^tcpmss_protect_state{.*state="\([a-z]*\)".*} 1$/\1/p')" "$1" \
		"metrics: $1"
}

# watched EVENT: it has been told.
watched()
{
	grep -q "\"event\": *\"$1\"" "$lab_tmp/watch"
}

# From here on diagnostics of connections belong into the output, too.
exec 2>&1

ok "idle at first" protect_is idle
is "$(loose)" 1 "idle: conntrack is as it was"
all_open "idle"
ok "idle: their SYNs passed" test "$(counted passed-idle)" -gt 0
is "$(counted answered)" 0 "idle: none was answered"
metric_is idle

flood_start ack 46 2000 || tap_bail "no flood"
sleep 2
ok "a flood of ACKs arms nothing" protect_is idle
flood_stop

flood_start syn 46 2000 || tap_bail "no flood"
ok "a flood arms" wait_for 20 watched armed
ok "and is told to last" wait_for 20 protect_is flooded
is "$(loose)" 0 "armed: conntrack takes up no connection in its middle"
ok "armed: SYNs are answered" test "$(counted answered)" -gt 0
all_open "flooded"
ok "flooded: the cookies of these connections were good" test "$(counted cookie-good)" -ge $((4 * count))
metric_is flooded
flood_stop

like "$(block 'd["state"]')" '^(flooded|armed)$' "the flood is over: still armed at first"
ok "and then draining" wait_for 60 protect_is draining
all_open "draining"
ok "and then idle" wait_for 30 protect_is idle
is "$(loose)" 1 "idle: conntrack is as it was"
before=$(counted answered)
all_open "idle again"
is "$(counted answered)" "$before" "idle again: no SYN was answered"
metric_is idle
ok "watch: disarmed" watched disarmed
diag "$(grep -o '"event": *"[^"]*"' "$lab_tmp/watch" | sort | uniq -c)"
ok "the daemon ends" protect_stop
is "$(loose)" 1 "conntrack is as it was"

tap_done
