#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The command line of tcpmssd: errors, help, what it prints for firewalls, and what it says without root.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcpmssd.bash"

need "$TCPMSSD" setpriv nft iptables-legacy ip6tables-legacy
lab_enter "$@"
lab_host gateway || tap_bail "cannot make a namespace"
on gateway ip link add wan0 type veth peer name wan1

usage='usage: tcpmssd [-bv] -p port {-i iface | -m mtu}'

# wrong WORDS ARGUMENTS...: refused as wrong usage, with these words.
wrong()
{
	local words=$1 what

	shift
	what="tcpmssd${*:+ $*}"
	is "$(status_of on gateway timeout 5 "$TCPMSSD" "$@")" 2 "$what: exit status 2"
	like "$(head -n 1 "$lab_tmp/err")" "^tcpmssd: .*$words" "$what: says what would be right"
	is "$(sed -n 2p "$lab_tmp/err")" "$usage" "$what: the usage"
	is "$(<"$lab_tmp/out")" "" "$what: nothing on stdout"
}

wrong '-p'
wrong '-p' -m 1400
wrong "'-i ppp0'.*'-m 1492'" -p 5
wrong 'one of them' -p 5 -m 1400 -i wan0
wrong '0 to 65535' -p 65536 -m 1400
wrong '0 to 65535' -p x -m 1400
wrong '0 to 65535' -p -1 -m 1400
wrong '0 to 65535' -p '' -m 1400
wrong '0 to 65535' -p 5x -m 1400
wrong '0 to 65535' -p 18446744073709551617 -m 1400
wrong '72 to 65535' -p 5 -m 71
wrong '72 to 65535' -p 5 -m 65536
wrong '72 to 65535' -p 5 -m 1e3
wrong "unknown option '-x'" -x -p 5 -m 1400
wrong 'unknown option' --nonsense -p 5 -m 1400
wrong "'-p' needs a value" -m 1400 -p
wrong "'wan0'" -p 5 -m 1400 wan0
wrong "'iptables' or 'nft'" -p 5 --print-rules=pf
wrong 'not a name' -p 5 -i "a'b" --print-rules

nobody()
{
	on gateway setpriv --reuid nobody --regid nogroup --clear-groups "$TCPMSSD" "$@"
}

is "$(status_of nobody --help)" 0 "--help needs nothing"
like "$(<"$lab_tmp/out")" "^usage: tcpmssd" "--help prints the usage"
is "$(status_of nobody --version)" 0 "--version"
like "$(<"$lab_tmp/out")" '^tcpmssd [0-9]' "--version prints it"
ok "--help that cannot be written fails" not sh -c '"$0" --help >/dev/full' "$TCPMSSD"
is "$(status_of nobody -p 5 -m 1400)" 4 "without root: exit status 4"
like "$(<"$lab_tmp/err")" '^tcpmssd: .*CAP_NET_ADMIN: run as root$' "without root: what is needed"
is "$(wc -l <"$lab_tmp/err")" 1 "without root: one sentence"
is "$(status_of on gateway setpriv --bounding-set=-net_admin "$TCPMSSD" -p 5 -m 1400)" 4 "root without CAP_NET_ADMIN: 4"

# CAP_NET_ADMIN and nothing else.
less()
{
	on gateway setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps=-all,+net_admin --ambient-caps=-all,+net_admin \
		--bounding-set=-all,+net_admin timeout -s TERM 1 "$TCPMSSD" -v -p 5 -m 1400
}
less 2>"$lab_tmp/err"
like "$(<"$lab_tmp/err")" '0 packets, 0 SYNs' "CAP_NET_ADMIN alone is enough"

# ---- rules

for options in '' '-b' '-i wan0' '-b -i wan0'; do
	# shellcheck disable=SC2086
	ok "iptables takes the rules${options:+ of $options}" feed -p 5 $options
	is "$(on gateway iptables-legacy -t mangle -S | grep -c -- '--queue-num 5 --queue-bypass')" \
		"$([[ $options == *-b* ]] && echo 2 || echo 1)" "IPv4 rules${options:+ of $options}"
	is "$(on gateway ip6tables-legacy -t mangle -S | grep -c -- '--queue-num 5 --queue-bypass')" \
		"$([[ $options == *-b* ]] && echo 2 || echo 1)" "IPv6 rules${options:+ of $options}"
	unfeed
done
is "$(nobody -p 5 --print-rules | grep -c '^nft\|^ip')" 5 "--print-rules: both kinds, no root needed"

# nft checks syntax before it asks the kernel; kernels without its queue say so at the last line.
"$TCPMSSD" -p 5 -b -i wan0 --print-rules=nft | grep -v '^#' >"$lab_tmp/nft.sh"
on gateway sh "$lab_tmp/nft.sh" 2>"$lab_tmp/err"
if [ ! -s "$lab_tmp/err" ]; then
	like "$(on gateway nft list ruleset)" 'queue (flags bypass )?(to|num) 5' "nft takes the rules"
elif grep -qi 'syntax error' "$lab_tmp/err"; then
	tap 'not ok' "nft takes the rules"
	diag "$(<"$lab_tmp/err")"
else
	ok "nft finds no syntax error" not grep -qi 'syntax error' "$lab_tmp/err"
	skip "nft takes the rules" "this kernel has no nft queue: $(grep -m 1 Error "$lab_tmp/err")"
fi
tap_done
