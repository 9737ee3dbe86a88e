#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The messages of ng_tcpmss(4): config gives a hook another MSS at one moment and leaves the rest; getclrstats loses nothing
# while packets come in on two CPUs; answers in ngctl's notation; and attach --config.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss taskset
lab_enter "$@"

each=${EACH:-20000}
second=$(($(nproc) > 1))

lab_path || tap_bail "cannot build the lab"
mac=$(on gateway ip -br link show lan0 | awk '{ print $3 }')

msg()
{
	tm client msg "$@" 2>"$lab_tmp/err"
}

config()
{
	msg wan config "{ inHook=\"wan\" outHook=\"wan\" maxMSS=$1 }"
}

# limits: what the hook has, as "mss4 source"
limits()
{
	tm client show -j | json '"%s %s" % (d["hooks"][0]["limit"]["mss4"], d["hooks"][0]["limit"]["source"])'
}

# sent MSS...: what leaves of SYNs with that MSS
sent()
{
	capture gateway lan0 sent "$syns" || return 1
	inject client eth0 --to "$mac" --mss "$1" --count 1 >/dev/null
	captured sent | field mss | head -n 1
}

ok "attach" tm client attach eth0 --name wan --mtu 1450 --direction out --prefix 203.0.113.0/24=1000
is "$(msg wan getstats '"wan"')" "{}" "getstats: all zero is {}"
is "$(sent 1460)" 1410 "before: the MTU counts"
ok "config" config 1300
is "$(limits)" "1300 mss" "config: show tells the new limit"
is "$(sent 1460)" 1300 "config: and packets get it"
like "$(msg wan getstats wan)" '^\{ Octets=[1-9][0-9]* Packets=[1-9][0-9]* maxMSS=1300 SYNPkts=2 FixedPkts=2 \}$' \
	"config: counters stayed; getstats in ngctl's notation"
ok "config, in several words" msg wan config '{' 'inHook="wan"' 'outHook="wan"' maxMSS=0x4b0 '}'
is "$(limits)" "1200 mss" "hexadecimal"
ok "config maxMSS=0" config 0
is "$(limits)" "1410 mtu" "no fixed MSS any more, the other limits stay"
like "$(msg wan getstats wan)" 'Packets=[0-9]* SYNPkts' "maxMSS is left out of answers when there is none"
is "$(tm client explain 203.0.113.9 -j | json 'd["hooks"][0]["mss"]')" 960 "prefixes stay"
ok "config once more" config 1300

is "$(msg wan clrstats '"wan"')" "" "clrstats answers nothing"
is "$(msg wan getstats '"wan"')" "{ maxMSS=1300 }" "clrstats: counters are zero, the limit stays"

# Two senders, readings in a loop, limits that change meanwhile: what is read is what was sent.
on_bg client /usr/bin/python3 "$lab_src/inject.py" eth0 --cpu 0 --count "$each" --to "$mac" --mss 1460 >/dev/null
first=$bg_pid
on_bg client /usr/bin/python3 "$lab_src/inject.py" eth0 --cpu "$second" --count "$each" --to "$mac" --mss 1000 --family 6 >/dev/null
other=$bg_pid
syn=0 fixed=0 rounds=0
read_once()
{
	local answer

	answer=$(msg wan getclrstats '"wan"')
	[[ $answer =~ SYNPkts=([0-9]+) ]] && syn=$((syn + BASH_REMATCH[1]))
	[[ $answer =~ FixedPkts=([0-9]+) ]] && fixed=$((fixed + BASH_REMATCH[1]))
	rounds=$((rounds + 1))
}
while kill -0 "$first" 2>/dev/null || kill -0 "$other" 2>/dev/null; do
	read_once
	config $((1300 + rounds % 2))
done
wait "$first" "$other"
sleep 0.2
read_once
diag "$rounds readings and changes while sending"
is "$syn" $((2 * each)) "getclrstats: SYNs of all readings are what was sent"
is "$fixed" "$each" "getclrstats: each SYN over the limit was clamped, whichever limit held"

# What is refused, and that it changes nothing.
before=$(limits)
is "$(status_of msg wan config '{ inHook="wan" outHook="lan" maxMSS=1452 }')" 5 "another outHook: exit 5"
is "$(wc -l <"$lab_tmp/err")" 1 "and one sentence"
is "$(status_of msg wan config '{ inHook="lan" outHook="lan" maxMSS=1452 }')" 1 "a hook that is not this one: exit 1"
is "$(status_of msg wan getstats '"lan"')" 1 "the same for getstats"
is "$(status_of msg lan getstats '"lan"')" 1 "no such hook: exit 1"
is "$(status_of msg wan config '{ inHook="wan" outHook="wan" maxMSS=31 }')" 2 "an MSS too small: exit 2"
is "$(status_of msg wan config '{ inHook="wan" outHook="wan" maxMSS=1452')" 2 "no closing brace: exit 2"
is "$(status_of msg wan getstats)" 2 "no name: exit 2"
is "$(status_of msg wan reset)" 2 "an unknown message: exit 2"
is "$(status_of msg wan)" 2 "no message: exit 2"
is "$(status_of msg ../wan getstats '"../wan"')" 2 "a name that is none: exit 2"
is "$(limits)" "$before" "nothing of that changed a limit"
ok "detach" tm client detach wan

# attach --config
cat >"$lab_tmp/conf" <<-'CONF'
	hook wan { device = eth0  mss = 1250  direction = in }
	prefix 198.18.1.0/24 { mtu = 1100 }
CONF
ok "attach --config" tm client attach eth0 --name wan --config "$lab_tmp/conf"
is "$(limits)" "1250 mss" "the limits of its block for the hook"
is "$(tm client show -j | json 'd["hooks"][0]["direction"]')" both "but not its direction"
is "$(sent 1460)" 1060 "its prefixes"
ok "attach --config beside --mss" tm client attach eth0 --name wan --mss 1240 --config "$lab_tmp/conf"
is "$(limits)" "1240 mss" "the smaller counts"
ok "detach" tm client detach wan
ok "attach --config, block found by device" tm client attach eth0 --config "$lab_tmp/conf"
is "$(limits)" "1250 mss" "its limits"
ok "detach" tm client detach eth0
echo 'hook lan { device = eth0 }' >>"$lab_tmp/conf"
is "$(status_of tm client attach eth0 --config "$lab_tmp/conf")" 3 "two blocks for the device: exit 3"
ok "two blocks, one named" tm client attach eth0 --name wan --config "$lab_tmp/conf"
ok "detach" tm client detach wan
echo 'foo = 1' >>"$lab_tmp/conf"
echo 'bar = 1' >>"$lab_tmp/conf"
is "$(status_of tm client attach eth0 --config "$lab_tmp/conf")" 3 "a bad file: exit 3"
is "$(wc -l <"$lab_tmp/err")" 2 "all its errors"
is "$(pins | wc -l)" 0 "and nothing was attached"

tap_done
