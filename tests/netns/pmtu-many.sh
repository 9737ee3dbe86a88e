#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A daemon that knows a million paths: they come from the state file, all are shown, sorted; others are answered meanwhile, and clients
# that ask for them and do not read, or talk nonsense, harm nobody.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump jq
make=$lab_top/${TM_BUILD:-build}/tests/make-paths
[ -x "$make" ] || plan_skip "$make is not built"
lab_enter "$@"

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
export TCPMSS_SOCKET=$lab_tmp/control
log=$lab_tmp/log
count=1000000

lab_path && web_start || tap_bail "cannot build the lab"
cat >"$lab_tmp/conf" <<CONF
hook wan { device = wan0 }
control { socket = "$TCPMSS_SOCKET" }
path-mtu-discovery { state = "$lab_tmp/paths"  entries = $count }
CONF
"$make" "$count" 7777 wan0 >"$lab_tmp/paths" || tap_bail "no state file"

on_bg gateway "$TCPMSSD" -v -f "$lab_tmp/conf" --pid-file "$lab_tmp/pid" 2>"$log"
daemon=$bg_pid

# counted N: as many paths are known.
counted()
{
	[ "$(tm gateway show -j | jq .paths.reduced)" = "$1" ]
}

ok "a million paths are read" wait_for 20 counted "$count"
ok "one of them is found" [ "$(tm gateway pmtu show -j 10.1.2.3 | jq '.paths[0].mtu')" = $((576 + 66051 % 900)) ]
is "$(tm gateway pmtu show -j 10.15.0.0/24 | jq '.paths | length')" 256 "256 are found by their prefix"

# In the datapath they come by and by: the last of them, as any.
ok "it limits what comes from there" wait_for 10 eval '[ "$(tm gateway explain -j 10.1.2.3 | jq ".hooks[0].mss")" = 887 ]'

tm gateway pmtu show -j >"$lab_tmp/all" &
shower=$!
asked=0
while kill -0 "$shower" 2>/dev/null; do
	[ "$(timeout 2 nsenter --net="/run/netns/tm-$$-gateway" "$TCPMSS" explain -j 10.1.2.3 | jq '.paths[0].mtu')" = $((576 + 66051 % 900)) ] || break
	asked=$((asked + 1))
done
wait "$shower"
is $? 0 "all are shown"
ok "others were answered all the while" [ "$asked" -gt 2 ]
is "$(jq '.paths | length' "$lab_tmp/all")" "$count" "each of them"
is "$(sed -n '2p;$p' "$lab_tmp/all" | grep -o '"destination":"[^"]*"' | tr '\n' ' ')" \
	'"destination":"10.0.0.0" "destination":"10.15.66.63" ' "from the first to the last"
is "$(grep -o '"destination":"[^"]*"' "$lab_tmp/all" | sort -u | wc -l)" "$count" "and each once"

# ---- clients that ask and do not read, and worse

on gateway /usr/bin/python3 - "$TCPMSS_SOCKET" <<'PYTHON'
import random, socket, sys

random.seed(4)
clients = []
for n in range(200):
    s = socket.socket(socket.AF_UNIX)
    s.setblocking(False)
    try:
        s.connect(sys.argv[1])
        for _ in range(50):
            cursor = random.choice([0, 1, 65536, 10**6, 2**32 - 1, 2**32, 2**63 - 1])
            s.send(b'{"verb":"pmtu-show","cursor":%d}\n' % cursor)
    except OSError:
        pass
    clients.append(s)
PYTHON
learner=$(pgrep -x -P "$(pgrep -P "$(cat "$lab_tmp/pid")")" tcpmssd-learn)
ok "others are answered afterwards" wait_for 10 counted "$count"
ok "and shown paths" [ "$(tm gateway pmtu show -j 10.1.2.3 | jq '.paths | length')" = 1 ]
is "$(tm gateway pmtu flush 2>&1)" "$count forgotten" "flush"
ok "nothing is known" counted 0
ok "nothing died" [ "$(pgrep -x -P "$(pgrep -P "$(cat "$lab_tmp/pid")")" tcpmssd-learn)" = "$learner" ]
is "$(grep "started again" "$log")" "" "nothing was said of it"
kill "$daemon"
wait "$daemon"
is $? 0 "ends"

tap_done
