#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The manual of the configuration is sound mdoc, names every setting and its words, and its example is taken by tcpmss check.
set -u
. "$(dirname "$0")/tap.sh"

page=man/tcpmss.conf.5
command -v mandoc >/dev/null || { echo "1..0 # SKIP mandoc is not there"; exit 0; }
ok "mandoc finds nothing wrong" mandoc -Tlint -W warning "$page"
text=$(mandoc -Tascii -O width=200 "$page" | col -bx)

settings=$(sed -n '/^static const char \*const setting_names/,/^}/p' lib/config/parse.c | grep -o '"[a-z-]*"' | tr -d '"')
words=$(grep '_words\[\] = {' lib/config/words.c | grep -o '"[a-z0-9-]*"' | tr -d '"')
ok "settings are found in the source" test "$(wc -w <<<"$settings")" -ge 20
for word in $settings $words; do
	ok "$word" grep -q -- "\\(^\\|[^a-z-]\\)$word\\([^a-z-]\\|\$\\)" <<<"$text"
done

sed -n '/^\.Bd -literal/,/^\.Ed/p; /^\.Ed/q' "$page" | grep -v '^\.\|^include' >"${TMPDIR:-/tmp}/tm-$$.conf"
ok "the example is found" test "$(grep -c '{' "${TMPDIR:-/tmp}/tm-$$.conf")" -ge 5
ok "the example is a good configuration" "$TCPMSS" check "${TMPDIR:-/tmp}/tm-$$.conf"
rm -f "${TMPDIR:-/tmp}/tm-$$.conf"
tap_done
