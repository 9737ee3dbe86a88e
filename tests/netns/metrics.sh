#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# /metrics of tcpmssd -f: what it tells is what "stats -j" tells, in both formats, over TCP and a unix socket; promtool and Prometheus
# itself read it; slow clients, and the process that serves it being killed, stop neither it nor the clamp.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl
lab_enter "$@"

TCPMSSD=${TCPMSSD:-$(dirname "$TCPMSS")/tcpmssd}
conf=$lab_tmp/tcpmss.conf
log=$lab_tmp/log
url=http://127.0.0.1:9469/metrics

lab_path && web_start || tap_bail "cannot build the lab"
export TCPMSS_SOCKET=$lab_tmp/control

start()
{
	: >"$log"
	on_bg gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid" 2>"$log"
	daemon=$bg_pid
	wait_for 5 test -s "$lab_tmp/pid"
}

end()
{
	kill "$(cat "$lab_tmp/pid")" && wait "$daemon"
}

# fetch [CURL OPTION...]: OpenMetrics
fetch()
{
	on gateway curl -sS -m 5 -H 'Accept: application/openmetrics-text; version=1.0.0' "$@"
}

# Compares a text with "stats -j" of each hook and "show -j".
cat >"$lab_tmp/same.py" <<'PY'
import json, sys
sys.path.insert(0, sys.argv[1])
import openmetrics

samples = openmetrics.read(open(sys.argv[2], "rb").read())
wrong, compared = [], 0

def expect(name, value, **labels):
    global compared
    compared += 1
    found = samples.get((name, frozenset(labels.items())))
    if found != value:
        wrong.append(f"{name} {labels}: {found}, not {value}")

for hook in json.load(open(sys.argv[3]))["hooks"]:
    who = {"hook": hook["name"], "device": hook["device"]}
    stats = json.load(open(f"{sys.argv[4]}/stats-{hook['name']}"))
    for direction in hook["counters"]["directions"]:
        for family, c in stats["directions"][direction].items():
            which = dict(who, direction=direction, family=family)
            expect("tcpmss_hook_packets_total", c["packets"], **which)
            expect("tcpmss_hook_seen_bytes_total", c["octets"], **which)
            expect("tcpmss_hook_syn_packets_total", c["syn_packets"], **which)
            expect("tcpmss_hook_fixed_packets_total", c["fixed_packets"], **which)
            for reason, n in c["reasons"].items():
                expect("tcpmss_hook_outcome_packets_total", n, **which, reason=reason)
    expect("tcpmss_hook_up", int(hook["alive"]), **who)
    expect("tcpmss_hook_mss_limit_bytes", hook["limit"]["mss4"], **who, family="ipv4")
    expect("tcpmss_hook_mss_limit_bytes", hook["limit"]["mss6"], **who, family="ipv6")
    expect("tcpmss_hook_device_mtu_bytes", hook["device_mtu"], **who)
    expect("tcpmss_hook_prefixes", hook["limit"]["prefixes"], **who)
for key in samples:
    for label, value in key[1]:
        if value.startswith(("198.18.", "2001:db8:")):
            wrong.append(f"an address: {key}")
print(*(wrong[:5] or [f"{'same' if compared > 200 else 'few'}"]), sep="\n")
PY

# same FETCHED: what it says is what stats and show say.
same()
{
	local hook

	tm gateway show -j >"$lab_tmp/show"
	for hook in wan lan; do
		tm gateway stats "$hook" -j >"$lab_tmp/stats-$hook"
	done
	/usr/bin/python3 "$lab_tmp/same.py" "$lab_top/tests/metrics" "$1" "$lab_tmp/show" "$lab_tmp"
}

cat >"$conf" <<CONF
hook wan { device = wan0  mtu = 1300 }
hook lan { device = lan0  mtu = auto  direction = in }
prefix 198.18.4.0/24 { mtu = 1200 }
metrics { listen = 127.0.0.1:9469 }
control { socket = $TCPMSS_SOCKET }
CONF
start
ok "it serves" wait_for 3 fetch -f -o "$lab_tmp/first" "$url"
is "$(handshake 4)" "1160 1160" "and clamps"
handshake 6 >/dev/null
sleep 0.5 # for the last segments
fetch -o "$lab_tmp/fetched" "$url"
is "$(same "$lab_tmp/fetched")" same "every counter and limit is what stats and show say"
ok "SYNs were counted" grep -q 'tcpmss_hook_syn_packets_total{hook="wan".*ipv4.* [1-9]' "$lab_tmp/fetched"
on gateway curl -sS -m 5 "$url" >"$lab_tmp/plain"
if command -v promtool >/dev/null; then
	is "$(promtool check metrics <"$lab_tmp/plain" 2>&1)" "" "promtool check metrics has nothing to say"
