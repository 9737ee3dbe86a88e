# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What every namespace test and the demo share. Source it, then call lab_enter "$@". The networks are those of "tcpmss lab up"
# (lib/lab/plan.c has them, docs/lab.md draws them): lab_gateway, lab_path, lab_proxy, lab_wire, lab_bridge, lab_up flood.
#
# Everything lives in a private mount namespace with its own /run/netns and its own bpffs, so that
# tests can run side by side, cannot see each other's pins, and leave nothing behind when killed.

[ "${BASH_SOURCE[0]}" != "$0" ] || { echo "1..0 # SKIP a library"; exit 0; }

lab_src=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_top=$(cd "$lab_src/../.." && pwd)
TCPMSS=${TCPMSS:-$lab_top/build/tcpmss}

client4=198.18.1.2 client6=2001:db8:1::2
server4=198.18.4.2 server6=2001:db8:4::2

# ---- life of the lab -------------------------------------------------------------------------

# Starts the script again in a mount namespace of its own; returns only inside it. Needs root.
lab_enter()
{
	if [ "${TM_LAB:-}" != "$$" ]; then
		TM_LAB=$$ exec unshare --mount --propagation private -- bash "$0" "$@"
	fi
	unset TM_LAB
	mkdir -p /run/netns /run/tcpmss &&
		mount -t tmpfs -o size=1m tm-netns /run/netns &&
		mount -t tmpfs -o size=1m,mode=0755 tm-run /run/tcpmss &&
		mount -t bpf tm-bpf /sys/fs/bpf || return 1
	lab_tmp=$(mktemp -d "${TMPDIR:-/tmp}/tm-$$-XXXXXX") || return 1
	lab_pids=()
	trap lab_down EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
}

# Takes down the network and the programs on it; lab_enter's trap also removes the files.
lab_clear()
{
	local pid

	for pid in "${lab_pids[@]}"; do
		kill "$pid" && wait "$pid"
	done 2>/dev/null
	lab_pids=()
	"$TCPMSS" lab down --quiet --name $$
	find /sys/fs/bpf -mindepth 1 -delete 2>/dev/null
}

# What is pinned; but for the iterators that some kernels put into every new bpffs.
pins()
{
	find /sys/fs/bpf -type f ! -name '*.debug' | sort
}

lab_down()
{
	local status=$?

	trap '' INT TERM HUP
	lab_clear
	rm -rf "$lab_tmp"
	exit "$status"
}

# ---- hosts and links -------------------------------------------------------------------------

# on HOST COMMAND...: runs it there. Not "ip netns exec", which hides the bpffs.
on()
{
	local host=$1

	shift
	nsenter --net="/run/netns/tm-$$-$host" -- "$@"
}

# on_bg HOST COMMAND...: the same in the background; the PID is left in bg_pid. Programs started
# this way end with the lab, also when the test itself is killed.
on_bg()
{
	local host=$1

	shift
	nsenter --net="/run/netns/tm-$$-$host" -- setpriv --pdeathsig KILL "$@" &
	bg_pid=$!
	lab_pids+=("$bg_pid")
}

