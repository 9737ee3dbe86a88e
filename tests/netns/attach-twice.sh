#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Attaching a second time under the same name gives the hook new limits and keeps its counters; with
# another mode or direction, or for another device, it is refused and what runs is left alone. The
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

fixed()
{
	tm gateway stats wan0 -j | json 'd["fixed_packets"]'
}

# refused WHAT ARGUMENTS...
refused()
{
	local what=$1

	shift
	is "$(status_of tm gateway attach "$@")" 1 "$what: refused with 1"
	like "$(<"$lab_tmp/err")" "wan0" "$what: the error names the hook"
	like "$(<"$lab_tmp/err")" "detach" "$what: the error names the next step"
	is "$(hooks)" wan0 "$what: there is still one hook"
	is "$(handshake 4)" "1200 1200" "$what: its limit still holds"
}

ok "attach" tm gateway attach wan0 --mss 1260
is "$(handshake 4)" "1260 1260" "the limit is 1260"
is "$(fixed)" 2 "two packets were fixed"
ok "attach again" tm gateway attach wan0 --mss 1200
is "$(hooks)" wan0 "there is still one hook"
is "$(fixed)" 2 "counters are kept"
is "$(handshake 4)" "1200 1200" "the limit is 1200"
is "$(fixed)" 4 "counters go on"

refused "another direction" wan0 --mss 1100 --direction in
refused "another mode" wan0 --mss 1100 --mode xdp
refused "another device" lan0 --mss 1100 --name wan0

ok "attach under another name" tm gateway attach wan0 --mss 1160 --name second
is "$(hooks)" "second wan0" "two hooks"
is "$(handshake 4)" "1160 1160" "the lower limit wins"
ok "detach the second by name" tm gateway detach second
is "$(hooks)" wan0 "the first is left"
is "$(handshake 4)" "1200 1200" "and its limit"

ok "detach" tm gateway detach wan0
is "$(hooks)" "" "no hook is left"
is "$(handshake 4)" "1460 1460" "nothing is clamped"
is "$(status_of tm gateway detach wan0)" 1 "detaching again fails with 1"
ok "attach after detach" tm gateway attach wan0 --mss 1200
is "$(handshake 4)" "1200 1200" "the new limit holds"
is "$(fixed)" 2 "the new hook counts from zero"
ok "detach" tm gateway detach wan0

# More rules than the first time had room for: another program takes the first one's place, wherever
# it is. The SYN leaves the client through eth0 or comes in at the gateway through lan0.
prefixes=()
for n in $(seq 0 255); do
	prefixes+=(--prefix "203.0.$n.0/24=$((1000 + n))" --prefix "2001:db8:$((1000 + n))::/48=$((1300 + n))")
done

# grow WHAT ATTACH-ARGUMENTS...
grow()
{
	local what=$1 seen

	shift
	ok "$what: attach" tm gateway attach lan0 --mss 1260 "$@"
	is "$(handshake 4 | cut -d ' ' -f 1)" 1260 "$what: it clamps"
	seen=$(tm gateway stats lan0 -j | json 'd["syn_packets"]')
	ok "$what: attach again with 512 prefixes" tm gateway attach lan0 --mss 1240 "${prefixes[@]}" "$@"
	is "$(handshake 4 | cut -d ' ' -f 1)" 1240 "$what: the new limit holds"
	ok "$what: again, with one more" tm gateway attach lan0 --mss 1240 "${prefixes[@]}" \
		--prefix 198.18.4.0/24=1240 "$@"
	is "$(handshake 4 | cut -d ' ' -f 1)" 1200 "$what: the prefix counts"
	is "$(tm gateway stats lan0 -j | json 'd["syn_packets"]')" $((3 * seen)) "$what: counters were kept"
	is "$(hooks)" lan0 "$what: one hook"
	ok "$what: detach" tm gateway detach lan0
	is "$(handshake 4)" "1460 1460" "$what: nothing is clamped"
}

grow tc
TCPMSS_NO_TCX=1 grow clsact
grow xdp --mode xdp
grow xdp-generic --mode xdp-generic

tap_done
