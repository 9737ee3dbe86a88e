#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmssd as a service: what it tells the service manager, that it works with the user and the
# capabilities of its unit and nothing more, and what each of its processes may do.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"

need tcpmss "$TCPMSSD" nginx curl tcpdump iptables-legacy ip6tables-legacy python3 setpriv
lab_enter "$@"

conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log
unit=$lab_top/dist/systemd/tcpmssd.service.in

lab_path && web_start || tap_bail "cannot build the lab"
feed -b -p 5 -i lan0 || plan_skip "no NFQUEUE in this kernel"

# A machine with the user of the service, and /sys/fs/bpf as systemd mounts it.
{ grep -v '^tcpmss:' /etc/passwd; echo "tcpmss:x:64321:64321::/:/usr/sbin/nologin"; } >"$lab_tmp/passwd"
mount --bind "$lab_tmp/passwd" /etc/passwd || tap_bail "cannot add a user"
chmod 700 /sys/fs/bpf
chmod 755 "$lab_tmp"

logged()
{
	grep -q -- "$1" "$log"
}

told()
{
	wait_for 3 logged "$1"
}

# clamped by the queue at lan0 (1300) and the hook on wan0.
cat >"$conf" <<'CONF'
hook lan {
    mode      = nfqueue
    queue     = 5
    direction = both
    mtu       = 1350
}
hook wan {
    device = wan0
    mtu    = 1300
}
CONF

# ---- what the service manager hears

# serve SOCKET COMMAND...: the daemon below a service manager; what that one hears is in $lab_tmp/heard.
serve()
{
	local socket=$1

	shift
	: >"$log"
	: >"$lab_tmp/heard"
	on_bg gateway /usr/bin/python3 "$lab_src/notify.py" "$socket" "$@" 2>"$log" >"$lab_tmp/heard"
	service=$bg_pid
	wait_for 5 heard '^READY=1'
	main=$(pgrep -P "$service")
}

heard()
{
	grep -q -- "$1" "$lab_tmp/heard"
}

for socket in "$lab_tmp/notify" "@tm-notify-$$"; do
	serve "$socket" "$TCPMSSD" -F -f "$conf"
	ok "${socket:0:1}: it is ready" heard '^READY=1'
	is "$(handshake 4)" "1260 1260" "${socket:0:1}: and clamps by then"
	ok "${socket:0:1}: it tells what it does" heard "^STATUS=.*tcpmss.conf: 2 hooks"
	: >"$lab_tmp/heard"
	ok "${socket:0:1}: signs of life come" wait_for 2 heard '^WATCHDOG=1'
	kill -HUP "$main"
	ok "${socket:0:1}: HUP: it reloads" wait_for 2 heard '^MONOTONIC_USEC=[0-9][0-9]* RELOADING=1'
	ok "${socket:0:1}: and is ready again" wait_for 2 heard '^READY=1'
	: >"$lab_tmp/heard"
	ok "${socket:0:1}: tcpmss reload" tm gateway reload
	ok "${socket:0:1}: tells the same" wait_for 2 heard '^MONOTONIC_USEC=[0-9][0-9]* RELOADING=1'
	ok "${socket:0:1}: and that it is ready again" wait_for 2 heard '^READY=1'
	kill -TERM "$main"
	wait "$service"
	is "$?" 0 "${socket:0:1}: TERM ends it"
	ok "${socket:0:1}: it has told that it ends" heard '^STOPPING=1'
	ok "${socket:0:1}: only the main process has spoken" not heard FOREIGN
done
ok "lines of the log have their level" logged '^<5>hook wan: attached on wan0'
is "$(grep -vc '^<[0-7]>' "$log")" 0 "all of them"
ok "a manager that hangs" serve "$lab_tmp/notify2" "$TCPMSSD" -F -f "$conf"
kill -STOP "$(pgrep -P "$main")"
: >"$lab_tmp/heard"
sleep 1
ok "gives no signs of life" not heard WATCHDOG
kill -CONT "$(pgrep -P "$main")"
ok "until it goes on" wait_for 2 heard WATCHDOG
kill -TERM "$main"
wait "$service"

