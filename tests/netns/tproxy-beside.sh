#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# `tproxy up` beside recipes of others: their mark and table are found and used, whoever made their rules; what is used for something
# else is left alone; twice, and with other marks; with rp_filter; and what it must not touch: messages for connections of the client's
# own, for a port that is the proxy's, for connections that do not exist.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tproxy.bash"

need tcpmss nft iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft tc bpftool
lab_enter "$@"

proxy_lab || tap_bail "cannot build the lab"
clean=$(state_of proxy)

up()
{
	tm proxy tproxy up "$@" >"$lab_tmp/up" 2>&1
}

both_work()
{
	local family

	for family in 4 6; do
		forget
		ok "$1: IPv$family transfer completes" transfer up "$family"
	done
}

no_policy()
{
	local f

	for f in -4 -6; do
		while on proxy ip "$f" rule del fwmark "$1" 2>/dev/null; do :; done
		on proxy ip "$f" route flush table "$2"
	done
}

own()
{
	on proxy ip rule | grep -c "proto 216"
	on proxy ip -6 rule | grep -c "proto 216"
	on proxy ip -4 route show table all | grep -c "proto 216"
	on proxy ip -6 route show table all | grep -c "proto 216"
}

# What the two rules have marked.
marked()
{
	on proxy nft list table inet tcpmss_tproxy | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p' | tr '\n' ' '
}

# forge FROM TO: messages that quote what nobody has sent.
forge()
{
	local mac

	mac=$(on proxy ip -o link show wan0 | sed 's/.*ether \([^ ]*\).*/\1/')
	on router /usr/bin/python3 "$lab_src/ptb.py" flood lan0 --to "$mac" --src "$1" --dst "$2" --count 50 --kind guessed
}

# ---- recipes

rules_nft
ok "nothing but rules: up" up
is "$(own | tr '\n' ' ')" "1 1 1 1 " "adds rules and routes"

# Messages for connections that do not exist: nothing is marked, and they go on to whom they are for.
on client nft -f - <<-NFT
table inet count {
	chain in {
		type filter hook prerouting priority 0;
		icmp type destination-unreachable icmp code frag-needed counter
		icmpv6 type packet-too-big counter
	}
}
NFT
forget
was=$(marked)
ok "forged IPv4 messages" forge "$client4" "$server4"
ok "forged IPv6 messages" forge "$client6" "$server6"
is "$(marked)" "$was" "no mark for them"
is "$(on client nft list ruleset | grep -c 'packets 50 ')" 2 "all go on to the client"
is "$(on proxy ip route get "$server4" | grep -c mtu; on proxy ip -6 route get "$server6" | grep -c mtu)" "0
0" "the proxy has learned nothing"
on client nft delete table inet count

both_work "own rules and routes"
ok "up again" up
is "$(own | tr '\n' ' ')" "1 1 1 1 " "adds nothing"
once=$(state_of proxy)
up
is "$(state_of proxy)" "$once" "a third time changes nothing"
ok "others can add the same beside it" policy
ok "up once more" up
is "$(own | tr '\n' ' ')" "0 0 0 0 " "ours are taken away again"
both_work "their rules and routes"
ok "down" tm proxy tproxy down
no_policy 1 100
on proxy nft delete table inet recipe
is "$(state_of proxy)" "$clean" "leaves nothing"

for kind in nft xt-legacy xt-nft; do
	policy 0x21 133
	case $kind in
	nft) rules_nft 0x21 ;;
	xt-legacy) rules_xt iptables-legacy ip6tables-legacy 0x21 ;;
	xt-nft) rules_xt iptables-nft ip6tables-nft 0x21 ;;
	esac
	before=$(state_of proxy)
	forget
	ok "$kind: without, the transfer hangs" not transfer up 4 1.5
	ok "$kind: up" up
	like "$(cat "$lab_tmp/up")" "IPv4 *mark 0x21, by a rule that is there; table 133" "$kind: mark and table of others are found"
	both_work "$kind"
	ok "$kind: down" tm proxy tproxy down
	is "$(state_of proxy)" "$before" "$kind: all is as it was"
	no_policy 0x21 133
	case $kind in
	nft) on proxy nft delete table inet recipe ;;
	xt-legacy)
		on proxy iptables-legacy -t mangle -F
		on proxy ip6tables-legacy -t mangle -F
		;;
	xt-nft)
		on proxy iptables-nft -t mangle -F
		on proxy ip6tables-nft -t mangle -F
		;;
	esac
done

