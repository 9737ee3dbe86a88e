# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the labs of path MTU discovery share; source it behind lib.sh.

TCPMSSD=${TCPMSSD:-${TCPMSS}d}

# address HOST 4|6: of the lab's host, by its variable.
address()
{
	local name=$1$2

	echo "${!name}"
}

# learner_start HOOKS [HOST]: a gateway that learns; HOOKS is text of its configuration. Its PID in daemon, what it says in
# $lab_tmp/daemon.log.
learner_start()
{
	TCPMSS_SOCKET=$lab_tmp/control
	export TCPMSS_SOCKET
	cat >"$lab_tmp/tcpmss.conf" <<-CONF
	control { socket = $TCPMSS_SOCKET }
	metrics { listen = 127.0.0.1:9469 }
	path-mtu-discovery { aging = 10  state = none }
	$1
	CONF
	: >"$lab_tmp/daemon.log"
	on_bg "${2:-gateway}" "$TCPMSSD" -v -f "$lab_tmp/tcpmss.conf" --pid-file "$lab_tmp/pid" 2>>"$lab_tmp/daemon.log"
	daemon=$bg_pid
	wait_for 5 grep -q "hook [a-z]*: " "$lab_tmp/daemon.log" && wait_for 5 tm "${2:-gateway}" pmtu show || {
		cat "$lab_tmp/daemon.log" >&2
		return 1
	}
}

learner_stop()
{
	kill "$daemon"
	wait "$daemon"
}

# entry ADDRESS EXPRESSION [HOST]: of the entry d of that destination as "pmtu show -j" has it, "none" where there is none.
entry()
{
	tm "${3:-gateway}" pmtu show -j 2>/dev/null | /usr/bin/python3 -c '
import ipaddress, json, sys
try:
    found = [e for e in json.load(sys.stdin)["paths"] if ipaddress.ip_address(e["destination"]) == ipaddress.ip_address(sys.argv[1])]
except ValueError:
    found = []
print("|".join(str(eval(sys.argv[2], {"d": e})) for e in found) or "none")' "$1" "$2"
}

# is_learned ADDRESS PMTU [HOST]: for wait_for.
is_learned()
{
	[ "$(entry "$1" 'd["mtu"]' "${3:-}")" = "$2" ]
}

# number NAME: what /metrics of the gateway has of that, 0 where it is not there; with labels, of all of them.
number()
{
	on gateway curl -s http://127.0.0.1:9469/metrics | awk -v name="tcpmss_pmtu_$1" 'index($0, name) == 1 { n += $NF } END { print n + 0 }'
}

# refused REASON: how often the gateway has refused to believe for that reason; without one, for any.
refused()
{
	number "refused_total${1:+{reason=\"$1\"\}}"
}

# forget HOST...: what its own kernel has learned of paths, so that only the gateway can know.
forget()
{
	local host

	for host; do
		on "$host" ip route flush cache && on "$host" ip -6 route flush cache
	done
}

# ---- flows ---------------------------------------------------------------------------------------

sink()
{
	on_bg server /usr/bin/python3 "$lab_src/flow.py" sink 5201 >"$lab_tmp/sink.log" 2>&1
	wait_for 5 grep -q ready "$lab_tmp/sink.log"
}

# pour 4|6 [BYTES] [OPTIONS]: client to server; succeeds when all has arrived.
pour()
{
	on client timeout 15 /usr/bin/python3 "$lab_src/flow.py" pour "$(address server "$1")" 5201 "${2:-200000}" "${@:3}" \
		>"$lab_tmp/poured" 2>&1
}

# pour_on 4|6: the same in the background until pour_end, whose status is that of pour.
pour_on()
{
	on_bg client /usr/bin/python3 "$lab_src/flow.py" pour "$(address server "$1")" 5201 1000 --go-on >"$lab_tmp/poured" 2>&1
	pouring=$bg_pid
	wait_for 5 on client ss -Htn state established "dst [$(address server "$1")]:5201"
	sleep 0.2
}

pour_end()
{
	kill -USR1 "$pouring" && wait "$pouring"
}

# ---- what is on the wire -------------------------------------------------------------------------

# Filter for PTBs of both families.
ptbs='(icmp[0] = 3 and icmp[1] = 4) or (ip6[6] = 58 and ip6[40] = 2)'

# capture_end NAME
capture_end()
{
	sleep 0.2
	bg_stop "${lab_capture[$1]}"
}

# count_of NAME FILTER: how many packets of an ended capture match.
count_of()
{
	tcpdump -nr "$lab_tmp/$1.pcap" "$2" 2>/dev/null | wc -l
}

# syn_acks NAME: the MSS of the SYN-ACKs of an ended capture.
syn_acks()
{
	/usr/bin/python3 "$lab_src/wire.py" "$lab_tmp/$1.pcap" | wire kind=syn-ack | field mss | xargs
}

# flow 4|6 [NAME]: a transfer watched at the client's device: "PTBs MSS-of-the-SYN-ACK", or "failed".
flow()
{
	local name=${2:-flow}

	forget client
	capture client eth0 "$name" "$ptbs or $syns" || return 1
	pour "$1" || echo -n 'failed '
	capture_end "$name"
	echo "$(count_of "$name" "$ptbs") $(syn_acks "$name")"
}

# responder OPTIONS: ptb.py answer on the router's side of the gateway; its PID in responding.
responder()
{
	on_bg router /usr/bin/python3 "$lab_src/ptb.py" answer lan0 --from 198.18.2.2 --from 2001:db8:2::2 "$@" \
		>"$lab_tmp/responder.log" 2>&1
	responding=$bg_pid
	wait_for 5 grep -q ready "$lab_tmp/responder.log"
}

# mac HOST DEV
mac()
{
	on "$1" ip -j link show "$2" | json 'd[0]["address"]'
}
