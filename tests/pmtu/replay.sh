#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmss pmtu replay: each NAME.script (its options in a comment) gives NAME.expect; what is wrong with a line or an option is told,
# and where. Needs no privilege.
set -u
cd "$(dirname "$0")" || exit 1

TCPMSS=$(cd ../.. && realpath "${TCPMSS:-build/tcpmss}")
[ -x "$TCPMSS" ] || { echo "1..0 # SKIP $TCPMSS is not built"; exit 0; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tm-$$-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
count=0 failed=0

# result GOOD DESCRIPTION: then $tmp/why is told
result()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$tmp/why"
		failed=1
	fi
}

for script in *.script; do
	read -ra options <<<"$(sed -n 's/^# options: //p' "$script")"
	"$TCPMSS" pmtu replay "${options[@]}" "$script" >"$tmp/out" 2>&1
	status=$?
	diff "${script%.script}.expect" "$tmp/out" >"$tmp/why" && [ "$status" = 0 ]
	result $? "${script%.script}"
done

# bad LINE WANTED: as the third line of a script it is refused, where, and by WANTED; what came before it is done
bad()
{
	printf '# a script\n0 start 192.0.2.1 first-hop 1500\n%s\n9 tick\n' "$1" >"$tmp/script"
	"$TCPMSS" pmtu replay "$tmp/script" >"$tmp/out" 2>"$tmp/why"
	[ "$?/$(wc -l <"$tmp/out")/$(wc -l <"$tmp/why")" = 3/1/1 ] && [[ $(<"$tmp/why") == "tcpmss pmtu replay: $tmp/script:3: $2"* ]]
	result $? "bad line: $1"
}

bad '5' "'5' is the last word; what happens is missing"
bad 'x tick' "'x' is not a time"
bad '-1 tick' "'-1' is not a time"
bad '1. tick' "'1.' is not a time"
bad '.5 tick' "'.5' is not a time"
bad '1.5.2 tick' "'1.5.2' is not a time"
bad '1e3 tick' "'1e3' is not a time"
bad '4000000001 tick' "'4000000001' is not a time"
bad '0 jump' "'jump' is no event"
bad '0 tick 5' "'5' is too much"
bad '0 start' "'start' is the last word; the destination is missing"
bad '0 start 192.0.2.300 first-hop 1500' "'192.0.2.300' is not the destination"
bad '0 start 192.0.2.1/24 first-hop 1500' "'192.0.2.1/24' is not the destination"
bad '0 start 192.0.2.1 1500' "'1500' stands where 'first-hop' belongs"
bad '0 start 192.0.2.1 first-hop' "'first-hop' is the last word; the first hop's MTU is missing"
bad '0 start 192.0.2.1 first-hop 67' "'67' is not the first hop's MTU"
bad '0 start 2001:db8::1 first-hop 1279' "'1279' is not the first hop's MTU"
bad '0 start 192.0.2.1 first-hop 1500 mss' "'mss' is the last word"
bad '0 start 192.0.2.1 first-hop 1500 mss 0' "'0' is not the MSS"
bad '0 start 192.0.2.1 first-hop 1500 len 9' "'len' is too much here"
bad '0 ptb 192.0.2.1' "'192.0.2.1' is the last word; the PTB's MTU is missing"
bad '0 ptb 192.0.2.1 65536' "'65536' is not the PTB's MTU"
bad '0 ptb 192.0.2.1 -5' "'-5' is not the PTB's MTU"
bad '0 ptb 2001:db8::1 4294967296' "'4294967296' is not the PTB's MTU"
bad '0 ptb 192.0.2.1 0 len 65536' "'65536' is not the quoted total length"
bad '0 ptb 192.0.2.1 0 ihl 4' "'4' is not the quoted header's length"
bad '0 ptb 192.0.2.1 0 ihl 16' "'16' is not the quoted header's length"
bad '0 ptb 192.0.2.1 0 len 9 len 9' "'len' is here a second time"
bad '0 ptb 192.0.2.1 0 tag' "'tag' is the last word"
bad "0 ptb 192.0.2.1 0 tag $(printf '%032d' 0)" "'$(printf '%032d' 0)' is no tag"
bad '0 syn 192.0.2.1 mss 1460' "'mss' is not the destination"
bad '0 syn 192.0.2.1 2001:db8::1 mss 1460' "'2001:db8::1' is not of the source's family"
bad '0 syn 192.0.2.1 192.0.2.2 1460' "'1460' stands where 'mss' belongs"
bad '0 syn 192.0.2.1 192.0.2.2 mss' "'mss' is the last word"
bad '0 syn 192.0.2.1 192.0.2.2 mss 65536' "'65536' is not the MSS"
bad '0 static 192.0.2.1 65536' "'65536' is not the MTU"
bad '0 delete' "'delete' is the last word"
bad '0 disable now' "'now' is too much"
bad '0 aging 9' "'9' is not the minutes of aging"
bad '0 aging 31' "'31' is not the minutes of aging"

printf '7 tick\n6.999 tick\n' >"$tmp/script"
"$TCPMSS" pmtu replay "$tmp/script" >"$tmp/why" 2>&1
[ "$?" = 3 ] && grep -q ":2: '6.999' is before the line above" "$tmp/why"
result $? "times do not go back"

printf '7 tick\n8 ti\0ck\n' >"$tmp/script"
"$TCPMSS" pmtu replay "$tmp/script" >"$tmp/why" 2>&1
[ "$?" = 3 ] && grep -q ':2: ' "$tmp/why"
result $? "a NUL byte"

printf '0 aging 10\r\n\n   \n\t0\taging\t30 # thirty\n#\n0 start ::ffff:192.0.2.1 first-hop 1500#c' >"$tmp/script"
"$TCPMSS" pmtu replay - <"$tmp/script" >"$tmp/why" 2>&1
[ "$?" = 0 ] && [ "$(wc -l <"$tmp/why")" = 1 ]
result $? "blanks, comments, standard input, a last line without its end"

# usage WANTED ARGUMENTS...
usage()
{
	local wanted=$1

	shift
	"$TCPMSS" pmtu "$@" </dev/null >"$tmp/out" 2>"$tmp/why"
	[ "$?" = 2 ] && [ ! -s "$tmp/out" ] && [[ $(<"$tmp/why") == *"$wanted"* ]]
	result $? "usage: pmtu $*"
}

usage "'play'" play
usage '0 names of files' replay
usage '2 names of files' replay a b
usage "--aging '9'" replay --aging 9 -
usage "--aging '31'" replay --aging 31 -
usage 'contradicts' replay --aging 10 --no-aging -
usage 'contradicts' replay --no-aging --aging 10 -
usage "--old-router 'x'" replay --old-router x -
usage "--raise 'x'" replay --raise x -
usage "--table '67'" replay --table 67 -
usage "--table '600,500'" replay --table 600,500 -
usage "--table '65536'" replay --table 65536 -
usage "--table" replay --table '' -
usage "--what" replay --what -

"$TCPMSS" pmtu replay "$tmp/none" >"$tmp/why" 2>&1
[ "$?" = 1 ] && grep -q "$tmp/none: No such file" "$tmp/why"
result $? "a file that is not there"

"$TCPMSS" pmtu replay - <ageing.script >/dev/full 2>"$tmp/why"
[ "$?" = 1 ] && [ -s "$tmp/why" ]
result $? "standard output that is full"

echo "1..$count"
exit "$failed"
