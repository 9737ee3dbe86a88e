#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Forged PTBs: each breaks one rule of believing and nothing else, while a real flow runs that they quote. None is learned, the refusal is
# counted under its name, the PTB is forwarded and the flow goes on. In the end one that breaks none: it is believed, so the others were
# refused for what was broken.
#
# The forgeries come from a host "attacker" behind the router. To break only one rule they must know the flow, which a real attacker
# cannot: the tool reads it at the client.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pmtu.bash"

need tcpmss "$TCPMSSD" tcpdump tc nft curl
lab_enter "$@"
# A queue of some 50 ms, so that what is quoted is still on its way.
lab_path mtu=1500 offload=off && on router tc qdisc add dev thin0 root tbf rate 20mbit burst 3000 latency 50ms && sink &&
	lab_host attacker && lab_link attacker eth0 router att0 && lab_addr attacker eth0 8 2 && lab_addr router att0 8 1 &&
	on router sysctl -qw net.ipv4.conf.att0.rp_filter=0 || tap_bail "cannot build the lab"
router_mac=$(mac router att0)
learner_start 'hook wan { device = wan0  mtu = 1500 }' || tap_bail "no daemon"

# forge FAMILY OPTIONS: see ptb.py; each time from another address of the attacker's network. Succeeds when the client has got it.
forgeries=1
forge()
{
	local from

	forgeries=$((forgeries + 1))
	from=$(printf '198.18.8.%d' "$forgeries")
	[ "$1" = 6 ] && from=$(printf '2001:db8:8::%x' "$forgeries")
	on client timeout 12 /usr/bin/python3 "$lab_src/ptb.py" forge eth0 eth0 --in "/run/netns/tm-$$-attacker" --to "$router_mac" \
		--from "$from" --dst "$(address server "$1")" "${@:2}" && wait_for 2 came "$from"
}

# came ADDRESS: a PTB from there, to the client.
came()
{
	[ "$(count_of forged "src $1 and ($ptbs)")" = 1 ]
}

grown()
{
	[ "$(refused "$1")" = "$2" ]
}

# forged FAMILY REASON WHAT OPTIONS: in words.
forged()
{
	local before others

	forget client
	before=$(refused "$2") others=$(refused)
	ok "IPv$1, $3: it is forwarded" forge "$1" "${@:4}"
	ok "refused as $2" wait_for 3 grown "$2" $((before + 1))
	is "$(refused)" $((others + 1)) "for no other reason"
	is "$(entry "$(address server "$1")" 1)" none "nothing is learned"
}

capture client eth0 forged "$ptbs" || tap_bail "no capture"
for family in 4 6; do
	pour_on "$family"
	forged "$family" bad-checksum "a wrong checksum" --break checksum
	forged "$family" short-quote "four bytes of TCP" --break short
	forged "$family" short-quote "less than an IP header" --break truncated
	forged "$family" bad-quote "another family quoted" --break version
	forged "$family" not-to-sender "another source quoted" --break source
	forged "$family" quoted-fragment "a later fragment quoted" --break fragment
	forged "$family" quote-not-tcp "UDP quoted" --break udp
	forged "$family" quote-not-tcp "an echo reply quoted" --break echo-reply
	forged "$family" quote-fits "what is quoted fits" --break length
	if [ "$family" = 4 ]; then
		forged 4 quote-df-clear "DF is not set in what is quoted" --break df
		forged 4 below-minimum "MTU 67" --mtu 67
	else
		forged 6 below-minimum "MTU 1279" --mtu 1279
		forged 6 below-minimum "MTU 0" --mtu 0
	fi
	forged "$family" future "a sequence number ahead" --break seq-ahead --seq-ahead 400000
	before=$(refused unconfirmed) others=$(refused)
	ok "IPv$family, a flow that is none: it is forwarded" forge "$family" --break port
	ok "IPv$family, an old sequence number: it is forwarded" forge "$family" --break seq-old
	ok "refused as unconfirmed, both" wait_for 8 grown unconfirmed $((before + 2))
	is "$(refused)" $((others + 2)) "for no other reason"
	is "$(entry "$(address server "$family")" 1)" none "nothing is learned"
	ok "the flow has arrived whole" pour_end
	is "$(flow "$family")" "0 $((family == 4 ? 1460 : 1440))" "the next one is not clamped"
done

# ---- with conntrack, sequence numbers are refused at once; static paths do not learn

on gateway nft -f - <<-'NFT'
table inet tm_state {
	chain forward {
		type filter hook forward priority 0;
		ct state established,related accept
	}
}
NFT
for family in 4 6; do
	to=$(address server "$family")
	pour_on "$family"
	forged "$family" outside-window "conntrack, an old sequence number" --break seq-old
	forged "$family" outside-window "conntrack, a sequence number ahead" --break seq-ahead --seq-ahead 400000
	tm gateway pmtu set "$to" mtu 1480
	before=$(refused static)
	ok "a static path, nothing broken" forge "$family" --size 1400
	ok "refused as static" wait_for 3 grown static $((before + 1))
	is "$(entry "$to" 'd["mtu"], d["state"]')" "(1480, 'static')" "it stays"
	tm gateway pmtu delete "$to" >/dev/null
	ok "the flow has arrived whole" pour_end
done

# ---- nothing broken: believed, with conntrack and without

# The sender has to re-send what is quoted, and the path is not narrow in truth: so it is the oldest segment on its way, the second of a
# flow, which waits 40 ms when the first has passed.
for conntrack in yes no; do
	for family in 4 6; do
		on router tc qdisc del dev thin0 root # and what waits in it
		on router tc qdisc add dev thin0 root tbf rate 300kbit burst 2000 latency 1s
		forget client
		forge "$family" --nth 2 --delay 0.01 >"$lab_tmp/forged" 2>&1 &
		forging=$!
		wait_for 3 grep -q ready "$lab_tmp/forged"
		forgeries=$((forgeries + 1)) # the one above counted where it runs
		pour "$family" 15000
		ok "IPv$family, conntrack: $conntrack, nothing broken" wait "$forging"
		ok "it is believed" wait_for 4 is_learned "$(address server "$family")" 1300
	done
	tm gateway pmtu flush >/dev/null
	on gateway nft flush ruleset
done
capture_end forged
learner_stop

tap_done
