#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A flood while clients 40 ms away connect: every handshake takes a round trip, and none a second.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flood.bash"

need tcpmss "$TCPMSSD" "$flood_program" nginx curl ethtool
lab_enter "$@"
count=15
lab_flood delay=20 && greeter_start && web_start 20000 || tap_bail "cannot build the lab"
exec 2>&1

for accelerator in tc xdp none; do
	protect_start "mode = always  accelerator = $accelerator" || tap_bail "no daemon"
	flood_start syn 46 2000 || tap_bail "no flood"
	for family in 4 6; do
		ok "$accelerator, IPv$family: connections open" nearly_all "$(opens "$family" "$count")" "$count"
		ok "$accelerator, IPv$family: and where the server speaks first" nearly_all "$(meets "$family" "$count")" "$count"
	done
	flood_stop
	ok "$accelerator: the server rejects no time stamps" test "$(rejected)" -lt 5
	ok "$accelerator: the daemon ends" protect_stop
done
diag "$(<"$lab_tmp/delay")"

tap_done
