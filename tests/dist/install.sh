#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# meson install puts the program, the manual and the completion where they are looked for, and nothing else.
set -u
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/tm-install-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
export DESTDIR=$tmp/root
ok "install" meson install -C build --no-rebuild --quiet
is "$(cd "$tmp/root" && find . -type f | sed 's|^\./usr/local|PREFIX|' | sort)" \
"PREFIX/sbin/tcpmss
PREFIX/share/bash-completion/completions/tcpmss
PREFIX/share/man/man8/tcpmss.8" "the files"
ok "the program runs" "$tmp/root/usr/local/sbin/tcpmss" --version
is "$("$tmp/root/usr/local/sbin/tcpmss" --version)" "tcpmss $(sed -n "s/.*version: '\(.*\)',/\1/p" meson.build | head -n 1)" "its version"
tap_done
