#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Without root, without capabilities, without bpf(2): the exit status says which (4: privilege, 5:
# kernel), the error says what to do, and nothing has changed.
set -u
. "$(dirname "$0")/lib.sh"

need tcpmss setpriv bpftool
lab_enter "$@"

lab_path || tap_bail "cannot build the lab"

unprivileged()
{
	on gateway setpriv --reuid nobody --regid nogroup --clear-groups "$TCPMSS" "$@"
}

# without CAPABILITIES ARGUMENTS...: root, but for these.
without()
{
	local drop=$1

	shift
	on gateway setpriv --bounding-set="$drop" "$TCPMSS" "$@"
}

# no_bpf ERRNO[:load] ARGUMENTS...: as in a container whose seccomp filter has no bpf(2).
no_bpf()
{
	local errno=$1

	shift
	on gateway /usr/bin/python3 "$lab_src/no-bpf.py" "$errno" "$TCPMSS" "$@"
}

untouched()
{
	is "$(find /sys/fs/bpf -mindepth 1 ! -name '*.debug')" "" "$1: nothing on the bpffs"
	is "$(on gateway tc qdisc show dev wan0)$(on gateway bpftool net | grep wan0)" "$qdisc" \
		"$1: nothing on the device"
}

# refused WHAT STATUS WORDS COMMAND...
refused()
{
	local what=$1 status=$2 words=$3

	shift 3
	is "$(status_of "$@")" "$status" "$what: exit status $status"
	like "$(<"$lab_tmp/err")" "$words" "$what: the error tells what is needed"
	ok "$what: at most three lines, no verifier log" test "$(wc -l <"$lab_tmp/err")" -le 3
	is "$(<"$lab_tmp/out")" "" "$what: nothing on stdout"
	untouched "$what"
}

qdisc=$(on gateway tc qdisc show dev wan0)

for mode in tc xdp xdp-generic; do
	refused "nobody, $mode" 4 'root|CAP_' unprivileged attach wan0 --mtu 1300 --mode $mode --direction in
	refused "no CAP_BPF, $mode" 4 'root|CAP_' \
		without -bpf,-sys_admin attach wan0 --mtu 1300 --mode $mode --direction in
	refused "no CAP_NET_ADMIN, $mode" 4 'root|CAP_' \
		without -net_admin,-sys_admin attach wan0 --mtu 1300 --mode $mode --direction in
	refused "no CAP_PERFMON, $mode" 4 'root|CAP_' \
		without -perfmon,-sys_admin attach wan0 --mtu 1300 --mode $mode --direction in
done
for mode in tc xdp xdp-generic; do
	refused "the verifier refuses, $mode" 5 'verifier' no_bpf EACCES:load attach wan0 --mtu 1300 --mode $mode --direction in
done
refused "bpf(2) forbidden" 4 'CAP_|seccomp|root|bpf' no_bpf EPERM attach wan0 --mtu 1300
refused "bpf(2) not there" 5 'bpf|BPF|kernel' no_bpf ENOSYS attach wan0 --mtu 1300

is "$(status_of unprivileged --help)" 0 "help needs nothing"
is "$(status_of unprivileged attach --help)" 0 "help of a verb needs nothing"
is "$(status_of unprivileged attach wan0 --mtu 12)" 2 "usage is checked before privilege"

# A bpffs that anybody may write to (mount -t bpf without mode=): a directory that somebody else has
# made there is not ours to use.
on gateway setpriv --reuid nobody --regid nogroup --clear-groups mkdir -p /sys/fs/bpf/tcpmss
is "$(status_of tm gateway attach wan0 --mtu 1300)" 1 "a directory of nobody's is refused"
like "$(<"$lab_tmp/err")" "/sys/fs/bpf/tcpmss" "and named"
find /sys/fs/bpf -mindepth 1 -delete 2>/dev/null

# What works with less than root.
ok "CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON are enough" \
	without -sys_admin attach wan0 --mtu 1300
ok "show without CAP_SYS_ADMIN" without -sys_admin show
is "$(status_of unprivileged detach wan0)" 4 "nobody cannot detach"
is "$(status_of unprivileged show)" 4 "nobody cannot look, and is not told that there are no hooks"
is "$(status_of unprivileged stats wan0)" 4 "nobody cannot read counters"
is "$(tm gateway show -j | json 'len(d["hooks"])')" 1 "the hook is still there"
ok "detach without CAP_SYS_ADMIN" without -sys_admin detach wan0
untouched "at the end"

tap_done
