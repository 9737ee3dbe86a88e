# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the tests of doctor share; source it behind lib.sh.

# doctor STATUS WHAT [ARGUMENTS...]: what it says is left in $lab_tmp/out and err.
doctor()
{
	local wanted=$1 what=$2

	shift 2
	is "$(status_of tm gateway doctor "$@")" "$wanted" "$what: exit status $wanted" || diag "$(cat "$lab_tmp/out" "$lab_tmp/err")"
}

# lines RESULT CHECK: how many there are.
lines()
{
	grep -c "^$1 .*\\b$2: " "$lab_tmp/out"
}

# finds RESULT CHECK WORDS WHAT: a line like that, and behind a fault what to do.
finds()
{
	local line

	line=$(grep "^$1 .*\\b$2: .*$3" "$lab_tmp/out")
	ok "$4: $1 $2, \"$3\"" test -n "$line" || diag "$(<"$lab_tmp/out")"
	[ "$1" != FAULT ] || ok "$4: and what to do" grep -q -A 1 "^FAULT .*\\b$2: " "$lab_tmp/out"
}
