#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmss protect without a daemon: usage, exit status, and a sentence for each thing that is wrong, by its option.
set -u
. "$(dirname "$0")/../dist/tap.sh"

[ -x "$TCPMSS" ] || { echo "1..0 # SKIP $TCPMSS is not built"; exit 0; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tm-$$-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
export TCPMSS_SOCKET=$tmp/control

# run ARGUMENTS...: status, out, err
run()
{
	"$TCPMSS" protect "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	out=$(<"$tmp/out") err=$(<"$tmp/err")
}

for verb in '' show add remove; do
	# shellcheck disable=SC2086
	run $verb --help
	is "$status:$(wc -l <"$tmp/out" | awk '{ print ($1 < 26) }'):$(grep -c '^  tcpmss protect' "$tmp/out")" 0:1:2 \
		"protect $verb --help: on one screen, two examples"
done
good=(--servers "10.0.2.0/24,2001:db8::7" --ports "80,443,8000-8100" --device lo)
run add web
is "$status:$out:${err%%,*}" "2::tcpmss protect add: needs --servers" "add: what is missing"
run add "${good[@]}"
is "$status:${err%% (*}" "2:tcpmss protect add: needs a name" "add: a name"
run add web two "${good[@]}"
is "$status" 2 "add: one name only"
run add ../web "${good[@]}"
is "$status:${err%%: a*}" "2:tcpmss protect add: '../web'" "add: an odd name"
run add web "${good[@]}" --ports 1
is "$status:${err%% (*}" "2:tcpmss protect add: --ports: given twice" "add: an option twice"
run add web "${good[@]}" --speed 1
is "$status" 2 "add: an unknown option"
run add web "${good[@]}" --high
is "$status:${err%% (*}" "2:tcpmss protect add: option '--high' needs a value" "add: a value that is missing"
run add web --servers 10.0.2.0/33,10.0.0.1,10.0.0.1/8 --ports 80,0,x --device lo,a/b --mode sometimes --accelerator fast --high 0 --low x \
	--mss 10 --wscale 15 --server-device ''
is "$status:$(cut -d: -f2-3 "$tmp/err" | tr -d ' ' | paste -sd ' ')" \
	"2:--servers:'10.0.2.0/33' --servers:'10.0.0.1/8' --ports:'0' --ports:'x' --device:'a/b' --server-device:'' --mode:'sometimes' --accelerator:'fast' --high:'0' --mss:'10' --wscale:'15'" \
	"add: all that is wrong, by option"
run add web --servers "10.0.2.1 } hook x { mtu = 1" --ports 80 --device lo
is "$status:$(wc -l <"$tmp/err")" 2:1 "add: a value is a value, whatever is in it"
run add web --servers $'10.0.2.1\n' --ports 80 --device lo
is "$status" 2 "add: on one line"
# shellcheck disable=SC2016
run add web --servers '${HOME}' --ports 80 --device lo
is "$status:$(grep -c "'\${HOME}'" "$tmp/err")" 2:1 "add: nothing is expanded"

for arguments in "remove" "remove a b" "remove --all a" "remove a/b" "show x" "show -x" "nothing"; do
	# shellcheck disable=SC2086
	run $arguments
	is "$status:$out" "2:" "usage: protect $arguments"
done
for arguments in "show" "show -j" "remove web" ""; do
	# shellcheck disable=SC2086
	run $arguments
	is "$status:$out:$(wc -l <"$tmp/err")" "6::1" "without a daemon: protect $arguments"
done

without=()
[ "$(id -u)" != 0 ] || without=(setpriv --bounding-set=-all --inh-caps=-all)
"${without[@]}" "$TCPMSS" protect remove --all 2>"$tmp/err"
is "$?:$(wc -l <"$tmp/err")" 4:1 "without capabilities: protect remove --all"

tap_done
