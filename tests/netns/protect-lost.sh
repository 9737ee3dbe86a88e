#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A client whose first ACK is lost, which is the one with the cookie: asking for a window, it brings the cookie again. (SYNPROXY by itself
# announces a window of 0, and leaves it waiting for good.)
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" nginx curl nft
lab_enter "$@"
lab_flood && web_start 300000 || tap_bail "cannot build the lab"
exec 2>&1

# The client loses so many segments without data.
lose()
{
	on client nft -f - <<-NFT
	table inet lose {
		chain out {
			type filter hook output priority 0
			meta nfproto ipv4 tcp dport 80 tcp flags == ack quota $(($1 * 52)) bytes counter drop
			meta nfproto ipv6 tcp dport 80 tcp flags == ack quota $(($1 * 72)) bytes counter drop
		}
	}
	NFT
}

lost()
{
	on client nft list table inet lose | sed -n 's/.*packets \([0-9]*\).*/\1/p' | paste -sd ' '
}

for accelerator in tc xdp; do
	protect_start "mode = always  accelerator = $accelerator" || {
		skip "$accelerator" "$(tail -n 1 "$lab_tmp/daemon.log")"
		continue
	}
	wait_for 5 protect_is armed
	opens 4 2 >/dev/null
	opens 6 2 >/dev/null
	before=$(counted answered)
	lose 1
	is "$(opens 4 1)" 1 "$accelerator: IPv4: the connection opens"
	is "$(opens 6 1)" 1 "$accelerator: IPv6: the connection opens"
	is "$(lost)" "1 1" "each had lost its ACK"
	is "$(($(counted answered) - before))" 2 "and had opened by a cookie"
	on client nft delete table inet lose
	head -c 300000 /dev/zero >"$lab_tmp/post"
	is "$(on client curl -s -o /dev/null -w '%{http_code}' --max-time 10 -T "$lab_tmp/post" "http://$server4/file")" 405 \
		"an upload begins as it does without loss"
	protect_stop
done
tap_done
