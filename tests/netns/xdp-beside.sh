#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# An XDP program of somebody else is on the device already. Loaded bare by "ip link", it is never
# replaced; loaded through libxdp's dispatcher, ours runs beside it. Either way theirs still works
# afterwards.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump xdp-loader clang bpftool
lab_enter "$@"

# Counts what it sees in a map, and passes it.
cat >"$lab_tmp/theirs.c" <<'SOURCE'
struct {
	int (*type)[2];
	unsigned int *key;
	unsigned long long *value;
	int (*max_entries)[1];
} theirs_count __attribute__((section(".maps"), used));

static void *(*lookup)(void *map, const void *key) = (void *)1;

__attribute__((section("xdp"), used)) int theirs(void *ctx)
{
	unsigned int zero = 0;
	unsigned long long *count = lookup(&theirs_count, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 2;
}

char _license[] __attribute__((section("license"), used)) = "GPL";
SOURCE
clang -g -O2 -target bpf -c "$lab_tmp/theirs.c" -o "$lab_tmp/theirs.o" ||
	plan_skip "clang cannot compile for bpf"

lab_path && web_start || tap_bail "cannot build the lab"

theirs_id()
{
	on gateway xdp-loader status lan0 |
		awk '/theirs/ { for (i = 1; $i != "theirs"; i++); while ($++i !~ /^[0-9]+$/); print $i }'
}

# How many packets their program has counted.
theirs_saw()
{
	local map

	map=$(bpftool -j prog show id "$(theirs_id)" | json 'd["map_ids"][0]')
	bpftool -j map dump id "$map" | json 'd[0]["formatted"]["value"]'
}

bare_id()
{
	on gateway ip -details link show lan0 | grep -o 'prog/xdp id [0-9]*'
}

# clamps WANTED WHAT: a handshake; with it, their program must have seen packets.
clamps()
{
	local before

	before=$(theirs_saw)
	is "$(handshake 4)" "$1" "$2"
	ok "theirs sees the packets" test "$(theirs_saw)" -gt "$before"
}

# ---- bare
ok "their program is loaded by ip link" \
	on gateway ip link set dev lan0 xdpdrv obj "$lab_tmp/theirs.o" sec xdp
before=$(bare_id)
for mode in xdp xdp-generic; do
	is "$(status_of tm gateway attach lan0 --mtu 1300 --mode $mode --direction in)" 1 \
		"$mode on a device with a bare program fails with 1"
	like "$(<"$lab_tmp/err")" "XDP program" "the error says why"
	is "$(bare_id)" "$before" "theirs is still there"
	is "$(pins)" "" "no pins of ours are left"
done
ok "tc beside it" tm gateway attach lan0 --mtu 1300
clamps "1260 1260" "tc clamps"
ok "detach" tm gateway detach lan0
is "$(bare_id)" "$before" "theirs is still there"
on gateway ip link set dev lan0 xdpdrv off

# ---- with libxdp's dispatcher
load_theirs()
{
	on gateway xdp-loader load -m native lan0 "$lab_tmp/theirs.o"
}

ok "their program is loaded by xdp-loader" load_theirs
if ! on gateway xdp-loader status lan0 | grep -q xdp_dispatcher; then
	skip "several XDP programs on one device" "libxdp's dispatcher cannot be loaded here (freplace refused)"
	tap_done
fi
ok "ours beside it" tm gateway attach lan0 --mtu 1300 --mode xdp --direction in
clamps "1260 1460" "ours clamps"
ok "detach ours" tm gateway detach lan0
clamps "1460 1460" "ours is gone"

ok "ours once more" tm gateway attach lan0 --mtu 1300 --mode xdp --direction in
ok "theirs goes first" on gateway xdp-loader unload lan0 --id "$(theirs_id)"
is "$(handshake 4)" "1260 1460" "ours goes on clamping"
ok "theirs comes back" load_theirs
clamps "1260 1460" "ours still clamps"
ok "detach ours" tm gateway detach lan0
clamps "1460 1460" "ours is gone"
ok "unload theirs" on gateway xdp-loader unload lan0 --all
is "$(bare_id)" "" "no XDP program is left"

tap_done