else
	skip "promtool check metrics" "promtool is not there (Debian: prometheus)"
fi
is "$(grep -vc '^#' "$lab_tmp/plain")" "$(grep -vc '^#' "$lab_tmp/fetched")" "both formats tell the same number of things"
is "$(status_of on client curl -sS -m 2 http://198.18.1.1:9469/metrics)" 7 "nobody else can connect"

# ---- Prometheus itself

if command -v prometheus >/dev/null; then
	cat >"$lab_tmp/prometheus.yml" <<-'YML'
	global: { scrape_interval: 1s }
	scrape_configs:
	  - job_name: tcpmss
	    static_configs: [ { targets: [ "127.0.0.1:9469" ] } ]
	YML
	on_bg gateway prometheus --config.file="$lab_tmp/prometheus.yml" --storage.tsdb.path="$lab_tmp/tsdb" \
		--web.listen-address=127.0.0.1:9090 >/dev/null 2>&1
	query()
	{
		on gateway curl -sS -m 2 -G http://127.0.0.1:9090/api/v1/query --data-urlencode "query=$1" |
			json '" ".join(r["value"][1] for r in d["data"]["result"])'
	}
	scraped()
	{
		[ "$(query 'up{job="tcpmss"}')" = 1 ]
	}
	ok "Prometheus scrapes it" wait_for 20 scraped
	is "$(query 'tcpmss_hook_mss_limit_bytes{hook="wan",family="ipv4"}')" 1260 "and knows the limit"
	bg_stop "$bg_pid"
else
	skip "Prometheus scrapes it" "prometheus is not there (Debian: prometheus)"
	skip "and knows the limit" "prometheus is not there"
fi

# ---- clients that mean no good

cat >"$lab_tmp/slow.py" <<'PY'
import socket, time
clients = []
for _ in range(100):
    c = socket.create_connection(("127.0.0.1", 9469))
    c.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
    clients.append(c)
print("there", flush=True)
while True:
    time.sleep(0.5)
    for c in clients:
        try:
            c.sendall(b"a")
        except OSError:
            pass
PY
on_bg gateway /usr/bin/python3 "$lab_tmp/slow.py" >"$lab_tmp/slow"
ok "100 slow clients" wait_for 5 test -s "$lab_tmp/slow"
ok "one that is quick is served" fetch -f -o /dev/null "$url"
is "$(handshake 4)" "1160 1160" "the clamp works"
ok "the control socket answers" tm gateway show
bg_stop "$bg_pid"

front()
{
	pgrep -x tcpmssd-front --ns "$(cat "$lab_tmp/pid")" --nslist net
}

pid=$(front)
is "$(awk '/^Cap(Eff|Prm)/ { print $2 }' "/proc/$pid/status" | sort -u)" 0000000000000000 "who serves has no capability"
is "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status")" 2 "and few system calls"
kill -KILL "$pid"
ok "killed, it comes back" wait_for 8 fetch -f -o "$lab_tmp/fetched" "$url"
is "$(same "$lab_tmp/fetched")" same "and nothing was lost"

# ---- the place is for life, and a unix socket

sed -i 's/127.0.0.1:9469/127.0.0.1:9470/' "$conf"
refused()
{
	grep -q "'metrics' differs from what is served" "$log"
}
kill -HUP "$(cat "$lab_tmp/pid")"
ok "a reload that moves it is refused" wait_for 3 refused
ok "it serves where it did" fetch -f -o /dev/null "$url"
on gateway /usr/bin/python3 -c 'import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 9470)); s.listen(); print("there", flush=True); time.sleep(60)' >"$lab_tmp/busy" &
busy=$!
lab_pids+=("$busy")
end
wait_for 5 test -s "$lab_tmp/busy"
is "$(status_of on gateway "$TCPMSSD" -v -f "$conf" --pid-file "$lab_tmp/pid")" 1 "a port that somebody else has: exit status 1"
bg_stop "$busy"
sed -i "s,127.0.0.1:9470,unix:$lab_tmp/metrics," "$conf"
chmod 755 "$lab_tmp"
start
ok "on a unix socket" wait_for 3 fetch -f --unix-socket "$lab_tmp/metrics" -o "$lab_tmp/fetched" http://localhost/metrics
is "$(same "$lab_tmp/fetched")" same "the same is told"
end
ok "which is gone afterwards" test ! -e "$lab_tmp/metrics"

tap_done
