#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Counters of a hook of mode nfqueue over workers that are killed while SYNs go through them, against what another host gets.
#
# A worker counts a packet, then sends its verdict, both for up to batch packets at a time (io/nfqueue/nfqueue.h). So whatever arrives
# clamped is counted, and for each worker killed at most that many are counted that do not arrive. Packets that wait for a verdict
# when their reader dies are dropped by the kernel; while nobody reads the queue, packets pass by it unclamped.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"

need tcpmss "$TCPMSSD" nginx nft iptables-legacy ip6tables-legacy
lab_enter "$@"

each=${EACH:-30000} # SYNs while one worker is killed
batch=32

lab_path && web_start || tap_bail "cannot build the lab"
feed -p 5 -i wan0 || plan_skip "no NFQUEUE in this kernel"
on router nft -f - <<-'NFT' || plan_skip "nft cannot match the MSS"
	table inet tm_seen {
		counter clamped { }
		counter unclamped { }
		chain seen {
			type filter hook prerouting priority -300;
			ip saddr 198.18.1.2 tcp dport 9 tcp option maxseg size 1260 counter name clamped drop
			ip saddr 198.18.1.2 tcp dport 9 counter name unclamped drop
		}
	}
NFT
on gateway nft -f - <<-'NFT' || tap_bail "cannot count what is sent"
	table inet tm_seen {
		counter sent { }
		chain seen {
			type filter hook prerouting priority -300;
			ip saddr 198.18.1.2 tcp dport 9 counter name sent
		}
	}
NFT
mac=$(on gateway ip -br link show lan0 | awk '{ print $3 }')
printf 'hook q {\n    mode = nfqueue\n    queue = 5\n    mtu = 1300\n}\n' >"$lab_tmp/conf"
on_bg gateway "$TCPMSSD" -v -f "$lab_tmp/conf" --pid-file "$lab_tmp/pid" 2>"$lab_tmp/log"
ok "the queue is read" wait_for 5 grep -q "hook q: reads queue 5" "$lab_tmp/log"

# seen HOST COUNTER
seen()
{
	on "$1" nft list counter inet tm_seen "$2" | awk '/packets/ { print $2 }'
}

# Sets sent, clamped, unclamped, syns and fixed to all since the test began.
look()
{
	sent=$(seen gateway sent) clamped=$(seen router clamped) unclamped=$(seen router unclamped)
	read -r syns fixed < <(tm gateway stats q -j | json "d['syn_packets'], d['fixed_packets']" | tr -d '(),')
}

# The process that reads the queue: the only one below the manager that has CAP_NET_ADMIN. Fails without one.
worker()
{
	local pid

	for pid in $(pgrep -P "$(pgrep -P "$(cat "$lab_tmp/pid")")"); do
		grep -q '^CapEff:.*0000000000001000$' "/proc/$pid/status" 2>/dev/null && echo "$pid" && return
	done
	return 1
}

syns()
{
	inject client eth0 --count "$1" --to "$mac" --dport 9 >/dev/null
}

# The queue is read and nothing waits in it.
settled()
{
	[ "$(queues | cut -d ' ' -f 1,2)" = "5 0" ] && worker
}

syns 100
ok "100 SYNs are handled" wait_for 5 settled
sleep 0.2
look
is "$sent $clamped $unclamped $syns $fixed" "100 100 0 100 100" "all of them are clamped, and counted"

kills=0
for _ in 1 2 3; do
	before=$(seen gateway sent)
	syns "$each" &
	flood=$!
	while [ "$(seen gateway sent)" -le "$before" ] && kill -0 "$flood"; do :; done
	kill -KILL "$(worker)"
	kill -0 "$flood" && kills=$((kills + 1))
	wait "$flood"
	wait_for 10 settled
done
is "$kills" 3 "three workers are killed while SYNs come"
sleep 0.2
look
diag "sent $sent, arrived clamped $clamped and unclamped $unclamped, counted $syns, of these fixed $fixed"
is "$fixed" "$syns" "a SYN that is counted is one that was clamped"
ok "what arrives clamped is counted" test "$clamped" -le "$fixed"
ok "what is counted arrives, but for a batch of each worker" test "$fixed" -le $((clamped + 3 * batch))
ok "nothing is counted that was not sent" test $((fixed + unclamped)) -le "$sent"

before="$clamped $syns" gone=$((sent - clamped - unclamped))
kill -STOP "$(worker)"
syns 10
kill -KILL "$(worker)"
ok "one that does not read is killed: another reads" wait_for 10 settled
look
is "$clamped $syns" "$before" "SYNs that waited for it are neither counted nor clamped"
is $((sent - clamped - unclamped - gone)) 10 "the kernel has dropped them"

kill -STOP "$(worker)"
(sleep 0.3 && kill -KILL "$(worker)") &
ok "a connection whose SYN waited opens with the next one" connect 4 80 6
wait "$!"
wait_for 10 settled
look
before="$clamped $syns"
syns 100
wait_for 5 settled
sleep 0.2
read -r clamped_before syns_before <<<"$before"
look
is "$((clamped - clamped_before)) $((syns - syns_before))" "100 100" "after all that each SYN counts and is clamped"

tap_done