# ---- with the unit's user and capabilities

capabilities=$(sed -n 's/^CapabilityBoundingSet=//p' "$unit")
is "$(sed -n 's/^AmbientCapabilities=//p' "$unit")" "$capabilities" "the unit gives its capabilities to its user"
is "$(sed -n 's/^User=//p' "$unit")" tcpmss "which is tcpmss"
list=-all$(tr ' ' '\n' <<<"$capabilities" | sed 's/^CAP_/,+/' | tr -d '\n' | tr 'A-Z' 'a-z')

as_unit=(setpriv --reuid tcpmss --regid 64321 --clear-groups --no-new-privs
	--bounding-set "$list" --inh-caps "$list" --ambient-caps "$list")

# start COMMAND...: with a pid file, in the foreground.
start()
{
	: >"$log"
	on_bg gateway "$@" -F -f "$conf" 2>"$log"
	service=$bg_pid
	wait_for 5 logged 'reads queue 5'
	manager=$(pgrep -P "$service")
	front=$(pgrep -o -P "$manager")
	worker=$(pgrep -n -P "$manager")
}

ends()
{
	kill -TERM "$service"
	wait "$service"
}

hooks()
{
	tm gateway show -j | json '" ".join(h["name"] + ("" if h["alive"] else "!") for h in d["hooks"])'
}

attachment()
{
	tm gateway show -j | json "[h['attachment'] for h in d['hooks'] if h['name'] == '$1'][0]"
}

many_prefixes()
{
	for i in {0..255}; do
		printf 'prefix 10.%d.0.0/16 { mtu = 900 }\n' "$i"
	done
}

# may PID CAPABILITY...: exactly these, in every set that counts; and a filter, and no way up.
may()
{
	local pid=$1 set mask=0 cap

	shift
	for cap; do
		mask=$((mask | 1 << cap))
	done
	for set in CapInh CapPrm CapEff CapAmb; do
		[ "$set" = CapPrm ] || [ "$set" = CapEff ] || { zero "$pid" "$set" || return 1; continue; }
		[ "$((16#$(awk "/^$set:/ { print \$2 }" "/proc/$pid/status")))" = "$mask" ] || {
			grep '^Cap' "/proc/$pid/status"
			return 1
		}
	done
	grep -q '^NoNewPrivs:[[:space:]]1$' "/proc/$pid/status"
}

zero()
{
	[ "$((16#$(awk "/^$2:/ { print \$2 }" "/proc/$1/status")))" = 0 ]
}

filtered()
{
	grep -q '^Seccomp:[[:space:]]2$' "/proc/$1/status"
}

uid_of()
{
	awk '/^Uid:/ { print $2 $3 $4 $5 }' "/proc/$1/status"
}

dac_override=1 kill=5 setgid=6 setuid=7 net_admin=12 sys_admin=21 perfmon=38 bpf=39

start "${as_unit[@]}" "$TCPMSSD"
ok "with these only it starts" told 'hook wan: attached on wan0'
is "$(handshake 4) $(handshake 6)" "1260 1260 1240 1240" "and clamps"
is "$(hooks)" "lan wan" "root's tcpmss sees its hooks"
ok "the keeper may do nothing" may "$service"
ok "the manager what it needs" may "$manager" $dac_override $net_admin $perfmon $bpf
ok "the worker give verdicts" may "$worker" $net_admin
ok "the front nothing" may "$front"
ok "all three are filtered" eval 'filtered "$manager" && filtered "$worker" && filtered "$front"'
kill -KILL "$worker"
ok "a worker is started again" wait_for 3 eval '[ "$(grep -c "reads queue 5" "$log")" = 2 ]'
sed -i 's/1300/1200/' "$conf"
: >"$log"
kill -HUP "$service"
ok "a reload works" told 'is in force'
is "$(handshake 4)" "1160 1160" "with the new limit" || cat -v "$log"
before=$(sed -n '/^hook lan/,/^}/p' "$conf")
for mode in xdp-generic xdp; do
	printf '%s\nhook wan { device = wan0  mode = %s  mtu = 1100 }\n' "$before" $mode >"$conf"
	: >"$log"
	kill -HUP "$service"
	ok "$mode is attached" told 'hook wan: attached on wan0'
	is "$(handshake 4)" "1310 1060" "$mode: and clamps what comes in"
	is "$(attachment wan)" "xdp-link" "$mode: by a link"
	printf '%s\nhook wan { device = wan0  mode = %s  mtu = 1000 }\nprefix 198.51.100.0/24 { mtu = 900 }\n%s' "$before" $mode \
		"$(many_prefixes)" >"$conf"
	: >"$log"
	kill -HUP "$service"
	ok "$mode: more rules than there is room for" told 'hook wan: new rules in force'
	is "$(handshake 4)" "1310 960" "$mode: are in force"
