#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# meson install puts the programs, the manual, the completion and the service where they are looked for, and nothing elsewhere.
set -u
. "$(dirname "$0")/tap.sh"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/tm-install-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
export DESTDIR=$tmp/root
ok "install" meson install -C build --no-rebuild --quiet
files=$(cd "$tmp/root" && find . -type f | sed 's|^\./usr/local|PREFIX|' | sort)
for file in sbin/tcpmss lib/systemd/system/tcpmssd.service lib/systemd/system/tcpmssd-metrics.socket lib/sysusers.d/tcpmss.conf share/doc/tcpmss/tcpmss.conf share/man/man8/tcpmss.8 share/bash-completion/completions/tcpmss; do
	ok "$file" grep -qx "PREFIX/$file" <<<"$files"
done
is "$(grep -v '^PREFIX/\(sbin\|share/man/man[58]\|share/bash-completion/completions\|share/doc/tcpmss\|lib/systemd/system\|lib/sysusers.d\)/' <<<"$files")" "" "nothing elsewhere"
unit=$tmp/root/usr/local/lib/systemd/system/tcpmssd.service
socket=${unit%.service}-metrics.socket
is "$(cat "$unit" "$socket" | grep -c "@[a-z]*@")" 0 "no place is open in the units"
is "$(sed -n 's/^ExecStart=\([^ ]*\) .*/\1/p' "$unit")" /usr/local/sbin/tcpmssd "it starts what was installed"
ok "the example is a configuration" "$tmp/root/usr/local/sbin/tcpmssd" -n -f "$tmp/root/usr/local/share/doc/tcpmss/tcpmss.conf"
if systemd-analyze security --help 2>/dev/null | grep -q -- --offline; then
	ok "its exposure is 1.5 at most" systemd-analyze security --offline=true --threshold=15 "$unit"
else
	skip "its exposure is 1.5 at most" "systemd-analyze is not there"
fi
listen=$(sed -n 's/^metrics { listen = \(.*\) }$/\1/p' man/tcpmss.conf.5)
is "$(sed -n 's/^ListenStream=//p' "$socket")" "$listen" "the socket of metrics is where the manual has it"
ok "the program runs" "$tmp/root/usr/local/sbin/tcpmss" --version
is "$("$tmp/root/usr/local/sbin/tcpmss" --version)" "tcpmss $(sed -n "s/.*version: '\(.*\)',/\1/p" meson.build | head -n 1)" "its version"
tap_done
