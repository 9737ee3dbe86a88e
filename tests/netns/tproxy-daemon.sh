#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The block transparent-proxy of tcpmssd: set up, changed by a reload, put back when somebody takes a part away, on devices that come
# later, taken over after a kill, taken away at the end.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tproxy.bash"

need tcpmss nft tc bpftool
TCPMSSD=${TCPMSSD:-${TCPMSS}d}
export TCPMSS_SOCKET=/nowhere
lab_enter "$@"

proxy_lab && rules_nft || tap_bail "cannot build the lab"
before=$(state_of proxy)

# conf TEXT: of the block.
conf()
{
	cat >"$lab_tmp/tcpmss.conf" <<-CONF
	control { socket = $lab_tmp/control }
	transparent-proxy { $1 }
	CONF
}

# start [COMMAND...]: by way of that.
start()
{
	: >"$lab_tmp/daemon.log"
	on_bg proxy "$@" "$TCPMSSD" -v -F -f "$lab_tmp/tcpmss.conf" --pid-file "$lab_tmp/pid" 2>>"$lab_tmp/daemon.log"
	daemon=$bg_pid
	wait_for 5 grep -q "^.*transparent-proxy: IPv6" "$lab_tmp/daemon.log" || {
		cat "$lab_tmp/daemon.log" >&2
		return 1
	}
}

stop()
{
	kill "$daemon"
	wait "$daemon"
}

reload()
{
	: >"$lab_tmp/daemon.log"
	kill -HUP "$daemon"
	wait_for 5 grep -Eq "in force" "$lab_tmp/daemon.log"
}

works()
{
	forget
	transfer up "$1" 5
}

both_work()
{
	ok "$1: IPv4 transfer completes" works 4
	ok "$1: IPv6 transfer completes" works 6
	ok "$1: check finds no fault" tm proxy tproxy check
}

has_route()
{
	on proxy ip route show table 100 | grep -q local && on proxy ip -6 route show table 100 | grep -q local
}

conf "mark = 1 table = 100"
ok "starts with nftables" start
both_work nft
ok "a reload" reload
ok "another mark that is in use for something else" on proxy ip rule add pref 99 fwmark 2 lookup 7
conf "mark = 2"
reload
ok "is refused, with a free one" grep -q "mark 0x2 is in use (ip rule 99: fwmark 0x2 lookup 7): give another mark, such as 0x" \
	"$lab_tmp/daemon.log"
both_work "after a refused reload"
on proxy ip rule del pref 99
on proxy nft flush ruleset
rules_nft
ok "a rule set that somebody loads" wait_for 5 eval 'on proxy nft list table inet tcpmss_tproxy'
both_work "beside it"
conf "via = tc"
ok "a reload to tc" reload
both_work tc
is "$(on proxy nft list tables | grep -c tcpmss)" 0 "and nothing is left of the table"
on proxy ip link add late type veth peer name late1
on proxy ip link set late up
ok "a device that comes later gets the program" wait_for 5 has_program late
on proxy ip link del late
on proxy ip route del local default table 100
on proxy ip -6 route del local default table 100
ok "a route that somebody takes away comes back" wait_for 5 has_route
both_work "after that"
kill -9 "$daemon"
{ wait "$daemon"; } 2>/dev/null
both_work "after a kill"
ok "starts anew" start
both_work "taken over"
ok "stops" stop
is "$(state_of proxy)" "$before" "the end leaves all as it was"

conf "via = nft"
ok "starts again" start
kill -9 "$daemon"
{ wait "$daemon"; } 2>/dev/null
sleep 0.2
ok "what a killed one has left is taken away by 'tproxy down'" tm proxy tproxy down
rm -rf /sys/fs/bpf/tcpmss # what the learner and others had
is "$(state_of proxy)" "$before" "all of it"

conf "via = nft"
ok "starts again" start
cat >"$lab_tmp/tcpmss.conf" <<-CONF
control { socket = $lab_tmp/control }
CONF
ok "a reload without the block" reload
is "$(on proxy ip rule | grep -c 'proto 216')" 0 "takes it away"
ok "stops" stop

# As the service, which is not root: the capabilities of its unit.
caps=$(sed -n 's/^AmbientCapabilities=//p' "$lab_top/dist/systemd/tcpmssd.service.in")
list=-all
for cap in $caps; do
	cap=${cap#CAP_}
	list+=,+${cap,,}
done
chmod 777 "$lab_tmp"
for way in nft tc; do
	conf "via = $way"
	ok "$way: starts with the capabilities of the service" start setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs \
		--bounding-set "$list" --inh-caps "$list" --ambient-caps "$list"
	both_work "$way, as the service"
	ok "$way: stops" stop
	is "$(state_of proxy)" "$before" "$way: and all is as it was"
done

tap_done
