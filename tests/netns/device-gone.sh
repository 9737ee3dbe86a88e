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

for mode in tc xdp; do
	again || tap_bail "cannot build the lab"
	ok "$mode: attach" tm gateway attach wan0 --mtu 1300 --mode $mode --direction in
	on gateway ip link delete wan0
	is "$(status_of tm gateway show)" 0 "$mode: show works without the device"
	like "$(<"$lab_tmp/out")" "wan0.*gone" "$mode: show says that it is gone"
	ok "$mode: show -j is a document" sh -c "nsenter --net=/run/netns/tm-$$-gateway \
		'$TCPMSS' show -j | /usr/bin/python3 -m json.tool"
	ok "$mode: stats can still be read" tm gateway stats wan0 get -j
	ok "$mode: detach" tm gateway detach wan0
	is "$(pins)" "" "$mode: no pins are left"

	lab_link gateway wan0 router new0 || tap_bail "cannot make a device"
	ok "$mode: a new device of that name" tm gateway attach wan0 --mtu 1300 --mode $mode --direction in
	on gateway ip link delete wan0
	lab_link gateway wan0 router new0 || tap_bail "cannot make a device"
	ok "$mode: attach where a stale hook is left" \
		tm gateway attach wan0 --mtu 1300 --mode $mode --direction in
	is "$(tm gateway show -j | json 'len(d["hooks"])')" 1 "$mode: one hook"
done

is "$(status_of tm gateway attach nosuch0)" 1 "attach to a device that never was fails with 1"
like "$(<"$lab_tmp/err")" nosuch0 "the error names it"

tap_done
