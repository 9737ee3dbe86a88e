#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmss lab: what is up can be told and goes away without a trace, also when "up" was killed, interrupted, or failed half-way;
# labs beside each other, names that clash, no privilege, no room.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nft strace setpriv
lab_enter "$@"
unset TCPMSS_LAB

lab()
{
	"$TCPMSS" lab "$@"
}

# What is there of labs: their namespaces, and processes in them.
names()
{
	find /run/netns -mindepth 1 -printf '%f\n' | sort | xargs
}

# The machine's own network, as far as anything could have touched it from here.
machine()
{
	ip -details link
	ip address
	ip route show table all
	ip -6 route show table all
	ip rule
	ip -6 rule
	nft list ruleset
	sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter
}

# What changes by itself: lifetimes of addresses.
mine()
{
	sed 's/valid_lft.*//; s/expires [0-9]*sec//' | grep -v '^fe80\|^multicast'
}

# reaches LAB ADDRESS: a connection from client to server, which refuses it.
reaches()
{
	lab exec --name "$1" client timeout 3 bash -c "exec 3<>/dev/tcp/$2/9" 2>&1 | grep -q 'Connection refused'
}

said()
{
	cat "$lab_tmp/out" "$lab_tmp/err"
}

machine | mine >"$lab_tmp/before"

# ---- up, status, exec, down

is "$(lab status)" "no lab is up: 'tcpmss lab up' makes one" "no lab"
is "$(lab status -j | json 'd["schema_version"], d["labs"]')" "(1, [])" "no lab, as JSON"
is "$(status_of lab down)" 1 "down without a lab: exit status 1"
like "$(said)" "there is no lab called 'lab'" "and it says so"
is "$(status_of lab down --quiet)" 0 "but 0 with --quiet"
is "$(status_of lab up path --mtu 1300 --blackhole)" 0 "up"
like "$(said)" "client +eth0 +198.18.1.2/24 +2001:db8:1::2/64 +to gateway lan0" "it is drawn: addresses"
like "$(said)" "1300 bytes" "the narrow link"
like "$(said)" "a black hole" "and what is broken"
is "$(names)" "tm-lab-client tm-lab-gateway tm-lab-remote tm-lab-router tm-lab-server" "namespaces, for ip netns, too"
is "$(lab status -j | json 'd["labs"][0]["network"], d["labs"][0]["ready"], d["labs"][0]["mtu"], len(d["labs"][0]["hosts"])')" \
	"('path', True, 1300, 5)" "status -j"
is "$(lab status -j | json '[(v["name"], v["mtu"], v["peer"]["host"]) for h in d["labs"][0]["hosts"] if h["name"] == "router" for v in h["devices"]]')" \
	"[('lan0', 1500, 'gateway'), ('thin0', 1300, 'remote')]" "status -j: devices"
is "$(lab exec router cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding | xargs)" "1 1" "routers forward"
is "$(lab exec client cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding | xargs)" "0 0" "ends do not"
is "$(lab exec router -- sh -c 'cd /proc/sys/net/ipv4/conf && cat all/rp_filter default/rp_filter thin0/rp_filter' | xargs)" "0 0 0" \
	"no rp_filter, whatever the machine has"
is "$(status_of lab exec client sh -c 'exit 7')" 7 "exec: the exit status of the command"
is "$(status_of lab exec client /nonexistent)" 127 "exec: no such program"
is "$(status_of lab exec nobody true)" 1 "exec: no such host"
like "$(said)" "no host 'nobody': client, gateway, remote, router, server" "exec: those that there are"
is "$(lab exec client sh -c 'echo $TCPMSS_LAB')" lab "exec: the name is in the environment"
is "$(status_of lab up path)" 1 "up twice: exit status 1"
like "$(said)" "called 'lab' is there already" "and why"
is "$(names | wc -w)" 5 "the first one is as it was"

