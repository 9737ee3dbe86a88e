#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Outgoing segments only, unless -b: told by the hook from which a packet was queued, whatever the rules are.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"

need "$TCPMSSD" nginx curl tcpdump iptables-legacy ip6tables-legacy
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"

# queue_from CHAIN [DEV-MATCH...]
queue_from()
{
	unfeed
	for iptables in iptables-legacy ip6tables-legacy; do
		on gateway $iptables -t mangle -A "$@" -p tcp --tcp-flags SYN,RST SYN -j NFQUEUE --queue-num 6 --queue-bypass ||
			return 1
	done
}

both_ways()
{
	echo "$(handshake 4) $(handshake 6)"
}

# What the gateway itself opens: to the web server, and back.
own_syn()
{
	capture router lan0 own "$syns" && on gateway curl -s -o /dev/null -r 0-0 "http://$server4/file" || return 1
	captured own | wire kind="$1" | field mss | head -n 1
}

queue_from FORWARD || plan_skip "no NFQUEUE in this kernel"
daemon_start -p 6 -m 1400 || tap_bail "tcpmssd does not start"
outgoing=$bg_pid
is "$(both_ways)" "1360 1360 1340 1340" "FORWARD"
queue_from POSTROUTING
is "$(both_ways)" "1360 1360 1340 1340" "POSTROUTING"
queue_from POSTROUTING -o wan0
is "$(both_ways)" "1360 1460 1340 1440" "POSTROUTING of one device: what leaves by it"
queue_from OUTPUT
is "$(own_syn syn)" "1360" "OUTPUT: the gateway's own SYN"
queue_from PREROUTING
is "$(both_ways)" "1460 1460 1440 1440" "PREROUTING without -b: unchanged"
queue_from INPUT
ok "INPUT without -b passes" test "$(own_syn syn-ack)" = 1460
daemon_stop "$outgoing"
is "$ended" 0 "ends cleanly"
like "$(<"$lab_tmp/daemon.log")" '[1-9][0-9]* more passed by their hook' "they are told of"

daemon_start -b -p 6 -m 1400 || tap_bail "tcpmssd does not start"
queue_from PREROUTING
is "$(both_ways)" "1360 1360 1340 1340" "PREROUTING with -b"
queue_from PREROUTING -i wan0
is "$(both_ways)" "1460 1360 1440 1340" "PREROUTING of one device with -b: what comes in by it"
queue_from POSTROUTING
is "$(both_ways)" "1360 1360 1340 1340" "POSTROUTING with -b"
queue_from INPUT
ok "INPUT with -b" on gateway curl -s -o /dev/null -r 0-0 "http://$server4/file"
unfeed
ok "the rules that it prints" feed -p 6 -b -i wan0
is "$(both_ways)" "1360 1360 1340 1340" "-b -i wan0: both ways through wan0"
unfeed
ok "the rules that it prints without a device" feed -p 6
is "$(both_ways)" "1360 1360 1340 1340" "all that leaves: both ways"
tap_done
