#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# --mtu auto follows the device: after "ip link set mtu" the next SYN has the new limit, with no
# process of ours running.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"

set_mtu()
{
	on gateway ip link set wan0 mtu "$1"
}

limits()
{
	tm gateway show -j |
		json '"%s %s" % (d["hooks"][0]["limit"]["mss4"], d["hooks"][0]["limit"]["mss6"])'
}

for args in "--mtu auto" ""; do
	set_mtu 1400
	# shellcheck disable=SC2086
	ok "attach ${args:-without a limit}" tm gateway attach wan0 $args
	is "$(handshake 4) $(handshake 6)" "1360 1360 1340 1340" "${args:-default}: MTU 1400"
	set_mtu 1350
	is "$(handshake 4) $(handshake 6)" "1310 1310 1290 1290" "${args:-default}: MTU lowered to 1350"
	is "$(limits)" "1310 1290" "${args:-default}: show tells the new limit"
	set_mtu 1450
	is "$(handshake 4) $(handshake 6)" "1410 1410 1390 1390" "${args:-default}: MTU raised to 1450"
	set_mtu 1500
	is "$(handshake 4) $(handshake 6)" "1460 1460 1440 1440" "${args:-default}: MTU 1500, nothing to clamp"
	ok "detach" tm gateway detach wan0
done

# XDP sees only what comes in.
set_mtu 1400
ok "attach --mode xdp --mtu auto" tm gateway attach wan0 --mtu auto --mode xdp --direction in
is "$(handshake 4) $(handshake 6)" "1460 1360 1440 1340" "xdp: MTU 1400"
set_mtu 1350
is "$(handshake 4) $(handshake 6)" "1460 1310 1440 1290" "xdp: MTU lowered to 1350"

tap_done
