#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Routers of all kinds and their PTBs: MTU 0 of old ones, 28 bytes quoted, MTU 68 to 71 (DF cleared on what is forwarded), two narrow
# links behind one another, a sender behind a second router.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pmtu.bash"

need tcpmss "$TCPMSSD" tcpdump
lab_enter "$@"

# ---- a router that quotes 28 bytes and says 0; it forwards no more than 1300

lab_path mtu=1300 blackhole=yes offload=off && sink && responder --limit 1300 --mtu 0 || tap_bail "cannot build the lab"
learner_start 'hook wan { device = wan0  mtu = 1500 }' || tap_bail "no daemon"
like "$(flow 4 zero1)" '^[1-9][0-9]* 1460$' "MTU 0: the first connection suffers"
ok "one step down the table" wait_for 3 is_learned "$server4" 1492
is "$(entry "$server4" 'd["origin"]')" ptb0 "where it comes from"
like "$(flow 4 zero2)" '^[1-9][0-9]* 1452$' "the second one still does"
ok "the next step" wait_for 3 is_learned "$server4" 1280
is "$(flow 4 zero3)" "0 1240" "the third one does not"
tm gateway pmtu flush >/dev/null
bg_stop "$responding"

# ---- one that says 1300 and quotes 28 bytes; IPv6: 48

responder --limit 1300 --mtu 1300 || tap_bail "no responder"
for family in 4 6; do
	like "$(flow "$family" short1)" '^[1-9]' "quotes of 28 and 48 bytes, IPv$family: the first connection suffers"
	ok "learned" wait_for 3 is_learned "$(address server "$family")" 1300
	is "$(flow "$family" short2)" "0 $((family == 4 ? 1260 : 1240))" "the second does not"
done
tm gateway pmtu flush >/dev/null
bg_stop "$responding"

# ---- one that says 70

# headers ADDR: of five datagrams of 228 bytes with DF to there, as they leave the gateway: how many, their flags, ID and checksum.
headers()
{
	capture router lan0 headers "udp and dst $1"
	on client /usr/bin/python3 "$lab_src/flow.py" datagrams "$1" 228 5
	capture_end headers
	tcpdump -nvr "$lab_tmp/headers.pcap" 2>/dev/null | awk '/length 228\)/ {
		match($0, /flags \[[^]]*\]/)
		n[substr($0, RSTART + 7, RLENGTH - 8) (/ id 0,/ ? " id=0" : " id") (/bad cksum/ ? " bad" : " ok")]++
	} END { for (kind in n) print n[kind], kind }' | sort
}

like "$(headers "$server4")" '^5 DF id(=0)? ok$' "DF stays where nothing is known"
responder --limit 400 --mtu 70 || tap_bail "no responder"
like "$(flow 4 tiny1)" '^[1-9]' "MTU 70: a connection suffers"
ok "learned as 72" wait_for 3 is_learned "$server4" 72
is "$(entry "$server4" 'd["mss"], d["df"]')" "(32, False)" "MSS 32, DF off"
capture server eth0 arrived 'udp and ip[2:2] = 228'
is "$(headers "$server4")" "5 none id ok" "DF is cleared on what is forwarded there: an ID that is not 0, the checksum right"
capture_end arrived
is "$(count_of arrived udp)" 5 "and it arrives"
like "$(headers 198.18.3.2)" '^5 DF' "not towards others"
like "$(flow 4 tiny2)" '^0 32$' "the next connection is born with MSS 32 and suffers no more"
large="src $client4 and tcp and ip[2:2] > 72 and tcp[13] & 2 = 0"
forget client
capture client eth0 sent "$large" && capture router lan0 forwarded "$large" && pour 4 20000
capture_end sent
capture_end forwarded
ok "the client's segments over 72 bytes have DF" test "$(count_of sent 'ip[6] & 0x40 != 0')" -ge 10
is "$(count_of forwarded ip) $(count_of forwarded 'ip[6] & 0x40 != 0')" "$(count_of sent ip) 0" "all are forwarded, with none"
learner_stop
lab_clear

# ---- two narrow links behind one another; the sender behind a second router

lab_path mtu=1400 && sink && on remote ip link set lan0 mtu 1300 || tap_bail "cannot build the second lab"
learner_start 'hook wan { device = wan0  mtu = 1500 }' || tap_bail "no daemon"
for family in 4 6; do
	like "$(flow "$family" two1)" '^([2-9]|[1-9][0-9]) ' "two narrow links, IPv$family: at least two PTBs"
	ok "the narrower one is learned" wait_for 3 is_learned "$(address server "$family")" 1300
	like "$(entry "$(address server "$family")" 'd["reporter"]')" "^(198\.18\.3\.2|2001:db8:3::2)\$" "from the router in front of it"
	is "$(flow "$family" two2)" "0 $((family == 4 ? 1260 : 1240))" "the second connection suffers none"
done
learner_stop

learner_start 'hook far { device = thin0  mtu = 1400 }' router || tap_bail "no daemon"
for family in 4 6; do
	like "$(flow "$family" far1)" '^[1-9]' "a sender behind a second router, IPv$family"
	ok "learned" wait_for 3 is_learned "$(address server "$family")" 1300 router
	is "$(flow "$family" far2)" "0 $((family == 4 ? 1260 : 1240))" "the second connection suffers none"
done
learner_stop

tap_done
