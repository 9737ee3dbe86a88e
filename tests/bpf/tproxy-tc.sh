#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The tc program of `tproxy`: which packet-too-big messages it marks, with sockets of a network namespace of its own.
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
exec unshare --net sh -c '
	ip link set lo up && ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up &&
		ip address add 192.0.2.1/24 dev d0 && ip address add 2001:db8::1/64 dev d0 nodad || exit 1
	exec "$0"' "${TM_BUILD:-build}/tests/tproxy-tc"
