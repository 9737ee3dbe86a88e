#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Which devices lead to protected servers, and which of the clients' have routes with an MTU of their own; and the programs follow.
. "$(dirname "$0")/lib.sh"
need ip
lab_enter "$@"

side=${TM_BUILD:-$lab_top/build}/tests/protect-side
[ -x "$side" ] || plan_skip "tests/protect-side is not built"

# wan and in1 ... in4, whose other ends are in `far`; a .1 of network N on inN.
build()
{
	local n

	lab_host gateway && lab_host far && lab_link gateway wan far wan && lab_addr gateway wan 1 1 || return 1
	for n in 2 3 4 5; do
		lab_link gateway "in$n" far "in$n" && lab_addr gateway "in$n" "$n" 1 || return 1
	done
	on gateway ip route add default via 198.18.1.2 && on gateway ip -6 route add default via 2001:db8:1::2
}

# devices SERVERS: what leads there, on one line.
devices()
{
	echo "protect x { servers = {$1}  ports = 80  device = wan }" >"$lab_tmp/conf"
	on gateway "$side" routes "$lab_tmp/conf" | paste -sd' '
}

# On which devices the programs are.
attached()
{
	local dir

	dir=$(dirname "$(pins | grep -m1 server-link-in)")
	for link in "$dir"/server-link-in-*; do
		on gateway ip -o link | awk -F'[ :@]+' -v n="${link##*-}" '$1 == n { print $2 }'
	done | sort | paste -sd' '
}

r4()
{
	on gateway ip route "$@"
}

r6()
{
	on gateway ip -6 route "$@"
}

build || tap_bail "the lab does not stand"
is "$(devices 198.18.2.0/24)" in2 "a network that is here"
is "$(devices 198.18.2.7)" in2 "a host in it"
is "$(devices 2001:db8:3::/64)" in3 "IPv6"
is "$(devices '198.18.2.0/24, 2001:db8:3::9')" "in2 in3" "both"
is "$(devices 203.0.113.0/24)" wan "what only the default route leads to"
is "$(devices 2001:db8:99::1)" wan "IPv6 likewise"
r4 add 10.0.0.0/8 via 198.18.2.9
is "$(devices 10.1.0.0/16)" in2 "the longest that holds all of it"
r4 add 10.1.128.0/17 via 198.18.3.9
r4 add 10.1.1.1 via 198.18.4.9
is "$(devices 10.1.0.0/16)" "in2 in3 in4" "and all that is inside"
r4 add 10.1.0.0/16 nexthop via 198.18.4.9 nexthop via 198.18.5.9
is "$(devices 10.1.0.0/17)" "in4 in5" "each of several next hops"
r6 add 2001:db8:a::/48 nexthop via 2001:db8:4::9 nexthop via 2001:db8:5::9
is "$(devices 2001:db8:a:1::/64)" "in4 in5" "of IPv6, too"
r4 add 10.2.0.0/16 via 198.18.3.9 table 100
r4 add default via 198.18.5.9 table 100
is "$(devices 10.2.1.0/24)" "in2 in3" "other tables, without their default routes"
if on gateway ip nexthop add id 7 via 198.18.5.9 dev in5 2>/dev/null; then
	r4 add 10.3.0.0/16 nhid 7
	is "$(devices 10.3.1.1)" in5 "a next hop with a number of its own"
fi
r4 add blackhole 10.4.0.0/16
is "$(devices 10.4.0.0/16)" in2 "a black hole leads nowhere, but what lies behind it may"

r4 add 203.0.113.0/24 via 198.18.1.2 mtu 1400
is "$(devices 198.18.2.0/24)" "in2 own-mtu wan" "a route with an MTU of its own goes to clients"
r4 change 203.0.113.0/24 via 198.18.1.2 mtu lock 1400
is "$(devices 198.18.2.0/24)" "in2 own-mtu wan" "one whose MTU is locked"
r4 del 203.0.113.0/24
r6 add 2001:db8:77::/48 via 2001:db8:2::9 mtu 1300
is "$(devices 198.18.2.0/24)" in2 "but not where it goes elsewhere"

devices '198.18.2.0/24, 198.18.3.0/24' >/dev/null
is "$(on gateway "$side" up "$lab_tmp/conf" | paste -sd' ')" "in2 in3" "programs go where the routes lead"
is "$(attached)" "in2 in3" "and are there"
r4 del 198.18.3.0/24
r4 add 198.18.3.0/24 via 198.18.5.9
is "$(on gateway "$side" up "$lab_tmp/conf" | paste -sd' ')" "in2 in5" "they follow"
is "$(attached)" "in2 in5" "and leave the others"
on gateway ip link del in5
on gateway "$side" up "$lab_tmp/conf" >/dev/null
is "$(attached)" "in2 wan" "a device that has gone is forgotten"
on gateway "$side" down
is "$(pins)" "" "nothing is left"

tap_done
