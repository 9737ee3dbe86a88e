#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A block without accelerator: the kernel's SYNPROXY answers SYNs by itself. The daemon sees none of its cookies, and still knows how many clients
# bring one back: it stays armed as long as the flood lasts, and no longer.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" "$flood_program" nginx curl ethtool
lab_enter "$@"
lab_flood && greeter_start && web_start 20000 || tap_bail "cannot build the lab"
protect_start "accelerator = none  high = 400  low = 100" || tap_bail "no daemon"

# times: how often it has been armed
times()
{
	block 'd["armed"]'
}

# rate NAME: a second.
rate()
{
	block "d[\"rates\"][\"$1\"]"
}

exec 2>&1

ok "idle at first" protect_is idle
flood_start syn 46 2000
ok "a flood arms" wait_for 20 protect_is flooded
for family in 4 6; do
	is "$(opens "$family" 200)" 200 "armed, IPv$family: connections open"
	is "$(meets "$family" 8)" 8 "armed, IPv$family: and where the server speaks first"
done
is "$(counted answered)" 0 "armed: SYNPROXY answers, and no program"
ok "armed: but it is known how often" test "$(rate answered)" -gt 1000
ok "armed: and how many came back" test "$(counted sampled-completed)" -gt 0
sleep 22 # longer than what was half-open before counts, and the hold time
ok "flooded as long as the flood lasts" protect_is flooded
is "$(times)" 1 "without a break"
flood_stop
ok "the flood is over: draining" wait_for 60 protect_is draining
ok "and then idle" wait_for 30 protect_is idle
is "$(opens 4 8)" 8 "idle: connections open"
is "$(times)" 1 "it was armed once"
ok "the daemon ends" protect_stop

tap_done
