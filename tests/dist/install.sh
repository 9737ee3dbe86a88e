#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# meson install puts the program, the manual and the completion where they are looked for, and nothing elsewhere.
set -u
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/tm-install-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
export DESTDIR=$tmp/root
ok "install" meson install -C build --no-rebuild --quiet
files=$(cd "$tmp/root" && find . -type f | sed 's|^\./usr/local|PREFIX|' | sort)
for file in sbin/tcpmss share/man/man8/tcpmss.8 share/bash-completion/completions/tcpmss; do
	ok "$file" grep -qx "PREFIX/$file" <<<"$files"
done
is "$(grep -v '^PREFIX/\(sbin\|share/man/man[58]\|share/bash-completion/completions\)/' <<<"$files")" "" "nothing elsewhere"
ok "the program runs" "$tmp/root/usr/local/sbin/tcpmss" --version
is "$("$tmp/root/usr/local/sbin/tcpmss" --version)" "tcpmss $(sed -n "s/.*version: '\(.*\)',/\1/p" meson.build | head -n 1)" "its version"
tap_done