# Only IPv4 has a recipe, with a mask: IPv6 gets the same.
on proxy ip rule add fwmark 0x100/0xf00 lookup 140
on proxy ip route add local default dev lo table 140
rules_nft 0x100
ok "a mark with a mask, IPv4 only: up" up
like "$(on proxy nft list table inet tcpmss_tproxy)" "mark & 0xfffff[0-9a-f]*ff | 0x00000100" "the other bits of the mark stay"
both_work "mask"
is "$(own | tr '\n' ' ')" "0 1 0 1 " "only what IPv6 lacked is added"
tm proxy tproxy down
no_policy 0x100/0xf00 140
on proxy nft delete table inet recipe

# ---- what is in use

# shellcheck disable=SC2317
fails_with()
{
	local status=$1 pattern=$2

	shift 2
	"$@" >"$lab_tmp/out" 2>&1
	[ $? = "$status" ] && grep -Eq "$pattern" "$lab_tmp/out" || {
		cat "$lab_tmp/out" >&2
		return 1
	}
}

rules_nft
on proxy ip rule add pref 77 fwmark 1 lookup 9
used=$(state_of proxy)
ok "a mark that is in use is refused, and a free one told" fails_with 1 "mark 0x1 is in use \(ip rule 77: fwmark 0x1 lookup 9\)" \
	tm proxy tproxy up
is "$(state_of proxy)" "$used" "and nothing is changed"
on proxy ip rule del pref 77
on proxy ip route add 198.18.99.0/24 via 198.18.3.2 table 100
ok "a table that is in use, too" fails_with 1 "table 100 is in use .* another table, such as 101" tm proxy tproxy up
ok "another one is taken" up --table 101
both_work "--table 101"
ok "another mark" fails_with 0 "mark 0x40" tm proxy tproxy up --mark 0x40 --table 102
is "$(own | tr '\n' ' ')" "1 1 1 1 " "the first one's are gone"
ok "and back" up --table 101
both_work "back"
ok "no number" fails_with 2 "'0' is not a number" tm proxy tproxy up --mark 0
ok "no verb" fails_with 2 "needs a verb" tm proxy tproxy
ok "no such device" fails_with 1 "no device 'nope'" tm proxy tproxy up --tc --table 101 nope
ok "without root" fails_with 4 "root" on proxy setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$TCPMSS" tproxy up --table 101

# ---- what is not for the proxy

ok "rp_filter=1" on proxy sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.wan0.rp_filter=1
both_work "rp_filter=1"

# The client's own connection: to a port that the proxy does not take. And the client's own port is the proxy's: its listening
# socket is transparent, too, but it is no connection (the recipe has to know that for TCP).
on proxy nft delete table inet recipe
rules_nft 1 "socket wildcard 0"
on_bg server /usr/bin/python3 "$ends" sink 82
wait_for 5 is_listening server 82
for way in nft tc; do
	[ "$way" = tc ] && ok "tc: up" up --tc --table 101
	for sport in 0 5000; do
		for family in 4 6; do
			to=$server4
			[ $family = 6 ] && to=$server6
			forget
			ok "$way: a connection of the client's own completes, IPv$family, port $sport" \
				on client /usr/bin/python3 "$ends" up "$to" 82 "$size" 5 $sport
		done
	done
done

# ---- what the socket makes of it

on router ip link set thin0 mtu 1280
for family in 4 6; do
	to=$server4 from=$client4 seen=$server4 mss=1228
	[ $family = 6 ] && to=$server6 from="[$client6]" seen="[$server6]" mss=1208
	forget
	on_bg client bash -c "exec 3<>/dev/tcp/$to/80; head -c $size /dev/zero >&3; sleep 30"
	sleep 0.5
	like "$(on proxy ss -tinH dst "$seen" dport = :80 src "$from")" " mss:$mss " \
		"the socket's MSS follows, IPv$family"
	bg_stop "$bg_pid"
done

# ---- a part taken away by force

for n in 01 02 03 04 06 08 10 15 20 30 50; do
	for way in "" --tc; do
		# shellcheck disable=SC2086
		on proxy timeout -s KILL "0.0$n" "$TCPMSS" tproxy up $way --table 101 >/dev/null 2>&1
	done
done
tm proxy tproxy down 2>/dev/null
is "$(own | tr '\n' ' ')" "0 0 0 0 " "what a killed 'up' has left is gone after down"
is "$(on proxy nft list tables | grep -c tcpmss)" 0 "the table, too"
is "$(find /sys/fs/bpf -path '*tproxy*' | wc -l) $(on proxy bpftool net | grep -c tcpmss_tproxy)" "0 0" "and the programs"

tap_done
