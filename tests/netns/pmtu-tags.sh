#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# PTBs inside VLAN tags and PPPoE, on a gateway that bridges, or is a wire: flows and PTBs made by hand, as this kernel has no such
# devices. The SYN-ACK that follows in the same tags is clamped; that of a path whose PTB no sender reacted to is not.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pmtu.bash"

need tcpmss "$TCPMSSD" tcpdump
lab_enter "$@"
lab_bridge || tap_bail "cannot build the lab"

# play OPTIONS: see ptb.py.
play()
{
	on client /usr/bin/python3 "$lab_src/ptb.py" play eth0 eth0 --in "/run/netns/tm-$$-server" "$@"
}

# reply FAMILY FROM TAGS...: the MSS of a SYN-ACK from there, as the client gets it.
reply()
{
	local family=$1 to=$client4

	[ "$family" = 6 ] && to=$client6
	capture client eth0 reply && inject server eth0 --family "$family" --flags 12 --mss 1400 --src "$2" --dst "$to" --sport 80 \
		--dport 40000 --to 02:00:00:00:00:07 "${@:3}" >/dev/null || return 1
	capture_end reply
	syn_acks reply
}

# tagged WHAT N TAGS...: N keeps destinations apart.
tagged()
{
	local family to quiet from

	for family in 4 6; do
		from=$client4 to=198.18.4.$((10 + $2)) quiet=198.18.4.$((100 + $2))
		[ "$family" = 6 ] && from=$client6 to=2001:db8:4::1$2 quiet=2001:db8:4::2$2
		play --src "$from" --dst "$to" "${@:3}"
		ok "$1, IPv$family: learned" wait_for 3 is_learned "$to" 1300
		is "$(reply "$family" "$to" "${@:3}" | sort -u)" "$((family == 4 ? 1260 : 1240))" "in force on a SYN-ACK in the same tags"
		play --src "$from" --dst "$quiet" --resend 0 "${@:3}"
		is "$(reply "$family" "$quiet" "${@:3}" | sort -u)" 1400 "not where no sender reacted"
		is "$(entry "$quiet" 1)" none "nor is it shown"
	done
}

for mode in tc xdp; do
	direction=both
	[ "$mode" = xdp ] && direction=in
	learner_start "hook wan { device = wan0  mode = $mode  direction = $direction  mtu = 1500 }" || tap_bail "no daemon"
	tagged "$mode, no tag" 1
	tagged "$mode, a VLAN" 2 --vlan 8100:5
	tagged "$mode, two VLANs" 3 --vlan 88a8:7 --vlan 8100:5
	tagged "$mode, PPPoE" 4 --pppoe 9
	tagged "$mode, PPPoE in a VLAN" 5 --vlan 8100:5 --pppoe 9
	learner_stop
done
lab_clear

# ---- a wire, whichever way round

lab_wire || tap_bail "cannot build the second lab"
for ends in 'in = lan0  out = wan0' 'in = wan0  out = lan0'; do
	learner_start "hook wire { mode = wire  $ends  mtu = 1500 }" || tap_bail "no daemon"
	tagged "a wire, $ends" 1 --vlan 8100:5
	learner_stop
done

tap_done