# The program itself is found without an installation, and its pins are seen.
ok "exec: tcpmss" env PATH=/usr/bin:/bin "$TCPMSS" lab exec gateway -- tcpmss attach wan0 --mtu 1300
is "$(lab exec gateway tcpmss show -j | json 'd["hooks"][0]["name"]')" wan0 "its hook is there for the next command"
is "$(ip netns exec tm-lab-gateway "$TCPMSS" show -j | json 'd["hooks"][0]["name"]')" wan0 "also under ip netns exec"
printf 'hook wan { device = wan0  mode = tc  mtu = 1300 }\ncontrol { socket = %s/control }\n' "$lab_tmp" >"$lab_tmp/conf"
"$TCPMSS" lab exec remote -- tcpmssd -v -f "$lab_tmp/conf" --pid-file "$lab_tmp/pid" >"$lab_tmp/daemon.log" 2>&1 &
daemon=$!
"$TCPMSS" lab exec client -- sleep 600 &
sleeper=$!
sleep 600 &
stranger=$!
wait_for 5 sh -c "'$TCPMSS' lab status | grep -q sleep"
wait_for 5 grep -q "hook wan" "$lab_tmp/daemon.log"
like "$(lab status)" "sleep, process $sleeper" "status: processes in the lab"
ok "exec: tcpmssd" kill -0 "$daemon"

is "$(status_of lab exec gateway tcpmss lab down)" 1 "down from inside of the lab: exit status 1"
like "$(said)" "inside of lab 'lab'" "and why"
is "$(status_of lab down)" 0 "down"
is "$(names)" "" "no namespace is left"
ok "no pin is left" test -z "$(pins)"
ok "the lab's processes are gone" not kill -0 "$daemon" "$sleeper"
ok "others are not" kill -0 "$stranger"
kill "$stranger"
machine | mine >"$lab_tmp/after"
ok "the machine's own network is as it was" diff "$lab_tmp/before" "$lab_tmp/after"

# ---- beside each other

ok "a second one beside the first" sh -c "'$TCPMSS' lab up wire --quiet && '$TCPMSS' lab up path --name two --quiet"
is "$(lab status -j | json '[(l["name"], l["network"]) for l in d["labs"]]')" "[('lab', 'wire'), ('two', 'path')]" "both are told"
ok "one works" reaches lab 198.18.4.2
ok "the other, too" reaches two 2001:db8:4::2
ok "and by the environment" env TCPMSS_LAB=two "$TCPMSS" lab exec remote true
ok "one goes" lab down
is "$(names)" "tm-two-client tm-two-gateway tm-two-remote tm-two-router tm-two-server" "the other stays"
ok "all go" lab down --all
is "$(names)" "" "nothing is left"

for i in 1 2 3 4; do
	lab up proxy --quiet --name "n$i" &
	pids[i]=$!
done
for i in 1 2 3 4; do
	ok "four at once: $i" wait "${pids[i]}"
done
for i in 1 2 3 4; do
	lab down --quiet --name "n$i" &
	pids[i]=$!
done
wait "${pids[@]}"
is "$(names)" "" "four down at once"
lab up path --quiet >"$lab_tmp/one" 2>&1 &
one=$!
lab up path --quiet >"$lab_tmp/two" 2>&1 &
two=$!
wait "$one"
one=$?
wait "$two"
is $((one + $?)) 1 "one of two with the same name wins" || diag "$(cat "$lab_tmp/one" "$lab_tmp/two")"
is "$(names | wc -w)" 5 "and is whole"
is "$(lab status -j | json 'd["labs"][0]["ready"]')" True "and ready"
ok "down" lab down

# ---- names

ip netns add tm-lab-router
is "$(status_of lab up path)" 1 "a namespace of somebody else is in the way: exit status 1"
like "$(said)" "/run/netns/tm-lab-router is a network namespace that no lab has made.*--name" "and what to do"
is "$(names)" tm-lab-router "nothing was made"
is "$(status_of lab down)" 1 "down leaves it alone"
is "$(names)" tm-lab-router "it is still there"
ip netns delete tm-lab-router
for name in a-b ../x '' 123456789012345678901234; do
	is "$(status_of lab up path --name "$name")" 2 "'$name' is no name: exit status 2"
done
is "$(status_of lab up sea)" 2 "no such network: exit status 2"
is "$(status_of lab up path --mtu 1000)" 2 "an MTU without IPv6: exit status 2"
is "$(status_of lab up wire --blackhole)" 2 "a choice of another network: exit status 2"
is "$(status_of lab up)" 2 "no network: exit status 2"
is "$(status_of lab exec client)" 2 "no command: exit status 2"

# ---- no privilege, no room, no programs

