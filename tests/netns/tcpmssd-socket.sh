#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# /metrics of a tcpmssd that may open no TCP/IP sockets itself, as its unit has it, on sockets that the service manager hands over.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl python3
lab_enter "$@"

TCPMSSD=${TCPMSSD:-$(dirname "$TCPMSS")/tcpmssd}
conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log

lab_path || tap_bail "cannot build the lab"
export TCPMSS_SOCKET=$lab_tmp/control

metrics_at()
{
	printf 'hook wan { device = wan0  mtu = 1300 }\ncontrol { socket = %s }\n' "$TCPMSS_SOCKET" >"$conf"
	[ -z "$1" ] || printf 'metrics { listen = "%s" }\n' "$1" >>"$conf"
}

logged()
{
	grep -qF -- "$1" "$log"
}

# start PLACES [OPTION...]: with these sockets.
start()
{
	local places=$1

	shift
	: >"$log"
	on_bg gateway /usr/bin/python3 "$lab_src/handed.py" "$places" "$TCPMSSD" "$@" -f "$conf" --pid-file "$lab_tmp/pid" 2>"$log"
	daemon=$bg_pid
	wait_for 5 logged 'hook wan: attached'
}

end()
{
	kill "$(cat "$lab_tmp/pid")" && wait "$daemon"
}

# answers CURL-ARGUMENT...
answers()
{
	on gateway curl -sS -f -m 5 -o "$lab_tmp/fetched" "$@" && grep -q 'tcpmss_hook_mss_limit_bytes{hook="wan".* 1260' "$lab_tmp/fetched"
}

# sockets PROCESS: how many that listen it holds.
sockets()
{
	on gateway ss -Hltnxp | grep -c "pid=$1,"
}

front()
{
	pgrep -x tcpmssd-front --ns "$(cat "$lab_tmp/pid")" --nslist net
}

url=http://127.0.0.1:9469/metrics
metrics_at 127.0.0.1:9469
start 127.0.0.1:9469 -F
ok "a handed socket is served" wait_for 3 answers "$url"
ok "and told of by nobody" not grep -q 'service manager' "$log"
is "$(sockets "$(front)")" 2 "who serves holds it, and the control socket"
is "$(sockets "$daemon")" 0 "the process that keeps the others does not hold it"
kill -KILL "$(front)"
ok "who serves is killed: the next one has it, too" wait_for 8 answers "$url"
kill -HUP "$(cat "$lab_tmp/pid")"
ok "a reload" wait_for 3 logged 'is in force'
ok "leaves it" answers "$url"
ok "it ends" end

start 127.0.0.1:9470,127.0.0.1:9469 -F
ok "the second of two" wait_for 3 answers "$url"
ok "the other is told of" logged "the socket 'metrics0' from the service manager, 127.0.0.1:9470, is not used"
is "$(status_of on gateway curl -sS -m 2 http://127.0.0.1:9470/)" 7 "and closed"
end

metrics_at '[::1]:9469'
start '[::1]:9469'
ok "IPv6, in the background" wait_for 3 answers 'http://[::1]:9469/metrics'
is "$(sockets "$(cat "$lab_tmp/pid")")" 0 "where the first does not hold it, either"
kill "$(cat "$lab_tmp/pid")"
ok "it ends" wait_for 5 test ! -e "$lab_tmp/pid"
wait "$daemon"

chmod 755 "$lab_tmp"
metrics_at "unix:$lab_tmp/metrics"
start "unix:$lab_tmp/metrics" -F
ok "a unix socket" wait_for 3 answers --unix-socket "$lab_tmp/metrics" http://localhost/metrics
end
ok "whose name stays: it is the service manager's" test -S "$lab_tmp/metrics"

metrics_at ''
start 127.0.0.1:9469 -F
ok "no metrics in the file: a socket is told of" logged "'metrics0' from the service manager, 127.0.0.1:9469, is not used"
end

# ---- what does not fit

# fails PLACES: its exit status; what it says is in $lab_tmp/err.
fails()
{
	status_of on gateway timeout 10 /usr/bin/python3 "$lab_src/handed.py" "$1" "$TCPMSSD" -F -f "$conf"
}

metrics_at 127.0.0.1:9469
is "$(fails -)" 1 "no socket: exit status"
like "$(<"$lab_tmp/err")" 'metrics on 127.0.0.1:9469: .*enable tcpmssd-metrics.socket' "and what to do"
is "$(fails 127.0.0.1:9470)" 1 "one at another port: exit status"
like "$(<"$lab_tmp/err")" "'metrics0'.*127.0.0.1:9470, is not used" "and which"
fails '127.0.0.1:9469!' >/dev/null
like "$(<"$lab_tmp/err")" "descriptor 3 \('metrics0'\).* is not a stream socket that listens" "one that does not listen"
LISTEN_PID=1 fails 127.0.0.1:9469 >/dev/null
like "$(<"$lab_tmp/err")" 'enable tcpmssd-metrics.socket' "one for another process"
is "$(grep -c 'service manager' "$lab_tmp/err")" 0 "is not looked at"

tap_done
