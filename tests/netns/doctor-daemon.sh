#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# doctor and tcpmssd -f: one that answers, one on trial, one that waits for a device, one that is stopped; queues of the daemon.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/doctor.bash"
. "$(dirname "$0")/tcpmssd.bash"

need tcpmss "$TCPMSSD" iptables-legacy ip6tables-legacy
lab_enter "$@"

conf=$lab_tmp/tcpmss.conf
export TCPMSS_SOCKET=$lab_tmp/control
lab_gateway || tap_bail "cannot build the lab"
queues=yes
feed -b -p 5 -i wan0 || queues=no

write()
{
	cat >"$conf" <<-CONF
	hook wan { device = wan0  mtu = $1 }
	hook later { device = ppp0  mtu = 1400 }
	$([ $queues = no ] || echo "hook fed { mode = nfqueue  queue = 5  device = wan0  mtu = 1400 }")
	control { socket = "$TCPMSS_SOCKET" }
	CONF
}

write 1300
on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$lab_tmp/log"
wait_for 5 tm gateway doctor wan || diag "$(<"$lab_tmp/log")"

doctor 0 "a daemon that works"
finds ok daemon "tcpmssd answers (process [0-9]*, configuration $conf)" "a daemon that works"
finds warn "later daemon" "waits for ppp0" "a hook that waits"
is "$(grep -c '^ok .* wan syn: ' "$lab_tmp/out")" 6 "SYNs through the hook of the daemon"
if [ $queues = yes ]; then
	finds ok queue "iptables mangle POSTROUTING feeds queue 5, which is read, and fails open" "its queue"
	finds ok "fed daemon" "reads its queue" "its hook of mode nfqueue"
	doctor 0 "by the name of a queue's hook" fed
	on gateway iptables-legacy -t mangle -F
	on gateway ip6tables-legacy -t mangle -F
	doctor 10 "a queue that no rule feeds"
	finds FAULT queue "reads queue 5, but no rule feeds it" "a queue that no rule feeds"
	feed -b -p 5 -i wan0
else
	skip "queues" "no NFQUEUE in this kernel"
fi
doctor 0 "by the name of a hook that waits" later
is "$(lines ok syn)" 0 "by the name of a hook that waits: no other is looked at"

write 1200
ok "a configuration on trial" tm gateway reload --confirm 60 "$conf"
doctor 0 "a configuration on trial"
finds warn daemon "on trial" "a configuration on trial"
is "$(grep -c 'wan syn: .*, 1160 came out' "$lab_tmp/out")" 3 "its limits are in force"
ok "confirm" tm gateway confirm
doctor 0 "confirmed"
ok "no longer on trial" not grep -q 'on trial' "$lab_tmp/out"

is "$(status_of tm client doctor)" 10 "in another network namespace"
finds ok daemon "for another network namespace" "in another network namespace"

manager=$(pgrep -P "$(cat "$lab_tmp/pid")")
kill -STOP "$manager"
doctor 10 "a daemon that hangs"
finds FAULT daemon "does not answer" "a daemon that hangs"
is "$(grep -c '^ok .* wan syn: ' "$lab_tmp/out")" 6 "its hook clamps nevertheless"
kill -CONT "$manager"

kill "$(cat "$lab_tmp/pid")"
wait "$bg_pid"
doctor 10 "the daemon has ended, and taken its hooks along"
finds ok daemon "no tcpmssd answers" "the daemon has ended"
finds FAULT hook "no hook" "the daemon has ended"

tap_done
