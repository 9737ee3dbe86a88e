#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Real transfers through the black hole with tcpmssd on the gateway: both families, both directions, checksum offload on and off,
# SYNs alone and all of TCP in the queue. What leaves the gateway, whose ports cannot finish a checksum, can be verified.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"

need "$TCPMSSD" nginx curl iperf3 tcpdump nft ethtool iptables-legacy ip6tables-legacy
lab_enter "$@"

# observe FAMILY: MSS and state of the checksum of SYN and SYN-ACK behind the gateway.
observe()
{
	capture router lan0 syn "$syns" && capture client eth0 synack "$syns" && connect "$1" || return 1
	echo "$(captured syn | wire kind=syn family="$1" | sed 's/.*mss=\([^ ]*\) sum=\([^ ]*\).*/\1 \2/' | head -n 1)" \
		"$(captured synack | wire kind=syn-ack family="$1" | sed 's/.*mss=\([^ ]*\) sum=\([^ ]*\).*/\1 \2/' | head -n 1)"
}

transfers()
{
	local family

	for family in 4 6; do
		ok "$1: IPv$family download" download "$family"
		ok "$1: IPv$family upload" upload "$family"
	done
}

for offload in on off; do
	lab_clear
	lab_path blackhole=yes offload=$offload && on server ethtool -K eth0 tx $offload tso $offload >/dev/null &&
		on gateway ethtool -K wan0 tx off >/dev/null && on gateway ethtool -K lan0 tx off >/dev/null &&
		web_start && sink_start || tap_bail "cannot build the lab"
	feed -p 5 || plan_skip "no NFQUEUE in this kernel"
	ok "offload $offload: without a daemon SYNs pass (bypass)" connect 4
	ok "offload $offload: without a daemon the download hangs" not download 4 2
	daemon_start -p 5 -m 1300 || tap_bail "tcpmssd does not start"
	pid=$bg_pid
	is "$(observe 4)" "1260 ok 1260 ok" "offload $offload: IPv4 SYN and SYN-ACK, right checksums"
	is "$(observe 6)" "1240 ok 1240 ok" "offload $offload: IPv6 SYN and SYN-ACK, right checksums"
	transfers "offload $offload, SYNs only"
	ok "offload $offload: -v tells what was done" \
		grep -q "$client4 port [0-9]* > $server4 port 80: MSS 1460 lowered to 1260" "$lab_tmp/daemon.log"

	# Large segments with offloads pending go through the queue, and back, as they are.
	unfeed
	for iptables in iptables-legacy ip6tables-legacy; do
		on gateway $iptables -t mangle -A FORWARD -p tcp -j NFQUEUE --queue-num 5 --queue-bypass
	done
	on gateway ethtool -K lan0 gro on >/dev/null && on gateway ethtool -K wan0 gro on >/dev/null
	transfers "offload $offload, all of TCP queued"
	wait_for 3 test_queues "5 0 0 0" # the last segments of a connection come after its data
	is "$(queues)" "5 0 0 0" "offload $offload: nothing is left in the queue, nothing was dropped"
	daemon_stop "$pid"
	is "$ended" 0 "offload $offload: ends cleanly"
	ok "offload $offload: no checksum was left to a device" not grep -q checksum-partial "$lab_tmp/daemon.log"
	ok "offload $offload: all of TCP passes without a daemon" connect 4
done

tap_done
