#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Where a gateway stands: two uplinks that learn apart, NAT in it, and a host that has a hook on its own uplink. With conntrack and without.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pmtu.bash"

need tcpmss "$TCPMSSD" tcpdump nft
lab_enter "$@"
lab_path mtu=1300 && sink || tap_bail "cannot build the lab"
lab_link gateway wan1 router lan1 && lab_addr gateway wan1 9 1 && lab_addr router lan1 9 2 || tap_bail "no second uplink"

declare -A mss=([4]=1460 [6]=1440) right=([4]=1260 [6]=1240)

# uplink N: both ways between client and server through that one.
uplink()
{
	on gateway ip route replace 198.18.4.0/24 via "198.18.$1.2" && on gateway ip route replace 2001:db8:4::/64 via "2001:db8:$1::2" &&
		on router ip route replace 198.18.1.0/24 via "198.18.$1.1" && on router ip route replace 2001:db8:1::/64 via "2001:db8:$1::1"
}

# ---- two uplinks

learner_start 'hook wan { device = wan0  mtu = 1500 }
hook backup { device = wan1  mtu = 1500 }' || tap_bail "no daemon"
for family in 4 6; do
	to=$(address server "$family")
	uplink 2
	like "$(flow "$family" up1)" "^[1-9][0-9]* ${mss[$family]}\$" "two uplinks, IPv$family: suffered on the first"
	ok "learned there" wait_for 3 is_learned "$to" 1300
	is "$(flow "$family" up2)" "0 ${right[$family]}" "in force there"
	uplink 9
	like "$(flow "$family" up3)" "^[1-9][0-9]* ${mss[$family]}\$" "not on the second, whose connection suffers itself"
	ok "an entry for each" wait_for 3 is_learned "$to" '1300|1300'
	is "$(entry "$to" 'd["device"]')" "wan0|wan1" "each with its device"
	is "$(flow "$family" up4)" "0 ${right[$family]}" "then in force there, too"
done
on gateway ip link set wan1 mtu 1480
ok "another MTU of the second uplink: what was learned on it goes, of the first it stays" wait_for 3 is_learned "$server4" 1300
on gateway ip link set wan1 mtu 1500
uplink 2
learner_stop

# ---- conntrack alone, then NAT; the hook outside of it and inside

# behind WHAT HOOK [HOST]: both connections, in the middle of rules that are in force already. A capture on the hook's own device sees
# what comes in before the hook does.
behind()
{
	local family to seen

	ok "$1: the daemon learns" learner_start "$2" "${3:-gateway}" || return
	for family in 4 6; do
		to=$(address server "$family")
		like "$(flow "$family" nat1)" "^[1-9][0-9]* ${mss[$family]}\$" "$1, IPv$family: the first connection suffers"
		ok "$1, IPv$family: learned" wait_for 3 is_learned "$to" 1300 "${3:-gateway}"
		seen=${right[$family]}
		[ "${3:-}" = client ] && seen=${mss[$family]}
		is "$(flow "$family" nat2)" "0 $seen" "$1, IPv$family: the second does not"
	done
	learner_stop
}

on gateway nft -f - <<-'NFT'
table inet tm_state {
	chain forward {
		type filter hook forward priority 0;
		ct state invalid counter drop
		ct state established,related accept
	}
}
NFT
behind "conntrack" 'hook wan { device = wan0  mtu = 1500 }'
on gateway nft -f - <<-'NFT'
table inet tm_nat {
	chain out {
		type nat hook postrouting priority 100;
		oifname "wan0" masquerade
	}
}
NFT
capture router lan0 translated "tcp[13] & 2 != 0 and dst $server4" && pour 4
capture_end translated
is "$(count_of translated 'src 198.18.2.1')" 1 "NAT is at work"
behind "NAT, hook outside" 'hook wan { device = wan0  mtu = 1500 }'
behind "NAT, hook inside" 'hook lan { device = lan0  mtu = 1500 }'
behind "NAT, XDP outside" 'hook wan { device = wan0  mode = xdp  direction = in  mtu = 1500 }'
on gateway nft flush ruleset

# ---- a host for itself

behind "a host's own uplink" 'hook up { device = eth0  mtu = 1500 }' client

tap_done
