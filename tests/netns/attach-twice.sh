#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Attaching a second time is refused under the same name, says so, and leaves what runs alone; the
# same device under another name is a second hook, and the lower limit wins.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump
lab_enter "$@"

lab_path && web_start || tap_bail "cannot build the lab"

hooks()
{
	tm gateway show -j | json '" ".join(sorted(h["name"] for h in d["hooks"]))'
}

ok "attach" tm gateway attach wan0 --mtu 1300
is "$(handshake 4)" "1260 1260" "the limit is 1260"
is "$(status_of tm gateway attach wan0 --mtu 1200)" 1 "attaching again fails with 1"
like "$(<"$lab_tmp/err")" "wan0" "the error names the device"
like "$(<"$lab_tmp/err")" "detach" "the error names the next step"
is "$(hooks)" wan0 "there is still one hook"
is "$(handshake 4)" "1260 1260" "the first limit still holds"

ok "attach under another name" tm gateway attach wan0 --mtu 1200 --name second
is "$(hooks)" "second wan0" "two hooks"
is "$(handshake 4)" "1160 1160" "the lower limit wins"
ok "detach the second by name" tm gateway detach second
is "$(hooks)" wan0 "the first is left"
is "$(handshake 4)" "1260 1260" "the limit is 1260 again"

is "$(status_of tm gateway attach lan0 --mtu 1200 --name wan0)" 1 "a name is used once"
ok "detach" tm gateway detach wan0
is "$(hooks)" "" "no hook is left"
is "$(handshake 4)" "1460 1460" "nothing is clamped"
is "$(status_of tm gateway detach wan0)" 1 "detaching again fails with 1"
ok "attach after detach" tm gateway attach wan0 --mtu 1200
is "$(handshake 4)" "1160 1160" "the new limit holds"

tap_done
