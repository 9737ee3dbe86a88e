#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# `tproxy check`: says for each family and device whether a packet-too-big message reaches a transparent socket, names what stands in the
# way, and leaves nothing behind. Beside it real transfers, so that it is seen to say the truth.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tproxy.bash"

need tcpmss nft tc bpftool
lab_enter "$@"

proxy_lab && rules_nft || tap_bail "cannot build the lab"

# finding FAMILY DEVICE: how check sees it, in two fields.
finding()
{
	json "[c['result'] + ' ' + c['text'] for c in d['checks'] if c['family'] == '$1' and c['device'] == '$2'][0]" <"$lab_tmp/out"
}

# check STATUS DEVICE FAMILY REGEX NAME: exit status, and what it says of one device and family.
check()
{
	is "$(status_of tm proxy tproxy check -j)" "$1" "$5: exit status $1"
	like "$(finding "$3" "$2")" "$4" "$5: IPv${3#IPv}, $2"
}

works()
{
	forget
	transfer up "$1" 1.5
}

before=$(state_of proxy)
check 10 wan0 IPv4 "^fault .*no rule of 'ip rule' sends marked packets" "no policy"
check 10 lan0 IPv6 "^fault .*no rule of 'ip -6 rule' sends marked packets" "no policy"
is "$(state_of proxy)" "$before" "check leaves nothing behind"
on proxy ip rule add fwmark 1 lookup 100
check 10 wan0 IPv4 "^fault .*sends mark 0x1 to table 100, which has no local default route" "no local route"
on proxy ip rule del fwmark 1
policy
check 10 wan0 IPv4 "^fault .*nothing marks it" "no marks"
check 10 lan0 IPv6 "^fault .*nothing marks it" "no marks"
ok "and a transfer hangs" not works 4

tm proxy doctor -j >"$lab_tmp/out"
like "$(json "[c['result'] + c['text'] for c in d['checks'] if c['name'] == 'transparent-proxy'][0]" <"$lab_tmp/out")" \
	"^warningIPv4, lan0: .*nothing marks it" "doctor tells of it"
tm proxy tproxy up >/dev/null
tm proxy doctor -j >"$lab_tmp/out"
is "$(json "[c['result'] for c in d['checks'] if c['name'] == 'transparent-proxy'][0]" <"$lab_tmp/out")" ok "and that it is right"
before=$(state_of proxy)
for family in IPv4 IPv6; do
	for dev in lan0 wan0; do
		check 0 $dev $family "^ok .* from 1500 to 1280" "all right"
	done
done
ok "and a transfer completes" works 4
is "$(state_of proxy)" "$before" "check leaves nothing behind"
is "$(on proxy ip route show cache | grep -c 192.0.2; on proxy ip -6 route show cache | grep -c 2001:db8:7463)" "0
0" "no path MTU either"
is "$(on proxy cat /proc/net/nf_conntrack 2>/dev/null | grep -c 192.0.2)" 0 "and no tracked connection"
is "$(status_of tm proxy tproxy check -j wan0; json "len(d['checks'])" <"$lab_tmp/out")" "0
2" "one device"
ok "a device that is not there" eval '[ "$(status_of tm proxy tproxy check nope)" = 1 ]'
like "$(tm proxy tproxy check)" "ok +IPv4, lan0: a packet" "for people"

on proxy sysctl -qw net.ipv4.conf.all.src_valid_mark=1
check 10 wan0 IPv4 "^fault .*src_valid_mark=1" "src_valid_mark"
check 10 wan0 IPv6 "^ok" "src_valid_mark is for IPv4"
ok "and no transfer completes" not works 4
on proxy sysctl -qw net.ipv4.conf.wan0.accept_local=1 net.ipv4.conf.lan0.accept_local=1
check 0 wan0 IPv4 "^ok" "src_valid_mark with accept_local"
ok "and a transfer completes" works 4
on proxy sysctl -qw net.ipv4.conf.wan0.accept_local=0 net.ipv4.conf.lan0.accept_local=0 net.ipv4.conf.all.src_valid_mark=0
on proxy sysctl -qw net.ipv4.conf.all.rp_filter=1
check 0 wan0 IPv4 "^ok" "rp_filter=1"
ok "and a transfer completes" works 4
# A tunnel: no link layer, an address without a network.
if on proxy ip tuntap add dev t0 mode tun 2>/dev/null; then
	on proxy ip address add 10.9.2.1/32 dev t0
	on proxy ip link set t0 up
	check 10 t0 IPv4 "^fault .*its source is not believed on this device .rp_filter=1." "a tunnel that nothing goes through"
	on proxy ip route add 10.77.0.0/16 dev t0
	check 0 t0 IPv4 "^ok" "a tunnel that something goes through"
	on proxy ip link delete t0