for verb in "up path" "exec client true" "down" "status"; do
	is "$(status_of setpriv --reuid 65534 --regid 65534 --clear-groups "$TCPMSS" lab $verb)" 4 "$verb without root: exit status 4"
	like "$(said)" "root" "$verb without root: what to do"
	is "$(said | wc -l)" 1 "$verb without root: in one line"
done
mkdir "$lab_tmp/small"
mount -t tmpfs -o nr_inodes=4 tm-small /run/netns
is "$(status_of lab up path)" 1 "no room: exit status 1"
like "$(said)" "No space left on device" "no room: it says so"
is "$(names)" "" "no room: nothing is left"
umount /run/netns
ok "without any other program" env PATH=/nonexistent "$TCPMSS" lab up path --blackhole --quiet
ok "it is a whole one" lab exec remote nft list counter inet tm_blackhole lost4
ok "down" lab down

# ---- interrupted, killed

# Every so many system calls in, a signal: what it is meant for happens at each of them.
interrupted()
{
	local signal=$1 when=$2

	strace -o /dev/null -e trace=setns -e inject=setns:signal="$signal":when="$when" "$TCPMSS" lab up proxy --quiet 2>"$lab_tmp/err"
}

# Settings that a namespace takes from the machine are written in each host, whatever they are here.
strace -o "$lab_tmp/opened" -e trace=openat "$TCPMSS" lab up path --quiet
lab down --quiet
for setting in ip_forward conf/all/rp_filter conf/default/rp_filter conf/default/src_valid_mark conf/default/disable_ipv6 conf/all/forwarding; do
	is "$(grep -c "/proc/sys/net/ipv[46]/$setting\", O_WRONLY.* = [0-9]" "$lab_tmp/opened")" 5 "written in all five hosts: $setting"
done

# how many there are to choose from
strace -o "$lab_tmp/trace" -e trace=setns "$TCPMSS" lab up proxy --quiet
calls=$(grep -c 'setns(' "$lab_tmp/trace")
lab down --quiet
ok "there are moments to interrupt it at ($calls)" test "$calls" -gt 20
left='' silent='' worked=0
for ((when = 1; when <= calls; when += 3)); do
	interrupted INT "$when"
	status=$?
	if [ "$status" = 0 ]; then
		worked=$((worked + 1))
		lab down --quiet
	else
		grep -q 'interrupted' "$lab_tmp/err" || silent+=" $when: $(<"$lab_tmp/err")"
	fi
	[ -z "$(names)$(pins)" ] || left+=" $when: $(names) $(pins)"
	lab down --quiet
done
is "$left" "" "interrupted: it takes down what was there"
is "$silent" "" "interrupted: and says so"
ok "interrupted: hardly ever too late ($worked)" test "$worked" -le 2
left='' refused=''
for ((when = 2; when <= calls; when += 5)); do
	interrupted KILL "$when" 2>/dev/null
	if [ -n "$(names)" ]; then
		[ "$(status_of lab up proxy)" = 1 ] || refused+=" $when"
		lab status >/dev/null || refused+=" status $when"
		lab down --all --quiet
	fi
	[ -z "$(names)$(pins)" ] || left+=" $when: $(names) $(pins)"
	pgrep --ns $$ --nslist mnt -f 'lab relay' >/dev/null && left+=" relay $when"
done
is "$left" "" "killed: down takes away what is left"
is "$refused" "" "killed: up does not go on from there, status tells of it"
touch /run/netns/tm-lab-client
ok "a name that was made last before a kill is taken away" lab down
is "$(names)" "" "nothing is left"

# ---- run

is "$(status_of lab run path --mtu 1400 -- sh -c "'$TCPMSS' lab exec router ip -j link show thin0 >'$lab_tmp/link'; exit 5")" 5 "run: the exit status of the command"
is "$(json 'd[0]["mtu"]' <"$lab_tmp/link")" 1400 "run: the command meets its lab"
is "$(names)" "" "run: nothing is left"
"$TCPMSS" lab run wire -- sh -c 'echo ready; exec sleep 600' >"$lab_tmp/run" &
run=$!
wait_for 5 grep -q ready "$lab_tmp/run"
kill -TERM "$run"
wait "$run"
is $? 143 "run: TERM ends the command"
is "$(names)" "" "run: and the lab"
is "$(status_of lab run path --name x)" 2 "run without a command: exit status 2"

tap_done
