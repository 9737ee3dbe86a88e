#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The corpus through an NFQUEUE and the real tcpmssd, with -p and with -f, byte for byte (tests/nfqueue/vectors.py).
set -u
. "$(dirname "$0")/lib.sh"

TCPMSSD=${TCPMSSD:-${TCPMSS}d}
clamp=$(dirname "$TCPMSSD")/tests/nfq-clamp
need "$TCPMSSD" "$clamp" iptables-legacy ip6tables-legacy python3
[ -e /dev/net/tun ] || plan_skip "no /dev/net/tun"
lab_enter "$@"

lab_host gateway || tap_bail "cannot build the lab"
for iptables in iptables-legacy ip6tables-legacy; do
	on gateway "$iptables" -t raw -A PREROUTING -i tun0 -j NFQUEUE --queue-num 1 --queue-bypass &&
		on gateway "$iptables" -t mangle -A PREROUTING -i tun0 -j NFQUEUE --queue-num 2 ||
		plan_skip "no NFQUEUE in this kernel"
done
on gateway /usr/bin/python3 "$lab_src/../nfqueue/vectors.py" "$TCPMSSD" "$clamp" "$lab_top"/tests/vectors/*.txt
