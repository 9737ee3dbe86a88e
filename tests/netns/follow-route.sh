#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# --mtu route: the smaller of the route MTUs toward source and destination, asked of the kernel at
# each SYN; so it follows route and device changes with no process of ours running.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"

# route4 MTU-WORDS..., route6: toward the server; without words: as the device is.
route4()
{
	on gateway ip route replace 198.18.4.0/24 via 198.18.2.2 "$@"
}

route6()
{
	on gateway ip -6 route replace 2001:db8:4::/64 via 2001:db8:2::2 "$@"
}

both()
{
	echo "$(handshake 4) $(handshake 6)"
}

# seen MODE WANTED WHAT
seen()
{
	is "$(both)" "$2" "$1: $3"
}

# ---- tc, both directions: source and destination both count, so both packets get the minimum
ok "tc: attach lan0 --mtu route" tm gateway attach lan0 --mtu route
seen tc "1460 1460 1440 1440" "routes of 1500"
route4 mtu lock 1300
route6 mtu lock 1400
seen tc "1260 1260 1340 1340" "route MTUs 1300 and 1400 toward the server"
route4 mtu lock 1350
seen tc "1310 1310 1340 1340" "route MTU raised to 1350"
route4
route6
seen tc "1460 1460 1440 1440" "route MTUs gone"
on gateway ip link set wan0 mtu 1420
seen tc "1380 1380 1360 1360" "MTU of the egress device lowered to 1420"
on gateway ip link set wan0 mtu 1500
on gateway ip route replace 198.18.1.0/24 dev lan0 mtu lock 1280
seen tc "1240 1240 1440 1440" "a route MTU toward the client"
on gateway ip route replace 198.18.1.0/24 dev lan0
ok "tc: detach" tm gateway detach lan0

# ---- XDP: what comes in on lan0 is the SYN
for mode in xdp xdp-generic; do
	ok "$mode: attach lan0 --mtu route" \
		tm gateway attach lan0 --mtu route --mode "$mode" --direction in
	seen "$mode" "1460 1460 1440 1440" "routes of 1500"
	route4 mtu lock 1300
	route6 mtu lock 1400
	seen "$mode" "1260 1460 1340 1440" "route MTUs 1300 and 1400 toward the server"
	route4
	route6
	seen "$mode" "1460 1460 1440 1440" "route MTUs gone"
	ok "$mode: detach" tm gateway detach lan0
done

tap_done
