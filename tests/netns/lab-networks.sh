#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Every network of the lab is as it is drawn: each address can be reached from each host, over links with these MTUs, and what is
# chosen of it is so. (The black hole: lab.sh. The proxy: lab-proxy.sh.)
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss ethtool
lab_enter "$@"

# told EXPRESSION: of the lab l, as status -j tells of it.
told()
{
	"$TCPMSS" lab status -j --name $$ | json "[$1 for l in d['labs']][0]"
}

# answers HOST ADDRESS: somebody is there, who refuses the connection.
answers()
{
	on "$1" timeout 3 bash -c "exec 3<>/dev/tcp/$2/9" 2>&1 | grep -q 'Connection refused'
}

# as_drawn WHAT: of the network that is up.
as_drawn()
{
	local what=$1 host device mtu address missing='' wrong=''

	while read -r host device mtu; do
		[ "$(on "$host" ip -j link show "$device" | json 'd[0]["mtu"]')" = "$mtu" ] || wrong+=" $host $device"
	done < <(told "'\n'.join(f'{h[\"name\"]} {v[\"name\"]} {v[\"mtu\"]}' for h in l['hosts'] for v in h['devices'])")
	is "$wrong" "" "$what: MTUs"
	for host in $(told "' '.join(h['name'] for h in l['hosts'] if any(v['addresses'] for v in h['devices']))"); do
		for address in $(told "' '.join(a.split('/')[0] for h in l['hosts'] for v in h['devices'] for a in v['addresses'])"); do
			answers "$host" "$address" || missing+=" $host to $address"
		done
	done
	is "$missing" "" "$what: everybody reaches everybody, both families"
}

lab_gateway mtu=1400 || tap_bail "cannot build the gateway"
as_drawn gateway
lab_clear

lab_path || tap_bail "cannot build the path"
as_drawn path
is "$(on client ethtool -k eth0 | grep -c '^tcp-segmentation-offload: on\|^tx-checksumming: on')" 2 "path: offloads are on"
is "$(on gateway ethtool -k wan0 | grep '^generic-receive-offload')" "generic-receive-offload: off" "path: GRO is off"
lab_clear
lab_path mtu=1400 offload=off gro=on || tap_bail "cannot build the second path"
is "$(on router ip -j link show thin0 | json 'd[0]["mtu"]')" 1400 "path: another MTU"
for host in client server; do
	is "$(on $host ethtool -k eth0 | grep -c '^tcp-segmentation-offload: off\|^tx-checksumming: off')" 2 "path: offload=off at the $host"
done
is "$(on gateway ethtool -k wan0 | grep '^generic-receive-offload')" "generic-receive-offload: on" "path: gro=on"
lab_clear

lab_proxy bare=yes narrow=both || tap_bail "cannot build the proxy's network"
as_drawn proxy
is "$(told '(l["mtu"], l["broken"][0], l["started"])')" "(1280, 'the link between edge and client carries 1280 bytes', [])" "proxy, bare: nothing is started"
is "$(on proxy ip rule | grep -c fwmark)" 0 "proxy, bare: no rules"
lab_clear

lab_wire || tap_bail "cannot build two halves"
ok "wire, bare: nothing passes" not answers client "$server4"
ok "wire, bare: nothing passes, IPv6" not answers client "$server6"
lab_clear
lab_up wire mtu=1400 || tap_bail "cannot build the wire"
as_drawn wire
is "$(tm gateway show -j | json '[(h["name"], h["mode"]) for h in d["hooks"]]')" "[('wire', 'wire')]" "wire: a hook of tcpmss"
ok "wire: without it, nothing passes" sh -c "'$TCPMSS' lab exec --name $$ gateway tcpmss detach wire"
ok "wire: nothing" not answers client "$server4"
lab_clear

lab_bridge || tap_bail "cannot build the bridge"
as_drawn bridge
lab_clear

lab_up flood || tap_bail "cannot build the flood's network"
as_drawn flood
for address in 198.18.16.0 198.18.47.1 198.18.79.255 2001:db8:1::1000 2001:db8:1::3fff 2001:db8:1::4fff; do
	like "$(on gateway ip route get "$address")" "via (198.18.1.3|2001:db8:1::3) dev lan0" "flood: answers to $address go to the attackers"
done
like "$(on server ip route get 198.18.20.1)" "via 198.18.4.1" "flood: from the server, too"

tap_done