else
	skip "a tunnel" "no tun devices here"
fi
on proxy sysctl -qw net.ipv4.conf.all.rp_filter=0

on proxy ip rule add pref 50 lookup 77
on proxy ip route add default via 198.18.3.2 table 77
on proxy ip -6 rule add pref 50 lookup 77
on proxy ip -6 route add default via 2001:db8:3::2 table 77
check 10 wan0 IPv4 "^fault .*ip rule 50 .lookup 77. is asked before" "another rule ahead"
check 10 lan0 IPv6 "^fault .*ip -6 rule 50 .lookup 77. is asked before" "another rule ahead"
on proxy ip rule del pref 50
on proxy ip -6 rule del pref 50

on proxy nft -f - <<-NFT
table inet wrong {
	chain pre {
		type filter hook prerouting priority 0;
		meta l4proto icmp meta mark set 0
	}
	chain in {
		type filter hook input priority 0;
		meta nfproto ipv6 icmpv6 type packet-too-big drop
	}
}
NFT
check 10 wan0 IPv4 "^fault .*something behind takes it away or changes the mark" "a rule that takes the mark away"
check 10 wan0 IPv6 "^fault .*something behind takes it away" "a rule that drops it"
on proxy nft delete table inet wrong
on proxy nft -f - <<-NFT
table inet wrong {
	chain pre {
		type filter hook prerouting priority -300;
		icmp type destination-unreachable drop
	}
}
NFT
check 10 wan0 IPv4 "^fault .*before it gets its mark" "a rule in front that drops it"
on proxy nft delete table inet wrong
on proxy nft -f - <<-NFT
table inet firewall {
	chain in {
		type filter hook input priority 0; policy drop;
		ct state established,related accept
		tcp dport { 80, 81 } accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
	}
}
NFT
check 0 wan0 IPv4 "^ok" "a firewall that lets in what is known"
check 0 wan0 IPv6 "^ok" "a firewall that lets in what is known"
ok "and a transfer completes" works 4
on proxy nft delete table inet firewall

on proxy sysctl -qw net.ipv4.ip_no_pmtu_disc=2
check 10 wan0 IPv4 "^fault .*ip_no_pmtu_disc=2" "no path MTU discovery"
on proxy sysctl -qw net.ipv4.ip_no_pmtu_disc=0

on proxy ip rule del fwmark 1
on proxy ip rule add fwmark 2 lookup 100
check 10 wan0 IPv4 "^fault .*it gets mark 0x1, but ip rule [0-9]+ wants 0x2" "wrong mark"
ok "up again finds the new one" tm proxy tproxy up
check 0 wan0 IPv4 "^ok" "the new mark"
on proxy ip rule del fwmark 2
on proxy ip rule add fwmark 1 lookup 100

ok "tc on one device: up" tm proxy tproxy up --tc wan0
check 10 wan0 IPv4 "^ok" "tc"
check 10 lan0 IPv4 "^fault .*nothing marks it .*no tc program of ours on this device" "tc not there"
ok "up" env TCPMSS_NO_NFT=1 nsenter --net="/run/netns/tm-$$-proxy" "$TCPMSS" tproxy up
ok "without nftables it takes tc" has_program lan0
check 0 lan0 IPv6 "^ok" "tc on all"

ok "IPv6 turned off" on proxy sysctl -qw net.ipv6.conf.all.disable_ipv6=1
is "$(status_of tm proxy tproxy check -j; json "{c['family'] for c in d['checks']}" <"$lab_tmp/out")" "0
{'IPv4'}" "only IPv4 is tried"
like "$(tm proxy tproxy up)" "IPv6 +not there" "up does without"
ok "down" tm proxy tproxy down

ok "not root" eval '[ "$(status_of on proxy setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$TCPMSS" tproxy check)" = 4 ]'
is "$(wc -l <"$lab_tmp/err")" 1 "said in one sentence"
for _ in 1 2 3 4 5 6; do
	on proxy timeout -s KILL 0.01 "$TCPMSS" tproxy check >/dev/null 2>&1
done
tm proxy tproxy check >/dev/null
is "$(on proxy ip route show table local | grep -c 192.0.2)" 0 "what a killed check has left is gone after the next"

tap_done
