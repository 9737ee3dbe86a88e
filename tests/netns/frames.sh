#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# SYNs inside VLAN tags, nested tags and PPPoE sessions, bridged through the gateway: clamped at
# every hook, with tags and session as they came. The frames are made by hand.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss tcpdump
lab_enter "$@"

lab_bridge || tap_bail "cannot build the lab"

# What inject.py is told, and what then lies between Ethernet and IP.
kinds=(
	"|-"
	"--vlan 8100:5|8100:5"
	"--vlan 88a8:7 --vlan 8100:5|88a8:7,8100:5"
	"--vlan 9100:3|9100:3"
	"--vlan 88a8:1 --vlan 8100:2 --vlan 8100:3 --vlan 8100:4|88a8:1,8100:2,8100:3,8100:4"
	"--pppoe 17|8864:17"
	"--vlan 8100:5 --pppoe 17|8100:5,8864:17"
)

# A frame of each kind and family; the source port says which it is.
send_all()
{
	local i

	for i in "${!kinds[@]}"; do
		# shellcheck disable=SC2086
		inject client eth0 ${kinds[i]%|*} --family 4 --sport $((4000 + i)) &&
			inject client eth0 ${kinds[i]%|*} --family 6 --sport $((6000 + i)) || return 1
	done >/dev/null
}

# expect HOOK MSS4 MSS6: how the server should have seen them.
expect()
{
	local i family seen mss

	capture server eth0 seen && send_all || tap_bail "cannot send frames"
	seen=$(captured seen)
	for i in "${!kinds[@]}"; do
		for family in 4 6; do
			mss=$([ $family = 4 ] && echo "$2" || echo "$3")
			is "$(wire "sport=$((family * 1000 + i))" <<<"$seen" | sed 's/.*mss=/mss=/; s/ wscale=.*//')" \
				"mss=$mss sum=ok link=${kinds[i]#*|}" "$1: IPv$family, ${kinds[i]#*|}"
		done
	done
}

# check MODE DEV DIRECTION
check()
{
	ok "attach $2 --mode $1 --direction $3" \
		tm gateway attach "$2" --mtu 1300 --mode "$1" --direction "$3"
	expect "$1 $3" 1260 1240
	is "$(tm gateway stats "$2" get -j | json 'd["fixed_packets"]')" $((2 * ${#kinds[@]})) \
		"$1 $3: all of them counted as fixed"
	ok "detach $2" tm gateway detach "$2"
}

expect "no clamp" 1460 1460
check tc lan0 in
check tc wan0 out
check xdp lan0 in
check xdp-generic lan0 in

tap_done
