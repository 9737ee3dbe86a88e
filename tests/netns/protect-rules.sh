#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The nftables table of protect without the daemon (tests/netns/protect-rules.c): what it does in each state, beside rules of the
# machine's owner, and that it comes and goes without a trace.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nft curl nginx iptables
lab_enter "$@"
RULES=$(dirname "$TCPMSS")/tests/protect-rules
[ -x "$RULES" ] || plan_skip "$RULES is not built"

lab_path mtu=1500 || tap_bail "cannot build the lab"
web_start 4000000 || tap_bail "no web server"

cat >"$lab_tmp/protect.conf" <<CONF
protect web { servers = {198.18.4.0/24, 2001:db8:4::/64}  ports = {80, 5201}  device = lan0  accelerator = none }
CONF
known="server $server4 80 1400 9 server $server6 80 1380 9"

# rules COMMAND...: with servers that are known
rules()
{
	# shellcheck disable=SC2086
	on gateway timeout 20 "$RULES" "$lab_tmp/protect.conf" $known "$@"
}

loose()
{
	on gateway cat /proc/sys/net/netfilter/nf_conntrack_tcp_loose
}

# SYNs that SYNPROXY got, good cookies: "3 2"
cookies()
{
	local line syns=0 good=0

	while read -r -a line; do
		[ "${line[0]}" != entries ] || continue
		syns=$((syns + 0x${line[1]})) good=$((good + 0x${line[3]}))
	done < <(on gateway cat /proc/net/stat/synproxy)
	echo "$syns $good"
}

# A transfer of some seconds, in the background; slow_ends tells whether it arrived whole.
slow_start()
{
	on_bg client curl -s -o "$lab_tmp/slow" --limit-rate 1M --max-time 30 "http://$server4/file"
	slow=$bg_pid
	wait_for 5 test -s "$lab_tmp/slow"
}

slow_ends()
{
	wait "$slow" && cmp -s "$lab_tmp/slow" "$lab_tmp/www/file"
}

mine()
{
	on gateway nft -f -
}

snapshot()
{
	on gateway nft list ruleset
	on gateway iptables-save
	on gateway sysctl -a 2>/dev/null | grep '^net\.' | grep -v -e 'conntrack_count' -e 'random\.' -e 'hop_limit_'
	pins
}

# ---- states

before=$(snapshot)
was=$(loose)
ok "the table is set up" rules idle table
ok "idle: a download works" download 4
is "$(cookies)" "0 0" "idle: SYNPROXY gets nothing"
ok "nf_conntrack_tcp_loose is taken" rules hold
is "$(loose)" 0 "it is 0"
ok "the blocks are armed" rules armed table
capture client eth0 a "$syns" && download 4 && download 6
got=$(captured a)
is "$(cookies)" "2 2" "armed: SYNPROXY answers for both families"
is "$(wire kind=syn-ack family=4 <<<"$got" | field mss | head -n 1)" 1400 "the client is told the server's MSS, IPv4"
is "$(wire kind=syn-ack family=6 <<<"$got" | field mss | head -n 1)" 1380 "and IPv6"
ok "a port that is not protected is left alone" not connect 4 81
is "$(cookies)" "2 2" "SYNPROXY gets nothing of it"
ok "draining" rules draining table
ok "draining: a download works" download 6
is "$(cookies)" "2 2" "draining: SYNs pass"
ok "a server of which nothing is known gets a few SYNs itself" \
	on gateway timeout 20 "$RULES" "$lab_tmp/protect.conf" armed table
download 4
is "$(cookies)" "2 2" "SYNPROXY did not answer"

# ---- connections live on

rules armed table
slow_start
is "$(cookies)" "3 3" "a connection through SYNPROXY"
for state in idle armed draining armed idle; do
	rules "$state" table || tap 'not ok' "apply $state"
	sleep 0.2
done
rules idle table armed arm idle arm
ok "it lives on through new tables and states" slow_ends

rules armed table
slow_start
on gateway nft flush ruleset
sleep 0.3
rules armed table
ok "and through somebody's flush of all rules" slow_ends

# ---- who looks after it

