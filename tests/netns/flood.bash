# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# A server behind a gateway, its clients, and a flood; source it behind lib.sh.
#
#   client             switch              gateway              server
#  +--------+      +---------------+      +-----------+       +--------+
#  |   eth0 |------| client        |      |           |       |        |
#  | .1.2   |      |       gateway |------| lan0 wan0 |-------| eth0   |
#  +--------+   +--| attackers     |      | .1.1 .4.1 |       | .4.2   |
#               |  +---------------+      +-----------+       +--------+
#   attackers   |                      tcpmss protect is here
#  +--------+   |
#  |   eth0 |---+
#  | .1.3   |     packets from 198.18.16.0 - 198.18.79.255 and 2001:db8:1::1000 - 2001:db8:1::4fff
#  +--------+

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
flood_program=$lab_top/${TM_BUILD:-build}/tests/bench/bench-flood

# lab_flood [delay=MS]: the client that much farther away, each way.
lab_flood()
{
	local delay=0 "$@"
	local port

	lab_up flood || return 1
	[ "$delay" = 0 ] || lab_far "$delay" || return 1
	for port in client attackers gateway; do
		on switch ethtool -K "$port" gro on >/dev/null || return 1
	done
}

# lab_far MS: between client and switch lies a long wire, which takes whole frames only.
lab_far()
{
	on client ip link delete eth0 && lab_host far && lab_link client eth0 far near0 && lab_link far far0 switch client &&
		on switch ip link set client master br0 && lab_addr client eth0 1 2 && lab_route client 4 4 1 1 || return 1
	whole client eth0 && whole switch client || return 1
	on_bg far /usr/bin/python3 "$lab_src/delay.py" near0 far0 "$1" >"$lab_tmp/delay" 2>&1
	wait_for 5 grep -q ready "$lab_tmp/delay"
}

# whole HOST DEV: it sends finished checksums and no segments to be cut by others.
whole()
{
	on "$1" ethtool -K "$2" tx off tso off gso off >/dev/null
}

# ---- the flood ---------------------------------------------------------------------------------

# flood_start syn|ack 4|6|46 [RATE] [PORT] [beside]: RATE of each family, 0: as many as the machine can. "beside" another one.
flood_start()
{
	on_bg attackers "$flood_program" "tm-$$-attackers" eth0 "$(mac gateway lan0)" "$1" "$2" "${4:-80}" "${3:-0}" ${5:+"$5"} >"$lab_tmp/flood"
	flooding=$bg_pid
	wait_for 5 grep -q ready "$lab_tmp/flood"
}

# Ends it and says what it was.
flood_stop()
{
	bg_stop "$flooding"
	diag "$(grep -v ready "$lab_tmp/flood")"
}

# flooded KEY: of the flood that has ended, over both families.
flooded()
{
	field "$1" <"$lab_tmp/flood" | awk '{ n += $1 } END { print n + 0 }'
}

mac()
{
	on "$1" ip -j link show "$2" | json 'd[0]["address"]'
}

# ---- connections -------------------------------------------------------------------------------

# opens 4|6 COUNT [SECONDS]: so many connections of curl, one after the other, which may take so long each. Prints how many worked.
opens()
{
	local url=$server4

	[ "$1" = 6 ] && url="[$server6]"
	on client curl -s -0 -o /dev/null --connect-timeout "${3:-5}" --max-time "${3:-5}" \
		-w '%{http_code} %{time_connect} %{time_total}\n' "http://$url/file?[1-$2]" | opened "curl, IPv$1"
}

# meets 4|6 COUNT [SECONDS]: the same with a server that speaks first.
meets()
{
	local to=$server4

	[ "$1" = 6 ] && to=$server6
	on client /usr/bin/python3 "$lab_src/greet.py" meet "$to" 22 "$2" --seconds "${3:-5}" | opened "server first, IPv$1"
}

greeter_start()
{
	on_bg server /usr/bin/python3 "$lab_src/greet.py" serve 22 >"$lab_tmp/greeter" 2>&1
	wait_for 5 grep -q ready "$lab_tmp/greeter"
}

# opened WHAT: of lines "200 CONNECTED DONE" the number; their times are told as a diagnostic (to standard error).
opened()
{
	sort -n -k 2 | awk -v what="$1" '
		$1 != 200 { print "# " what ": " $0 >"/dev/stderr" }
		$1 == 200 { connected[n++] = $2 * 1e3; if ($3 > done) done = $3 }
		END {
			printf "# %s: %d of %d connections worked", what, n, NR >"/dev/stderr"
			if (n)
				printf ", connected after %.2f ms (median; %.2f at most), done after %.1f ms at most", connected[int(n / 2)],
					connected[n - 1], done * 1e3 >"/dev/stderr"
			print "" >"/dev/stderr"
			print n + 0
		}'
}

# nearly_all COUNT OF: but for one. The ACK that ends a handshake with a cookie is lost now and then on a busy machine, and nothing repeats
# it: the SYN-ACK has told a window of 0, and the client's probes of that do not bring the cookie again. Then its time is up.
nearly_all()
{
	[ "$1" -ge $(($2 - 1)) ]
}

# rejected: how many time stamps the server has rejected. Of SYNPROXY's alone, one of each connection.
rejected()
{
	on server nstat -az TcpExtTSEcrRejected | awk '/TSEcr/ { print $2 }'
}

# half_open: what the server has of them.
half_open()
{
	on server ss -Htn state syn-recv | wc -l
}

# ---- the gateway -------------------------------------------------------------------------------

# protect_start SETTINGS [MORE]: the daemon with one block, "web"; MORE is text of the configuration.
protect_start()
{
	TCPMSS_SOCKET=$lab_tmp/control
	export TCPMSS_SOCKET
	cat >"$lab_tmp/tcpmss.conf" <<-CONF
	control { socket = $TCPMSS_SOCKET }
	metrics { listen = 127.0.0.1:9469 }
	protect web { servers = {$server4, $server6}  ports = {22, 80, 5201}  device = lan0  $1 }
	${2:-}
	CONF
	# XDP sends frames back only to a veth that has a program, too.
	if [[ $1 == *xdp* ]]; then
		on switch ip link set dev gateway xdpdrv object "${flood_program%/*}/traffic.bpf.o" program traffic_pass || return 1
	fi
	: >"$lab_tmp/daemon.log"
	on_bg gateway "$TCPMSSD" -v -f "$lab_tmp/tcpmss.conf" --pid-file "$lab_tmp/pid" 2>>"$lab_tmp/daemon.log"
	daemon=$bg_pid
	wait_for 10 protect_is || { cat "$lab_tmp/daemon.log" >&2; return 1; }
}

protect_stop()
{
	kill "$daemon" && wait "$daemon"
}

# block EXPRESSION: of the block d, as "protect show -j" has it.
block()
{
	tm gateway protect show -j | json "(lambda d: $1)(d[\"protect\"][0])"
}

# protect_is [STATE]: the block is there, and in that state.
protect_is()
{
	local state

	state=$(block 'd["state"]')
	[ "$state" != none ] && [ "$state" = "${1:-$state}" ]
}

# counted REASON: of both families.
counted()
{
	block "sum(f.get(\"$1\", 0) for f in d[\"counters\"].values())"
}
