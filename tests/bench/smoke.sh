#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Every part of script/bench starts and prints its table. No figure is judged.
set -u
cd "$(dirname "$0")/../.." || exit 1

parts=(core testrun lpm forward wire load nfqueue daemon rewrite pmtu learn protect)
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP needs root (BPF programs, network namespaces)"
	exit 0
fi
echo "1..${#parts[@]}"

n=0
for part in "${parts[@]}"; do
	n=$((n + 1))
	if [[ $part == forward || $part == wire || $part == nfqueue || $part == protect ]] && ! command -v nft iptables-legacy ip6tables-legacy ethtool >/dev/null; then
		echo "ok $n - $part # SKIP nft, iptables-legacy or ethtool is not there"
		continue
	fi
	if out=$(TM_BENCH=quick script/bench "$part" 2>&1) && grep -q '[0-9]\.[0-9].* [0-9.+-]* ' <<<"$out"; then
		echo "ok $n - $part"
	else
		echo "not ok $n - $part"
		sed 's/^/# /' <<<"$out"
	fi
done
