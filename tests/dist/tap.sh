# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# TAP for tests of what is shipped. Source it.

[ "${BASH_SOURCE[0]}" != "$0" ] || { echo "1..0 # SKIP a library"; exit 0; }

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
TCPMSS=${TCPMSS:-$PWD/build/tcpmss}
tap_count=0 tap_failed=0

# ok DESCRIPTION COMMAND...: passes when the command succeeds; its output is shown when not.
ok()
{
	local what=$1 said

	shift
	tap_count=$((tap_count + 1))
	if said=$("$@" 2>&1); then
		echo "ok $tap_count - $what"
	else
		echo "not ok $tap_count - $what"
		sed 's/^/# /' <<<"$said"
		tap_failed=1
	fi
}

# is GOT WANTED DESCRIPTION
is()
{
	ok "$3" diff <(echo "$2") <(echo "$1")
}

skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

tap_done()
{
	echo "1..$tap_count"
	exit "$tap_failed"
}
