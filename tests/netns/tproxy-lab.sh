#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What `tcpmss lab up proxy` shows: 3 MB through the transparent proxy of the lab hang, and complete after `tproxy up`; one that hangs
# already goes on by itself. Both families, uploads behind it and downloads in front of it.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss iperf3 nft ss
lab_enter "$@"
export TCPMSS_LAB=tp$$
trap '"$TCPMSS" lab down >/dev/null 2>&1; lab_down' EXIT

at()
{
	"$TCPMSS" lab exec "$1" -- "${@:2}"
}

# transfer 4|6 SECONDS [OPTION...]: on a new connection of iperf3, more than the buffers of the proxy take of a connection that hangs.
transfer()
{
	local to=$server4

	[ "$1" = 6 ] && to=$server6
	at client timeout "$2" iperf3 --client "$to" --bytes 30M "${@:3}"
}

# An iperf3 that was left by its client would be busy.
server_start()
{
	[ -z "${server_pid:-}" ] || bg_stop "$server_pid"
	at server iperf3 --server >/dev/null 2>&1 &
	server_pid=$!
	lab_pids+=("$server_pid")
	wait_for 5 eval 'at server ss -Hltn "sport = 5201" | grep -q .'
}

# transfers NAME OPTION...: in this lab, without and with.
transfers()
{
	local name=$1 family

	shift
	for family in 4 6; do
		server_start
		ok "$name: IPv$family hangs without" not transfer "$family" 2 "$@"
	done
	ok "$name: check finds the fault" eval '[ "$(status_of at proxy "$TCPMSS" tproxy check)" = 10 ]'
	server_start
	transfer 4 20 "$@" >/dev/null 2>&1 &
	waiting=$!
	sleep 1
	ok "$name: up" at proxy "$TCPMSS" tproxy up
	ok "$name: one that hangs goes on" wait "$waiting"
	ok "$name: check finds none" at proxy "$TCPMSS" tproxy check
	for family in 4 6; do
		server_start
		ok "$name: IPv$family completes" transfer "$family" 10 "$@"
	done
	ok "$name: down" at proxy "$TCPMSS" tproxy down
}

ok "lab up proxy" "$TCPMSS" lab up proxy --quiet
transfers "small behind the proxy"
ok "lab down" "$TCPMSS" lab down
ok "lab up proxy --narrow client" "$TCPMSS" lab up proxy --narrow client --quiet
transfers "small in front of it" --reverse

tap_done
