#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The manual is sound mdoc and names every verb, every option and every reason.
set -u
. "$(dirname "$0")/tap.sh"

page=man/tcpmss.8
command -v mandoc >/dev/null || { echo "1..0 # SKIP mandoc is not there"; exit 0; }
ok "mandoc finds nothing wrong" mandoc -Tlint -W warning "$page"
text=$(mandoc -Tascii -O width=200 "$page" | col -bx)

# says WORD: as a word of its own.
says()
{
	grep -q -- "\\(^\\|[^a-z-]\\)$1\\([^a-z-]\\|\$\\)" <<<"$text"
}

for reason in $(sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)".*/\1/p' core/reason.h core/protect-reason.h); do
	ok "reason $reason" says "$reason"
done
verbs=$("$TCPMSS" --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p')
ok "--help lists verbs" test -n "$verbs"
for verb in '' $verbs; do
	[ -z "$verb" ] || ok "verb $verb" says "$verb"
	for option in $("$TCPMSS" $verb --help | sed '/^  tcpmss .*&&/d' | grep -o -- '--\?[a-zA-Z][a-z-]*' | sort -u); do
		case $option in
		-- | -nr | -w | -i) continue ;; # tcpdump's, in an example
		esac
		[[ $option == --* || $option == -? ]] || continue
		ok "${verb:+$verb }$option" says "$option"
	done
done
for status in $(sed -n 's/^\tCLI_[A-Z_]* = \([0-9]*\),/\1/p' cli/cli.h); do
	ok "exit status $status" grep -q "^ *$status  *[A-Z]" <<<"$text"
done
tap_done
