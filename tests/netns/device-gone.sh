#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The device of a hook disappears: show still works and says so, detach cleans up, and a new device
# of the same name can be attached.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump
lab_enter "$@"

again()
{
	lab_clear
	lab_path && web_start
}

for mode in tc clsact xdp; do
	unset TCPMSS_NO_TCX
	how="--mode $mode --direction in"
	[ $mode = clsact ] && how="--direction in" && export TCPMSS_NO_TCX=1
	again || tap_bail "cannot build the lab"
	ok "$mode: attach" tm gateway attach wan0 --mtu 1300 $how
	on gateway ip link delete wan0
	is "$(status_of tm gateway show)" 0 "$mode: show works without the device"
	like "$(<"$lab_tmp/out")" "wan0.*gone" "$mode: show says that it is gone"
	ok "$mode: show -j is a document" sh -c "nsenter --net=/run/netns/tm-$$-gateway \
		'$TCPMSS' show -j | /usr/bin/python3 -m json.tool"
	ok "$mode: stats can still be read" tm gateway stats wan0 get -j
	ok "$mode: detach" tm gateway detach wan0
	is "$(pins)" "" "$mode: no pins are left"

	lab_link gateway wan0 router new0 || tap_bail "cannot make a device"
	ok "$mode: a new device of that name" tm gateway attach wan0 --mtu 1300 $how
	on gateway ip link delete wan0
	lab_link gateway wan0 router new0 || tap_bail "cannot make a device"
	ok "$mode: attach where a stale hook is left" \
		tm gateway attach wan0 --mtu 1300 $how
	is "$(tm gateway show -j | json 'len(d["hooks"])')" 1 "$mode: one hook"
done

unset TCPMSS_NO_TCX

# A network namespace goes with hooks in it; the next one may get its number, and its devices theirs.
again || tap_bail "cannot build the lab"
ok "attach" tm gateway attach wan0 --mtu 1300
number=$(stat --format %i "/run/netns/tm-$$-gateway")
for pid in "${lab_pids[@]}"; do
	bg_stop "$pid"
done
lab_pids=()
for host in client gateway router remote server; do
	ip netns delete "tm-$$-$host"
done
sleep 0.5
lab_path && web_start || tap_bail "cannot build the lab again"
diag "number of the namespace: $number, then $(stat --format %i "/run/netns/tm-$$-gateway")"
is "$(handshake 4)" "1460 1460" "the new network is not clamped"
is "$(tm gateway show -j | json '[h["name"] for h in d["hooks"] if h["alive"]]')" "[]" \
	"and has no hook that works"
ok "attach in the new network" tm gateway attach wan0 --mtu 1300
is "$(handshake 4)" "1260 1260" "it clamps"
ok "detach" tm gateway detach wan0

is "$(status_of tm gateway attach nosuch0)" 1 "attach to a device that never was fails with 1"
like "$(<"$lab_tmp/err")" nosuch0 "the error names it"

tap_done
