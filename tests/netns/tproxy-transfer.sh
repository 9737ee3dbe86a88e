#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Transfers of 3 MB through a transparent proxy with a small MTU behind it, and in front of it. Without `tproxy up` they hang, with it
# they complete; by nftables and by tc (TCX and clsact), both families, beside recipes of nft and of iptables.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tproxy.bash"

need tcpmss nft iptables-legacy tc bpftool
lab_enter "$@"

proxy_lab && policy && rules_nft || tap_bail "cannot build the lab"

# both up|down SECONDS NAME [EXPECTED]: the transfer, both families.
both()
{
	local family

	for family in 4 6; do
		forget
		ok "$3: IPv$family $1load ${4:-completes}" ${4:+not} transfer "$1" "$family" "$2"
	done
}

both up 2 "small behind the proxy, without" hangs
small_at 1500 1280
both down 2 "small in front of it, without" hangs
small_at 1500 1500
both up 5 "no small MTU, without"

on proxy tc qdisc add dev wan0 clsact
before=$(state_of proxy)
for way in nft tc clsact; do
	case $way in
	nft) ok "$way: up" tm proxy tproxy up ;;
	tc) ok "$way: up" tm proxy tproxy up --tc ;;
	clsact)
		ok "$way: up" env TCPMSS_NO_TCX=1 nsenter --net="/run/netns/tm-$$-proxy" "$TCPMSS" tproxy up --tc
		ok "$way: up again" env TCPMSS_NO_TCX=1 nsenter --net="/run/netns/tm-$$-proxy" "$TCPMSS" tproxy up --tc
		is "$(on proxy tc filter show dev wan0 ingress | grep -c tcpmss_tproxy)" 1 "$way: a filter, once"
		;;
	esac
	small_at 1280 1500
	both up 5 "$way, small behind the proxy"
	both down 5 "$way, small behind the proxy"
	small_at 1500 1280
	both down 5 "$way, small in front of it"
	both up 5 "$way, small in front of it"
	ok "$way: down" tm proxy tproxy down
	is "$(state_of proxy)" "$before" "$way: down leaves all as it was"
done
small_at 1280 1500
both up 2 "after down" hangs

tap_done
