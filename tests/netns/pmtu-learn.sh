#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Learning from PTBs that pass, end to end: a first connection suffers them, the next one is born with the right MSS and suffers none.
# Real senders, a real narrow router; through tc, XDP and a queue, IPv4 and IPv6.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"
. "$(dirname "$0")/watch.bash"
. "$(dirname "$0")/pmtu.bash"

need tcpmss "$TCPMSSD" tcpdump
lab_enter "$@"
lab_path mtu=1300 && sink || tap_bail "cannot build the lab"

declare -A mss=([4]=1460 [6]=1440) right=([4]=1260 [6]=1240) router=([4]=198.18.2.2 [6]=2001:db8:2::2)

# learns MODE HOOK: both connections of both families.
learns()
{
	local mode=$1 family to

	ok "$mode: the daemon learns" learner_start "$2" || return
	watch "watch-$mode" -j
	for family in 4 6; do
		to=$(address server "$family")
		like "$(flow "$family" first)" "^[1-9][0-9]* ${mss[$family]}\$" "$mode, IPv$family: the first connection suffers PTBs"
		ok "$mode, IPv$family: the path is learned" wait_for 3 is_learned "$to" 1300
		is "$(flow "$family" second)" "0 ${right[$family]}" "$mode, IPv$family: the second is born with the right MSS and suffers none"
		is "$(entry "$to" 'd["mss"], d["origin"], d["reporter"], d["df"], d["state"]')" \
			"(${right[$family]}, 'ptb', '${router[$family]}', True, 'reduced')" "$mode, IPv$family: show names all of it"
	done
	end_watch
	is "$(events "watch-$mode" '[(e["destination"], e["to"], e["reporter"]) for e in d if e["event"] == "learned"]')" \
		"[('$server4', 1300, '${router[4]}'), ('$server6', 1300, '${router[6]}')]" "$mode: watch tells of both"
	learner_stop
}

# ---- the lab does what it is meant to, also with a clamp that learns nothing

tm gateway attach wan0 --mtu 1500 || tap_bail "cannot attach"
for family in 4 6; do
	like "$(flow "$family")" "^[1-9][0-9]* ${mss[$family]}\$" "without learning, IPv$family: a connection suffers PTBs"
	like "$(flow "$family")" "^[1-9][0-9]* ${mss[$family]}\$" "and the next one again"
done
tm gateway detach wan0

# ---- tc, and what is told

learns tc 'hook wan { device = wan0  mtu = 1500 }'
learns xdp 'hook wan { device = wan0  mode = xdp  direction = in  mtu = 1500 }'
if feed -b -p 5 -i wan0 2>/dev/null; then
	learns nfqueue 'hook wan { mode = nfqueue  queue = 5  direction = both  device = wan0  mtu = 1500 }'
	unfeed
else
	skip "nfqueue" "no NFQUEUE in this kernel"
fi

# ---- what an operator sees and does

learner_start 'hook wan { device = wan0  mtu = 1500 }' || tap_bail "no daemon"
flow 4 >/dev/null
ok "learned again" wait_for 3 is_learned "$server4" 1300
tm gateway explain "$server4" >"$lab_tmp/explain"
like "$(<"$lab_tmp/explain")" "1300" "explain: the value"
like "$(<"$lab_tmp/explain")" "198\.18\.2\.2" "explain: who said it"
raise=$(entry "$server4" 'd["raise_in"]')
ok "it will be raised within ten minutes ($raise s), no sooner than nine" test "${raise%.*}" -le 600 -a "${raise%.*}" -gt 540
ok "delete" tm gateway pmtu delete "$server4"
is "$(entry "$server4" 1)" none "it is gone"
is "$(flow 4 | cut -d ' ' -f 2)" 1460 "and so is the clamp"
ok "set" tm gateway pmtu set "$server4" mtu 1400
is "$(flow 4 | cut -d ' ' -f 2)" 1360 "a static path is in force"
is "$(entry "$server4" 'd["mtu"], d["state"]')" "(1400, 'static')" "and a PTB does not change it"
ok "flush" tm gateway pmtu flush
learner_stop
is "$(pins | grep -c .)" 0 "nothing is left pinned"

tap_done
