#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Detach leaves nothing behind: what tc, bpftool, ip link, ethtool and the bpffs show is the same as
# before, and the kernel has freed our programs and maps.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss bpftool ethtool
lab_enter "$@"

lab_path || tap_bail "cannot build the lab"

snapshot()
{
	local dev

	on gateway tc qdisc show
	for dev in lan0 wan0; do
		on gateway tc filter show dev "$dev" ingress
		on gateway tc filter show dev "$dev" egress
	done 2>&1
	on gateway bpftool net
	on gateway ip -details link show
	on client ethtool -k eth0
	find /sys/fs/bpf ! -path /sys/fs/bpf/xdp # libxdp keeps its directory
}

# The ids of what is pinned, or attached without a pin (clsact, XDP): "prog 12", "map 7".
pinned()
{
	local file id

	on gateway bpftool net | sed -n 's/.* id \([0-9]*\).*/prog \1/p'
	while IFS= read -r file; do
		id=$(bpftool -j map show pinned "$file" 2>/dev/null | json 'd["id"]' 2>/dev/null) &&
			echo "map $id"
		id=$(bpftool -j link show pinned "$file" 2>/dev/null | json 'd["prog_id"]' 2>/dev/null) &&
			echo "prog $id"
		id=$(bpftool -j prog show pinned "$file" 2>/dev/null | json 'd["id"]' 2>/dev/null) &&
			echo "prog $id"
	done < <(pins) | grep -v none | sort -u
}

# Freed, after the grace period that the kernel takes for it.
freed()
{
	local kind id

	while read -r kind id; do
		wait_for 5 not bpftool "$kind" show id "$id" || return 1
	done <<<"$1"
}

# check WHAT ATTACH-ARGUMENTS...
check()
{
	local what=$1 ids

	shift
	snapshot >"$lab_tmp/before"
	ok "$what: attach" tm gateway attach "$@"
	snapshot >"$lab_tmp/between"
	ok "$what: attach is visible" not cmp -s "$lab_tmp/before" "$lab_tmp/between"
	ids=$(pinned)
	like "$ids" "prog [0-9]+" "$what: a program is loaded"
	ok "$what: detach" tm gateway detach "$1"
	snapshot >"$lab_tmp/after"
	ok "$what: nothing is left" diff "$lab_tmp/before" "$lab_tmp/after"
	ok "$what: programs and maps are freed" freed "$ids"
}

check "tc" wan0 --mtu 1300
check "tc in" wan0 --mtu 1300 --direction in
check "tc auto" wan0
check "tc route" wan0 --mtu route
check "xdp" lan0 --mtu 1300 --mode xdp --direction in
check "xdp-generic" lan0 --mtu 1300 --mode xdp-generic --direction in

# As on kernels before 6.6: filters under a clsact qdisc.
export TCPMSS_NO_TCX=1
check "clsact" wan0 --mtu 1300
check "clsact in" wan0 --mtu 1300 --direction in
check "clsact out" wan0 --mtu 1300 --direction out

# two HOW FIRST SECOND: two hooks on one device, detached in that order.
two()
{
	snapshot >"$lab_tmp/before"
	ok "$1: attach a" tm gateway attach wan0 --mtu 1300 --name a
	ok "$1: attach b" tm gateway attach wan0 --mtu 1200 --name b
	ok "$1: detach $2" tm gateway detach "$2"
	is "$(tm gateway show -j | json '[(h["name"], h["alive"]) for h in d["hooks"]]')" \
		"[('$3', True)]" "$1: $3 still works"
	ok "$1: detach $3" tm gateway detach "$3"
	snapshot >"$lab_tmp/after"
	ok "$1: nothing is left" diff "$lab_tmp/before" "$lab_tmp/after"
}

two "clsact, last in first out" b a
two "clsact, first in first out" a b
unset TCPMSS_NO_TCX
two "tc, last in first out" b a
two "tc, first in first out" a b

# A clsact qdisc and a filter of somebody else stay.
on gateway tc qdisc add dev wan0 clsact
on gateway tc filter add dev wan0 egress protocol ip pref 7 u32 match u32 0 0 flowid 1:1
check "tc beside a filter" wan0 --mtu 1300
TCPMSS_NO_TCX=1 check "clsact beside a filter" wan0 --mtu 1300
on gateway tc filter del dev wan0 egress
TCPMSS_NO_TCX=1 check "clsact under somebody else's empty qdisc" wan0 --mtu 1300

# A refused attach changes nothing either.
snapshot >"$lab_tmp/before"
ok "a bad limit is refused" not tm gateway attach wan0 --mtu 20
ok "a bad mode is refused" not tm gateway attach wan0 --mode fast
ok "a second bad option is refused" not tm gateway attach wan0 --mtu 1300 --prefix 198.18.4.0/33=1300
snapshot >"$lab_tmp/after"
ok "refusals change nothing" diff "$lab_tmp/before" "$lab_tmp/after"

# --all takes everything.
ok "attach wan0" tm gateway attach wan0 --mtu 1300
ok "attach lan0" tm gateway attach lan0 --mtu 1300 --mode xdp --direction in
ok "detach --all" tm gateway detach --all
snapshot >"$lab_tmp/after"
ok "detach --all leaves nothing" diff "$lab_tmp/before" "$lab_tmp/after"

tap_done
