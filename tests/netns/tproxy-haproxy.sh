#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# HAProxy as the transparent proxy, with the rules of its own documentation: uploads behind it and downloads in front of it hang, and
# complete with `tproxy up`.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tproxy.bash"

need tcpmss haproxy nft iptables-legacy ip6tables-legacy tc
lab_enter "$@"

cat >"$lab_tmp/haproxy.cfg" <<-CONF
	global
		maxconn 100
	defaults
		mode tcp
		timeout connect 5s
		timeout client 60s
		timeout server 60s
	frontend four
		bind 0.0.0.0:5000 transparent
		default_backend four
	frontend six
		bind :::5000 v6only transparent
		default_backend six
	backend four
		source 0.0.0.0 usesrc clientip
		server any 0.0.0.0:0
	backend six
		source ipv6@:::0 usesrc clientip
		server any ipv6@:::0
CONF

is_ready()
{
	[ "$(on proxy ss -Hltn 'sport = 5000' | wc -l)" = 2 ]
}

proxy_lab && policy && rules_xt iptables-legacy ip6tables-legacy || tap_bail "cannot build the lab"
bg_stop "$relay_pid"
on_bg proxy haproxy -db -f "$lab_tmp/haproxy.cfg" >"$lab_tmp/haproxy.log" 2>&1
wait_for 5 is_ready || tap_bail "HAProxy does not start: $(cat "$lab_tmp/haproxy.log")"

# both up|down SECONDS NAME [hangs]: the transfer, both families.
both()
{
	local family

	for family in 4 6; do
		forget
		ok "$3: IPv$family $1load ${4:-completes}" ${4:+not} transfer "$1" "$family" "$2"
	done
}

small_at 1500 1500
both up 5 "no small MTU"
both down 5 "no small MTU"
small_at 1280 1500
both up 2 "small behind the proxy, without" hangs
small_at 1500 1280
both down 2 "small in front of it, without" hangs
for way in nft tc; do
	ok "$way: up" tm proxy tproxy up $([ $way = tc ] && echo --tc)
	ok "$way: check" tm proxy tproxy check
	small_at 1280 1500
	both up 5 "$way, small behind the proxy"
	small_at 1500 1280
	both down 5 "$way, small in front of it"
	ok "$way: down" tm proxy tproxy down
done

tap_done
