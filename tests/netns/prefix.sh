#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# --prefix: a property of a link, matched against source and destination; the longest match counts,
# and the lowest of all limits wins.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"

both()
{
	echo "$(handshake 4) $(handshake 6)"
}

for mode in tc xdp; do
	way=both
	[ $mode = tc ] || way=in
	ok "$mode: attach with prefixes" tm gateway attach lan0 --mode $mode --direction $way \
		--prefix 198.18.0.0/16=1200 --prefix 198.18.4.0/24=1300 --prefix 198.18.1.0/24=1400 \
		--prefix 2001:db8:4::/64=1400
	seen=$(both)
	[ $mode = tc ] && is "$seen" "1260 1260 1340 1340" "tc: longest match, both ends"
	[ $mode = xdp ] && is "$seen" "1260 1460 1340 1440" "xdp: longest match of what comes in"
	ok "$mode: detach" tm gateway detach lan0
done

ok "attach with a device limit below the prefix" \
	tm gateway attach lan0 --mtu 1250 --prefix 198.18.4.0/24=1300
is "$(handshake 4)" "1210 1210" "the lower limit wins"
ok "detach" tm gateway detach lan0
ok "attach with a prefix that does not match" tm gateway attach lan0 --prefix 203.0.113.0/24=1300
is "$(handshake 4)" "1460 1460" "other prefixes do not count"

tap_done
