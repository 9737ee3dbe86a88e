#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What is in the way of protect, found among the rules of a real machine: named before a block is put in force, and seen while it is.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" nft iptables nginx curl
lab_enter "$@"
RULES=$(dirname "$TCPMSS")/tests/protect-rules
[ -x "$RULES" ] || plan_skip "$RULES is not built"

lab_flood && web_start 20000 || tap_bail "cannot build the lab"

conflicts()
{
	on gateway timeout 20 "$RULES" "$lab_tmp/protect.conf" conflicts
}

# rules TEXT: of nft, in the place of those before
rules()
{
	on gateway nft flush ruleset && on gateway nft -f - <<<"$1"
}

cat >"$lab_tmp/protect.conf" <<CONF
protect web { servers = 198.18.4.0/24  ports = {80, 443}  device = lan0 }
CONF
is "$(conflicts)" "" "nothing is in the way of a machine without rules"
on gateway "$RULES" "$lab_tmp/protect.conf" armed table
is "$(conflicts)" "" "nor are our own rules"

rules 'table inet mine {
	chain input {
		type filter hook input priority 0; policy drop
		ct state vmap { established : accept, related : accept, invalid : drop }
	}
	chain forward {
		type filter hook forward priority 0; policy drop
		ct state vmap { established : accept, related : accept, invalid : drop }
		tcp dport 80 accept
	}
	chain raw {
		type filter hook prerouting priority raw
		udp dport 53 notrack
		iif lo notrack
	}
}'
is "$(conflicts)" "" "nor is an ordinary firewall"

rules 'table inet mine {
	chain forward {
		type filter hook forward priority 0
		tcp dport 8080 synproxy mss 1400
	}
}'
is "$(conflicts)" "" "a SYNPROXY rule of nftables for other ports is none"
on gateway nft add rule inet mine forward tcp dport 443 synproxy mss 1400
like "$(conflicts)" '^fault other-synproxy: nft inet mine forward ' "one for the same ports is"

rules 'table inet mine {
	chain bad {
		ct state invalid counter drop
	}
	chain pre {
		type filter hook prerouting priority mangle
		jump bad
	}
}'
like "$(conflicts)" '^fault invalid-dropped: nft inet mine bad ' "what drops cookies before us is"

rules 'table ip mine {
	chain raw {
		type filter hook prerouting priority raw
		ip daddr 198.18.4.1 tcp dport { 22, 80 } notrack
	}
	chain output {
		type filter hook output priority 0; policy drop
	}
}'
like "$(conflicts)" '^fault not-tracked: nft ip mine raw .*warning output-policy: nft ip mine output ' \
	"so are connections that are not tracked, and a policy that drops"
on gateway nft flush ruleset

for program in iptables iptables-legacy; do
	command -v "$program" >/dev/null || { skip "$program" "not there"; continue; }
	on gateway "$program" -t raw -A PREROUTING -p tcp --dport 80 -j CT --notrack
	on gateway "$program" -A FORWARD -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --mss 1400
	on gateway "$program" -t mangle -A FORWARD -m conntrack --ctstate INVALID -j DROP
	got=$(conflicts)
	is "$(wc -l <<<"$got")" 3 "$program: each conflict is told once" || diag "$got"
	like "$got" 'fault other-synproxy: iptables filter FORWARD' "a SYNPROXY rule of $program"
	like "$got" 'fault not-tracked: iptables raw PREROUTING' "connections that it has not tracked"
	like "$got" 'fault invalid-dropped: iptables mangle FORWARD' "cookies that it drops"
	for table in raw filter mangle; do
		on gateway "$program" -t "$table" -F
	done
done
on gateway nft flush ruleset
is "$(conflicts)" "" "nothing is left of it"

on gateway ip link add br0 type bridge && on gateway ip link set lan0 master br0
like "$(conflicts)" "^fault protect-device: 'lan0' is a port of bridge 'br0'" "a port of a bridge is no device to protect"
on gateway ip link del br0

# ---- tcpmssd

on gateway iptables -A FORWARD -i lan0 -d "$server4" -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --mss 1400
ok "tcpmssd does not start beside another SYNPROXY" not protect_start "mode = always" 2>"$lab_tmp/said"
like "$(<"$lab_tmp/said")" "protect web: iptables filter FORWARD has a SYNPROXY rule for the same services" "and says why"
on gateway iptables -R FORWARD 1 -i lan0 -d 198.18.9.9 -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --mss 1400
ok "one for another server is no matter" protect_start "mode = always"
wait_for 5 protect_is armed
is "$(opens 4 12)" 12 "connections open" 2>/dev/null

warned()
{
	block '" ".join(d["warnings"])' | grep -q "good cookies do not reach SYNPROXY"
}

ok "nothing is wrong" not warned
on gateway nft -f - <<-'NFT'
table ip mine {
	chain pre {
		type filter hook prerouting priority mangle
		ct state invalid drop
	}
}
NFT
for _ in {1..30}; do
	on_bg client curl -s -0 -o /dev/null --max-time 3 "http://$server4/file"
done
ok "a rule that comes later and drops cookies is noticed" wait_for 8 warned
on gateway nft delete table ip mine
is "$(opens 4 24)" 24 "it goes: connections open" 2>/dev/null
ok "and nothing is wrong any more" wait_for 8 not warned
protect_stop
tap_done
