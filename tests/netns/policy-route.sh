#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# --mtu route under policy routing: the lookup is made with the packet's mark and device, so a SYN
# gets the limit of the table that its connection really uses.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump nft
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"

# Port 81 is the marked one; nobody has to listen there, the SYN is enough.
syn_mss()
{
	capture router lan0 "syn$1$2" "$syns" || return 1
	connect "$1" "$2"
	captured "syn$1$2" | wire kind=syn "family=$1" "dport=$2" | field mss | head -n 1
}

rules()
{
	on gateway ip "-$1" rule "$2" "${@:3}"
}

on gateway ip -4 route add 198.18.4.0/24 via 198.18.2.2 mtu lock 1300 table 100
on gateway ip -6 route add 2001:db8:4::/64 via 2001:db8:2::2 mtu lock 1350 table 100
rules 4 add fwmark 1 table 100
rules 6 add fwmark 1 table 100
on gateway nft -f - <<-'NFT'
table inet tm_mark {
	chain prerouting {
		type filter hook prerouting priority mangle;
		tcp dport 81 meta mark set 1
	}
}
NFT

# Leaving wan0 the packet bears its mark.
ok "attach wan0 --mtu route --direction out" tm gateway attach wan0 --mtu route --direction out
is "$(syn_mss 4 80)" 1460 "IPv4, no mark: the main table"
is "$(syn_mss 4 81)" 1260 "IPv4, marked: table 100"
is "$(syn_mss 6 80)" 1440 "IPv6, no mark: the main table"
is "$(syn_mss 6 81)" 1290 "IPv6, marked: table 100"
ok "detach" tm gateway detach wan0

# Coming in on lan0 a rule on the device decides.
rules 4 add iif lan0 table 100
rules 6 add iif lan0 table 100
for mode in tc xdp; do
	ok "$mode: attach lan0 --mtu route --direction in" \
		tm gateway attach lan0 --mtu route --mode $mode --direction in
	is "$(syn_mss 4 80)" 1260 "$mode: IPv4, rule on the device: table 100"
	is "$(syn_mss 6 80)" 1290 "$mode: IPv6, rule on the device: table 100"
	rules 4 del iif lan0 table 100
	rules 6 del iif lan0 table 100
	is "$(syn_mss 4 80)" 1460 "$mode: IPv4, without that rule"
	is "$(syn_mss 6 80)" 1440 "$mode: IPv6, without that rule"
	rules 4 add iif lan0 table 100
	rules 6 add iif lan0 table 100
	ok "$mode: detach" tm gateway detach lan0
done

# Leaving wan0, the device it came in on still counts: that is how it was routed.
ok "attach wan0 --mtu route --direction out" tm gateway attach wan0 --mtu route --direction out
is "$(syn_mss 4 80)" 1260 "leaving, IPv4, rule on the device it came in on: table 100"
is "$(syn_mss 6 80)" 1290 "leaving, IPv6, rule on the device it came in on: table 100"
rules 4 del iif lan0 table 100
rules 6 del iif lan0 table 100
is "$(syn_mss 4 80)" 1460 "leaving, IPv4, without that rule"
is "$(syn_mss 6 80)" 1440 "leaving, IPv6, without that rule"

tap_done