done
printf '%s\nhook w { mode = wire  in = lan0  out = wan0  via = xdp  mtu = 1000 }\n' "$before" >"$conf"
: >"$log"
kill -HUP "$service"
ok "a wire by XDP between devices that do not redirect" told 'hook w: .*does not send what XDP redirects'
sleep 1
tries=$(grep -c 'does not send' "$log")
ok "is tried again, but not at once ($tries times in a second)" test "$tries" -le 3
for host in client router; do
	for device in eth0 lan0; do
		on $host ethtool -K $device gro on >/dev/null 2>&1
	done
done
ok "with devices that do it is attached" wait_for 10 logged 'hook w: attached on lan0 and wan0'
is "$(attachment w)" "xdp-link" "by links"
printf '%s\nhook wan { device = lan0  mtu = 1200 }\n' "$before" >"$conf"
: >"$log"
kill -HUP "$service"
ok "a hook moves to another device" told 'hook wan: attached on lan0'
loose()
{
	on gateway sysctl -n net.netfilter.nf_conntrack_tcp_loose
}

protect="protect web { servers = { 198.18.4.2, 2001:db8:4::2 }  ports = 80  device = lan0  mode = always }"
printf '%s\n%s\n' "$before" "$protect" >"$conf"
: >"$log"
kill -HUP "$service"
ok "servers are protected" told 'protect web: armed'
is "$(loose)" 0 "conntrack takes up no connection in its middle"
is "$(download 4 && download 4 && download 6 && echo yes)" yes "and what they serve arrives"
ok "rules that somebody flushes come back" eval 'on gateway nft flush ruleset && told "somebody has changed the table"'
ok "add" tm gateway protect add other --servers 198.18.4.2 --ports 81 --device lan0 --mode always --accelerator none
ok "remove --all" tm gateway protect remove --all
is "$(loose)" 1 "and conntrack is as it was"
: >"$log"
kill -HUP "$service"
ok "they are protected again" told 'protect web: armed'
printf '%s\nhook wan { device = lan0  mtu = 1200 }\n' "$before" >"$conf"
: >"$log"
kill -HUP "$service"
ok "and no longer" told 'is in force'
is "$(loose)" 1 "conntrack is as it was"
sed -i '/^hook wan/,$d' "$conf"
: >"$log"
kill -HUP "$service"
ok "a hook is detached" told 'hook wan: detached'
ok "it ends" ends
is "$(hooks)" "" "and leaves nothing"
is "$(find /sys/fs/bpf -mindepth 1 ! -name '*.debug')" "" "on the BPF file system, either"

# ---- with the system calls and address families of the unit

# calls WORDS: the system calls that systemd means by them.
calls()
{
	local word

	for word; do
		case $word in
		@*) calls $(systemd-analyze syscall-filter "$word" | sed '1d; s/#.*//') ;;
		*) echo "$word" ;;
		esac
	done
}

setting()
{
	sed -n "s/^$1=$2//p" "$unit"
}

