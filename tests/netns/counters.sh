#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Counters are exact: two processes on two CPUs send a known number of SYNs while "stats getclear"
# runs in a loop; what the readings add up to is what was sent. And "stats clear".
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss taskset
lab_enter "$@"

each=${EACH:-20000}
second=$(($(nproc) > 1))

lab_path || tap_bail "cannot build the lab"
mac=$(on gateway ip -br link show lan0 | awk '{ print $3 }')

counter()
{
	json "' '.join(str(d[k]) for k in ('syn_packets', 'fixed_packets'))" <<<"$1"
}

# add HOST HOOK VERB: one reading, added to syns_read and fixed_read.
add()
{
	local syn fixed

	read -r syn fixed < <(counter "$(tm "$1" stats "$2" "$3" -j)")
	syns_read=$((syns_read + syn))
	fixed_read=$((fixed_read + fixed))
}

# flood HOST HOOK: sends from both CPUs, each second SYN needing no clamp, and reads meanwhile.
flood()
{
	local first other rounds=0

	syns_read=0 fixed_read=0
	on_bg client /usr/bin/python3 "$lab_src/inject.py" eth0 --cpu 0 --count "$each" --to "$mac" \
		--mss 1460 >/dev/null
	first=$bg_pid
	on_bg client /usr/bin/python3 "$lab_src/inject.py" eth0 --cpu "$second" --count "$each" \
		--to "$mac" --mss 1000 --family 6 >/dev/null
	other=$bg_pid
	while kill -0 "$first" 2>/dev/null || kill -0 "$other" 2>/dev/null; do
		add "$1" "$2" getclear
		rounds=$((rounds + 1))
	done
	wait "$first" "$other"
	sleep 0.2
	add "$1" "$2" getclear
	diag "$rounds readings while sending"
}

# What the veth pair lost between client and gateway (it has a queue, and two senders).
lost()
{
	on client ip -s -j link show eth0 | json 'd[0]["stats64"]["tx"]["dropped"]'
}

ok "tc: attach where the SYNs are sent" tm client attach eth0 --mtu 1300 --direction out
flood client eth0
is "$syns_read" $((2 * each)) "tc: syn_packets of all readings is what was sent"
is "$fixed_read" "$each" "tc: fixed_packets of all readings is what had to be clamped"
tm client stats eth0 clear
is "$(counter "$(tm client stats eth0 get -j)")" "0 0" "clear: all zero"
inject client eth0 --count 5 >/dev/null
is "$(counter "$(tm client stats eth0 get -j)")" "5 5" "get: what came since clear"
is "$(counter "$(tm client stats eth0 -j)")" "5 5" "get does not clear, and is the default"
is "$(counter "$(tm client stats eth0 getclear -j)")" "5 5" "getclear: the same once more"
is "$(counter "$(tm client stats eth0 get -j)")" "0 0" "and zero after it"
ok "tc: detach" tm client detach eth0

ok "xdp: attach where the SYNs arrive" tm gateway attach lan0 --mtu 1300 --mode xdp --direction in
before=$(lost)
flood gateway lan0
missing=$(($(lost) - before))
diag "lost before the hook: $missing"
is $((syns_read + missing)) $((2 * each)) "xdp: syn_packets of all readings is what arrived"
ok "xdp: detach" tm gateway detach lan0

# Exact in octets too: 100 equal frames.
ok "attach" tm client attach eth0 --mtu 1300 --direction out
inject client eth0 --count 100 --vlan 8100:5 >/dev/null
document=$(tm client stats eth0 get -j)
is "$(json 'd["reasons"]["clamped"]' <<<"$document")" 100 "reasons: clamped"
is "$(json 'd["schema_version"]' <<<"$document")" 1 "schema_version is 1"

tap_done
