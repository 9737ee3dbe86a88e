#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The gateway's table of connections is full of half-open ones to a port that nobody protects, while the protected one is flooded, too:
# connections to that still open.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" "$flood_program" nginx curl ethtool
lab_enter "$@"
count=15
lab_flood && greeter_start && web_start 20000 || tap_bail "cannot build the lab"
on server nft add table inet quiet && on server nft 'add chain inet quiet input { type filter hook input priority 0; }' &&
	on server nft add rule inet quiet input tcp dport 9 drop || tap_bail "no port that stays silent"
limit=$(on gateway sysctl -n net.netfilter.nf_conntrack_max)
[ "$limit" -le 1048576 ] || plan_skip "the table has $limit entries here: too many to fill"
exec 2>&1

entries()
{
	on gateway sysctl -n net.netfilter.nf_conntrack_count
}

is_full()
{
	[ "$(entries)" -gt $((limit - limit / 50)) ]
}

for accelerator in tc none; do
	protect_start "mode = always  accelerator = $accelerator" || tap_bail "no daemon"
	flood_start syn 46 0 9 || tap_bail "no flood"
	ok "$accelerator: the table is full" wait_for 60 is_full
	flood_stop
	flood_start syn 46 5000 9 || tap_bail "no flood"
	other=$flooding
	flood_start syn 46 5000 80 beside || tap_bail "no flood beside the other"
	for family in 4 6; do
		ok "$accelerator, IPv$family: connections open" nearly_all "$(opens "$family" "$count")" "$count"
		ok "$accelerator, IPv$family: and where the server speaks first" nearly_all "$(meets "$family" "$count")" "$count"
	done
	diag "$(entries) of $limit entries"
	ok "$accelerator: the table is full still" is_full
	flood_stop
	bg_stop "$other"
	ok "$accelerator: the daemon ends" protect_stop
done

tap_done