bg_stop()
{
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# ---- networks --------------------------------------------------------------------------------

# lab_up NETWORK [KEY=VALUE]...: as "tcpmss lab up" has it, options as words.
lab_up()
{
	local network=$1

	shift
	"$TCPMSS" lab up "$network" --quiet --name $$ "${@/#/--}"
}

# lab_gateway [mtu=N]: client, gateway, server.
lab_gateway()
{
	lab_up gateway "$@"
}

# lab_path [mtu=N] [blackhole=yes|no] [offload=on|off] [gro=on|off]: client, gateway, router, remote, server.
# offload: checksum and segmentation offload at client and server; gro: at both ports of the gateway.
lab_path()
{
	lab_up path "$@"
}

# lab_proxy [mtu=N] [raise-mss=N|no] [narrow=client|server|both] [bare=yes]: client, edge, proxy, router, server.
lab_proxy()
{
	lab_up proxy "$@"
}

# client eth0 --- lan0 [ bridge br0 of gateway ] wan0 --- eth0 server: whatever frame the client
# sends reaches the server, tags and all.
lab_bridge()
{
	lab_up bridge
}

# client eth0 --- lan0 [ gateway, nothing between yet ] wan0 --- eth0 server: one network, whose two
# halves only a wire joins. MTU of all devices.
lab_wire()
{
	lab_up wire bare=yes ${1:+"mtu=$1"}
}

# ---- what a test adds to a network -----------------------------------------------------------

lab_host()
{
	ip netns add "tm-$$-$1" || return 1
	on "$1" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1 net.ipv4.tcp_mtu_probing=0 &&
		on "$1" ip link set lo up alias "tcpmss lab $$ $1"
}

# lab_link HOST DEV HOST DEV [MTU]
lab_link()
{
	ip link add "$2" mtu "${5:-1500}" netns "tm-$$-$1" type veth \
		peer name "$4" mtu "${5:-1500}" netns "tm-$$-$3" &&
		on "$1" ip link set "$2" up && on "$3" ip link set "$4" up
}

# lab_addr HOST DEV N LAST: both families, on network N.
lab_addr()
{
	on "$1" ip address add "198.18.$3.$4/24" dev "$2" &&
		on "$1" ip address add "2001:db8:$3::$4/64" dev "$2" nodad
}

# lab_route HOST FIRST LAST VIA-NETWORK VIA-LAST: networks FIRST to LAST lie that way.
lab_route()
{
	local n

	for n in $(seq "$2" "$3"); do
		on "$1" ip route add "198.18.$n.0/24" via "198.18.$4.$5" &&
			on "$1" ip route add "2001:db8:$n::/64" via "2001:db8:$4::$5" || return 1
	done
}

# lab_lost HOST 4|6: how many packet-too-big messages a host beside a black hole has swallowed.
lab_lost()
{
	on "$1" nft list counter inet tm_blackhole "lost$2" | awk '/packets/ { print $2 }'
}

# ---- programs --------------------------------------------------------------------------------

tm()
{
	local host=$1

	shift
	on "$host" "$TCPMSS" "$@"
}

# nginx on the server, both families, port 80; the file is /file, lab_size bytes long.
web_start()
{
	lab_size=${1:-2000000}
	mkdir -p "$lab_tmp/www" "$lab_tmp/nginx"
	head -c "$lab_size" /dev/urandom >"$lab_tmp/www/file"
	cat >"$lab_tmp/nginx.conf" <<-CONF
	daemon off;
	user root;
	master_process off;
	pid $lab_tmp/nginx/pid;
	error_log $lab_tmp/nginx/error.log;
	events { worker_connections 64; }
	http {
		access_log off;
		client_body_temp_path $lab_tmp/nginx/body;
		proxy_temp_path $lab_tmp/nginx/proxy;
		fastcgi_temp_path $lab_tmp/nginx/fastcgi;
		uwsgi_temp_path $lab_tmp/nginx/uwsgi;
		scgi_temp_path $lab_tmp/nginx/scgi;
		server {
			listen 80;
			listen [::]:80;
			root $lab_tmp/www;
		}
	}
	CONF
	on_bg server nginx -c "$lab_tmp/nginx.conf" -e "$lab_tmp/nginx/error.log"
	wait_for 5 on server curl -sf -o /dev/null -r 0-0 "http://$server4/file" || {
		cat "$lab_tmp/nginx/error.log" >&2
		return 1
	}
}

# download 4|6 [SECONDS]: fetches the file; succeeds when it has arrived intact. What happened is
# left in got (bytes) and took (seconds).
download()
{
	local url=http://$server4/file result

	[ "$1" = 6 ] && url="http://[$server6]/file"
	rm -f "$lab_tmp/got"
	result=$(on client curl -s -o "$lab_tmp/got" -w '%{size_download} %{time_total}' \
		--max-time "${2:-5}" "$url")
	read -r got took <<<"$result"
	cmp -s "$lab_tmp/got" "$lab_tmp/www/file"
}

sink_start()
{
	on_bg server iperf3 --server --port 5201 >"$lab_tmp/iperf3.log" 2>&1
	wait_for 5 on server ss -Hltn 'sport = 5201'
}

# upload 4|6 [SECONDS]: sends 1 MB to the sink.
upload()
{
	local to=$server4

	[ "$1" = 6 ] && to=$server6
	on client timeout "${2:-5}" iperf3 --client "$to" --port 5201 --bytes 1M \
		--connect-timeout 2000 >"$lab_tmp/upload.log" 2>&1
}

# connect 4|6 [PORT [SECONDS]]: one TCP handshake from client to server and nothing else.
connect()
{
	local to=$server4

	[ "$1" = 6 ] && to=$server6
	on client timeout "${3:-3}" bash -c "exec 3<>/dev/tcp/$to/${2:-80}" 2>/dev/null
}

# ---- what is on the wire ---------------------------------------------------------------------

# capture HOST DEV NAME [FILTER]: into $lab_tmp/NAME.pcap, until captured NAME.
declare -A lab_capture

capture()
{
	local log=$lab_tmp/$3.tcpdump

	on_bg "$1" tcpdump -i "$2" --immediate-mode -U -Z root -s 256 -w "$lab_tmp/$3.pcap" "${@:4}" \
		2>"$log"
	lab_capture[$3]=$bg_pid
	wait_for 5 grep -q 'listening on' "$log"
}

# Ends the capture and prints its SYNs, a line each (see wire.py).
captured()
{
	sleep 0.2
	bg_stop "${lab_capture[$1]}"
	/usr/bin/python3 "$lab_src/wire.py" "$lab_tmp/$1.pcap"
}

# Filter for SYN and SYN-ACK, both families, no tags.
syns='tcp[13] & 2 != 0 or (ip6[6] = 6 and ip6[53] & 2 != 0)'

# handshake 4|6 DEV... : opens a connection; prints the MSS of SYN and SYN-ACK as they leave the
# gateway: the SYN as the router gets it, the SYN-ACK as the client gets it ("1460 1460").
handshake()
{
	local syn synack

	capture router lan0 "out$1" "$syns" && capture client eth0 "in$1" "$syns" || return 1
	connect "$1" || return 1
	syn=$(captured "out$1" | wire kind=syn family="$1" | field mss | head -n 1)
	synack=$(captured "in$1" | wire kind=syn-ack family="$1" | field mss | head -n 1)
	echo "$syn $synack"
}

# inject HOST DEV [OPTIONS]: hand-made SYNs (see inject.py).
inject()
{
	local host=$1

	shift
	on "$host" /usr/bin/python3 "$lab_src/inject.py" "$@"
}

# wire WORD...: of lines made of key=value words, those that have all of the words.
wire()
{
	local line word

	while IFS= read -r line; do
		for word; do
			[[ " $line " == *" $word "* ]] || continue 2
		done
		echo "$line"
	done
}

# field KEY: the values of that key.
field()
{
	sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p"
}

# json EXPRESSION: of the document on stdin, called d; prints "none" where that does not exist.
json()
{
	/usr/bin/python3 -c '
import json, sys
try:
    d = json.load(sys.stdin)
    print(eval(sys.argv[1]))
except (LookupError, TypeError, ValueError):
    print("none")' "$1"
}

# ---- TAP -------------------------------------------------------------------------------------

tap_count=0 tap_failed=0

plan_skip()
{
	echo "1..0 # SKIP $*"
	exit 0
}

# need PROGRAM...: skips the whole test where one is missing, or root. tcpmss stands for $TCPMSS.
need()
{
	local program

	[ "$(id -u)" = 0 ] || plan_skip "needs root (network namespaces)"
	for program; do
		[ "$program" = tcpmss ] && program=$TCPMSS
		command -v "$program" >/dev/null || plan_skip "$program is not there"
	done
}

tap()
{
	local verdict=$1

	shift
	tap_count=$((tap_count + 1))
	[ "$verdict" = ok ] || tap_failed=$((tap_failed + 1))
	echo "$verdict $tap_count - $*"
}

diag()
{
	sed 's/^/# /' <<<"$*"
}

# ok DESCRIPTION COMMAND...: passes when the command succeeds; its output is shown when not.
ok()
{
	local what=$1 said status command

	shift
	command=$*
	"$@" >"$lab_tmp/said" 2>&1
	status=$?
	if [ "$status" = 0 ]; then
		tap ok "$what"
	else
		tap 'not ok' "$what"
		said=$(tail -n 40 "$lab_tmp/said")
		diag "status $status of: ${command:0:200}${said:+$'\n'$said}"
		return 1
	fi
}

# not COMMAND...: to be used in ok.
not()
{
	! "$@"
}

# is GOT WANTED DESCRIPTION
is()
{
	if [ "$1" = "$2" ]; then
		tap ok "$3"
	else
		tap 'not ok' "$3"
		diag "got:    $1"
		diag "wanted: $2"
		return 1
	fi
}

# like GOT REGEX DESCRIPTION
like()
{
	if [[ $1 =~ $2 ]]; then
		tap ok "$3"
	else
		tap 'not ok' "$3"
		diag "got:           $1"
		diag "wanted a like: $2"
		return 1
	fi
}

skip()
{
	tap ok "$1 # SKIP $2"
}

# status_of COMMAND...: prints its exit status; its output goes to $lab_tmp/out and err.
status_of()
{
	"$@" >"$lab_tmp/out" 2>"$lab_tmp/err"
	echo $?
}

# Ends every test.
tap_done()
{
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
	exit
}

# Gives up on a lab that could not be built.
tap_bail()
{
	echo "Bail out! $*"
	exit 1
}
