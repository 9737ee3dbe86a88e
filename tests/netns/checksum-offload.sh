#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A veth sender with checksum offload emits SYNs that carry only the pseudo-header's sum. The clamp
# must leave the rest to the port that sends them on: with "ethtool -K DEV tx off" there, the kernel
# finishes the checksum in software, so what the next host receives can be verified.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump ethtool
lab_enter "$@"

# both ways: the SYN as router gets it and the SYN-ACK as client gets it
observe()
{
	capture gateway lan0 came "$syns" && capture router lan0 syn "$syns" &&
		capture client eth0 synack "$syns" || return 1
	connect 4
	connect 6
	came=$(captured came | wire kind=syn)
	syn=$(captured syn | wire kind=syn)
	synack=$(captured synack | wire kind=syn-ack)
}

partial()
{
	tm gateway show -j |
		json 'sum(h["counters"]["reasons"].get("checksum-partial", 0) for h in d["hooks"])'
}

check()
{
	local mode=$1 offload=$2 state=$3 way=$1

	[ "$mode" = tc ] || way="$mode --direction in"
	# shellcheck disable=SC2086
	ok "$mode: attach" tm gateway attach lan0 --mtu 1300 --mode $way
	[ "$mode" = tc ] || ok "$mode: attach the other port" \
		tm gateway attach wan0 --mtu 1300 --mode "$mode" --direction in
	observe
	is "$(field sum <<<"$came" | sort -u)" "$state" "$mode, offload $offload: SYNs arrive $state"
	is "$(field mss <<<"$syn" | sort | tr '\n' ' ')" "1240 1260 " "$mode, offload $offload: SYNs clamped"
	is "$(field sum <<<"$syn" | sort -u)" ok "$mode, offload $offload: SYNs leave with a right checksum"
	is "$(field mss <<<"$synack" | sort | tr '\n' ' ')" "1240 1260 " \
		"$mode, offload $offload: SYN-ACKs clamped"
	is "$(field sum <<<"$synack" | sort -u)" ok \
		"$mode, offload $offload: SYN-ACKs leave with a right checksum"
	if [ "$offload" = on ]; then
		ok "$mode: counted as checksum-partial" test "$(partial)" -ge 4
	else
		is "$(partial)" 0 "$mode: none counted as checksum-partial"
	fi
	ok "$mode: detach" tm gateway detach --all
}

for offload in on off; do
	lab_clear
	lab_path offload=$offload && on server ethtool -K eth0 tx $offload >/dev/null &&
		on gateway ethtool -K wan0 tx off >/dev/null && on gateway ethtool -K lan0 tx off >/dev/null &&
		web_start || tap_bail "cannot build the lab"
	for mode in tc xdp xdp-generic; do
		check $mode $offload "$([ $offload = on ] && echo partial || echo ok)"
	done
done

tap_done
