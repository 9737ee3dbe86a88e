#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Faults, one by one: doctor finds each, says its name and ends with 10.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/doctor.bash"

need tcpmss bpftool clang xdp-loader nft iptables-legacy ip6tables-legacy setpriv
lab_enter "$@"

lab_gateway || tap_bail "cannot build the lab"

# Programs of others: drops TCP, or all; as XDP and as a tc filter.
cat >"$lab_tmp/theirs.c" <<'SOURCE'
__attribute__((section("xdp"), used)) int drops_xdp(void *ctx) { return 1; }
__attribute__((section("tc"), used)) int drops_tc(void *ctx) { return 2; }
__attribute__((section("pass"), used)) int passes_tc(void *ctx) { return -1; }
char _license[] __attribute__((section("license"), used)) = "GPL";
SOURCE
clang -g -O2 -target bpf -c "$lab_tmp/theirs.c" -o "$lab_tmp/theirs.o" || plan_skip "clang cannot compile for bpf"

fresh()
{
	tm gateway detach --all 2>/dev/null
	tm gateway attach wan0 "${@:---mtu=1300}" 2>/dev/null
}

# ---- no hook, no such thing
doctor 10 "no hook at all"
finds FAULT hook "no hook" "no hook at all"
doctor 10 "no hook on a device" lan0
finds FAULT hook "no hook on lan0" "no hook on a device"
doctor 1 "no such device" nowhere
like "$(<"$lab_tmp/err")" "nowhere" "no such device: named"
doctor 2 "wrong usage" a b
doctor 2 "unknown option" --frob