if command -v strace systemd-analyze >/dev/null; then
	cp "$conf" "$lab_tmp/queue.conf"
	printf 'hook wan { device = wan0  mtu = 1300 }\n%s\n' "$protect" >>"$conf"
	: >"$log"
	on_bg gateway strace -f -qq -e signal=none -o "$lab_tmp/trace" "${as_unit[@]}" "$TCPMSSD" -F -f "$conf" \
		--pid-file "$lab_tmp/pid" 2>"$log"
	service=$bg_pid
	ok "traced it starts" wait_for 10 logged 'hook wan: attached on wan0'
	is "$(handshake 4)" "1260 1260" "and clamps"
	ok "protects" told 'protect web: armed'
	printf 'hook w { mode = wire  in = lan0  out = wan0 }\n' >"$conf"
	kill -HUP "$(cat "$lab_tmp/pid")"
	ok "takes a wire" wait_for 10 logged 'hook w: attached on lan0 and wan0'
	ok "and answers" tm gateway show
	kill -TERM "$(cat "$lab_tmp/pid")"
	wait "$service"
	is "$?" 0 "and ends"
	cp "$lab_tmp/queue.conf" "$conf"
	comm -23 <(calls $(setting SystemCallFilter '' | grep -v '^~') @default | sort -u) \
		<(calls $(setting SystemCallFilter '~') | sort -u) >"$lab_tmp/allowed"
	# What setpriv does before is told, too: from the program on.
	sed -n '/execve.*tcpmssd"/,$s/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$lab_tmp/trace" | sort -u >"$lab_tmp/called"
	is "$(comm -13 "$lab_tmp/allowed" "$lab_tmp/called" | xargs)" "" "the unit allows its system calls"
	# The programs that list rules of the firewall do as well as they can.
	others=$(sed -n 's/^\([0-9]*\) *execve("\/usr\/sbin\/.*/^\1 /p' "$lab_tmp/trace")
	families=$(grep -v "${others:-^-}" "$lab_tmp/trace" |
		sed -n '/execve.*tcpmssd"/,$s/.*socket(\(AF_[A-Z0-9]*\).*/\1/p' | sort -u)
	is "$(comm -13 <(setting RestrictAddressFamilies '' | tr ' ' '\n' | sort) - <<<"$families" | xargs)" "" \
		"and its address families"
else
	skip "the unit allows its system calls" "strace or systemd-analyze is not there"
fi

# ---- as root, and as nobody

printf 'hook wan { device = wan0  mtu = 1300 }\n' >>"$conf"
start "$TCPMSSD"
ok "as root the keeper may pass on signals" may "$service" $kill
ok "the manager may what it needs, and change the user of children" \
	may "$manager" $dac_override $setgid $setuid $net_admin $perfmon $bpf
ok "the worker give verdicts" may "$worker" $net_admin
ok "the front nothing" may "$front"
is "$(uid_of "$manager") $(uid_of "$worker") $(uid_of "$front")" "0000 64321643216432164321 64321643216432164321" \
	"worker and front belong to tcpmss"
for pid in $service $manager $worker $front; do
	diag "$(awk '/^(Rss|Pss):/ { printf "%s %s kB ", $1, $2 }' "/proc/$pid/smaps_rollup") process $pid"
done
pss=$(cat /proc/{"$service","$manager","$worker","$front"}/smaps_rollup | awk '/^Pss:/ { n += $2 } END { print n }')
ok "at rest all of it takes at most 10 MiB ($pss kB)" test "$pss" -le 10240
ends
printf 'hook wan { device = wan0  mode = xdp-generic  mtu = 1300 }\n' >"$conf"
: >"$log"
on_bg gateway "$TCPMSSD" -F -f "$conf" 2>"$log"
service=$bg_pid
ok "XDP" told 'hook wan: attached on wan0'
ok "has CAP_SYS_ADMIN beside that" \
	may "$(pgrep -P "$service")" $dac_override $setgid $setuid $net_admin $sys_admin $perfmon $bpf
ends
printf 'hook wan { device = wan0 }\n' >"$conf"
is "$(status_of on gateway setpriv --reuid nobody --clear-groups --inh-caps=-all "$TCPMSSD" -F -f "$conf")" 4 \
	"without rights: exit status 4"
like "$(<"$lab_tmp/err")" 'CAP_|root' "and a sentence that says what is missing"
is "$(wc -l <"$lab_tmp/err")" 1 "one"

tap_done
