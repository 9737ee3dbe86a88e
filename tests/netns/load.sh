#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# load.sh [SECONDS]: a gateway under load, IPv4 from one CPU and IPv6 from another, while tcpmssd is killed with -9, started anew and
# given 10 000 other prefixes in a loop, and two processes read and clear the counters: no packet is lost, every SYN is
# clamped to the limits of one of the two configurations, and all counters together are what was sent.
#
#    source               gateway              sink
#   +------+          +------------+         +------+     SYNs by XDP live frames; counted by an XDP program
#   | eth0 |----------| lan0  wan0 |---------| eth0 |     (tests/bench/load.c, which tells what must not be lost where)
#   +------+          +------------+         +------+
set -u
. "$(dirname "$0")/lib.sh"
load=$lab_top/${TM_BUILD:-build}/tests/bench/bench-load
TCPMSSD=${TCPMSSD:-$(dirname "$TCPMSS")/tcpmssd}

need tcpmss "$load" ethtool taskset
lab_enter "$@"

seconds=${1:-5}
log=$lab_tmp/log conf=$lab_tmp/tcpmss.conf
second=$(($(nproc) > 1))
mtus=(1300 1280) # what holds for the packets: with each configuration the smaller of the hook's and of the prefixes'

mac()
{
	on "$1" ip -br link show "$2" | awk '{ print $3 }'
}

gateway_up()
{
	local host

	for host in source gateway sink; do
		lab_host "$host" || return 1
	done
	lab_link source eth0 gateway lan0 && lab_link gateway wan0 sink eth0 &&
		lab_addr source eth0 1 2 && lab_addr gateway lan0 1 1 && lab_addr gateway wan0 4 1 && lab_addr sink eth0 4 2 &&
		on gateway ip route add 198.18.0.0/16 dev lan0 &&
		on gateway sysctl -qw net.ipv4.conf.all.rp_filter=0 &&
		on gateway ethtool -K lan0 gro on >/dev/null &&
		on gateway ip neigh add 198.18.4.2 lladdr "$(mac sink eth0)" dev wan0 &&
		on gateway ip neigh add 2001:db8:4::2 lladdr "$(mac sink eth0)" dev wan0
}

# configuration MODE HOOK-MTU PREFIX-MTU OCTET
configuration()
{
	local device=wan0

	[ "$1" = tc ] || device=lan0
	printf 'hook wan { mode = %s  device = %s  mtu = %s }\n' "$1" "$device" "$2"
	printf 'prefix %s { mtu = %s }\n' 198.18.0.0/15 "$3" 2001:db8:1::/64 "$3"
	for ((i = 0; i < 4999; i++)); do
		printf 'prefix %d.%d.%d.0/24 { mtu = %d }\n' "$4" $((i >> 8)) $((i & 255)) $((700 + i % 100))
		printf 'prefix 2001:%x:%x::/48 { mtu = %d }\n' "$4" "$i" $((1280 + i % 100))
	done
}

start()
{
	: >"$log"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$log"
	daemon=$bg_pid
	wait_for 5 test -s "$lab_tmp/pid" && wait_for 5 grep -qE 'hook wan: (attached|new rules)' "$log" || { cat "$log"; return 1; }
}

# As one step: the daemon must never find half a file.
other_configuration()
{
	which=$((1 - which))
	cp "$lab_tmp/conf.$which" "$conf.new" && mv "$conf.new" "$conf"
}

reload()
{
	: >"$log"
	other_configuration && kill -HUP "$(<"$lab_tmp/pid")" && wait_for 5 grep -q 'is in force' "$log"
}

# In the middle of a reload.
killed()
{
	local children

	children=$(pgrep -P "$daemon")
	kill -HUP "$daemon"
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null
	# shellcheck disable=SC2086 # several
	wait_for 5 gone $children && other_configuration && start
}

gone()
{
	local pid

	for pid; do
		[[ ! -e /proc/$pid || $(ps -o stat= -p "$pid") == Z* ]] || return 1
	done
}

# read_counters CPU: sums what the readings tell until $lab_tmp/enough is there, and once more; "SYNS FIXED READINGS".
read_counters()
{
	local syn=0 fixed=0 readings=0 answer last=

	while [ -z "$last" ]; do
		[ -e "$lab_tmp/enough" ] && last=yes
		answer=$(taskset -c "$1" nsenter --net="/run/netns/tm-$$-gateway" -- "$TCPMSS" msg wan getclrstats '"wan"') || answer=
		[ -n "$answer" ] || echo "a reading has failed" >&2
		[[ $answer =~ SYNPkts=([0-9]+) ]] && syn=$((syn + BASH_REMATCH[1]))
		[[ $answer =~ FixedPkts=([0-9]+) ]] && fixed=$((fixed + BASH_REMATCH[1]))
		readings=$((readings + 1))
	done
	echo "$syn $fixed $readings"
}

# Keeps the daemon busy; false where it does not come back.
disturb()
{
	local end=$((SECONDS + seconds))

	reloads=0 kills=0
	while [ "$SECONDS" -lt "$end" ]; do
		reload && reload && reload && killed || return 1
		reloads=$((reloads + 3)) kills=$((kills + 1))
	done
}

# sum KEY: over both families.
sum()
{
	field "$1" <"$lab_tmp/load" | paste -sd+ | bc
}

run()
{
	local mode=$1 generator readers=() syn0 fixed0 readings0 syn1 fixed1 readings1

	rm -f "$lab_tmp/enough"
	configuration "$mode" "${mtus[0]}" $((mtus[0] + 40)) 10 >"$lab_tmp/conf.0"
	configuration "$mode" $((mtus[0] + 60)) "${mtus[1]}" 11 >"$lab_tmp/conf.1"
	which=1
	other_configuration
	ok "$mode: tcpmssd starts" start
	on_bg gateway nice -n 10 "$load" "tm-$$-source" eth0 "tm-$$-sink" eth0 "$(mac gateway lan0)" "${mtus[@]}" \
		>"$lab_tmp/load" 2>"$lab_tmp/load.err"
	generator=$bg_pid
	read_counters 0 >"$lab_tmp/read.0" 2>"$lab_tmp/read.err" &
	readers+=($!)
	read_counters "$second" >"$lab_tmp/read.1" 2>>"$lab_tmp/read.err" &
	readers+=($!)
	ok "$mode: it is reloaded, killed and started anew" disturb
	kill "$generator"
	ok "$mode: the generator ends" wait "$generator"
	touch "$lab_tmp/enough"
	wait "${readers[@]}"
	read -r syn0 fixed0 readings0 <"$lab_tmp/read.0"
	read -r syn1 fixed1 readings1 <"$lab_tmp/read.1"
	diag "$mode: $(sum sent) SYNs, $(field rate <"$lab_tmp/load") a second; $reloads reloads, $kills times killed;" \
		"$readings0 and $readings1 readings of the counters"
	is "$(sum arrived)" "$(sum sent)" "$mode: no packet is lost"
	is "$(sum unclamped)" 0 "$mode: each has the limit of one configuration or of the other"
	ok "$mode: both were in force" test "$(sum first)" -gt 0 -a "$(sum second)" -gt 0
	is "$((syn0 + syn1))" "$(sum sent)" "$mode: all readings of SYNs together are what was sent"
	is "$((fixed0 + fixed1))" "$(sum sent)" "$mode: and of changed ones"
	is "$(cat "$lab_tmp/read.err" "$lab_tmp/load.err" | sort | uniq -c)" "" "$mode: no reading has failed"
	kill "$daemon"
	wait "$daemon"
}

gateway_up || tap_bail "cannot build the lab"
run tc
run xdp
tap_done
