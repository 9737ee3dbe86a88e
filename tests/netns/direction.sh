#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# --direction: on wan0, "out" clamps the client's SYN, "in" the server's SYN-ACK, "both" both.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"

check()
{
	ok "attach --direction $1" tm gateway attach wan0 --mtu 1300 --direction "$1"
	is "$(tm gateway show -j | json 'd["hooks"][0]["direction"]')" "$1" "show tells direction $1"
	is "$(handshake 4)" "$2" "$1: IPv4"
	is "$(handshake 6)" "$3" "$1: IPv6"
	ok "detach" tm gateway detach wan0
}

check out "1260 1460" "1240 1440"
check in "1460 1260" "1440 1240"
check both "1260 1260" "1240 1240"
is "$(handshake 4)" "1460 1460" "detached: nothing is clamped"

# The default is both.
ok "attach without --direction" tm gateway attach wan0 --mtu 1300
is "$(handshake 4)" "1260 1260" "the default is both"

tap_done
