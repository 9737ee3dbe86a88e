#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What a wire refuses, and that nothing is changed then; half a wire carries nothing, and says so; old
# kernels' clsact; settings of the devices that were not ours to change stay.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss ethtool
lab_enter "$@"

# What is on the devices: flags, offloads, programs.
state()
{
	local device

	for device in lan0 wan0; do
		on gateway ip link show "$device" | grep -o '<.*>'
		on gateway ethtool -k "$device" | grep vlan
		on gateway tc qdisc show dev "$device"
	done
	on gateway bpftool net show
	pins
}

# refused STATUS WHAT OPTION...: attach fails with one sentence that has WHAT in it, and changes nothing.
refused()
{
	local before after what

	before=$(state)
	what="attach ${*:3}"
	is "$(status_of tm gateway attach "${@:3}")" "$1" "$what: exit status $1"
	like "$(<"$lab_tmp/err")" "$2" "$what: says why"
	after=$(state)
	is "$after" "$before" "$what: changed nothing"
}

alive()
{
	tm gateway show -j | json '" ".join(h["name"] + ("" if h["alive"] else "!") for h in d["hooks"])'
}

ends_of()
{
	on gateway ip link show "$1" | grep -c PROMISC
}

lab_wire || tap_bail "cannot build the lab"
on gateway ip link add more0 type veth peer name more1
on gateway ip tuntap add dev raw0 mode tun
bare=$(state)

refused 2 'two devices' lan0 --wire lan0
refused 1 nosuch0 lan0 --wire nosuch0
refused 1 nosuch0 nosuch0 --wire wan0
refused 5 Ethernet lan0 --wire raw0
refused 2 'both directions' lan0 --wire wan0 --direction in
refused 2 'mode' lan0 --wire wan0 --mode tc
refused 2 wire lan0 --via tc
refused 2 auto lan0 --wire wan0 --via smoke
refused 5 'lan0 does not send' lan0 --wire wan0 --via xdp # nobody there has NAPI

ok "attach" tm gateway attach lan0 --wire wan0 --name w
is "$(tm gateway show -j | json 'd["hooks"][0]["attachment"]')" tcx "auto is tc between devices made of software"
refused 1 "wire 'w'" more0 --wire wan0
refused 1 "wire 'w'" lan0 --wire more0 --name other
refused 1 "'w' is there already" wan0 --wire lan0 --name w
refused 1 "'w' is there already" lan0 --wire wan0 --name w --via xdp
refused 1 "'w' is there already" more0 --name w
is "$(tm gateway show -j | json 'd["hooks"][0]["warnings"]')" "[]" "nothing looks wrong"
on gateway ip link set wan0 mtu 1400
on gateway ip link set lan0 down
like "$(tm gateway show)" "lan0 is down" "show warns of a device that is down"
like "$(tm gateway show)" "MTU of lan0 is 1500, of wan0 1400" "show warns of different MTUs"
is "$(tm gateway show -j | json 'd["hooks"][0]["limit"]["mss4"]')" 1360 "auto is the smaller MTU"
on gateway ip link set lan0 up
on gateway ip link set wan0 mtu 1500
tm gateway msg w config '{ inHook="wan0" outHook="lan0" maxMSS=999 }'
like "$(tm gateway show)" "in on wan0 has a fixed MSS of its own, 999" "show tells of limits that differ"
is "$(status_of tm gateway msg w config '{ inHook="wan0" outHook="wan0" maxMSS=999 }')" 5 "nothing goes back where it came from"
is "$(status_of tm gateway msg w getstats w)" 1 "its hooks are called as its devices are"
ok "the same again is new limits" tm gateway attach lan0 --wire wan0 --name w --mss 1000
ok "a clamp on a device of the wire is another thing" tm gateway attach lan0 --direction out --name beside
ok "and goes again" tm gateway detach beside
ok "10000 prefixes need other programs" tm gateway attach lan0 --wire wan0 --name w --mss 1000 \
	--config <(seq 0 9999 | awk '{ printf "prefix 10.%d.%d.0/24 { mtu = 1400 }\n", $1 / 256, $1 % 256 }')
is "$(tm gateway show -j | json '(d["hooks"][0]["limit"]["prefixes"], d["hooks"][0]["alive"])')" "(10000, True)" "and get them"
ok "detach by its second device" tm gateway detach wan0
is "$(state)" "$bare" "no trace is left"

# ---- what was set before stays

on gateway ip link set lan0 promisc on
ok "attach beside promiscuous mode" tm gateway attach lan0 --wire wan0 --name w
ok "detach" tm gateway detach w
is "$(ends_of lan0) $(ends_of wan0)" "1 0" "promiscuous mode that was on before stays"
on gateway ip link set lan0 promisc off

for host in client server; do
	on $host ethtool -K eth0 gro on >/dev/null
done
on gateway ethtool -K wan0 rxvlan off >/dev/null
with_vlan=$(state)
ok "attach on XDP" tm gateway attach lan0 --wire wan0 --name w --via xdp
is "$(on gateway ethtool -k lan0 | awk '/^rx-vlan-offload/ { print $2 }')" off "XDP: tags stay in the frame"
is "$(on gateway ethtool -k lan0 | awk '/^rx-vlan-stag-hw-parse/ { print $2 }')" off "XDP: those of 802.1ad, too"
ok "detach" tm gateway detach w
is "$(state)" "$with_vlan" "XDP: no trace is left, what was off stays off"

# ---- half a wire

on gateway ip link delete more0
for how in tc clsact xdp; do
	unset TCPMSS_NO_TCX
	[ $how = clsact ] && export TCPMSS_NO_TCX=1
	via=${how/clsact/tc}
	ok "$how: attach" tm gateway attach lan0 --wire wan0 --name w --via $via
	tm gateway stats w -j >"$lab_tmp/before"
	on gateway ip link delete wan0
	is "$(alive)" "w!" "$how: a device gone, the wire is not alive"
	like "$(tm gateway show)" "wan0 is gone" "$how: show says which"
	lab_link gateway wan0 server eth0 && lab_addr server eth0 4 2 && on server ethtool -K eth0 gro on >/dev/null
	ok "$how: attach again" tm gateway attach lan0 --wire wan0 --name w --via $via
	is "$(alive)" w "$how: it is whole"
	is "$(ends_of lan0) $(ends_of wan0)" "1 1" "$how: both take in all frames"
	ok "$how: detach" tm gateway detach w
	is "$(ends_of lan0) $(ends_of wan0)" "0 0" "$how: promiscuous mode is off"
	is "$(pins)$(on gateway bpftool net show | grep tcpmss)$(on gateway tc qdisc show | grep clsact)" "" "$how: nothing is left"
done
unset TCPMSS_NO_TCX

is "$(status_of on gateway setpriv --reuid nobody --clear-groups "$TCPMSS" attach lan0 --wire wan0)" 4 "no rights: exit status 4"

tap_done
