#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# doctor finds nothing wrong with hooks that work, in each mode, direction and family; its SYNs go where it says, nobody answers
# them, and nothing stays behind.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/doctor.bash"

need tcpmss tcpdump bpftool
lab_enter "$@"

lab_gateway || tap_bail "cannot build the lab"

# healthy WHAT SYNS HOW ATTACH-OPTIONS...: a hook on wan0 that passes, with so many SYNs, handled in that way.
healthy()
{
	local what=$1 syns=$2 how=$3

	shift 3
	ok "$what: attach" tm gateway attach wan0 "$@" || return
	doctor 0 "$what"
	is "$(lines ok syn)" "$syns" "$what: $syns SYNs"
	is "$(grep -c "^ok .* syn: .*($how)" "$lab_tmp/out")" "$syns" "$what: $how"
	is "$(tm gateway stats wan0 -j | json 'd["syn_packets"]')" "$syns" "$what: its SYNs are counted"
	ok "$what: detach" tm gateway detach wan0
}

put="put on the device's ingress, and seen behind the hook"
healthy "tc in" 2 "$put" --mtu 1300 --direction in
healthy "tc out" 4 "sent, and seen behind the hook" --mtu 1300 --direction out
healthy "tc both" 6 ".*" --mtu 1300
healthy "xdp-generic" 2 "$put" --mtu 1300 --mode xdp-generic --direction in
healthy "xdp" 2 "run in the attached program, not through the driver" --mtu 1300 --mode xdp --direction in
healthy "auto" 6 ".*" --mtu auto
healthy "a fixed MSS" 6 ".*" --mss 1000
TCPMSS_NO_TCX=1 healthy "clsact" 6 ".*" --mtu 1300

on gateway ethtool -K wan0 tx off >/dev/null
healthy "without checksum offload" 4 "sent, .*" --mtu 1300 --direction out
on gateway ethtool -K wan0 tx on >/dev/null

# ---- what it says
ok "attach" tm gateway attach wan0 --mtu 1300
doctor 0 "the MSS"
is "$(grep -c 'IPv4.*65495 went in, 1260 came out' "$lab_tmp/out")" 3 "IPv4: 1260"
is "$(grep -c 'IPv6.*65495 went in, 1240 came out' "$lab_tmp/out")" 3 "IPv6: 1240"
doctor 0 "by its device" wan0
doctor 0 "as JSON" -j
is "$(json 'sorted(d)' <"$lab_tmp/out")" "['checks', 'faults', 'schema_version', 'syns', 'warnings']" "members of the document"
is "$(json 'd["faults"], d["warnings"], d["schema_version"], d["syns"]' <"$lab_tmp/out")" "(0, 0, 1, 6)" "no faults"
is "$(json 'sum(c["name"] == "syn" and c["hook"] == "wan0" and c["result"] == "ok" for c in d["checks"])' <"$lab_tmp/out")" 6 "checks"
is "$(json 'sorted(set(k for c in d["checks"] for k in c))' <"$lab_tmp/out")" "['advice', 'hook', 'name', 'result', 'text']" \
	"members of a check"

# a larger image, so that another program has taken the place of the first
ok "new rules that need another program" \
	tm gateway attach wan0 --mtu 1300 $(for i in $(seq 1 2000); do echo "--prefix 198.51.$((i / 250)).$((i % 250))/32=$((1000 + i % 300))"; done)
doctor 0 "after the program was replaced"

# ---- harmless
capture client eth0 all4 "tcp or icmp or (icmp6 and ip6[40] < 128)" && capture server eth0 wan "tcp or icmp or ip6" ||
	tap_bail "cannot capture"
doctor 0 "while others look"
sleep 0.5
syns=$(captured wan | grep -c 'dst=192.0.2.2\|dst=2001:db8::2')
is "$syns" 4 "four SYNs left through wan0"
bg_stop "${lab_capture[all4]}"
is "$(tcpdump -nr "$lab_tmp/all4.pcap" 2>/dev/null)" "" "nothing left elsewhere"
is "$(tcpdump -nr "$lab_tmp/wan.pcap" 'icmp or tcp[13] & 4 != 0 or (icmp6 and ip6[40] < 128)' 2>/dev/null)" "" "nobody answered"
programs=$(bpftool prog list | grep -c 'tm_mover')
is "$programs" 0 "no program of doctor's stays"
is "$(on gateway ss -Hl0)" "" "no packet socket stays"
before=$(pins)
for wait in 0.005 0.01 0.02 0.04; do
	on_bg gateway "$TCPMSS" doctor >/dev/null
	sleep $wait
	kill -9 "$bg_pid"
	wait "$bg_pid"
done 2>/dev/null
is "$(pins)" "$before" "killed, it leaves nothing on the BPF file system"
is "$(bpftool prog list | grep -c tm_mover)" 0 "nor in the kernel"
ok "detach" tm gateway detach --all

# ---- a driver's XDP, from a peer that is here
on gateway ip link add near0 type veth peer name near1 && on gateway ip link set near0 up && on gateway ip link set near1 up
ok "attach to a veth whose peer is here" tm gateway attach near0 --mtu 1300 --mode xdp --direction in
doctor 0 "xdp from the peer"
is "$(grep -c '^ok .* syn: .*(sent by the peer, and seen behind the hook)' "$lab_tmp/out")" 4 "four SYNs from the peer"
ok "detach" tm gateway detach --all

# ---- a port of a bridge: its frames never reach the protocols of the device
on gateway ip link add br0 type bridge && on gateway ip link set near0 master br0 && on gateway ip link set br0 up
ok "attach to a port of a bridge" tm gateway attach near0 --mtu 1300
doctor 0 "port of a bridge"
is "$(lines ok syn)" 6 "port of a bridge: six SYNs"
ok "detach" tm gateway detach --all

# ---- a device without link layer
if [ -e /dev/net/tun ]; then
	on_bg gateway /usr/bin/python3 "$lab_src/tun.py" tun0 >"$lab_tmp/tun"
	wait_for 5 on gateway ip link show tun0
	on gateway sysctl -qw net.ipv6.conf.tun0.disable_ipv6=1
	on gateway ip link set tun0 up
	ok "attach to a tun device" tm gateway attach tun0 --mtu 1300
	doctor 0 "tun"
	is "$(lines ok syn)" 6 "tun: six SYNs"
	sleep 0.3
	is "$(grep -c '^45.\{14\}0106.\{4\}00000000c0000202' "$lab_tmp/tun")" 2 "IPv4: TTL 1, from the unspecified address"
	is "$(grep -c '^6.\{11\}0601\(00\)\{16\}20010db8' "$lab_tmp/tun")" 2 "IPv6: likewise"
	is "$(wc -l <"$lab_tmp/tun")" 4 "and nothing else leaves: no answer to what was put on its ingress"
else
	skip "a device without link layer" "no /dev/net/tun"
fi

tap_done
