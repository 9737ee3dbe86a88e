#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The client side of protect on its devices: before a clamp that is there already, so that what a cookie remembers is not rounded twice;
# taken over by whoever comes next; taken away without a trace.
. "$(dirname "$0")/lib.sh"
need tcpmss ip nft ethtool tcpdump
lab_enter "$@"
. "$(dirname "$0")/protect-lab.bash"

cookie_lab || tap_bail "the lab does not stand"

# What is on lan0, and pinned.
traces()
{
	on gateway tc filter show dev lan0 ingress
	on gateway tc qdisc show dev lan0 clsact
	on gateway ip -details link show lan0 | grep -o 'prog/xdp.*'
	pins
}

# The MSS that the server gets from a client with 1460, whose SYN a clamp would lower to 1400: a cookie would make 1300 of that.
server_mss()
{
	capture server eth0 syn "$syns" && connect 4 5201 || return 1
	captured syn | wire kind=syn family=4 | field mss | head -n 1
}

links()
{
	pins | grep -c "/tc-"
}

for kind in tcx clsact; do
	[ "$kind" = tcx ] || export TCPMSS_NO_TCX=1
	ok "a clamp of what clients send ($kind)" tm gateway attach lan0 --direction in --mss 1400
	before=$(traces)
	side up "$lab_tmp/conf" >/dev/null && guard up tc lan0 || tap_bail "protect does not stand"
	ok "is there ($kind)" guard on tc lan0
	know
	guard arm armed tc
	ok "a connection ($kind)" connect 4 5201
	is "$(server_mss)" 1460 "protect comes before the clamp ($kind)"
	held=$(links)
	ok "put there once more ($kind)" guard up tc lan0
	is "$(links)" "$held" "it takes the place of the first ($kind)"
	ok "and still answers ($kind)" connect 4 5201
	is "$(counter cookie-good)" 3,0 "each connection had a cookie ($kind)"
	ok "taken off ($kind)" guard off tc lan0
	ok "is no longer there ($kind)" not guard on tc lan0
	is "$(counter cookie-good)" 3,0 "counters stay ($kind)"
	guard up tc lan0
	ok "all is taken away, as after kill -9 ($kind)" guard down
	is "$(traces)" "$before" "nothing stays but the clamp ($kind)"
	ok "once more: nothing to do ($kind)" guard down
	ok "the clamp goes ($kind)" tm gateway detach lan0
	is "$(traces)" "" "nothing is left ($kind)"
	unset TCPMSS_NO_TCX
done

# ---- XDP
side up "$lab_tmp/conf" >/dev/null && guard up tc lan0
ok "XDP" guard up xdp lan0
ok "XDP is there" guard on xdp lan0
ok "XDP once more" guard up xdp lan0
ok "tc still is, too" guard on tc lan0
ok "XDP is taken off" guard off xdp lan0
ok "XDP is no longer there" not guard on xdp lan0
ok "tc still is" guard on tc lan0
if [ "$(on gateway "$TCPMSS" attach lan0 --mode xdp --mss 1400 2>&1; tm gateway show -j | json 'd["hooks"][0]["mode"]')" ]; then
	on gateway env TM_VERBOSE= "$tools/protect-client" up xdp lan0 >"$lab_tmp/out" 2>&1
	status=$?
	if [ "$status" = 0 ]; then
		skip "another XDP program is in the way" "libxdp's dispatcher runs both"
	else
		like "$(cat "$lab_tmp/out")" "another XDP program is on the device" "another XDP program is named"
	fi
	tm gateway detach lan0 >/dev/null
fi

# ---- devices that go
lab_link client eth1 gateway lan1
ok "on a second device" guard up tc lan1
on gateway ip link del lan1
ok "whose place is free once it is gone" not guard on tc lan1
lab_link client eth1 gateway lan1
ok "a device of the same name" guard up tc lan1
ok "all is taken away" guard down
is "$(traces)$(on gateway tc qdisc show dev lan1 clsact)" "" "and nothing is left"

tap_done