# after COMMAND...: 0 where the table is as it was applied before it
after()
{
	rm -f "$lab_tmp/go" "$lab_tmp/ready"
	on_bg gateway "$RULES" "$lab_tmp/protect.conf" armed table gone text wait "$lab_tmp/go" gone >"$lab_tmp/ready" 2>/dev/null
	wait_for 5 test -s "$lab_tmp/ready"
	on gateway "$@" || return 2
	touch "$lab_tmp/go"
	wait "$bg_pid"
}

ok "nothing happens: the table is there" after true
ok "somebody else's table comes: it is still there" after nft add table ip other
ok "and goes" after nft delete table ip other
ok "a flush of the rule set is noticed" not after nft flush ruleset
ok "a flush of the table is noticed" not after nft flush table inet tcpmss_protect
ok "a chain without its rules is noticed" not after nft flush chain inet tcpmss_protect raw
ok "a dormant table is noticed" not after nft add table inet tcpmss_protect '{ flags dormant; }'

# ---- beside others' rules

rules armed table
mine <<'NFT'
table inet mine {
	chain input {
		type filter hook input priority 0; policy drop;
		ct state established,related accept
		ct state invalid drop
		iif lo accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
	}
	chain forward {
		type filter hook forward priority 0; policy drop;
		ct state vmap { established : accept, related : accept, invalid : drop }
		iifname "lan0" tcp dport 80 accept
	}
	chain output {
		type filter hook output priority 0
		ct state invalid drop
	}
}
NFT
ok "a firewall that drops what is invalid, IPv4" download 4
ok "and IPv6" download 6
on gateway nft delete table inet mine
for program in iptables iptables-legacy ip6tables; do
	chain="$program -w"
	[ "$program" = iptables-legacy ] && chain=$program
	command -v "$program" >/dev/null || { skip "$program" "not there"; continue; }
	family=4
	[ "$program" = ip6tables ] && family=6
	on gateway sh -ec "$chain -P FORWARD DROP
		$chain -A FORWARD -m conntrack --ctstate INVALID -j DROP
		$chain -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
		$chain -A FORWARD -p tcp --dport 80 -j ACCEPT
		$chain -A OUTPUT -m conntrack --ctstate INVALID -j DROP"
	count=$(cookies)
	ok "the same with $program" download "$family"
	ok "through SYNPROXY" [ "$count" != "$(cookies)" ]
	on gateway sh -ec "$chain -P FORWARD ACCEPT; $chain -F"
done
mine <<'NFT'
table ip mine {
	chain post {
		type nat hook postrouting priority 100
		oifname "wan0" masquerade
	}
}
NFT
ok "masqueraded" download 4
on gateway nft delete table ip mine

# ---- size, and the filter of the manager's system calls

{
	echo 'protect many { servers = { 10.0.0.0/24'
	for n in {1..9999}; do
		echo ", 10.$((n >> 7)).$((n * 2 % 256)).0/24"
	done
	echo '} ports = {80, 443} device = lan0 accelerator = none }'
} >"$lab_tmp/many.conf"
ok "10000 prefixes, with no more system calls than the manager has" \
	on gateway timeout 30 "$RULES" "$lab_tmp/many.conf" filter armed table idle arm armed arm gone
on gateway nft list map inet tcpmss_protect to4 >"$lab_tmp/list"
is "$(grep -o ': goto t4_1' "$lab_tmp/list" | wc -l)" 10000 "they are all there"

# ---- without a trace

ok "somebody who has nothing is refused" \
	not on gateway setpriv --bounding-set=-all --inh-caps=-all "$RULES" "$lab_tmp/protect.conf" table
ok "all is removed" rules remove
is "$(loose)" "$was" "nf_conntrack_tcp_loose is as it was"
for program in iptables ip6tables; do
	on gateway "$program" -w -X && on gateway nft delete table "${program/tables/}" filter
done 2>/dev/null
rules remove
is "$(snapshot)" "$before" "nothing is left: rules, settings, pins"

rules hold
ok "taken twice, the first value stays" rules hold
on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
ok "given back" rules release
is "$(loose)" 1 "a value that somebody else has set stays"
on gateway sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
rules hold
rules release
is "$(loose)" 0 "what was 0 before stays 0"
on gateway sysctl -qw "net.netfilter.nf_conntrack_tcp_loose=$was"
is "$(snapshot)" "$before" "nothing is left"
tap_done
