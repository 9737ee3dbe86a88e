# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the labs share that look at both sides of an armed protection; source it behind lib.sh and lab_enter. The network is that
# of lab_path.

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
conf=$lab_tmp/tcpmss.conf
export TCPMSS_SOCKET=$lab_tmp/control

# protect_start [TEXT [SETTINGS [MODE]]]: the daemon with a block, which is armed with mode "always"; TEXT is more of the configuration.
protect_start()
{
	local mode=${3:-always} state=armed

	[ "$mode" = always ] || state=idle
	cat >"$conf" <<-CONF
	control { socket = $TCPMSS_SOCKET }
	protect web { servers = {$server4, $server6}  ports = {80, 5201}  device = lan0  mode = $mode  ${2:-} }
	${1:-}
	CONF
	: >"$lab_tmp/daemon.log"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>>"$lab_tmp/daemon.log"
	daemon=$bg_pid
	wait_for 10 protect_is $state || { cat "$lab_tmp/daemon.log"; return 1; }
}

protect_stop()
{
	kill "$daemon" && wait "$daemon"
}

protect_is()
{
	[ "$(tm gateway protect show -j | json 'd["protect"][0]["state"]')" = "$1" ]
}

# counted REASON
counted()
{
	tm gateway protect show -j | json "sum(f.get('$1', 0) for f in d['protect'][0]['counters'].values())"
}

# transfers WHAT: up and down, both families.
transfers()
{
	local family

	for family in 4 6; do
		ok "IPv$family: upload, $1" upload "$family"
		ok "IPv$family: download, $1" download "$family"
	done
}

# sees 4|6 [COMMAND...]: opens a connection with the command (connect 4|6). Prints what the client was told by SYN-ACK and what
# the server was told by SYN, as "MSS/WSCALE/SACK/TIMESTAMPS/ECN MSS/WSCALE/SACK/TIMESTAMPS/ECN". What the other one scales by is W, if it was told that.
sees()
{
	local family=$1

	shift
	capture client eth0 c "$syns" && capture server eth0 s "$syns" || return 1
	[ $# != 0 ] || set -- connect "$family"
	"$@" >"$lab_tmp/sees.log" 2>&1 || echo "no connection: $(cat "$lab_tmp/sees.log")"
	captured c >"$lab_tmp/at-client"
	captured s >"$lab_tmp/at-server"
	echo "$(offer syn-ack "$family" client server) $(offer syn "$family" server client)"
}

# offer KIND 4|6 AT FROM: of the first such packet at that side, the other one's.
offer()
{
	local kind=syn scale

	[ "$4" = client ] || kind=syn-ack
	scale=$(wire "kind=$kind" "family=$2" <"$lab_tmp/at-$4" | field wscale | head -n 1)
	[ "$scale" != none ] || scale=
	wire "kind=$1" "family=$2" <"$lab_tmp/at-$3" | head -n 1 |
		sed "s|.* mss=\\([^ ]*\\) .* wscale=\\([^ ]*\\) sack=\\(.\\) timestamps=\\(.\\) ecn=\\(.\\).*|\\1/\\2/\\3/\\4/\\5|
			s|/${scale:--}/|/W/|; s|/none/|/-/|"
}
