# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the tests of tcpmssd share; source it behind lib.sh.

TCPMSSD=${TCPMSSD:-${TCPMSS}d}

# Rules on the gateway as tcpmssd prints them. feed OPTIONS...
feed()
{
	on gateway sh -e <<<"$("$TCPMSSD" --print-rules=iptables "$@" | sed 's/tables /&-legacy /; s/tables -legacy/tables-legacy/')"
}

unfeed()
{
	on gateway iptables-legacy -t mangle -F && on gateway ip6tables-legacy -t mangle -F
}

# In the foreground, its diagnostics in $lab_tmp/daemon.log; its number is left in bg_pid.
daemon_start()
{
	: >"$lab_tmp/daemon.log"
	on_bg gateway "$TCPMSSD" -v "$@" 2>"$lab_tmp/daemon.log"
	wait_for 5 grep -q 'MSS limit' "$lab_tmp/daemon.log" || {
		cat "$lab_tmp/daemon.log"
		return 1
	}
}

# daemon_stop PID [SIGNAL]: its exit status is left in ended.
daemon_stop()
{
	kill "-${2:-TERM}" "$1"
	wait "$1"
	ended=$?
}

# The gateway's queues, as the kernel lists them: number, length, dropped by the kernel, by the socket.
queues()
{
	on gateway sed 's/^ *//; s/  */ /g' /proc/net/netfilter/nfnetlink_queue | cut -d ' ' -f 1,3,6,7
}

test_queues()
{
	[ "$(queues)" = "$1" ]
}