# ---- the hook itself
fresh
rm "/sys/fs/bpf/tcpmss/"*/wan0/counters
doctor 10 "a pin is missing"
finds FAULT pins "incomplete" "a pin is missing"
fresh
on gateway bpftool link detach pinned "$(echo /sys/fs/bpf/tcpmss/*/wan0/link-in)" || diag "cannot detach the link"
doctor 10 "somebody took the program off"
finds FAULT attached "took the program off" "somebody took the program off"
export TCPMSS_NO_TCX=1
fresh
unset TCPMSS_NO_TCX
on gateway tc qdisc del dev wan0 clsact
doctor 10 "somebody took clsact away"
finds FAULT attached "took the program off" "somebody took clsact away"
fresh --mtu 1300 --mode xdp --direction in
link=$(echo /sys/fs/bpf/tcpmss/*/wan0/link-in)
if [ -e "$link" ]; then
	on gateway bpftool link detach pinned "$link"
else
	on gateway xdp-loader unload wan0 --all
fi
doctor 10 "somebody unloaded XDP"
finds FAULT attached "took the program off" "somebody unloaded XDP"

# ---- others on the device
fresh
on gateway ip link set dev wan0 xdpgeneric obj "$lab_tmp/theirs.o" sec xdp
doctor 10 "an XDP program drops"
finds FAULT syn "in IPv4: the SYN never reached" "an XDP program drops"
finds FAULT order "drops_xdp" "an XDP program drops"
is "$(lines ok syn)" 4 "an XDP program drops: what leaves is well"
on gateway ip link set dev wan0 xdpgeneric off
doctor 0 "and it is gone again"

export TCPMSS_NO_TCX=1
fresh
unset TCPMSS_NO_TCX
on gateway tc filter add dev wan0 egress prio 5 bpf da obj "$lab_tmp/theirs.o" sec tc
doctor 10 "a tc filter drops what leaves"
finds FAULT syn "out IPv4: the SYN never reached" "a tc filter drops what leaves"
finds FAULT order "out: before the clamp comes tc bpf" "a tc filter drops what leaves"
on gateway tc filter del dev wan0 egress prio 5
on gateway tc filter add dev wan0 egress prio 5 bpf da obj "$lab_tmp/theirs.o" sec pass
doctor 0 "a filter that passes"
finds warn order "out: before the clamp comes tc bpf" "a filter that passes"
on gateway tc filter del dev wan0 egress prio 5
on gateway tc filter add dev wan0 ingress prio 50 bpf da obj "$lab_tmp/theirs.o" sec tc
doctor 10 "a filter behind the clamp drops"
finds FAULT syn "in IPv4: the clamp saw the SYN, but" "a filter behind the clamp drops"
on gateway tc filter del dev wan0 ingress prio 50

# a clamp of ours before a clamp of ours
fresh --mss 1000
ok "a second hook" tm gateway attach wan0 --name second --mss 1200
doctor 10 "two hooks"
finds FAULT syn "MSS 1000 came out, where the rules say 1200" "two hooks"
tm gateway detach --all 2>/dev/null

# ---- the device and those around it
fresh
on gateway ip link set wan0 down
doctor 10 "device down"
finds FAULT device "wan0 is down" "device down"
on gateway ip link set wan0 up
fresh --mtu 1600
doctor 10 "a limit above the device's MTU"
finds FAULT limit "1600.*1500" "a limit above the device's MTU"
fresh
on server ip link set eth0 mtu 1280
doctor 10 "the other side's MTU is smaller"
finds FAULT peer-mtu "the other side's eth0.*1280" "the other side's MTU is smaller"
on gateway ip route add default via 198.18.4.2
on gateway ip address add 2001:db8:4::1/64 dev wan0 nodad # gone since the device was down
on gateway ip route add default via 2001:db8:4::2
doctor 10 "the gateway's MTU is smaller" --probe
finds FAULT gateway-mtu "198.18.4.2 behind wan0 .*none of 1300 bytes" "the gateway's MTU is smaller, IPv4"
finds FAULT gateway-mtu "2001:db8:4::2 behind wan0 .*none of 1300 bytes" "the gateway's MTU is smaller, IPv6"
on server ip link set eth0 mtu 1300
doctor 0 "the gateway's MTU is enough" --probe
finds ok gateway-mtu "198.18.4.2 behind wan0 answers a packet of 1300 bytes" "enough, IPv4"
finds ok gateway-mtu "2001:db8:4::2 behind wan0 answers a packet of 1300 bytes" "enough, IPv6"
on server ip address del 198.18.4.2/24 dev eth0
doctor 0 "the gateway does not answer" --probe
finds warn gateway-mtu "198.18.4.2 behind wan0 answers no echo" "the gateway does not answer"
on server ip address add 198.18.4.2/24 dev eth0
on server ip link set eth0 mtu 1500
on server ip link set eth0 down
doctor 0 "no carrier"
finds warn device "no carrier" "no carrier"
on server ip link set eth0 up
wait_for 5 eval "on gateway ip link show dev wan0 | grep -q LOWER_UP"
on gateway ip route add 203.0.113.0/24 via 198.18.4.2 mtu 1200
doctor 0 "a route with a smaller MTU"
finds warn route-mtu 1200 "a route with a smaller MTU"
on gateway ip route del 203.0.113.0/24

# ---- other clamps
for iptables in iptables ip6tables; do
	on gateway $iptables-legacy -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1200
	doctor 10 "another clamp: $iptables"
	finds FAULT other-clamp "$iptables mangle FORWARD.*1200" "another clamp: $iptables"
	on gateway $iptables-legacy -t mangle -F
done
on gateway iptables-legacy -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
doctor 0 "one that follows routes"
finds warn other-clamp "iptables mangle FORWARD" "one that follows routes"
on gateway iptables-legacy -t mangle -F
on gateway nft 'add table inet t; add chain inet t c { type filter hook forward priority 0; };
	add rule inet t c tcp flags syn tcp option maxseg size set 1100'
doctor 10 "another clamp: nft"
finds FAULT other-clamp "nft inet t c.*1100" "another clamp: nft"
on gateway nft delete table inet t
doctor 0 "all gone"

# ---- queues
feed()
{
	on gateway iptables-legacy -t mangle -F &&
		on gateway iptables-legacy -t mangle -A POSTROUTING -p tcp --tcp-flags SYN,RST SYN -j NFQUEUE --queue-num 6 "$@"
}
if feed --queue-bypass 2>/dev/null; then
	doctor 10 "a queue without a reader"
	finds FAULT queue "queue 6, which nobody reads: its SYNs pass unclamped" "a queue without a reader"
	feed
	doctor 10 "a queue without reader and bypass"
	finds FAULT queue "queue 6, which nobody reads: its packets are dropped" "a queue without reader and bypass"
	on_bg gateway "${TCPMSS}d" -v -p 6 -m 1400 2>/dev/null
	wait_for 5 on gateway grep -q '^ *6 ' /proc/net/netfilter/nfnetlink_queue
	doctor 10 "a rule without bypass"
	finds FAULT queue "queue 6 without bypass" "a rule without bypass"
	feed --queue-bypass
	doctor 0 "a queue as it should be"
	finds ok queue "fails open" "a queue as it should be"
	on gateway iptables-legacy -t mangle -F
	doctor 10 "a queue that no rule feeds"
	finds FAULT queue "no rule feeds it" "a queue that no rule feeds"
	bg_stop "$bg_pid"
else
	skip "queues" "no NFQUEUE in this kernel"
fi

# ---- a wire
tm gateway detach --all 2>/dev/null
ok "a wire" tm gateway attach lan0 --wire wan0 --mtu 1300
doctor 0 "a wire"
is "$(grep -c '^ok .* syn: .*seen leaving the other one' "$lab_tmp/out")" 4 "a wire: four SYNs came out at its other end"
ok "another limit for one way" tm gateway msg lan0 config '{ inHook="wan0" outHook="lan0" maxMSS=1000 }'
doctor 0 "a wire with two limits"
is "$(grep -c '^ok .* syn: out .*, 1000 came out' "$lab_tmp/out")" 2 "a wire with two limits: 1000 one way"
is "$(grep -c '^ok .* syn: in .*, 12[46]0 came out' "$lab_tmp/out")" 2 "a wire with two limits: 1300 bytes the other way"
on gateway ip link set lan0 mtu 1400
doctor 10 "a wire between two MTUs"
finds FAULT wire "1400" "a wire between two MTUs"
on gateway ip link set lan0 mtu 1500
tm gateway detach --all 2>/dev/null

# ---- privileges
fresh
unprivileged()
{
	on gateway setpriv --reuid nobody --regid nogroup --clear-groups "$TCPMSS" "$@"
}
is "$(status_of unprivileged doctor)" 4 "nobody: exit status 4"
like "$(<"$lab_tmp/out")" "no CAP_BPF" "nobody: what could be looked at is told"
like "$(<"$lab_tmp/err")" "root" "nobody: what is needed"
is "$(status_of on gateway setpriv --bounding-set=-net_raw "$TCPMSS" doctor)" 4 "without CAP_NET_RAW: exit status 4"
like "$(<"$lab_tmp/out")" "no CAP_NET_RAW" "without CAP_NET_RAW: named"
is "$(status_of on gateway setpriv --bounding-set=-sys_admin "$TCPMSS" doctor)" 0 "capabilities without CAP_SYS_ADMIN are enough"
like "$(<"$lab_tmp/out")" "no CAP_SYS_ADMIN" "and what that leaves out is told"
is "$(lines ok syn)" 6 "six SYNs"
is "$(status_of unprivileged doctor --help)" 0 "help needs nothing"

tap_done
