#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Where the clamp is kept: it outlives the command also where no bpffs is mounted yet, and under
# "ip netns exec", which puts an empty /sys around the command.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss nginx curl tcpdump

# Under "ip netns exec", tcpmss looks for the mounts of its caller, or the caller's caller. A PID
# namespace ends that search at this script; else it would find the machine's own bpffs.
if [ "$$" != 1 ]; then
	exec unshare --pid --fork --kill-child --mount-proc -- bash "$0" "$@"
fi
lab_enter "$@"

exec_in()
{
	local host=$1

	shift
	ip netns exec "tm-$$-$host" "$TCPMSS" "$@"
}

hooks()
{
	json '" ".join(h["name"] for h in d["hooks"] if h["alive"])'
}

# Also what the machine itself has mounted there: nobody else notices.
unmount()
{
	while umount /sys/fs/bpf; do :; done 2>/dev/null
	[ "$(stat --file-system --format %T /sys/fs/bpf)" != bpf_fs ]
}

check()
{
	is "$(handshake 4)" "1260 1260" "$1: it clamps"
	is "$(tm gateway show -j | hooks)" wan0 "$1: show"
	is "$(exec_in gateway show -j | hooks)" wan0 "$1: show under ip netns exec"
}

lab_path && web_start || tap_bail "cannot build the lab"

ok "no bpffs" unmount
is "$(status_of tm gateway show)" 0 "no bpffs: show works"
is "$(tm gateway show -j | hooks)" "" "no bpffs: no hooks"
ok "no bpffs: attach" tm gateway attach wan0 --mtu 1300
check "no bpffs"
is "$(stat --format %a /sys/fs/bpf)" 1700 "the new bpffs is root's alone"
ok "no bpffs: detach" tm gateway detach wan0

ok "ip netns exec: attach" exec_in gateway attach wan0 --mtu 1300
check "ip netns exec"
ok "ip netns exec: detach" exec_in gateway detach wan0
is "$(tm gateway show -j | hooks)" "" "ip netns exec: no hooks left"

ok "no bpffs again" unmount
ok "no bpffs, ip netns exec: attach" exec_in gateway attach wan0 --mtu 1300
check "no bpffs, ip netns exec"
ok "no bpffs, ip netns exec: detach" exec_in gateway detach wan0
is "$(handshake 4)" "1460 1460" "nothing is clamped"

# The same device name in another network namespace is another hook.
ok "attach wan0 of gateway" tm gateway attach wan0 --mtu 1300
ok "attach eth0 of client under that name" tm client attach eth0 --mtu 1200 --name wan0
is "$(handshake 4)" "1160 1260" "both clamp (what comes in at client is clamped after it was seen)"
ok "detach --all in client" tm client detach --all
is "$(handshake 4)" "1260 1260" "the one in gateway is left"

tap_done
