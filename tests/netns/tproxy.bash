# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the tests of transparent proxies share; source it behind lib.sh.
#
#   client             edge              proxy               router            server
#  +--------+       +-----------+     +-----------+       +-----------+       +--------+
#  |   eth0 |=======| thin0 lan0|-----| lan0  wan0|-------| lan0 thin0|=======| eth0   |
#  | .1.2   |       | .1.1 .2.2 |     | .2.1  .3.1|       | .3.2 .4.1 |       | .4.2   |
#  +--------+       +-----------+     +-----------+       +-----------+       +--------+
#
# The lab's network "proxy", without its rules. Only what edge and router send over thin0 meets a small MTU: the hosts at the
# ends think that theirs is 1500, and offer an MSS to match. The proxy takes TCP to port 80 and 81 that comes from the client,
# and connects on with the client's address and port.

ends=$lab_src/ends.py
size=3000000

# small_at SERVER CLIENT: MTUs of the last links toward them.
small_at()
{
	on router ip link set thin0 mtu "$1" && on edge ip link set thin0 mtu "$2" && forget
}

is_listening()
{
	on "$1" ss -Hltn "sport = $2" | grep -q .
}

# The network with a small link before the server, and all that is not the proxy's rules.
proxy_lab()
{
	lab_proxy bare=yes mtu=1500 && small_at 1280 1500 || return 1
	on_bg server /usr/bin/python3 "$ends" sink 80
	on_bg server /usr/bin/python3 "$ends" source 81 "$size"
	on_bg proxy "$TCPMSS" lab relay --port 5000
	relay_pid=$bg_pid
	wait_for 5 is_listening server 80 && wait_for 5 is_listening server 81 && wait_for 5 is_listening proxy 5000
}

# policy [MARK [TABLE]]: the policy routing of the usual recipe.
policy()
{
	local f

	for f in -4 -6; do
		on proxy ip "$f" rule add fwmark "${1:-1}" lookup "${2:-100}" &&
			on proxy ip "$f" route add local default dev lo table "${2:-100}" || return 1
	done
}

# rules_nft [MARK [MATCH]]: the rules of the usual recipe, which are for TCP only.
rules_nft()
{
	on proxy nft -f - <<-NFT
	table inet recipe {
		chain pre {
			type filter hook prerouting priority mangle; policy accept;
			meta l4proto tcp socket transparent 1 ${2:-} meta mark set ${1:-1} accept
			iifname "lan0" tcp dport { 80, 81 } meta nfproto ipv4 tproxy ip to :5000 meta mark set ${1:-1} accept
			iifname "lan0" tcp dport { 80, 81 } meta nfproto ipv6 tproxy ip6 to :5000 meta mark set ${1:-1} accept
		}
	}
	NFT
}

# rules_xt PROGRAM PROGRAM6 [MARK]: the same of iptables.
rules_xt()
{
	local program mark=${3:-1}

	for program in "$1" "$2"; do
		on proxy "$program" -t mangle -A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark "$mark" &&
			on proxy "$program" -t mangle -A PREROUTING -p tcp -m socket --transparent -j ACCEPT &&
			on proxy "$program" -t mangle -A PREROUTING -i lan0 -p tcp -m multiport --dports 80,81 -j TPROXY \
				--on-port 5000 --tproxy-mark "$mark" || return 1
	done
}

# transfer up|down 4|6 [SECONDS [SPORT]]: 3 MB from client to server, or back.
transfer()
{
	local to=$server4 port=80

	[ "$2" = 6 ] && to=$server6
	[ "$1" = down ] && port=81
	on client /usr/bin/python3 "$ends" "$1" "$to" "$port" "$size" "${3:-5}" "${4:-0}"
}

# Forgets what paths were learned.
forget()
{
	local host

	for host in client proxy server; do
		on "$host" ip route flush cache
		on "$host" ip -6 route flush cache
	done
}

# All that `tproxy` could leave on a host.
state_of()
{
	on "$1" nft -s list ruleset 2>/dev/null | sed 's/ packets [0-9]* bytes [0-9]*//'
	on "$1" ip rule
	on "$1" ip -6 rule
	on "$1" ip route show table all
	on "$1" ip -6 route show table all
	for dev in lan0 wan0 lo; do
		on "$1" tc qdisc show dev "$dev"
		on "$1" tc filter show dev "$dev" ingress
	done
	on "$1" bpftool net
	on "$1" bpftool -j link show | grep -o '"type":"tcx".*' # others make links, too, elsewhere
	pins
	ls -R /sys/fs/bpf/tcpmss 2>/dev/null
}

# has_program DEV: whether that device of the proxy has our program.
has_program()
{
	local index

	index=$(on proxy ip -o link show "$1" | cut -d: -f1)
	[ -n "$index" ] && [ -n "$(find /sys/fs/bpf/tcpmss -path "*+~tproxy/$index*")" ]
}
