#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The network of the transparent proxy: what its drawing says of it is so, with the narrow link on either side; and the small proxy
# in it is one that holds: half-closed connections, refused ones, many at once.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump nft
lab_enter "$@"

ptbs='(icmp[0] = 3 and icmp[1] = 4) or (ip6[6] = 58 and ip6[40] = 2)'

# A server that takes what it gets, and says then how much that was.
taker()
{
	on_bg server /usr/bin/python3 "$lab_src/ends.py" sink 82
	wait_for 5 sh -c "nsenter --net=/run/netns/tm-$$-server ss -Hltn 'sport = 82' | grep -q ::"
}

# upload 4|6 [SECONDS]: 3 MB, the end of it, and an answer that they have all come.
upload()
{
	local to=server$1

	on client /usr/bin/python3 "$lab_src/ends.py" up "${!to}" 82 3000000 "${2:-5}"
}

# What the usual recipe lacks.
hear()
{
	on proxy nft -f - <<-'NFT'
	table inet hear {
		chain prerouting {
			type filter hook prerouting priority -149;
			meta l4proto { icmp, icmpv6 } socket transparent 1 meta mark set 1 accept
		}
	}
	NFT
}

# ptbs_on NAME ADDRESS: how many of a capture are for that address.
ptbs_on()
{
	tcpdump -nr "$lab_tmp/$1.pcap" "($ptbs) and dst host $2" 2>/dev/null | wc -l
}

forget()
{
	local host

	for host in client proxy server; do
		on "$host" ip route flush cache && on "$host" ip -6 route flush cache
	done
}

# side WHAT HANGS WORKS: with a narrow link on that side of the proxy; downloads and uploads.
side()
{
	local what=$1 hangs=$2 works=$3 family to=server

	[ "$hangs" = upload ] && to=client
	for family in 4 6; do
		capture proxy any "ptb$family" "$ptbs"
		ok "$what, IPv$family: $works works" "$works" "$family"
		ok "$what, IPv$family: $hangs hangs" not "$hangs" "$family" 3
		sleep 0.2
		bg_stop "${lab_capture[ptb$family]}"
		name=$to$family
		ok "$what, IPv$family: the messages are sent on to the $to" test "$(ptbs_on "ptb$family" "${!name}")" -gt 1
	done
	forget
	ok "$what: rules for ICMP" hear
	for family in 4 6; do
		ok "$what, IPv$family: $hangs works with rules for ICMP" "$hangs" "$family"
	done
}

lab_proxy && web_start 3000000 && taker || tap_bail "cannot build the lab"
capture proxy wan0 synack "$syns" && connect 4 && connect 6
captured synack >"$lab_tmp/syns"
is "$(wire kind=syn-ack family=4 <"$lab_tmp/syns" | field mss | sort -u)" 1440 "the server's SYN-ACK promises 1440, IPv4"
is "$(wire kind=syn-ack family=6 <"$lab_tmp/syns" | field mss | sort -u)" 1440 "the server's SYN-ACK promises 1440, IPv6"
on_bg server tcpdump -i eth0 -n -c 1 -l 'tcp[13] = 2 and dst port 80' >"$lab_tmp/seen" 2>"$lab_tmp/seen.log"
wait_for 5 grep -q 'listening on' "$lab_tmp/seen.log"
ok "a connection" connect 4
wait_for 5 test -s "$lab_tmp/seen"
like "$(<"$lab_tmp/seen")" "IP $client4\." "the server sees the client's address"
side "narrow at the server" upload download

lab_clear
lab_proxy narrow=client && web_start 3000000 && taker || tap_bail "cannot build the second lab"
side "narrow at the client" download upload

lab_clear
lab_proxy raise-mss=no && web_start 3000000 && taker || tap_bail "cannot build the third lab"
for family in 4 6; do
	ok "IPv$family: with an honest MSS all works, download" download "$family"
	ok "IPv$family: with an honest MSS all works, upload" upload "$family"
done

# ---- the proxy itself

proxy_pid=$("$TCPMSS" lab status -j --name $$ | json '[p["pid"] for h in d["labs"][0]["hosts"] for p in h["processes"] if h["name"] == "proxy"][0]')
descriptors()
{
	find "/proc/$proxy_pid/fd" -mindepth 1 | wc -l
}

few()
{
	[ "$(descriptors)" -le 8 ]
}

on client timeout 5 bash -c "exec 3<>/dev/tcp/$server4/83 && read -r -u 3" 2>"$lab_tmp/refused"
like "$(<"$lab_tmp/refused")" "reset" "a server that refuses: the client's connection is reset"
on client curl -s --no-progress-meter --parallel --parallel-max 40 -r 0-999 -o /dev/null -w '%{size_download}\n' "http://$server4/file?[1-400]" >"$lab_tmp/many" 2>&1
is "$(sort "$lab_tmp/many" | uniq -c | xargs)" "400 1000" "40 at once, 400 in all"
ok "all are closed in the end" wait_for 10 few
prlimit --pid "$proxy_pid" --nofile=40
for i in {1..30}; do
	on_bg client curl -s -r 0-999 --limit-rate 200 -o /dev/null "http://$server4/file"
done
ok "more connections than it has descriptors: those wait, and are served" on client curl -sf --max-time 20 -r 0-999 -o /dev/null "http://$server4/file"
is "$(status_of on proxy "$TCPMSS" lab relay)" 1 "a second one on its port: exit status 1"
like "$(<"$lab_tmp/err")" "port 3129.*Address already in use" "and why"
is "$(status_of on proxy setpriv --reuid 65534 --clear-groups "$TCPMSS" lab relay --port 9)" 4 "without root: exit status 4"

lab_clear
ok "it ends with its lab" not grep -qs "^State:.[RSD]" "/proc/$proxy_pid/status"

tap_done
